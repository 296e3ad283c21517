"""The document that says how often a channel has changed, and how one of its changes is known to be our own."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from typing import Any

from google.cloud.firestore_v1.base_document import DocumentSnapshot

from vip_manager.ports import Touched

COLLECTION = "revisions"


@dataclass(frozen=True, slots=True)
class Revision:
    """How a channel's document stood. `at` is when it was written, by the store's clock; where it is gone, `number` is
    0 and `at` when that was noticed. `touched` is what had been written before that, since that writer's last one."""

    channel_id: str
    number: int
    by: str
    note: Mapping[str, Any]
    at: datetime
    touched: Touched = None


def written_by(instance: str, touched: Touched) -> dict[str, Any]:
    """Fields of the document. Who has written is said twice: a version of this program that knows of no `touched`
    leaves what it finds there."""
    return {"by": instance, "touched": {"by": instance, "documents": None if touched is None else list(touched)}}


def read(snapshot: DocumentSnapshot[Any]) -> Revision:
    """Of a document that is there. What somebody spoiled by hand reads as empty: then it is news, and nothing worse."""
    fields = snapshot.to_dict() or {}
    number, note = fields.get("revision"), fields.get("note")
    return Revision(
        channel_id=snapshot.id,
        number=number if isinstance(number, int) else 0,
        by=str(fields.get("by", "")),
        note=note if isinstance(note, dict) else {},
        at=snapshot.update_time,
        touched=_touched(fields),
    )


def _touched(fields: Mapping[str, Any]) -> Touched:
    touched = fields.get("touched")
    if not isinstance(touched, dict) or touched.get("by") != fields.get("by"):
        return None
    documents = touched.get("documents")
    return tuple(map(str, documents)) if isinstance(documents, list) else None


class Verdict(Enum):
    OLD = auto()
    """It was judged before."""
    OURS = auto()
    FOREIGN = auto()
    UNSURE = auto()
    """A write of ours is under way and may be what was heard: judge again when its answer is here."""


class Hearing:
    """What has been heard of one channel. Revisions are counted without a gap, so nothing foreign has happened exactly
    where every number since the last one is one that a write of ours was given. In doubt it is foreign: to look once
    too often costs little, to miss a change does not."""

    def __init__(self, instance: str) -> None:
        self._instance = instance
        self._number = 0
        self._at: datetime | None = None
        self._ours: set[int] = set()
        self.touched: Touched = None
        """What others have written by the revision that was judged last, since the one before."""

    def begins(self, revision: Revision | None) -> None:
        """What a listener heard first; None: there is no document yet."""
        self._note(revision.number if revision else 0, revision.at if revision else None)

    def wrote(self, number: int) -> None:
        """A write of ours was given that number."""
        if number > self._number:
            self._ours.add(number)

    def has(self, revision: Revision) -> bool:
        """Whether that one, or a later one, has been heard."""
        return self._at is not None and self._at >= revision.at

    def reached(self, number: int) -> bool:
        return self._number >= number

    def judge(self, revision: Revision, writing: bool) -> Verdict:
        """`writing`: a write of ours may still be under way."""
        if self.has(revision):
            return Verdict.OLD
        self.touched = None
        if revision.number <= self._number:
            # The document was deleted, and maybe made anew: its numbers begin again.
            self._ours.clear()
            self._note(revision.number, revision.at)
            return Verdict.FOREIGN
        explained = sum(number <= revision.number for number in self._ours)
        ours = revision.by == self._instance
        if ours and explained < revision.number - self._number and writing:
            return Verdict.UNSURE
        gap = revision.number - self._number
        verdict = Verdict.OURS if ours and explained == gap else Verdict.FOREIGN
        if not ours and explained == gap - 1:
            self.touched = revision.touched
        self._note(revision.number, revision.at)
        return verdict

    def _note(self, number: int, at: datetime | None) -> None:
        self._number, self._at = number, at
        self._ours = {ours for ours in self._ours if ours > number}
