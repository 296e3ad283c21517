"""`python -m vip_manager doctor`: settings, store, Twitch, clock, subscriptions, a line each. It looks, beside a
running server or without one, and changes nothing."""

import time
from collections.abc import AsyncIterator, Awaitable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from vip_manager.bootstrap.adapters import open_store, sqlite_file, stamp, twitch_client, webhook_of
from vip_manager.clock import clock_of
from vip_manager.domain.account import Account
from vip_manager.domain.channel import Channel
from vip_manager.ports import Rejected, Store, StoreError, TwitchError
from vip_manager.services.clocks import MOST_SKEW
from vip_manager.settings import Settings
from vip_manager.store.local_secret import BadLocalSecret
from vip_manager.store.lock import holder
from vip_manager.store.sqlite.examine import examine
from vip_manager.twitch.client import TwitchClient


class Mark(StrEnum):
    """NOTE: nothing is wrong, and there is something to know."""

    OK = "ok"
    NOTE = "note"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Line:
    mark: Mark
    part: str
    says: str

    def __str__(self) -> str:
        return f"{self.mark:<5} {self.part}: {self.says}"


async def examined(settings: Settings) -> AsyncIterator[Line]:
    """Never raises for what is wrong outside: that is a line."""
    yield _settings(settings)
    pid = None
    if not settings.google_cloud_project:
        line, pid = _file(settings)
        yield line
    opened = None
    try:
        opened = await open_store(settings, existing=True) if await _may_open(settings) else None
        if opened is not None and settings.google_cloud_project:
            yield await _timed("store", opened.ping(), "Firestore")
    except (StoreError, BadLocalSecret, OSError) as error:
        if settings.google_cloud_project:
            yield Line(Mark.BAD, "store", str(error))
    try:
        async for line in _outside(settings, opened, pid):
            yield line
    finally:
        if opened is not None:
            await opened.close()


def _settings(settings: Settings) -> Line:
    mode = "sandbox" if settings.sandbox else f"Twitch application {settings.twitch_client_id}"
    kept = f"Firestore in {settings.google_cloud_project}" if settings.google_cloud_project else settings.data_dir
    return Line(
        Mark.OK, "settings", f"{mode}, {settings.public_url}, data in {kept}, events by {settings.eventsub_transport}"
    )


def _file(settings: Settings) -> tuple[Line, int | None]:
    """Of the store on this machine; and which process serves it, if one does."""
    path = sqlite_file(settings)
    try:
        pid = holder(settings.data_dir)
        by = "no server runs on it" if pid is None else f"process {pid or 'unknown'} serves it"
        if not path.exists():
            return Line(Mark.NOTE, "store", f"no data in {settings.data_dir} yet; {by}"), pid
        found = examine(path, stamp(settings))
    except (StoreError, OSError) as error:
        return Line(Mark.BAD, "store", str(error)), None
    size = path.stat().st_size / 1e6
    if found.version < found.knows:
        says = f"{path}, sound; data version {found.version}, which the next start brings to {found.knows}; {by}"
        return Line(Mark.NOTE, "store", says), pid
    return Line(Mark.OK, "store", f"{path}, {size:.1f} MB, sound, data version {found.version}; {by}"), pid


async def _may_open(settings: Settings) -> bool:
    """To open a file of an earlier version would bring it up to date, and that of another program would be refused."""
    if settings.google_cloud_project:
        return True
    try:
        found = examine(sqlite_file(settings), stamp(settings))
    except StoreError:
        return False
    return found.version == found.knows


async def _outside(settings: Settings, store: Store | None, pid: int | None) -> AsyncIterator[Line]:
    accounts, channels = await _served(store)
    if settings.sandbox and pid is None:
        yield Line(Mark.NOTE, "twitch", "the sandbox's Twitch is part of the program, which does not run")
        for line in _channels(accounts, channels):
            yield line
        return
    # Where there is no data yet, nobody's token is asked for.
    nobody: Any = None
    twitch = twitch_client(settings, nobody if store is None else store, clock_of(None))
    try:
        asked = await _timed("twitch", twitch.knock(), settings.twitch_api_url)
        yield asked
        if asked.mark is Mark.OK:
            yield await _credentials(twitch)
            yield _clock(twitch)
        for line in _channels(accounts, channels):
            yield line
        if asked.mark is Mark.OK:
            able = [channel for channel in channels if accounts[channel.id].may_manage]
            async for line in _subscriptions(settings, twitch, able):
                yield line
    finally:
        await twitch.aclose()


