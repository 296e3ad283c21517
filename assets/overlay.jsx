// The stream overlay: who is VIP, over a game. It shows what it was told last, whatever becomes of the connection.
import { Component, createElement as h, useEffect, useMemo, useReducer, useRef, useState } from "react";
import { Clock, useNow } from "$/public/clock.jsx";
import { Face } from "$/public/face.jsx";
import { EM, NOTHING, fitted, read, scaleOf, step } from "$/public/overlay_plan.jsx";
import { Words, lasting, t } from "$/public/words.jsx";

const HOUR = 3_600_000;
const TRY_AGAIN = 5000;

// All in em of one size, which the address chooses. It stands here, so that no other page loads it.
const OUTLINE = [[-1, -1], [0, -1.3], [1, -1], [1.3, 0], [1, 1], [0, 1.3], [-1, 1], [-1.3, 0]]
  .map(([x, y]) => `${x * 0.06}em ${y * 0.06}em 0.05em #07090d`)
  .join(",");
const STYLE = `
.ov{position:absolute;inset:0;display:flex;flex-direction:column;gap:.6em;padding:1.6em;overflow:hidden;line-height:1.25;font-weight:500;pointer-events:none;
--ink:#f4f6fa;--soft:#c3cad6;--gem:#f0459a;--mark:#ff7ab8;--amber:#ffc454;--track:rgb(255 255 255/.22);--faint:#9aa3b2;--panel:rgb(11 13 18/.9);--rim:rgb(255 255 255/.14);--new:linear-gradient(120deg,rgb(66 14 42/.96),rgb(14 16 23/.95) 70%);--new-rim:#f0459a;color:var(--ink)}
.ov[data-theme=light]{--ink:#141821;--soft:#434b59;--gem:#c8156e;--mark:#b00f60;--amber:#7a4c00;--track:rgb(20 24 33/.16);--faint:#5f6877;--panel:rgb(255 255 255/.94);--rim:rgb(20 24 33/.16);--new:linear-gradient(120deg,rgb(255 226 240/.98),rgb(255 255 255/.97) 70%);--new-rim:#c8156e}
.ov[data-theme=gem]{--ink:#fff;--soft:#ffe3f0;--gem:#fff;--mark:#fff;--amber:#ffe2a0;--track:rgb(255 255 255/.3);--faint:#ffd1e6;--panel:linear-gradient(120deg,rgb(176 15 96/.97),rgb(116 10 76/.96));--rim:rgb(255 255 255/.3);--new:linear-gradient(120deg,rgb(206 24 116/.98),rgb(120 10 80/.97));--new-rim:rgb(255 255 255/.75)}
.ov[data-theme=clear]{--panel:none;--rim:transparent;--new:none;--new-rim:transparent;--track:rgb(7 9 13/.72);--soft:#f4f6fa;--faint:#e2e6ee;--gem:#ff6db1;--mark:#ff8cc3;text-shadow:${OUTLINE},0 0 .5em rgb(7 9 13/.8);font-weight:600}
.ov[data-theme=clear] svg{filter:drop-shadow(0 0 .09em #07090d) drop-shadow(0 0 .09em #07090d)}
.ov[data-theme=clear] .ov-panel{padding-inline:0}
.ov[data-theme=clear] .clock-bar{outline:.06em solid rgb(7 9 13/.85)}
.ov[data-corner^=top]{justify-content:flex-start;--dx:0;--dy:-1.6em}
.ov[data-corner^=bottom]{justify-content:flex-end;--dx:0;--dy:1.6em}
.ov[data-corner=top],.ov[data-corner=bottom]{align-items:center}
.ov[data-corner$=left]{align-items:flex-start;--dx:-2.4em;--dy:0}
.ov[data-corner$=right]{align-items:flex-end;--dx:2.4em;--dy:0}
.ov-panel{background:var(--panel);border:max(1px,.05em) solid var(--rim);border-radius:.55em;padding:.75em .9em;max-width:100%;animation:ov-in .2s cubic-bezier(0,0,.2,1)}
.ov-panel[data-out]{animation:ov-out .18s cubic-bezier(.4,0,1,1) forwards}
.ov-one{width:18em}
.ov-who{display:flex;align-items:center;gap:.8em;min-width:0;animation:ov-turn .2s cubic-bezier(0,0,.2,1)}
.ov-text{flex:1;min-width:0}
.ov-name{display:flex;align-items:center;gap:.35em;min-width:0;font-weight:700}
.ov-name span{min-width:0;overflow:hidden;text-overflow:ellipsis;white-space:nowrap;padding:.1em .14em;margin:-.1em -.14em}
.ov-one .ov-name{font-size:1.3em}
.ov svg{flex:none;width:1em;height:1em;color:var(--mark)}
.ov-face{position:relative;flex:none;display:grid;place-items:center;width:1em;height:1em;border-radius:50%;overflow:hidden;background:#39414f;color:#fff}
.ov-face b{font-size:.45em;font-weight:700;text-shadow:none}
.ov-face img{position:absolute;inset:0;width:100%;height:100%;object-fit:cover}
.ov[data-theme=clear] .ov-face{box-shadow:0 0 0 .04em #07090d}
.ov-one .ov-face{font-size:3.4em}
.ov .clock{display:flex;flex-direction:column-reverse;gap:.3em;margin-top:.1em}
.ov .clock-words{font-size:.95em;line-height:1.3;min-height:1.3em;color:var(--soft);overflow:hidden;text-overflow:ellipsis}
.ov .clock-bar{height:.28em;border-radius:.14em}
.ov .clock-left{border-radius:.14em;transition:none}
.ov[data-show=bar] .clock:not([data-near=stands]) .clock-words{display:none}
.ov[data-show=bar] .clock{margin-top:.45em}
.ov .clock[data-near=soon] .clock-words,.ov .clock[data-near=now] .clock-words{color:var(--amber)}
.ov-list{width:21em;display:grid;grid-template-columns:minmax(0,1fr)}
.ov-head{display:flex;align-items:center;gap:.4em;padding-bottom:.5em;font-weight:700;font-size:.95em}
.ov-row{display:flex;align-items:center;gap:.6em;min-width:0;padding-block:.34em;animation:ov-row .2s cubic-bezier(0,0,.2,1)}
.ov-row[data-out]{animation:ov-fold .18s cubic-bezier(.4,0,1,1) forwards}
.ov-row .ov-face{font-size:2em}
.ov-row .ov-text{display:grid;grid-template-columns:minmax(0,1fr) auto;align-items:baseline;column-gap:.7em}
.ov-row .clock{display:contents}
.ov-row .clock-bar{grid-column:1/-1;grid-row:2;margin-top:.22em;width:100%}
.ov-row .clock-words{grid-row:1;grid-column:2;white-space:nowrap;font-size:.9em;max-width:11em}
.ov-strip{display:flex;flex-wrap:wrap;align-items:center;gap:.5em 1.5em;padding:.55em .9em}
.ov-strip .ov-head{padding:0;white-space:nowrap}
.ov-chip{display:flex;align-items:center;gap:.55em;min-width:0;flex:0 1 auto;animation:ov-row .2s cubic-bezier(0,0,.2,1)}
.ov-chip[data-out]{animation:ov-out .18s cubic-bezier(.4,0,1,1) forwards}
.ov-chip .ov-face{font-size:2em;flex:none}
.ov-chip .ov-text{min-width:5em}
.ov-chip .clock{gap:.25em;margin:.05em 0 0}
.ov-chip .clock-words{font-size:.85em}
.ov-chip .clock-bar{width:100%}
.ov[data-layout=bar][data-corner$=left],.ov[data-layout=bar][data-corner$=right]{--dx:0;--dy:1.6em}
.ov[data-layout=bar][data-corner^=top]{--dy:-1.6em}
.ov-new{position:relative;display:flex;align-items:center;gap:1.1em;min-width:min(20em,100%);max-width:min(100%,32em);padding:1.1em 1.4em 1.1em 1.1em;background:var(--new);border:max(2px,.1em) solid var(--new-rim);border-radius:.7em}
.ov-new::after{content:"";position:absolute;inset:0;border-radius:inherit;background:linear-gradient(105deg,transparent 40%,rgb(255 255 255/.22) 50%,transparent 60%) no-repeat 130% 0/260% 100%;animation:ov-sheen 1.6s .15s cubic-bezier(.4,0,.2,1) both}
.ov[data-theme=clear] .ov-new::after{content:none}
.ov-new .ov-face{font-size:5em;overflow:visible;box-shadow:0 0 0 .05em var(--mark)}
.ov-new .ov-face img{border-radius:50%}
.ov-new .ov-badge{position:absolute;right:-.04em;bottom:-.04em;display:grid;place-items:center;width:.38em;height:.38em;border-radius:50%;background:#c8156e;box-shadow:0 0 0 .03em #fff}
.ov-new .ov-badge svg,.ov-new>.ov-gem svg{color:#fff;width:62%;height:62%;filter:none}
.ov-new>.ov-gem{flex:none;display:grid;place-items:center;width:3.4em;height:3.4em;border-radius:50%;background:#c8156e;box-shadow:0 0 0 .15em #fff}
.ov-new p{min-width:0;font-size:1.3em;color:var(--soft);line-height:1.25}
.ov-new p b{display:block;font-size:1.5em;line-height:1.2;font-weight:800;color:var(--ink);overflow:hidden;text-overflow:ellipsis;white-space:nowrap;padding-bottom:.08em}
.ov[data-layout=bar] .ov-new{padding:.6em 1.3em .6em .8em;min-width:0}
.ov[data-layout=bar] .ov-new .ov-face{font-size:3.2em}
.ov-spark{position:absolute;left:3.4em;top:50%;width:.8em;height:.8em;opacity:0;animation:ov-spark 1.5s cubic-bezier(0,0,.2,1) both;animation-delay:calc(var(--n)*70ms)}
.ov-how{max-width:26em}
.ov-how p{color:var(--soft)}
.ov-how p:first-child{color:var(--ink);font-size:1.15em;font-weight:700;display:flex;align-items:center;gap:.4em}
@keyframes ov-in{from{opacity:0;transform:translate(var(--dx),var(--dy))}}
@keyframes ov-out{to{opacity:0;transform:translate(var(--dx),var(--dy))}}
@keyframes ov-turn{from{opacity:0;transform:translateY(.5em)}}
@keyframes ov-row{from{opacity:0;transform:translateX(var(--dx))}}
@keyframes ov-fold{from{max-height:4em}to{opacity:0;max-height:0;padding-block:0}}
@keyframes ov-sheen{from{background-position:130% 0}to{background-position:-30% 0}}
@keyframes ov-spark{0%{opacity:0;transform:translate(-50%,-50%) scale(.4)}25%{opacity:1}100%{opacity:0;transform:translate(calc(-50% + var(--x)),calc(-50% + var(--y))) rotate(40deg) scale(1)}}
@media (prefers-reduced-motion:reduce){.ov-spark,.ov-new::after{display:none}}
`;

