"""Webhooks of the streamer's: addresses that are told what happens."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from urllib.parse import SplitResult, urlsplit

from vip_manager.domain.notice import Event
from vip_manager.domain.terms import InvalidInput

MOST_HOOKS = 5
LONGEST_NAME = 40
LONGEST_ADDRESS = 450
"""Shorter than what is read of a form's field: one that was cut there is refused, and not taken for another."""
_DISCORD = frozenset({"discord.com", "discordapp.com"})
_DISCORD_SIDES = ("ptb.", "canary.")
_HOST = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+")


class HookForm(StrEnum):
    """JSON: our own body, signed. DISCORD: a message as Discord's webhooks take it."""

    JSON = "json"
    DISCORD = "discord"


@dataclass(frozen=True, slots=True)
class Hook:
    """`url` is a secret: whoever has a Discord webhook's may post there. Empty where it can't be read any more.
    `number` counts how often its signing secret was made anew. `stopped` is the outbox.Why for which we turned it off,
    empty where somebody else did. `name` is what the streamer calls it, which may be nothing."""

    id: str
    form: HookForm
    made_at: datetime
    url: str = field(default="", repr=False)
    events: frozenset[Event] = frozenset()
    on: bool = True
    number: int = 0
    stopped: str = ""
    name: str = ""

    @property
    def host(self) -> str:
        """All of its address that is shown."""
        return (urlsplit(self.url).hostname or "") if self.url else ""


def parse_address(value: object) -> str:
    """As it is stored: https, the host in ASCII and in lower case. Any port may be named: what is no TLS server there
    hears nothing of us but a greeting. Raises InvalidInput."""
    text = str(value).strip()
    if not text or len(text) > LONGEST_ADDRESS or not text.isprintable() or " " in text or "\\" in text:
        raise InvalidInput("url", "Give the whole address, of at most {most, number} characters.", most=LONGEST_ADDRESS)
    try:
        parts = urlsplit(text)
        host, port = _ascii(parts.hostname or ""), parts.port
    except ValueError:
        raise InvalidInput("url", "That is no address that we can post to.") from None
    if parts.scheme.lower() != "https":
        raise InvalidInput("url", "The address has to begin with https://.")
    if "@" in parts.netloc or "#" in text:
        raise InvalidInput("url", "Leave out names, passwords and whatever comes after a #.")
    if not _HOST.fullmatch(host) or len(host) > 253 or host.rpartition(".")[2].isdigit() or port == 0:
        raise InvalidInput("url", "That is no address that we can post to. It needs the name of a public server.")
    return _built(parts, host, port)


def parse_name(value: object) -> str:
    """Raises InvalidInput."""
    text = " ".join(str(value).split())
    if len(text) > LONGEST_NAME or not text.isprintable():
        raise InvalidInput("name", "A name has at most {most, number} characters.", most=LONGEST_NAME)
    return text


def _ascii(host: str) -> str:
    """Raises ValueError."""
    return host.lower().removesuffix(".").encode("idna").decode() if host else ""


def _built(parts: SplitResult, host: str, port: int | None) -> str:
    if not f"{parts.path}{parts.query}".isascii():
        raise InvalidInput("url", "That is no address that we can post to.")
    place = host if port in (None, 443) else f"{host}:{port}"
    return f"https://{place}{parts.path or '/'}" + (f"?{parts.query}" if parts.query else "")


def form_of(url: str) -> HookForm:
    """Discord's own are known by their address."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    for side in _DISCORD_SIDES:
        host = host.removeprefix(side)
    known = host in _DISCORD and parts.path.startswith("/api/") and "/webhooks/" in parts.path
    return HookForm.DISCORD if known else HookForm.JSON


def parse_events(values: Iterable[object]) -> frozenset[Event]:
    """Raises InvalidInput where none is chosen."""
    given = list(values)
    found = frozenset(event for event in Event if event in given)
    if not found:
        raise InvalidInput("events", "Choose at least one thing to be told of.")
    return found
