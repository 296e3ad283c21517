// What people read, in their language. English stands in the program; the other languages in words/, by the English. Only
// the language that is read is loaded, and of it what the page needs.
import { Fragment, createElement as h, useEffect, useState } from "react";
import { useLocation } from "react-router";

export const LANGUAGES = { en: "English", de: "Deutsch", es: "Español", fr: "Français" };
// The parts of the program that have words of their own, by where they begin; each has those before it beside it.
const PARTS = ["", "/dashboard", "/sandbox"];
const LOAD = {
  de: [
    () => import("$/public/words/de/public.json"),
    () => import("$/public/words/de/staff.json"),
    () => import("$/public/words/de/sandbox.json"),
  ],
  es: [
    () => import("$/public/words/es/public.json"),
    () => import("$/public/words/es/staff.json"),
    () => import("$/public/words/es/sandbox.json"),
  ],
  fr: [
    () => import("$/public/words/fr/public.json"),
    () => import("$/public/words/fr/staff.json"),
    () => import("$/public/words/fr/sandbox.json"),
  ],
};
const KEPT = "language";

// A browser may name a language that no Intl takes: "en-US@posix".
function taken(tag) {
  try {
    return Intl.getCanonicalLocales(tag).length > 0;
  } catch {
    return false;
  }
}

function wanted() {
  if (typeof window === "undefined") return ["en", "en"];
  let chosen = "";
  try {
    chosen = localStorage.getItem(KEPT) ?? "";
  } catch {
    // A browser that keeps nothing says what it would like each time.
  }
  const asked = new URLSearchParams(window.location.search).get("lang");
  const liked = [asked, chosen, ...(navigator.languages ?? [])].filter(Boolean);
  const language = liked.map((one) => one.slice(0, 2)).find((one) => one in LANGUAGES) ?? "en";
  // "de-AT" rather than "de": numbers and dates are written as the reader does.
  return [language, (navigator.languages ?? []).find((one) => one.slice(0, 2) === language && taken(one)) ?? language];
}

const [language, spoken] = wanted();

// How many of the catalogues a page needs.
function needed(path) {
  return language in LOAD ? 1 + Math.max(...PARTS.map((part, place) => (path.startsWith(part) ? place : 0))) : 0;
}

const asked = [];

function loaded(count) {
  for (let place = asked.length; place < count; place++) asked.push(LOAD[language][place]());
  return Promise.all(asked.slice(0, count));
}

if (typeof window !== "undefined") loaded(needed(window.location.pathname)).catch(() => {});

// Until the prerendered page has come alive, all is said as it stands there.
let words = {};
let locale = "en";

export const inLocale = () => locale;

const numbers = {};
const number = (value) => (numbers[locale] ??= new Intl.NumberFormat(locale, { maximumFractionDigits: 2 })).format(value);

const PART = /\{(\w+)(?:, (\w+)(?:, ((?:\w+ \{[^{}]*\} ?)+))?)?\}/g;
const FORM = /(\w+) \{([^{}]*)\}/g;

function plural(value, forms) {
  const byName = Object.fromEntries([...forms.matchAll(FORM)].map((one) => [one[1], one[2]]));
  return (byName[new Intl.PluralRules(locale).select(value)] ?? byName.other).replace("#", number(value));
}

const counts = (value) => String(value).trim() !== "" && Number.isFinite(Number(value));

function show(value, kind, forms) {
  if (value === undefined || value === null) return "";
  if (typeof value === "object") return t(value.template, value.given);
  if (kind === "plural" && counts(value)) return plural(Number(value), forms);
  if (kind === "duration" && counts(value)) return lasting(value);
  return kind || typeof value === "number" ? grouped(value) : String(value);
}

