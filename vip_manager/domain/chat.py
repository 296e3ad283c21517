"""What the program says in a channel's chat, by the streamer's choice."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from types import MappingProxyType

from vip_manager.domain.account import Account
from vip_manager.domain.notice import Event, Notice
from vip_manager.domain.reasons import EndReason, Refusal
from vip_manager.domain.rules import VipClock
from vip_manager.domain.session import SessionState, VipSession
from vip_manager.domain.terms import InvalidInput

CHAT = "chat"
"""As a target of notices."""

WRITE = frozenset({"user:write:chat"})
"""What Twitch must be asked for before anything is said
(https://dev.twitch.tv/docs/api/reference/#send-chat-message)."""
READ = frozenset({"user:read:chat"})
READ_AS_APP = READ | {"user:bot", "channel:bot"}
"""The same, where events come by webhook, for then it is the program that listens and not the streamer
(https://dev.twitch.tv/docs/eventsub/eventsub-subscription-types/#channelchatmessage)."""

LONGEST = 500
"""Characters that Twitch takes in one message."""
LONGEST_TEMPLATE = 400
SHORTEST_SOON, LONGEST_SOON = 1, 180
"""Minutes before the end of a VIP."""

_VARIABLE = re.compile(r"\{([^{}]*)\}")
_TURNS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_COMMANDS = ("/", ".")
"""What a line that Twitch would take for a command begins with."""

VARIABLES: Mapping[Event, tuple[str, ...]] = MappingProxyType(
    {
        Event.STARTED: ("viewer", "hours", "left", "reward", "points", "channel"),
        Event.EXTENDED: ("viewer", "hours", "left", "reward", "points", "channel"),
        Event.ENDS_SOON: ("viewer", "left", "channel"),
        Event.ENDED: ("viewer", "reason", "channel"),
        Event.REFUSED: ("viewer", "reason", "reward", "points", "channel"),
    }
)
"""What a template may name, by event."""

TEMPLATES: Mapping[Event, str] = MappingProxyType(
    {
        Event.STARTED: "@{viewer} is VIP now, for {left}.",
        Event.EXTENDED: "@{viewer} stays VIP: {left} from now.",
        Event.ENDS_SOON: "@{viewer}, your VIP ends in {left}.",
        Event.ENDED: "@{viewer} is not VIP any more: {reason}.",
        Event.REFUSED: "@{viewer}, no VIP this time: {reason}.",
    }
)
"""What is said where the streamer has written nothing else."""

_BACK = "the points go back"
_REFUSED: Mapping[str, str] = {
    Refusal.ALREADY_VIP: "you are VIP already, and not by points",
    Refusal.MODERATOR: "moderators can't be VIP",
    Refusal.BROADCASTER: "the streamer can't be VIP",
    Refusal.FULL: "the VIP seats are full",
    Refusal.NO_VIP_FEATURE: "this channel has no VIPs yet",
    Refusal.BLOCKED: "Twitch does not let you be VIP here",
    Refusal.USER_NOT_FOUND: "Twitch does not know that account any more",
    Refusal.PAUSED: "VIP for points is paused",
    Refusal.TOO_OLD: "it could not be given in time",
    Refusal.GIVEN_BACK: "it was given back",
    Refusal.DECLINED: "it was declined",
    Refusal.STILL_VIP: "you are VIP already",
    Refusal.NO_LONGER: "you have more time left than that gives",
    Refusal.UNTIL_STREAM_ENDS: "you are VIP until the stream ends",
    Refusal.NOT_LIVE: "it counts only while the stream is live",
    Refusal.TOO_FAR_AHEAD: "you have as much time ahead as one may have",
    Refusal.ON_BLOCK_LIST: "it is not open to you here",
    Refusal.TOO_SOON: "your last one was not long enough ago",
    Refusal.WAITED_FOR_SEAT: "no VIP seat came free in time",
    Refusal.NOT_APPROVED: "nobody got round to approving it",
    Refusal.UNRECORDED: "it is in no record",
}
_ENDED: Mapping[str, str] = {
    EndReason.EXPIRED: "the time is up",
    EndReason.BY_HAND: "it was ended early",
    EndReason.REMOVED_ON_TWITCH: "it was taken on Twitch",
    EndReason.SEAT_TAKEN: "the seat went to somebody else",
}
_OVER = "it has ended"
_KEEPS_VIP = frozenset({EndReason.MADE_PERMANENT, EndReason.GIVEN_ON_TWITCH, EndReason.LEFT})
"""Why we count somebody's time no longer, who is VIP all the same: of that the chat is told nothing."""
_REST = "the rest of the stream"


@dataclass(frozen=True, slots=True)
class ChatLine:
    """What is said of an event, if it is `on`."""

    event: Event
    on: bool
    template: str


@dataclass(frozen=True, slots=True)
class ChatSettings:
    """`lines` has those that the streamer has changed. A VIP "ends soon" so many minutes before its end. `answers`:
    whoever writes !vip is told what is left of theirs."""

    on: bool = False
    lines: tuple[ChatLine, ...] = ()
    soon_minutes: int = 10
    answers: bool = False

    def line(self, event: Event) -> ChatLine:
        """As it is, or as it is where nobody has changed it: that somebody became VIP and that it ends soon is said."""
        usual = ChatLine(event, event in (Event.STARTED, Event.ENDS_SOON), TEMPLATES[event])
        return next((one for one in self.lines if one.event is event), usual)

    @property
    def told(self) -> frozenset[Event]:
        return frozenset(event for event in Event if self.on and self.line(event).on)

    @property
    def answering(self) -> bool:
        return self.on and self.answers

    def with_lines(self, lines: Sequence[ChatLine]) -> "ChatSettings":
        return replace(self, lines=tuple(lines))


def scopes_for(chat: ChatSettings, *, by_webhook: bool) -> frozenset[str]:
    """What Twitch is to be asked for, beside what managing a channel needs."""
    if not chat.on:
        return frozenset()
    return WRITE | (_reading(by_webhook) if chat.answers else frozenset())


def allowed(account: Account | None, chat: ChatSettings, *, by_webhook: bool) -> bool:
    """Whether the stored token allows all that is turned on."""
    return _has(account, scopes_for(chat, by_webhook=by_webhook))


def may_say(account: Account | None) -> bool:
    return _has(account, WRITE)


def listens(account: Account | None, chat: ChatSettings, *, by_webhook: bool) -> bool:
    """Whether what viewers write is to be heard."""
    return chat.answering and _has(account, WRITE | _reading(by_webhook))


def parse_line(event: Event, on: bool, template: object) -> ChatLine:
    """What is off and empty is the usual one, off. Raises InvalidInput, whose field is the event."""
    text = str(template).strip() or ("" if on else TEMPLATES[event])
    if not text:
        raise InvalidInput(event, "Write what is to be said, or turn it off.")
    if len(text) > LONGEST_TEMPLATE:
        raise InvalidInput(event, "A message has at most {most, number} characters.", most=LONGEST_TEMPLATE)
    if any(_unseen(one) for one in text):
        raise InvalidInput(event, "A message is one line of text, without line breaks or hidden characters.")
    if text.startswith(_COMMANDS):
        raise InvalidInput(event, "A message can't begin with / or a dot: Twitch takes that for a command.")
    named = _VARIABLE.findall(text)
    if set("{}") & set(_VARIABLE.sub("", text)):
        raise InvalidInput(event, "A curly bracket is open, or closed, that has no other one. They are for variables.")
    for name in named:
        if name not in VARIABLES[event]:
            raise InvalidInput(
                event, "Here is no variable {name}. There are: {names}.", name=f"{{{name}}}", names=_names(event)
            )
    return ChatLine(event, on, text)


def parse_soon(value: object) -> int:
    """Minutes. Raises InvalidInput."""
    try:
        minutes = int(str(value).strip())
    except ValueError:
        minutes = 0
    if not SHORTEST_SOON <= minutes <= LONGEST_SOON:
        raise InvalidInput(
            "soon_minutes",
            "Type whole minutes, from {least, number} to {most, number}.",
            least=SHORTEST_SOON,
            most=LONGEST_SOON,
        )
    return minutes


def worth_saying(notice: Notice, session: VipSession | None) -> bool:
    """Whether it is still so when its turn has come. `session` is the one that it tells of; of an end it is the one
    that the viewer has by now. None: there is none, or it is not known, and what was told counts."""
    match notice.event:
        case Event.STARTED | Event.EXTENDED:
            return session is None or session.state in (SessionState.GRANTING, SessionState.ACTIVE)
        case Event.ENDS_SOON:
            return session is None or (session.state is SessionState.ACTIVE and session.expires_at == notice.until)
        case Event.ENDED:
            again = session is not None and session.state is SessionState.ACTIVE
            return notice.reason not in _KEEPS_VIP and not again
        case Event.REFUSED:
            return True


def fill(
    template: str, notice: Notice, channel_name: str, session: VipSession | None = None, *, kept: bool = False
) -> str:
    """What is said, in at most 500 characters, and never something that Twitch would take for a command; empty where
    nothing is left. What a template names and nobody knows is left out. `kept`: the points can't go back."""
    open_end = session is not None and session.clock is VipClock.STREAM and notice.until is None
    values = {
        "viewer": notice.username or notice.login,
        "hours": _REST if open_end or not notice.hours else span(timedelta(hours=notice.hours)),
        "left": _left(notice, session),
        "reward": notice.reward or "a gift",
        "points": f"{notice.cost:,}",
        "channel": channel_name,
        "reason": reason(notice, kept=kept),
    }
    return sayable(_VARIABLE.sub(lambda part: values.get(part[1], ""), template))


def reason(notice: Notice, *, kept: bool = False) -> str:
    """In a few words, as they stand in the middle of a sentence; with a refusal, that the points go back, unless Twitch
    has `kept` them."""
    if notice.event is not Event.REFUSED:
        return _ENDED.get(notice.reason, _OVER)
    words = _REFUSED.get(notice.reason)
    if words is None:
        return "it came to nothing"
    return words if kept else f"{words}, {_BACK}"


def span(time: timedelta) -> str:
    """As "2 days", "24 h", "2 h 14 min"; less than a minute counts as one."""
    minutes = max(1, round(time.total_seconds() / 60))
    if minutes > 48 * 60:
        days, rest = divmod(round(minutes / 60), 24)
        return f"{days} days {rest} h" if rest else f"{days} days"
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{rest} min"
    return f"{hours} h {rest} min" if rest else f"{hours} h"


def sayable(text: str) -> str:
    """One line that Twitch takes: without control characters, no command, and cut between words where it is long."""
    line = " ".join("".join(" " if _unseen(one) else one for one in text).split())
    line = line.lstrip("/. ")
    if len(line) <= LONGEST:
        return line
    cut = line[: LONGEST - 1]
    return f"{cut.rpartition(' ')[0] or cut}…"


def _unseen(character: str) -> bool:
    """What breaks a line, or turns the direction of what follows. Joiners of emoji are none of these."""
    return unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") or character in _TURNS


def _left(notice: Notice, session: VipSession | None) -> str:
    """By the end as it was when it happened: a message that has waited for its turn does not say "23 h 59 min". Where
    hours stand and there is no end, all that stand."""
    if notice.until is not None:
        return span(notice.until - notice.at)
    hours = notice.hours
    if session is not None and session.clock is VipClock.STREAM:
        hours = 0.0
    elif session is not None and session.standing:
        hours = session.left
    return span(timedelta(hours=hours)) if hours else _REST


def _names(event: Event) -> str:
    return " ".join(f"{{{name}}}" for name in VARIABLES[event])


def _reading(by_webhook: bool) -> frozenset[str]:
    return READ_AS_APP if by_webhook else READ


def _has(account: Account | None, scopes: frozenset[str]) -> bool:
    return account is not None and account.tokens is not None and account.tokens.scopes >= scopes
