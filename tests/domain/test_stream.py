"""What is known of a channel's stream, and what it does to the clocks that count by it."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tests.domain.records import CHANNEL, NOW, credit, redemption
from vip_manager.domain.decision import Refuse, Situation, Start, decide
from vip_manager.domain.reasons import EndReason, Refusal
from vip_manager.domain.redemption import RedemptionState
from vip_manager.domain.retry import Retry
from vip_manager.domain.rules import Rules, VipClock
from vip_manager.domain.session import Credit, SessionState, VipSession
from vip_manager.domain.stream import GRACE, LAG, Stream

VIEWER = ("1001", "3001", "viewer1", "Viewer1")
A_SECOND = timedelta(seconds=1)


def at(minutes: float) -> datetime:
    return NOW + timedelta(minutes=minutes)


LIVE = Stream().began(at(0))


def owing(clock: VipClock, hours: float = 2) -> VipSession:
    hours = 0 if clock is VipClock.STREAM else hours
    return VipSession.begun("s1", VIEWER, credit("c1", hours), clock)


def given(clock: VipClock, stream: Stream, now: datetime, hours: float = 2) -> VipSession:
    return owing(clock, hours).active(now).following(stream)


class TestEvents:
    def test_begins_and_ends(self) -> None:
        assert Stream(at(0), None, at(0)) == LIVE
        assert LIVE.ended(at(60)) == Stream(None, at(60))

    def test_the_same_again_is_nothing_new(self) -> None:
        off = LIVE.ended(at(60))
        assert LIVE.began(at(0)) == LIVE
        assert off.ended(at(60)) == off

    def test_a_late_beginning_of_a_stream_that_is_over_by_now(self) -> None:
        off = LIVE.ended(at(60))
        assert off.began(at(0)) == off
        assert off.began(at(60)) == off

    def test_a_late_end_of_an_earlier_stream(self) -> None:
        second = LIVE.ended(at(60)).began(at(65))
        assert second.ended(at(60)) == second
        assert second.ended(at(64)) == second

    def test_in_the_wrong_order_the_later_stream_stands(self) -> None:
        swapped = LIVE.began(at(65)).ended(at(60))
        assert swapped.live_since == at(65)

    def test_a_beginning_whose_end_was_lost(self) -> None:
        seen = LIVE.shown(at(0), at(50))
        assert seen.began(at(65)) == Stream(at(65), at(50), at(65), at(65))

    def test_an_end_whose_beginning_was_lost_is_of_no_stream(self) -> None:
        assert Stream().ended(at(60)) == Stream()

    def test_an_end_twice_does_not_end_a_stream_that_was_not_over(self) -> None:
        off = LIVE.ended(at(60))
        again = off.shown(at(0), at(66))
        assert again.live
        assert again.ended(at(60)) == again


class TestLooks:
    def test_whole_seconds_are_no_other_stream(self) -> None:
        heard = Stream().began(at(0) + timedelta(milliseconds=700))
        seen = heard.shown(at(0), at(10))
        assert (seen.live_since, seen.seen_at) == (heard.live_since, at(10))
        assert Stream().shown(at(0), at(5)).began(at(0) + timedelta(milliseconds=700)).live_since == at(0)

    def test_a_list_that_is_behind_the_event(self) -> None:
        assert LIVE.shown(None, at(0) + LAG - A_SECOND) == LIVE
        off = LIVE.ended(at(60))
        assert off.shown(at(0), at(60) + LAG - A_SECOND) == off
        second = off.began(at(65))
        assert second.shown(at(0), at(66)).live_since == at(65)
        assert second.shown(None, at(66)) == second

    def test_not_over_after_all(self) -> None:
        again = LIVE.ended(at(60)).shown(at(0), at(65))
        assert again == Stream(at(0), at(60), at(65))

    def test_gone_unheard(self) -> None:
        seen = LIVE.shown(at(0), at(50))
        assert seen.shown(None, at(60)) == Stream(None, at(50), None, at(60))

    def test_gone_while_nobody_looked(self) -> None:
        assert LIVE.shown(None, at(300)) == Stream(None, at(0), None, at(0))
        assert LIVE.shown(at(0), at(50)).shown(at(280), at(300)) == Stream(at(280), at(50), at(300), at(50))

    def test_none_and_none(self) -> None:
        assert Stream().shown(None, NOW) == Stream()

    def test_a_clock_that_was_ahead_does_not_put_the_end_in_the_future(self) -> None:
        assert LIVE.shown(at(0), at(600)).shown(None, at(60)).off_at == at(60)

    def test_over_after_the_grace(self) -> None:
        assert Stream().over(NOW)
        assert not LIVE.over(at(600))
        assert not LIVE.ended(at(60)).over(at(60) + GRACE)
        assert LIVE.ended(at(60)).over(at(60) + GRACE + A_SECOND)
        assert not LIVE.shown(at(0), at(50)).shown(None, at(60)).over(at(69))


class TestUntilTheStreamEnds:
    def test_no_end_while_live(self) -> None:
        session = given(VipClock.STREAM, LIVE, at(10))
        assert session.expires_at is None
        assert not session.due_to_end(at(10_000))
        assert session.hours_left(at(20)) == 0

    def test_ends_after_the_grace(self) -> None:
        session = given(VipClock.STREAM, LIVE, at(10)).following(LIVE.ended(at(60)))
        assert session.expires_at == at(70)
        assert session.following(LIVE.ended(at(60))) is session
        assert session.due_to_end(at(70))

    @pytest.mark.parametrize("minutes", [0.5, 5, 10])
    def test_back_within_the_grace(self, minutes: float) -> None:
        off = LIVE.ended(at(60))
        session = given(VipClock.STREAM, LIVE, at(10)).following(off)
        back = session.following(off.began(at(60 + minutes)))
        assert back.expires_at is None
        assert back.following(off.began(at(60 + minutes)).ended(at(120))).expires_at == at(130)

    def test_back_later_is_another_stream(self) -> None:
        off = LIVE.ended(at(60))
        session = given(VipClock.STREAM, LIVE, at(10)).following(off)
        assert session.following(off.began(at(71))).expires_at == at(70)

    def test_nobody_followed_in_between(self) -> None:
        session = given(VipClock.STREAM, LIVE, at(10))
        assert session.following(LIVE.ended(at(60)).began(at(65))).expires_at is None
        assert session.following(LIVE.ended(at(60)).began(at(90))).expires_at == at(70)

    def test_a_restart_of_which_nobody_told_is_taken_for_a_short_one(self) -> None:
        session = given(VipClock.STREAM, LIVE, at(10))
        seen = LIVE.shown(at(0), at(50))
        assert session.following(seen.shown(at(64), at(66))).expires_at is None
        assert session.following(seen.shown(None, at(60))).expires_at == at(70)

    def test_another_stream_after_a_long_absence_of_ours(self) -> None:
        session = given(VipClock.STREAM, LIVE, at(10))
        assert session.following(LIVE.shown(at(1500), at(1600))).due_to_end(at(1600))
        assert session.following(LIVE.shown(None, at(1600))).due_to_end(at(1600))

    def test_given_in_the_grace(self) -> None:
        off = LIVE.ended(at(60))
        session = given(VipClock.STREAM, off, at(68))
        assert session.expires_at == at(78)
        assert session.following(off.began(at(69))).expires_at is None
        assert session.following(off.began(at(85))).expires_at == at(78)

    def test_given_after_a_restart_it_is_of_the_new_stream(self) -> None:
        second = LIVE.ended(at(60)).began(at(100))
        assert given(VipClock.STREAM, second, at(110)).expires_at is None

    def test_without_credits_it_is_over(self) -> None:
        session = given(VipClock.STREAM, LIVE, at(10)).debited("c1")
        assert session.due_to_end(at(11))
        assert session.following(LIVE).due_to_end(at(11))
        assert session.following(LIVE.ended(at(60))).due_to_end(at(11))
        assert not owing(VipClock.STREAM).debited("c1").owes

    def test_the_credit_counts_though_it_has_no_hours(self) -> None:
        assert owing(VipClock.STREAM).owes

    def test_a_moderator_for_a_while_does_not_outlast_the_stream(self) -> None:
        off = LIVE.ended(at(60))
        aside = given(VipClock.STREAM, LIVE, at(10)).set_aside(at(20)).of_moderator(at(20)).following(off)
        assert aside.expires_at == at(70)
        back = aside.back(at(65))
        assert back.owes
        assert back.active(at(65)).following(off).expires_at == at(70)

    def test_given_again_in_another_stream_it_is_over(self) -> None:
        back = given(VipClock.STREAM, LIVE, at(10)).set_aside(at(20)).of_moderator(at(20)).back(at(30))
        assert back.active(at(110)).following(LIVE.ended(at(60)).began(at(100))).due_to_end(at(110))

    def test_who_waits_for_an_answer_is_not_moved(self) -> None:
        session = owing(VipClock.STREAM)
        assert session.following(LIVE) is session


class TestWhileLive:
    def test_runs_while_live(self) -> None:
        assert given(VipClock.LIVE, LIVE, at(10)).expires_at == at(130)

    def test_stands_with_the_hours_that_are_left(self) -> None:
        off = LIVE.ended(at(60))
        session = given(VipClock.LIVE, LIVE, at(10)).following(off)
        assert (session.standing, session.expires_at) == (True, None)
        assert session.left == session.hours_left(at(5000)) == pytest.approx(70 / 60)
        assert session.following(off) is session

    @pytest.mark.parametrize("minutes", [3, 9, 11, 5000])
    def test_runs_on_with_the_next_stream(self, minutes: float) -> None:
        off = LIVE.ended(at(60))
        second = off.began(at(60 + minutes))
        session = given(VipClock.LIVE, LIVE, at(10))
        assert session.following(off).following(second).expires_at == at(60 + minutes + 70)
        assert session.following(second).expires_at == at(60 + minutes + 70), "nobody followed in between"
        assert session.following(second).following(second) == session.following(second)

    def test_given_while_off_the_hours_wait(self) -> None:
        session = given(VipClock.LIVE, Stream(), at(10))
        assert (session.standing, session.left) == (True, 2)
        assert session.following(LIVE.ended(at(60)).began(at(100))).expires_at == at(220)

    def test_what_was_over_before_the_stream_was_stays_over(self) -> None:
        session = given(VipClock.LIVE, LIVE, at(10), hours=0.5)
        assert session.following(LIVE.ended(at(60))) is session
        assert session.following(LIVE.ended(at(60)).began(at(70))) is session

    def test_an_end_that_was_none_costs_nothing(self) -> None:
        session = given(VipClock.LIVE, LIVE, at(10))
        off = LIVE.ended(at(60))
        again = off.shown(at(0), at(66))
        assert session.following(off).following(again).expires_at == at(130)
        assert session.following(again).expires_at == at(130), "nobody followed in between"

    def test_hours_lost_in_the_unknown_are_the_viewers(self) -> None:
        session = given(VipClock.LIVE, LIVE, at(10)).following(LIVE.shown(at(0), at(50)).shown(None, at(60)))
        assert session.left == pytest.approx(80 / 60)

    def test_given_since_the_last_look_and_then_nobody_looked_for_long(self) -> None:
        session = given(VipClock.LIVE, LIVE, at(10))
        assert session.following(LIVE.shown(None, at(600))).left == 2
        assert session.following(LIVE.shown(at(500), at(600))).expires_at == at(620)

    def test_more_time_while_it_stands(self) -> None:
        session = given(VipClock.LIVE, LIVE, at(10)).following(LIVE.ended(at(70)))
        more = session.credited(Credit("c2", "reward:r1", 3, at(500)), at(500))
        assert (more.standing, more.left) == (True, 4)
        assert more.following(LIVE.ended(at(70)).began(at(600))).expires_at == at(840)

    def test_hours_taken_back(self) -> None:
        off = LIVE.ended(at(70))
        session = given(VipClock.LIVE, LIVE, at(10)).credited(Credit("c2", "reward:r1", 3, at(20)), at(20))
        assert session.debited("c2").expires_at == at(130)
        assert session.following(off).debited("c2").left == 1
        gone = session.following(off).debited("c2").debited("c1")
        assert gone.due_to_end(at(70))
        assert gone.following(off.began(at(600))).due_to_end(at(70)), "nothing begins anew"

    def test_aside_it_stands_and_runs_too(self) -> None:
        off = LIVE.ended(at(70))
        aside = given(VipClock.LIVE, LIVE, at(10)).set_aside(at(20)).of_moderator(at(20)).following(off)
        assert (aside.state, aside.left) == (SessionState.ASIDE, 1)
        back = aside.back(at(500))
        assert (back.owed, back.runs_until) == (1, None)
        assert back.active(at(501)).following(off).left == 1
        assert aside.following(off.began(at(600))).expires_at == at(660)

    def test_owed_to_a_moderator_runs_with_the_stream(self) -> None:
        back = given(VipClock.LIVE, LIVE, at(10)).set_aside(at(20)).of_moderator(at(20)).back(at(70))
        again = back.of_moderator(at(80))
        assert again.following(LIVE).expires_at == at(140)

    def test_ended_by_hand_while_it_stands_and_given_more(self) -> None:
        session = given(VipClock.LIVE, LIVE, at(10)).following(LIVE.ended(at(70)))
        ending = session.ending(EndReason.BY_HAND, "1001")
        assert ending.credited(Credit("c2", "reward:r1", 3, at(80)), at(80)).owed == 4

    def test_what_was_put_off_is_forgotten_when_it_stands(self) -> None:
        session = given(VipClock.LIVE, LIVE, at(10), hours=1).put_off(Retry(attempts=3, error="unavailable"))
        assert session.following(LIVE.ended(at(60))).retry == Retry()


@pytest.mark.parametrize("stream", [Stream(), LIVE, LIVE.ended(at(60))])
def test_hours_of_wall_time_know_no_stream(stream: Stream) -> None:
    session = given(VipClock.WALL, stream, at(10))
    assert session.expires_at == at(130)
    assert session.following(stream) is session


@pytest.mark.parametrize(
    ("clock", "stream", "now", "refused"),
    [
        (VipClock.STREAM, Stream(), at(0), True),
        (VipClock.STREAM, LIVE, at(600), False),
        (VipClock.STREAM, LIVE.ended(at(60)), at(69), False),
        (VipClock.STREAM, LIVE.ended(at(60)), at(71), True),
        (VipClock.LIVE, Stream(), at(0), False),
        (VipClock.WALL, Stream(), at(0), False),
    ],
)
def test_without_a_stream_nothing_lasts_until_its_end(
    clock: VipClock, stream: Stream, now: datetime, refused: bool
) -> None:
    channel = replace(CHANNEL, rules=Rules(clock=clock), stream=stream)
    received = replace(redemption(RedemptionState.RECEIVED), redeemed_at=now)
    decision = decide(Situation(received, channel, None, now))
    wanted = Refuse(Refusal.NOT_LIVE) if refused else Start(0.0 if clock is VipClock.STREAM else 24.0, clock)
    assert decision == wanted
