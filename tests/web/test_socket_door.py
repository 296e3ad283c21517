"""What the door of the pages' sockets lets through, frame by frame, and whom."""

import asyncio
from collections.abc import Iterable
from typing import Any

import pytest
from starlette.types import Message

from vip_manager.services.access import Person
from vip_manager.services.sockets import MOST_OF_ADDRESS, MOST_OF_PERSON, Sockets
from vip_manager.web import socket_door
from vip_manager.web.socket_door import NO_FRAME, Frames

JOIN, LEAVE, EVENT, PONG = "40/_event,{}", "41/_event,", '42/_event,["event",{}]', "3"
ANNA = Person("1", "anna", "Anna", "", True, False)
ADDRESS = "203.0.113.7"


async def passed(frames: Iterable[str]) -> list[str]:
    """Those that come through until the socket is ended; what was sent then is taken by nobody."""
    left, sent = list(frames), []

    async def receive() -> Message:
        return {"type": "websocket.receive", "text": left.pop(0)} if left else {"type": "websocket.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    socket, through = Frames(receive, send), []
    while (message := await socket.receive())["type"] == "websocket.receive":
        through.append(message["text"])
    assert not sent or sent == [{"type": "websocket.close", "code": NO_FRAME}]
    assert (await socket.receive())["type"] == "websocket.disconnect"
    return through


async def test_a_page_joins_once_and_leaves_once() -> None:
    page = [PONG, JOIN, EVENT, PONG, EVENT, LEAVE, PONG, "1"]
    assert await passed(page) == page


@pytest.mark.parametrize(
    "frames",
    [[JOIN, LEAVE, JOIN], [JOIN, JOIN], [EVENT], [LEAVE], [JOIN, LEAVE, EVENT], [JOIN, LEAVE, LEAVE], [JOIN, "2"]],
    ids="-".join,
)
async def test_a_frame_out_of_turn_ends_the_socket_and_nothing_behind_it_is_read(frames: list[str]) -> None:
    """Or whoever joined again and again would begin anew with all that is counted by socket."""
    assert await passed([*frames, EVENT, JOIN, EVENT]) == frames[:-1]


class Store:
    """Knows Anna by her cookie, after so many seconds."""

    def __init__(self, seconds: float = 0) -> None:
        self.seconds = seconds
        self.sockets = Sockets(1000)
        self.access = self

    async def person(self, cookie: str) -> Person | None:
        await asyncio.sleep(self.seconds)
        return ANNA if cookie == "vip=anna" else None


async def place(store: Any, cookie: bytes = b"") -> str | None:
    key = await socket_door._place(store, {"headers": [(b"cookie", cookie)]}, ADDRESS)
    if key is not None:
        store.sockets.take(key)
    return key


async def test_visitors_of_a_full_address_lock_nobody_out_who_is_signed_in() -> None:
    store = Store()
    assert {await place(store) for _ in range(MOST_OF_ADDRESS)} == {ADDRESS}
    assert await place(store) is None
    assert await place(store, b"vip=forged") is None
    anna = [await place(store, b"vip=anna") for _ in range(MOST_OF_PERSON + 1)]
    assert set(anna[:-1]) == {"person:1"}
    assert anna[-1] is None
    store.sockets.give_back("person:1")
    assert await place(store, b"vip=anna")


async def test_a_store_that_takes_long_holds_nobody_at_the_door(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket_door, "LONGEST_LOOK", 0.02)
    store = Store(5)
    for _ in range(MOST_OF_ADDRESS):
        store.sockets.take(ADDRESS)
    async with asyncio.timeout(1):
        assert await place(store, b"vip=anna") is None
