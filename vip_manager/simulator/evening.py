"""A busy evening: the script of a stream and its redemptions, and the clockwork that plays it.

The same seed and the same people make the same evening. It lives in memory and ends with the process.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

NEWCOMERS = (
    "mira",
    "jonas",
    "pixelpenguin",
    "kai",
    "tidewalker",
    "luna_lou",
    "gravelgus",
    "nebulanora",
    "oddsocks",
    "teapotter",
    "quietquinn",
    "rustyhinge",
    "sundial_sue",
    "moss_and_fern",
)
"""Who comes by during an evening, where there is nobody of that name yet."""

PACE = ((0.12, 3), (0.32, 12), (0.48, 22), (0.75, 8), (0.96, 15))
"""By which share of the evening how many redemptions more: it starts slowly, and there are two rushes."""
REDEMPTIONS = sum(count for _, count in PACE)
LONGEST_LIST_OF_REGULARS = 24
OFTEN = 4


class Do(StrEnum):
    LIVE = "live"
    ARRIVE = "arrive"
    REDEEM = "redeem"
    OFFLINE = "offline"


@dataclass(frozen=True, slots=True)
class Beat:
    """`at` is the share of the evening that has passed, 0 to 1; `viewer` a login."""

    at: float
    do: Do
    viewer: str = ""


def script(seed: int, regulars: Sequence[str], moderator: str = "", vip: str = "") -> list[Beat]:
    """In order of time. `regulars` are there already; `moderator` and `vip` redeem once each, to see what happens."""
    chance = random.Random(seed)  # noqa: S311  (a story, no secret)
    newcomers = [name for name in NEWCOMERS if name not in regulars]
    fresh = [*chance.sample(list(regulars), min(len(regulars), LONGEST_LIST_OF_REGULARS)), *newcomers]
    chance.shuffle(fresh)
    moments = _moments(chance)
    guests = {chance.randrange(10, 25): moderator, chance.randrange(25, 45): vip}
    beats = [Beat(0.0, Do.LIVE)]
    seen: list[str] = []
    for number, at in enumerate(moments):
        viewer = guests.get(number, "") or _who(chance, fresh, seen)
        if viewer in newcomers and viewer not in seen:
            beats.append(Beat(at, Do.ARRIVE, viewer))
        if viewer not in (moderator, vip):
            seen.append(viewer)
        beats.append(Beat(at, Do.REDEEM, viewer))
    return [*beats, Beat(1.0, Do.OFFLINE)]


def _moments(chance: random.Random) -> list[float]:
    begin, moments = 0.02, []
    for end, count in PACE:
        moments += sorted(chance.uniform(begin, end) for _ in range(count))
        begin = end
    return moments


def _who(chance: random.Random, fresh: list[str], seen: list[str]) -> str:
    """Somebody for the first time, somebody again, or the one before at once again."""
    dice = chance.random()
    if seen and dice < 0.12:
        return seen[-1]
    if fresh and (not seen or dice < 0.62):
        return fresh.pop()
    return chance.choice(sorted(who for who in set(seen) if seen.count(who) < OFTEN) or seen)


class Evening:
    """One evening of one channel. `play` does a beat and says whether Twitch let it happen; `sleep` takes seconds."""

    def __init__(
        self,
        beats: Sequence[Beat],
        seconds: float,
        play: Callable[[Beat], bool],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._beats = beats
        self._seconds = seconds
        self._play = play
        self._sleep = sleep
        self.total = sum(beat.do is Do.REDEEM for beat in beats)
        self.redeemed = 0
        self.refused = 0
        self.running = True

    async def run(self) -> None:
        """One that is cut short plays its last beat all the same, as a channel must not stay live for good."""
        try:
            before = 0.0
            for beat in self._beats:
                await self._sleep((beat.at - before) * self._seconds)
                before = beat.at
                self._count(beat, self._play(beat))
        except asyncio.CancelledError:
            self._play(self._beats[-1])
            raise
        finally:
            self.running = False

    def _count(self, beat: Beat, done: bool) -> None:
        if beat.do is Do.REDEEM:
            self.redeemed += done
            self.refused += not done


class Evenings:
    """At most one a channel."""

    def __init__(self) -> None:
        self._of: dict[str, Evening] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._begun = 0

    def next_seed(self) -> int:
        """So that a second evening is another one."""
        self._begun += 1
        return self._begun

    def of(self, channel_id: str) -> Evening | None:
        """The one that runs, or the last."""
        return self._of.get(channel_id)

    def start(self, channel_id: str, evening: Evening, over: Callable[[], None]) -> None:
        """Must be called in the running loop. `over` is called when the evening has ended, however it did."""

        def ended(task: asyncio.Task[None]) -> None:
            evening.running = False  # One that was stopped before its first step never came to say so itself.
            over()

        self._of[channel_id] = evening
        task = asyncio.get_running_loop().create_task(evening.run(), name=f"evening:{channel_id}")
        task.add_done_callback(ended)
        self._tasks[channel_id] = task

    def stop(self, channel_id: str) -> None:
        self._tasks[channel_id].cancel()
