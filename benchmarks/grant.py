"""From a redemption to Twitch being asked for its VIP: `python -m benchmarks.grant`.

The product is posted a redemption, and the stub of Twitch, in the process that measures, notes when the call comes that
makes the viewer VIP. Before that call the product has checked the signature, committed the redemption, looked on Twitch
whether the viewer is VIP already, and committed the intent: without these no crash could be made up for. The yardstick
is a script on the same server that checks the signature and sends the call.

- *idle*: one after the other, each in a channel of its own turn;
- *under load*: so many a second over so many channels, for as long as Twitch lets a channel add (10 in 10 s). Beside
  that it settles each redemption, which the script does not.
"""

import asyncio
import itertools
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks import bare
from benchmarks.channels import KEY, Served, served
from benchmarks.posts import Line, at_pace, post, redemption, share
from benchmarks.rows import Row, table

CHANNELS = 100
RATE = 200.0
BURST = 5.0
"""Seconds: ten in each channel."""
PAUSE = 11.0
"""Seconds until Twitch lets a channel add again."""
ONE_BY_ONE = 60
ROUNDS = 2
FIRST_VIEWER = 1_000_000
PATIENCE = 120.0


class Clocked:
    """Notes for each viewer when the post went out, and when the call came."""

    def __init__(self, here: Served) -> None:
        self._here = here
        self._channels = itertools.cycle(here.channel_ids)
        self._viewers = itertools.count(FIRST_VIEWER)
        self._sent: dict[str, float] = {}
        self._arrived: dict[str, asyncio.Event] = {}
        self.took: list[float] = []
        here.twitch.added = self._added

    def _added(self, viewer: str) -> None:
        self.took.append(time.perf_counter() - self._sent.pop(viewer))
        self._arrived.pop(viewer).set()

    def next(self) -> tuple[bytes, Callable[[], None], asyncio.Event]:
        viewer = str(next(self._viewers))
        request = post(KEY, redemption(0, next(self._channels), viewer))
        arrived = self._arrived[viewer] = asyncio.Event()

        def sent() -> None:
            self._sent[viewer] = time.perf_counter()

        return request, sent, arrived

    async def all_arrived(self) -> None:
        async with asyncio.timeout(PATIENCE):
            while self._arrived:
                await asyncio.sleep(0.01)

    def read(self) -> list[float]:
        """What came since the last time; seconds."""
        took, self.took = self.took, []
        return took


async def one_by_one(clocked: Clocked, port: int) -> list[float]:
    line = await Line.to(port)
    for _ in range(ONE_BY_ONE):
        request, sent, arrived = clocked.next()
        sent()
        await line.ask(request)
        await arrived.wait()
        await asyncio.sleep(0.02)
    line.close()
    return clocked.read()


async def burst(clocked: Clocked, here: Served, port: int, rate: float) -> tuple[list[float], float]:
    """How long each took, and seconds until Twitch had been asked for the last, and all was calm again."""
    began = time.perf_counter()
    await at_pace(port, clocked.next, rate, BURST)
    await clocked.all_arrived()
    passed = time.perf_counter() - began
    await here.twitch.quiet(1.0)
    return clocked.read(), passed


async def rows() -> list[Row]:
    with tempfile.TemporaryDirectory() as directory:
        async with served(Path(directory), CHANNELS) as here:
            with bare.running("sent", key=KEY, twitch=f"{here.twitch_url}/helix") as port:
                return await _measured(here, port)


async def _measured(here: Served, port: int) -> list[Row]:
    clocked = Clocked(here)
    idle: tuple[list[float], list[float]] = ([], [])
    for number in range(2 * ROUNDS + 2):
        took = await one_by_one(clocked, (here.product.port, port)[number % 2])
        if number > 1:
            idle[number % 2].extend(took)
    ours, theirs = (share(one, 0.5) * 1000 for one in idle)
    print(f"idle: {ours:.2f} ms, the script {theirs:.2f} ms", flush=True)
    await asyncio.sleep(PAUSE)
    loaded: tuple[list[float], list[float]] = ([], [])
    speeds: list[float] = []
    for number in range(2 * ROUNDS):
        took, passed = await burst(clocked, here, (here.product.port, port)[number % 2], RATE)
        loaded[number % 2].extend(took)
        if not number % 2:
            speeds.append(len(took) / passed)
            print(f"{len(took)} in {passed:.1f} s, p50 {share(took, 0.5) * 1000:.0f} ms", flush=True)
        elif number + 1 < 2 * ROUNDS:
            await asyncio.sleep(max(PAUSE - passed, 0.0))
    our_median, their_median = (share(one, 0.5) * 1000 for one in loaded)
    return [
        Row("redemption to Twitch's call, idle: median", "ms", ours, theirs, (theirs + 5) / theirs),
        Row(f"the same, {RATE:g} a second over {CHANNELS} channels: median", "ms", our_median, their_median, 3),
        Row(f"calls a second of {RATE:g} wanted", "calls", share(speeds, 0.5), RATE, 0.9, more=True),
    ]


if __name__ == "__main__":
    print(table(asyncio.run(rows())))