async def _timed(part: str, asked: Awaitable[None], what: str) -> Line:
    began = time.monotonic()
    try:
        await asked
    except (StoreError, TwitchError) as error:
        return Line(Mark.BAD, part, f"{what} does not answer: {error}")
    return Line(Mark.OK, part, f"{what} answers in {(time.monotonic() - began) * 1000:.0f} ms")


async def _credentials(twitch: TwitchClient) -> Line:
    """A token of the application's own is asked for, and used."""
    try:
        await twitch.resolve_logins(["twitch"])
    except Rejected as error:
        return Line(Mark.BAD, "twitch", f"it does not take TWITCH_CLIENT_ID with TWITCH_CLIENT_SECRET: {error}")
    except TwitchError as error:
        return Line(Mark.BAD, "twitch", f"whether it takes TWITCH_CLIENT_ID could not be found out: {error}")
    return Line(Mark.OK, "twitch", "it takes TWITCH_CLIENT_ID with TWITCH_CLIENT_SECRET")


def _clock(twitch: TwitchClient) -> Line:
    skew = twitch.skew()
    if skew is None:
        return Line(Mark.NOTE, "clock", "Twitch's answer does not say what time it is there")
    seconds, most = skew.total_seconds(), MOST_SKEW.total_seconds()
    says = f"Twitch's is {abs(seconds):.0f} s {'ahead of' if seconds > 0 else 'behind'} ours"
    if abs(skew) > MOST_SKEW:
        return Line(Mark.BAD, "clock", f"{says}; beyond {most:.0f} s nobody is made VIP and none ends")
    return Line(Mark.OK, "clock", says)


async def _served(store: Store | None) -> tuple[dict[str, Account], list[Channel]]:
    """Of those who have not left; a channel without an account is for `verify` to tell."""
    if store is None:
        return {}, []
    accounts = {account.id: account for account in await store.accounts.all()}
    return accounts, [one for one in await store.channels.all() if one.leaving is None and one.id in accounts]


def _channels(accounts: dict[str, Account], channels: list[Channel]) -> list[Line]:
    dead = [channel.login for channel in channels if not accounts[channel.id].may_manage]
    behind = [channel.login for channel in channels if channel.behind]
    if not channels:
        return [Line(Mark.NOTE, "channels", "none is connected")]
    found = [Line(Mark.OK, "channels", f"{len(channels) - len(dead)} of {len(channels)} let us act for them")]
    if dead:
        found = [Line(Mark.BAD, "channels", f"{', '.join(dead)}: the owner has to sign in with Twitch again")]
    if behind:
        found.append(Line(Mark.NOTE, "channels", f"{', '.join(behind)}: restored, and not compared with Twitch yet"))
    return found


async def _subscriptions(settings: Settings, twitch: TwitchClient, channels: list[Channel]) -> AsyncIterator[Line]:
    webhook = webhook_of(settings)
    if webhook is None:
        says = "over sockets, which the running program holds; the page Health says of each channel whether it is heard"
        yield Line(Mark.OK, "subscriptions", says)
        return
    hooks = twitch.webhook_subscriptions(webhook)
    for channel in channels:
        try:
            found = await hooks.standing(channel.id)
        except TwitchError as error:
            yield Line(Mark.BAD, "subscriptions", f"{channel.login}: could not be listed: {error}")
            continue
        wrong = [f"{kind} {status}" for kind, status in sorted(found.failed.items())]
        wrong += [f"{kind} missing" for kind in sorted(found.missing)]
        waits = [f"{kind} waits to be verified" for kind in sorted(found.pending)]
        mark = Mark.BAD if wrong else Mark.NOTE if waits else Mark.OK
        says = "; ".join([f"{len(found.enabled)} stand", *wrong, *waits])
        yield Line(mark, "subscriptions", f"{channel.login}: {says}")
