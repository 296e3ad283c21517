// How a stream overlay is to look: chosen here, shown at once, and written into its address. Nothing of it is sent.
import { Children, createElement as h, useEffect, useId, useMemo, useRef, useState } from "react";
import { Scene } from "$/public/overlay.jsx";
import { CHOICES, DEFAULTS, written } from "$/public/overlay_plan.jsx";
import { CopyAddress } from "$/public/share.jsx";
import { LANGUAGES, t } from "$/public/words.jsx";

const HOUR = 3_600_000;
// Of this page alone, so that no other loads it.
const STYLE = `
.os{display:grid;grid-template-columns:minmax(0,1fr);gap:16px;align-items:start}
.os-card{display:grid;grid-template-columns:minmax(0,1fr);gap:16px;padding:20px;border:1px solid var(--line);border-radius:8px;background:var(--surface)}
.os-side{display:contents}
.os-preview{order:1}
.os-try{order:3;display:flex;flex-wrap:wrap;align-items:end;gap:12px 16px}
.os-look{order:2;gap:20px}
.os-address{order:4}
.os-obs{order:5}
.os-new{width:100%}
@media(min-width:640px){.os-new{width:auto;margin-left:auto}}
/* On a phone the preview stays in sight while one chooses, and covers nothing that has the focus. */
@media(max-width:639px){.os-preview{position:sticky;top:8px;z-index:10}.os :is(input,select,button){scroll-margin-top:72vw}}
@media(min-width:1024px){.os{grid-template-columns:19rem minmax(0,1fr)}.os-look{order:0}.os-side{order:1;display:grid;grid-template-columns:minmax(0,1fr);gap:16px}}
.os legend,.os-label{display:block;margin-bottom:6px;font-weight:500}
.os fieldset{min-width:0}
.os-pills{display:flex;flex-wrap:wrap;gap:4px;padding:4px;border:1px solid var(--line);border-radius:8px;background:var(--ground)}
.os-pills[data-square]{display:grid;grid-template-columns:1fr 1fr}
.os-pill{display:flex;flex:1;min-height:36px;align-items:center;justify-content:center;padding-inline:12px;border-radius:6px;color:var(--soft);font-weight:500;white-space:nowrap;cursor:pointer}
.os-pill:hover{color:var(--ink)}
.os-pill:has(:checked){background:var(--raised);color:var(--ink);box-shadow:inset 0 0 0 1px var(--edge)}
.os label:has(:focus-visible){outline:2px solid var(--gem-text);outline-offset:2px}
.os-places{display:grid;grid-template:1fr 1fr/repeat(3,1fr);gap:4px;width:11rem;height:6rem;padding:4px;border:1px solid var(--edge);border-radius:8px;background:var(--ground)}
.os-places label{display:grid;place-items:center;border-radius:6px;cursor:pointer}
.os-places label:hover{background:var(--raised)}
.os-places i{width:24px;height:10px;border-radius:2px;background:var(--edge)}
.os-places :checked~i{width:32px;height:16px;background:var(--gem)}
.os-row{display:flex;flex-wrap:wrap;gap:16px 24px}
.os-screen{position:relative;aspect-ratio:16/10;overflow:hidden;border:1px solid var(--line);border-radius:8px}
@media(min-width:640px){.os-screen{aspect-ratio:16/9}}
.os-screen>div{position:absolute;left:0;top:0;transform-origin:left top}
.os code{flex:1 1 16rem;min-width:0;padding:8px 12px;border-radius:8px;background:var(--raised);overflow-wrap:anywhere}
`;
const QUIET = "inline-flex min-h-10 items-center justify-center gap-2 whitespace-nowrap rounded-lg border border-edge bg-surface px-4 text-sm font-medium text-ink hover:bg-raised";

// One of a few, beside one another.
function Pills({ legend, value, options, onChoose, square }) {
  const name = useId();
  return h(
    "fieldset",
    null,
    h("legend", null, legend),
    h(
      "div",
      { className: "os-pills", "data-square": square },
      Object.entries(options).map(([key, label]) =>
        h(
          "label",
          { key, className: "os-pill" },
          h("input", { type: "radio", className: "sr-only", name, value: key, checked: value === key, onChange: () => onChoose(key) }),
          label,
        ),
      ),
    ),
  );
}

