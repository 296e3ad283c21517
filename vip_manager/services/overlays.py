"""The stream overlay's secret links: with one, an overlay shows what the public board would, also where that is off.

A link's key is an HMAC-SHA256 over the channel's id and the number of its link, so none has to be kept, and one more
link ends all that came before it.
"""

import base64
import hmac
from collections.abc import Sequence
from dataclasses import replace

import structlog

from vip_manager.domain.audit import Action, AuditEntry
from vip_manager.domain.channel import Channel
from vip_manager.ports import Clock, Store
from vip_manager.services.access import Person
from vip_manager.services.board import Board
from vip_manager.services.channels import ChannelService
from vip_manager.services.journal import line
from vip_manager.services.pictures import PublicPicture

log = structlog.get_logger(__name__)

LONGEST_KEY = 64
"""Characters of what is looked at as a key; one of ours has 43."""


class Overlays:
    """Makes keys with the first of `keys`, and takes those of any, so that links stay good while the root secret
    changes."""

    def __init__(self, store: Store, clock: Clock, channels: ChannelService, board: Board, keys: Sequence[str]) -> None:
        if not keys or not all(keys):
            raise ValueError("overlay links need at least one key, and none of them empty")
        self._store = store
        self._clock = clock
        self._channels = channels
        self._board = board
        self._keys = [key.encode() for key in keys]

    async def link(self, channel_id: str) -> tuple[str, int]:
        """The key of the channel's link, and the link's number. The caller has checked that the person may have it.
        Raises InvalidInput where there is no such channel, StoreError."""
        channel = await self._channels.get(channel_id)
        return _made(self._keys[0], channel.id, channel.overlay_number), channel.overlay_number

    async def renew(self, person: Person, channel_id: str) -> None:
        """All links that there were end. Raises InvalidInput, StoreError."""

        def told(before: Channel, after: Channel) -> list[AuditEntry]:
            return [line(channel_id, self._clock.now(), Action.OVERLAY_LINK, person)]

        await self._channels.change(
            channel_id, lambda channel: replace(channel, overlay_number=channel.overlay_number + 1), told
        )
        log.info("overlay link made anew", channel_id=channel_id, by=person.id)

    async def number(self, channel_id: str, key: str) -> int | None:
        """Of the channel's link, where that is its key. Takes as long for a wrong one as for a right one. Raises
        StoreError."""
        channel = await self._store.channels.get(channel_id)
        if channel is None:
            return None
        given = key[:LONGEST_KEY].encode("utf-8", "replace")
        fitting = [
            hmac.compare_digest(_made(one, channel.id, channel.overlay_number).encode(), given) for one in self._keys
        ]
        return channel.overlay_number if any(fitting) else None

    async def current(self, channel_id: str) -> int | None:
        """The number of the channel's link; None where there is no such channel. Raises StoreError."""
        channel = await self._store.channels.get(channel_id)
        return channel.overlay_number if channel else None

    async def shown(self, channel_id: str, key: str) -> PublicPicture:
        """What an overlay with that key, or with none, is to show: `off` where it is nothing. Raises StoreError."""
        picture = await self._board.public(channel_id)
        if picture.off and key and await self.number(channel_id, key) is not None:
            return await self._board.overlay(channel_id)
        return picture


def _made(key: bytes, channel_id: str, number: int) -> str:
    digest = hmac.digest(key, f"overlay:{channel_id}:{number}".encode(), "sha256")
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
