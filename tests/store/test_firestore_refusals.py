"""What Google says when it does not let us in, from a server that says nothing else."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import grpc
import pytest

from tests.store.conftest import STAMP
from tests.store.records import channel
from vip_manager.ports import Conflict, StoreError, StoreUnavailable
from vip_manager.store.firestore.calls import Calls
from vip_manager.store.firestore.client import connect
from vip_manager.store.firestore.errors import NotAllowed
from vip_manager.store.firestore.meter import Meter
from vip_manager.store.firestore.store import FirestoreStore
from vip_manager.store.sealing import Sealer


class _Refuser(grpc.GenericRpcHandler):  # type: ignore[misc]
    def __init__(self) -> None:
        self.code, self.says, self.asked = grpc.StatusCode.UNKNOWN, "", 0

    def service(self, call: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler:
        async def refuse(request: bytes, context: grpc.aio.ServicerContext) -> None:
            self.asked += 1
            await context.abort(self.code, self.says)

        return grpc.unary_unary_rpc_method_handler(refuse)


@pytest.fixture
async def refuser(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[_Refuser]:
    refuser = _Refuser()
    server = grpc.aio.server(handlers=[refuser])
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", f"127.0.0.1:{port}")
    yield refuser
    await server.stop(None)


@pytest.fixture
async def store(refuser: _Refuser, sealer: Sealer) -> AsyncIterator[FirestoreStore]:
    calls = Calls(connect("some-project", ""), Meter())
    store = FirestoreStore(calls, sealer)
    refuser.code = grpc.StatusCode.INVALID_ARGUMENT
    with pytest.raises(StoreError):
        await store.ping()
    # Once it is connected: on a machine that is busy a first call takes longer than this.
    calls._read_within = calls._commit_within = 0.6
    refuser.asked = 0
    yield store
    await store.close()


@pytest.mark.parametrize(
    ("code", "says", "error", "match"),
    [
        ("PERMISSION_DENIED", "Missing or insufficient permissions.", NotAllowed, "roles/datastore.user"),
        ("UNAUTHENTICATED", "Request had invalid credentials", NotAllowed, "roles/datastore.user"),
        ("NOT_FOUND", "The database (default) does not exist", StoreUnavailable, "FIRESTORE_DATABASE"),
        ("FAILED_PRECONDITION", "The query requires an index.", StoreUnavailable, r"firestore\.indexes\.json"),
        ("RESOURCE_EXHAUSTED", "Quota exceeded", StoreUnavailable, "Quota"),
        ("UNAVAILABLE", "later", StoreUnavailable, "later"),
        ("ABORTED", "too much contention", StoreUnavailable, "contention"),
        ("INTERNAL", "oops", StoreUnavailable, "oops"),
        ("DEADLINE_EXCEEDED", "too slow", StoreUnavailable, "too slow"),
        ("INVALID_ARGUMENT", "document too large", StoreError, "too large"),
    ],
)
async def test_every_refusal_has_its_sentence(
    store: FirestoreStore, refuser: _Refuser, code: str, says: str, error: type[StoreError], match: str
) -> None:
    refuser.code, refuser.says = grpc.StatusCode[code], says
    calls = (store.ping(), store.commit(channel()), store.channels.all())
    for said in await asyncio.gather(*calls, return_exceptions=True):
        assert isinstance(said, error)
        assert isinstance(said, StoreUnavailable) is (error is not StoreError)
        assert "some-project" in str(said)
        assert re.search(match, str(said))


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("ALREADY_EXISTS", "Document already exists: projects/some-project/databases/(default)/documents/channels/1"),
        ("NOT_FOUND", "No document to update: projects/some-project/databases/(default)/documents/channels/1"),
        ("FAILED_PRECONDITION", "the stored version does not match the required base version"),
    ],
)
async def test_only_a_commit_can_be_too_late(store: FirestoreStore, refuser: _Refuser, code: str, says: str) -> None:
    refuser.code, refuser.says = grpc.StatusCode[code], says
    with pytest.raises(Conflict):
        await store.commit(channel())
    with pytest.raises(StoreError) as caught:
        await store.ping()
    assert not isinstance(caught.value, Conflict)


async def test_who_is_not_let_in_is_told_at_the_start(refuser: _Refuser, sealer: Sealer) -> None:
    refuser.code, refuser.says = grpc.StatusCode.PERMISSION_DENIED, "Missing or insufficient permissions."
    with pytest.raises(NotAllowed, match=r"Grant its service account the role roles/datastore\.user"):
        await FirestoreStore.open("some-project", "", sealer, STAMP)
    assert refuser.asked == 1


async def test_contention_is_tried_again(store: FirestoreStore, refuser: _Refuser) -> None:
    refuser.code = grpc.StatusCode.ABORTED
    with pytest.raises(StoreUnavailable):
        await store.commit(channel())
    assert refuser.asked > 2


@pytest.mark.parametrize(
    ("written", "cause"),
    [
        (None, "Is a directory"),
        ("secret", "not a valid json file"),
        ('{"type": "service_account", "client_email": "secret"}', "service account"),
        ('{"type": "secret"}', "type"),
        ("\xff", "can't be used"),
    ],
)
async def test_a_key_file_that_can_not_be_used_is_named_with_its_cause(
    sealer: Sealer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, written: str | None, cause: str
) -> None:
    key = tmp_path
    if written is not None:
        key = tmp_path / "key.json"
        key.write_text(written, "latin-1")
    monkeypatch.delenv("FIRESTORE_EMULATOR_HOST", raising=False)
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(key))
    with pytest.raises(StoreError, match="GOOGLE_APPLICATION_CREDENTIALS") as caught:
        await FirestoreStore.open("some-project", "", sealer, STAMP)
    assert cause in str(caught.value)
    assert not isinstance(caught.value, StoreUnavailable)


async def test_without_credentials_it_says_what_to_do(sealer: Sealer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FIRESTORE_EMULATOR_HOST", raising=False)
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", "/nowhere/key.json")
    with pytest.raises(StoreError, match="GOOGLE_APPLICATION_CREDENTIALS"):
        await FirestoreStore.open("some-project", "", sealer, STAMP)
