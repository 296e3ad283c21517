"""VIP until the stream ends, and hours that count while live: whatever becomes of the stream, its events, and us."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tests.house import House
from tests.services.conftest import TwitchTime
from vip_manager.domain.reasons import EndReason, Refusal, Trouble
from vip_manager.domain.redemption import RedemptionState
from vip_manager.domain.rules import Rules, VipClock
from vip_manager.domain.session import SessionState, VipSession
from vip_manager.domain.stream import GRACE, Stream
from vip_manager.ports import StreamHint, TwitchStatus
from vip_manager.services import reconcile
from vip_manager.services.written import millis

VIPS = "/helix/channels/vips"
STREAMS = "/helix/streams"
MODERATORS = "/helix/moderation/moderators"
REDEMPTIONS = "/helix/channel_points/custom_rewards/redemptions"
MINUTE = timedelta(minutes=1)
NOISE = timedelta(seconds=5)


class Evening:
    """A channel whose rule is that clock. Time passes on Twitch and here; what happens on Twitch is heard of only where
    a test says so."""

    def __init__(self, house: House, clock: VipClock) -> None:
        self.house = house
        self.clock = clock

    async def opens(self, hours: float = 2) -> None:
        await self.house.open(hours)
        await self.rules(self.clock)

    async def rules(self, clock: VipClock) -> None:
        channel = await self.house.channel()
        await self.house.services.store.commit(replace(channel, rules=Rules(clock=clock)))

    async def passes(self, minutes: float, *, swept: bool = False) -> None:
        await self.house.control("jump", seconds=minutes * 60)
        self.house.clock.jump(minutes / 60)
        if swept:
            await self.house.services.sweep.run()

    async def goes(self, live: bool, *, heard: bool = True) -> StreamHint:
        """The streamer goes live or off; returns the event of that."""
        await self.house.control("channel", channel="streamer", live=live)
        now = self.house.clock.now()
        event = StreamHint("1001", now if live else None, now)
        if heard:
            await self.hears(event)
        return event

    async def hears(self, event: StreamHint) -> None:
        await self.house.services.streams.heard(event)

    async def catches_up(self) -> None:
        await self.house.services.reconcile.catch_up("1001")

    async def sweeps(self) -> None:
        await self.house.services.sweep.run()

    async def session(self) -> VipSession:
        session = await self.house.live("3001")
        assert session
        return session

    async def vip(self) -> bool:
        there = "viewer1" in await self.house.vips()
        session = await self.house.live("3001")
        assert there == (session is not None and session.state is SessionState.ACTIVE)
        return there

    async def ends_at(self, at: datetime) -> None:
        ends = (await self.session()).expires_at
        assert ends
        assert abs(ends - at) < NOISE, (ends, at)

    async def left(self, hours: float) -> None:
        """So many hours stand."""
        session = await self.session()
        assert session.standing
        assert session.left == pytest.approx(hours, abs=0.01)

    async def told(self) -> list[str]:
        """What the log says of streams."""
        return [action for action in await self.house.actions() if action.startswith("stream_")]


@pytest.fixture
def until_end(house: House) -> Evening:
    return Evening(house, VipClock.STREAM)


@pytest.fixture
def while_live(house: House) -> Evening:
    return Evening(house, VipClock.LIVE)


@pytest.fixture(params=[VipClock.STREAM, VipClock.LIVE])
async def live(house: House, request: pytest.FixtureRequest) -> Evening:
    """Of either clock: the stream has run for 30 minutes, and viewer1 is VIP."""
    evening = Evening(house, request.param)
    await evening.opens()
    await evening.goes(True)
    await evening.passes(30)
    await house.redeem("viewer1")
    assert await evening.vip()
    return evening


class TestUntilTheStreamEnds:
    async def begun(self, evening: Evening) -> None:
        await evening.opens()
        await evening.goes(True)
        done = await evening.house.redeem("viewer1")
        assert (done.state, done.hours) == (RedemptionState.FULFILLED, 0)
        assert (await evening.session()).expires_at is None

    async def test_ends_ten_minutes_after_it(self, until_end: Evening) -> None:
        await self.begun(until_end)
        await until_end.passes(60 * 30, swept=True)
        assert await until_end.vip()
        await until_end.goes(False)
        off_at = until_end.house.clock.now()
        await until_end.ends_at(off_at + GRACE)
        await until_end.passes(9.5, swept=True)
        assert await until_end.vip()
        await until_end.passes(0.5, swept=True)
        assert not await until_end.vip()
        assert (await until_end.house.entries())[0].detail["reason"] == EndReason.EXPIRED
        assert await until_end.told() == ["stream_began", "stream_ended"]

    async def test_nobody_redeems_without_a_stream(self, until_end: Evening) -> None:
        await until_end.opens()
        done = await until_end.house.redeem("viewer1")
        assert (done.state, done.refusal) == (RedemptionState.CANCELED, Refusal.NOT_LIVE)
        assert await until_end.house.on_twitch(done.id) is TwitchStatus.CANCELED
        await until_end.goes(True)
        await until_end.house.redeem("viewer1")
        assert await until_end.vip()

    async def test_redeemed_in_the_grace_it_lasts_as_long(self, until_end: Evening) -> None:
        await until_end.opens()
        await until_end.goes(True)
        await until_end.passes(30)
        await until_end.goes(False)
        await until_end.passes(8)
        await until_end.house.redeem("viewer1")
        await until_end.ends_at(until_end.house.clock.now() + GRACE)
        await until_end.goes(True)
        assert (await until_end.session()).expires_at is None

    async def test_redeemed_in_the_next_stream_before_the_last_one_was_tidied_up(self, until_end: Evening) -> None:
        await self.begun(until_end)
        first = await until_end.session()
        await until_end.passes(30)
        await until_end.goes(False)
        await until_end.passes(12)
        await until_end.goes(True)
        done = await until_end.house.redeem("viewer1")
        assert done.state is RedemptionState.RECEIVED
        await until_end.sweeps()
        await until_end.passes(2, swept=True)
        session = await until_end.session()
        assert session.id != first.id
        assert session.expires_at is None
        assert await until_end.house.on_twitch(done.id) is TwitchStatus.FULFILLED

    async def test_a_second_redemption_goes_back(self, until_end: Evening) -> None:
        await self.begun(until_end)
        done = await until_end.house.redeem("viewer1")
        assert (done.state, done.refusal) == (RedemptionState.CANCELED, Refusal.UNTIL_STREAM_ENDS)

    async def test_points_given_back_on_twitch_end_it(self, until_end: Evening) -> None:
        await until_end.opens()
        await until_end.goes(True)
        await until_end.house.fault("PATCH", REDEMPTIONS, "status", status=500)
        done = await until_end.house.redeem("viewer1")
        await until_end.house.control("settle", redemption_id=done.id, status="CANCELED")
        await until_end.passes(5, swept=True)
        await until_end.sweeps()
        assert not await until_end.vip()

    async def test_twitch_was_away_until_the_stream_was_over(self, until_end: Evening) -> None:
        await until_end.opens()
        await until_end.goes(True)
        await until_end.house.fault("POST", VIPS, "status", status=503, times=-1)
        done = await until_end.house.redeem("viewer1")
        await until_end.goes(False)
        await until_end.passes(60)
        await until_end.house.heal_twitch()
        await until_end.sweeps()
        await until_end.sweeps()
        assert await until_end.house.on_twitch(done.id) is TwitchStatus.CANCELED
        kept = await until_end.house.services.store.redemptions.get(done.id)
        assert kept
        assert kept.refusal is Refusal.NOT_LIVE
        assert not await until_end.vip()

    async def test_a_moderator_for_a_while(self, until_end: Evening) -> None:
        await self.begun(until_end)
        house = until_end.house
        await until_end.passes(10)
        await house.control("moderator", channel="streamer", viewer="viewer1", moderator=True)
        await house.services.reconcile.look("1001", "3001", house.clock.now())
        assert (await until_end.session()).moderator
        await until_end.goes(False)
        off_at = house.clock.now()
        await until_end.ends_at(off_at + GRACE)
        await until_end.passes(5)
        await house.control("moderator", channel="streamer", viewer="viewer1", moderator=False)
        await house.services.reconcile.look("1001", "3001")
        assert await until_end.vip()
        await until_end.ends_at(off_at + GRACE)


class TestWhileLive:
    async def test_hours_count_only_while_live(self, while_live: Evening) -> None:
        await while_live.opens(2)
        await while_live.house.redeem("viewer1")
        await while_live.left(2)
        await while_live.passes(60 * 50, swept=True)
        await while_live.goes(True)
        await while_live.ends_at(while_live.house.clock.now() + timedelta(hours=2))
        await while_live.passes(90)
        await while_live.goes(False)
        await while_live.left(0.5)
        await while_live.passes(60 * 22, swept=True)
        assert await while_live.vip()
        await while_live.goes(True)
        await while_live.passes(29, swept=True)
        assert await while_live.vip()
        await while_live.passes(1.1, swept=True)
        assert not await while_live.vip()

    async def test_more_time_while_it_stands(self, while_live: Evening) -> None:
        await while_live.opens(2)
        await while_live.house.redeem("viewer1")
        second = await while_live.house.redeem("viewer1")
        assert second.hours == 2
        await while_live.left(4)
        streamer = await while_live.house.connect()
        await while_live.house.services.gift.by_hand(streamer, "1001", "viewer1", 1, "gift-1")
        await while_live.left(5)

    @pytest.mark.parametrize("streaming", [True, False])
    async def test_points_given_back_on_twitch_take_their_hours(self, while_live: Evening, streaming: bool) -> None:
        await while_live.opens(2)
        await while_live.goes(True)
        await while_live.house.redeem("viewer1")
        first_ends = (await while_live.session()).expires_at
        assert first_ends
        await while_live.house.fault("PATCH", REDEMPTIONS, "status", status=500)
        second = await while_live.house.redeem("viewer1")
        await while_live.passes(30)
        if not streaming:
            await while_live.goes(False)
        await while_live.house.control("settle", redemption_id=second.id, status="CANCELED")
        await while_live.passes(1, swept=True)
        if streaming:
            await while_live.ends_at(first_ends)
        else:
            await while_live.left(1.5)

    async def test_the_only_hours_taken_back_while_they_stand(self, while_live: Evening) -> None:
        await while_live.opens(2)
        await while_live.house.fault("PATCH", REDEMPTIONS, "status", status=500)
        done = await while_live.house.redeem("viewer1")
        await while_live.house.control("settle", redemption_id=done.id, status="CANCELED")
        await while_live.passes(5, swept=True)
        await while_live.sweeps()
        assert not await while_live.vip()

    async def test_a_look_before_the_end_saves_hours_that_should_have_stood(self, while_live: Evening) -> None:
        await while_live.opens(2)
        await while_live.goes(True)
        await while_live.passes(5)
        await while_live.catches_up()
        await while_live.house.redeem("viewer1")
        await while_live.passes(1)
        await while_live.goes(False, heard=False)
        await while_live.passes(60 * 12)
        await while_live.house.services.expire.session((await while_live.session()).id)
        assert await while_live.vip()
        await while_live.left(2)

    async def test_twitch_does_not_say_whether_the_hours_should_stand(self, while_live: Evening) -> None:
        await while_live.opens(2)
        await while_live.goes(True)
        await while_live.house.redeem("viewer1")
        await while_live.passes(121)
        await while_live.house.fault("GET", STREAMS, "status", status=503, times=-1)
        await while_live.sweeps()
        session = await while_live.session()
        assert (session.state, session.retry.error) == (SessionState.ACTIVE, Trouble.UNAVAILABLE)
        await while_live.sweeps()
        assert (await while_live.house.actions()).count("put_off") == 1
        await while_live.house.heal_twitch()
        await while_live.passes(5, swept=True)
        assert not await while_live.vip()

    async def test_many_ends_at_once_are_few_looks(self, while_live: Evening) -> None:
        await while_live.opens(2)
        await while_live.goes(True)
        for number in range(1, 9):
            await while_live.house.redeem(f"viewer{number}")
        before = len(await self.asked(while_live))
        await while_live.passes(121)
        await while_live.house.services.channels.not_now("1001", while_live.house.clock.now() + timedelta(hours=1))
        await while_live.sweeps()
        assert await while_live.house.services.store.sessions.live("1001") == []
        assert 1 <= len(await self.asked(while_live)) - before <= 3

    async def asked(self, evening: Evening) -> list[object]:
        journal = (await evening.house.http.get("control/journal", params={"kind": "request", "limit": 1000})).json()[
            "journal"
        ]
        return [one for one in journal if STREAMS in one.get("path", "")]

    async def test_a_moderator_while_live(self, while_live: Evening) -> None:
        await while_live.opens(2)
        house = while_live.house
        await while_live.goes(True)
        await house.redeem("viewer1")
        await while_live.passes(30)
        await house.control("moderator", channel="streamer", viewer="viewer1", moderator=True)
        await house.services.reconcile.look("1001", "3001", house.clock.now())
        await while_live.passes(30)
        await while_live.goes(False)
        await while_live.left(1)
        await while_live.passes(600)
        await house.control("moderator", channel="streamer", viewer="viewer1", moderator=False)
        await house.services.reconcile.look("1001", "3001")
        assert await while_live.vip()
        await while_live.left(1)

    async def test_owed_to_a_moderator_it_runs_at_once(self, while_live: Evening) -> None:
        """Back as VIP is being asked for, and a moderator again: the rest runs with the stream."""
        await while_live.opens(2)
        house = while_live.house
        await while_live.goes(True)
        await house.redeem("viewer1")
        await house.control("moderator", channel="streamer", viewer="viewer1", moderator=True)
        await while_live.passes(2)
        await house.services.reconcile.look("1001", "3001", house.clock.now())
        await house.control("moderator", channel="streamer", viewer="viewer1", moderator=False)
        await house.fault("POST", VIPS, "status", status=503, times=-1)
        await house.services.reconcile.look("1001", "3001")
        assert (await while_live.session()).state is SessionState.GRANTING
        await house.heal_twitch()
        await house.control("moderator", channel="streamer", viewer="viewer1", moderator=True)
        await while_live.passes(2)
        await house.services.grant.session((await while_live.session()).id)
        session = await while_live.session()
        assert (session.state, session.moderator) == (SessionState.ASIDE, True)
        assert session.expires_at


class TestEitherClock:
    async def test_a_restart_of_the_stream_within_the_grace_changes_nothing(self, live: Evening) -> None:
        ends = (await live.session()).expires_at
        await live.goes(False)
        await live.passes(8, swept=True)
        await live.goes(True)
        session = await live.session()
        if live.clock is VipClock.STREAM:
            assert (ends, session.expires_at) == (None, None)
        else:
            assert ends
            await live.ends_at(ends + 8 * MINUTE)
        await live.passes(30, swept=True)
        assert await live.vip()

    async def test_a_restart_of_the_program_changes_nothing(self, live: Evening) -> None:
        before = await live.session()
        await live.house.restart()
        await live.catches_up()
        assert replace(await live.session(), version="") == replace(before, version="")
        await live.goes(False)
        stopped = await live.session()
        await live.house.restart()
        await live.passes(3)
        await live.catches_up()
        assert await live.session() == stopped
        assert await live.told() == ["stream_began", "stream_ended"]

    async def test_the_stream_restarts_while_the_program_does(self, live: Evening) -> None:
        """The streamer's computer is gone for four minutes, and with it the stream and we."""
        await live.catches_up()
        await live.passes(9)
        await live.house.leave()
        await live.goes(False, heard=False)
        await live.passes(4)
        await live.goes(True, heard=False)
        await live.passes(1)
        await live.house.start()
        await live.catches_up()
        await live.sweeps()
        assert await live.vip()
        session = await live.session()
        assert (session.expires_at is None) == (live.clock is VipClock.STREAM)
        assert await live.told() == ["stream_began", "stream_began"]

    async def test_it_ended_and_the_next_began_while_the_program_was_away(self, live: Evening) -> None:
        await live.catches_up()
        await live.passes(5)
        await live.goes(False, heard=False)
        await live.house.leave()
        await live.passes(60 * 24)
        await live.goes(True, heard=False)
        await live.passes(10)
        await live.house.start()
        await live.catches_up()
        await live.sweeps()
        assert await live.vip() == (live.clock is VipClock.LIVE)
        if live.clock is VipClock.LIVE:
            await live.ends_at(live.house.clock.now() + timedelta(hours=2) - 10 * MINUTE)

    async def test_known_to_be_off_when_the_program_went(self, live: Evening) -> None:
        await live.goes(False)
        await live.house.leave()
        await live.passes(60 * 24)
        await live.house.start()
        await live.sweeps()
        assert await live.vip() == (live.clock is VipClock.LIVE)

    async def test_the_end_was_not_heard_of(self, live: Evening) -> None:
        await live.catches_up()
        await live.passes(5)
        await live.goes(False, heard=False)
        await live.passes(4)
        await live.catches_up()
        if live.clock is VipClock.STREAM:
            await live.ends_at(live.house.clock.now() + GRACE)
        else:
            await live.left(2)
        assert await live.told() == ["stream_began", "stream_ended"]

    async def test_the_next_beginning_was_not_heard_of_and_a_look_before_the_end_saves_it(self, live: Evening) -> None:
        await live.goes(False)
        await live.passes(5)
        await live.goes(True, heard=False)
        await live.passes(6, swept=True)
        assert await live.vip()
        if live.clock is VipClock.STREAM:
            assert (await live.session()).expires_at is None

    async def test_events_late_twice_and_in_any_order(self, live: Evening) -> None:
        first = StreamHint("1001", (await live.house.channel()).stream.live_since, None)
        off = await live.goes(False)
        await live.passes(5)
        on = await live.goes(True)
        await live.passes(5)
        stands = await live.session()
        known = (await live.house.channel()).stream
        for event in (off, first, on, off, on, first):
            await live.hears(event)
        assert await live.session() == stands
        assert (await live.house.channel()).stream == known
        assert await live.told() == ["stream_began", "stream_ended", "stream_began"]

    async def test_a_list_that_lags_behind_the_event(self, live: Evening) -> None:
        await live.goes(False)
        stands = await live.session()
        await live.house.control("channel", channel="streamer", live=True)
        await live.passes(1)
        known = (await live.house.channel()).stream
        # What Twitch lists is, for all we know, the stream of before.
        await live.hears(StreamHint("1001", known.off_at, None))
        assert await live.session() == stands
        assert (await live.house.channel()).stream == known

    async def test_no_list_keeps_no_redemption_from_being_found(self, live: Evening) -> None:
        told = await live.house.redeemed("viewer2")
        await live.house.fault("GET", STREAMS, "status", status=500, times=-1)
        assert await live.house.services.reconcile.catch_up("1001") == 1
        assert await live.house.services.store.redemptions.get(told.id)
        channel = await live.house.channel()
        assert channel.catch_up_at
        assert channel.catch_up_at <= live.house.clock.now() + reconcile.CATCH_UP_AGAIN

    async def test_a_crash_before_the_clocks_followed(self, live: Evening, monkeypatch: pytest.MonkeyPatch) -> None:
        event = await live.goes(False, heard=False)
        with monkeypatch.context() as patch:

            async def killed(*_: object) -> None:
                raise RuntimeError("killed")

            patch.setattr(type(live.house.services.streams), "follow", killed)
            with pytest.raises(RuntimeError):
                await live.hears(event)
        assert not (await live.house.channel()).stream.live
        assert not (await live.session()).standing
        await live.house.restart()
        await live.passes(3)
        await live.catches_up()
        if live.clock is VipClock.STREAM:
            assert event.at
            await live.ends_at(event.at + GRACE)
        else:
            await live.left(2)
        assert await live.told() == ["stream_began", "stream_ended"]

    async def test_the_rule_changes_and_who_is_vip_keeps_the_clock(self, live: Evening) -> None:
        await live.rules(VipClock.WALL)
        await live.house.redeem("viewer2")
        await live.goes(False)
        assert (await live.session()).clock is live.clock
        other = await live.house.live("3002")
        assert other
        assert other.clock is VipClock.WALL
        assert other.expires_at

    async def test_what_is_known_is_kept(self, live: Evening) -> None:
        at = live.house.clock.now()
        stream = Stream(at, at - MINUTE, at + MINUTE, at - MINUTE / 2)
        await live.house.services.store.commit(replace(await live.house.channel(), stream=stream))
        assert (await live.house.channel()).stream == stream

    async def test_whoever_holds_another_viewers_turn_may_have_one_ended(self, live: Evening) -> None:
        """As who takes the seat of another does."""
        await live.goes(False)
        await live.passes(11)
        await live.goes(True)
        await live.house.redeem("viewer2")
        await live.goes(False)
        await live.passes(130)
        async with asyncio.timeout(10), live.house.services.expire._turns.of("1001", "3002"):
            await live.house.services.expire.session((await live.session()).id)
        assert await live.vip() == (live.clock is VipClock.LIVE)

    async def test_ended_by_hand_and_made_permanent(self, live: Evening) -> None:
        streamer = await live.house.connect()
        await live.house.redeem("viewer2")
        other = await live.house.live("3002")
        assert other
        done = await live.house.services.expire.make_permanent(streamer, "1001", other.id)
        assert done.end_reason is EndReason.MADE_PERMANENT
        done = await live.house.services.expire.end_now(streamer, "1001", (await live.session()).id)
        assert done.state is SessionState.ENDED
        assert await live.house.vips() >= {"viewer2"}
        assert not await live.vip()

    async def test_by_a_clock_that_is_wrong_nothing_is_learned(self, live: Evening, twitch_time: TwitchTime) -> None:
        before, known = await live.session(), (await live.house.channel()).stream
        live.house.clock.wrong = timedelta(hours=5)
        await live.sweeps()
        await live.catches_up()
        live.house.clock.wrong = timedelta()
        assert (await live.house.channel()).stream == known
        assert (await live.session()).expires_at == before.expires_at


