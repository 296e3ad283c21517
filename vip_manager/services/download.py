"""All that is stored of a channel, for its owner to keep: lines of JSON.

{"format": "vip-manager-channel", "version": 1, "channel": "1001", "at": ...}
{"collection": "users", "id": "1001", "document": {...}}      one a document; of the account all but its tokens
{"documents": 1}                                              a file that was cut lacks it
"""

import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import UTC, datetime
from typing import Any

from vip_manager.ports import Clock, Store

FORMAT = "vip-manager-channel"
VERSION = 1


class Download:
    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def lines(self, channel_id: str) -> AsyncGenerator[bytes, None]:
        """As it is read, some hundreds of documents at once. The caller has checked that the person may have it. Raises
        StoreError, also in the middle."""
        yield _line({"format": FORMAT, "version": VERSION, "channel": channel_id, "at": self._clock.now()})
        count = 0
        async with aclosing(self._store.holdings.pages(channel_id)) as pages:
            async for page in pages:
                count += len(page)
                yield b"".join(
                    _line({"collection": one.collection, "id": one.id, "document": one.fields}) for one in page
                )
        yield _line({"documents": count})


def _line(value: dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=_text).encode() + b"\n"


def _text(value: object) -> str:
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z") if isinstance(value, datetime) else str(value)
