"""Tries all that the reward needs, one thing after the other. Nothing is redeemed, and nobody becomes VIP."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum

import structlog

from vip_manager.domain.account import CHANNEL_SCOPES
from vip_manager.domain.audit import Action, AuditEntry
from vip_manager.domain.channel import Channel
from vip_manager.domain.rules import WhenFull
from vip_manager.domain.seats import least_left
from vip_manager.ports import (
    Clock,
    Conflict,
    NotFound,
    NotOurs,
    RateLimited,
    RateLimits,
    Store,
    StoreError,
    Twitch,
    TwitchError,
    Unauthorized,
)
from vip_manager.services.access import Person
from vip_manager.services.channels import ChannelService
from vip_manager.services.clocks import MOST_SKEW
from vip_manager.services.connections import Connections, Hearing
from vip_manager.services.health import not_too_often
from vip_manager.services.journal import line
from vip_manager.services.seats import SeatCount
from vip_manager.services.subscriptions import Subscriptions

log = structlog.get_logger(__name__)

PATIENCE = timedelta(seconds=10)
"""Real time that one step may take."""
LISTENS_AGAIN = 0.2
"""Seconds between two looks whether events come by now."""


class Check(StrEnum):
    """In their order."""

    KEY = "key"
    REWARD = "reward"
    EVENTS = "events"
    SEATS = "seats"
    CLOCK = "clock"
    STORE = "store"


NEEDS_KEY = frozenset({Check.REWARD, Check.EVENTS, Check.SEATS})


class Why(StrEnum):
    """What is not as it should be, or what is to be said of it (SAID)."""

    DEAD = "dead"
    SCOPES = "scopes"
    NO_REWARD = "no_reward"
    GONE = "gone"
    FOREIGN = "foreign"
    OFF = "off"
    PAUSED = "paused"
    QUEUE = "queue"
    DEAF = "deaf"
    FULL = "full"
    UNCOUNTED = "uncounted"
    LINE = "line"
    TAKES = "takes"
    CLOCK = "clock"
    STORE = "store"
    DOWN = "down"
    SLOW = "slow"
    LIMITED = "limited"
    REJECTED = "rejected"
    BROKEN = "broken"


SAID = frozenset({Why.UNCOUNTED, Why.LINE, Why.TAKES})
"""No reason to fail. UNCOUNTED: nobody knows how many seats there are. All are taken, and who redeems waits in LINE, or
TAKES somebody's, as the rules say."""


