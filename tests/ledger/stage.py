"""One Twitch and one program in this process, and all that befalls both. Time stands still unless it is moved."""

import asyncio
import functools
import logging
import tempfile
from collections.abc import Awaitable, Callable, Collection, Coroutine, Iterator, MutableMapping
from contextlib import contextmanager, suppress
from contextvars import Context
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import structlog

from tests.crash.books import Books
from tests.house import HandClock, House
from tests.ledger.place import Place
from tests.ledger.wire import LOST_COMMIT, Killed, Mishap, Mortal, OrderlyLoop, Wire, beside
from vip_manager.background import Listeners
from vip_manager.bootstrap import adapters
from vip_manager.domain.terms import InvalidInput, RewardTerms
from vip_manager.ports import (
    ChannelEvent,
    Listening,
    RedemptionEvent,
    StoreError,
    StreamHint,
    TwitchError,
    TwitchRedemption,
    TwitchStatus,
    VipHint,
)
from vip_manager.services.access import Person
from vip_manager.services.container import Services
from vip_manager.services.refused import Refused
from vip_manager.simulator.app import create_simulator
from vip_manager.simulator.moments import from_rfc3339
from vip_manager.simulator.simulation import Simulation
from vip_manager.simulator.world import World
from vip_manager.twitch.client import TwitchClient
from vip_manager.twitch.pace import Pace

CHANNELS = {"streamer": "1001", "secondstreamer": "1002"}
HOURS = 3.0
TERMS = RewardTerms("VIP", 500, HOURS)
_BASE = "http://localhost:9"
_BEGINNING = datetime(2026, 3, 1, tzinfo=UTC)
_REDEMPTION = "channel.channel_points_custom_reward_redemption."
IN_VAIN = (Refused, InvalidInput, TwitchError, StoreError)
"""What may come of anything that is asked of the program."""
_ENOUGH = 10_000
"""Of a Pace: Twitch's own limits count by time that is moved by hand, and are met with their 429."""


class StillClock(HandClock):
    """Real time too moves by hand only. `wrong` is how far the program's machine is off; Twitch's is right."""

    def __init__(self) -> None:
        super().__init__()
        self.passed = timedelta()

    def true(self) -> datetime:
        return _BEGINNING + self.passed

    def real(self) -> datetime:
        return self.true() + self.wrong

    def monotonic(self) -> float:
        return (self.passed + self.ahead).total_seconds()


class MachineClock(StillClock):
    """Of one machine among several: it is wrong by itself."""

    def __init__(self, right: StillClock) -> None:
        super().__init__()
        self._right = right

    def true(self) -> datetime:
        return self._right.true()

    def now(self) -> datetime:
        return self.real() + self._right.ahead

    def jump(self, hours: float) -> None:
        self._right.jump(hours)


@dataclass
class Instance:
    """One program, and the life that it lives now."""

    house: House
    life: Mortal


