"""All documents of one channel, whatever they say: to be handed over, or deleted."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Any

from google.cloud.firestore_v1.base_document import DocumentSnapshot

from vip_manager.ports import Document
from vip_manager.store.documents import AUDIT, CHANNELS, KEPT_BESIDE, REDEMPTIONS, SESSIONS, USERS, handed_over
from vip_manager.store.firestore import queries
from vip_manager.store.firestore.calls import MOST_WRITES, Calls
from vip_manager.store.firestore.claims import CLAIMS
from vip_manager.store.firestore.documents import BESIDE, content
from vip_manager.store.firestore.touched import Touches

ERASED = (SESSIONS.collection, REDEMPTIONS.collection, *KEPT_BESIDE, AUDIT.collection, CLAIMS)


class FirestoreHoldings:
    """ports.Holdings. A read a document; erasing it costs a delete more."""

    def __init__(self, calls: Calls, touches: Touches) -> None:
        self._calls = calls
        self._touches = touches

    async def pages(self, channel_id: str) -> AsyncGenerator[Sequence[Document], None]:
        found = [
            await self._calls.get(self._calls.document(collection, channel_id))
            for collection in (USERS.collection, CHANNELS.collection)
        ]
        if own := [_document(one.reference.parent.id, one) for one in found if one.exists]:
            yield own
        questions = [queries.of_channel(kind.collection, channel_id) for kind in (SESSIONS, REDEMPTIONS)]
        for question in (*questions, queries.audit_latest(channel_id)):
            async with aclosing(self._calls.pages(question.to(self._calls.client), MOST_WRITES)) as pages:
                async for page in pages:
                    yield [_document(question.collection, snapshot) for snapshot in page]

    async def erase(self, channel_id: str) -> int:
        for collection in ERASED:
            query = queries.of_channel(collection, channel_id).to(self._calls.client).limit(MOST_WRITES)
            if found := await self._calls.query(query):
                batch = self._calls.batch()
                for snapshot in found:
                    batch.delete(snapshot.reference)
                await self._calls.commit(batch)
                self._touches.erased(channel_id)
                return len(found)
        return 0


def _document(collection: str, snapshot: DocumentSnapshot[Any]) -> Document:
    own = {name: value for name, value in content(snapshot).items() if name not in BESIDE}
    return Document(collection, snapshot.id, handed_over(collection, own))
