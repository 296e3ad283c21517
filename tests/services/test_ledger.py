"""The program walks every arrow of its two tables, and each commit leaves what they say: conftest.py judges that."""

from collections.abc import Awaitable, Callable
from enum import StrEnum

import pytest

from tests.domain.records import NOW, credit, granting, redemption, session
from tests.house import House
from tests.services.watched_commits import Step, WatchedCommits, wrong_with
from vip_manager.domain.audit import Action
from vip_manager.domain.books import Check
from vip_manager.domain.reasons import EndReason
from vip_manager.domain.redemption import Redemption
from vip_manager.domain.redemption import RedemptionState as R
from vip_manager.domain.redemption_life import REDEMPTION_LIFE
from vip_manager.domain.rules import WhenFull
from vip_manager.domain.session import SessionState as S
from vip_manager.domain.session_life import SESSION_LIFE
from vip_manager.services.access import Person
from vip_manager.services.refused import Refused

VIPS = "/helix/channels/vips"
REDEMPTIONS = "/helix/channel_points/custom_rewards/redemptions"


async def session_id(house: House) -> str:
    session = await house.live("3001")
    assert session
    return session.id


async def bought_extended_and_over(house: House) -> None:
    await house.open(hours=1)
    await house.redeem("viewer1")
    await house.redeem("viewer1")
    house.clock.jump(3)
    await house.services.sweep.run()


async def refused_by_the_terms(house: House) -> None:
    await house.open()
    await house.redeem("permanentvip")


async def refused_by_twitch(house: House) -> None:
    await house.open()
    await house.redeem("mod")


async def given_back_there_while_it_waits(house: House) -> None:
    await house.open()
    await house.fault("GET", VIPS, "status", status=503, times=-1)
    waiting = await house.redeem("viewer1")
    await house.control("settle", redemption_id=waiting.id, status="CANCELED")
    await house.services.grant.redemption(waiting.id)


async def given_back_there_after_the_grant(house: House) -> None:
    await house.open()
    await house.fault("PATCH", REDEMPTIONS, "status", status=503)
    granted = await house.redeem("viewer1")
    await house.control("settle", redemption_id=granted.id, status="CANCELED")
    await house.services.grant.redemption(granted.id)


async def accepted_there_before_a_refusal(house: House) -> None:
    await house.open()
    told = await house.redeemed("mod")
    await house.control("settle", redemption_id=told.id, status="FULFILLED")
    await house.services.intake.receive(told)
    await house.services.grant.redemption(told.id)


async def accepted_there_and_tried_again(house: House) -> None:
    await accepted_there_before_a_refusal(house)
    [kept] = await house.services.store.redemptions.undecided("1001")
    streamer = await house.connect()
    await house.services.dead_letters.try_again(streamer, streamer.id, kept.id)
    await house.services.dead_letters.let_be(streamer, streamer.id, kept.id)


async def a_spare_reward_is_done_away_with(house: House) -> None:
    streamer = await house.open()
    await house.services.twitch.create_reward(streamer.id, "Another VIP", 700, "")
    await house.services.reconcile.catch_up(streamer.id)
    await house.control("redeem", channel="streamer", viewer="viewer1", reward="Another VIP")
    [spare] = (await house.channel()).spare_rewards
    await house.services.retire.reward(streamer, streamer.id, spare.id)


async def ended_by_hand_before_it_was_given(house: House) -> None:
    streamer = await house.open()
    await house.fault("POST", VIPS, "status", status=503)
    await house.redeem("viewer1")
    await house.services.expire.end_now(streamer, streamer.id, await session_id(house))


async def made_permanent(house: House) -> None:
    streamer = await house.open()
    await house.redeem("viewer1")
    await house.services.expire.make_permanent(streamer, streamer.id, await session_id(house))


async def extended_while_a_removal_is_stuck(house: House) -> None:
    streamer = await house.open(hours=1)
    await house.redeem("viewer1")
    await house.fault("DELETE", VIPS, "status", status=503)
    await house.services.expire.end_now(streamer, streamer.id, await session_id(house))
    await house.services.gift.add_time(streamer, streamer.id, await session_id(house), 1, "gift")


