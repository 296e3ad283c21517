"""What every store must do: what was, a page at a time, and all of a time. Part of contract.py."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar

import pytest

from tests.store.records import T0, active, channel, later, line, redemption, session
from vip_manager.domain.audit import Action
from vip_manager.domain.history import TOPICS, Topic, Wanted
from vip_manager.domain.reasons import EndReason
from vip_manager.domain.redemption import RedemptionState
from vip_manager.domain.session import SessionState, VipSession
from vip_manager.ports import Store

ACTIONS = (Action.GRANTED, Action.ENDED, Action.REFUNDED)
PEOPLE = ("2001", "2002", "2003")
KNOWN = [
    line(
        f"l{number:02}",
        # Two of a kind at one moment each, written in an order that is not that of time.
        later(minutes=(number * 7) % 20),
        action=ACTIONS[number % 3],
        subject_id=PEOPLE[number % 2],
        actor_id=PEOPLE[number % 3],
    )
    for number in range(40)
]


T = TypeVar("T")


def batched(every: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    return (every[start : start + size] for start in range(0, len(every), size))


def ended(session_id: str, begun: datetime, over: datetime) -> VipSession:
    known = {"state": SessionState.ENDED, "end_reason": EndReason.EXPIRED, "ended_at": over}
    return replace(active(session_id, over), granted_at=begun, created_at=begun, **known)  # type: ignore[arg-type]


class HistoryContract:
    async def test_redemptions_page_by_page_the_newest_first(self, store: Store) -> None:
        for number in range(5):
            await store.commit(redemption(f"p{number}", redeemed_at=later(minutes=number)))
        await store.commit(redemption("other", channel_id="2", redeemed_at=later(minutes=9)))
        assert [one.id for one in await store.redemptions.page("1001", 2)] == ["p4", "p3"]
        assert [one.id for one in await store.redemptions.page("1001", 2, "p3")] == ["p2", "p1"]
        assert [one.id for one in await store.redemptions.page("1001", 9, "p1")] == ["p0"]
        there = await store.redemptions.get("p1")
        assert there is not None
        for state in RedemptionState:
            found = await store.redemptions.page("1001", 9, "p3", state)
            assert [one.id for one in found] == (["p2", "p1", "p0"] if state is there.state else [])
        assert len(await store.redemptions.page("1001", 9, "other")) == 5

    @pytest.mark.parametrize(
        "wanted",
        [
            Wanted(),
            Wanted(actions=frozenset({Action.GRANTED})),
            Wanted(actions=frozenset({Action.GRANTED, Action.REFUNDED, Action.LEFT})),
            Wanted(person_id="2001"),
            Wanted(person_id="2003"),
            Wanted(person_id="2002", actions=frozenset({Action.ENDED, Action.GRANTED})),
            Wanted(since=later(minutes=3), until=later(minutes=11)),
            Wanted(frozenset({Action.REFUNDED}), "2001", later(minutes=1), later(minutes=19)),
            Wanted(person_id="nobody"),
        ],
        ids=[
            "all",
            "given",
            "three actions",
            "a viewer",
            "by the staff",
            "of one",
            "a while",
            "one in a while",
            "nobody",
        ],
    )
    async def test_the_log_is_paged_through_both_ways(self, store: Store, wanted: Wanted) -> None:
        for some in batched(KNOWN, 7):
            await store.commit(channel(f"x{some[0].id}"), *some)
        await store.commit(channel("1002"), line("elsewhere", channel_id="1002", subject_id="2001"))
        expected = [
            one.id
            for one in await store.audit.latest("1001", 100)
            if (not wanted.actions or one.action in wanted.actions)
            and (not wanted.person_id or wanted.person_id in (one.subject_id, one.actor_id))
            and (wanted.since is None or one.at >= wanted.since)
            and (wanted.until is None or one.at < wanted.until)
        ]
        down, last = [], ""
        while page := await store.audit.page("1001", wanted, 4, older_than=last):
            down += [one.id for one in page]
            last = page[-1].id
        assert down == expected
        up: list[str] = []
        while page := await store.audit.page("1001", wanted, 4, newer_than=last):
            up = [one.id for one in page] + up
            last = page[0].id
        assert up == expected[:-1]

    async def test_a_line_that_the_channel_does_not_have_names_no_place(self, store: Store) -> None:
        await store.commit(channel(), line("a1"), line("a2", later(hours=1)))
        await store.commit(channel("1002"), line("b1", channel_id="1002"))
        for name in ("gone", "b1", "no/id", ""):
            for place in ({"older_than": name}, {"newer_than": name}):
                assert [one.id for one in await store.audit.page("1001", Wanted(), 9, **place)] == ["a2", "a1"]

    @pytest.mark.parametrize("topic", Topic)
    async def test_every_topic_can_be_asked_for_with_a_person(self, store: Store, topic: Topic) -> None:
        some = sorted(TOPICS[topic])[-1]
        await store.commit(channel(), line("a1", action=some, subject_id="2001"))
        for wanted in (Wanted(TOPICS[topic]), Wanted(TOPICS[topic], "2001")):
            assert [one.id for one in await store.audit.page("1001", wanted, 9)] == ["a1"]

    async def test_redemptions_of_a_time(self, store: Store) -> None:
        for number in range(6):
            await store.commit(redemption(f"p{number}", redeemed_at=later(minutes=-number)))
        await store.commit(redemption("given-back", state=RedemptionState.CANCELED, redeemed_at=later(minutes=-3)))
        await store.commit(redemption("elsewhere", channel_id="1002"))
        found = [one.id async for one in store.redemptions.between("1001", later(minutes=-4), T0)]
        assert found in (["p4", "p3", "given-back", "p2", "p1"], ["p4", "given-back", "p3", "p2", "p1"])
        assert [one async for one in store.redemptions.between("1001", later(hours=1), later(hours=2))] == []

    async def test_more_redemptions_than_are_read_at_once(self, store: Store) -> None:
        for some in batched(range(1100), 400):
            more = [redemption(f"p{one:04}", redeemed_at=later(seconds=one // 3)) for one in some]
            await store.commit(channel(f"x{some[0]}"), *more)
        found = [one.id async for one in store.redemptions.between("1001", T0, later(days=1))]
        assert sorted(found) == [f"p{number:04}" for number in range(1100)]

    async def test_sessions_that_were_not_over_by_then(self, store: Store) -> None:
        await store.commit(active("on", later(hours=9)))
        await store.commit(session("begun"))
        for number in range(4):
            await store.commit(ended(f"e{number}", later(hours=-20), later(hours=-number)))
        await store.commit(replace(ended("elsewhere", T0, T0), channel_id="1002"))
        found = [one.id async for one in store.sessions.since("1001", later(hours=-2))]
        assert sorted(found[:2]) == ["begun", "on"]
        assert found[2:] == ["e0", "e1", "e2"]

    async def test_more_sessions_than_are_read_at_once(self, store: Store) -> None:
        for some in batched(range(1100), 400):
            more = [ended(f"e{one:04}", T0, later(hours=1, seconds=one // 3)) for one in some]
            await store.commit(channel(f"x{some[0]}"), *more)
        found = [one.id async for one in store.sessions.since("1001", later(hours=1))]
        assert sorted(found) == [f"e{number:04}" for number in range(1100)]

    async def test_whose_a_login_was_last(self, store: Store) -> None:
        await store.commit(redemption("p1", user_id="1", login="mira"))
        await store.commit(redemption("p2", user_id="2", login="mira", redeemed_at=T0 + timedelta(hours=1)))
        await store.commit(session("s1", user_id="3", login="mira"), session("s2", user_id="4", login="mira2"))
        assert await store.redemptions.viewer("1001", "mira") == "2"
        assert await store.redemptions.viewer("1001", "mir") == ""
        assert await store.redemptions.viewer("1002", "mira") == ""
        assert await store.sessions.viewer("1001", "mira") == "3"
        assert await store.sessions.viewer("1001", "anna") == ""
