// Days and moments of the past, as their reader writes them, and the time zone in which they are meant.
import { createElement as h, useEffect, useState } from "react";
import { grouped, inLocale } from "$/public/words.jsx";

const KINDS = {
  short: { day: "numeric", month: "short" },
  long: { weekday: "long", day: "numeric", month: "long" },
  exact: { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit" },
  full: { dateStyle: "full", timeStyle: "long" },
};
const formats = {};

function format(at, kind) {
  const key = `${inLocale()} ${kind}`;
  formats[key] ??= new Intl.DateTimeFormat(inLocale(), KINDS[kind]);
  return formats[key].format(at);
}

// "2026-03-29" is a day wherever one is.
function dayOf(text) {
  const [year, month, day] = String(text).split("-").map(Number);
  return new Date(year, month - 1, day);
}

export const shortDay = (text) => (text ? format(dayOf(text), "short") : "");
export const longDay = (text) => (text ? format(dayOf(text), "long") : "");

// 12,500 as "12.5K", for the side of a chart; what is shorter is written out.
export const compact = (value) =>
  value < 10_000
    ? grouped(value)
    : new Intl.NumberFormat(inLocale(), { notation: "compact", maximumFractionDigits: 2 }).format(value);

// How high a chart with four steps goes, each of them 1, 2, 2.5 or 5 and noughts, and whole.
export function top(most) {
  const least = Math.max(1, most / 4);
  const size = 10 ** Math.floor(Math.log10(least));
  const step = [1, 2, 2.5, 5, 10].map((one) => one * size).find((one) => one >= least && Number.isInteger(one));
  return 4 * step;
}

export function Day({ day }) {
  return h("time", { dateTime: day }, longDay(day));
}

// "29 Mar 2026, 20:14:03", of the reader's own clock.
export function Exact({ at }) {
  if (!at) return null;
  return h("time", { className: "numbers", dateTime: new Date(at).toISOString(), title: format(at, "full") }, format(at, "exact"));
}

const zoneHere = () => Intl.DateTimeFormat().resolvedOptions().timeZone ?? "UTC";

// The reader's time zone, sent along with a form.
export function ZoneField({ name }) {
  const [zone, setZone] = useState("");
  useEffect(() => setZone(zoneHere()), []);
  return h("input", { type: "hidden", name, value: zone, readOnly: true });
}

// Tells the server which it is, as long as it is not `known` there.
export function Zone({ known, onTell }) {
  useEffect(() => {
    if (zoneHere() !== known) onTell(zoneHere());
  }, [known]);
  return null;
}

// A number in a chart's tooltip: hours are whole ones.
export const written = (value) => grouped(Math.round(value));
