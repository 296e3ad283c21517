from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from vip_manager.store.sealing import TOKENS, Sealer
from vip_manager.store.sqlite.store import SqliteStore
from vip_manager.store.stamp import Stamp

SECRET = "a root secret of at least 32 characters"
STAMP = Stamp("client-1", "id.twitch.tv")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "vip.db"


@pytest.fixture
def sealer() -> Sealer:
    return Sealer([SECRET], TOKENS)


@pytest.fixture
async def store(path: Path, sealer: Sealer) -> AsyncIterator[SqliteStore]:
    store = SqliteStore.open(path, sealer, STAMP)
    yield store
    await store.close()
