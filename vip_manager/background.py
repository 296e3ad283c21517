"""What runs without being asked: the clock, and one EventSub socket a connected channel where events come that way."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import aclosing, asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import structlog

from vip_manager.domain.reasons import Trouble
from vip_manager.ports import (
    ChannelEvent,
    Deaf,
    Listening,
    StoreError,
    StoreUnavailable,
    Unauthorized,
)
from vip_manager.services.changes import Note, Subscription
from vip_manager.services.connections import Hearing
from vip_manager.services.container import Services
from vip_manager.services.neighbours import Neighbours
from vip_manager.services.turns import Turn
from vip_manager.services.upkeep import EVERY as UPKEEP_EVERY

if TYPE_CHECKING:
    from apscheduler.schedulers.asyncio import AsyncIOScheduler

log = structlog.get_logger(__name__)

LISTEN_AGAIN_AFTER = timedelta(seconds=10)
LOOK_FOR_OTHERS = timedelta(minutes=1)
SOCKET_LASTS = timedelta(seconds=90)
"""So long after an instance is gone another one may take over its sockets."""
OVERLAPPING_TICKS = 4
CLOCK_POLL = timedelta(seconds=2)
OTHERS_POLL = timedelta(seconds=1)
"""What a command beside the server has changed shows this soon."""
CLOCK_JUMP = timedelta(seconds=5)
_PORT_POLL = timedelta(milliseconds=50)


@asynccontextmanager
async def running(
    services: Services,
    *,
    port: int,
    tick_seconds: float,
    others_version: Callable[[], Awaitable[int]] | None = None,
    neighbours: Neighbours | None = None,
    sockets: bool = True,
) -> AsyncIterator[None]:
    """Everything in the background, from the moment the port answers until the context ends.

    `others_version` changes when another program has changed what is stored; None where that can't be told.
    `neighbours`: other instances, who tell by themselves. `sockets`: events come over them, and not by webhook.
    """
    task = asyncio.create_task(_run(services, port, tick_seconds, others_version, neighbours, sockets))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _run(
    services: Services,
    port: int,
    tick_seconds: float,
    others_version: Callable[[], Awaitable[int]] | None,
    neighbours: Neighbours | None,
    sockets: bool,
) -> None:
    await _port_answers(port)
    # Nothing is due before, and nobody waits for the port any longer than for it.
    from apscheduler.schedulers.asyncio import AsyncIOScheduler

    if not (sockets or neighbours):
        await _all_due(services)
    scheduler = AsyncIOScheduler(timezone=UTC)
    now = datetime.now(UTC)
    # Ticks may overlap: a channel that is still busy is left to the earlier one. None is ever too late to run.
    options = {"args": [services], "next_run_time": now, "coalesce": True, "misfire_grace_time": None}
    if tick_seconds:
        scheduler.add_job(_sweep, "interval", seconds=tick_seconds, max_instances=OVERLAPPING_TICKS, **options)
    if not services.turns.shared:
        scheduler.add_job(_hourly, "interval", seconds=UPKEEP_EVERY.total_seconds(), **options)
    scheduler.start()
    try:
        async with asyncio.TaskGroup() as group:
            if sockets:
                group.create_task(Listeners(services).run())
            if neighbours is not None:
                group.create_task(neighbours.hear(services.changes, hears(services, group)))
                group.create_task(neighbours.watch(services.changes, services.reach.failed))
            group.create_task(_watch_clock(services, scheduler))
            group.create_task(services.herald.run())
            if others_version is not None:
                group.create_task(_watch_others(services, others_version))
    except Exception:
        # Whoever waits for this task does so when the program stops: too late to tell that nothing runs any more.
        log.exception("the background has ended")
        raise
    finally:
        scheduler.shutdown(wait=False)


def hears(services: Services, group: asyncio.TaskGroup) -> Callable[[str, Note], None]:
    """What is done with a note of another instance."""

    def told(channel_id: str, note: Note) -> None:
        services.connections.told(channel_id, note)
        group.create_task(services.access.told(channel_id, note))

    return told


async def _all_due(services: Services) -> None:
    """The only process catches up with every channel when it begins: Twitch gives up on what it could not post. One of
    many that come and go leaves that to each channel's own time."""
    try:
        for channel in await services.store.channels.all():
            await services.channels.due(channel.id, services.clock.now())
    except StoreError as error:
        log.error("catch-up is left to its time", error=str(error))
    except Exception:
        log.exception("catch-up is left to its time")