const LINES = ["M10.5 3 8 9l4 13 4-13-2.5-6", "M17 3a2 2 0 0 1 1.6.8l3 4a2 2 0 0 1 .013 2.382l-7.99 10.986a2 2 0 0 1-3.247 0l-7.99-10.986A2 2 0 0 1 2.4 7.8l2.998-3.997A2 2 0 0 1 7 3z", "M2 9h20"];

function Gem(props) {
  return h(
    "svg",
    { viewBox: "0 0 24 24", fill: "none", stroke: "currentColor", strokeWidth: 2, strokeLinecap: "round", strokeLinejoin: "round", "aria-hidden": true, ...props },
    LINES.map((d) => h("path", { key: d, d })),
  );
}

function Portrait({ vip, children }) {
  return h(
    "span",
    { className: "ov-face", "aria-hidden": true },
    h("b", null, vip.username.slice(0, 1).toUpperCase()),
    h(Face, { src: vip.avatar_url }),
    children,
  );
}

function Time({ vip, now, show }) {
  const { granted_at: since, expires_at: until, state, clock, left } = vip;
  return h(Clock, { since, until, now, state, clock, left, bare: show === "time" });
}

function Person({ vip, now, wishes, gem, className, out }) {
  return h(
    "div",
    { className, "data-out": out || undefined },
    wishes.avatars ? h(Portrait, { vip }) : null,
    h(
      "div",
      { className: "ov-text" },
      h("p", { className: "ov-name" }, gem ? h(Gem) : null, h("span", null, vip.username)),
      h(Time, { vip, now, show: wishes.show }),
    ),
  );
}

