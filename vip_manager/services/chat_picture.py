"""What is said in chat as the staff sees it, and how that does."""

from dataclasses import dataclass, field
from enum import StrEnum

from vip_manager.domain.account import Account
from vip_manager.domain.chat import CHAT, ChatSettings, allowed, may_say
from vip_manager.domain.notice import Event
from vip_manager.domain.outbox import Outbox, Standing, Why
from vip_manager.services.written import millis

_SEVERAL = 3
_PASSING = frozenset({Why.UNREACHABLE, Why.TOO_MANY, Why.SILENT, Why.TOO_LATE})
"""That one message is lost for it harms nothing, and nobody can do anything about it."""


class ChatIs(StrEnum):
    """NOT_ALLOWED: Twitch was not asked yet, or the streamer said no. FAILING: the last messages did not arrive, or one
    did not for a reason that does not pass."""

    OFF = "off"
    WELL = "well"
    NOT_ALLOWED = "not_allowed"
    FAILING = "failing"


@dataclass(frozen=True, slots=True)
class StaffChatLine:
    event: str
    on: bool
    template: str


@dataclass(frozen=True, slots=True)
class StaffChat:
    """`allowed`: Twitch lets us do all that is turned on, `may_say` that messages are sent. Times are milliseconds
    since 1970, 0 for never; `error` is an outbox.Why of the last message that did not arrive, where none has since."""

    on: bool = False
    answers: bool = False
    soon_minutes: int = 10
    lines: list[StaffChatLine] = field(default_factory=list)
    allowed: bool = True
    may_say: bool = False
    said_at: int = 0
    failed_at: int = 0
    error: str = ""

    @staticmethod
    def of(chat: ChatSettings, account: Account | None, outbox: Outbox | None, *, by_webhook: bool) -> "StaffChat":
        stands = _standing(outbox)
        fails = _fails(stands, account)
        return StaffChat(
            on=chat.on,
            answers=chat.answers,
            soon_minutes=chat.soon_minutes,
            lines=[
                StaffChatLine(one.event.value, one.on, one.template) for one in (chat.line(event) for event in Event)
            ],
            allowed=allowed(account, chat, by_webhook=by_webhook),
            may_say=may_say(account),
            said_at=millis(stands.arrived_at),
            failed_at=millis(stands.failed_at) if fails else 0,
            error=stands.error if fails else "",
        )


def chat_is(chat: ChatSettings, account: Account | None, outbox: Outbox | None, *, by_webhook: bool) -> ChatIs:
    if not chat.on:
        return ChatIs.OFF
    if not allowed(account, chat, by_webhook=by_webhook):
        return ChatIs.NOT_ALLOWED
    stands = _standing(outbox)
    lasts = stands.failures >= _SEVERAL or stands.error not in _PASSING
    return ChatIs.FAILING if lasts and _fails(stands, account) else ChatIs.WELL


def _fails(stands: Standing, account: Account | None) -> bool:
    """That it was not allowed is over with a sign-in that allows it."""
    return stands.failures > 0 and not (stands.error == Why.NO_PERMISSION and may_say(account))


def _standing(outbox: Outbox | None) -> Standing:
    return outbox.standing(CHAT) if outbox else Standing(CHAT)
