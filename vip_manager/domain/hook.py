"""Webhooks of the streamer's: addresses that are told what happens."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from vip_manager.domain.notice import Event

MOST_HOOKS = 5


class HookForm(StrEnum):
    """JSON: our own body, signed. DISCORD: a message as Discord's webhooks take it."""

    JSON = "json"
    DISCORD = "discord"


@dataclass(frozen=True, slots=True)
class Hook:
    """`url` is a secret: whoever has a Discord webhook's may post there. Empty where it can't be read any more.
    `number` counts how often its signing secret was made anew."""

    id: str
    form: HookForm
    made_at: datetime
    url: str = field(default="", repr=False)
    events: frozenset[Event] = frozenset()
    on: bool = True
    number: int = 0
