"""What one instance bears: `python -m benchmarks.load [MINUTES]`, ten unless told.

The product has one core and 512 MiB (benchmarks/confined.py), as the smallest instance on Cloud Run would; Twitch
(benchmarks/books.py), the posts, and the pages are on the other cores. A hundred channels have 100 VIP seats each;
1,000 people look at their boards through sockets, ten a board.

**Held.** 50 redemptions a second, one in each channel every two seconds, by any of 400 viewers of the channel, for VIP
of three minutes: so by and by some 90 of the seats are taken, one redemption in five is for more hours, two in a
hundred are of somebody whom the streamer made VIP and go back, as do those for whom no seat is free; and 40 VIPs end a
second. Twitch lets a channel add one VIP a second, so this is half of what it could ever see.

**Pushed.** 100, 200, 400 and 800 a second, each for ten seconds and then until all is settled. What is more than 50 a
second is by people who are VIP and want more hours, as Twitch would let nobody else become one. What gives way first is
printed, and how. Then more pages come than may be open at once.

Judged at the end: each redemption that a viewer made is settled once on Twitch and as it is written down here; who is
VIP there is VIP here; nobody lost a VIP of the streamer's; and `python -m vip_manager verify` finds nothing.
"""

import asyncio
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from benchmarks.board import waits_of
from benchmarks.books import Books
from benchmarks.channels import FIRST, environment
from benchmarks.confined import MIB, Confined, memory_group
from benchmarks.crowd import Crowd
from benchmarks.drive import Drive, page_of, says
from benchmarks.judged import fill, judged
from benchmarks.posts import share
from benchmarks.processes import allow_many_files, cpu_of
from benchmarks.rows import Row, shown
from tests.product import free_port
from vip_manager import page
from vip_manager.settings import Settings

CHANNELS, VIEWERS = 100, 1000
MOST_SOCKETS = 1120
"""A tenth of these is for people who are signed in."""
MORE_PAGES = 300
MINUTES = 10.0
RATE = 50.0
STEPS = (100.0, 200.0, 400.0, 800.0)
STEP = 10.0
HOURS = 0.05
MEMORY = 512 * MIB
SETTLED_WITHIN = 720.0
"""Seconds: whom Twitch gave up telling of, a catch-up finds, and there is one every ten minutes."""
SOON, SHOWN_SOON = 1.0, 2.0
"""Seconds within which 99 of 100 are asked of Twitch, and shown, as long as nothing has given way."""


@dataclass(frozen=True, slots=True)
class Found:
    """Of one pace, in seconds. `core` is the share of one that it had, `waited` the one for which others had it;
    `behind` how long it took until all was settled after the last redemption."""

    rate: float
    added: list[float]
    shown: list[float]
    answered: list[float]
    answers: Counter[str]
    core: float
    waited: float
    behind: float

    def line(self) -> str:
        times = [
            f"{1000 * share(one, 0.5):,.0f} / {1000 * share(one, 0.99):,.0f}" if one else "–"
            for one in (self.answered, self.added, self.shown)
        ]
        answers = ", ".join(f"{count:,} {what}" for what, count in sorted(self.answers.items()))
        core = f"{100 * self.core:.0f} % ({100 * self.waited:.0f} %)"
        return f"| {self.rate:g} | {' | '.join(times)} | {core} | {self.behind:.0f} s | {answers} |"

    @property
    def gave_way(self) -> list[str]:
        """What did, the worst first."""
        given = []
        if refused := sum(count for what, count in self.answers.items() if not what.startswith("2")):
            given.append(f"{refused:,} posts of Twitch's were not taken at once")
        for what, times, soon in (
            ("its answer to a post", self.answered, SOON),
            ("the call for a badge", self.added, SOON),
            ("the page", self.shown, SHOWN_SOON),
        ):
            if times and (late := share(times, 0.99)) > soon:
                given.append(f"{what} was later than {soon:g} s for more than one in a hundred (p99 {late:.1f} s)")
        return given


HEAD = (
    "| a second | answer to the post, ms | Twitch's call, ms | on the page, ms | its core (waited) | all settled after "
    "| answers |\n|---|---|---|---|---|---|---|"
)