// Where on the screen: six places in the shape of one.
function Places({ value, onChoose }) {
  const name = useId();
  const words = {
    "top-left": t("Top left"),
    top: t("Top"),
    "top-right": t("Top right"),
    "bottom-left": t("Bottom left"),
    bottom: t("Bottom"),
    "bottom-right": t("Bottom right"),
  };
  return h(
    "fieldset",
    null,
    h("legend", null, t("Place"), h("span", { className: "ml-2 font-normal text-soft" }, words[value])),
    h(
      "div",
      { className: "os-places" },
      CHOICES.corner.map((corner) =>
        h(
          "label",
          {
            key: corner,
            title: words[corner],
          },
          h("input", { type: "radio", className: "sr-only", name, value: corner, checked: value === corner, onChange: () => onChoose(corner) }),
          h("span", { className: "sr-only" }, words[corner]),
          h("i", { "aria-hidden": true }),
        ),
      ),
    ),
  );
}

function Amount({ label, value, bounds, unit, onChoose }) {
  const id = useId();
  const [least, most] = bounds;
  const [typed, type] = useState(String(value));
  const change = (event) => {
    type(event.target.value);
    const wanted = Number(event.target.value);
    if (Number.isInteger(wanted) && wanted >= least && wanted <= most) onChoose(wanted);
  };
  // What is beyond the bounds becomes the nearest that is not.
  const settle = () => {
    const wanted = typed === "" ? value : Math.min(most, Math.max(least, Math.round(Number(typed))));
    type(String(wanted));
    onChoose(wanted);
  };
  return h(
    "div",
    null,
    h("label", { htmlFor: id, className: "os-label" }, label),
    h(
      "div",
      { className: "flex items-center gap-2" },
      h("input", { id, type: "number", min: least, max: most, step: 1, className: "field slim-field numbers", style: { width: 96 }, value: typed, onChange: change, onBlur: settle }),
      unit ? h("span", { className: "text-sm text-soft" }, unit) : null,
    ),
  );
}

function Tick({ label, ticked, onTick }) {
  return h(
    "label",
    { className: "flex w-fit cursor-pointer gap-3 py-1" },
    h("input", { type: "checkbox", className: "tick", checked: ticked, onChange: (event) => onTick(event.target.checked) }),
    h("span", { className: "min-w-0" }, label),
  );
}

// Pictures of games that are none: what an overlay has to be read on.
const GAMES = {
  night: "radial-gradient(60% 90% at 75% 30%, #35507c 0, transparent 60%), radial-gradient(50% 70% at 20% 80%, #5b2a3f 0, transparent 65%), linear-gradient(#0a0f1d, #182236 60%, #0d1018)",
  day: "radial-gradient(22% 34% at 82% 22%, #fffbe0 0 30%, transparent 70%), radial-gradient(60% 30% at 25% 30%, #ffffff 0, transparent 70%), linear-gradient(#8fd3ff 0 52%, #e9f7d8 52% 56%, #8cc94f 56% 78%, #d9b26a 78%)",
  busy: "repeating-linear-gradient(115deg, rgb(255 255 255 / .5) 0 14px, transparent 14px 46px), repeating-conic-gradient(from 20deg at 30% 60%, #e8483f 0 24deg, #f7c948 24deg 48deg, #2a9d8f 48deg 72deg, #1d3557 72deg 96deg)",
};

const TONES = [["#ff8a5c", "#a3214f"], ["#58c4dd", "#23409a"], ["#b0e05a", "#2c7a52"], ["#f6d04d", "#b0541f"], ["#c99bff", "#4c2a9c"], ["#ff9ecb", "#7a1d5c"], ["#9fb4c8", "#34495e"]];
const NAMES = ["mira", "jonas", "pixelpenguin", "kai", "Luzia", "a_rather_long_name_of_25c", "Teo"];
const NEW_NAMES = ["nova", "tidewalker", "Rikki", "moss_and_fern", "zoe"];

