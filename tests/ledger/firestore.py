"""A life's data in a project of its own in Google's emulator, where two instances work on it.

Real time does not pass in these lives, and nobody waits for it: of what instances do by the store's own clock there is
only that turns are taken and given up.
"""

import asyncio
import os
from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import partial
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from google.api_core import exceptions as google_errors
from google.cloud.firestore_v1.base_query import FieldFilter
from google.cloud.firestore_v1.client import Client as ThreadedClient
from google.cloud.firestore_v1.types.write import Write

from tests import emulator
from tests.crash.books import Books, Document
from tests.ledger.wire import IN_THE_MIDDLE, LOST_COMMIT, Mortal, beside
from vip_manager.bootstrap import program
from vip_manager.ports import News, StoreUnavailable, Taken, Touched
from vip_manager.services.turns import Turns
from vip_manager.store.firestore import store as firestore_store
from vip_manager.store.firestore.calls import Calls
from vip_manager.store.firestore.client import Batch
from vip_manager.store.firestore.leases import COLLECTION as LEASES
from vip_manager.store.firestore.shared import FirestoreShared
from vip_manager.store.timestamps import to_text

PATIENCE = 1.0
"""Seconds, of the machine's clock, in which what goes on beside comes to its end."""
_LOOKS_AGAIN = 0.05
_LONGEST_PAUSE = 1.0
"""What waits longer is about a time that does not pass here."""

LOST = ("found out", "for good", "never sent")
"""What may befall a commit: it is done, and the answer is lost, until it is sent again; or for as long as anybody would
wait for it; or it is not done at all."""


class FirestorePlace:
    instances = 2

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._emulator = emulator.running()
        self._project = emulator.new_project()
        self._freed, self._waits = asyncio.Event(), asyncio.Event()
        self._known: dict[str, dict[str, Document]] = {}
        self._lives: list[tuple[Mortal, list[FirestoreShared]]] = []
        with self._at_home():
            self._client = ThreadedClient(self._project)

    @property
    def environment(self) -> Mapping[str, str]:
        return {"GOOGLE_CLOUD_PROJECT": self._project, "CRON_SECRET": "the scheduler's secret of the tests"}

    def books(self, *, log: bool) -> Books:
        """Everybody who writes does so in this process, so what nobody has written to need not be read again."""
        lines = list(self._documents("auditLog").values()) if log else []
        return Books(self._documents("vipSessions"), self._documents("redemptions"), lines)

    @contextmanager
    def edges(self, steps: Mortal) -> Iterator[None]:
        shared: list[FirestoreShared] = []
        self._lives.append((steps, shared))

        def sharing(store: firestore_store.FirestoreStore) -> FirestoreShared:
            shared.append(_Shared(store.calls, store.meter))
            return shared[0]

        replaced: dict[str, Any] = {
            "shared_by": sharing,
            "Turns": partial(Turns, patience=PATIENCE, sleep=self._pause),
        }
        before = {name: getattr(program, name) for name in replaced}
        for name, part in replaced.items():
            setattr(program, name, part)
        firestore_store.Calls = partial(_Calls, self, steps)  # type: ignore[attr-defined, assignment]
        try:
            with self._at_home():
                yield
        finally:
            firestore_store.Calls = Calls  # type: ignore[attr-defined]
            for name, part in before.items():
                setattr(program, name, part)

    def bury(self) -> None:
        """A turn would keep others away for 30 seconds of the store's clock: here they are over at once."""
        for steps, shared in self._lives:
            for one in shared if steps.dead else ():
                held = self._client.collection(LEASES).where(filter=FieldFilter("holder", "==", one.instance)).stream()
                for lease in held:
                    lease.reference.delete()
        self._lives = [life for life in self._lives if not life[0].dead]
        self._freed.set()

    def close(self) -> None:
        self._client.close()
        # The emulator keeps all in memory.
        connection = HTTPConnection(self._emulator.host, self._emulator.port, timeout=10)
        connection.request("DELETE", f"/emulator/v1/projects/{self._project}/databases/(default)/documents")
        connection.getresponse().read()
        connection.close()

    def written(self, collections: set[str]) -> None:
        for collection in collections:
            self._known.pop(collection, None)

    def freed(self) -> None:
        """A turn was given up."""
        self._freed.set()

    async def waits(self) -> None:
        """Until somebody waits for a turn."""
        self._waits.clear()
        await self._waits.wait()

    async def _pause(self, seconds: float) -> None:
        """In the place of time: until a turn has been given up."""
        if seconds > _LONGEST_PAUSE:
            await asyncio.Event().wait()
        if beside.get() == IN_THE_MIDDLE:
            raise Taken("whoever has that turn goes on when this is over")
        self.bury()
        self._waits.set()
        self._freed.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(_LOOKS_AGAIN):
                await self._freed.wait()

    def _documents(self, collection: str) -> dict[str, Document]:
        if collection not in self._known:
            found = sorted(
                self._client.collection(collection).stream(),
                key=lambda one: (one.create_time, one.get("order") if collection == "auditLog" else 0),
            )
            self._known[collection] = {one.id: _as_text(one.to_dict()) for one in found}
        return self._known[collection]

    @contextmanager
    def _at_home(self) -> Iterator[None]:
        before = os.environ.get("FIRESTORE_EMULATOR_HOST")
        os.environ["FIRESTORE_EMULATOR_HOST"] = self._emulator.address
        try:
            yield
        finally:
            if before is None:
                del os.environ["FIRESTORE_EMULATOR_HOST"]
            else:
                os.environ["FIRESTORE_EMULATOR_HOST"] = before