class Load:
    def __init__(self, product: Confined, books: Books, ids: Sequence[str]) -> None:
        self.product = product
        self.books = books
        self.ids = ids
        self.drive = Drive(books, ids, product.port)

    async def at(self, rate: float, seconds: float) -> Found:
        self.drive.forget()
        burnt, waited, began = cpu_of(self.product.pid), waits_of(self.product.pid), time.monotonic()
        await self.drive.go_on(rate, seconds, min(rate, RATE))
        ended = time.monotonic()
        core = (cpu_of(self.product.pid) - burnt) / (ended - began)
        waits = (waits_of(self.product.pid) - waited) / (ended - began)
        await self.settled()
        drive = self.drive
        answers = Counter(drive.answers)
        behind = time.monotonic() - ended
        found = Found(rate, [*drive.added], [*drive.shown], [*drive.answered], answers, core, waits, behind)
        print(found.line(), flush=True)
        return found

    async def settled(self) -> None:
        """Until nothing is open on Twitch, or for as long as our patience lasts."""
        end = time.monotonic() + SETTLED_WITHIN
        while self.books.open_redemptions and time.monotonic() < end:
            await asyncio.sleep(0.05)

    async def doors(self) -> Counter[str]:
        """Pages that come when all places are taken: what is said to each, and what its picture by HTTP is."""
        said: Counter[str] = Counter()
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:

            async def come(number: int) -> aiohttp.ClientWebSocketResponse | None:
                channel_id = self.ids[number % len(self.ids)]
                url, headers = page_of(channel_id, 20 + number // len(self.ids), self.product.base)
                at = f"{self.product.base}/api/board/channel{channel_id}"
                async with session.get(at, headers=headers) as answer:
                    said[f"the picture by HTTP: {answer.status}"] += 1
                try:
                    socket = await session.ws_connect(url, origin=self.product.base, headers=headers)
                except aiohttp.WSServerHandshakeError as refused:
                    said[f"a socket: {refused.status}"] += 1
                    return None
                await socket.receive_str()
                await socket.send_str(says(channel_id))
                said["a socket: " + await _first_word(socket)] += 1
                return socket

            # They are held until all have come: else each would make room for the next.
            await asyncio.gather(*(come(number) for number in range(MORE_PAGES)))
        return said


async def _first_word(socket: aiohttp.ClientWebSocketResponse) -> str:
    message = await socket.receive(timeout=10)
    return "let in" if str(message.data).startswith("40") else "refused in words"


async def rows(minutes: float = MINUTES) -> list[Row]:
    allow_many_files()
    page.build_where_changed()
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) > 1:
        os.sched_setaffinity(0, set(cores[1:]))
    books, ids = Books(), [str(FIRST + number) for number in range(CHANNELS)]
    base = f"http://127.0.0.1:{await books.start()}"
    asked = environment(base, MAX_SOCKETS=str(MOST_SOCKETS), TRUSTED_PROXY_HOPS="1")
    try:
        with tempfile.TemporaryDirectory() as directory, memory_group(MEMORY) as group:
            product = Confined(Path(directory), asked, free_port(), core=cores[0], memory=MEMORY, group=group)
            settings = Settings.read(product.environment)
            books.callback = settings.webhook_callback
            await fill(settings, ids, HOURS)
            load = Load(product, books, ids)
            await asyncio.to_thread(product.start)
            try:
                held, pushed, most = await _measured(load, minutes)
            finally:
                await asyncio.to_thread(product.stop)
            wrong = await judged(product, books)
            return _found(held, pushed, most, len(books.redeemed), wrong)
    finally:
        books.stop()
        os.sched_setaffinity(0, set(cores))


async def _measured(load: Load, minutes: float) -> tuple[Found, list[Found], float]:
    product = load.product
    await load.books.quiet()
    crowd = await asyncio.to_thread(_crowd, product, load.ids)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        inside = [asyncio.Event() for _ in load.ids]
        pages = [
            asyncio.create_task(load.drive.watch(session, channel_id, product.base, event))
            for channel_id, event in zip(load.ids, inside, strict=True)
        ]
        try:
            await asyncio.wait_for(asyncio.gather(*(one.wait() for one in inside)), 30)
            print(f"{VIEWERS} pages are open; the product is held by {product.how}.\n\n{HEAD}", flush=True)
            held = await load.at(RATE, 60 * minutes)
            at_pace = product.most_memory
            pushed = [await load.at(rate, STEP) for rate in STEPS]
            doors = await load.doors()
            print(f"\nWhen {VIEWERS} pages were open: {dict(doors)}")
            print(f"Resident at most: {at_pace:.0f} MB, and after the push {product.most_memory:.0f} MB.", flush=True)
            if gone := [one for one in pages if one.done()]:
                print(f"{len(gone)} of the pages that watch had their socket ended.")
            return held, pushed, product.most_memory
        finally:
            for one in pages:
                one.cancel()
            await asyncio.gather(*pages, return_exceptions=True)
            crowd.leave()


def _crowd(product: Confined, ids: Sequence[str]) -> Crowd:
    """All pages but the one of each board that is watched here."""
    clients: list[dict[str, Any]] = []
    for channel_id in ids:
        for number in range(1, VIEWERS // len(ids)):
            path, headers = page_of(channel_id, number, "")
            headers["Origin"] = product.base
            clients.append({"path": path, "headers": headers, "says": [says(channel_id)]})
    return Crowd(product.port, clients, '"vips"')


def _found(held: Found, pushed: Sequence[Found], most: float, redeemed: int, wrong: Sequence[str]) -> list[Row]:
    well = held.rate
    for one in pushed:
        if one.gave_way:
            print(f"\nAt {one.rate:g} a second gives way: {'; '.join(one.gave_way)}.", flush=True)
            break
        well = one.rate
    what = f"load, {RATE:g} redemptions a second, {VIEWERS:,} pages, one core"
    return [
        Row(f"{what}: to Twitch's call, p99", "ms", 1000 * share(held.added, 0.99), None, 1000 * SOON),
        Row(f"{what}: on the page, p99", "ms", 1000 * share(held.shown, 0.99), None, 1000 * SHOWN_SOON),
        Row(f"{what}: of the core", "%", 100 * held.core, None, 80),
        Row("load, pushed: a second before anything gives way", "/s", well, None, 100, more=True),
        Row("load, pushed: resident at most, of 512 MiB", "MB", most, None, 400),
        Row(f"load, pushed: lost or wrong, of {redeemed:,} redemptions", "", len(wrong), None, 0),
    ]


if __name__ == "__main__":
    sys.exit(shown(asyncio.run(rows(*map(float, sys.argv[1:])))))
