"""The contract, held against each store there is: the `store` fixture is the only thing that differs."""

from tests.store.contract import StoreContract
from vip_manager.ports import Store
from vip_manager.store.sqlite.store import SqliteStore


class TestSqlite(StoreContract):
    def test_it_has_the_shape_of_the_port(self, store: SqliteStore) -> None:
        port: Store = store
        assert port is store
