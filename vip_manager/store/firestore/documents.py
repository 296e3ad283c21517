"""How a record stands in Firestore: the fields of `store/documents.py`, moments as native timestamps, and a few fields
beside them that only this store has.

    commitId      all          which commit wrote it last, so that one whose answer was lost can be told from somebody
                               else's; it also makes every write a change, without which Firestore keeps `update_time`
    loginLower    channels     its login in lower case
    teamIds       channels     the ids of its team: a query can't look into a list of maps
    catchUpDueAt  channels     `catchUpAt`, or 1970 where that is null: a range leaves out what is null
    live          vipSessions  whether it is the viewer's live one
    open          redemptions  whether it is yet to be settled
    untried       both         whether there is work that was never put off, which is due whatever `dueAt` says
                               (store/documents.py explains)
    order         auditLog     nanoseconds since 1970, and the place within the commit: which of two lines of one moment
                               was written later; also on whatever was imported, until it is changed
"""

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from google.cloud.firestore_v1.base_document import DocumentSnapshot
from proto.datetime_helpers import DatetimeWithNanoseconds

from vip_manager.domain.channel import Channel
from vip_manager.domain.redemption import Redemption
from vip_manager.domain.session import RUNNING, VipSession
from vip_manager.ports import Conflict, Record
from vip_manager.store.fields import Document
from vip_manager.store.steps import has_life

COMMIT_ID = "commitId"
ORDER = "order"

BESIDE = frozenset({COMMIT_ID, ORDER, "loginLower", "catchUpDueAt", "teamIds", "live", "open", "untried"})
"""Fields that only this store has: whoever takes documents out leaves them, and they are made anew."""

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


def lookups(record: object, document: Document) -> Document:
    """The fields by which this store finds the record whose document that is. With a `dueAt` in it where it has one."""
    match record:
        case Channel():
            found = {"loginLower": record.login.lower(), "catchUpDueAt": record.catch_up_at or _LONG_AGO}
            # Documents of before there were teams lack it, and are sound.
            return found | ({"teamIds": [one.id for one in record.team]} if record.team else {})
        case VipSession():
            untried = _never_put_off(document) and record.state not in RUNNING
            return {"dueAt": document["dueAt"], "live": record.live, "untried": untried}
        case Redemption():
            return {"dueAt": document["dueAt"], "open": record.open, "untried": _never_put_off(document)}
    return {}


def _never_put_off(document: Document) -> bool:
    return document["dueAt"] is not None and document["nextAt"] is None


def storable(value: Any) -> Any:
    """The same with every moment in UTC. Raises ValueError for one without a time zone, and for a number that is none:
    no other store could keep it."""
    match value:
        case datetime():
            if value.tzinfo is None:
                raise ValueError("a stored moment needs a time zone")
            return value.astimezone(UTC)
        case float() if not math.isfinite(value):
            raise ValueError("a document can't hold a number that is not finite")
        case Mapping():
            return {name: storable(one) for name, one in value.items()}
        case list() | tuple():
            return [storable(one) for one in value]
    return value


def content(snapshot: DocumentSnapshot[Any]) -> Document:
    """What stands in it, with moments as Python has them (microseconds, UTC)."""
    # `to_dict` would copy it whole once more, which costs as much as all else that is done to read a document.
    document: Document = _plain(snapshot._data or {})
    return document


def _plain(value: Any) -> Any:
    match value:
        case datetime():
            utc = value.astimezone(UTC)
            return datetime.combine(utc.date(), utc.time(), UTC)
        case dict():
            return {name: _plain(one) for name, one in value.items()}
        case list():
            return [_plain(one) for one in value]
    return value


def made(snapshot: DocumentSnapshot[Any]) -> tuple[datetime, int, str]:
    """By it documents stand in the order in which they were made: of one commit they have one time."""
    return snapshot.create_time, order_of(snapshot), snapshot.id


def order_of(snapshot: DocumentSnapshot[Any]) -> int:
    order = (snapshot._data or {}).get(ORDER)
    return order if isinstance(order, int) else 0


def version_at(update_time: DatetimeWithNanoseconds, document: Mapping[str, Any]) -> str:
    """When it was last written, to the nanosecond; and of a document with a state also that, so that the next step can
    be judged without reading it again."""
    at, state = str(update_time.rfc3339()), document.get("state")
    return at if state is None else f"{at}|{state}"


def beside_version(version: str, record: Record) -> str:
    """Of a record that was written in the commit of which another one has that version: all of it has one time, for
    every write is a change."""
    written = version.partition("|")[0]
    return f"{written}|{record.state.value}" if isinstance(record, Redemption | VipSession) else written


def read_version(version: str) -> tuple[Any, str | None]:
    """The time, as a condition takes it, and the state. Raises Conflict where it is none of ours."""
    at, mark, state = version.partition("|")
    try:
        return DatetimeWithNanoseconds.from_rfc3339(at).timestamp_pb(), state if mark else None
    except ValueError:
        raise Conflict("that version is of no document in Firestore") from None


def next_version(update_time: DatetimeWithNanoseconds, record: Record, document: Document) -> str:
    return version_at(update_time, document if has_life(record) else {})
