// What the sandbox page does in the browser alone: the world's clock, the journal's stamps, sections that fold on a phone.
import { createElement as h, useEffect, useRef } from "react";
import { duration, useNow } from "$/public/clock.jsx";
import { inLocale, t } from "$/public/words.jsx";

const FORMATS = {
  world: { weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" },
  stamp: { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" },
};
const formats = {};

function format(at, kind) {
  const locale = inLocale();
  formats[locale + kind] ??= new Intl.DateTimeFormat(locale, FORMATS[kind]);
  return formats[locale + kind].format(at);
}

// The time it is in the simulated world, ticking.
export function WorldClock({ now }) {
  const time = useNow(now, true);
  return h("span", { className: "numbers" }, time === null ? "\u00a0" : format(time, "world"));
}

// "1 h 10 min ahead of real time".
export function Ahead({ seconds }) {
  return h("span", { className: "numbers" }, seconds < 1 ? t("same as real time") : t("{time} ahead of real time", { time: duration(seconds * 1000) }));
}

// When a line of the journal was written, to the second.
export function Stamp({ at }) {
  return h("time", { className: "numbers", dateTime: new Date(at).toISOString() }, format(at, "stamp"));
}

// Open on a wide screen, where its summary is just a heading. On a phone it folds, and `closed` says how it begins.
export function Fold({ className, closed = false, label, children }) {
  const ref = useRef(null);
  useEffect(() => {
    const wide = window.matchMedia("(min-width: 1024px)");
    const follow = () => {
      ref.current.open = wide.matches || !closed;
      ref.current.querySelector("summary").tabIndex = wide.matches ? -1 : 0;
    };
    follow();
    wide.addEventListener("change", follow);
    return () => wide.removeEventListener("change", follow);
  }, [closed]);
  return h("details", { ref, className: `fold ${className ?? ""}`, "aria-label": label }, children);
}
