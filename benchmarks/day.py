"""Whether a busy channel's day leaves anything behind but its data: `python -m benchmarks.day [HOURS]`, 24 unless told.

The product as it is started, at a time that is moved on from here (benchmarks/ahead.py), and a Twitch that keeps books
(benchmarks/books.py). An hour has 200 redemptions for one hour of VIP, by any of 500 viewers of one channel with 180
seats: some are the first, some for more hours, some find no seat, and some are of people whom the streamer made VIP;
both of these get their points back. A sweep comes every three minutes. Ten boards stay open all day; each hour twenty
boards and ten dashboards are opened, and left.

Hours 2 to 4, the first that are warm, are the yardstick of the last three: the time from a redemption's post to
Twitch's call for the badge, until a dashboard has its first picture, and of a sweep, medians each; memory, open files,
the write-ahead log; and how much the database grows by a redemption. Judged at the end as benchmarks/judged.py says it.
"""

import asyncio
import hashlib
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp

from benchmarks.ahead import Ahead
from benchmarks.books import Books, Redeemed
from benchmarks.channels import FIRST, KEY, environment
from benchmarks.drive import PERMANENT, says, viewer
from benchmarks.judged import fill, judged
from benchmarks.posts import Line, post, redemption
from benchmarks.processes import memory_of
from benchmarks.rows import Row, shown
from tests.product import Product, free_port
from tests.sockets.raw import BOOT
from vip_manager import page
from vip_manager.bootstrap.adapters import open_store
from vip_manager.domain.account import SignIn
from vip_manager.settings import Settings

HOURS = 24
REDEMPTIONS = 200
VIEWERS = 500
SEATS = 180
SWEEP_EVERY = 10
"""Redemptions."""
BOARDS, DASHBOARDS = 20, 10
STAYING = 10
CHANNEL = str(FIRST)
_CRON, _SIGNED_IN = "the scheduler's secret of the benchmarks", "the secret of a sign-in"


@dataclass(slots=True)
class Hour:
    """Times in ms, sizes in bytes but `memory`, which is in MB. `written`: what the database grew by."""

    vip: list[float] = field(default_factory=list)
    dashboard: list[float] = field(default_factory=list)
    sweep: list[float] = field(default_factory=list)
    memory: float = 0.0
    files: int = 0
    log: int = 0
    written: int = 0

    def line(self, number: int) -> str:
        times = [f"{statistics.median(one):.2f}" for one in (self.vip, self.dashboard, self.sweep)]
        sizes = [f"{self.memory:.1f}", str(self.files), f"{self.log / 1e6:.2f}", f"{self.written / REDEMPTIONS:,.0f}"]
        return f"| {number} | {' | '.join([*times, *sizes])} |"