class Result(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Step:
    check: Check
    result: Result
    why: Why | None = None


@dataclass(frozen=True, slots=True)
class Passed:
    """All steps are green; `first`: they never were before, in this channel."""

    first: bool


class DryRun:
    """`subscriptions` where events come by webhook; `patience` and `sleep` are the tests' to change."""

    def __init__(
        self,
        store: Store,
        twitch: Twitch,
        clock: Clock,
        connections: Connections,
        channels: ChannelService,
        subscriptions: Subscriptions | None,
        seats: SeatCount,
        rates: RateLimits,
        *,
        patience: timedelta = PATIENCE,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._store = store
        self._twitch = twitch
        self._clock = clock
        self._connections = connections
        self._channels = channels
        self._subscriptions = subscriptions
        self._count = seats
        self._rates = rates
        self._patience = patience
        self._sleep = sleep
        self._looks: dict[Check, Callable[[Channel], Awaitable[Why | None]]] = {
            Check.KEY: self._key,
            Check.REWARD: self._reward,
            Check.EVENTS: self._events,
            Check.SEATS: self._seats,
            Check.CLOCK: self._agree,
            Check.STORE: self._kept,
        }

    async def run(self, person: Person, channel_id: str) -> AsyncGenerator[Step | Passed, None]:
        """Each step as soon as it is known; what needs the key is skipped where Twitch does not take it. At the end,
        where all is well, that is written down.

        Raises InvalidInput where it was done too often, or there is no channel; StoreError.
        """
        await not_too_often(self._rates, channel_id)
        channel = await self._channels.get(channel_id)
        steps: list[Step] = []
        for check, look in self._looks.items():
            if check in NEEDS_KEY and steps[0].result is Result.FAILED:
                step = Step(check, Result.SKIPPED)
            else:
                step = await self._bounded(check, look, channel)
            steps.append(step)
            yield step
        failed = [f"{one.check}: {one.why}" for one in steps if one.result is Result.FAILED]
        log.info("dry run", channel_id=channel_id, by=person.id, failed=failed)
        if all(one.result is Result.PASSED for one in steps):
            yield Passed(await self._welcomed(person, channel_id, Action.TESTED))

    async def skip(self, person: Person, channel_id: str) -> None:
        """The streamer does without. Raises InvalidInput, StoreError."""
        await self._welcomed(person, channel_id, Action.TEST_SKIPPED)

    async def _welcomed(self, person: Person, channel_id: str, action: Action) -> bool:
        """Whether that is news; then alone it leaves a line."""
        news: list[AuditEntry] = []

        def tell(before: Channel, after: Channel) -> list[AuditEntry]:
            news[:] = [line(channel_id, self._clock.now(), action, person)]
            return news

        await self._channels.change(channel_id, lambda one: replace(one, welcomed=True), tell)
        return bool(news)

    async def _bounded(self, check: Check, look: Callable[[Channel], Awaitable[Why | None]], channel: Channel) -> Step:
        try:
            async with asyncio.timeout(self._patience.total_seconds()):
                why = await look(channel)
        except TimeoutError:
            why = {Check.EVENTS: Why.DEAF, Check.STORE: Why.STORE}.get(check, Why.SLOW)
        except TwitchError as error:
            log.info("dry run", channel_id=channel.id, check=check, error=str(error))
            why = _why(error)
        except StoreError as error:
            log.info("dry run", channel_id=channel.id, check=check, error=str(error))
            why = Why.STORE
        except Exception:
            log.exception("a step of a dry run could not be done", channel_id=channel.id, check=check)
            why = Why.BROKEN
        return Step(check, Result.PASSED if why is None or why in SAID else Result.FAILED, why)

    async def _key(self, channel: Channel) -> Why | None:
        identity = await self._twitch.validate(channel.id)
        return None if identity.scopes >= CHANNEL_SCOPES else Why.SCOPES

    async def _reward(self, channel: Channel) -> Why | None:
        if not channel.channel_point_reward_id:
            return Why.NO_REWARD
        reward = await self._twitch.reward(channel.id, channel.channel_point_reward_id)
        if not channel.takes_redemptions:
            return Why.OFF
        if reward.skips_queue:
            return Why.QUEUE
        if reward.closed:
            return Why.FULL if channel.closed_for_full else Why.PAUSED
        return None

    async def _events(self, channel: Channel) -> Why | None:
        if self._subscriptions is not None:
            await self._subscriptions.ensure(channel.id)
        while (hearing := (await self._connections.current(channel.id)).hearing) is not Hearing.LIVE:
            if hearing is Hearing.RECONNECT:
                return Why.DEAD
            await self._sleep(LISTENS_AGAIN)
        return None

    async def _seats(self, channel: Channel) -> Why | None:
        free = (await self._count.counted(channel)).free(channel.rules)
        if free is None:
            return Why.UNCOUNTED
        if free:
            return None
        match channel.rules.when_full:
            case WhenFull.WAIT:
                return Why.LINE
            case WhenFull.TAKE_SEAT:
                live = await self._store.sessions.live(channel.id)
                return Why.TAKES if least_left(live, channel.rules, self._clock.now()) else Why.FULL
        return Why.FULL

    async def _agree(self, channel: Channel) -> Why | None:
        await self._twitch.knock()
        skew = self._twitch.skew()
        return None if skew is not None and abs(skew) <= MOST_SKEW else Why.CLOCK

    async def _kept(self, channel: Channel) -> Why | None:
        """The channel is written as it is, and read again."""
        while True:
            before = await self._channels.get(channel.id)
            try:
                await self._store.commit(before)
                break
            except Conflict:
                continue
        after = await self._channels.get(channel.id)
        return None if after.version != before.version else Why.STORE


def _why(error: TwitchError) -> Why:
    match error:
        case Unauthorized():
            return Why.DEAD
        case RateLimited():
            return Why.LIMITED
        case NotFound():
            return Why.GONE
        case NotOurs():
            return Why.FOREIGN
    return Why.DOWN if error.temporary else Why.REJECTED
