// A board without its socket: there is no room for one more, it was lost, or something in between lets none through. Then
// the page asks for the same picture by HTTP, and hands it to the state that shows it, as the socket would.
import { useContext, useEffect, useRef } from "react";
import { DispatchContext } from "$/utils/context";
import { setPolled } from "$/public/shell.jsx";

const PATIENCE = 2000;
const EVERY = 1500;
const HIDDEN_EVERY = 15_000;
const LONGEST = 30_000;
const ANSWERS_WITHIN = 8000;
const MARK = "_rx_state_";

const OFF = { board_off: { known: true, off: true }, not_found: { known: false, off: false } };

// What is to be shown now; null where that is what was shown already. Throws where nothing is to be learnt.
async function asked(known) {
  const headers = known.tag ? { "If-None-Match": known.tag } : {};
  const login = location.pathname.split("/")[2] ?? "";
  const answer = await fetch(`/api/board/${login}`, { headers, cache: "no-store", signal: AbortSignal.timeout(ANSWERS_WITHIN) });
  if (answer.status === 304) return null;
  if (answer.status === 404) {
    const off = OFF[(await answer.json()).error?.code];
    if (!off) throw new Error("not our answer");
    known.tag = "";
    return { now: Date.now(), login, vips: [], seatless: [], rewards: [], reward: {}, not_shown: 0, ...off };
  }
  if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
  known.tag = answer.headers.get("ETag") ?? "";
  return answer.json();
}

export function BoardFeed({ errors, loaded, board, site }) {
  const dispatch = useContext(DispatchContext);
  const arrived = useRef(loaded);
  arrived.current = loaded;
  useEffect(() => {
    const known = { tag: "" };
    let failures = 0;
    let timer = setTimeout(ask, PATIENCE);
    async function ask() {
      // All is well: the socket is there, and has brought what there is.
      if (!(errors > 0) && arrived.current && !failures && !known.tag) return;
      let came = false;
      try {
        const picture = await asked(known);
        if (timer === null) return;
        if (picture) dispatch[board]({ [`picture${MARK}`]: picture, [`loaded${MARK}`]: true });
        dispatch[board]({ [`viewer${MARK}`]: new URLSearchParams(location.search).get("viewer")?.replace(/^@/, "").toLowerCase() ?? "" });
        dispatch[site]({ [`ready${MARK}`]: true });
        came = true;
      } catch {
        if (timer === null) return;
      }
      failures = came ? 0 : failures + 1;
      setPolled(came);
      const pause = failures ? Math.min(EVERY * 2 ** failures, LONGEST) : document.hidden ? HIDDEN_EVERY : EVERY;
      timer = setTimeout(ask, pause * (0.9 + Math.random() * 0.2));
    }
    const look = () => {
      if (document.hidden || timer === null) return;
      clearTimeout(timer);
      timer = setTimeout(ask, 0);
    };
    document.addEventListener("visibilitychange", look);
    return () => {
      clearTimeout(timer);
      timer = null;
      document.removeEventListener("visibilitychange", look);
      setPolled(false);
    };
  }, [errors > 0, dispatch, board, site]);
  return null;
}