async def not_given_again(house: House) -> None:
    """What was VIP, and ending, is extended; but the viewer has been banned."""
    streamer = await house.open(hours=1)
    await house.redeem("viewer1")
    await house.fault("DELETE", VIPS, "status", status=503)
    await house.services.expire.end_now(streamer, streamer.id, await session_id(house))
    await house.control("ban", channel="streamer", viewer="viewer1", banned=True)
    house.clock.jump(1)
    with pytest.raises(Refused):
        await house.services.gift.add_time(streamer, streamer.id, await session_id(house), 1, "gift")


async def modded_and_back(house: House) -> None:
    await house.open(hours=1)
    await house.redeem("viewer1")
    await modded(house, True)
    await modded(house, False)


async def modded(house: House, moderator: bool) -> None:
    await house.control("moderator", channel="streamer", viewer="viewer1", moderator=moderator)
    await house.services.reconcile.look("1001", "3001", None if not moderator else house.clock.now())


async def redeemed_as_moderator(house: House) -> None:
    await house.open(hours=1)
    await house.redeem("viewer1")
    await modded(house, True)
    await house.redeem("viewer1")
    house.clock.jump(3)
    await house.services.sweep.run()


async def held_for_a_yes(house: House) -> tuple[Person, Redemption]:
    streamer = await house.open()
    await house.rules(approval=True)
    return streamer, await house.redeem("viewer1")


async def approved(house: House) -> None:
    streamer, waits = await held_for_a_yes(house)
    await house.services.waiting.approve(streamer, streamer.id, waits.id)


async def not_approved_in_time(house: House) -> None:
    await held_for_a_yes(house)
    house.clock.jump(3)
    await house.services.sweep.run()


async def given_back_there_while_held(house: House) -> None:
    _, waits = await held_for_a_yes(house)
    await house.control("settle", redemption_id=waits.id, status="CANCELED")
    await house.services.grant.redemption(waits.id)


async def held_when_twitch_has_no_seat(house: House) -> None:
    await house.open()
    await house.rules(when_full=WhenFull.WAIT)
    await house.control("channel", channel="streamer", capacity=1)
    await house.redeem("viewer1")


async def on_the_seat_of_another(house: House) -> None:
    await house.open()
    await house.rules(when_full=WhenFull.TAKE_SEAT, protected_hours=0.0)
    await house.control("channel", channel="streamer", capacity=2)
    await house.redeem("viewer1")
    await house.redeem("viewer2")


async def put_on_a_clock(house: House) -> None:
    streamer = await house.open()
    await house.services.gift.put_on_clock(streamer, streamer.id, "permanentvip", 1, "gift-1")
    house.clock.jump(2)
    await house.services.sweep.run()


async def a_streamer_leaves(house: House) -> None:
    """Who is VIP, who is a moderator now, whose badge can't be taken, and who was to have it again."""
    streamer = await house.open(hours=1)
    for viewer in ("viewer1", "viewer2", "viewer3", "viewer4"):
        await house.redeem(viewer)
    await modded(house, True)
    await house.fault("DELETE", VIPS, "status", status=503, times=2)
    for viewer_id in ("3002", "3003"):
        session = await house.live(viewer_id)
        assert session
        await house.services.expire.end_now(streamer, streamer.id, session.id)
    await house.fault("POST", VIPS, "status", status=503, times=1)
    session = await house.live("3003")
    assert session
    await house.services.gift.add_time(streamer, streamer.id, session.id, 1, "gift")
    await house.control("disconnect", user="streamer")
    await house.services.accounts.validate_all()
    await house.services.departure.begin(streamer, streamer.id, "streamer", without_twitch=True)
    assert await house.services.departure.go_on(streamer.id)


