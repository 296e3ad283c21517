// A board without its socket: there is no room for one more, it was lost, or something in between lets none through. Then
// the page asks for the same picture by HTTP, and hands it to the state that shows it, as the socket would.
import { useContext, useEffect, useRef, useState, useSyncExternalStore } from "react";
import { useParams } from "react-router";
import { DispatchContext } from "$/utils/context";
import { setPolled, useOffline } from "$/public/shell.jsx";
import { t } from "$/public/words.jsx";

const PATIENCE = 1000;
// So that it is true within two seconds, the way there and back included; behind a cache too, which keeps an answer for one.
const EVERY = 1300;
const EVERY_BEHIND_CACHE = 700;
const HIDDEN_EVERY = 15_000;
const LONGEST = 30_000;
const ANSWERS_WITHIN = 8000;
const MARK = "_rx_state_";

// Whether the socket is there, as Reflex tells whoever measures it; null as long as it has told nothing here.
let up = null;
let asking = false;
const watchers = new Set();

function tell(change) {
  change();
  for (const watcher of watchers) watcher();
}

function watch(watcher) {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}

if (typeof window !== "undefined") {
  window.__reflex_otel = {
    ...window.__reflex_otel,
    onSocketConnect: () => tell(() => (up = true)),
    onSocketDisconnect: () => tell(() => (up = false)),
  };
}

// While a board is asked for, nobody waits for its socket: Reflex's own pauses end at two seconds (`page_build.py`).
const unhurried = (tries) => Math.min(1000 * 1.5 ** tries, 20_000) * (0.5 + Math.random());

const marked = (values) => Object.fromEntries(Object.entries(values).map(([name, value]) => [name + MARK, value]));
const nothing = (login, more) => ({ now: 0, login, vips: [], seatless: [], rewards: [], reward: {}, not_shown: 0, seats_free: -1, ...more });
const NOTHING = { board_off: { known: true, off: true }, not_found: { known: false, off: false } };

// What is to be shown now; null where that is what was shown already. Throws where nothing is to be learnt.
async function answer(known, login) {
  const came = await fetch(`/api/board/${encodeURIComponent(login)}`, {
    headers: known.tag ? { "If-None-Match": known.tag } : {},
    cache: "no-store",
    credentials: "omit",
    signal: AbortSignal.timeout(ANSWERS_WITHIN),
  });
  known.cached = came.headers.has("Age");
  if (came.status === 304) return null;
  if (came.status === 404) {
    const why = NOTHING[(await came.json()).error?.code];
    if (!why) throw new Error("not our answer");
    known.tag = "";
    return nothing(login, why);
  }
  if (!came.ok) throw new Error(`HTTP ${came.status}`);
  const picture = await came.json();
  known.tag = came.headers.get("ETag") ?? "";
  // The server's time then; out of a cache it is later by now, and clocks run from it.
  return { ...picture, now: picture.now + 1000 * (Number(came.headers.get("Age")) || 0) };
}

const asked = () => /^\s*@?([a-z0-9_]{1,25})\s*$/i.exec(new URLSearchParams(window.location.search).get("viewer") ?? "")?.[1].toLowerCase() ?? "";

export function BoardFeed({ errors, hydrated, loaded, streamer, board, site }) {
  const dispatch = useContext(DispatchContext);
  const { login = "" } = useParams();
  const offline = useOffline();
  const told = useSyncExternalStore(watch, () => up, () => null);
  const there = (told ?? hydrated) && !(errors > 0) && !offline;
  // Whose board is shown. Kept while the same one comes anew: a socket that is back first says that there is nothing.
  const shown = useRef("");
  if (loaded) shown.current = login;
  useEffect(() => {
    // The one that the server wrote for other programs stood before the page's own.
    document.querySelector("title[data-card]")?.remove();
    setPolled(true);
    return () => setPolled(null);
  }, []);
  useEffect(() => {
    // The page's own title is the same for every board.
    if (streamer) document.title = `${t("VIPs of {streamer} right now", { streamer })} · VIP Manager`;
  });
  useEffect(() => {
    const given = dispatch[board];
    dispatch[board] = (delta) => {
      if (delta[`loaded${MARK}`] !== false || shown.current !== login) return given(delta);
      const { [`loaded${MARK}`]: _, [`picture${MARK}`]: __, [`viewer${MARK}`]: ___, ...rest } = delta;
      return given(rest);
    };
    return () => {
      dispatch[board] = given;
    };
  }, [dispatch, board, login]);
  useEffect(() => {
    if (there) {
      setPolled(true);
      return undefined;
    }
    const known = { tag: "", cached: false };
    let failures = 0;
    let left = false;
    let timer = setTimeout(ask, PATIENCE);
    async function ask() {
      timer = undefined;
      tell(() => (asking = true));
      window.pauseBeforeSocket = unhurried;
      try {
        const picture = await answer(known, login);
        if (left) return;
        if (picture) dispatch[board](marked({ picture, loaded: true, viewer: asked() }));
        dispatch[site](marked({ ready: true, sandbox: document.querySelector('meta[name="sandbox"]') !== null }));
        failures = 0;
      } catch {
        if (left) return;
        failures += 1;
        delete window.pauseBeforeSocket;
      }
      setPolled(!failures);
      plan(failures ? Math.min(EVERY * 2 ** failures, LONGEST) : document.hidden ? HIDDEN_EVERY : known.cached ? EVERY_BEHIND_CACHE : EVERY);
    }
    function plan(pause) {
      clearTimeout(timer);
      timer = setTimeout(ask, pause * (0.9 + Math.random() * 0.2));
    }
    // One that is being asked plans the next by itself.
    const look = () => !document.hidden && timer !== undefined && plan(0);
    document.addEventListener("visibilitychange", look);
    return () => {
      left = true;
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", look);
      delete window.pauseBeforeSocket;
      tell(() => (asking = false));
    };
  }, [there, login, dispatch, board, site]);
  return null;
}

// What needs the socket: a press would be done when it is back, or never.
export function Attended({ children }) {
  return useSyncExternalStore(watch, () => asking, () => false) ? null : children;
}
