"""Looks back: what happened in a channel, a page at a time, or all of it as a file."""

import csv
import io
from collections.abc import AsyncGenerator, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from vip_manager.domain.audit import AuditEntry
from vip_manager.domain.days import zone_of
from vip_manager.domain.history import TOPICS, Wanted, parse_days, parse_topic
from vip_manager.domain.terms import parse_login
from vip_manager.ports import Store, Twitch
from vip_manager.services.activity import activity_line
from vip_manager.services.by_name import by_name
from vip_manager.services.pictures import ActivityLine
from vip_manager.services.refused import Refused
from vip_manager.services.written import hours_text

PAGE = 50
BATCH = 500
COLUMNS = (
    "time",
    "action",
    "viewer id",
    "viewer login",
    "viewer name",
    "hours",
    "until",
    "points",
    "reward",
    "reason",
    "by id",
    "by name",
    "through",
    "request",
)
_TEMPTS = ("=", "+", "-", "@", "\t", "\r", "\n")
"""A spreadsheet takes a cell that begins so for a formula (https://owasp.org/www-community/attacks/CSV_Injection)."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is wanted, as an address says it: `kind` a Topic, `who` a Twitch name, `first` and `last` days in the time
    zone `zone` (IANA's name; UTC where there is none such). What is empty asks nothing."""

    kind: str = ""
    who: str = ""
    first: str = ""
    last: str = ""
    zone: str = ""


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """`older` and `newer` name the line that the page on that side is beside; empty: there is none. `unknown`: nobody
    of the name that was asked for is known, here or on Twitch."""

    lines: list[ActivityLine] = field(default_factory=list)
    older: str = ""
    newer: str = ""
    unknown: bool = False


class History:
    """Its callers have checked that the person may see the channel."""

    def __init__(self, store: Store, twitch: Twitch) -> None:
        self._store = store
        self._twitch = twitch

    async def page(self, channel_id: str, asked: Asked, *, older_than: str = "", newer_than: str = "") -> HistoryPage:
        """Next to a line, or the newest. Raises InvalidInput, StoreError; TwitchError where it is not known here who is
        meant."""
        wanted = await self.wanted(channel_id, asked)
        if wanted is None:
            return HistoryPage(unknown=True)
        audit = self._store.audit
        if newer_than and not older_than:
            found = await audit.page(channel_id, wanted, PAGE + 1, newer_than=newer_than)
            if len(found) > PAGE:
                shown = found[1:]
                return await self._shown(channel_id, shown, older=shown[-1].id, newer=shown[0].id)
            # The first page is a whole one, whatever has happened since.
        elif older_than:
            found = await audit.page(channel_id, wanted, PAGE + 1, older_than=older_than)
            if found:
                return await self._downwards(channel_id, found, newer=found[0].id)
        return await self._downwards(channel_id, await audit.page(channel_id, wanted, PAGE + 1), newer="")

    async def wanted(self, channel_id: str, asked: Asked) -> Wanted | None:
        """None: nobody of that name is known. Raises InvalidInput, StoreError, TwitchError."""
        topic = parse_topic(asked.kind)
        since, until = parse_days(asked.first, asked.last, zone_of(asked.zone))
        person_id = await self._person(channel_id, parse_login(asked.who)) if asked.who else ""
        if person_id is None:
            return None
        return Wanted(TOPICS[topic] if topic else frozenset(), person_id, since, until)

    async def file(self, channel_id: str, wanted: Wanted | None) -> AsyncGenerator[bytes, None]:
        """All that is wanted as CSV (RFC 4180), newest first, as it is read. Raises StoreError, also in the middle."""
        # Without the mark a spreadsheet takes UTF-8 for something else.
        yield b"\xef\xbb\xbf" + _rows([COLUMNS])
        owner = await self._owner(channel_id)
        last = ""
        while wanted is not None:
            found = await self._store.audit.page(channel_id, wanted, BATCH, older_than=last)
            if found:
                yield _rows(_row(_named(entry, owner)) for entry in found)
            if len(found) < BATCH:
                return
            last = found[-1].id

    async def _downwards(self, channel_id: str, found: list[AuditEntry], *, newer: str) -> HistoryPage:
        shown = found[:PAGE]
        return await self._shown(channel_id, shown, older=shown[-1].id if len(found) > PAGE else "", newer=newer)

    async def _shown(self, channel_id: str, entries: list[AuditEntry], *, older: str, newer: str) -> HistoryPage:
        owner = await self._owner(channel_id)
        return HistoryPage([activity_line(_named(entry, owner)) for entry in entries], older, newer)

    async def _owner(self, channel_id: str) -> str:
        channel = await self._store.channels.get(channel_id)
        return channel.username if channel else ""

    async def _person(self, channel_id: str, login: str) -> str | None:
        """By what is stored first: it knows those who have another name now, and asks nobody."""
        channel = await self._store.channels.get(channel_id)
        if channel is not None:
            named = {one.login.lower(): one.id for one in channel.team} | {channel.login.lower(): channel.id}
            if login in named:
                return named[login]
        found = await self._store.redemptions.viewer(channel_id, login)
        if found := found or await self._store.sessions.viewer(channel_id, login):
            return found
        try:
            return (await by_name(self._twitch, channel_id, login)).id
        except Refused:
            return None


def _named(entry: AuditEntry, owner: str) -> AuditEntry:
    """Lines about sign-ins know whose they are by the id alone, and are in the log of that person's own channel."""
    if entry.actor_name or entry.actor_id != entry.channel_id:
        return entry
    return replace(entry, actor_name=owner)


def _rows(rows: Iterable[Iterable[Any]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def _row(entry: AuditEntry) -> list[str]:
    detail = entry.detail
    hours = detail.get("hours")
    return [
        _moment(entry.at),
        entry.action.value,
        _harmless(entry.subject_id),
        _harmless(detail.get("login", "")),
        _harmless(entry.subject_name),
        hours_text(hours) if isinstance(hours, int | float) else "",
        _until(detail.get("until", "")),
        str(detail["cost"]) if isinstance(detail.get("cost"), int) else "",
        _harmless(detail.get("reward", "")),
        _harmless(detail.get("reason") or detail.get("error") or ""),
        _harmless(entry.actor_id),
        _harmless(entry.actor_name),
        "api" if activity_line(entry).through else "",
        _harmless(detail.get("request", "")),
    ]


def _moment(at: datetime) -> str:
    """2026-03-29T18:14:03Z"""
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _until(value: object) -> str:
    """As moments are written; what is none stays as it is."""
    try:
        return _moment(datetime.fromisoformat(str(value)))
    except ValueError:
        return _harmless(value)


def _harmless(value: object) -> str:
    text = str(value)
    return f"'{text}" if text.startswith(_TEMPTS) else text
