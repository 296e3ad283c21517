"""One listener: a query on at most 30 channels' revisions, a connection's stream, and two threads of Google's.

What happens on those threads is handed over to the event loop here, and nowhere else.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from google.cloud.firestore_v1.base_document import DocumentSnapshot
from google.cloud.firestore_v1.base_query import FieldFilter
from google.cloud.firestore_v1.field_path import FieldPath
from google.cloud.firestore_v1.types.firestore import ListenRequest, ListenResponse
from google.cloud.firestore_v1.watch import ChangeType, DocumentChange, Watch

from vip_manager.store.firestore.listening import Link
from vip_manager.store.firestore.revision import COLLECTION, Revision, read

MOST_CHANNELS = 30
"""In one `in` query (https://cloud.google.com/firestore/quotas)."""

_MOST_STREAMS = 5
_WITHIN = 10.0
"""The library opens a stream that broke at once and for ever. So many in so many seconds, and the listener is given
up, to be made again after a pause."""


class Listener:
    """`heard` is called with the listener, what has changed, and whether that is the first it hears; `ended` once, when
    it is over for good, or when the library would not get over it."""

    def __init__(
        self,
        link: Link,
        channel_ids: frozenset[str],
        heard: Callable[["Listener", list[Revision], bool], None],
        ended: Callable[["Listener"], None],
    ) -> None:
        self.channel_ids = channel_ids
        self.latest: dict[str, Revision] = {}
        self.standing = False
        """Every change would be heard of: the stream is open and has caught up."""
        self.stood_since: float | None = None
        """Loop time of the first time that it stood."""
        self.error: Exception | None = None
        self._link = link
        self._heard = heard
        self._ended = ended
        self._loop = asyncio.get_running_loop()
        self.last_sign = self.fell = self._loop.time()
        """When something was last heard, and since when it does not stand, where it does not."""
        self._opened: deque[float] = deque(maxlen=_MOST_STREAMS)
        self._watch: _Watch | None = None
        self._shut = False

    @property
    def over(self) -> bool:
        return self._shut or self.error is not None

    async def open(self) -> None:
        try:
            await self._link.run(self._start)
        except Exception as error:
            self.end(error)

    async def shut(self) -> None:
        """Joins its threads, which takes a second at worst. It says nothing any more."""
        self._shut = True
        self.standing = False
        await self._link.run(self._stop)

    def _start(self) -> None:
        collection = self._link.client.collection(COLLECTION)
        chosen = [collection.document(channel_id) for channel_id in sorted(self.channel_ids)]
        query = collection.where(filter=FieldFilter(FieldPath.document_id(), "in", chosen))
        self._watch = _Watch.for_query(query, _Ear(self), DocumentSnapshot)
        if self.over:  # given up while it was being opened
            self._stop()

    def _stop(self) -> None:
        if self._watch is not None:
            self._watch.close()

    def end(self, error: Exception) -> None:
        """It is not to be trusted any more. A second time does nothing."""
        if not self.over:
            self.error = error
            self.standing = False
            self._ended(self)

    def hand_over(self, what: Callable[..., None], *facts: Any) -> None:
        """From a thread of the library."""
        with suppress(RuntimeError):  # the loop is closed, and nobody listens
            self._loop.call_soon_threadsafe(what, *facts)

    def on_opening(self) -> None:
        now = self._loop.time()
        if self.standing:
            self.standing, self.fell = False, now
        if len(self._opened) == _MOST_STREAMS and now - self._opened[0] < _WITHIN:
            self.end(ConnectionError(f"its stream broke {_MOST_STREAMS} times in {_WITHIN:g} s"))
        self._opened.append(now)

    def on_current(self, revisions: list[Revision]) -> None:
        if self.over:
            return
        self.last_sign = self._loop.time()
        self.latest.update((revision.channel_id, revision) for revision in revisions)
        first = self.stood_since is None
        self.standing = True
        if first:
            self.stood_since = self._loop.time()
        self._heard(self, revisions, first)


class _Ear:
    """What the library calls, on its threads."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self._changed: list[Revision] = []

    def __call__(self, documents: list[DocumentSnapshot[Any]], changes: list[DocumentChange], read_time: Any) -> None:
        for change in changes:
            if change.type is ChangeType.REMOVED:
                gone = change.document.reference.id
                self._changed.append(Revision(gone, 0, "", {}, read_time))
            else:
                self._changed.append(read(change.document))

    def opening(self) -> None:
        self._listener.hand_over(self._listener.on_opening)

    def current(self) -> None:
        changed, self._changed = self._changed, []
        self._listener.hand_over(self._listener.on_current, changed)

    def ended(self, error: object) -> None:
        known = error if isinstance(error, Exception) else ConnectionError("the stream was closed")
        self._listener.hand_over(self._listener.end, known)


class _Watch(Watch):
    """Google's own, which keeps to itself what we must know: that its stream is being opened again, that it has caught
    up, that it has died. (Written against google-cloud-firestore 2.34.)"""

    def _init_stream(self) -> None:
        self._ear: _Ear = self._snapshot_callback
        super()._init_stream()

    def _get_rpc_request(self) -> ListenRequest:
        # Called once for each stream.
        self._ear.opening()
        request: ListenRequest = super()._get_rpc_request()
        return request

    def on_snapshot(self, proto: ListenResponse | None) -> None:
        if proto is None:
            return
        message = proto._pb
        if message.WhichOneof("response_type") == "filter" and message.filter.count != self._current_size():
            # The library would start its stream anew, but without its callback: it would die of the next change.
            self._ear.ended(ConnectionError("what was heard and what is stored do not agree"))
            return
        try:
            super().on_snapshot(proto)
        except Exception as error:  # its thread would die of it, and nobody would know
            self._ear.ended(error)

    def push(self, read_time: Any, next_resume_token: Any) -> None:
        super().push(read_time, next_resume_token)
        self._ear.current()

    def _on_rpc_done(self, future: object) -> None:
        # The library would close itself, by an exception on a thread where nobody can catch it.
        self._ear.ended(future)
