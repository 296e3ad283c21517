"""What a row says, in a form that a test can check, and the words for it that the page shows."""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from tests.crash.books import Document
from tests.ledger.stage import HOURS, TERMS
from tests.services.faults.scene import STREAMER, VIEWER_ID, VIEWER_NAME, Scene
from vip_manager.domain.audit import Action
from vip_manager.domain.reasons import EndReason, Refusal, Trouble
from vip_manager.domain.redemption import RedemptionState
from vip_manager.domain.sentence import Sentence
from vip_manager.domain.session import LIVE, RUNNING, SessionState
from vip_manager.ports import TwitchStatus
from vip_manager.services.board import QUIET
from vip_manager.services.connections import SILENCE, Hearing
from vip_manager.services.pictures import StaffPicture
from vip_manager.services.written import hours_text
from vip_manager.simulator.records import BY_HAND
from vip_manager.ui import happened_words

Differences = dict[str, str]
"""What was found otherwise than a row says."""
State = RedemptionState | SessionState
Reason = Refusal | EndReason
_OF_THE_LINE = {Hearing.LIVE: None, Hearing.CONNECTING: Trouble.UNAVAILABLE, Hearing.RECONNECT: Trouble.RECONNECT}
"""What the page says above everything."""
UNTOLD = QUIET | {Action.REDEEMED, Action.PUT_OFF, Action.CONNECTED, Action.DISCONNECTED}
"""Lines that say how it went and not how it ended."""
_WITH_A_REASON = frozenset({Action.REFUSED, Action.POINTS_KEPT, Action.ENDED})


class Soon(Enum):
    """Nothing to be seen meanwhile: by the time that the program has answered, all is as it ends."""

    AT_ONCE = "done at once"
    NEXT_START = "done by the next start"

    def differs(self, scene: Scene) -> Differences:
        return _differences({"died": (scene.deaths > 0, self is Soon.NEXT_START)})

    @property
    def words(self) -> str:
        return self.value


@dataclass(frozen=True)
class Waits:
    """`state` is what waits, None where it is not known here yet; `trouble` is shown beside it, or of Twitch as a
    whole; `badge`: whether the viewer is VIP on Twitch meanwhile; `line`: how the page says that Twitch is heard;
    `seen`: the state that the page shows, where that is another."""

    state: State | None
    trouble: Trouble | None = None
    badge: bool = False
    line: Hearing | None = None
    seen: State | None = None

    def differs(self, scene: Scene) -> Differences:
        picture = scene.picture
        of_session = isinstance(self.state, SessionState)
        found = scene.session if of_session else scene.redemption
        beside = picture.vips if of_session else picture.pending
        return _differences(
            {
                "state": (found and found["state"], self.state),
                "badge": (scene.badge != "", self.badge),
                "shown": ([(one.state, one.error) for one in beside], self._shown),
                "line": ((picture.connection, picture.connection_error), (self._line, self._silence)),
            }
        )

    @property
    def _shown(self) -> list[tuple[str | None, str]]:
        """Beside what waits: a session that is live, and a redemption with which there is trouble, or a decision to
        make."""
        of_session = isinstance(self.state, SessionState)
        listed = self.state in LIVE if of_session else self.trouble or self.state is RedemptionState.KEPT
        return [(self.seen or self.state, self.trouble or "")] if listed else []

    @property
    def _silence(self) -> str:
        """What the page says of Twitch as a whole."""
        trouble = self.trouble or _OF_THE_LINE[self._line]
        return trouble if trouble in SILENCE else ""

    @property
    def _line(self) -> Hearing:
        return self.line or (Hearing.RECONNECT if self.trouble is Trouble.RECONNECT else Hearing.LIVE)

    @property
    def words(self) -> str:
        state = f"`{self.state}`" if self.state else "unheard of"
        state += f" (shown as `{self.seen}`)" if self.seen else ""
        trouble = self.trouble or _OF_THE_LINE[self._line]
        shown = f": “{happened_words.TROUBLES[trouble]}”" if trouble else "; no trouble shown"
        return f"{state}, {'VIP' if self.badge else 'not VIP'}{shown}"


Meanwhile = Soon | Waits