class Stage:
    """`acting` says which instance of the program does what is asked of it, `house` and `life` are its own.

    `mail` holds the events that Twitch has sent and nobody has got yet; `shown` the removals of a badge, each
    (channel, user, moment), whose event the program has taken to the end, and when it had, by Twitch's clock; `began`
    what the program has begun to do beside what it is doing. `logins`: whose channels are connected."""

    def __init__(self, place: Place, logins: Collection[str] = tuple(CHANNELS)) -> None:
        self.place = place
        self.logins = logins
        self.clock = StillClock()
        self.mishaps: list[Mishap] = []
        self.mail: list[ChannelEvent] = []
        self.shown: dict[tuple[str, str, datetime], datetime] = {}
        self.began: list[asyncio.Task[None]] = []
        self.errors: list[str] = []
        self._seen = 0
        self._runner = asyncio.Runner(loop_factory=OrderlyLoop)
        world = World(real_now=self.clock.true, monotonic=self.clock.monotonic)
        self._twitch = create_simulator(world, told=self._told)
        self.sim: Simulation = self._twitch.state.simulation
        several = place.instances > 1
        clocks = [MachineClock(self.clock) if several else self.clock for _ in range(place.instances)]
        self.instances = [Instance(self._house(clock), Mortal()) for clock in clocks]
        self.acting = 0
        self._immortal: House | None = None
        _log_into(self.errors)
        self.run(self._open())

    @property
    def house(self) -> House:
        return self.instances[self.acting].house

    @property
    def life(self) -> Mortal:
        return self.instances[self.acting].life

    def run(self, work: Awaitable[Any]) -> Any:
        async def awaited() -> Any:
            return await work

        return self._runner.run(awaited())

    def attempt(self, work: Callable[[], Awaitable[Any]]) -> bool:
        """Whether it was done to the end: it may be refused, or be the program's last."""
        self.clock.passed += timedelta(seconds=10)
        done = False
        try:
            self.run(self._with_what_begins(work))
            done = True
        except IN_VAIN:
            pass
        except (Killed, BaseExceptionGroup):
            if not self._dead():
                raise
        dead = self._dead()
        for one in dead:
            self._restart(one)
        return done and not dead

    async def _with_what_begins(self, work: Callable[[], Awaitable[Any]]) -> None:
        try:
            await work()
        finally:
            while self.began:
                tasks, self.began = self.began, []
                ends = await asyncio.gather(*tasks, return_exceptions=True)
                for end in ends if not self._dead() else ():
                    if end is not None:
                        raise end

    def restart(self) -> None:
        """All that was in memory is gone, and what the program would do in its last moments reaches nobody."""
        self.life.dead = True
        self._restart(self.instances[self.acting])

    def _restart(self, one: Instance) -> None:
        acting, self.acting = self.acting, self.instances.index(one)
        with suppress(Killed, StoreError, TwitchError):
            self.run(one.house.leave())
        self.place.bury()
        self.run(self._start(one))
        self.attempt(self.begin)
        self.acting = acting

    def _dead(self) -> list[Instance]:
        return [one for one in self.instances if one.life.dead]

    async def begin(self) -> None:
        """What every start does: a sweep, and a look at what was missed."""
        await self.house.services.sweep.run()
        for login in self.logins:
            await self.hear(Listening(CHANNELS[login]))

    async def second(self) -> Services:
        """Those of another instance, which has the same data and a memory of its own; where the place is made for one,
        it has turns of its own too, and never dies."""
        if len(self.instances) > 1:
            return self.instances[1 - self.acting].house.services
        if self._immortal is None:
            self._immortal = self._house(self.clock)
            with self._watched(Mortal()):
                await self._immortal.start()
        return self._immortal.services

    def beside(self, work: Coroutine[Any, Any, None], how: str) -> "asyncio.Task[None]":
        """Work of an instance that may die of it while the one that acts lives on, and that holds none of its turns."""
        context = Context()
        context.run(beside.set, how)

        async def alone() -> None:
            with suppress(Killed):
                await work

        return asyncio.create_task(alone(), context=context)

    async def hear(self, event: ChannelEvent, services: Services | None = None) -> None:
        """As from the channel's socket, with all that follows from it. Raises StoreError where it could not be kept."""
        listeners = Listeners(services or self.house.services)
        not_kept: Exception | None = None
        try:
            async with asyncio.TaskGroup() as follow_ups:
                await listeners._heard(event, follow_ups)
        except* StoreError as in_vain:
            not_kept = in_vain.exceptions[0]
        if not_kept:
            raise not_kept
        if isinstance(event, VipHint) and event.removed_at:
            self.shown.setdefault((event.channel_id, event.user_id, event.removed_at), self.sim.world.now())

    def connect(self, login: str) -> bool:
        return self.attempt(lambda: self.house.connect(login))

    def pass_time(self, hours: float) -> None:
        """Domain time, for Twitch and for the program."""
        self.sim.world.offset_seconds += hours * 3600
        self.clock.jump(hours)

    def books(self, *, log: bool = True) -> Books:
        return self.place.books(log=log)

    def unsound(self) -> list[str]:
        """What `verify` finds in the stored data."""
        return [f"stored: {one.check}: {one.place}: {one.problem}" for one in self.run(self.house.wrong())]

    def close(self) -> None:
        for house in filter(None, (self._immortal, *(one.house for one in self.instances))):
            with suppress(Killed):
                self.run(house.close())
        self._runner.close()
        self.place.close()
        structlog.reset_defaults()

    async def _open(self) -> None:
        for one in self.instances:
            await one.house.http.aclose()
            one.house.http = httpx.AsyncClient(base_url=_BASE, transport=httpx.ASGITransport(self._twitch))
            await self._start(one)
        for login in self.logins:
            person = await self.house.connect(login)
            await self.house.services.rewards.create_reward(person, person.id, TERMS)

    async def _start(self, one: Instance) -> None:
        one.life = Mortal()
        with self._watched(one.life):
            await one.house.start()

    def _house(self, clock: StillClock) -> House:
        return House(_BASE, self.place.directory, clock, self.place.environment)

    @contextmanager
    def _watched(self, life: Mortal) -> Iterator[None]:
        """The program that starts meanwhile talks over a wire of ours, and its store has edges."""
        wire = Wire(self._twitch, life, self.mishaps, self.clock.true)
        slow = functools.partial(Pace, times=_ENOUGH)
        adapters.TwitchClient = functools.partial(  # type: ignore[attr-defined, assignment]
            TwitchClient, transport=wire, adds=slow(), removals=slow()
        )
        try:
            with self.place.edges(life):
                yield
        finally:
            adapters.TwitchClient = TwitchClient  # type: ignore[attr-defined]

    def _told(self) -> None:
        for line in self.sim.journal.lines_after(self._seen, 100, ["effect"]):
            event = self._event(line)
            if event is not None:
                self.mail.append(event)
        self._seen = self.sim.journal.newest

    def _event(self, line: dict[str, Any]) -> ChannelEvent | None:
        what = line["what"]
        if what.startswith(_REDEMPTION):
            return RedemptionEvent(self._redemption(line), what.endswith(".add"))
        if what in ("channel.vip.add", "channel.moderator.add", "channel.moderator.remove"):
            return VipHint(line["channel"], line["user"])
        if what in ("stream.online", "stream.offline"):
            since = self.sim.world.channel(line["channel"]).live_since
            return StreamHint(line["channel"], from_rfc3339(since) if since else None, self.sim.world.now())
        if what == "channel.vip.remove":
            return VipHint(line["channel"], line["user"], self.sim.world.now())
        return None

    def _redemption(self, line: dict[str, Any]) -> TwitchRedemption:
        one = self.sim.world.redemptions[line["redemption"]]
        user = self.sim.world.users[one.user_id]
        return TwitchRedemption(
            id=one.id,
            channel_id=one.channel_id,
            reward_id=one.reward_id,
            reward_title=one.reward_title,
            cost=one.cost,
            user_id=one.user_id,
            login=user.login,
            username=user.display_name,
            status=TwitchStatus(line["status"]),
            redeemed_at=from_rfc3339(one.redeemed_at),
        )


def fast_directory() -> tempfile.TemporaryDirectory[str]:
    """In memory, where the machine has such a place: a commit there waits for no disk."""
    return tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None)


def streamer(login: str) -> Person:
    return Person(CHANNELS[login], login, login, "", connected=True, reconnect=False)


def _log_into(errors: list[str]) -> None:
    """What the program could not deal with. That a clock is wrong, or the store out of reach, it may well say; and one
    that has died says nothing."""
    no_error = ("our clock and Twitch's differ", LOST_COMMIT, f"{Killed.__module__}.{Killed.__qualname__}: ")

    def keep(_logger: object, _level: str, event: MutableMapping[str, Any]) -> str:
        if not any(words in str(event) for words in no_error):
            errors.append(str(event))
        raise structlog.DropEvent

    structlog.configure(
        processors=[structlog.processors.format_exc_info, keep],
        wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR),
        cache_logger_on_first_use=False,
    )