function portrait([light, dark]) {
  const drawn = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 40"><rect width="40" height="40" fill="${dark}"/><circle cx="20" cy="16" r="7.5" fill="${light}"/><ellipse cx="20" cy="37" rx="14" ry="12" fill="${light}"/></svg>`;
  return `data:image/svg+xml,${encodeURIComponent(drawn)}`;
}

function example(number, username, now, hours, left) {
  return {
    user_id: String(number),
    login: username.toLowerCase(),
    username,
    avatar_url: portrait(TONES[number % TONES.length]),
    granted_at: now - (hours - left) * HOUR,
    expires_at: now + left * HOUR,
    state: "active",
    clock: "wall",
    left: "",
  };
}

const LEFT = [2.23, 9.66, 0.4, 17.1, 21.5, 5.2, 22.9];

function examples(count) {
  const now = Date.now();
  return { now, vips: LEFT.slice(0, count).map((left, number) => example(number, NAMES[number], now, 24, left)) };
}

// As large as a stream's picture is, in the corner that was chosen; made smaller to fit.
function Preview({ picture, wishes, game }) {
  const ref = useRef(null);
  const [width, measure] = useState(0);
  useEffect(() => {
    const watch = new ResizeObserver(([entry]) => measure(entry.contentRect.width));
    watch.observe(ref.current);
    return () => watch.disconnect();
  }, []);
  const canvas = width < 480 ? 640 : 960;
  return h(
    "div",
    { ref, role: "img", "aria-label": t("Preview of the overlay"), className: "os-screen", style: { background: GAMES[game] } },
    width
      ? h(
          "div",
          { style: { width: canvas, height: `${(canvas / width) * 100}%`, transform: `scale(${width / canvas})` } },
          h(Scene, { picture, wishes }),
        )
      : null,
  );
}

