"""How fast VIPs end where a thousand channels have five due at once: `python -m benchmarks.sweep`.

The program's own sweep, on a real SQLite file, against a Helix in a process of its own that answers after 50 ms
(benchmarks/stub_helix.py). It is done when all are removed there and written down here.

**The ideal.** Twitch takes 10 removals in 10 s of a channel: five go at once. A token has 800 points a minute, a call
costs one, and each channel has its own: five of 800. So no limit of Twitch's makes anybody wait, and what is left is
the way there: 50 ms a call, as many side by side as the program has on their way (REMOVALS_AT_ONCE, 80). The ideal is
5,000 / 80 x 50 ms = 3.1 s, where sending costs nothing. It costs a core's time, so the yardstick is measured: a bare
client sends the same 5,000 calls, as many at once, and does nothing else. It is aiohttp's; httpx's asks each of its
connections with each call whether it is still there, which takes longer than all else. A second one also does what a
program that may die at any moment has to: it commits a row before each call and one after it, one commit after the
other, each synced.

Memory: the most that one sweep takes beyond what the process had before it, with 5,000 due and with 50,000 (of 10,000
channels; of these it does what it can in its 40 s), each in a process of its own.
"""

import asyncio
import json
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import httpx
import structlog

from benchmarks.rows import Row, table
from tests.house import environment
from tests.product import free_port
from tests.store import records
from vip_manager.bootstrap.program import running_program
from vip_manager.domain.account import CHANNEL_SCOPES, TokenPair
from vip_manager.observability.telemetry import TELEMETRY
from vip_manager.services.container import Services
from vip_manager.settings import Settings
from vip_manager.twitch.vips import REMOVALS_AT_ONCE

CHANNELS, EACH = 1000, 5
BATCH = 500


@contextmanager
def helix() -> Iterator[str]:
    port = free_port()
    process = subprocess.Popen([sys.executable, "-m", "benchmarks.stub_helix", str(port)])
    try:
        while True:
            try:
                httpx.get(f"http://127.0.0.1:{port}/", trust_env=False)
                break
            except httpx.ConnectError:
                time.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


@asynccontextmanager
async def program(twitch: str, directory: Path, channels: int) -> AsyncIterator[Services]:
    """With so many channels that are connected and have nothing to do but EACH VIPs whose time is over."""
    # Nobody answers on port 1, so the background stays asleep.
    settings = Settings.read({**environment(twitch, directory), "PORT": "1"})
    async with running_program(settings) as running:
        now = datetime.now(UTC)
        tokens = TokenPair("an access token", "a refresh token", now + timedelta(hours=4), CHANNEL_SCOPES)
        made: list[Any] = []
        for number in range(channels):
            ident, login = str(100_000 + number), f"streamer{number}"
            made.append(records.account(ident, login=login, username=login, tokens=tokens, validated_at=now))
            made.append(
                records.channel(ident, login=login, username=login, catch_up_at=now + timedelta(days=1), enabled=True)
            )
            made += [
                records.active(f"{ident}-{one}", now - timedelta(seconds=1), channel_id=ident) for one in range(EACH)
            ]
        for start in range(0, len(made), BATCH):
            await running.services.store.commit(made[start], *made[start + 1 : start + BATCH])
        yield running.services


async def swept(twitch: str, channels: int, *, to_the_end: bool) -> dict[str, float]:
    """`seconds` until nothing was due any more, in so many `sweeps` one right after the other, how many `ended`, and
    the most of memory that came on top, in `MB`. Not `to_the_end`: one sweep."""
    with tempfile.TemporaryDirectory() as directory:
        async with program(twitch, Path(directory), channels) as services:
            await services.sweep._gauges.where_due()
            before = _memory("VmRSS")
            Path("/proc/self/clear_refs").write_text("5")
            began, sweeps, ended, failed = time.perf_counter(), 0, 0, 0
            while True:
                report = await services.sweep.run()
                sweeps, ended, failed = sweeps + 1, ended + report.expired, failed + report.failed
                if not to_the_end or not report.remaining:
                    break
            took = time.perf_counter() - began
            if to_the_end and (left := await services.store.sessions.count_vip()):
                raise RuntimeError(f"{left} of {channels * EACH} are VIP still")
            grown = _memory("VmHWM") - before
    return {"seconds": took, "sweeps": sweeps, "ended": ended, "failed": failed, "MB": grown}


