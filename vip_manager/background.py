"""What runs without being asked: the clock, and one EventSub socket a connected channel."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import aclosing, asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from vip_manager.domain.reasons import Trouble
from vip_manager.ports import Deaf, Listening, RedemptionEvent, Revoked, StoreError, TwitchError, Unauthorized, VipHint
from vip_manager.services.connections import Hearing
from vip_manager.services.container import Services

log = structlog.get_logger(__name__)

VALIDATE_EVERY = timedelta(hours=1)
LISTEN_AGAIN_AFTER = timedelta(seconds=10)
_PORT_POLL = timedelta(milliseconds=50)


@asynccontextmanager
async def running(services: Services, *, port: int, tick_seconds: float) -> AsyncIterator[None]:
    """Everything in the background, from the moment the port answers until the context ends."""
    task = asyncio.create_task(_run(services, port, tick_seconds))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _run(services: Services, port: int, tick_seconds: float) -> None:
    await _port_answers(port)
    scheduler = AsyncIOScheduler(timezone=UTC)
    now = datetime.now(UTC)
    if tick_seconds:
        scheduler.add_job(
            _sweep, "interval", seconds=tick_seconds, args=[services], next_run_time=now, max_instances=1, coalesce=True
        )
    scheduler.add_job(_hourly, "interval", seconds=VALIDATE_EVERY.total_seconds(), args=[services], next_run_time=now)
    scheduler.start()
    try:
        await Listeners(services).run()
    finally:
        scheduler.shutdown(wait=False)


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
    try:
        await services.accounts.resolve_allowed()
        await services.accounts.validate_all()
        await services.access.sweep()
    except (StoreError, TwitchError) as error:
        log.error("hourly work stopped", error=str(error))
    except Exception:
        log.exception("hourly work failed")


class Listeners:
    """Keeps one listener for every channel that we may act for, as channels come and go."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._tasks: dict[str, asyncio.Task[None]] = {}

    async def run(self) -> None:
        try:
            async with self._services.changes.subscribed() as changed:
                for channel in await self._services.store.channels.all():
                    await self._ensure(channel.id)
                while True:
                    await self._ensure(await changed.get())
        finally:
            for task in self._tasks.values():
                task.cancel()
            await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def _ensure(self, channel_id: str) -> None:
        task = self._tasks.get(channel_id)
        if task is not None and not task.done():
            return
        account = await self._services.store.accounts.get(channel_id)
        if account is None or not account.may_manage:
            self._tasks.pop(channel_id, None)
            return
        self._tasks[channel_id] = asyncio.create_task(self._listen(channel_id))

    async def _listen(self, channel_id: str) -> None:
        services = self._services
        while True:
            dead = False
            try:
                async with asyncio.TaskGroup() as follow_ups, aclosing(services.twitch.events(channel_id)) as events:
                    async for event in events:
                        await self._heard(event, follow_ups)
            except* Unauthorized:
                dead = True
            except* Exception:
                log.exception("listener failed", channel_id=channel_id)
                services.connections.heard(channel_id, Hearing.CONNECTING, Trouble.UNAVAILABLE)
            if dead:
                await services.accounts.lost(channel_id)
                return
            await asyncio.sleep(LISTEN_AGAIN_AFTER.total_seconds())

    async def _heard(self, event: object, follow_ups: asyncio.TaskGroup) -> None:
        """Writes down what is a fact before the next event is read; what takes time follows beside it."""
        services = self._services
        match event:
            case Listening(channel_id):
                services.connections.heard(channel_id, Hearing.LIVE)
                follow_ups.create_task(_follow_up(services.reconcile.heal(channel_id)))
            case Deaf(channel_id, error):
                log.warning("no events from Twitch", channel_id=channel_id, error=error)
                services.connections.heard(channel_id, Hearing.CONNECTING, Trouble.UNAVAILABLE)
            case RedemptionEvent(redemption, added=True):
                if await services.intake.receive(redemption):
                    follow_ups.create_task(_follow_up(services.grant.redemption(redemption.id)))
            case RedemptionEvent(redemption):
                follow_ups.create_task(_follow_up(services.reconcile.settled_elsewhere(redemption.id)))
            case VipHint(channel_id, user_id):
                follow_ups.create_task(_follow_up(services.reconcile.look(channel_id, user_id)))
            case Revoked(channel_id, status):
                log.warning("subscription revoked", channel_id=channel_id, status=status)


async def _follow_up(work: Awaitable[object]) -> None:
    """What fails here stays due: the next sweep takes it up."""
    try:
        await work
    except (TwitchError, StoreError) as error:
        log.info("left to the next sweep", error=str(error))
    except Exception:
        log.exception("left to the next sweep")