export function OverlayForm({ login, linkKey, onlyByLink, reward, children }) {
  const [wishes, wish] = useState(DEFAULTS);
  const [game, play] = useState("night");
  const [count, populate] = useState(3);
  const [sample, show] = useState(() => examples(3));
  const [alsoByLink, secure] = useState(false);
  const [seen, see] = useState(false);
  const set = (name) => (value) => wish((before) => ({ ...before, [name]: value }));
  const picture = useMemo(
    () => ({ ...sample, known: true, reward: { ...reward, open: true, title: reward.title || t("VIP for a day"), cost: reward.cost || 5000, hours: reward.hours || "24" } }),
    [sample, reward],
  );
  // The words are this page's: only its language is here.
  const previewed = useMemo(() => ({ ...wishes, lang: "" }), [wishes]);
  const people = (wanted) => {
    populate(wanted);
    show(examples(wanted));
  };
  const arrive = () =>
    show((before) => {
      const now = Date.now();
      // Those who came by this button leave again, so that it can be pressed for ever.
      const stay = before.vips.filter((vip) => Number(vip.user_id) < 100 || now - vip.granted_at < 30_000);
      const number = Math.max(99, ...before.vips.map((vip) => Number(vip.user_id))) + 1;
      return { now, vips: [...stay, example(number, NEW_NAMES[number % NEW_NAMES.length], now, 24, 24)] };
    });
  const byLink = onlyByLink || alsoByLink;
  // Nobody is to copy a link before its key is there.
  const there = !byLink || Boolean(linkKey);
  const query = written(wishes);
  const open = `/overlay/${login}${query || byLink ? "?" : ""}${query}`;
  const joint = query && byLink ? "&" : "";
  const path = byLink ? `${open}${joint}key=${linkKey}` : open;
  const origin = typeof window === "undefined" ? "" : window.location.origin;
  const [secret, inObs] = Children.toArray(children);
  const many = wishes.layout !== "card";
  return h(
    "div",
    { className: "os" },
    h("style", null, STYLE),
    h(
      "section",
      { "aria-label": t("How it looks"), className: "os-card os-look" },
      h(Pills, { legend: t("Layout"), value: wishes.layout, onChoose: set("layout"), options: { card: t("Card"), list: t("List"), bar: t("Strip") } }),
      h(Pills, {
        legend: t("Style"),
        value: wishes.theme,
        onChoose: set("theme"),
        square: true,
        options: { dark: t("Dark"), light: t("Light"), clear: t("Text only"), gem: t("Gem") },
      }),
      h(Places, { value: wishes.corner, onChoose: set("corner") }),
      h(Pills, { legend: t("Size"), value: wishes.size, onChoose: set("size"), options: { s: t("Small"), m: t("Medium"), l: t("Large") } }),
      h(Pills, { legend: t("Time left"), value: wishes.show, onChoose: set("show"), options: { both: t("Both"), time: t("In words"), bar: t("Bar") } }),
      h(
        "div",
        { className: "os-row" },
        many ? h(Amount, { label: t("People at once"), value: wishes.max, bounds: [1, 20], onChoose: set("max") }) : null,
        h(Amount, {
          label: many ? t("Next ones after") : t("Each person for"),
          value: wishes.seconds,
          bounds: [3, 120],
          unit: t("seconds"),
          onChoose: set("seconds"),
        }),
      ),
      h(
        "div",
        { className: "grid gap-1" },
        h(Tick, { label: t("Show pictures of people"), ticked: wishes.avatars, onTick: set("avatars") }),
        h(Tick, { label: t("Announce who becomes VIP"), ticked: wishes.new, onTick: set("new") }),
        h(Tick, { label: t("While nobody is VIP, say how to become it"), ticked: wishes.empty, onTick: set("empty") }),
      ),
      h(
        "label",
        { className: "grid gap-1.5" },
        h("span", { className: "text-sm font-medium" }, t("Language on the stream")),
        h(
          "select",
          { className: "field slim-field", value: wishes.lang, onChange: (event) => set("lang")(event.target.value) },
          h("option", { value: "" }, t("As in OBS")),
          Object.entries(LANGUAGES).map(([code, name]) => h("option", { key: code, value: code, lang: code }, name)),
        ),
        h("span", { className: "text-xs text-soft" }, t("The preview is in yours.")),
      ),
    ),
    h(
      "div",
      { className: "os-side" },
      h("div", { className: "os-preview" }, h(Preview, { picture, wishes: previewed, game })),
      h(
        "section",
        { "aria-label": t("Preview"), className: "os-try" },
        h(Pills, { legend: t("Game"), value: game, onChoose: play, options: { night: t("Night"), day: t("Day"), busy: t("Colourful") } }),
        h(Pills, { legend: t("People"), value: String(count), onChoose: (wanted) => people(Number(wanted)), options: { 0: "0", 1: "1", 3: "3", 7: "7" } }),
        h("button", { type: "button", className: `${QUIET} os-new`, onClick: arrive, "aria-disabled": !wishes.new }, t("Show a new VIP")),
      ),
      h(
        "section",
        { "aria-label": t("Address for OBS"), className: "os-card os-address" },
        h("h2", { className: "text-base font-semibold" }, t("Address for OBS")),
        onlyByLink
          ? h("p", { className: "text-soft" }, t("The board is off, so this is a secret link: whoever has it sees who is VIP. Keep it off your stream."))
          : h(Tick, { label: t("With the secret key: goes on while the board is off"), ticked: alsoByLink, onTick: secure }),
        there
          ? h(
              "div",
              { className: "flex flex-wrap items-center gap-2" },
              h(
                "code",
                { "data-address": true },
                origin,
                open,
                byLink ? `${joint}key=` : "",
                byLink ? h("span", { className: seen ? "" : "text-soft" }, seen ? linkKey : "\u00b7".repeat(12)) : null,
              ),
              byLink
                ? h("button", { type: "button", className: QUIET, "aria-pressed": seen, onClick: () => see(!seen) }, seen ? t("Hide the key") : t("Show the key"))
                : null,
              h(CopyAddress, { path, className: QUIET }),
            )
          : h("div", { className: "skeleton h-10", "aria-hidden": true }),
        onlyByLink || !byLink ? null : h("p", { className: "text-xs text-soft" }, t("Whoever has this link sees who is VIP, also while the board is off. Keep it off your stream.")),
        byLink ? secret : null,
      ),
      h("div", { className: "os-obs" }, inObs),
    ),
  );
}