@dataclass(frozen=True)
class Ends:
    """`vip`: by whom on Twitch, BY_API being us, or "". `status` is the redemption's on Twitch and `here` its state in
    the books, None where it never came to them; `session` is the viewer's latest. `lasts`: for how many hours from its
    badge or its last redemption on, where that is not all that was bought; `back`: the badge went and came back, and
    the hours count from the first one. `log` is in order; `why` holds the reasons that its lines give, `by_hand` which
    of them have the streamer's name."""

    vip: str
    status: TwitchStatus
    here: RedemptionState | None
    session: SessionState | None
    log: tuple[Action, ...]
    why: Reason | tuple[Reason, ...] = ()
    hours: float = 0.0
    lasts: float | None = None
    back: bool = False
    by_hand: frozenset[Action] = frozenset()

    def differs(self, scene: Scene) -> Differences:
        there = scene.stage.sim.world.redemptions[scene.redemption_id].status
        here, session = scene.redemption, scene.session
        lasts = self._lasts if self.session in RUNNING else None
        return _differences(
            {
                "vip": (scene.badge, self.vip),
                "status": (there, self.status),
                "points": (scene.points_spent, scene.cost_of_fulfilled),
                "here": (here and here["state"], self.here),
                "session": (session and session["state"], self.session),
                "hours": (_hours(session), self.hours),
                "lasts": (lasts and session and self._from_then_on(session), lasts),
                "log": (" ".join(line["action"] for line in scene.log), " ".join(self.log)),
                "why": (_reasons(scene), set(self._whys)),
                "by hand": (_by_hand(scene), self.by_hand),
                **self._on_the_page(scene.picture),
            }
        )

    def _on_the_page(self, picture: StaffPicture) -> dict[str, tuple[object, object]]:
        lines = [one for one in reversed(picture.activity) if one.action not in UNTOLD]
        told = [sentence(one.action, one.reason, one.hours, one.actor) for one in lines]
        listed = [(VIEWER_ID, "")] if self.session in RUNNING else []
        return {
            "line": ((picture.connection, picture.connection_error), (Hearing.LIVE, "")),
            "waiting": ([(one.state, one.needs_you) for one in picture.pending], [(self.here, True)] * self._asks),
            "listed": ([(one.user_id, one.error) for one in picture.vips], listed),
            "activity": ([one for one in self._lines if one not in told], []),
        }

    def _from_then_on(self, session: Document) -> float | None:
        """Until its end, in hours; None where it does not run. What came back was owed while Twitch was asked, and ends
        that much later."""
        if not session["addedAt"] or not session["expiresAt"]:
            return None
        names = ("grantedAt", "addedAt", "expiresAt")
        granted, added, until = (datetime.fromisoformat(session[name]) for name in names)
        if self.back:
            return round((until - granted) / timedelta(hours=1), 1)
        bought = datetime.fromisoformat(session["credits"][-1]["at"])
        return (until - (added if self.lasts is None else max(added, bought))) / timedelta(hours=1)

    @property
    def _asks(self) -> bool:
        """Whether the streamer is asked what becomes of it."""
        return self.here is RedemptionState.KEPT and Action.DISMISSED not in self.log

    @property
    def _whys(self) -> tuple[Reason, ...]:
        return self.why if isinstance(self.why, tuple) else (self.why,)

    @property
    def told(self) -> list[str]:
        """How it ended, as the page tells it: the last word on it."""
        return self._said(UNTOLD | {Action.REFUSED} if Action.POINTS_KEPT in self.log else UNTOLD)

    @property
    def _lines(self) -> list[str]:
        return self._said(UNTOLD)

    def _said(self, untold: Set[Action]) -> list[str]:
        lines = [action for action in self.log if action not in untold]
        return [sentence(one, self._reason(one), hours_text(HOURS), self._actor(one)) for one in lines]

    def _reason(self, action: Action) -> str:
        kind = EndReason if action is Action.ENDED else Refusal
        return next((one for one in self._whys if isinstance(one, kind)), "")

    def _actor(self, action: Action) -> str:
        return STREAMER if action in self.by_hand else ""

    @property
    def _lasts(self) -> float:
        return self.hours if self.lasts is None else self.lasts

    @property
    def viewer(self) -> str:
        points = "points back" if self.status is TwitchStatus.CANCELED else "points spent"
        if self.session is SessionState.ASIDE:
            return f"moderator, and {self._lasts:g} h run on; {points}"
        if self.vip == "":
            return f"{'VIP is over' if self.session is SessionState.ENDED else 'not VIP'}; {points}"
        if self.session is not SessionState.ACTIVE:
            return f"VIP by hand, kept; {points}"
        more = " from then on" if self.lasts is not None else " in all" if self.hours > HOURS else ""
        by_hand = " only, though by hand" if self.vip == BY_HAND else ""
        return f"VIP for {self._lasts:g} h{more}{by_hand}; {points}"

    @property
    def streamer(self) -> str:
        listed = ["in the list of VIPs"] if self.session in RUNNING else []
        asked = ["asked: “Try again”, “Leave it”"] if self._asks else []
        told = " ".join(f"“{one}”" for one in self.told)
        return "; ".join([*listed, *asked, *filter(None, [told])]) or "nothing"

    @property
    def ledger(self) -> str:
        here = f"`{self.here}` here" if self.here else "unknown here"
        session = f"session `{self.session}`" if self.session else "no session"
        hours = f", {self.hours:g} h" if self.hours and self.session is not SessionState.REFUSED else ""
        log = ", ".join(f"`{action}`" for action in self.log)
        return f"{self.status} there, {here}; {session}{hours}; log: {log or 'nothing'}"


def _differences(pairs: Mapping[str, tuple[object, object]]) -> Differences:
    return {name: f"{found}, not {wanted}" for name, (found, wanted) in pairs.items() if found != wanted}


def _reasons(scene: Scene) -> set[str]:
    """That the log's lines give."""
    return {line["detail"].get("reason") for line in scene.log if line["action"] in _WITH_A_REASON}


def _hours(session: Document | None) -> float:
    return sum(credit["hours"] for credit in session["credits"]) if session else 0.0


def _by_hand(scene: Scene) -> set[str]:
    """The log's lines that have a person's name, but for signing in."""
    return {line["action"] for line in scene.log if line["actorName"] == STREAMER} - UNTOLD


def sentence(action: Any, reason: Any, hours: str, actor: str) -> str:
    """A line of the dashboard's activity; without `actor` of what the program did by itself."""
    template = (
        happened_words.ENDED[EndReason(reason)] if action == Action.ENDED else happened_words.HAPPENED[Action(action)]
    )
    if action == Action.REFUSED and reason == Refusal.GIVEN_BACK:
        template = happened_words.SAID_NO
    why = happened_words.REFUSALS.get(reason, "")
    given = {"who": VIEWER_NAME, "hours": hours, "reward": TERMS.title, "reason": why, "actor": actor}
    return str(Sentence(template[bool(actor)], given))
