"""A TCP proxy between a client and its server, for what goes wrong on the way: answers that are lost, silence, cuts."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress


class Proxy:
    """Passes bytes on, both ways, until it is told otherwise. One connection may carry many calls: what is held or cut
    is so for all of them."""

    def __init__(self, host: str, port: int) -> None:
        self._upstream = (host, port)
        self._requests, self._answers = asyncio.Event(), asyncio.Event()
        self._writers: set[asyncio.StreamWriter] = set()
        self._swallowed: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._refuses = False
        self.address = ""
        self.delay = 0.0
        """Seconds that every piece of an answer comes later."""
        self.held = asyncio.Event()
        """An answer has come, and is held."""
        self.mend()

    def hold_answers(self) -> None:
        """What is asked arrives; no answer comes back until `mend`, or none at all after `cut`."""
        self.held.clear()
        self._answers.clear()

    def freeze(self) -> None:
        """Connections stand, and can be made, and nothing passes."""
        self._requests.clear()
        self._answers.clear()

    def swallow(self) -> None:
        """The connections that there are stay so, and nothing passes on them ever again; new ones work."""
        self._swallowed |= self._writers

    def cut(self) -> None:
        """All connections end at once, with what was held; new ones work."""
        for writer in self._writers:
            writer.transport.abort()
        self.mend()

    def refuse(self) -> None:
        """All connections end at once, and new ones too, until `mend`."""
        self.cut()
        self._refuses = True

    def mend(self) -> None:
        """As it was at first; what was held passes on."""
        self._refuses = False
        self._requests.set()
        self._answers.set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._refuses:
            writer.transport.abort()
            return
        server_reader, server_writer = await asyncio.open_connection(*self._upstream)
        both = {writer, server_writer}
        self._writers |= both
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._pump(reader, server_writer, answers=False))
                group.create_task(self._pump(server_reader, writer, answers=True))
        except asyncio.CancelledError:
            # By `end`. asyncio's own callback on this task would complain of a cancelled one.
            pass
        finally:
            self._writers -= both
            self._swallowed -= both
            self._tasks.discard(task)
            for one in both:
                one.transport.abort()

    async def end(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, answers: bool) -> None:
        gate = self._answers if answers else self._requests
        with suppress(OSError):
            while data := await reader.read(65536):
                if answers:
                    if not gate.is_set():
                        self.held.set()
                    await asyncio.sleep(self.delay)
                await gate.wait()
                if writer not in self._swallowed:
                    writer.write(data)
                    await writer.drain()
        writer.close()


@asynccontextmanager
async def proxy_to(host: str, port: int) -> AsyncIterator[Proxy]:
    proxy = Proxy(host, port)
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    proxy.address = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield proxy
    finally:
        server.close()
        await proxy.end()
        await server.wait_closed()
