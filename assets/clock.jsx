// Clocks that run in the browser: one timer for all of them, no word from the server needed.
// Each works from Date.now() and the server's `now`, so it is right after sleep and with a wrong local clock.
import { createElement as h, useEffect, useMemo, useRef, useState } from "react";
import { inLocale, t } from "$/public/words.jsx";

const listeners = new Set();
let timer;

function beat() {
  for (const listener of listeners) listener();
  // Just after the next full second, so that all clocks change at one moment.
  timer = setTimeout(beat, 1000 - (Date.now() % 1000) + 15);
}

function wake() {
  if (document.visibilityState === "visible" && listeners.size) {
    clearTimeout(timer);
    beat();
  }
}

function listen(listener) {
  listeners.add(listener);
  if (listeners.size === 1) {
    timer = setTimeout(beat, 1000 - (Date.now() % 1000) + 15);
    document.addEventListener("visibilitychange", wake);
  }
  return () => {
    listeners.delete(listener);
    if (!listeners.size) {
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", wake);
    }
  };
}

// One offset for each `now` the server sent, taken when it first arrives here: a clock that is mounted later
// (a dialog, say) must not take the same `now` for a later moment.
const offsets = new Map();

function offsetOf(now) {
  if (!now) return 0;
  if (!offsets.has(now)) {
    if (offsets.size > 8) offsets.delete(offsets.keys().next().value);
    offsets.set(now, now - Date.now());
  }
  return offsets.get(now);
}

