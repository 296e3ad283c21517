"""session_reconnect: the line moves to another socket, and nothing is lost or told twice on the way."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field

import pytest
from websockets.asyncio.server import ServerConnection
from websockets.protocol import State

from tests.twitch.fakes import STREAMER
from tests.twitch.scripted_socket import (
    Script,
    arrived,
    breaks,
    closes,
    ids,
    moves,
    reconnect,
    redeemed,
    says,
    scripted,
    stay,
    until,
    welcome,
)
from vip_manager.ports import ChannelEvent, Deaf, Listening


async def test_a_move_loses_nothing_and_subscribes_no_more() -> None:
    old_said_all = asyncio.Event()

    async def old_goes_on(socket: ServerConnection) -> None:
        await socket.send(redeemed("old-2"))
        old_said_all.set()
        await socket.wait_closed()

    async def new(socket: ServerConnection) -> None:
        await old_said_all.wait()
        await socket.send(welcome("S2"))
        await socket.send(redeemed("new-1"))
        await socket.wait_closed()

    async with scripted(new) as listener:
        old = moves(lambda: f"{listener.server.url}/moved?id=1", redeemed("old-1"), then=old_goes_on)
        listener.server.scripts.insert(0, old)
        events: list[ChannelEvent] = []
        async with asyncio.timeout(10), aclosing(listener.socket().listen(STREAMER)) as heard:
            async for event in heard:
                events.append(event)
                if len(events) == 4:
                    break
            await until(lambda: len(listener.server.open) == 1)  # the old one was closed
    assert ids(events) == ["Listening", "old-1", "old-2", "new-1"]
    assert listener.subscribed == ["S1"]
    assert listener.server.paths == ["/ws", "/moved?id=1"]


async def test_a_move_reads_what_has_piled_up_on_both_sides_in_order() -> None:
    piled_up = [asyncio.Event(), asyncio.Event()]

    async def old_goes_on(socket: ServerConnection) -> None:
        await piled_up[0].wait()
        await socket.send(redeemed("old-2"))
        await socket.send(redeemed("old-3"))
        await arrived(socket)
        piled_up[1].set()
        await socket.wait_closed()

    async def new(socket: ServerConnection) -> None:
        await socket.send(welcome("S2"))
        await socket.send(redeemed("new-1"))
        await arrived(socket)
        piled_up[0].set()
        await socket.wait_closed()

    async with scripted(new) as listener:
        old = moves(lambda: listener.server.url, redeemed("old-1"), then=old_goes_on)
        listener.server.scripts.insert(0, old)
        async with asyncio.timeout(10), aclosing(listener.socket().listen(STREAMER)) as heard:
            events = [await anext(heard), await anext(heard)]
            await piled_up[1].wait()  # nobody reads meanwhile
            events += [await anext(heard) for _ in range(3)]
    assert ids(events) == ["Listening", "old-1", "old-2", "old-3", "new-1"]


async def test_a_move_survives_the_old_connections_end() -> None:
    old_is_gone = asyncio.Event()

    async def breaks_off(socket: ServerConnection) -> None:
        socket.transport.abort()
        old_is_gone.set()

    async def new(socket: ServerConnection) -> None:
        await old_is_gone.wait()
        await socket.send(welcome("S2"))
        await socket.send(redeemed("new-1"))
        await socket.wait_closed()

    async with scripted(new) as listener:
        listener.server.scripts.insert(0, moves(lambda: listener.server.url, then=breaks_off))
        assert ids(await listener.hears(3)) == ["Listening", "Listening", "new-1"]
    # The subscriptions may have gone with the old connection; those that did not answer 409, which is as good.
    assert listener.subscribed == ["S1", "S2"]


async def test_a_move_that_fails_is_a_loss() -> None:
    async with scripted(says(welcome("S3"))) as listener:
        listener.server.scripts[:0] = [moves(lambda: listener.server.url), breaks]
        assert ids(await listener.hears(3)) == ["Listening", "Deaf", "Listening"]
        listener.server.scripts[:0] = [moves(lambda: "")]
        assert ids(await listener.hears(3)) == ["Listening", "Deaf", "Listening"]
    assert listener.subscribed == ["S1", "S3", "S1", "S3"]


@dataclass
class SlowWay:
    """A TCP proxy whose way to the client can be held up, as by another route through the net."""

    target: int
    port: int = 0
    open: asyncio.Event = field(default_factory=asyncio.Event)

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there_reader, there_writer = await asyncio.open_connection("127.0.0.1", self.target)
        await asyncio.gather(self._pump(reader, there_writer), self._pump(there_reader, writer, slow=True))

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, slow: bool = False) -> None:
        while data := await reader.read(65_536):
            if slow:
                await self.open.wait()
            writer.write(data)
        writer.close()


@asynccontextmanager
async def slow_way(target: int) -> AsyncIterator[SlowWay]:
    way = SlowWay(target)
    way.open.set()
    server = await asyncio.start_server(way.carry, "127.0.0.1", 0)
    way.port = server.sockets[0].getsockname()[1]
    yield way
    server.close()


async def test_what_is_still_on_its_way_when_the_new_socket_stands_is_not_lost() -> None:
    async with scripted(stay) as listener, slow_way(int(listener.server.url.rsplit(":", 1)[1])) as way:

        async def old_goes_on(socket: ServerConnection) -> None:
            await until(lambda: len(listener.server.paths) == 2)
            way.open.clear()
            await socket.send(redeemed("on-its-way"))
            said.set()
            await until(lambda: socket.state is not State.OPEN)  # the goodbye has come: the client has moved
            way.open.set()

        async def new(socket: ServerConnection) -> None:
            await said.wait()
            await socket.send(welcome("S2"))
            await socket.send(redeemed("new-1"))
            await socket.wait_closed()

        said = asyncio.Event()
        listener.server.scripts = [moves(lambda: f"{listener.server.url}/new", then=old_goes_on), new]
        socket = listener.socket(url=f"ws://127.0.0.1:{way.port}/ws")
        async with asyncio.timeout(10), aclosing(socket.listen(STREAMER)) as heard:
            events = [await anext(heard) for _ in range(3)]
    assert ids(events) == ["Listening", "on-its-way", "new-1"]


async def test_thirty_moves_in_a_row_lose_nothing_and_tell_nothing_twice() -> None:
    moves_left = 30
    async with scripted(stay) as listener:
        said_all = [asyncio.Event() for _ in range(31)]

        async def session(socket: ServerConnection) -> None:
            nonlocal moves_left
            number = 30 - moves_left
            if number:
                await said_all[number - 1].wait()
            await socket.send(welcome(f"S{number}"))
            await socket.send(redeemed(f"{number}-first", f"m{number}-first"))
            if moves_left:
                moves_left -= 1
                await socket.send(reconnect(listener.server.url))
                await until(lambda: len(listener.server.paths) >= number + 2)
                await socket.send(redeemed(f"{number}-last", f"m{number}-last"))
                said_all[number].set()
            if number:  # Told on both sockets, as it may be around a move.
                await socket.send(redeemed(f"{number - 1}-last", f"m{number - 1}-last"))
            if number == 30:
                await socket.send(redeemed("end"))
            await socket.wait_closed()

        listener.server.scripts = [session]
        told = ids(await listener.hears(1 + 31 + 30 + 1))
        await until(lambda: not listener.server.open)
    wanted = [f"{number}-first" for number in range(31)] + [f"{number}-last" for number in range(30)]
    assert sorted(told) == sorted(["Listening", "end", *wanted])
    assert listener.subscribed == ["S0"]


async def test_a_move_that_takes_too_long_after_the_old_end_is_a_loss() -> None:
    async with scripted(stay) as listener:
        listener.server.scripts = [moves(lambda: listener.server.url, then=closes(4004)), stay, says(welcome("S3"))]
        events = await listener.hears(3)
    assert ids(events) == ["Listening", "Deaf", "Listening"]
    assert events[1] == Deaf(STREAMER, "Twitch closed the connection: 4004, the move to another server took too long")
    assert listener.subscribed == ["S1", "S3"]


@pytest.mark.parametrize("script", [closes(4007), breaks, stay, says("hello")])
async def test_an_address_to_move_to_that_leads_nowhere_is_a_loss_and_mended(script: Script) -> None:
    async with scripted(says(welcome("S3"), redeemed("r1"))) as listener:
        old = moves(lambda: listener.server.url, redeemed("old-1"))
        listener.server.scripts[:0] = [old, script]
        events = await listener.hears(5, welcome_seconds=0.2)
        await until(lambda: not listener.server.open)
    assert ids(events) == ["Listening", "old-1", "Deaf", "Listening", "r1"]
    assert listener.subscribed == ["S1", "S3"]


async def test_a_refused_move_is_a_loss_and_mended() -> None:
    async with scripted(says(welcome("S3"))) as listener:

        async def old(socket: ServerConnection) -> None:
            listener.server.refusals = [404]
            await moves(lambda: listener.server.url)(socket)

        listener.server.scripts.insert(0, old)
        events = await listener.hears(3)
    assert events == [
        Listening(STREAMER),
        Deaf(STREAMER, "Twitch refused the connection with 404"),
        Listening(STREAMER),
    ]
