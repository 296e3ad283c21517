from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests import emulator
from vip_manager.store.firestore.meter import Meter
from vip_manager.store.firestore.store import FirestoreStore
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


@pytest.fixture
def project(monkeypatch: pytest.MonkeyPatch) -> str:
    """An empty one in the emulator."""
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", emulator.running().address)
    return emulator.new_project()


@pytest.fixture
def meter() -> Meter:
    return Meter()


@pytest.fixture
async def firestore(project: str, sealer: Sealer, meter: Meter) -> AsyncIterator[FirestoreStore]:
    store = await FirestoreStore.open(project, "", sealer, STAMP, meter=meter)
    yield store
    await store.close()