class TestWhatPeopleSee:
    async def test_until_the_stream_ends(self, until_end: Evening) -> None:
        await until_end.opens()
        board = until_end.house.services.board
        assert (await board.staff("1001")).live_since == (await board.public("1001")).live_since == 0
        await until_end.goes(True)
        since = millis(until_end.house.clock.now())
        await until_end.rules(VipClock.WALL)
        await until_end.house.redeem("viewer2")
        await until_end.rules(VipClock.STREAM)
        await until_end.house.redeem("viewer1")
        staff, public = await board.staff("1001"), await board.public("1001")
        assert abs(staff.live_since - since) < 5000
        assert staff.live_since == public.live_since
        assert [(one.login, one.clock, one.expires_at > 0) for one in staff.vips] == [
            ("viewer2", "wall", True),
            ("viewer1", "stream", False),
        ]
        assert [(one.login, one.clock, one.left) for one in public.vips] == [
            ("viewer2", "wall", ""),
            ("viewer1", "stream", ""),
        ]
        assert staff.vips_now == 2
        await until_end.goes(False)
        public = await board.public("1001")
        assert public.live_since == 0
        assert [one.login for one in public.vips] == ["viewer1", "viewer2"]
        assert all(one.expires_at for one in public.vips)

    async def test_hours_that_stand(self, while_live: Evening) -> None:
        await while_live.opens(2)
        await while_live.house.redeem("viewer1")
        board = while_live.house.services.board
        [seen] = (await board.staff("1001")).vips
        assert (seen.clock, seen.expires_at, seen.left) == ("live", 0, "2")
        assert [one.left for one in (await board.public("1001")).vips] == ["2"]
        await while_live.house.redeem("viewer1")
        [more] = (await board.staff("1001")).vips
        assert (more.left, more.mark != seen.mark) == ("4", True)
        await while_live.goes(True)
        [runs] = (await board.staff("1001")).vips
        assert (runs.left, runs.expires_at > 0) == ("", True)


async def test_a_beginning_that_was_missed_is_looked_for_before_points_go_back(house: House) -> None:
    await house.open()
    await house.rules(clock=VipClock.STREAM)
    await house.control("channel", channel="streamer", live=True)
    assert (await house.redeem("viewer1")).state is RedemptionState.FULFILLED
