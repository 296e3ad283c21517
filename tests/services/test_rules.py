"""What the streamer has chosen for somebody who is VIP already, and who may redeem."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.house import House
from tests.services.seat_scene import session
from vip_manager.domain.reasons import Refusal
from vip_manager.domain.redemption import Redemption, RedemptionState
from vip_manager.domain.rules import Rules, WhenVip
from vip_manager.domain.terms import InvalidInput
from vip_manager.ports import TwitchStatus
from vip_manager.services.refused import Refused

HOUR = timedelta(hours=1)


async def ends_in(house: House, viewer_id: str = "3001") -> float:
    """Hours, to the second."""
    ends = (await session(house, viewer_id)).expires_at
    assert ends
    return round((ends - house.clock.now()) / HOUR, 2)


async def given_back(house: House, redemption: Redemption, refusal: Refusal) -> None:
    assert (redemption.state, redemption.refusal) == (RedemptionState.CANCELED, refusal)
    assert await house.on_twitch(redemption.id) is TwitchStatus.CANCELED


async def test_who_touches_nothing_has_time_added(house: House) -> None:
    await house.open(hours=24)
    assert (await house.channel()).rules == Rules()
    await house.redeem("viewer1")
    house.clock.jump(4)
    await house.redeem("viewer1")
    assert await ends_in(house) == 44


async def test_starting_over_gives_the_full_hours_from_now(house: House) -> None:
    await house.open(hours=24)
    await house.rules(when_vip=WhenVip.START_OVER)
    await house.redeem("viewer1")
    house.clock.jump(4)
    again = await house.redeem("viewer1")
    assert await ends_in(house) == 24
    assert again.state is RedemptionState.FULFILLED
    assert round(again.hours, 2) == 4, "what it has added, and what a refund takes"


async def test_starting_over_is_never_shorter(house: House) -> None:
    streamer = await house.open(hours=24)
    await house.rules(when_vip=WhenVip.START_OVER)
    await house.redeem("viewer1")
    await house.services.gift.by_hand(streamer, streamer.id, "viewer1", 10, "gift-1")
    await given_back(house, await house.redeem("viewer1"), Refusal.NO_LONGER)
    assert await ends_in(house) == 34


async def test_whoever_is_vip_may_not_redeem_where_the_streamer_says_so(house: House) -> None:
    await house.open(hours=2)
    await house.rules(when_vip=WhenVip.REFUSE)
    await house.redeem("viewer1")
    await given_back(house, await house.redeem("viewer1"), Refusal.STILL_VIP)
    assert await ends_in(house) == 2
    house.clock.jump(3)
    assert (await house.redeem("viewer1")).state is RedemptionState.FULFILLED, "at the end of it they may again"


async def test_nobody_has_more_hours_ahead_than_the_streamer_allows(house: House) -> None:
    await house.open(hours=24)
    await house.rules(most_hours_ahead=48)
    for _ in range(2):
        await house.redeem("viewer1")
    await given_back(house, await house.redeem("viewer1"), Refusal.TOO_FAR_AHEAD)
    assert await ends_in(house) == 48
    house.clock.jump(24)
    assert (await house.redeem("viewer1")).state is RedemptionState.FULFILLED


async def test_whoever_is_on_the_block_list_has_the_points_back(house: House) -> None:
    streamer = await house.open()
    await house.services.rule_book.block(streamer, streamer.id, "@Viewer1")
    await given_back(house, await house.redeem("viewer1"), Refusal.ON_BLOCK_LIST)
    assert await house.vips() == {"permanentvip"}
    await house.services.rule_book.unblock(streamer, streamer.id, "3001")
    assert (await house.redeem("viewer1")).state is RedemptionState.FULFILLED
    assert [one for one in await house.actions() if "block" in one] == ["blocked", "unblocked"]


async def test_a_name_that_changes_does_not_get_around_the_block_list(house: House) -> None:
    streamer = await house.open()
    await house.services.rule_book.block(streamer, streamer.id, "viewer1")
    await house.control("rename", user="viewer1", login="somebodyelse")
    await given_back(house, await house.redeem("somebodyelse"), Refusal.ON_BLOCK_LIST)


async def test_blocking_twice_is_once_and_other_rules_stay(house: House) -> None:
    streamer = await house.open()
    await house.rules(most_hours_ahead=48)
    for _ in range(2):
        await house.services.rule_book.block(streamer, streamer.id, "viewer1")
    await house.rules(most_hours_ahead=72)
    rules = (await house.channel()).rules
    assert (len(rules.blocked), rules.most_hours_ahead) == (1, 72)
    assert (await house.actions()).count("blocked") == 1


async def test_nobody_blocks_who_is_not_there_nor_themselves(house: House) -> None:
    streamer = await house.open()
    book = house.services.rule_book
    with pytest.raises(Refused):
        await book.block(streamer, streamer.id, "nobody_there")
    with pytest.raises(Refused):
        await book.block(streamer, streamer.id, "streamer")
    with pytest.raises(InvalidInput):
        await book.block(streamer, streamer.id, "no such name")
    assert (await house.channel()).rules == Rules()


async def test_a_pause_lies_between_two_redemptions_of_one_viewer(house: House) -> None:
    await house.open(hours=1)
    await house.rules(pause_hours=72)

    async def redeem(viewer: str, hours: float) -> Redemption:
        told = await house.redeemed(viewer)
        await house.services.intake.receive(replace(told, redeemed_at=told.redeemed_at + hours * HOUR))
        done = await house.services.grant.redemption(told.id)
        assert done
        return done

    await redeem("viewer1", 0)
    await given_back(house, await redeem("viewer1", 71), Refusal.TOO_SOON)
    assert (await redeem("viewer2", 71)).state is RedemptionState.FULFILLED, "it is each viewer's own"
    assert (await redeem("viewer1", 72.1)).state is RedemptionState.FULFILLED, "what was given back does not count"


async def test_changed_rules_leave_a_line_with_what_was_changed(house: House) -> None:
    await house.open()
    await house.rules(pause_hours=72, when_vip=WhenVip.REFUSE)
    await house.rules(pause_hours=72)
    [line] = [one for one in await house.entries() if one.action == "rules_changed"]
    assert line.detail["changed"] == {"pause_hours": 72, "when_vip": "refuse"}
    assert line.actor_id == "1001"


async def test_a_redemption_is_worth_what_its_reward_gave_then(house: House) -> None:
    streamer = await house.open(hours=24)
    await house.rules(approval=True)
    waits = await house.redeem("viewer1")
    await house.services.store.commit(replace(await house.channel(), vip_duration=1.0))
    await house.services.waiting.approve(streamer, streamer.id, waits.id)
    assert await ends_in(house) == 24
