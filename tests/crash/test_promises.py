"""The judge of the crash matrix finds what is wrong: each case breaks one thing in a world where all was right."""

import copy
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.crash.books import Books
from tests.crash.promises import View, badge_time_wrong
from tests.crash.scenarios import SCENARIOS
from vip_manager.simulator.records import VipChange

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
GRANT = SCENARIOS["grant"]


def line(action: str, **detail: Any) -> dict[str, Any]:
    return {"action": action, "detail": detail}


def all_right() -> View:
    """viewer1 has redeemed and is VIP for a day."""
    return View(
        scenario=GRANT,
        audit={
            "redemptions": [{"id": "r1", "status": "FULFILLED", "times_settled": 1, "cost": 500}],
            "foreign_vips_removed_by_api": [],
            "too_many_requests": 0,
            "vip_by_api": {"streamer": {"viewer1": {"added": 1}}},
        },
        channel={
            "vips": [{"login": "viewer1", "given_by": "api"}, {"login": "permanentvip", "given_by": "hand"}],
            "balances": {"viewer1": 500, "viewer9": 1000},
        },
        books=Books(
            sessions={
                "s1": {
                    "state": "active",
                    "login": "viewer1",
                    "grantedAt": NOW.isoformat(),
                    "expiresAt": (NOW + timedelta(hours=24)).isoformat(),
                    "credits": [{"id": "r1", "hours": 24}],
                }
            },
            redemptions={"r1": {"state": "fulfilled"}},
            log=[
                line("redeemed", redemption_id="r1"),
                line("granted", session_id="s1", hours=24),
                line("fulfilled", redemption_id="r1"),
            ],
        ),
        now=NOW,
    )


def test_where_all_is_right_nothing_is_found() -> None:
    assert all_right().broken() == []


BREAKS: dict[str, tuple[str, Callable[[View], Any]]] = {
    "left open": ("1", lambda view: view.audit["redemptions"][0].update(status="UNFULFILLED", times_settled=0)),
    "settled twice": ("1", lambda view: view.audit["redemptions"][0].update(times_settled=2)),
    "points back and hours kept": ("1", lambda view: view.audit["redemptions"][0].update(status="CANCELED")),
    "never heard of": ("1", lambda view: view.books.redemptions.clear()),
    "hours counted twice": ("1", lambda view: view.books.sessions["s1"]["credits"].append({"id": "r1", "hours": 24})),
    "hours never counted": ("1", lambda view: view.books.sessions["s1"]["credits"].clear()),
    "points gone twice": ("1", lambda view: view.channel["balances"].update(viewer1=0)),
    "a permanent VIP removed": ("2", lambda view: view.channel["vips"].pop()),
    "a removal of somebody else's": ("2", lambda view: view.audit["foreign_vips_removed_by_api"].append("viewer2")),
    "a badge that nobody owns": ("3", lambda view: view.books.sessions["s1"].update(state="ended")),
    "a session without its badge": ("3", lambda view: view.channel["vips"].pop(0)),
    "past the end": ("3", lambda view: view.books.sessions["s1"].update(expiresAt=NOW.isoformat())),
    "a 429": ("3", lambda view: view.audit.update(too_many_requests=1)),
    "no line of the grant": ("8", lambda view: view.books.log.pop(1)),
    "two lines of the grant": ("8", lambda view: view.books.log.append(view.books.log[1])),
    "two lines of the settlement": ("8", lambda view: view.books.log.append(view.books.log[2])),
    "a line of time that nobody got": (
        "8",
        lambda view: view.books.log.append(line("extended", session_id="s1", hours=24)),
    ),
    "a line of an end that never was": ("8", lambda view: view.books.log.append(line("ended", session_id="s1"))),
}


@pytest.mark.parametrize("what", BREAKS)
def test_what_is_wrong_is_found(what: str) -> None:
    promise, break_it = BREAKS[what]
    view = copy.deepcopy(all_right())
    break_it(view)
    assert promise in {one.partition(":")[0] for one in view.broken()}


def worn(hours: float) -> list[VipChange]:
    return [
        VipChange(NOW.isoformat(), "3001", True, "api", "api"),
        VipChange((NOW + timedelta(hours=hours)).isoformat(), "3001", False, "api", "api"),
    ]


@pytest.mark.parametrize(("hours", "found"), [(23.9, "3"), (24.0, ""), (24.2, ""), (48.0, "1")])
def test_a_badge_worn_for_another_time_than_was_paid_for_is_found(hours: float, found: str) -> None:
    wrong = badge_time_wrong(worn(hours), ["FULFILLED", "CANCELED"], GRANT)
    assert [one.partition(":")[0] for one in wrong] == ([found] if found else [])


def test_a_vip_cut_short_by_hand_may_be_short_and_not_long() -> None:
    ended = replace(GRANT, cut_short=True)
    assert badge_time_wrong(worn(1), ["FULFILLED"], ended) == []
    assert badge_time_wrong(worn(25), ["FULFILLED"], ended) != []
