"""What the program says in a channel's chat, by the streamer's choice."""

from dataclasses import dataclass

from vip_manager.domain.notice import Event

CHAT = "chat"
"""As a target of notices."""


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
