"""What a long past costs: `python -m benchmarks.history [SESSIONS]`.

Two channels on one real SQLite file: one has had 100 VIPs, the other 100,000 (unless told otherwise), each with its
redemption and four lines of the audit log, written by the store's own commits. The newest 100 of both are alike: of
four viewers, in the last 50 days. More than 70 days ago the large one had 200 a day, of 2,000 viewers. Both have ten
VIPs now.

Each is asked the same, turn by turn, and the median counts: the dashboard's first picture, the history's first page,
the same narrowed to VIP that was given, all about one viewer by their name, what the rewards brought in 30 days, and
the whole history as a file, by the line. The yardstick is the small channel.
"""

import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import structlog

from benchmarks.rows import Row, table
from tests.house import environment
from tests.store import records
from vip_manager.bootstrap.program import running_program
from vip_manager.domain.account import CHANNEL_SCOPES, TokenPair
from vip_manager.domain.audit import Action
from vip_manager.domain.history import Topic
from vip_manager.domain.reasons import EndReason
from vip_manager.domain.redemption import RedemptionState
from vip_manager.domain.session import SessionState
from vip_manager.services.container import Services
from vip_manager.services.history import Asked
from vip_manager.services.insights import Insights
from vip_manager.settings import Settings
from vip_manager.store.rate_limits import ProcessRates

SESSIONS = 100_000
NEWEST = 100
SMALL, LARGE = "1001", "1002"
TIMES = 25
BATCH = 1200
ACTIONS = (Action.REDEEMED, Action.GRANTED, Action.FULFILLED, Action.ENDED)


def past(channel_id: str, sessions: int, now: datetime) -> Iterator[Any]:
    """Newest first."""
    for number in range(sessions):
        if number < NEWEST:
            ended, viewer = now - timedelta(hours=12 * number + 1), number % 4
        else:
            ended, viewer = now - timedelta(days=70, minutes=7.2 * (number - NEWEST)), number % 2000
        who = {"channel_id": channel_id, "login": f"viewer{viewer}", "username": f"Viewer{viewer}"}
        ident, began = f"{channel_id}-{number}", ended - timedelta(hours=24)
        yield records.active(
            f"s{ident}",
            ended,
            **who,
            user_id=f"v{viewer}",
            created_at=began,
            granted_at=began,
            state=SessionState.ENDED,
            ended_at=ended,
            end_reason=EndReason.EXPIRED,
        )
        yield records.redemption(
            f"r{ident}",
            **who,
            user_id=f"v{viewer}",
            redeemed_at=began,
            received_at=began,
            settled_at=began,
            state=RedemptionState.FULFILLED,
            session_id=f"s{ident}",
            hours=24.0,
        )
        for action in ACTIONS:
            yield records.line(
                f"a{ident}-{action}",
                ended if action is Action.ENDED else began,
                channel_id=channel_id,
                action=action,
                subject_id=f"v{viewer}",
                subject_name=who["username"],
                detail={"login": who["login"], "reward": "VIP for a day", "cost": 5000, "session_id": f"s{ident}"},
            )


def now_of(channel_id: str, now: datetime) -> Iterator[Any]:
    tokens = TokenPair("an access token", "a refresh token", now + timedelta(days=1), CHANNEL_SCOPES)
    name = {"login": f"streamer{channel_id}", "username": f"Streamer{channel_id}"}
    yield records.account(channel_id, **name, tokens=tokens)
    yield records.channel(channel_id, **name, catch_up_at=now + timedelta(days=1))
    for number in range(10):
        yield records.active(f"now-{channel_id}-{number}", now + timedelta(hours=20), channel_id=channel_id)


@asynccontextmanager
async def program(sessions: int) -> AsyncIterator[Services]:
    with tempfile.TemporaryDirectory() as directory:
        # Nobody answers on port 1: the background stays asleep, and Twitch is not asked.
        settings = Settings.read({**environment("http://127.0.0.1:1", Path(directory)), "PORT": "1"})
        async with running_program(settings) as running:
            now = datetime.now(UTC)
            for channel_id, count in ((SMALL, NEWEST), (LARGE, sessions)):
                batch: list[Any] = list(now_of(channel_id, now))
                for one in past(channel_id, count, now):
                    batch.append(one)
                    if len(batch) >= BATCH:
                        await running.services.store.commit(batch[0], *batch[1:])
                        batch = []
                if batch:
                    await running.services.store.commit(batch[0], *batch[1:])
            yield running.services


class Asks:
    """Of a channel, each as its page asks it, with nothing kept from the last time."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def dashboard(self, channel_id: str) -> None:
        self._services.changes.announce_here(channel_id)
        await self._services.board.staff(channel_id)

    async def page(self, channel_id: str) -> None:
        await self._services.history.page(channel_id, Asked())

    async def narrowed(self, channel_id: str) -> None:
        await self._services.history.page(channel_id, Asked(kind=Topic.GIVEN))

    async def viewer(self, channel_id: str) -> None:
        found = await self._services.history.page(channel_id, Asked(who="viewer1"))
        assert len(found.lines) == 50

    async def insights(self, channel_id: str) -> None:
        services = self._services
        rates = ProcessRates("a key of the benchmarks, long enough")
        report = await Insights(services.store, services.clock, rates).report(channel_id, 30, "UTC")
        assert not report.nothing

    async def lines(self, channel_id: str) -> int:
        wanted = await self._services.history.wanted(channel_id, Asked())
        return sum([piece.count(b"\n") async for piece in self._services.history.file(channel_id, wanted)])


async def medians(ask: Callable[[str], Awaitable[None]]) -> tuple[float, float]:
    """Milliseconds: of the large one, of the small one."""
    took: dict[str, list[float]] = {LARGE: [], SMALL: []}
    for _ in range(TIMES):
        for channel_id, times in took.items():
            began = time.perf_counter()
            await ask(channel_id)
            times.append(1000 * (time.perf_counter() - began))
    return statistics.median(took[LARGE]), statistics.median(took[SMALL])


async def rows(sessions: int = SESSIONS) -> list[Row]:
    found = []
    async with program(sessions) as services:
        asks = Asks(services)
        for what, ask in (
            ("dashboard, first picture", asks.dashboard),
            ("history, first page", asks.page),
            ("history, VIP given", asks.narrowed),
            ("history, all about one viewer", asks.viewer),
            ("insights, 30 days", asks.insights),
        ):
            large, small = await medians(ask)
            found.append(Row(f"{what}: {sessions:,} past VIPs beside {NEWEST}", "ms", large, small, 1.5))
        # The small file is asked for as often as it takes for a figure.
        began = time.perf_counter()
        lines = await asks.lines(LARGE)
        of_large = 1e6 * (time.perf_counter() - began) / lines
        of_small = []
        for _ in range(TIMES):
            began = time.perf_counter()
            count = await asks.lines(SMALL)
            of_small.append(1e6 * (time.perf_counter() - began) / count)
        found.append(
            Row(
                f"export, a line of {lines:,} beside one of {count:,}", "µs", of_large, statistics.median(of_small), 1.5
            )
        )
    return found


def main() -> None:
    structlog.configure(processors=[lambda *_: (_ for _ in ()).throw(structlog.DropEvent)])
    print(table(asyncio.run(rows(*map(int, sys.argv[1:2])))))


if __name__ == "__main__":
    main()
