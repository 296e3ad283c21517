"""The event of a redemption as messages on a socket, whose ids are the test's."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import suppress
from typing import Any

from vip_manager.domain.seen import Seen
from vip_manager.ports import ChannelEvent, Identity
from vip_manager.simulator.eventsub.messages import frame
from vip_manager.simulator.records import Redemption
from vip_manager.simulator.shapes import event_redemption
from vip_manager.simulator.world import World
from vip_manager.twitch.eventsub.connection import Lost
from vip_manager.twitch.eventsub.messages import REDEMPTION_ADD, Frame, parse_frame
from vip_manager.twitch.eventsub.socket import EventSocket, _Line


class _Said:
    """Stands in for a connection that is lost after these messages."""

    def __init__(self, messages: Sequence[str]) -> None:
        self._messages = list(messages)

    async def next(self) -> Frame:
        if not self._messages:
            raise Lost("that was all")
        return parse_frame(self._messages.pop(0))


def redeemed(world: World, redemption: Redemption, message_id: str) -> str:
    """As the simulator sends it."""
    payload: dict[str, Any] = {"subscription": {"type": REDEMPTION_ADD}, "event": event_redemption(world, redemption)}
    return frame(message_id, "notification", redemption.redeemed_at, payload)


async def events(channel_id: str, messages: Sequence[str]) -> AsyncGenerator[ChannelEvent, None]:
    """What the program reads in them."""

    async def subscribe(channel_id: str, session_id: str) -> None:
        raise AssertionError

    async def validate(user_id: str) -> Identity:
        raise AssertionError

    line = _Line(channel_id, _Said(messages), Seen())  # type: ignore[arg-type]
    with suppress(Lost):
        async for event in EventSocket("", subscribe=subscribe, validate=validate)._events(line):
            yield event
