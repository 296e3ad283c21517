// What the page does in the browser alone: dialogs, notices, copying, the colour mode, the lost connection.
import { Children, createElement as h, useContext, useEffect, useId, useRef, useState, useSyncExternalStore } from "react";
import { t } from "$/public/words.jsx";
import { ColorModeContext } from "$/utils/context";

// Whether the connection is lost, for all that must not be pressed then: Reflex would keep the click and do it later.
let lostNow = false;
const lostWatchers = new Set();

function setLost(lost) {
  lostNow = lost;
  for (const watcher of lostWatchers) watcher();
}

function watchLost(watcher) {
  lostWatchers.add(watcher);
  return () => lostWatchers.delete(watcher);
}

// Whether a page that goes on without its socket (board_feed.jsx) can: all that it shows is true, but for seconds. Null of
// the others. A board's address is known before its own code is here.
let polledNow = typeof window !== "undefined" && location.pathname.startsWith("/board/") ? true : null;

export function setPolled(polled) {
  polledNow = polled;
  for (const watcher of lostWatchers) watcher();
}

const usePolled = () => useSyncExternalStore(watchLost, () => polledNow, () => null);

const useLost = () => useSyncExternalStore(watchLost, () => lostNow, () => false);

// An overlay says nothing but who is VIP: its page is on a stream.
const bare = () => document.documentElement.classList.contains("bare");

const lostWords = () => t("Connection lost. Trying again… What you see may be old.");

// The page between header and footer. While the connection is lost it can be read, and nothing on it does anything.
export function Content({ className, children }) {
  return h("main", { id: "content", tabIndex: -1, className, "data-lost": useLost() || undefined }, children);
}

// What is `aria-disabled` keeps the keyboard's focus, which a disabled button would lose; that it does nothing is seen
// to here, before the page hears of it. A form whose submit button is such isn't sent by Enter either: browsers press it.
function hold(event) {
  const { target, type } = event;
  if (!target?.closest) return;
  const off = type === "click" && target.closest('[aria-disabled="true"]');
  if (!off && !target.closest("[data-lost]")) return;
  if ((type === "keydown" || type === "mousedown") && (event.key === "Tab" || !target.closest("select"))) return;
  event.preventDefault();
  event.stopImmediatePropagation();
}

// What had the focus, and around it what can take it when that goes.
const trail = (one) => {
  const around = [];
  for (let place = one; place; place = place.parentElement) around.push(place);
  return around;
};

const GROUPS = "section, aside, dialog[open], main";
const TITLES = "h1:not(.sr-only), h2, h3";

// The nearest place to go on from: the title of what is left around it, else the page's landing place.
function landing(around) {
  for (const group of around) {
    if (!group.isConnected || !group.matches(GROUPS)) continue;
    const found = group.querySelector("[data-landing]") ?? group.querySelector(TITLES);
    if (found?.checkVisibility()) return found;
  }
  return document.querySelector("[data-landing]") ?? document.querySelector("main");
}

function moveTo(place) {
  if (!place) return;
  if (!place.hasAttribute("tabindex")) place.tabIndex = -1;
  place.focus({ preventScroll: pointed });
}

const adrift = () => !document.activeElement || document.activeElement === document.body;

let here = [];
let path = "";
// Under a pointer the page doesn't jump.
let pointed = false;

// What had the focus has left the page, as a row does that is done with.
function follow() {
  const [last] = here;
  if (!last || last.isConnected || !adrift()) return;
  const dialog = here.find((one) => one.tagName === "DIALOG");
  const open = document.querySelector("dialog[open]");
  // A dialog that closes gives it back itself (below), and another page begins at its top.
  if (dialog ? !dialog.isConnected || !dialog.querySelector(TITLES) : open || path !== location.pathname) return;
  const around = here;
  here = [];
  moveTo(landing(around));
}

if (typeof window !== "undefined") {
  for (const type of ["click", "submit", "keydown", "mousedown"]) window.addEventListener(type, hold, true);
  document.addEventListener("focusin", ({ target }) => {
    here = trail(target);
    path = location.pathname;
  });
  document.addEventListener("keydown", () => (pointed = false), true);
  document.addEventListener(
    "pointerdown",
    ({ target }) => {
      pointed = true;
      if (!here[0]?.contains(target)) here = [];
    },
    true,
  );
  new MutationObserver(follow).observe(document, { childList: true, subtree: true });
}

// A dialog has closed, and the browser gave the focus back to what had opened it, unless that is gone.
function land(opener) {
  if (!opener.length || opener[0] === document.body) return;
  requestAnimationFrame(() => {
    if (adrift() && !document.querySelector("dialog[open]")) moveTo(opener[0].isConnected ? opener[0] : landing(opener));
  });
}