def _memory(what: str) -> float:
    """Of this process, in MB: VmRSS, or since it was last cleared VmHWM."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{what}:")) / 1000


def _apart(twitch: str, channels: int, how: str) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.sweep", "--apart", twitch, str(channels), how]
    found: dict[str, float] = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    return found


async def bare(twitch: str, beside: Callable[[], None] | None = None) -> float:
    """Seconds for the same calls and nothing else, or with something done before and after each."""
    headers = {"Authorization": "Bearer an access token", "Client-Id": "sandbox-client-id"}
    connector = aiohttp.TCPConnector(limit=REMOVALS_AT_ONCE)
    async with aiohttp.ClientSession(headers=headers, connector=connector) as session:
        calls = iter([(str(100_000 + number), str(one)) for number in range(CHANNELS) for one in range(EACH)])

        async def send() -> None:
            for channel, viewer in calls:
                if beside:
                    beside()
                params = {"broadcaster_id": channel, "user_id": viewer}
                async with session.delete(f"{twitch}/helix/channels/vips", params=params) as answer:
                    if answer.status != 204:
                        raise RuntimeError(f"HTTP {answer.status}")
                if beside:
                    beside()

        began = time.perf_counter()
        await asyncio.gather(*(send() for _ in range(REMOVALS_AT_ONCE)))
        return time.perf_counter() - began


async def bare_written_down(twitch: str) -> float:
    with tempfile.TemporaryDirectory() as directory, closing(sqlite3.connect(Path(directory) / "bare.db")) as file:
        file.execute("PRAGMA journal_mode = WAL")
        file.execute("PRAGMA synchronous = FULL")
        file.execute("CREATE TABLE done (id INTEGER PRIMARY KEY, body TEXT)")

        def commit() -> None:
            with file:
                file.execute("INSERT INTO done (body) VALUES (?)", ("x" * 400,))

        return await bare(twitch, commit)


async def rows() -> list[Row]:
    with helix() as twitch:
        before = await bare(twitch)
        ours = await asyncio.to_thread(_apart, twitch, CHANNELS, "end")
        after = await bare(twitch)
        written = await bare_written_down(twitch)
        few = await asyncio.to_thread(_apart, twitch, CHANNELS, "one")
        many = await asyncio.to_thread(_apart, twitch, 10 * CHANNELS, "one")
    what = f"{CHANNELS * EACH:,} VIPs of {CHANNELS:,} channels end, Helix at 50 ms"
    print(
        f"sweeps: {ours['sweeps']:g}; in one of 40 s with ten times the due: {many['ended']:g} ended", file=sys.stderr
    )
    return [
        Row(f"{what} (bare calls)", "s", ours["seconds"], (before + after) / 2, 1.25),
        Row(f"{what} (bare calls, each written down)", "s", ours["seconds"], written, 1.25),
        Row("memory of a sweep, with ten times the due", "MB", many["MB"], few["MB"], 1.25),
    ]


def main() -> None:
    structlog.configure(processors=[lambda *_: (_ for _ in ()).throw(structlog.DropEvent)])
    # As the server has it: a trace that nobody keeps costs less than none.
    TELEMETRY.turn_on(scraped=False, cloud_run_service="", project="")
    if sys.argv[1:2] == ["--apart"]:
        twitch, channels, how = sys.argv[2:]
        print(json.dumps(asyncio.run(swept(twitch, int(channels), to_the_end=how == "end"))))
    else:
        print(table(asyncio.run(rows())))


if __name__ == "__main__":
    main()
