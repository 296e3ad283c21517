"""The emulator answers whatever is asked; Firestore refuses a query that lacks its composite index. So what each query
needs is derived here by Firestore's rules (https://firebase.google.com/docs/firestore/query-data/index-overview), and
held against what is deployed."""

import ast
import inspect
import itertools
import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from google.cloud.firestore_v1.base_query import And, BaseFilter, FieldFilter, Or

from tests.store.records import T0
from vip_manager.domain.audit import Action
from vip_manager.domain.history import TOPICS, Topic, Wanted
from vip_manager.domain.redemption import RedemptionState
from vip_manager.store.documents import COLLECTIONS
from vip_manager.store.firestore import queries
from vip_manager.store.firestore.queries import ASCENDING, Question

ROOT = Path(__file__).parents[2]
DEPLOYED = json.loads((ROOT / "deploy" / "firestore.indexes.json").read_text())

EXAMPLES: dict[str, Any] = {
    "collection": "users",
    "before": T0,
    "login": "streamer",
    "now": T0,
    "channel_id": "1001",
    "user_id": "2001",
    "session_id": "s1",
    "at": T0,
    "within": timedelta(hours=1),
    "since": T0,
    "until": T0,
}
WANTED = [
    Wanted(actions, person_id, since, until)
    for actions in (frozenset[Action](), TOPICS[Topic.GIVEN])
    for person_id in ("", "2001")
    for since, until in ((None, None), (T0, T0))
]
SEVERAL: dict[str, list[Any]] = {
    "state": [None, RedemptionState.HELD],
    "wanted": WANTED,
    "person_is": ["subjectId", "actorId"],
    "older": [True, False],
}
"""Parameters that decide which index a question needs."""

Index = tuple[str, frozenset[str], tuple[tuple[str, str], ...]]
"""Collection; fields that must be equal, in whatever order; then fields with their directions."""


def questions() -> dict[str, Question]:
    found = {}
    for name, ask in inspect.getmembers(queries, inspect.isfunction):
        if ask.__module__ == queries.__name__ and not name.startswith("_"):
            parameters = inspect.signature(ask).parameters
            choices = [SEVERAL.get(parameter) or [EXAMPLES[parameter]] for parameter in parameters]
            for number, chosen in enumerate(itertools.product(*choices)):
                found[f"{name}-{number}" if number else name] = ask(**dict(zip(parameters, chosen, strict=True)))
    return found


def disjunctions(where: BaseFilter | None) -> list[list[FieldFilter]]:
    """Firestore answers an OR as so many queries without one. `in` of one field is equality, once for each value."""
    match where:
        case None:
            return [[]]
        case FieldFilter():
            return [[where]]
        case Or():
            return [one for part in where.filters for one in disjunctions(part)]
        case And():
            products = itertools.product(*(disjunctions(part) for part in where.filters))
            return [[one for part in parts for one in part] for parts in products]
    raise AssertionError(where)


def needed(question: Question) -> Iterator[Index]:
    for filters in disjunctions(question.where):
        assert {one.op_string for one in filters} <= {"==", "in", "array_contains", "<", "<=", ">", ">="}
        equal = {one.field_path for one in filters if one.op_string in ("==", "in", "array_contains")}
        ranges = {one.field_path for one in filters} - equal
        order = [one for one in question.order if one[0] not in equal and one[0] != "__name__"]
        order += [(field, ASCENDING) for field in sorted(ranges - {field for field, _ in order})]
        assert len(ranges) <= 1, "a range over several fields"
        if order and len(equal) + len(order) > 1:
            yield question.collection, frozenset(equal), tuple(order)


def deployed() -> list[Index]:
    found = []
    for index in DEPLOYED["indexes"]:
        assert index["queryScope"] == "COLLECTION"
        fields = [(field["fieldPath"], field["order"]) for field in index["fields"]]
        found.append((index["collectionGroup"], fields))
    needs = {need for question in questions().values() for need in needed(question)}
    return [_as_needed(collection, fields, needs) for collection, fields in found]


def _as_needed(collection: str, fields: list[tuple[str, str]], needs: set[Index]) -> Index:
    """Split where a query that needs it splits it; what no query needs stays as it is."""
    for need in needs:
        of, equal, order = need
        head, tail = fields[: len(equal)], tuple(fields[len(equal) :])
        if of == collection and {field for field, _ in head} == equal and tail == order:
            return need
    return collection, frozenset(), tuple(fields)


@pytest.mark.parametrize("name", questions())
def test_every_query_has_its_index(name: str) -> None:
    for index in needed(questions()[name]):
        assert index in deployed()


def test_no_index_is_kept_for_nothing() -> None:
    needs = {need for question in questions().values() for need in needed(question)}
    assert len(deployed()) == len(set(deployed()))
    assert set(deployed()) <= needs


def test_what_is_not_indexed_by_itself_is_not_asked_for_by_itself() -> None:
    without = {(one["collectionGroup"], one["fieldPath"]) for one in DEPLOYED["fieldOverrides"] if not one["indexes"]}
    for question in questions().values():
        for filters in disjunctions(question.where):
            assert not without & {(question.collection, one.field_path) for one in filters}


def test_exceptions_are_made_for_collections_that_there_are() -> None:
    named = {one["collectionGroup"] for part in ("indexes", "fieldOverrides") for one in DEPLOYED[part]}
    assert named <= {*COLLECTIONS, "leases", "liveVips", "revisions"}


def asking(path: Path) -> list[int]:
    """The lines on which a query gets a condition or an order."""
    calls = (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call))
    return [
        call.lineno
        for call in calls
        if isinstance(call.func, ast.Attribute) and call.func.attr in ("where", "order_by")
    ]


def test_no_question_is_asked_elsewhere() -> None:
    """Or nobody would know which index it needs."""
    rooms = [path for path in (ROOT / "vip_manager").rglob("*.py") if asking(path)]
    assert {path.name: len(asking(path)) for path in rooms} == {
        "queries.py": 2,
        # By the documents' ids, on Google's other client: no index is made for these.
        "listener.py": 1,
    }


def never_listed(channel_id: str) -> Question:
    return Question("users", FieldFilter("channelId", "==", channel_id), (("at", ASCENDING),))


@pytest.mark.parametrize(
    ("ask", "indexes"),
    [
        (lambda: never_listed("1"), {("users", frozenset({"channelId"}), (("at", ASCENDING),))}),
        (lambda: queries.everything("users"), set()),
        (lambda: queries.sessions_live("1"), set()),
        (lambda: queries.channels_due(T0), set()),
        (lambda: queries.sessions_due(T0), {("vipSessions", frozenset({"untried"}), (("dueAt", ASCENDING),))}),
    ],
)
def test_firestores_rules(ask: Callable[[], Question], indexes: set[Index]) -> None:
    assert set(needed(ask())) == indexes
