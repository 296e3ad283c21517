"""What the door of the pages' sockets lets through, frame by frame, and whom."""

import asyncio
from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any

import pytest
from starlette.types import Message

from vip_manager.services.access import Person
from vip_manager.services.sockets import MOST_OF_ADDRESS, Sockets
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