const AROUND = Array.from({ length: 7 }, (_, n) => {
  const angle = ((n * 360) / 7 - 100) * (Math.PI / 180);
  return { "--n": n, "--x": `${(Math.cos(angle) * 5).toFixed(2)}em`, "--y": `${(Math.sin(angle) * 4.2).toFixed(2)}em` };
});

function announcement(vip, hours) {
  if (hours) return t("{who} is VIP for {time} more");
  if (vip.clock === "stream") return t("{who} is VIP until the stream ends");
  return vip.left || vip.expires_at ? t("{who} is VIP for {time}") : t("{who} is VIP");
}

// Somebody has just become VIP, or stays it for longer: large, and calm.
function Arrival({ vip, hours, wishes }) {
  const template = announcement(vip, hours);
  const time = lasting(hours || vip.left || (vip.expires_at - vip.granted_at) / HOUR);
  const names = ["who"];
  return h(
    "div",
    { className: "ov-panel ov-new", "data-arrival": vip.login },
    wishes.avatars ? h(Portrait, { vip }, h("span", { className: "ov-badge" }, h(Gem))) : h("span", { className: "ov-gem" }, h(Gem)),
    AROUND.map((style) => h(Gem, { key: style["--n"], className: "ov-spark", style })),
    h("p", null, h(Words, { template, values: { time }, names }, h("b", null, `@${vip.username}`))),
  );
}

