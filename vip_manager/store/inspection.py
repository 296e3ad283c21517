"""What only a store can see when it is read whole: documents that can't be read, sealed tokens that don't open, and
records that would not be found by what they say."""

from collections.abc import Callable, Mapping
from typing import Any

from vip_manager.domain.account import Account
from vip_manager.domain.books import Check, Flaw
from vip_manager.store.documents import REDEMPTIONS, SESSIONS, Kind, R
from vip_manager.store.fields import BrokenDocument, Document
from vip_manager.store.sealing import Sealer

Lookups = Callable[[Any, Document], Document]
"""Of a redemption or a session and its document as it would be written now: the fields by which the store finds it, as
they ought to stand there."""


class Inspector:
    """Reads documents of one moment, one after the other, and keeps what is wrong with them in `flaws`."""

    def __init__(self, sealer: Sealer, lookups: Lookups) -> None:
        self._sealer = sealer
        self._lookups = lookups
        self.flaws: list[Flaw] = []

    def read(self, kind: Kind[R], document_id: str, document: Mapping[str, Any] | None, version: str) -> R | None:
        """The record. None where it can't be read, and so where `document` is None: there was something else."""
        if document is None:
            self._note(Check.UNREADABLE, kind, document_id, "is no document")
            return None
        try:
            record = kind.read(document_id, document, self._sealer, version)
        except BrokenDocument as error:
            self._note(Check.UNREADABLE, kind, document_id, f"field {error.field!r} can't be read")
            return None
        except (ValueError, TypeError, OverflowError):
            # Whatever stands there: all others are looked at.
            self._note(Check.UNREADABLE, kind, document_id, "can't be read")
            return None
        if isinstance(record, Account) and record.tokens is None:
            if document.get("accessToken") or document.get("refreshToken"):
                self._note(Check.UNSEALED, kind, document_id, "the sealed Twitch tokens don't open")
        elif kind in (SESSIONS, REDEMPTIONS):
            expected = self._lookups(record, kind.write(record, self._sealer))
            for name, value in expected.items():
                if document.get(name) != value:
                    what = "its due time" if name == "dueAt" else f"{name!r}, by which it is found,"
                    self._note(Check.DUE, kind, document_id, f"{what} is not what the record says")
                    break
        return record

    def _note(self, check: Check, kind: Kind[Any], document_id: str, problem: str) -> None:
        self.flaws.append(Flaw(check, kind.collection, document_id, problem))
