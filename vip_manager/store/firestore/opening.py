"""What is done before the database is used: whose it is, and whether all of it has been taken over."""

from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from google.cloud.firestore_v1.base_document import DocumentSnapshot

from vip_manager.ports import Conflict, StoreUnavailable
from vip_manager.store.archive import HalfImported
from vip_manager.store.fields import Document, Fields
from vip_manager.store.firestore.calls import Calls
from vip_manager.store.firestore.documents import content
from vip_manager.store.firestore.taking_over import take_over
from vip_manager.store.stamp import MadeByNewerProgram, NoData, Stamp, WrongStamp

STAMP = ("meta", "stamp")
IMPORT = ("meta", "import")
"""There while an import goes on, and where it was cut short."""
DATA_VERSION = 1
"""Goes up when a program of before could no longer work with what is stored."""


async def prepare(calls: Calls, stamp: Stamp, *, importing: bool = False, existing: bool = False) -> None:
    """The first program to open the database stamps it; nobody works with it before all that an earlier system left
    was taken over, and whoever was killed in the middle of that is relieved by the next. What an import left half done
    is for the next import only. Where `existing` the database is only looked at.

    Raises WrongStamp, MadeByNewerProgram, HalfImported, NoData, StoreUnavailable.
    """
    stamped = await _stamped(calls, None if existing else stamp)
    found = Fields(*STAMP, content(stamped))
    made_with = Stamp(found.text("clientId"), found.text("authHost"))
    version = found.integer("dataVersion", DATA_VERSION)
    if version > DATA_VERSION:
        raise MadeByNewerProgram(calls.place, version, DATA_VERSION)
    if made_with != stamp:
        elsewhere = "let FIRESTORE_DATABASE or GOOGLE_CLOUD_PROJECT name another database"
        raise WrongStamp(calls.place, made_with, stamp, elsewhere)
    if not importing and (await calls.get(calls.document(*IMPORT))).exists:
        raise HalfImported(calls.place)
    if not existing and not found.flag("takenOver", False):
        await take_over(calls, datetime.now(UTC))
        batch = calls.batch()
        batch.replace(stamped.reference, _document(stamp, taken_over=True), stamped.update_time.timestamp_pb())
        # Whoever was faster has taken it over too, or is a newer program, whose stamp counts.
        with suppress(Conflict):
            await calls.commit(batch)


async def _stamped(calls: Calls, stamp: Stamp | None) -> DocumentSnapshot[Any]:
    """Without a stamp of ours nothing is written. Raises NoData."""
    reference = calls.document(*STAMP)
    found = await calls.get(reference)
    if not found.exists and stamp is None:
        raise NoData(calls.place)
    if not found.exists and stamp is not None:
        batch = calls.batch()
        batch.create(reference, _document(stamp, taken_over=False))
        # Another start may be faster: its stamp counts.
        with suppress(Conflict):
            await calls.commit(batch)
        found = await calls.get(reference)
    if not found.exists:
        raise StoreUnavailable(f"{calls.place} does not keep what is written to it")
    return found


def _document(stamp: Stamp, *, taken_over: bool) -> Document:
    return {
        "clientId": stamp.client_id,
        "authHost": stamp.auth_host,
        "dataVersion": DATA_VERSION,
        "takenOver": taken_over,
    }