function Head({ count }) {
  return h("p", { className: "ov-head" }, h(Gem), t("{count, plural, one {# VIP} other {# VIPs}}", { count }));
}

// How to become VIP, where nobody is and the streamer would like that said.
function How({ reward }) {
  const { title, cost, hours, clock } = reward;
  return h(
    "div",
    { className: "ov-panel ov-how" },
    h("p", null, h(Gem), t("Become VIP")),
    h(
      "p",
      null,
      clock === "stream"
        ? t("“{reward}” for {cost, number} points, until the stream ends", { reward: title, cost })
        : t("“{reward}” for {cost, number} points, {time}", { reward: title, cost, time: lasting(hours) }),
    ),
  );
}

function Shown({ stage, wishes }) {
  const { picture, arrival, rows } = stage;
  const { now } = picture;
  const count = picture.vips.length;
  const here = arrival && picture.vips.find((vip) => vip.user_id === arrival.id);
  const fresh = here && h(Arrival, { key: `${arrival.id}-${arrival.since}`, vip: here, hours: arrival.hours, wishes });
  if (!rows.length && !fresh) return wishes.empty && picture.reward.open ? h(How, { reward: picture.reward }) : null;
  if (fresh && wishes.layout !== "list") return fresh;
  const leaves = rows.every((row) => row.out) || undefined;
  const people = (className) =>
    rows.map(({ vip, out }) => h(Person, { key: vip.user_id, vip, now, wishes, className, out: out && !leaves }));
  if (wishes.layout === "list") {
    const list = h("div", { key: `list-${stage.page}`, className: "ov-panel ov-list", "data-out": leaves }, h(Head, { count }), people("ov-row"));
    // On the list's inner side, so that the list stays where it is.
    return wishes.corner.startsWith("top") ? [rows.length ? list : null, fresh] : [fresh, rows.length ? list : null];
  }
  if (wishes.layout === "bar") {
    return h("div", { key: "bar", className: "ov-panel ov-strip", "data-out": leaves }, h(Head, { count }), people("ov-chip"));
  }
  const [{ vip }] = rows;
  return h(
    "div",
    { key: "card", className: "ov-panel ov-one", "data-out": leaves },
    h(Person, { key: vip.user_id, vip, now, wishes, className: "ov-who", gem: true }),
  );
}

// What a picture looks like now. One timer, the clocks' own, moves all of it on.
export function Scene({ picture, wishes }) {
  const time = useNow(picture.now, true);
  const [stage, move] = useReducer((before, [shown, at, wanted]) => step(before, shown, at, wanted), NOTHING);
  useEffect(() => {
    if (time !== null) move([picture, time, wishes]);
  }, [picture, time, wishes]);
  return h(
    "div",
    {
      className: "ov numbers",
      style: { fontSize: `${EM * scaleOf(wishes.size)}px` },
      "data-layout": wishes.layout,
      "data-theme": wishes.theme,
      "data-corner": wishes.corner,
      "data-show": wishes.show,
    },
    h("style", null, STYLE),
    stage.picture ? h(Shown, { stage, wishes }) : null,
  );
}

