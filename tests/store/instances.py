"""Instances of the program that share one Firestore database, as far as they hear of one another."""

import asyncio
import threading
from contextlib import AsyncExitStack
from typing import Any

from tests.house import until
from vip_manager.ports import News
from vip_manager.store.firestore.calls import Calls
from vip_manager.store.firestore.client import Batch, connect
from vip_manager.store.firestore.meter import Meter
from vip_manager.store.firestore.shared import FirestoreShared
from vip_manager.store.firestore.touched import Touches

WITHIN = 2.0
"""Seconds: what ports.Feed promises."""


class HoldingBatch(Batch):
    """Is done, but while `answers` is cleared nobody is told."""

    answers: asyncio.Event

    async def commit(self, *args: Any, **named: Any) -> Any:
        results = await super().commit(*args, **named)
        await self.answers.wait()
        return results


class HoldingCalls(Calls):
    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self.answers = asyncio.Event()
        self.answers.set()

    def batch(self) -> Batch:
        batch = HoldingBatch(self.client)
        batch.answers = self.answers
        return batch


class Instance:
    def __init__(self, project: str, listen_at: str | None = None) -> None:
        self.meter = Meter()
        self.calls = HoldingCalls(connect(project, ""), self.meter)
        self.touches = Touches()
        self.shared = FirestoreShared(self.calls, self.meter, self.touches, listen_at=listen_at)
        self.feed = self.shared.feed
        self.told: list[News] = []
        self._reader: asyncio.Task[None] | None = None

    def read(self) -> None:
        self._reader = self._reader or asyncio.create_task(self._read())

    async def follow(self, *channel_ids: str) -> None:
        """Until it would hear of every change, and what it is told for a start has been told."""
        self.read()
        self.feed.follow(frozenset(channel_ids))
        await self.stands(*channel_ids, seconds=10)
        await until(self._all_read, "the news to be read")
        self.told.clear()

    async def stands(self, *channel_ids: str, seconds: float = 10) -> None:
        async def standing() -> bool:
            return all(self.feed.followed(channel_id) for channel_id in channel_ids)

        await until(standing, f"{len(channel_ids)} channels to be followed", seconds)

    async def hears(self, channel_id: str, seconds: float = WITHIN, since: int = 0, **note: Any) -> None:
        """Of that channel, with all of that note, after so many other news."""

        async def heard() -> bool:
            return any(
                news.channel_id == channel_id and note.items() <= news.note.items() for news in self.told[since:]
            )

        await until(heard, f"news of {channel_id} with {note}", seconds)

    async def close(self) -> None:
        await self.shared.aclose()
        if self._reader is not None:
            await self._reader
        await self.calls.close()

    async def _read(self) -> None:
        async for news in self.feed.news():
            self.told.append(news)

    async def _all_read(self) -> bool:
        return not self.feed._waiting


class Instances:
    def __init__(self, project: str) -> None:
        self.project = project
        self._running = AsyncExitStack()

    def start(self, listen_at: str | None = None) -> Instance:
        instance = Instance(self.project, listen_at)
        self._running.push_async_callback(instance.close)
        return instance

    async def close(self) -> None:
        await self._running.aclose()
        await until(nobody_listens, "the listeners' threads to end", 5)


async def nobody_listens() -> bool:
    names = [thread.name for thread in threading.enumerate()]
    return not any("firestore-listening" in name or "Bidirectional" in name for name in names)
