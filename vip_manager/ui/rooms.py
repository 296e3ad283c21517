"""The kinds of rooms that there are, and what is told in each.

This module alone knows how Reflex frames its updates (facts of Reflex 0.10.1).
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import reflex as rx
from reflex.state import StateUpdate
from reflex_base.constants.state import FIELD_MARKER

from vip_manager.services.container import running
from vip_manager.services.sandbox import Sandbox, TwitchIsReal

Picture = Any


@dataclass(slots=True)
class Room:
    """A kind of room, one a channel: what its pictures are, and the state whose `picture` shows them."""

    kind: str
    read: Callable[[str], Awaitable[Picture]]
    state: type[rx.State] | None = None

    def name(self, channel_id: str) -> str:
        return f"{self.kind}:{channel_id}"

    def shown_by(self, state: type[rx.State]) -> None:
        self.state = state

    def delta(self, picture: Picture) -> StateUpdate:
        if self.state is None:
            raise RuntimeError(f"no page shows {self.kind} rooms")
        return StateUpdate(delta={self.state.get_full_name(): {f"picture{FIELD_MARKER}": picture}})


async def _staff(channel_id: str) -> Picture:
    return await running().board.staff(channel_id)


async def _public(channel_id: str) -> Picture:
    return await running().board.public(channel_id)


async def _keyed(channel_id: str) -> Picture:
    return await running().board.overlay(channel_id)


async def _twitch(channel_id: str) -> Picture:
    return await curtain().picture(channel_id)


def curtain() -> Sandbox:
    sandbox = running().sandbox
    if sandbox is None:
        raise TwitchIsReal
    return sandbox


STAFF = Room("staff", _staff)
BOARD = Room("board", _public)
KEYED = Room("keyed", _keyed)
"""Overlays by the channel's secret link."""
OVERLAY = Room("overlay", _public)
"""Overlays without, and those whose link has ended. After the other: who has to leave that comes here."""
TWITCH = Room("twitch", _twitch)
OURS = (STAFF, BOARD, KEYED, OVERLAY)
PUBLIC = (BOARD, KEYED, OVERLAY)
"""Where it does not matter who somebody is."""
KINDS = frozenset(room.kind for room in (*OURS, TWITCH))