class Day:
    def __init__(self, product: Product, books: Books, ahead: Ahead, session: aiohttp.ClientSession) -> None:
        self._product = product
        self._books = books
        self._ahead = ahead
        self._session = session
        self._random = random.Random(24)
        self._done = asyncio.Event()
        self._given_at = 0.0
        self._line: Line | None = None
        self._size = 0
        books.gave = self._gave
        books.settled = lambda one: self._done.set()
        for number in range(PERMANENT):
            books.vips[CHANNEL][viewer(CHANNEL, number)] = None
            books.permanent.add((CHANNEL, viewer(CHANNEL, number)))

    def _gave(self, channel_id: str, user_id: str) -> None:
        self._given_at = time.perf_counter()

    async def hour(self) -> Hour:
        found = Hour()
        for number in range(REDEMPTIONS):
            await self._redeem(found)
            self._ahead.jump(3600 / REDEMPTIONS)
            if not (number + 1) % SWEEP_EVERY:
                began = time.perf_counter()
                await self._sweep()
                found.sweep.append(1000 * (time.perf_counter() - began))
            if not (number + 1) % (REDEMPTIONS // BOARDS):
                await self._board()
            if not (number + 1) % (REDEMPTIONS // DASHBOARDS):
                found.dashboard.append(1000 * await self._dashboard())
        data = Path(self._product.environment["DATA_DIR"])
        size = (data / "vip.db").stat().st_size
        found.memory = memory_of(self._product.pid)
        found.files = len(list(Path(f"/proc/{self._product.pid}/fd").iterdir()))
        found.log = (data / "vip.db-wal").stat().st_size
        found.written, self._size = size - self._size, size
        return found

    async def _redeem(self, found: Hour) -> None:
        user_id = viewer(CHANNEL, self._random.randrange(VIEWERS))
        body = redemption(0, CHANNEL, user_id, self._ahead.now())
        named = body.partition(b'"event": {"id": "')[2].partition(b'"')[0].decode()
        self._books.redeem(Redeemed(named, CHANNEL, user_id, self._ahead.now().isoformat().replace("+00:00", "Z")))
        self._done.clear()
        self._given_at = 0.0
        if self._line is None or not self._line.open:
            self._line = await Line.to(self._product.port)
        began = time.perf_counter()
        if (status := await self._line.ask(post(KEY, body))) != 204:
            raise RuntimeError(f"HTTP {status}")
        # Who is put off, because an end is on its way for instance, has to wait for a sweep.
        for _ in range(20):
            try:
                await asyncio.wait_for(self._done.wait(), 1)
                break
            except TimeoutError:
                self._ahead.jump(10)
                await self._sweep()
        if self._given_at:
            found.vip.append(1000 * (self._given_at - began))

    async def _sweep(self) -> None:
        headers = {"Authorization": f"Bearer {_CRON}"}
        async with self._session.post(f"{self._product.base}/api/cron/expire", headers=headers) as answer:
            answer.raise_for_status()

    async def board(self) -> aiohttp.ClientWebSocketResponse:
        """A page of the board that has its picture."""
        return (await self._page(says(CHANNEL), '"vips"', {}))[0]

    async def _board(self) -> None:
        await (await self.board()).close()

    async def _dashboard(self) -> float:
        """Seconds until it has its picture."""
        boot = says(CHANNEL).replace("/board/[login]", "/dashboard").replace(f"/board/channel{CHANNEL}", "/dashboard")
        socket, took = await self._page(boot, '"session_id"', {"Cookie": f"vip={_SIGNED_IN}"})
        await socket.close()
        return took

    async def _page(
        self, first: str, mark: str, headers: dict[str, str]
    ) -> tuple[aiohttp.ClientWebSocketResponse, float]:
        assert BOOT in first
        token = f"page-{self._random.randrange(10**12)}"
        url = f"{self._product.base}/_event/?token={token}&EIO=4&transport=websocket"
        began = time.perf_counter()
        socket = await self._session.ws_connect(url, origin=self._product.base, headers=headers, max_msg_size=0)
        await socket.receive_str()
        await socket.send_str(first)
        while mark not in (heard := await socket.receive_str(timeout=10)):
            if heard == "2":
                await socket.send_str("3")
        return socket, time.perf_counter() - began


async def _stay(socket: aiohttp.ClientWebSocketResponse) -> None:
    async for message in socket:
        if message.data == "2":
            await socket.send_str("3")


async def rows(hours: int = HOURS) -> list[Row]:
    page.build_where_changed()
    with tempfile.TemporaryDirectory() as directory:
        ahead = Ahead(Path(directory) / "ahead")
        books = Books(ahead.monotonic, SEATS)
        base = f"http://127.0.0.1:{await books.start()}"
        asked = environment(base, EXPIRY_TICK_SECONDS="0", CRON_SECRET=_CRON)
        product = Product(Path(directory), asked, free_port(), cold=True)
        product.command = [sys.executable, "-m", "benchmarks.ahead", str(Path(directory) / "ahead")]
        settings = Settings.read(product.environment)
        books.callback = settings.webhook_callback
        await fill(settings, [CHANNEL], 1.0)
        await _sign_in(settings)
        try:
            await asyncio.to_thread(product.start)
            try:
                found = await _passed(product, books, ahead, hours)
            finally:
                await asyncio.to_thread(product.stop)
            return _rows(found, len(books.redeemed), await judged(product, books))
        finally:
            books.stop()


async def _passed(product: Product, books: Books, ahead: Ahead, hours: int) -> list[Hour]:
    found: list[Hour] = []
    print("| hour | to VIP, ms | dashboard, ms | sweep, ms | MB | files | log, MB | bytes a redemption |")
    print("|---|---|---|---|---|---|---|---|", flush=True)
    async with AsyncExitStack() as closing:
        session = await closing.enter_async_context(aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)))
        day = Day(product, books, ahead, session)
        for _ in range(STAYING):
            staying = asyncio.create_task(_stay(await day.board()))
            closing.callback(staying.cancel)
        for number in range(hours):
            found.append(await day.hour())
            print(found[-1].line(number + 1), flush=True)
    return found


async def _sign_in(settings: Settings) -> None:
    now = datetime.now(UTC)
    store = await open_store(settings)
    try:
        account = await store.accounts.get(CHANNEL)
        assert account is not None
        await store.commit(
            SignIn(hashlib.sha256(_SIGNED_IN.encode()).hexdigest(), CHANNEL, now, now + timedelta(days=3)), account
        )
    finally:
        await store.close()


def _rows(found: Sequence[Hour], redeemed: int, wrong: Sequence[str]) -> list[Row]:
    last, warm = found[-3:], found[1:4]
    what = "a busy day, its last three hours beside hours 2 to 4"

    def row(name: str, unit: str, of: Callable[[Hour], float], reach: float) -> Row:
        return Row(f"{what}: {name}", unit, statistics.mean(map(of, last)), statistics.mean(map(of, warm)), reach)

    return [
        row("redemption to VIP", "ms", lambda hour: statistics.median(hour.vip), 1.2),
        row("dashboard, first picture", "ms", lambda hour: statistics.median(hour.dashboard), 1.2),
        row("a sweep", "ms", lambda hour: statistics.median(hour.sweep), 1.2),
        row("memory", "MB", lambda hour: hour.memory, 1.1),
        row("open files", "files", lambda hour: hour.files, 1.1),
        row("write-ahead log", "MB", lambda hour: hour.log / 1e6, 1.1),
        row("database, for each redemption", "bytes", lambda hour: hour.written / REDEMPTIONS, 1.2),
        Row(f"a busy day: lost or wrong, of {redeemed:,} redemptions", "", len(wrong), None, 0),
    ]


if __name__ == "__main__":
    sys.exit(shown(asyncio.run(rows(*map(int, sys.argv[1:])))))
