"""Which fields are moments."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from tests.store.every_kind import FULL
from tests.store.records import T0
from vip_manager.domain.audit import AuditEntry
from vip_manager.ports import Record
from vip_manager.store.documents import COLLECTIONS, kind_of
from vip_manager.store.moments import MOMENTS, with_moments
from vip_manager.store.sealing import Sealer
from vip_manager.store.timestamps import to_text


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, object]]:
    if isinstance(value, dict):
        for name, one in value.items():
            yield from leaves(one, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for one in value:
            yield from leaves(one, f"{path}[]")
    else:
        yield path, value


@pytest.mark.parametrize("record", FULL, ids=lambda record: type(record).__name__)
def test_the_moments_of_a_document_are_those_that_are_named(record: Record | AuditEntry, sealer: Sealer) -> None:
    kind = kind_of(record)
    document = kind.write(record, sealer)
    assert [path for path, value in leaves(document) if value is None] == [], "a record with nothing left out"
    found = {path for path, value in leaves(document) if isinstance(value, datetime)}
    assert found == MOMENTS[kind.collection]


def test_every_collection_has_its_moments() -> None:
    assert MOMENTS.keys() == set(COLLECTIONS)
    assert {kind_of(record).collection for record in FULL} == set(COLLECTIONS)


def test_the_name_decides_and_not_the_look() -> None:
    text = to_text(T0)
    document = {
        "rewardTitle": text,
        "catchUpAt": text,
        "stream": {"offAt": text, "other": text},
        "tiers": [{"id": text}],
    }
    assert with_moments("channels", document) == {
        "rewardTitle": text,
        "catchUpAt": T0,
        "stream": {"offAt": T0, "other": text},
        "tiers": [{"id": text}],
    }


@pytest.mark.parametrize("value", [None, 5, "soon", "2026-03-01T12:00:00", T0])
def test_what_is_no_moments_text_stays(value: object) -> None:
    assert with_moments("auditLog", {"at": value}) == {"at": value}