// A native dialog that the page's state opens and closes. Escape and a click beside it ask to close.
// While it is open it covers the rest of the page, so it says itself that the connection is lost.
export function Sheet({ open, onDismiss, label, children }) {
  const ref = useRef(null);
  const opener = useRef([]);
  const lost = useLost();
  useEffect(() => {
    const dialog = ref.current;
    if (open && !dialog.open) {
      opener.current = trail(document.activeElement);
      dialog.showModal();
      dialog.querySelector("[data-first]")?.focus();
    }
    if (!open && dialog.open) {
      dialog.close();
      land(opener.current);
    }
  }, [open]);
  return h(
    "dialog",
    {
      ref,
      className: "sheet",
      "aria-label": label,
      onCancel: (event) => {
        event.preventDefault();
        if (!lost) onDismiss?.();
      },
      onMouseDown: (event) => {
        if (event.target === ref.current && !lost) onDismiss?.();
      },
    },
    open && lost ? h("p", { role: "status", className: "mb-4 rounded-lg border border-amber bg-amber-soft px-3 py-2 text-amber" }, lostWords()) : null,
    open ? h("div", { "data-lost": lost || undefined }, children) : null,
  );
}

// Says what happened, to eyes and to screen readers, and leaves by itself. The live region is always there.
// Where there is something to press it stays for longer, and for as long as somebody is at it.
export function Notice({ text, stamp, act, onAct, keys }) {
  const [shown, setShown] = useState(false);
  const [held, setHeld] = useState(false);
  useEffect(() => {
    setShown(Boolean(text));
    setHeld(false);
  }, [text, stamp]);
  useEffect(() => {
    if (!shown || held) return undefined;
    const timer = setTimeout(() => setShown(false), act ? 10_000 : 7000);
    return () => clearTimeout(timer);
  }, [shown, held, act, stamp]);
  const go = () => {
    document.querySelector("[data-landing]")?.focus();
    setShown(false);
    onAct?.();
  };
  return h(
    "div",
    { role: "status", "aria-live": "polite", className: "notices" },
    shown && text
      ? h(
          "div",
          {
            key: stamp,
            className:
              "notice pointer-events-auto flex items-center gap-3 rounded-lg border border-edge bg-raised py-2 pl-4 pr-2 text-ink shadow-lg max-w-xl",
            onPointerEnter: () => setHeld(true),
            onPointerLeave: () => setHeld(false),
            onFocus: () => setHeld(true),
            onBlur: () => setHeld(false),
          },
          h("span", null, text),
          act
            ? h(
                "button",
                {
                  type: "button",
                  className: "rounded-md px-3 min-h-8 font-semibold text-gem-text hover:bg-line",
                  "aria-keyshortcuts": keys,
                  "data-key": "z",
                  onClick: go,
                },
                act,
              )
            : null,
          h(
            "button",
            {
              type: "button",
              className: "grid size-8 place-items-center rounded-md text-soft hover:bg-line hover:text-ink",
              "aria-label": t("Dismiss"),
              onClick: () => setShown(false),
            },
            h("span", { "aria-hidden": true, className: "text-base leading-none" }, "\u00d7"),
          ),
        )
      : null,
  );
}

// A button and the panel that it opens. Escape, a click elsewhere, and the focus going elsewhere close it.
export function Menu({ label, className, panel, children }) {
  const [open, setOpen] = useState(false);
  const ref = useRef(null);
  const id = useId();
  const [face, ...rows] = Children.toArray(children);
  useEffect(() => {
    if (!open) return undefined;
    const outside = (event) => !ref.current?.contains(event.target) && setOpen(false);
    document.addEventListener("pointerdown", outside);
    return () => document.removeEventListener("pointerdown", outside);
  }, [open]);
  return h(
    "div",
    {
      ref,
      className: "relative",
      onKeyDown: (event) => {
        if (event.key !== "Escape" || !open) return;
        event.stopPropagation();
        setOpen(false);
        ref.current.querySelector("button").focus();
      },
      onBlur: (event) => event.relatedTarget && !ref.current.contains(event.relatedTarget) && setOpen(false),
    },
    h(
      "button",
      { type: "button", className, "aria-label": label, "aria-expanded": open, "aria-controls": open ? id : undefined, onClick: () => setOpen(!open) },
      face,
    ),
    open ? h("div", { id, className: panel, onClick: (event) => event.target.closest("a") && setOpen(false) }, rows) : null,
  );
}

