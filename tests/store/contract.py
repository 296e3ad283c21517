"""What every store must do, whatever it is made of. A subclass of `StoreContract` gives it a `store` fixture."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from itertools import product

import pytest

from tests.store.contract_due import DueContract
from tests.store.contract_history import HistoryContract
from tests.store.contract_holdings import HoldingsContract
from tests.store.contract_outside import OutsideContract
from tests.store.contract_queries import QueryContract
from tests.store.contract_restored import RestoredContract
from tests.store.records import T0, account, active, channel, ids, later, line, redemption, session
from vip_manager.domain.account import SignIn
from vip_manager.domain.channel import Hidden, Tier
from vip_manager.domain.leaving import Leaving
from vip_manager.domain.life import TransitionRefused
from vip_manager.domain.reasons import EndReason, Refusal
from vip_manager.domain.redemption import RedemptionState
from vip_manager.domain.redemption_life import REDEMPTION_LIFE
from vip_manager.domain.retry import Retry
from vip_manager.domain.rules import Blocked, Held, Rules, VipClock, WhenFull, WhenVip
from vip_manager.domain.session import Credit, SessionState, VipSession
from vip_manager.domain.session_life import SESSION_LIFE
from vip_manager.domain.stream import Stream
from vip_manager.domain.team import Member, Role
from vip_manager.ports import Conflict, Store


class RecordsContract:
    async def test_every_field_of_every_record_comes_back(self, store: Store) -> None:
        retry = Retry(3, later(minutes=1), "Twitch did not answer")
        full_session = VipSession(
            id="s1",
            channel_id="1001",
            user_id="2001",
            login="viewer1",
            username="Viewer1 ✨",
            redeemed_with="reward:r1",
            created_at=T0,
            state=SessionState.ENDING,
            credits=(Credit("c1", "reward:r1", 24.0, T0), Credit("c2", "manual", 1.5, later(hours=1), "1001")),
            granted_at=later(seconds=1),
            expires_at=later(hours=25),
            seen_not_vip_at=later(seconds=-1),
            unanswered_at=later(minutes=-2),
            ours=True,
            aside_at=later(hours=1),
            moderator=True,
            runs_until=later(hours=3),
            clock=VipClock.LIVE,
            left=2.5,
            clock_at=later(hours=2),
            takes_seat_of="s0",
            seat_taken_by="s9",
            end_reason=EndReason.BY_HAND,
            ended_by="1001",
            ended_at=later(hours=2),
            refusal=Refusal.FULL,
            retry=retry,
        )
        full_redemption = redemption(
            "p1",
            state=RedemptionState.REFUNDING,
            promised=24.0,
            held_for=Held.SEAT,
            held_at=later(minutes=1),
            held_until=later(hours=24),
            approved_by="1001",
            hours=24.0,
            session_id="s1",
            refusal=Refusal.MODERATOR,
            settled_at=later(seconds=5),
            dismissed_at=later(seconds=6),
            given_back_by="1001",
            retry=retry,
        )
        full_channel = channel(
            avatar_url="https://example.org/a.png",
            channel_point_reward_id="r1",
            reward_title="VIP",
            reward_cost=5000,
            vip_duration=0.5,
            enabled=False,
            refund_after=1.5,
            tiers=(Tier("r2", "VIP for a week", 30_000, 168.0, paused=True), Tier("", "VIP for ever", 9, 1.0)),
            rules=Rules(
                WhenVip.START_OVER,
                100.0,
                WhenFull.TAKE_SEAT,
                20,
                2,
                12.0,
                0.5,
                close_when_full=True,
                clock=VipClock.STREAM,
                approval=True,
                approval_hours=1.5,
                pause_hours=72.0,
                blocked=(Blocked("3001", "viewer1", "Viewer1"),),
            ),
            stream=Stream(later(hours=1), T0, later(hours=2)),
            seats_learned=19,
            closed_for_full=True,
            catch_up_at=later(minutes=5),
            team=(Member("2001", "mod", "Mod", Role.HELPER, T0),),
            board_off=True,
            welcomed=True,
            hidden=(Hidden("3002", "viewer2", "Viewer2", "1001"),),
            leaving=Leaving(T0, end_vips=True, delete_data=True, left_at=later(hours=1)),
        )
        full_account = account(avatar_url="https://example.org/a.png", reconnect=True, validated_at=T0)
        sign_in = SignIn("digest", "1001", T0, later(days=30), later(hours=1), "Firefox on Linux")
        detail = {"hours": 1.5, "until": "2026-03-01T12:00:00Z", "nested": [1, None, "x"]}
        entry = line("a1", actor_id="1001", actor_name="S", subject_id="2001", subject_name="V", detail=detail)

        saved_account = await store.commit(full_account, sign_in, full_channel, full_session, full_redemption, entry)

        assert saved_account.version
        assert await store.accounts.get("1001") == saved_account == replace(full_account, version=saved_account.version)
        for read, written in (
            (await store.accounts.sign_in("digest"), sign_in),
            (await store.channels.get("1001"), full_channel),
            (await store.sessions.get("s1"), full_session),
            (await store.redemptions.get("p1"), full_redemption),
        ):
            assert read is not None
            assert read == replace(written, version=read.version)
        assert await store.audit.latest("1001", 10) == [entry]

    async def test_absent_records_are_none(self, store: Store) -> None:
        assert await store.accounts.get("x") is None
        assert await store.accounts.sign_in("x") is None
        assert await store.channels.get("x") is None
        assert await store.channels.by_login("x") is None
        assert await store.sessions.get("x") is None
        assert await store.sessions.live_of("x", "y") is None
        assert await store.redemptions.get("x") is None

    async def test_times_come_back_in_utc(self, store: Store) -> None:
        berlin = T0.astimezone(timezone(timedelta(hours=2)))
        await store.commit(active("s1", berlin))
        read = await store.sessions.get("s1")
        assert read is not None
        assert read.expires_at == T0
        assert read.expires_at.tzinfo is UTC

    async def test_a_time_without_zone_is_refused(self, store: Store) -> None:
        with pytest.raises(ValueError, match="time zone"):
            await store.commit(active("s1", datetime(2026, 3, 1)))  # noqa: DTZ001
        assert await store.sessions.get("s1") is None

    async def test_tokens_can_be_taken_away(self, store: Store) -> None:
        saved = await store.commit(account())
        await store.commit(replace(saved, tokens=None, reconnect=True))
        read = await store.accounts.get("1001")
        assert read is not None
        assert (read.tokens, read.reconnect) == (None, True)

    async def test_an_account_that_never_had_tokens_need_not_reconnect(self, store: Store) -> None:
        await store.commit(account(tokens=None))
        read = await store.accounts.get("1001")
        assert read is not None
        assert (read.tokens, read.reconnect) == (None, False)


class CommitContract:
    async def test_a_second_creation_conflicts(self, store: Store) -> None:
        await store.commit(redemption("p1"))
        with pytest.raises(Conflict):
            await store.commit(redemption("p1", cost=1))
        read = await store.redemptions.get("p1")
        assert read is not None
        assert read.cost == 5000

    async def test_an_old_version_conflicts(self, store: Store) -> None:
        first = await store.commit(channel())
        second = await store.commit(replace(first, reward_cost=1))
        assert second.version != first.version
        with pytest.raises(Conflict):
            await store.commit(replace(first, reward_cost=2))
        assert await store.channels.get("1001") == second

    async def test_a_version_of_a_deleted_record_conflicts_even_after_it_was_made_again(self, store: Store) -> None:
        first = await store.commit(channel())
        await store.delete(first)
        with pytest.raises(Conflict):
            await store.commit(first)
        await store.commit(channel())
        with pytest.raises(Conflict):
            await store.commit(first)

    async def test_a_strange_version_conflicts(self, store: Store) -> None:
        await store.commit(channel())
        with pytest.raises(Conflict):
            await store.commit(channel(version="not one of ours"))

    async def test_all_or_nothing(self, store: Store) -> None:
        stale = await store.commit(redemption("p1"))
        await store.commit(stale.refunding(Refusal.FULL))
        with pytest.raises(Conflict):
            await store.commit(session("s1"), line("a1"), stale.granting("s1", 24))
        assert await store.sessions.get("s1") is None
        assert await store.audit.latest("1001", 10) == []

    @pytest.mark.parametrize(("kept", "wanted"), sorted(product(RedemptionState, repeat=2)))
    async def test_a_redemption_is_kept_only_where_its_life_leads(
        self, store: Store, kept: RedemptionState, wanted: RedemptionState
    ) -> None:
        """Also where no move made it. A refusal takes everything else in the commit with it."""
        first = await store.commit(redemption("p1", state=kept))
        if wanted is kept or any(one.before is kept and one.after is wanted for one in REDEMPTION_LIFE.transitions):
            second = await store.commit(replace(first, state=wanted, username="Renamed"), line("a1"))
            assert await store.redemptions.get("p1") == second
            return
        with pytest.raises(TransitionRefused, match="p1"):
            await store.commit(channel(), replace(first, state=wanted), line("a1"))
        assert await store.redemptions.get("p1") == first
        assert await store.channels.get("1001") is None
        assert await store.audit.latest("1001", 10) == []

    @pytest.mark.parametrize(("kept", "wanted"), sorted(product(SessionState, repeat=2)))
    async def test_a_session_is_kept_only_where_its_life_leads(
        self, store: Store, kept: SessionState, wanted: SessionState
    ) -> None:
        first = await store.commit(active("s1", later(hours=1), state=kept))
        if wanted is kept or any(one.before is kept and one.after is wanted for one in SESSION_LIFE.transitions):
            second = await store.commit(replace(first, state=wanted, username="Renamed"), line("a1"))
            assert await store.sessions.get("s1") == second
            return
        with pytest.raises(TransitionRefused, match="s1"):
            await store.commit(channel(), replace(first, state=wanted), line("a1"))
        assert await store.sessions.get("s1") == first
        assert await store.channels.get("1001") is None

    async def test_who_was_faster_is_told_before_what_is_allowed(self, store: Store) -> None:
        """A record of yesterday is nobody's fault."""
        stale = await store.commit(redemption("p1"))
        await store.commit(stale.refunding(Refusal.FULL))
        with pytest.raises(Conflict):
            await store.commit(replace(stale, state=RedemptionState.FULFILLED))

    async def test_an_audit_line_is_written_once(self, store: Store) -> None:
        await store.commit(channel(), line("a1"))
        with pytest.raises(Conflict):
            await store.commit(session("s1"), line("a1"))
        assert await store.sessions.get("s1") is None

    async def test_two_of_one_commit_come_back_as_they_stand(self, store: Store) -> None:
        begun, written = await store.commit_two(session("s1"), redemption("p1"), line("a1"))
        assert await store.sessions.get("s1") == begun
        assert await store.redemptions.get("p1") == written
        later_on = replace(begun, username="Renamed"), written.granting("s1", 24.0)
        begun, written = await store.commit_two(*later_on)
        assert await store.redemptions.get("p1") == written
        assert await store.commit(written.granted("s1", 24.0), replace(begun, username="Renamed again"))

    async def test_a_line_is_had_by_its_id(self, store: Store) -> None:
        await store.commit(channel(), line("a1"))
        assert await store.audit.get("a1") == line("a1")
        assert await store.audit.get("a2") is None

    async def test_one_of_many_wins(self, store: Store) -> None:
        """The losers change nothing."""
        first = await store.commit(channel())
        tries = [store.commit(replace(first, reward_cost=cost), line(f"a{cost}")) for cost in range(1, 11)]
        results = await asyncio.gather(*tries, return_exceptions=True)
        [winner] = [result for result in results if not isinstance(result, BaseException)]
        assert all(isinstance(result, Conflict) for result in results if isinstance(result, BaseException))
        assert await store.channels.get("1001") == winner
        assert [entry.id for entry in await store.audit.latest("1001", 20)] == [f"a{winner.reward_cost}"]

    async def test_delete_is_done_once_and_again(self, store: Store) -> None:
        sign_in = await store.commit(SignIn("digest", "1001", T0, later(days=1)))
        await store.delete(sign_in)
        assert await store.accounts.sign_in("digest") is None
        await store.delete(sign_in)

    async def test_ping(self, store: Store) -> None:
        await store.ping()