async def _watch_clock(services: Services, scheduler: "AsyncIOScheduler") -> None:
    """The scheduler counts by the clock on the wall. Where that is set, its jobs, and what was put off, are due now."""
    expected = time.time() - time.monotonic()
    while True:
        await asyncio.sleep(CLOCK_POLL.total_seconds())
        found = time.time() - time.monotonic()
        if abs(found - expected) < CLOCK_JUMP.total_seconds():
            continue
        log.warning("the clock was set", seconds=round(found - expected, 1))
        expected = found
        try:
            await services.reconcile.resume_all()
        except Exception:
            log.exception("put-off work not resumed")
        for job in scheduler.get_jobs():
            job.modify(next_run_time=datetime.now(UTC))


async def _watch_others(services: Services, others_version: Callable[[], Awaitable[int]]) -> None:
    """Another program's changes are not in this one's feed, and which channels they are in is not told: all of them
    count as changed."""
    known: int | None = None
    while True:
        try:
            found = await others_version()
            if known is not None and found != known:
                for channel in await services.store.channels.all():
                    services.changes.announce(channel.id)
            known = found
        except StoreError as error:
            log.info("others' changes not seen", error=str(error))
        except Exception:
            log.exception("others' changes not seen")
        await asyncio.sleep(OTHERS_POLL.total_seconds())


async def _port_answers(port: int) -> None:
    """In the sandbox Twitch is on the same port, so nothing may be asked of it before."""
    while True:
        with suppress(OSError):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.close()
            await writer.wait_closed()
            return
        await asyncio.sleep(_PORT_POLL.total_seconds())


async def _sweep(services: Services) -> None:
    try:
        await services.sweep.run()
    except StoreError as error:
        log.error("sweep stopped", error=str(error))
    except Exception:
        log.exception("sweep failed")


async def _hourly(services: Services) -> None:
    await services.upkeep.run()