const NEXT_MODE = { dark: "light", light: "system", system: "dark" };
const MODE_WORD = { dark: () => t("Colours: dark"), light: () => t("Colours: light"), system: () => t("Colours: as the device") };
const CHANGE_WORD = { dark: () => t("Change to dark"), light: () => t("Change to light"), system: () => t("Change to the device's") };
const MODE_PATH = {
  dark: "M20.985 12.486a9 9 0 1 1-9.473-9.472c.405-.022.617.46.402.803a6 6 0 0 0 8.268 8.268c.344-.215.825-.004.803.401",
  light: "M12 8a4 4 0 1 0 0 8 4 4 0 1 0 0-8M12 2v2M12 20v2M4.93 4.93l1.41 1.41M17.66 17.66l1.41 1.41M2 12h2M20 12h2M6.34 17.66l-1.41 1.41M19.07 4.93l-1.41 1.41",
  system: "M12 3a9 9 0 1 0 0 18 9 9 0 1 0 0-18M12 3v18M12 7.5h7M12 12h9M12 16.5h7",
};

// Keeps the browser's own bar in the page's ground.
export function BarColor() {
  const { resolvedColorMode } = useContext(ColorModeContext);
  useEffect(() => {
    const bar = document.querySelector('meta[name="theme-color"]');
    if (bar) bar.content = resolvedColorMode === "light" ? "#f5f6f8" : "#0b0d12";
  }, [resolvedColorMode]);
  return null;
}

// Dark, light, or as the device says; kept in localStorage by Reflex.
export function ColorMode({ className }) {
  const { rawColorMode, setColorMode } = useContext(ColorModeContext);
  const [mounted, setMounted] = useState(false);
  useEffect(() => setMounted(true), []);
  const mode = mounted && MODE_WORD[rawColorMode] ? rawColorMode : "dark";
  const next = NEXT_MODE[mode];
  return h(
    "button",
    { type: "button", className, onClick: () => setColorMode(next) },
    h(
      "svg",
      { width: 16, height: 16, viewBox: "0 0 24 24", fill: "none", stroke: "currentColor", strokeWidth: 2, strokeLinecap: "round", strokeLinejoin: "round", "aria-hidden": true, className: "flex-none" },
      h("path", { d: MODE_PATH[mode] }),
    ),
    h("span", null, MODE_WORD[mode]()),
    h("span", { className: "sr-only" }, `. ${CHANGE_WORD[next]()}`),
  );
}

// What the browser says of its own connection.
export function useOffline() {
  const [offline, setOffline] = useState(false);
  useEffect(() => {
    const look = () => setOffline(navigator.onLine === false);
    look();
    window.addEventListener("online", look);
    window.addEventListener("offline", look);
    return () => {
      window.removeEventListener("online", look);
      window.removeEventListener("offline", look);
    };
  }, []);
  return offline;
}

// Our own words for a lost connection. Quiet for the first moments: most losses heal before anybody has read a sentence.
// Where the server has no room for one more page it says so; nothing else that it says is for people.
export function ConnectionLost({ errors, said }) {
  const offline = useOffline();
  const polled = usePolled();
  const lost = polled === null ? offline || errors > 0 : !polled;
  useEffect(() => {
    if (!lost) return undefined;
    setLost(true);
    return () => setLost(false);
  }, [lost]);
  return h(
    "div",
    { role: "status", "aria-live": "polite", className: "lost" },
    lost && !bare()
      ? h(
          "div",
          {
            className:
              "notice flex items-center gap-3 rounded-lg border border-amber bg-amber-soft px-4 py-2 text-amber font-medium shadow-lg",
          },
          h("span", { className: "spin inline-block size-3 flex-none rounded-full border-2 border-current border-t-transparent", "aria-hidden": true }),
          h("span", null, said?.startsWith("VIP Manager is full") ? t(said) : lostWords()),
        )
      : null,
  );
}

// All of the page, where drawing a part of it failed; we are told of it.
export function Broken() {
  if (bare()) return null;
  return h(
    "main",
    { id: "content", className: "mx-auto w-full max-w-lg px-4 py-16" },
    h("title", null, "VIP Manager"),
    h("h1", { className: "text-lg font-semibold" }, t("This page could not be drawn")),
    h("p", { className: "mt-2 text-soft" }, t("What goes on in the background is not touched by it.")),
    h(
      "button",
      {
        type: "button",
        className: "mt-6 rounded-lg border border-edge bg-raised px-4 min-h-10 text-sm font-medium hover:border-faint",
        onClick: () => location.reload(),
      },
      t("Load it again"),
    ),
  );
}
