"""Redemptions that wait by the streamer's choice: in line for a seat, or for a yes."""

import pytest

from tests.house import House
from tests.services.seat_scene import session
from vip_manager.domain.reasons import Refusal
from vip_manager.domain.redemption import Redemption, RedemptionState
from vip_manager.domain.rules import Held, WhenFull
from vip_manager.domain.terms import InvalidInput
from vip_manager.ports import TwitchStatus
from vip_manager.services.access import Person

HELD, FULFILLED, CANCELED = RedemptionState.HELD, RedemptionState.FULFILLED, RedemptionState.CANCELED
VIPS = "/helix/channels/vips"


async def stands(house: House, redemption: Redemption) -> Redemption:
    found = await house.services.store.redemptions.get(redemption.id)
    assert found
    return found


async def full(house: House, *viewers: str, seats: int = 2) -> tuple[Person, list[Redemption]]:
    """A channel with a waiting list whose seats are taken by a permanent VIP and viewer9; these viewers redeem then."""
    streamer = await house.open(hours=4)
    await house.rules(when_full=WhenFull.WAIT, wait_hours=12)
    await house.control("channel", channel="streamer", capacity=seats)
    await house.redeem("viewer9")
    return streamer, [await house.redeem(viewer) for viewer in viewers]


async def end(house: House, streamer: Person, viewer_id: str) -> None:
    """By hand, as far as the program hears of it from Twitch."""
    live = await house.live(viewer_id)
    assert live
    await house.services.expire.end_now(streamer, streamer.id, live.id)
    await house.services.waiting.advance(streamer.id)


async def test_without_a_waiting_list_the_points_go_back(house: House) -> None:
    await house.open()
    await house.control("channel", channel="streamer", capacity=1)
    redemption = await house.redeem("viewer1")
    assert (redemption.state, redemption.refusal) == (CANCELED, Refusal.FULL)
    assert (await house.channel()).seats == 1, "that is how many there are"


async def test_they_are_seated_in_the_order_in_which_they_came(house: House) -> None:
    streamer, waiting = await full(house, "viewer1", "viewer2", "viewer3")
    assert [one.state for one in waiting] == [HELD] * 3
    assert {await house.on_twitch(one.id) for one in waiting} == {TwitchStatus.UNFULFILLED}
    assert (await house.channel()).seats == 2
    for first, viewer_id in zip(waiting, ("3009", "3001", "3002"), strict=True):
        await end(house, streamer, viewer_id)
        assert (await stands(house, first)).state is FULFILLED
    assert await house.vips() == {"permanentvip", "viewer3"}


async def test_at_the_end_of_a_vip_the_sweep_seats_the_next(house: House) -> None:
    _, [first] = await full(house, "viewer1")
    house.clock.jump(5)
    await house.services.sweep.run()
    assert (await stands(house, first)).state is FULFILLED
    assert await house.vips() == {"permanentvip", "viewer1"}


async def test_nobody_passes_by_the_line(house: House) -> None:
    streamer, [first] = await full(house, "viewer1")
    live = await house.live("3009")
    assert live
    await house.services.expire.end_now(streamer, streamer.id, live.id)
    second = await house.redeem("viewer2")
    assert second.state is HELD
    await house.services.waiting.advance(streamer.id)
    assert ((await stands(house, first)).state, (await stands(house, second)).state) == (FULFILLED, HELD)


async def test_more_time_needs_no_seat(house: House) -> None:
    await full(house, "viewer1")
    assert (await house.redeem("viewer9")).state is FULFILLED
    live = await house.live("3009")
    assert live
    assert live.hours == 8


async def test_who_has_waited_long_enough_has_the_points_back(house: House) -> None:
    _, [first] = await full(house, "viewer1")
    await house.services.gift.add_time(await house.connect(), "1001", (await session(house, "3009")).id, 40, "gift-1")
    house.clock.jump(11.9)
    await house.services.sweep.run()
    assert (await stands(house, first)).state is HELD
    house.clock.jump(0.2)
    await house.services.sweep.run()
    after = await stands(house, first)
    assert (after.state, after.refusal) == (CANCELED, Refusal.WAITED_FOR_SEAT)