// Where drawing fails nothing is seen, and it is tried again.
class Again extends Component {
  state = { broken: false };

  static getDerivedStateFromError() {
    return { broken: true };
  }

  componentDidCatch() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.setState({ broken: false }), TRY_AGAIN);
  }

  componentWillUnmount() {
    clearTimeout(this.timer);
  }

  render() {
    return this.state.broken ? null : this.props.children;
  }
}

const ASK_SOON = 2000;
const ASK_RARELY = 32_000;
// Also while all seems well: a socket may be gone without a word.
const ASK_NOW_AND_THEN = 60_000;
const PATIENCE = 8000;
const SHOWS_NOTHING = { now: 0, known: false, vips: [], reward: {} };

const said = (picture) => picture && JSON.stringify({ ...picture, now: 0 });

// What the server says where its socket is gone; null where that is nothing new. Throws where it says nothing.
async function answer(asked) {
  const headers = asked.tag ? { "If-None-Match": asked.tag } : {};
  const query = new URLSearchParams({ key: new URLSearchParams(window.location.search).get("key") ?? "" });
  const path = `/api${window.location.pathname.replace(/\/$/, "")}`;
  const came = await fetch(`${path}?${query}`, { headers, cache: "no-store", signal: AbortSignal.timeout(PATIENCE) });
  if (came.status === 304) return null;
  if (came.status === 404 && (await came.json()).error.code === "no_overlay") {
    asked.tag = "";
    return SHOWS_NOTHING;
  }
  if (!came.ok) throw new Error(`HTTP ${came.status}`);
  asked.tag = came.headers.get("ETag") ?? "";
  return came.json();
}

// Asks for pictures: often while the socket is gone, or was found to have missed something.
function useAsked(connected, latest, keep) {
  useEffect(() => {
    const asked = { tag: "" };
    let trusted = connected;
    let failures = 0;
    let timer;
    const plan = () => {
      const pause = trusted ? ASK_NOW_AND_THEN : Math.min(ASK_SOON * 2 ** failures, ASK_RARELY);
      timer = setTimeout(ask, pause * (0.9 + Math.random() * 0.2));
    };
    const ask = async () => {
      const before = latest.current;
      let picture = null;
      try {
        picture = await answer(asked);
        failures = 0;
      } catch {
        failures += 1;
      }
      if (timer === null) return;
      if (picture && latest.current === before && said(picture) !== said(before)) {
        trusted = false;
        keep(picture);
      }
      plan();
    };
    plan();
    return () => {
      clearTimeout(timer);
      timer = null;
    };
  }, [connected, latest, keep]);
}

const REVIVE = 20_000;
const onOverlay = () => window.location.pathname.startsWith("/overlay/");

// Where a part of the page around it could not be drawn, nothing is left of it. It is loaded anew, once there is
// something to be loaded: a browser's own words for that would be on the stream.
async function revive() {
  if (!onOverlay() || document.querySelector("main")) return;
  const there = await fetch("/api/health").then((came) => came.ok, () => false);
  if (there) window.location.reload();
  else setTimeout(revive, REVIVE);
}

function useHeight() {
  const [height, measure] = useState(() => (typeof window === "undefined" ? 0 : window.innerHeight));
  useEffect(() => {
    const look = () => measure(window.innerHeight);
    window.addEventListener("resize", look);
    return () => window.removeEventListener("resize", look);
  }, []);
  return height;
}

// The whole page of an overlay. Before a picture has come again, the one that was there stays.
export function Overlay({ picture, errors, className }) {
  const [kept, keep] = useState(null);
  const latest = useRef(null);
  latest.current = kept;
  useAsked(Boolean(picture) && !errors, latest, keep);
  const height = useHeight();
  const wishes = useMemo(() => fitted(read(typeof window === "undefined" ? "" : window.location.search), height), [height]);
  useEffect(() => {
    if (picture) keep(picture);
  }, [picture]);
  useEffect(() => {
    document.documentElement.classList.add("bare");
    return () => {
      if (onOverlay()) setTimeout(revive, REVIVE);
      else document.documentElement.classList.remove("bare");
    };
  }, []);
  return h("main", { className }, h(Again, null, kept ? h(Scene, { picture: kept, wishes }) : null));
}
