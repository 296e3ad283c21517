"""The contract, held against each store there is: the `store` fixture is the only thing that differs."""

import pytest

from tests.store.contract import StoreContract
from vip_manager.ports import Inspection, Store
from vip_manager.store.firestore.store import FirestoreStore
from vip_manager.store.sqlite.store import SqliteStore


class TestSqlite(StoreContract):
    def test_it_has_the_shape_of_the_port(self, store: SqliteStore) -> None:
        port: Store = store
        inspection: Inspection = store
        assert [port, inspection] == [store, store]


class TestFirestore(StoreContract):
    @pytest.fixture
    def store(self, firestore: FirestoreStore) -> FirestoreStore:
        return firestore

    def test_it_has_the_shape_of_the_port(self, store: FirestoreStore) -> None:
        port: Store = store
        inspection: Inspection = store
        assert [port, inspection] == [store, store]
