// A long list is searched and sorted in the browser alone.
import { createElement as h, useDeferredValue, useEffect, useSyncExternalStore } from "react";
import { inLocale, t } from "$/public/words.jsx";

const EVERYBODY = { search: "", sort: "ends" };
let wish = EVERYBODY;
const watchers = new Set();

function want(changes) {
  wish = { ...wish, ...changes };
  for (const watcher of watchers) watcher();
}

function watch(watcher) {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}

// What is looked for and in which order.
const useTyped = () => useSyncExternalStore(watch, () => wish, () => EVERYBODY);

// The same for the list itself: a long one follows when there is time, so that typing never waits for it.
export const useWish = () => useDeferredValue(useTyped());

// Letters as one would type them: accents and the case don't matter.
const plain = (text) => (text ?? "").normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

const ORDERS = {
  name: (one, other) => one.username.localeCompare(other.username, inLocale(), { numeric: true, sensitivity: "base" }),
  // Who is about to become VIP is the newest of all.
  newest: (one, other) => (other.granted_at || Infinity) - (one.granted_at || Infinity) || 0,
};

// The rows that are looked for; they come in the order of their ends.
export function sift(rows, { search, sort }) {
  const wanted = plain(search.trim().replace(/^@/, ""));
  const found = wanted ? rows.filter((row) => plain(row.username).includes(wanted) || row.login.includes(wanted)) : rows;
  return ORDERS[sort] ? [...found].sort(ORDERS[sort]) : found;
}

// The field; it forgets what was typed when it goes.
export function Search({ className, label, keys }) {
  const { search } = useTyped();
  useEffect(() => () => want(EVERYBODY), []);
  return h("input", {
    type: "search",
    className,
    value: search,
    placeholder: label,
    "aria-label": label,
    "aria-keyshortcuts": keys,
    "data-key": "/",
    autoComplete: "off",
    autoCapitalize: "off",
    spellCheck: false,
    maxLength: 40,
    onChange: (event) => want({ search: event.target.value }),
    onKeyDown: (event) => {
      if (event.key !== "Escape") return;
      if (search) want({ search: "" });
      else event.target.blur();
      event.preventDefault();
    },
  });
}

export function Order({ className, label }) {
  const { sort } = useTyped();
  const ways = { ends: t("Ends first"), name: t("By name"), newest: t("Newest first") };
  return h(
    "select",
    { className, "aria-label": label, value: sort, onChange: (event) => want({ sort: event.target.value }) },
    Object.entries(ways).map(([value, name]) => h("option", { key: value, value }, name)),
  );
}

// Shows all of them again.
export function Clear({ className, children }) {
  const clear = () => {
    want({ search: "" });
    document.querySelector('input[type="search"]')?.focus();
  };
  return h("button", { type: "button", className, onClick: clear }, children);
}