async def test_who_waits_when_seats_are_to_be_taken_takes_one(house: House) -> None:
    _, [first] = await full(house, "viewer1")
    house.clock.jump(2)
    await house.rules(when_full=WhenFull.TAKE_SEAT)
    assert (await stands(house, first)).state is FULFILLED
    assert await house.vips() == {"permanentvip", "viewer1"}


async def test_points_given_back_on_twitch_leave_the_line(house: House) -> None:
    streamer, [first, second] = await full(house, "viewer1", "viewer2")
    await house.control("settle", redemption_id=first.id, status="CANCELED")
    await end(house, streamer, "3009")
    assert ((await stands(house, first)).state, (await stands(house, second)).state) == (CANCELED, FULFILLED)
    assert await house.vips() == {"permanentvip", "viewer2"}


async def test_one_accepted_on_twitch_is_not_held_any_more(house: House) -> None:
    _, [first] = await full(house, "viewer1")
    await house.control("settle", redemption_id=first.id, status="FULFILLED")
    await house.services.grant.redemption(first.id)
    after = await stands(house, first)
    assert (after.state, after.refusal) == (RedemptionState.KEPT, Refusal.FULL), "the streamer is asked"


async def test_the_streamer_may_give_it_back(house: House) -> None:
    streamer, [first] = await full(house, "viewer1")
    await house.services.dead_letters.give_back(streamer, streamer.id, first.id)
    after = await stands(house, first)
    assert (after.state, after.refusal) == (CANCELED, Refusal.GIVEN_BACK)


async def test_where_twitch_has_more_seats_by_now_the_next_catch_up_finds_out(house: House) -> None:
    streamer, [first] = await full(house, "viewer1")
    await house.control("channel", channel="streamer", capacity=20)
    await house.services.waiting.advance(streamer.id)
    assert (await stands(house, first)).state is HELD, "Twitch is not asked all the time"
    house.clock.jump(0.1)
    await house.services.reconcile.catch_up(streamer.id)
    assert (await stands(house, first)).state is FULFILLED


async def test_a_catch_up_that_finds_no_seat_leaves_them_in_line(house: House) -> None:
    streamer, [first] = await full(house, "viewer1")
    await house.services.reconcile.catch_up(streamer.id)
    after = await stands(house, first)
    assert (after.state, after.held_for) == (HELD, Held.SEAT)
    assert (await house.channel()).seats == 2


async def test_seats_kept_free_are_not_given_by_redemptions(house: House) -> None:
    streamer = await house.open()
    await house.rules(seats=4, seats_kept_free=2)
    assert (await house.redeem("viewer1")).state is FULFILLED
    refused = await house.redeem("viewer2")
    assert (refused.state, refused.refusal) == (CANCELED, Refusal.FULL)
    await house.services.gift.by_hand(streamer, streamer.id, "viewer3", 1, "gift-1")
    assert await house.vips() == {"permanentvip", "viewer1", "viewer3"}, "the streamer may give them"


async def test_a_restart_forgets_nobody_in_line(house: House) -> None:
    _, [first, second] = await full(house, "viewer1", "viewer2")
    await house.restart()
    house.clock.jump(5)
    await house.services.sweep.run()
    assert ((await stands(house, first)).state, (await stands(house, second)).state) == (FULFILLED, HELD)


async def test_a_seat_that_cant_be_had_now_is_had_later(house: House) -> None:
    streamer, [first] = await full(house, "viewer1")
    await house.fault("POST", VIPS, "status", status=503)
    await end(house, streamer, "3009")
    assert (await stands(house, first)).state is RedemptionState.GRANTING
    house.clock.jump(0.1)
    await house.services.sweep.run()
    assert (await stands(house, first)).state is FULFILLED


