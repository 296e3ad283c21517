"""One channel with its reward, a viewer, and all that a fault and a hand on Twitch can do to them."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.crash.books import Books, Document
from tests.ledger.judge import Known
from tests.ledger.place import SqlitePlace
from tests.ledger.stage import CHANNELS, Stage
from tests.ledger.wire import Mishap
from tests.services.faults import messages
from vip_manager.background import Listeners
from vip_manager.domain.audit import Action
from vip_manager.ports import ChannelEvent, Deaf, Listening
from vip_manager.services.access import Person
from vip_manager.services.connections import Hearing
from vip_manager.services.container import Services
from vip_manager.services.pictures import StaffPicture
from vip_manager.simulator import control_actions
from vip_manager.simulator.records import FULFILLED, Channel
from vip_manager.simulator.wish import Wish

CHANNEL = "streamer"
CHANNEL_ID = CHANNELS[CHANNEL]
STREAMER = "Streamer"
VIEWER, VIEWER_ID, VIEWER_NAME = "viewer1", "3001", "Viewer1"
A_MINUTE = timedelta(minutes=1)
OF_THE_CHANNEL = frozenset({Action.DISCONNECTED, Action.CONNECTED, Action.REWARD_LOST})
"""Lines of the log that are about no viewer, and that a row names."""


class Scene:
    """Time stands still but for ten seconds before each thing that the program does. `redemption_id` is the last
    one's; `deaths` counts how often the program was killed."""

    def __init__(self, directory: Path) -> None:
        self.stage = Stage(SqlitePlace(directory), [CHANNEL])
        self.known = Known(shown=self.stage.shown)
        self.redemption_id = ""
        self.deaths = 0
        self._lines = 0
        self._points = self.channel.points(VIEWER_ID)
        self._mishaps: list[tuple[Mishap, int]] = []
        self.stage.attempt(self.stage.begin)
        self.opens()

    def opens(self) -> None:
        """The log is a row's from here on; what was told before is heard or lost."""
        self.stage.mail.clear()
        self._lines = len(self.stage.books().log)

    @property
    def channel(self) -> Channel:
        return self.stage.sim.world.channel(CHANNEL_ID)

    @property
    def points_spent(self) -> int:
        """By the viewer, in all."""
        return self._points - self.channel.points(VIEWER_ID)

    @property
    def cost_of_fulfilled(self) -> int:
        """What the viewer has paid for, by what Twitch says of each redemption."""
        every = self.stage.sim.world.redemptions.values()
        return sum(one.cost for one in every if one.user_id == VIEWER_ID and one.status == FULFILLED)

    @property
    def badge(self) -> str:
        """By whom the viewer is VIP on Twitch: "api", "hand" or nobody."""
        badge = self.channel.vips.get(VIEWER_ID)
        return badge.by if badge else ""

    @property
    def books(self) -> Books:
        return self.stage.books()

    @property
    def redemption(self) -> Document | None:
        return self.books.redemptions.get(self.redemption_id)

    @property
    def session(self) -> Document | None:
        """The viewer's latest."""
        return next((one for one in reversed(self.books.sessions.values()) if one["userId"] == VIEWER_ID), None)

    @property
    def log(self) -> list[Document]:
        """Since the scene opened, oldest first: about the viewer, and what a row names about the channel."""
        return [
            line
            for line in self.books.log[self._lines :]
            if line["subjectId"] == VIEWER_ID or (line["channelId"] == CHANNEL_ID and line["action"] in OF_THE_CHANNEL)
        ]

    @property
    def picture(self) -> StaffPicture:
        picture: StaffPicture = self.stage.run(self.stage.house.services.board.staff(CHANNEL_ID))
        return picture

    def attempt(self, work: Callable[[], Awaitable[Any]]) -> bool:
        """Whether the program did it to the end. Where it dies of it, it is started again."""
        life = self.stage.life
        done = self.stage.attempt(work)
        self.deaths += life is not self.stage.life
        return done

    def redeem(self, *, heard: bool = True) -> ChannelEvent:
        """The viewer does; returns the event that tells of it."""
        before = len(self.stage.mail)
        self.redemption_id = self.by_hand("redeem", channel=CHANNEL, viewer=VIEWER)["id"]
        event = self.stage.mail.pop(before)
        if heard:
            self.hear(event)
        return event

    def hear(self, event: ChannelEvent) -> None:
        self.attempt(lambda: self.stage.hear(event))

    def hear_all(self) -> None:
        """What Twitch has told of meanwhile, in its order."""
        mail, self.stage.mail[:] = list(self.stage.mail), []
        for event in mail:
            self.hear(event)

    def hear_all_later(self) -> None:
        """When what was put off is due."""
        self.stage.pass_time(0.1)
        self.hear_all()

    def hear_twice(self, event: ChannelEvent) -> None:
        """Both at the same moment."""

        async def both() -> None:
            await asyncio.gather(self.stage.hear(event), self.stage.hear(event))

        self.attempt(both)

    def hear_messages(self, *message_ids: str) -> None:
        """The event of the last redemption, in so many messages of a socket."""
        world = self.stage.sim.world
        said = [messages.redeemed(world, world.redemptions[self.redemption_id], one) for one in message_ids]

        async def read() -> None:
            async with asyncio.TaskGroup() as follow_ups:
                async for event in messages.events(CHANNEL_ID, said):
                    await Listeners(self.stage.house.services)._heard(event, follow_ups)

        self.attempt(read)

    def sweep_twice(self) -> None:
        """Both at the same moment."""
        sweep = self.stage.house.services.sweep

        async def both() -> None:
            await asyncio.gather(sweep.run(), sweep.run())

        self.attempt(both)

    def redeem_at(self, call: str, work: Callable[[], Awaitable[object]]) -> None:
        """The viewer does, and it is heard, when that work is about to send that call."""
        hearing: list[asyncio.Task[None]] = []

        async def heard() -> None:
            hearing.append(asyncio.create_task(self.stage.hear(self.redeem(heard=False))))
            while self.redemption is None:
                await asyncio.sleep(0)

        async def both() -> None:
            await work()
            await asyncio.gather(*hearing)

        self.at_once(call, heard)
        self.attempt(both)

    def lose_mail(self) -> None:
        self.stage.mail.clear()

    def listen(self) -> None:
        """The line to Twitch stands (again)."""
        self.hear(Listening(CHANNEL_ID))

    def at_word(self, word: Callable[[Services, Person], Awaitable[object]]) -> None:
        """What the streamer says on the dashboard."""

        async def said() -> None:
            services = self.stage.house.services
            person = await services.access.named(CHANNEL_ID)
            assert person is not None
            await word(services, person)

        self.attempt(said)

    def restart(self) -> None:
        self.stage.restart()
        self.deaths += 1

    def deaf(self) -> None:
        """The line to Twitch is lost."""
        self.hear(Deaf(CHANNEL_ID, "the connection broke"))

    def lose_the_line_over(self, event: ChannelEvent) -> None:
        """The listener can't take that event, and says so; it will make the line anew."""
        services = self.stage.house.services

        async def told(channel_id: str) -> AsyncGenerator[ChannelEvent, None]:
            yield event

        async def listened() -> None:
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(services.twitch, "events", told)
                listening = asyncio.create_task(Listeners(services)._listen(CHANNEL_ID))
                while services.connections.of(CHANNEL_ID).hearing is not Hearing.CONNECTING:
                    await asyncio.sleep(0)
                listening.cancel()
                await asyncio.gather(listening, return_exceptions=True)

        assert self.attempt(listened)
        self.stage.errors.remove(next(error for error in self.stage.errors if "listener failed" in error))

    def sweep(self) -> None:
        self.attempt(self.stage.house.services.sweep.run)

    def later(self, hours: float) -> None:
        self.stage.pass_time(hours)
        self.sweep()

    def over(self) -> None:
        """The viewer's hours are, and the sweep that ends them has nothing else to do."""
        self.nearly_over()
        self.later(2 * A_MINUTE / timedelta(hours=1))

    def nearly_over(self) -> None:
        """A minute before the end, if it is that far off."""
        self.later(max(self.left - A_MINUTE, timedelta()) / timedelta(hours=1))

    @property
    def left(self) -> timedelta:
        """Until the viewer's hours are over."""
        assert self.session is not None
        clock = self.stage.clock
        return datetime.fromisoformat(self.session["expiresAt"]) - clock.now() + clock.wrong

    def calm(self) -> None:
        """Nothing is wrong any more, every event arrives, and a while passes."""
        self.heal()
        self.hear_all()
        self.later(1 / 60)
        self.later(16 / 60)

    def heal(self) -> None:
        self.stage.mishaps.clear()
        self.stage.life.be_calm()
        if self.stage.clock.wrong:
            self.clock_is_off(0)
        self.stage.run(self.stage.house.heal_twitch())

    def found_out(self) -> None:
        """A while passes until it is known that a badge is gone, and more than a minute until it is known why."""
        self.later(0.2)
        self.later(0.05)

    def calm_and_found_out(self) -> None:
        self.calm()
        self.found_out()

    def sign_in(self, hours: float = 24) -> None:
        """Twitch takes no token any more; after so many hours the streamer signs in again."""
        self.later(hours)
        self.heal()
        assert self.attempt(self.connect)
        self.listen()
        self.calm()

    async def connect(self) -> None:
        await self.stage.house.connect(CHANNEL)

    def by_hand(self, action: str, **wish: Any) -> Any:
        """On Twitch, a second later."""
        self.stage.clock.passed += timedelta(seconds=1)
        return control_actions.ACTIONS[action](self.stage.sim, Wish(wish))

    def fault(self, method: str, path: str, do: str, times: int, **more: Any) -> None:
        """By the simulator's rules."""
        self.stage.run(self.stage.house.fault(method, path, do, times, **more))

    def mishap(self, method: str, path: str, do: str, times: int) -> None:
        """On the way."""
        mishap = Mishap(method, path, do, times)
        self._mishaps.append((mishap, times))
        self.stage.mishaps.append(mishap)

    def at(self, call: str, happen: Callable[[], None]) -> None:
        """At the moment when the program is about to send that call."""

        async def happening() -> None:
            happen()

        self.at_once(call, happening)

    def at_once(self, call: str, happen: Callable[[], Awaitable[None]]) -> None:
        """The same, of what takes time itself."""
        self.stage.life.meanwhile(call, happen)

    def clock_is_off(self, seconds: int) -> None:
        """The machine's own, from Twitch's: it is set, and the background notices."""
        self.stage.clock.wrong = timedelta(seconds=seconds)
        self.attempt(self.stage.house.services.reconcile.resume_all)

    def dies_at(self, edge: str) -> None:
        self.stage.life.dies_at = edge

    def store_refuses(self, edge: str, words: str) -> None:
        self.stage.life.refuses, self.stage.life.refuses_with = edge, words

    def unmet(self) -> list[str]:
        """Faults that did not come about."""
        life = self.stage.life
        rules = self.stage.run(self.stage.house.faults())
        return [
            *(f"{rule['method']} {rule['path']} {rule['do']}" for rule in rules if not rule["hits"]),
            *(f"{one.method} {one.path} {one.do}" for one, times in self._mishaps if one.times == times),
            *filter(None, [life.dies_at, life.refuses]),
            *life.expected,
        ]

    def close(self) -> None:
        with suppress(Exception):
            self.stage.run(self.stage.house.heal_twitch())
        self.stage.close()