// The server's time, in milliseconds; null before the page is mounted (there is no time in a prerendered page).
export function useNow(now, everySecond) {
  const [local, setLocal] = useState(null);
  const offset = useMemo(() => (typeof window === "undefined" ? 0 : offsetOf(now)), [now]);
  useEffect(() => {
    const tick = () => setLocal(Date.now());
    tick();
    return everySecond ? listen(tick) : undefined;
  }, [now, everySecond]);
  return local === null ? null : Math.max(local, 0) + offset;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

// Time as words: "2 h 14 min".
export function duration(ms) {
  if (ms < MINUTE) return t("{seconds} s", { seconds: Math.max(0, Math.ceil(ms / 1000)) });
  if (ms < HOUR) return t("{minutes} min", { minutes: Math.floor(ms / MINUTE) });
  if (ms < DAY) return t("{hours} h {minutes} min", { hours: Math.floor(ms / HOUR), minutes: Math.floor((ms % HOUR) / MINUTE) });
  return t("{days} d {hours} h", { days: Math.floor(ms / DAY), hours: Math.floor((ms % DAY) / HOUR) });
}

const OPTIONS = {
  full: { weekday: "long", day: "numeric", month: "long", hour: "numeric", minute: "2-digit", second: "2-digit", timeZoneName: "short" },
  day: { day: "numeric", month: "short", hour: "numeric", minute: "2-digit" },
  time: { hour: "numeric", minute: "2-digit" },
};
const formats = {};

// A moment, as the reader writes dates and hours.
export function format(ms, kind) {
  const locale = inLocale();
  formats[locale + kind] ??= new Intl.DateTimeFormat(locale, OPTIONS[kind]);
  return formats[locale + kind].format(ms);
}

const sameDay = (one, other) => new Date(one).toDateString() === new Date(other).toDateString();

function near(state, left) {
  if (state === "granting") return "begin";
  if (state === "ending" || left <= 0) return "over";
  if (state === "aside") return "aside";
  if (left < MINUTE) return "now";
  return left < 30 * MINUTE ? "soon" : "far";
}

// What is said of a VIP without an end: until the stream ends, or hours that stand while the channel is not live.
function endless(clock, hours) {
  if (clock === "stream") return t("until the stream ends");
  return hours ? t("{time} left, counts while live", { time: duration(Number(hours) * HOUR) }) : "";
}

function said(stage, left, clock) {
  if (stage === "begin") return t("becoming VIP");
  if (stage === "over") return t("ending");
  const time = duration(left);
  return clock === "stream" ? t("{time} left, the stream is over", { time }) : t("{time} left", { time });
}

// The exact end, on hover and for screen readers.
function ends(until, clock) {
  const when = format(until, "full");
  return clock === "live" ? t("Until {when}, if the stream goes on", { when }) : t("Until {when}", { when });
}

// The bar and the words of somebody's VIP.
export function Clock({ since, until, now, state = "active", clock = "wall", left: hours = "", bare = false }) {
  const stands = until || (state !== "active" && state !== "aside") ? "" : endless(clock, hours);
  const time = useNow(now, !stands);
  const left = time === null || stands ? null : until - time;
  const stage = stands
    ? state === "aside" ? "aside" : "stands"
    : left === null ? "far" : near(until ? state : state === "active" ? "granting" : state, left);
  const share = left === null || !until ? 1 : Math.min(1, Math.max(0, left / Math.max(1, until - since)));
  const words = stands || (left === null ? "\u00a0" : said(stage, left, clock));
  const exact = left === null || !until ? "" : ends(until, clock);
  return h(
    "div",
    {
      className: "clock",
      "data-near": stage,
      "data-clock": clock,
      title: exact || undefined,
    },
    !bare &&
      h(
        "div",
        { className: "clock-bar", "aria-hidden": true },
        h("span", {
          className: "clock-left",
          style: { transform: `scaleX(${stage === "over" ? 0 : stage === "begin" ? 1 : Math.max(share, 0.015)})`, opacity: stage === "begin" || hours ? 0.4 : 1 },
        }),
      ),
    h(
      "span",
      { className: "clock-words" },
      (stage === "soon" || stage === "now") && h("span", { className: "clock-soon", "aria-hidden": true }),
      words,
      exact && h("span", { className: "sr-only" }, ` (${exact})`),
    ),
  );
}

// Time left as words only, inside a sentence: "2 h 14 min"; or the hours that stand.
export function Left({ until, now, left = "" }) {
  const time = useNow(now, !left);
  if (left) return duration(Number(left) * HOUR);
  return time === null ? "" : duration(Math.max(0, until - time));
}

// "LIVE 2 h 03"
export function OnAir({ since, now }) {
  const time = useNow(now, true);
  const passed = time === null ? 0 : Math.max(0, time - since);
  const hours = Math.floor(passed / HOUR);
  const minutes = Math.floor((passed % HOUR) / MINUTE);
  const words = hours ? t("{hours} h {minutes}", { hours, minutes: String(minutes).padStart(2, "0") }) : duration(passed);
  return h(
    "p",
    { className: "on-air numbers", title: t("Since {when}", { when: format(since, "full") }) },
    h("b", null, t("LIVE")),
    time === null ? "\u00a0" : words,
  );
}

// When something happened or will: "20:14", with the day where it is another one.
export function Moment({ at, now }) {
  const time = useNow(now, false);
  if (time === null || !at) return h("time", { className: "numbers" }, "\u00a0");
  return h(
    "time",
    { className: "numbers", dateTime: new Date(at).toISOString(), title: format(at, "full") },
    format(at, sameDay(at, time) ? "time" : "day"),
  );
}

// "in 4 min", or "now".
export function Until({ at, now }) {
  const time = useNow(now, true);
  if (time === null) return h("span", { className: "numbers" }, "\u00a0");
  return h("span", { className: "numbers" }, at && at > time ? t("in {time}", { time: duration(at - time) }) : t("now"));
}

// A clock for show: `left` of `hours` from the moment the page is opened.
export function Example({ hours, left }) {
  const [start, setStart] = useState(null);
  useEffect(() => setStart(Date.now()), []);
  const until = (start ?? 0) + left * HOUR;
  return h(Clock, { since: until - hours * HOUR, until, now: start ?? 0, state: "active" });
}

// What is offered for some seconds. It stays while somebody is at it, then it folds away.
export function Briefly({ until, now, className, children }) {
  const time = useNow(now, true);
  const ref = useRef(null);
  const [left, setLeft] = useState(false);
  const inTime = time !== null && time < until;
  useEffect(() => setLeft(false), [until]);
  if (time === null || left || (!inTime && !ref.current)) return null;
  const held = !inTime && ref.current?.matches(":hover, :focus-within");
  return h(
    "div",
    {
      ref,
      className: `${className} brief`,
      "data-over": inTime || held ? undefined : true,
      onAnimationEnd: (event) => event.animationName === "fold" && setLeft(true),
    },
    h("div", { className: "brief-inner" }, children),
  );
}
