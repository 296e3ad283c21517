"""What only a store can see when it is read whole: documents that can't be read, sealed tokens that don't open, what an
earlier system left, and records that would not be found by what they say."""

from collections.abc import Callable, Mapping
from typing import Any

from vip_manager.domain.account import Account
from vip_manager.domain.books import Check, Flaw
from vip_manager.store import takeover
from vip_manager.store.documents import CHANNELS, REDEMPTIONS, SESSIONS, USERS, Kind, R
from vip_manager.store.fields import BrokenDocument, Document
from vip_manager.store.sealing import Sealer

Lookups = Callable[[Any, Document], Document]
"""Of a channel, a redemption or a session and its document as it would be written now: the fields by which the store
finds it, as they ought to stand there."""


class Inspector:
    """Reads documents of one moment, one after the other, and keeps what is wrong with them in `flaws`."""

    def __init__(self, sealer: Sealer, lookups: Lookups, *, shared: bool) -> None:
        """`shared`: an earlier system may have written into this store, and may do so still; then the store can take
        that over."""
        self._sealer = sealer
        self._lookups = lookups
        self._shared = shared
        self.flaws: list[Flaw] = []

    def read(self, kind: Kind[R], document_id: str, document: Mapping[str, Any] | None, version: str) -> R | None:
        """The record. None where it can't be read, and so where `document` is None: there was something else."""
        if document is None:
            self._note(Check.UNREADABLE, kind, document_id, "is no document")
            return None
        earlier = self._shared and self._earlier(kind, document_id, document)
        try:
            record = kind.read(document_id, document, self._sealer, version)
            if not earlier:
                self._look(kind, document_id, record, document)
        except (BrokenDocument, ValueError, TypeError, OverflowError) as error:
            # Whatever stands there: all others are looked at.
            if not earlier:
                which = f"field {error.field!r} " if isinstance(error, BrokenDocument) else ""
                self._note(Check.UNREADABLE, kind, document_id, f"{which}can't be read")
            return None
        return record

    def _earlier(self, kind: Kind[Any], document_id: str, document: Mapping[str, Any]) -> bool:
        """Whether an earlier system's hand is seen in it."""
        readable = kind is USERS and takeover.has_readable_tokens(document)
        tokens = ", with Twitch tokens that anybody can read" if readable else ""
        if not takeover.is_ours(kind.collection, document):
            refusal = takeover.refusal(kind.collection, document_id, document)
            problem, mend = f"an earlier system wrote it{tokens}", "takes it over"
            if refusal is not None:
                problem, mend = f"{problem}, and field {refusal.field!r} can't be read", ""
        elif readable:
            problem, mend = f"an earlier system wrote into it{tokens}", "wipes them: that person signs in again"
        else:
            return False
        self._note(Check.EARLIER, kind, document_id, problem, mend)
        return True

    def _look(self, kind: Kind[Any], document_id: str, record: object, document: Mapping[str, Any]) -> None:
        if isinstance(record, Account) and record.tokens is None:
            if document.get("accessToken") or document.get("refreshToken"):
                self._note(Check.UNSEALED, kind, document_id, "the sealed Twitch tokens don't open")
        elif kind in (CHANNELS, SESSIONS, REDEMPTIONS):
            expected = self._lookups(record, kind.write(record, self._sealer))
            for name, value in expected.items():
                if document.get(name) != value:
                    what = "its due time" if name == "dueAt" else f"{name!r}, by which it is found,"
                    mend = "writes it anew" if kind is CHANNELS else ""
                    self._note(Check.DUE, kind, document_id, f"{what} is not what the record says", mend)
                    break

    def _note(self, check: Check, kind: Kind[Any], document_id: str, problem: str, mend: str = "") -> None:
        self.flaws.append(Flaw(check, kind.collection, document_id, problem, mend))