WALKS: list[tuple[Callable[[House], Awaitable[None]], set[tuple[StrEnum | None, StrEnum]]]] = [
    (
        bought_extended_and_over,
        {
            (None, R.RECEIVED),
            (R.RECEIVED, R.GRANTING),
            (R.GRANTING, R.GRANTED),
            (R.GRANTED, R.FULFILLED),
            (R.RECEIVED, R.GRANTED),
            (None, S.GRANTING),
            (S.GRANTING, S.ACTIVE),
            (S.ACTIVE, S.ENDING),
            (S.ENDING, S.ENDED),
        },
    ),
    (refused_by_the_terms, {(R.RECEIVED, R.REFUNDING), (R.REFUNDING, R.CANCELED)}),
    (refused_by_twitch, {(R.GRANTING, R.REFUNDING), (S.GRANTING, S.REFUSED)}),
    (given_back_there_while_it_waits, {(R.RECEIVED, R.CANCELED)}),
    (given_back_there_after_the_grant, {(R.GRANTED, R.CANCELED)}),
    (accepted_there_before_a_refusal, {(R.REFUNDING, R.KEPT)}),
    (a_spare_reward_is_done_away_with, {(None, R.REFUNDING)}),
    (accepted_there_and_tried_again, {(R.KEPT, R.RECEIVED)}),
    (ended_by_hand_before_it_was_given, {(S.GRANTING, S.ENDING), (R.GRANTING, R.REFUNDING)}),
    (made_permanent, {(S.ACTIVE, S.ENDED)}),
    (extended_while_a_removal_is_stuck, {(S.ENDING, S.GRANTING)}),
    (not_given_again, {(S.GRANTING, S.ENDED)}),
    (modded_and_back, {(S.ACTIVE, S.ASIDE), (S.ASIDE, S.GRANTING)}),
    (approved, {(R.RECEIVED, R.HELD), (R.HELD, R.RECEIVED)}),
    (not_approved_in_time, {(R.HELD, R.REFUNDING)}),
    (given_back_there_while_held, {(R.HELD, R.CANCELED)}),
    (held_when_twitch_has_no_seat, {(R.GRANTING, R.HELD)}),
    (on_the_seat_of_another, {(S.ENDING, S.ASIDE), (R.GRANTING, R.RECEIVED)}),
    (put_on_a_clock, {(None, S.ACTIVE)}),
    (redeemed_as_moderator, {(S.GRANTING, S.ASIDE), (S.ASIDE, S.ENDED)}),
    (
        a_streamer_leaves,
        {(S.ACTIVE, S.ENDED), (S.ASIDE, S.ENDED), (S.ENDING, S.ENDED), (S.GRANTING, S.ENDED)},
    ),
]


@pytest.mark.parametrize(("walk", "arrows"), WALKS, ids=[walk.__name__ for walk, _ in WALKS])
async def test_the_program_walks_these_arrows(
    house: House,
    commits: WatchedCommits,
    walk: Callable[[House], Awaitable[None]],
    arrows: set[tuple[StrEnum | None, StrEnum]],
) -> None:
    await walk(house)
    assert arrows <= {(step.before and step.before.state, step.after.state) for step in commits.steps}


def test_the_walks_leave_out_no_arrow() -> None:
    every = {
        (one.before, one.after)
        for life in (REDEMPTION_LIFE, SESSION_LIFE)
        for one in life.transitions
        if one.before is not one.after
    }
    assert set().union(*(arrows for _, arrows in WALKS)) == every


@pytest.mark.parametrize(
    ("steps", "actions"),
    [
        ([Step(session(S.ACTIVE), session(S.ENDED))], set()),
        ([Step(session(S.ACTIVE), session(S.ENDED))], {Action.ENDED, Action.GRANTED}),
        ([Step(session(S.ACTIVE), session(S.REFUSED))], {Action.REFUSED}),
        ([Step(session(S.ACTIVE), session(S.ACTIVE).credited(credit("c2"), NOW))], set()),
        ([Step(session(S.ENDED), session(S.ENDED))], set()),
        ([Step(None, redemption(R.RECEIVED))], set()),
        ([Step(redemption(R.GRANTED), redemption(R.CANCELED))], {Action.REFUNDED}),
        ([Step(redemption(R.GRANTING), redemption(R.REFUNDING)), Step(None, granting())], set()),
    ],
)
def test_a_commit_that_is_not_as_the_tables_say_is_found(steps: list[Step], actions: set[Action]) -> None:
    assert wrong_with(steps, actions)


async def test_a_step_of_the_program_that_leaves_no_line_is_found(house: House, commits: WatchedCommits) -> None:
    await house.open()
    await house.redeem("viewer1")
    live = await house.live("3001")
    assert live
    await house.services.store.commit(live.set_aside(house.clock.now()))
    live = await house.live("3001")
    assert live
    await house.services.store.commit(live.ended(house.clock.now(), EndReason.REMOVED_ON_TWITCH))
    [wrong] = commits.wrong
    assert live.id in wrong
    [missing] = await house.wrong()
    assert (missing.check, missing.place) == (Check.UNLOGGED, f"vipSessions/{live.id}")
    await house.repair()
    commits.wrong.clear()