class Listeners:
    """Keeps one listener for every channel that we may act for, as channels come and go."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._live: set[str] = set()
        """Channels whose subscriptions stand."""
        self._answering: set[str] = set()
        """Channels whose viewers are answered in chat."""

    async def run(self) -> None:
        try:
            async with self._services.changes.subscribed() as changed, asyncio.TaskGroup() as group:
                group.create_task(self._all_into(changed))
                while True:
                    channel_id = await changed.get()
                    if not await self._guarded(self._ensure(channel_id)):
                        # Kept in the feed, so that the next change, or the one after the pause, tries again.
                        changed.add(channel_id)
                        await asyncio.sleep(LISTEN_AGAIN_AFTER.total_seconds())
        finally:
            for task in self._tasks.values():
                task.cancel()
            await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def _all_into(self, changed: Subscription) -> None:
        """At the start every channel counts as changed; and now and then, where other instances can connect one, or
        delete one that is listened to here."""
        while True:
            try:
                for channel_id in {
                    *(channel.id for channel in await self._services.store.channels.all()),
                    *self._tasks,
                }:
                    changed.add(channel_id)
                if not self._services.turns.shared:
                    return
                await asyncio.sleep(LOOK_FOR_OTHERS.total_seconds())
                continue
            except StoreError as error:
                log.error("listeners wait for the store", error=str(error))
            except Exception:
                log.exception("the channels can't be listed")
            await asyncio.sleep(LISTEN_AGAIN_AFTER.total_seconds())

    async def _guarded(self, work: Awaitable[None]) -> bool:
        """One channel's unreadable record, or a store's hiccup, must not stop the listening of the others."""
        try:
            await work
        except StoreUnavailable as error:
            log.error("listeners wait for the store", error=str(error))
            return False
        except Exception:
            log.exception("a listener could not be started")
        return True

    async def _ensure(self, channel_id: str) -> None:
        task = self._tasks.get(channel_id)
        listens = task is not None and not task.done()
        channel = await self._services.store.channels.get(channel_id)
        if channel is None or channel.left:
            # Also where its tokens are not given back yet.
            self._tasks.pop(channel_id, None)
            self._live.discard(channel_id)
            if task is not None and listens:
                log.info("listened to no more", channel_id=channel_id)
                task.cancel()
            if listens and channel is not None:
                # Should they come back, nobody is heard until then.
                self._services.connections.heard(channel_id, Hearing.CONNECTING)
            return
        if listens:
            self._reconnected(channel_id)
            if channel.chat.answering or channel_id in self._answering:
                (self._answering.add if channel.chat.answering else self._answering.discard)(channel_id)
                self._services.twitch.hear_chat(channel_id)
            return
        account = await self._services.store.accounts.get(channel_id)
        if account is None or not account.may_manage:
            self._tasks.pop(channel_id, None)
            return
        self._tasks[channel_id] = asyncio.create_task(self._listen(channel_id))

    def _reconnected(self, channel_id: str) -> None:
        """Subscriptions can outlive the tokens they were made with: after a new sign-in nothing has to be made anew."""
        connections = self._services.connections
        if channel_id in self._live and connections.of(channel_id).hearing is Hearing.CONNECTING:
            connections.heard(channel_id, Hearing.LIVE)

    async def _listen(self, channel_id: str) -> None:
        """One socket a channel, of all that there are in all instances: Twitch would tell each of everything."""
        services = self._services
        while True:
            dead = held = False
            try:
                async with services.turns.of("eventsub", channel_id, wait=False, lasts=SOCKET_LASTS) as turn:
                    held = True
                    await self._until_lost(turn, self._hear(channel_id))
            except* Unauthorized:
                dead = True
            except* Exception as errors:
                self._live.discard(channel_id)
                if held:
                    log.exception("listener failed", channel_id=channel_id)
                    services.connections.heard(channel_id, Hearing.CONNECTING, Trouble.UNAVAILABLE)
                else:
                    # Another instance listens, or the store does not say.
                    log.debug("not listening", channel_id=channel_id, error=str(errors.exceptions[0]))
            if dead:
                self._live.discard(channel_id)
                await self._guarded(services.accounts.lost(channel_id))
                return
            await asyncio.sleep(LISTEN_AGAIN_AFTER.total_seconds())

    async def _hear(self, channel_id: str) -> None:
        """For as long as Twitch takes our word. Raises Unauthorized."""
        async with asyncio.TaskGroup() as follow_ups, aclosing(self._services.twitch.events(channel_id)) as events:
            async for event in events:
                await self._heard(event, follow_ups)

    async def _until_lost(self, turn: Turn, work: Coroutine[Any, Any, None]) -> None:
        async with asyncio.TaskGroup() as group:
            listening = group.create_task(work)
            losing = group.create_task(turn.lost.wait())
            await asyncio.wait((listening, losing), return_when=asyncio.FIRST_COMPLETED)
            listening.cancel()
            losing.cancel()

    async def _heard(self, event: ChannelEvent, follow_ups: asyncio.TaskGroup) -> None:
        match event:
            case Listening(channel_id):
                self._live.add(channel_id)
            case Deaf(channel_id):
                self._live.discard(channel_id)
        await self._services.events.heard(event, follow_ups.create_task)
