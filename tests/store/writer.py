"""A program that writes until it is killed, and prints what was acknowledged.

python -m tests.store.writer FILE SECRET NAME
"""

import asyncio
import itertools
import sys
from pathlib import Path

from tests.store.records import line, redemption
from vip_manager.store.sealing import TOKENS, Sealer
from vip_manager.store.sqlite.store import SqliteStore
from vip_manager.store.stamp import Stamp


async def write(path: Path, secret: str, name: str) -> None:
    store = SqliteStore.open(path, Sealer([secret], TOKENS), Stamp("client-1", "id.twitch.tv"))
    for number in itertools.count():
        record_id = f"{name}-{number}"
        await store.commit(redemption(record_id, channel_id=name), line(record_id, channel_id=name))
        print(record_id, flush=True)


if __name__ == "__main__":
    asyncio.run(write(Path(sys.argv[1]), sys.argv[2], sys.argv[3]))
