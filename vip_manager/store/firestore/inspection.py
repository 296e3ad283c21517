"""Reads the database whole, as of one moment."""

import operator
from datetime import datetime
from typing import Any

from google.cloud.firestore_v1.base_document import DocumentSnapshot

from vip_manager.domain.books import Books
from vip_manager.store.documents import AUDIT, CHANNELS, REDEMPTIONS, SESSIONS, SIGN_INS, USERS, Kind, R
from vip_manager.store.firestore.calls import Calls
from vip_manager.store.firestore.documents import ORDER, content, lookups, version_of
from vip_manager.store.firestore.opening import STAMP
from vip_manager.store.firestore.queries import everything
from vip_manager.store.inspection import Inspector
from vip_manager.store.sealing import Sealer

_PAGE = 1000


async def read_books(calls: Calls, sealer: Sealer) -> Books:
    """A read a document. Firestore keeps what stood at that moment for an hour
    (https://cloud.google.com/firestore/docs/reference/rpc/google.firestore.v1#runqueryrequest, `read_time`)."""
    inspector = Inspector(sealer, lookups)
    now: datetime = (await calls.get(calls.document(*STAMP))).read_time

    async def every(kind: Kind[R]) -> list[R]:
        return await _read(calls, kind, inspector, now)

    return Books(
        accounts=await every(USERS),
        sign_ins=await every(SIGN_INS),
        channels=await every(CHANNELS),
        sessions=await every(SESSIONS),
        redemptions=await every(REDEMPTIONS),
        audit=await every(AUDIT),
        flaws=inspector.flaws,
    )


async def _read(calls: Calls, kind: Kind[R], inspector: Inspector, now: datetime) -> list[R]:
    """In the order in which they were made."""
    query = everything(kind.collection).to(calls.client).limit(_PAGE)
    found = []
    while True:
        page = await calls.query(query, read_time=now)
        for snapshot in page:
            record = inspector.read(kind, snapshot.id, content(snapshot), version_of(snapshot))
            if record is not None:
                found.append((_made(snapshot), record))
        if len(page) < _PAGE:
            break
        query = query.start_after(page[-1])
    return [record for _, record in sorted(found, key=operator.itemgetter(0))]


def _made(snapshot: DocumentSnapshot[Any]) -> tuple[datetime, int]:
    order = (snapshot.to_dict() or {}).get(ORDER)
    return snapshot.create_time, order if isinstance(order, int) else 0
