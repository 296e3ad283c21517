"""What Google bills for: documents read, written and deleted (https://cloud.google.com/firestore/pricing)."""

from dataclasses import dataclass

from vip_manager import measures

_ENTRIES_A_READ = 1000


@dataclass(slots=True)
class Meter:
    """Counts up for as long as it is used. A call that failed counts nothing, though Google may bill it."""

    reads: int = 0
    writes: int = 0
    deletes: int = 0

    def looked_up(self, documents: int) -> None:
        """A document that is not there costs a read too, and so does a query that finds nothing."""
        self._read(max(documents, 1))

    def counted(self, entries: int) -> None:
        """An aggregation costs a read for up to 1000 index entries."""
        self._read(max(-(-entries // _ENTRIES_A_READ), 1))

    def changed(self, writes: int, deletes: int) -> None:
        self.writes += writes
        self.deletes += deletes
        measures.store_writes.add(writes + deletes)

    def _read(self, documents: int) -> None:
        self.reads += documents
        measures.store_reads.add(documents)