// A number and its unit stay on one line, and so does what French keeps apart from the word before it.
const UNIT = /([}#\d]) (?=(?:[hsdjT%]|min|Std|Min|Sek|points?|Punkten?|puntos)(?![\p{L}\d'’]))/gu;
const APART = / (?=[:;!?\u00bb])/g;

const together = (text) => text.replace(UNIT, "$1\u00a0").replace(APART, "\u00a0").replaceAll("\u00ab ", "\u00ab\u00a0");

// Each row of a long list says the same: a template is looked up and put together once, as long as the words are these.
let kept = new Map();

function said(template) {
  let text = kept.get(template);
  if (text === undefined) {
    text = together((Object.hasOwn(words, template) && words[template]) || template);
    kept.set(template, text);
  }
  return text;
}

// Hours as clocks tell them: "24 h", "12 h 28 min".
export function lasting(hours) {
  if (hours === "") return "";
  const all = Math.round(Number(hours) * 60);
  const minutes = all % 60;
  if (!minutes) return t("{hours, number} h", { hours: all / 60 });
  return all < 60 ? t("{minutes} min", { minutes }) : t("{hours} h {minutes} min", { hours: (all - minutes) / 60, minutes });
}

// Words for a template of ours; whatever else comes is said as it is.
export function t(template, values) {
  const text = said(template ?? "");
  return values ? text.replace(PART, (_, name, kind, forms) => show(values[name], kind, forms)) : text;
}

// Several sentences after one another.
export const all = (sentences) => (sentences ?? []).map((one) => t(one.template, one.given)).join(" ");

// What is being typed into a field for a cost, or for hours, as `domain/terms.py` takes it; "–" for what is no number.
export function typedCost(text) {
  const plain = String(text).trim().replace(/[,. \u00a0\u202f](?=\d{3}(?:\D|$))/g, "");
  return /^\d+$/.test(plain) ? number(Number(plain)) : NO_NUMBER;
}

export function typedHours(text) {
  const plain = String(text).trim().replace(",", ".");
  return /^(\d+\.?\d*|\.\d+)$/.test(plain) ? number(Number(plain)) : NO_NUMBER;
}

export const NO_NUMBER = "\u2013";

export const grouped = (value) => (counts(value) ? number(Number(value)) : String(value));

// A template some of whose names stand for parts of the page: `names` says which child is which.
export function Words({ template, values = {}, names = [], children }) {
  const parts = Array.isArray(children) ? children : [children];
  const text = said(template);
  const pieces = [];
  let from = 0;
  for (const part of text.matchAll(PART)) {
    if (part.index > from) pieces.push(text.slice(from, part.index));
    const place = names.indexOf(part[1]);
    pieces.push(place < 0 ? show(values[part[1]], part[2], part[3]) : h(Fragment, { key: part.index }, parts[place]));
    from = part.index + part[0].length;
  }
  pieces.push(text.slice(from));
  return h(Fragment, null, ...pieces);
}

// The whole page. It is prerendered in English; in another language it is made anew once its words are there.
export function Worded({ children }) {
  const count = needed(useLocation().pathname);
  const [shown, setShown] = useState(0);
  useEffect(() => {
    locale = spoken;
    const html = document.documentElement;
    html.lang = language;
    if (count <= shown) {
      html.classList.remove("wordless");
      return undefined;
    }
    let left = false;
    html.classList.add("wordless");
    loaded(count)
      .then((found) => {
        if (left) return;
        words = Object.assign({}, ...found.map((one) => one.default));
        kept = new Map();
        setShown(count);
      })
      .catch(() => html.classList.remove("wordless"));
    return () => {
      left = true;
    };
  }, [count, shown]);
  return h(Fragment, { key: shown }, children);
}

// Chooses the language, and loads the page anew: all of it is said in one.
export function Language({ className, label }) {
  const [mounted, setMounted] = useState(false);
  useEffect(() => setMounted(true), []);
  return h(
    "select",
    {
      className,
      "aria-label": label,
      value: mounted ? language : "en",
      onChange: (event) => {
        try {
          localStorage.setItem(KEPT, event.target.value);
        } catch {
          return;
        }
        window.location.reload();
      },
    },
    Object.entries(LANGUAGES).map(([code, name]) => h("option", { key: code, value: code, lang: code }, name)),
  );
}