class LiveSessionContract:
    @pytest.mark.parametrize("state", [SessionState.GRANTING, SessionState.ACTIVE, SessionState.ENDING])
    async def test_a_viewer_has_one_live_session_a_channel(self, store: Store, state: SessionState) -> None:
        await store.commit(active("s1", later(hours=1), user_id="2001", state=state))
        with pytest.raises(Conflict):
            await store.commit(session("s2", user_id="2001"), line("a1"))
        assert await store.sessions.get("s2") is None
        await store.commit(session("s3", user_id="2001", channel_id="1002"))
        await store.commit(session("s4", user_id="2002"))

    async def test_ids_are_texts_not_numbers(self, store: Store) -> None:
        await store.commit(session("s1", user_id="7"), session("s2", user_id="07"), session("s3", user_id="7.0"))
        found = await store.sessions.live_of("1001", "07")
        assert found is not None
        assert found.id == "s2"
        assert await store.sessions.live("01001") == []

    @pytest.mark.parametrize("state", [SessionState.ENDED, SessionState.REFUSED])
    async def test_one_that_is_over_makes_room(self, store: Store, state: SessionState) -> None:
        await store.commit(session("s1", user_id="2001", state=state))
        second = await store.commit(session("s2", user_id="2001"))
        assert await store.sessions.live_of("1001", "2001") == second

    async def test_ending_one_and_starting_the_next_in_one_commit(self, store: Store) -> None:
        first = await store.commit(active("s1", later(hours=1), user_id="2001"))
        second = await store.commit(session("s2", user_id="2001"), first.ended(T0, EndReason.MADE_PERMANENT, "1001"))
        assert await store.sessions.live_of("1001", "2001") == second

    async def test_the_one_that_ended_last(self, store: Store) -> None:
        for number, hours in enumerate((1, 3, 2)):
            ended = active(f"s{number}", T0, user_id="2001", state=SessionState.ENDED, ended_at=later(hours=hours))
            await store.commit(ended)
        await store.commit(active("running", T0, user_id="2001"))
        await store.commit(active("other", T0, user_id="2002", state=SessionState.ENDED, ended_at=later(hours=9)))
        await store.commit(session("refused", user_id="2003", state=SessionState.REFUSED))
        last = await store.sessions.last_ended("1001", "2001")
        assert last is not None
        assert last.id == "s1"
        assert await store.sessions.last_ended("1001", "2003") is None
        assert await store.sessions.last_ended("1002", "2001") is None

    async def test_live_ones_soonest_end_first(self, store: Store) -> None:
        for one in (
            session("unknown"),
            active("late", later(hours=3)),
            active("soon", later(hours=1), state=SessionState.ENDING),
            active("over", later(hours=2), state=SessionState.ENDED),
            active("elsewhere", later(hours=2), channel_id="1002"),
        ):
            await store.commit(one)
        assert ids(await store.sessions.live("1001")) == ["soon", "late", "unknown"]


class StoreContract(
    RecordsContract,
    CommitContract,
    LiveSessionContract,
    DueContract,
    QueryContract,
    HistoryContract,
    HoldingsContract,
    OutsideContract,
    RestoredContract,
):
    """All of it."""
