"""What Google bills for: documents read, written and deleted (https://cloud.google.com/firestore/pricing)."""

from dataclasses import dataclass

_ENTRIES_A_READ = 1000


@dataclass(slots=True)
class Meter:
    """Counts up for as long as it is used. A call that failed counts nothing, though Google may bill it."""

    reads: int = 0
    writes: int = 0
    deletes: int = 0

    def looked_up(self, documents: int) -> None:
        """A document that is not there costs a read too, and so does a query that finds nothing."""
        self.reads += max(documents, 1)

    def counted(self, entries: int) -> None:
        """An aggregation costs a read for up to 1000 index entries."""
        self.reads += max(-(-entries // _ENTRIES_A_READ), 1)

    def changed(self, writes: int, deletes: int) -> None:
        self.writes += writes
        self.deletes += deletes
