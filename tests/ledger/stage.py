"""One Twitch and one program in this process, and all that befalls both. Time stands still unless it is moved."""

import asyncio
import functools
import logging
import sqlite3
import tempfile
from collections.abc import Awaitable, Callable, Collection, Iterator, MutableMapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import structlog

from tests.crash.books import Books, read_all_books
from tests.crash.steps import WatchedConnection
from tests.house import HandClock, House
from tests.ledger.wire import Killed, Mishap, Mortal, OrderlyLoop, Wire
from vip_manager import bootstrap
from vip_manager.background import Listeners
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
from vip_manager.services.gift import Refused
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


class Stage:
    """`mail` holds the events that Twitch has sent and nobody has got yet; `shown` the removals of a badge, each
    (channel, user, moment), whose event the program has taken to the end, and when it had, by Twitch's clock; `began`
    what the program has begun to do beside what it is doing. `logins`: whose channels are connected."""

    def __init__(self, directory: Path, logins: Collection[str] = tuple(CHANNELS)) -> None:
        self.directory = directory
        self.logins = logins
        self.clock = StillClock()
        self.mishaps: list[Mishap] = []
        self.mail: list[ChannelEvent] = []
        self.shown: dict[tuple[str, str, datetime], datetime] = {}
        self.began: list[asyncio.Task[None]] = []
        self.life = Mortal()
        self.errors: list[str] = []
        self._seen = 0
        self._runner = asyncio.Runner(loop_factory=OrderlyLoop)
        world = World(real_now=self.clock.true, monotonic=self.clock.monotonic)
        self._twitch = create_simulator(world, told=self._told)
        self.sim: Simulation = self._twitch.state.simulation
        self.house = House(_BASE, directory, self.clock)
        self._second: House | None = None
        _log_into(self.errors)
        self.run(self._open())

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
            if not self.life.dead:
                raise
        if self.life.dead:
            self.restart()
            return False
        return done

    async def _with_what_begins(self, work: Callable[[], Awaitable[Any]]) -> None:
        try:
            await work()
        finally:
            while self.began:
                tasks, self.began = self.began, []
                ends = await asyncio.gather(*tasks, return_exceptions=True)
                for end in ends if not self.life.dead else ():
                    if end is not None:
                        raise end

    def restart(self) -> None:
        """All that was in memory is gone, and what the program would do in its last moments reaches nobody."""
        self.life.dead = True
        with suppress(Killed, StoreError, TwitchError):
            self.run(self.house.leave())
        self.run(self._start())
        self.attempt(self.begin)

    async def begin(self) -> None:
        """What every start does: a sweep, and a look at what was missed."""
        await self.house.services.sweep.run()
        for login in self.logins:
            await self.hear(Listening(CHANNELS[login]))

    async def second(self) -> Services:
        """Those of another instance, which has the same data and a memory and turns of its own, and never dies."""
        if self._second is None:
            self._second = House(_BASE, self.directory, self.clock)
            life = Mortal()
            with _watched(self._wire(life), life):
                await self._second.start()
        return self._second.services

    async def hear(self, event: ChannelEvent, services: Services | None = None) -> None:
        """As from the channel's socket, with all that follows from it."""
        listeners = Listeners(services or self.house.services)
        async with asyncio.TaskGroup() as follow_ups:
            await listeners._heard(event, follow_ups)
        if isinstance(event, VipHint) and event.removed_at:
            self.shown.setdefault((event.channel_id, event.user_id, event.removed_at), self.sim.world.now())

    def connect(self, login: str) -> bool:
        return self.attempt(lambda: self.house.connect(login))

    def pass_time(self, hours: float) -> None:
        """Domain time, for Twitch and for the program."""
        self.sim.world.offset_seconds += hours * 3600
        self.clock.jump(hours)

    def books(self) -> Books:
        return read_all_books(self.directory)

    def unsound(self) -> list[str]:
        """What `verify` finds in the stored data."""
        return [f"stored: {one.check}: {one.place}: {one.problem}" for one in self.run(self.house.wrong())]

    def close(self) -> None:
        for house in filter(None, (self._second, self.house)):
            with suppress(Killed):
                self.run(house.close())
        self._runner.close()
        structlog.reset_defaults()

    async def _open(self) -> None:
        await self.house.http.aclose()
        self.house.http = httpx.AsyncClient(base_url=_BASE, transport=httpx.ASGITransport(self._twitch))
        await self._start()
        for login in self.logins:
            person = await self.house.connect(login)
            await self.house.services.rewards.create_reward(person, person.id, TERMS)

    async def _start(self) -> None:
        self.life = Mortal()
        with _watched(self._wire(self.life), self.life):
            await self.house.start()

    def _wire(self, life: Mortal) -> Wire:
        return Wire(self._twitch, life, self.mishaps, self.clock.true)

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


@contextmanager
def _watched(wire: Wire, steps: Mortal) -> Iterator[None]:
    """The program that starts meanwhile talks over that wire, and its store has edges."""
    connect = sqlite3.connect
    slow = functools.partial(Pace, times=_ENOUGH)
    bootstrap.TwitchClient = functools.partial(  # type: ignore[attr-defined, assignment]
        TwitchClient, transport=wire, adds=slow(), removals=slow()
    )
    watched = functools.partial(WatchedConnection, steps)
    # The program opens it in a thread of its own, whose work an OrderlyLoop does itself.
    sqlite3.connect = functools.partial(connect, factory=watched, check_same_thread=False)  # type: ignore[assignment]
    try:
        yield
    finally:
        bootstrap.TwitchClient = TwitchClient  # type: ignore[attr-defined]
        sqlite3.connect = connect


def _log_into(errors: list[str]) -> None:
    """What the program could not deal with. That a clock is wrong it may well say."""

    def keep(_logger: object, _level: str, event: MutableMapping[str, Any]) -> str:
        if event["event"] != "our clock and Twitch's differ":
            errors.append(str(event))
        raise structlog.DropEvent

    structlog.configure(
        processors=[structlog.processors.format_exc_info, keep],
        wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR),
        cache_logger_on_first_use=False,
    )
