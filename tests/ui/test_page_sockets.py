"""Messages to a page's socket: in their order, at once where they can be, and nobody waits for who is slow."""

import asyncio
from types import SimpleNamespace
from typing import Any

from engineio.packet import MESSAGE, Packet  # type: ignore[import-untyped]
from socketio.packet import Packet as SocketPacket  # type: ignore[import-untyped]

from vip_manager.ui.page_sockets import PageSocket, Rooms


class Wire:
    """The other side: `slow` while it takes nothing."""

    def __init__(self) -> None:
        self.had: list[str] = []
        self.taking = asyncio.Event()
        self.taking.set()

    def write(self, frame: bytes) -> bool:
        if not self.taking.is_set():
            return False
        self.had.append(frame[2 if frame[1] < 126 else 4 :].decode())
        return True

    async def send(self, message: Any) -> None:
        await self.taking.wait()
        self.had.append(message["text"])


def socket(wire: Wire, *, at_once: bool = True) -> PageSocket:
    return PageSocket(SimpleNamespace(), "a-sid", wire.send, wire.write if at_once else None)


async def test_what_was_put_first_comes_first_however_slow_it_is_taken() -> None:
    wire = Wire()
    page = socket(wire)
    page.put(Packet(MESSAGE, "1"))
    assert wire.had == ["41"]
    wire.taking.clear()
    page.put(Packet(MESSAGE, "2"))
    page.put(Packet(MESSAGE, "3"))
    await asyncio.sleep(0)
    wire.taking.set()
    page.put(Packet(MESSAGE, "4"))
    for _ in range(5):
        await asyncio.sleep(0)
    page.put(Packet(MESSAGE, "5" * 200))
    assert wire.had == ["41", "42", "43", "44", "4" + "5" * 200]


async def test_a_server_that_can_not_write_at_once_sends_all_the_same() -> None:
    wire = Wire()
    page = socket(wire, at_once=False)
    page.put(Packet(MESSAGE, "1"))
    page.put(Packet(MESSAGE, "2"))
    for _ in range(5):
        await asyncio.sleep(0)
    assert wire.had == ["41", "42"]


async def test_a_room_is_told_once_for_all_and_who_left_meanwhile_is_not() -> None:
    wires = [Wire() for _ in range(150)]
    sockets = {str(number): socket(wire) for number, wire in enumerate(wires)}
    rooms = Rooms()
    rooms.set_server(SimpleNamespace(packet_class=SocketPacket, eio=SimpleNamespace(sockets=sockets)))
    for sid in sockets:
        rooms.basic_enter_room(f"page-{sid}", "/_event", "board:1", eio_sid=sid)
    telling = asyncio.create_task(rooms.emit("event", {"a": 1}, "/_event", "board:1"))
    await asyncio.sleep(0)
    assert wires[0].had == ['42/_event,["event",{"a":1}]']
    rooms.basic_leave_room("page-149", "/_event", "board:1")
    await telling
    assert [len(wire.had) for wire in wires] == [1] * 149 + [0]


async def test_a_room_with_nobody_in_it_is_told_nothing() -> None:
    rooms = Rooms()
    rooms.set_server(SimpleNamespace(packet_class=SocketPacket))
    await rooms.emit("event", {}, "/_event", "board:1")