async def asked(house: House, *viewers: str) -> tuple[Person, list[Redemption]]:
    """A streamer who wants to say yes first."""
    streamer = await house.open(hours=4)
    await house.rules(approval=True, approval_hours=2)
    return streamer, [await house.redeem(viewer) for viewer in viewers]


async def test_nothing_is_given_before_the_streamer_has_said_yes(house: House) -> None:
    streamer, [first, second] = await asked(house, "viewer1", "viewer2")
    assert (first.state, first.held_for) == (HELD, Held.APPROVAL)
    assert await house.vips() == {"permanentvip"}
    await house.services.waiting.approve(streamer, streamer.id, first.id)
    assert await house.vips() == {"permanentvip", "viewer1"}
    assert (await stands(house, second)).state is HELD
    assert [one for one in await house.actions() if one in ("held", "approved")] == ["held", "held", "approved"]


async def test_a_yes_counts_once(house: House) -> None:
    streamer, [first] = await asked(house, "viewer1")
    await house.services.waiting.approve(streamer, streamer.id, first.id)
    with pytest.raises(InvalidInput):
        await house.services.waiting.approve(streamer, streamer.id, first.id)
    with pytest.raises(InvalidInput):
        await house.services.waiting.approve(streamer, "1002", first.id)
    live = await house.live("3001")
    assert live
    assert live.hours == 4


async def test_more_time_waits_for_a_yes_too(house: House) -> None:
    streamer, [first] = await asked(house, "viewer1")
    await house.services.waiting.approve(streamer, streamer.id, first.id)
    more = await house.redeem("viewer1")
    assert more.state is HELD
    await house.services.waiting.approve(streamer, streamer.id, more.id)
    live = await house.live("3001")
    assert live
    assert live.hours == 8


async def test_without_an_answer_the_points_go_back(house: House) -> None:
    _, [first] = await asked(house, "viewer1")
    house.clock.jump(2.1)
    await house.services.sweep.run()
    after = await stands(house, first)
    assert (after.state, after.refusal) == (CANCELED, Refusal.NOT_APPROVED)


async def test_a_yes_to_somebody_who_may_not_be_vip_gives_the_points_back(house: House) -> None:
    streamer, [first] = await asked(house, "mod")
    done = await house.services.waiting.approve(streamer, streamer.id, first.id)
    assert (done.state, done.refusal) == (CANCELED, Refusal.MODERATOR)


async def test_after_the_yes_it_may_wait_for_a_seat(house: House) -> None:
    streamer = await house.open(hours=4)
    await house.rules(approval=True, when_full=WhenFull.WAIT)
    await house.control("channel", channel="streamer", capacity=1)
    first = await house.redeem("viewer1")
    done = await house.services.waiting.approve(streamer, streamer.id, first.id)
    assert (done.state, done.held_for) == (HELD, Held.SEAT)
    await house.control("channel", channel="streamer", capacity=2)
    house.clock.jump(0.1)
    await house.services.reconcile.catch_up(streamer.id)
    assert (await stands(house, first)).state is FULFILLED


async def test_what_is_accepted_on_twitch_needs_no_other_yes(house: House) -> None:
    _, [first] = await asked(house, "viewer1")
    await house.control("settle", redemption_id=first.id, status="FULFILLED")
    await house.services.grant.redemption(first.id)
    assert (await stands(house, first)).state is FULFILLED
    assert await house.vips() == {"permanentvip", "viewer1"}


async def test_what_waited_by_choice_is_never_too_late(house: House) -> None:
    streamer = await house.open(hours=4)
    await house.rules(approval=True, approval_hours=100)
    first = await house.redeem("viewer1")
    house.clock.jump(50)
    await house.services.waiting.approve(streamer, streamer.id, first.id)
    assert (await stands(house, first)).state is FULFILLED
