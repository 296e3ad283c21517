"""Reads the database whole, as of one moment."""

import operator
from dataclasses import replace
from datetime import datetime

from vip_manager.domain.books import Books
from vip_manager.store.documents import (
    AUDIT,
    BESIDE_THE_BOOKS,
    CHANNELS,
    REDEMPTIONS,
    SESSIONS,
    SIGN_INS,
    USERS,
    Kind,
    R,
)
from vip_manager.store.firestore.calls import Calls
from vip_manager.store.firestore.claims import CLAIMS, claim_flaws, holder_of
from vip_manager.store.firestore.documents import content, lookups, made, version_at
from vip_manager.store.firestore.opening import STAMP
from vip_manager.store.firestore.queries import everything
from vip_manager.store.inspection import Inspector
from vip_manager.store.sealing import Sealer


async def read_books(calls: Calls, sealer: Sealer) -> Books:
    """A read a document. Firestore keeps what stood at that moment for an hour
    (https://cloud.google.com/firestore/docs/reference/rpc/google.firestore.v1#runqueryrequest, `read_time`)."""
    inspector = Inspector(sealer, lookups, shared=True)
    now: datetime = (await calls.get(calls.document(*STAMP))).read_time

    async def every(kind: Kind[R]) -> list[R]:
        return await _read(calls, kind, inspector, now)

    for kind in BESIDE_THE_BOOKS:
        await every(kind)
    books = Books(
        accounts=await every(USERS),
        sign_ins=await every(SIGN_INS),
        channels=await every(CHANNELS),
        sessions=await every(SESSIONS),
        redemptions=await every(REDEMPTIONS),
        audit=await every(AUDIT),
        flaws=inspector.flaws,
    )
    claims = await calls.whole(everything(CLAIMS).to(calls.client), now)
    holders = {claim.id: holder_of(claim) for claim in claims}
    return replace(books, flaws=[*books.flaws, *claim_flaws(books, holders)])


async def _read(calls: Calls, kind: Kind[R], inspector: Inspector, now: datetime) -> list[R]:
    """In the order in which they were made."""
    found = []
    for snapshot in await calls.whole(everything(kind.collection).to(calls.client), now):
        document = content(snapshot)
        record = inspector.read(kind, snapshot.id, document, version_at(snapshot.update_time, document))
        if record is not None:
            found.append((made(snapshot), record))
    found.sort(key=operator.itemgetter(0))
    return [record for _, record in found]
