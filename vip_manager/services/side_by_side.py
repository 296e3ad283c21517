"""Works that go side by side: each as it begins, or so many at once of what stands in line."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class SideBySide:
    """None that fails stops another; `over` and `one_over` end when nobody waits for them."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()
        self._error: BaseException | None = None
        self._one_over = asyncio.Event()

    def begin(self, work: Coroutine[Any, Any, None], then: Callable[[], None] = lambda: None) -> None:
        """`then` is called when it is over, also where it was cut off before its first step."""

        def over(task: asyncio.Task[None]) -> None:
            self._tasks.discard(task)
            if not task.cancelled() and (error := task.exception()):
                self._error = self._error or error
            self._one_over.set()
            then()

        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(over)

    async def one_over(self) -> None:
        """Returns when one more is over, or none goes on."""
        if self._tasks:
            self._one_over.clear()
            await self._one_over.wait()

    async def over(self) -> None:
        """Returns when none goes on. Whoever is cut off meanwhile cuts them off. Raises what the first one raised."""
        try:
            while self._tasks:
                await self.one_over()
        finally:
            await self.cut_off()
        if self._error is not None:
            raise self._error

    async def cut_off(self) -> None:
        """Returns when all are over, one way or another."""
        for task in self._tasks:
            task.cancel()
        while self._tasks:
            await self.one_over()


class Line(Generic[T]):
    """First come, first served, `most` at once."""

    def __init__(self, handle: Callable[[T], Awaitable[None]], most: int, records: Iterable[T] = ()) -> None:
        self._handle = handle
        self._most = most
        self._waiting: deque[T] = deque()
        self._served = SideBySide()
        self._serving = 0
        """Of those who serve: that one is done for is known here before its task is over."""
        for record in records:
            self.join(record)

    def __len__(self) -> int:
        """Those who wait, and who are served."""
        return len(self._waiting) + self._serving

    def join(self, record: T) -> None:
        self._waiting.append(record)
        if self._serving < self._most:
            self._serving += 1
            self._served.begin(self._serve())

    async def over(self) -> None:
        """As with `SideBySide`. Others may come after that."""
        await self._served.over()

    async def cut_off(self) -> None:
        """As with `SideBySide`."""
        await self._served.cut_off()

    async def _serve(self) -> None:
        try:
            while self._waiting:
                await self._handle(self._waiting.popleft())
        finally:
            self._serving -= 1