class _Calls(Calls):
    """With edges. Turns have none: to die there is to die at the next edge."""

    def __init__(self, place: FirestorePlace, steps: Mortal, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self._place = place
        self._steps = steps

    def batch(self) -> Batch:
        return _Batch(self.client, self._place, self._steps)


class _Batch(Batch):
    def __init__(self, client: Any, place: FirestorePlace, steps: Mortal) -> None:
        super().__init__(client)
        self._place = place
        self._steps = steps

    async def commit(self, *args: Any, **named: Any) -> list[Any]:
        writes = list(self._write_pbs)
        collections = {_collection(write) for write in writes}
        of_turns = collections == {LEASES}
        name = f"commit {', '.join(map(_said, writes))}"
        self._edge(f"{name}: written", of_turns)
        lost = "" if of_turns else self._steps.commit_lost()
        if lost == "never sent":
            raise StoreUnavailable(f"{LOST_COMMIT}: {lost}")
        try:
            results: list[Any] = await super().commit(*args, **named)
        finally:
            self._place.written(collections)
        if of_turns and any(write.delete for write in writes):
            self._place.freed()
        self._edge(f"{name}: committed", of_turns)
        if lost == "for good":
            raise StoreUnavailable(f"{LOST_COMMIT}: {lost}")
        if lost:
            self._write_pbs = writes
            raise google_errors.ServiceUnavailable(lost)
        return results

    def _edge(self, name: str, of_turns: bool) -> None:
        if of_turns:
            self._steps.check_alive(name)
        else:
            self._steps.edge(name)


class _Shared(FirestoreShared):
    """With nobody who looks at anything, so that no instance has anything to tell the other."""

    @property
    def feed(self) -> Any:
        return _NoFeed()


class _NoFeed:
    async def publish(self, channel_id: str, note: Mapping[str, Any] | None = None) -> None:
        pass

    async def renote(self, channel_id: str, noting: object, *, changed: bool) -> None:
        pass

    def touched(self, channel_id: str) -> Touched:
        return None

    def number(self, channel_id: str) -> int | None:
        return None

    async def note(self, channel_id: str) -> Mapping[str, Any]:
        return {}

    def follow(self, channel_ids: frozenset[str]) -> None:
        pass

    def followed(self, channel_id: str) -> bool:
        return False

    async def news(self) -> AsyncGenerator[News, None]:
        await asyncio.Event().wait()
        yield News("", {})


def _collection(write: Write) -> str:
    message = Write.pb(write)
    return str((message.delete or message.update.name).split("/")[-2])


def _said(write: Write) -> str:
    """Which record, and what it is now."""
    message = Write.pb(write)
    fields = message.update.fields
    what = next((fields[name].string_value for name in ("state", "action") if name in fields), "")
    return f"{_collection(write)} {'deleted' if message.delete else what}".rstrip()


def _as_text(value: Any) -> Any:
    """As SQLite's documents have it."""
    match value:
        case datetime():
            return to_text(value)
        case dict():
            return {name: _as_text(one) for name, one in value.items()}
        case list():
            return [_as_text(one) for one in value]
    return value
