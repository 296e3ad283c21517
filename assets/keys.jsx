// Single keys that do what is at hand. They can be turned off (https://www.w3.org/TR/WCAG22/#character-key-shortcuts).
import { createElement as h, useEffect, useState, useSyncExternalStore } from "react";
import { Sheet } from "$/public/shell.jsx";
import { t } from "$/public/words.jsx";

const KEPT = "keys";
let on = true;
const watchers = new Set();

function kept() {
  try {
    return localStorage.getItem(KEPT) !== "off";
  } catch {
    return true;
  }
}

function turn(wanted) {
  on = wanted;
  try {
    localStorage.setItem(KEPT, wanted ? "on" : "off");
  } catch {
    // It holds until the page is left.
  }
  for (const watcher of watchers) watcher();
}

function watch(watcher) {
  if (!watchers.size) on = kept();
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}

// Whether they do something.
export const useKeys = () => useSyncExternalStore(watch, () => on, () => true);

const TYPING = "input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]";

function press(event) {
  const meant = !event.defaultPrevented && !event.ctrlKey && !event.metaKey && !event.altKey && !event.isComposing && !event.repeat;
  if (!on || !meant || event.target.closest?.(TYPING) || document.querySelector("dialog[open]")) return;
  const key = event.key.toLowerCase();
  const marked = [...document.querySelectorAll("[aria-keyshortcuts]")].filter((one) => one.getAttribute("aria-keyshortcuts") === key);
  const place = marked.find((one) => one.checkVisibility() && !one.disabled);
  if (!place) return;
  event.preventDefault();
  if (!place.matches("input")) return place.click();
  place.focus();
  place.select();
}

// The button that says which there are. What they do is what the elements marked with them do.
export function Keys({ className }) {
  const [open, setOpen] = useState(false);
  const [there, setThere] = useState([]);
  const used = useKeys();
  useEffect(() => {
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, []);
  const rows = [
    ["/", t("Search who is VIP")],
    ["g", t("Give VIP")],
    ["z", t("Undo, while it is offered")],
    ["?", t("Show these keys")],
  ];
  const show = () => {
    setThere(rows.filter(([key]) => key === "?" || document.querySelector(`[data-key="${key}"]`)));
    setOpen(true);
  };
  const close = () => setOpen(false);
  return [
    h(
      "button",
      {
        key: "button",
        type: "button",
        className,
        "aria-label": t("Keyboard"),
        title: t("Keyboard"),
        "aria-keyshortcuts": used ? "?" : undefined,
        onClick: show,
      },
      h("kbd", { "aria-hidden": true }, "?"),
    ),
    h(
      Sheet,
      { key: "sheet", open, label: t("Keyboard"), onDismiss: close },
      h("h2", { className: "text-lg font-semibold" }, t("Keyboard")),
      h("p", { className: "mt-1 text-soft" }, t("One key is enough, wherever you are on this page and not typing.")),
      h(
        "dl",
        { className: `mt-4 grid grid-cols-[auto_1fr] items-center gap-x-4 gap-y-2 ${used ? "" : "text-soft"}` },
        there.flatMap(([key, does]) => [h("dt", { key }, h("kbd", { className: "key" }, key)), h("dd", { key: does }, does)]),
      ),
      h(
        "div",
        { className: "mt-5 flex items-center justify-between gap-4 border-t border-line pt-4" },
        h(
          "label",
          { className: "flex cursor-pointer items-center gap-3" },
          h("input", { type: "checkbox", role: "switch", className: "tick", checked: used, onChange: (event) => turn(event.target.checked) }),
          t("Use single keys"),
        ),
        h("button", { type: "button", className: "inline-flex min-h-10 items-center rounded-lg border border-edge bg-surface px-4 text-sm font-medium text-ink hover:bg-raised", "data-first": true, onClick: close }, t("Close")),
      ),
    ),
  ];
}
