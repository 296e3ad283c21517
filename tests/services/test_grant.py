"""A redemption becomes VIP, or the points go back; once."""

import asyncio
from datetime import timedelta

import pytest

from tests.house import House
from vip_manager.domain.reasons import EndReason, Refusal
from vip_manager.domain.redemption import RedemptionState
from vip_manager.domain.session import SessionState
from vip_manager.domain.terms import InvalidInput
from vip_manager.ports import TwitchStatus
from vip_manager.services.refused import Refused

VIPS = "/helix/channels/vips"
REDEMPTIONS = "/helix/channel_points/custom_rewards/redemptions"


async def test_a_redemption_makes_vip_for_its_hours_and_is_fulfilled(house: House) -> None:
    await house.open(hours=24)
    done = await house.redeem("viewer1")
    assert done.state is RedemptionState.FULFILLED
    assert await house.on_twitch(done.id) is TwitchStatus.FULFILLED
    assert "viewer1" in await house.vips()
    session = await house.live("3001")
    assert session is not None
    assert session.state is SessionState.ACTIVE
    assert session.ours
    assert session.expires_at is not None
    assert session.granted_at is not None
    assert session.expires_at - session.granted_at == timedelta(hours=24)
    assert session.redeemed_with == f"reward:{done.reward_id}"
    assert (await house.actions())[-3:] == ["redeemed", "granted", "fulfilled"]


async def test_the_same_redemption_counts_once_however_often_it_is_told(house: House) -> None:
    await house.open(hours=24)
    told = await house.redeemed("viewer1")
    received = await asyncio.gather(*(house.services.intake.receive(told) for _ in range(10)))
    assert sum(arrived is not None for arrived in received) == 1
    await asyncio.gather(*(house.services.grant.redemption(told.id) for _ in range(10)))
    session = await house.live("3001")
    assert session is not None
    assert [credit.hours for credit in session.credits] == [24]
    assert (await house.actions()).count("granted") == 1


async def test_a_second_redemption_adds_its_hours(house: House) -> None:
    await house.open(hours=24)
    await house.redeem("viewer1")
    before = await house.live("3001")
    done = await house.redeem("viewer1")
    after = await house.live("3001")
    assert done.state is RedemptionState.FULFILLED
    assert before
    assert after
    assert before.expires_at
    assert after.expires_at == before.expires_at + timedelta(hours=24)
    assert after.id == before.id


async def test_several_redemptions_of_one_viewer_at_once_all_count(house: House) -> None:
    await house.open(hours=10)
    told = [await house.redeemed("viewer1") for _ in range(5)]
    for one in told:
        await house.services.intake.receive(one)
    await asyncio.gather(*(house.services.grant.redemption(one.id) for one in told))
    session = await house.live("3001")
    assert session
    assert session.hours == 50
    assert session.granted_at
    assert session.expires_at == session.granted_at + timedelta(hours=50)
    assert {await house.on_twitch(one.id) for one in told} == {TwitchStatus.FULFILLED}


@pytest.mark.parametrize(
    ("viewer", "change", "refusal"),
    [
        ("permanentvip", None, Refusal.ALREADY_VIP),
        ("mod", None, Refusal.MODERATOR),
        ("viewer2", ("channel", {"capacity": 1}), Refusal.FULL),
        ("viewer2", ("channel", {"community_unlocked": False}), Refusal.NO_VIP_FEATURE),
        ("viewer2", ("ban", {"viewer": "viewer2", "banned": True}), Refusal.BLOCKED),
    ],
)
async def test_points_go_back_where_vip_can_not_be_given(
    house: House, viewer: str, change: tuple[str, dict[str, object]] | None, refusal: Refusal
) -> None:
    await house.open()
    told = await house.redeemed(viewer)
    if change:
        action, wish = change
        await house.control(action, channel="streamer", **wish)
    before = await house.vips()
    await house.services.intake.receive(told)
    done = await house.services.grant.redemption(told.id)
    assert done
    assert (done.state, done.refusal) == (RedemptionState.CANCELED, refusal)
    assert await house.on_twitch(told.id) is TwitchStatus.CANCELED
    assert await house.vips() == before
    assert await house.live(told.user_id) is None
    assert (await house.actions())[-2:] == ["refused", "refunded"]


async def test_a_viewer_whom_twitch_does_not_know_gets_the_points_back(house: House) -> None:
    await house.open()
    await house.fault("POST", VIPS, "status", status=404)
    done = await house.redeem("viewer1")
    assert (done.state, done.refusal) == (RedemptionState.CANCELED, Refusal.USER_NOT_FOUND)


async def test_points_go_back_while_vip_is_turned_off(house: House) -> None:
    streamer = await house.open()
    told = await house.redeemed("viewer1")
    await house.services.channels.turn(streamer, streamer.id, False)
    await house.services.intake.receive(told)
    done = await house.services.grant.redemption(told.id)
    assert done
    assert (done.state, done.refusal) == (RedemptionState.CANCELED, Refusal.PAUSED)


async def test_somebody_made_vip_by_hand_between_the_look_and_our_add_is_not_ours(house: House) -> None:
    await house.open()
    told = await house.redeemed("viewer1")
    await house.services.intake.receive(told)
    # The look is answered from before the streamer's click: the gate holds our add while the click happens.
    await house.fault("POST", VIPS, "pass", hold=True)
    granting = asyncio.create_task(house.services.grant.redemption(told.id))
    await _held(house)
    await house.control("vip", channel="streamer", viewer="viewer1", vip=True)
    await house.heal_twitch()
    done = await granting
    assert done
    assert (done.state, done.refusal) == (RedemptionState.CANCELED, Refusal.ALREADY_VIP)
    assert "viewer1" in await house.vips()


@pytest.mark.parametrize("fault", [{"do": "status", "status": 503}, {"do": "status", "status": 500}])
async def test_a_redemption_waits_while_twitch_fails_and_is_granted_after(
    house: House, fault: dict[str, object]
) -> None:
    await house.open(hours=24)
    await house.control("faults", method="POST", path=VIPS, times=-1, **fault)
    done = await house.redeem("viewer1")
    assert done.state is RedemptionState.GRANTING
    assert done.retry.next_at is not None
    assert await house.on_twitch(done.id) is TwitchStatus.UNFULFILLED
    await house.heal_twitch()
    report = await house.services.sweep.run()
    assert "viewer1" not in await house.vips(), "it was put off, not due yet"
    house.clock.jump(1)
    report = await house.services.sweep.run()
    assert report.failed == 0
    assert "viewer1" in await house.vips()
    assert await house.on_twitch(done.id) is TwitchStatus.FULFILLED


async def test_an_add_whose_answer_was_lost_is_ours_and_counts_once(house: House) -> None:
    await house.open(hours=24)
    await house.fault("POST", VIPS, "lose_answer")
    done = await house.redeem("viewer1")
    assert done.state is RedemptionState.GRANTING
    assert "viewer1" in await house.vips(), "Twitch has done it"
    house.clock.jump(1)
    await house.services.sweep.run()
    session = await house.live("3001")
    assert session
    assert session.state is SessionState.ACTIVE
    assert session.hours == 24
    assert await house.on_twitch(done.id) is TwitchStatus.FULFILLED


@pytest.mark.parametrize("fault", ["lose_answer", "status"])
async def test_a_settlement_that_failed_is_made_good(house: House, fault: str) -> None:
    await house.open(hours=24)
    await house.fault("PATCH", REDEMPTIONS, fault)
    done = await house.redeem("viewer1")
    assert done.state is RedemptionState.GRANTED
    house.clock.jump(1)
    await house.services.sweep.run()
    assert await house.on_twitch(done.id) is TwitchStatus.FULFILLED
    settled = await house.services.store.redemptions.get(done.id)
    assert settled
    assert settled.state is RedemptionState.FULFILLED
    session = await house.live("3001")
    assert session
    assert session.hours == 24


async def test_a_refund_whose_answer_was_lost_is_not_made_twice(house: House) -> None:
    await house.open()
    await house.fault("PATCH", REDEMPTIONS, "lose_answer")
    done = await house.redeem("mod")
    assert done.state is RedemptionState.REFUNDING
    house.clock.jump(1)
    await house.services.sweep.run()
    assert await house.on_twitch(done.id) is TwitchStatus.CANCELED
    settled = await house.services.store.redemptions.get(done.id)
    assert settled
    assert settled.state is RedemptionState.CANCELED


async def test_points_given_back_by_hand_take_back_exactly_their_hours(house: House) -> None:
    await house.open(hours=24)
    await house.redeem("viewer1")
    await house.fault("PATCH", REDEMPTIONS, "status", status=500)
    second = await house.redeem("viewer1")
    assert second.state is RedemptionState.GRANTED
    await house.control("settle", redemption_id=second.id, status="CANCELED")
    house.clock.jump(1)
    await house.services.sweep.run()
    session = await house.live("3001")
    assert session
    assert session.granted_at
    assert session.expires_at == session.granted_at + timedelta(hours=24)
    assert "taken_back" in await house.actions()


async def test_points_accepted_by_hand_before_a_refusal_are_shown_as_kept(house: House) -> None:
    await house.open()
    told = await house.redeemed("mod")
    await house.control("settle", redemption_id=told.id, status="FULFILLED")
    await house.services.intake.receive(told)
    done = await house.services.grant.redemption(told.id)
    assert done
    assert done.state is RedemptionState.KEPT
    assert (await house.actions())[-1] == "points_kept"


async def test_a_dead_token_keeps_the_work_until_the_streamer_signs_in_again(house: House) -> None:
    await house.open(hours=24)
    told = await house.redeemed("viewer1")
    await house.control("disconnect", user="streamer")
    await house.services.intake.receive(told)
    done = await house.services.grant.redemption(told.id)
    assert done
    assert done.state is RedemptionState.RECEIVED
    assert done.retry.error == "reconnect"
    account = await house.services.store.accounts.get("1001")
    assert account
    assert account.reconnect
    assert account.tokens is None
    await house.connect()
    await house.services.sweep.run()
    assert "viewer1" in await house.vips()
    assert await house.on_twitch(told.id) is TwitchStatus.FULFILLED


async def test_an_access_token_that_died_early_is_refreshed_unseen(house: House) -> None:
    await house.open()
    await house.control("expire-tokens", user="streamer")
    assert (await house.redeem("viewer1")).state is RedemptionState.FULFILLED


async def test_vip_by_hand(house: House) -> None:
    streamer = await house.open()
    session = await house.services.gift.by_hand(streamer, streamer.id, "@Viewer3", "2,5", "gift-1")
    assert session.state is SessionState.ACTIVE
    assert session.redeemed_with == "manual"
    assert session.hours == 2.5
    again = await house.services.gift.by_hand(streamer, streamer.id, "viewer3", 2.5, "gift-1")
    assert again.hours == 2.5, "a double click counts once"
    more = await house.services.gift.add_time(streamer, streamer.id, session.id, 1, "gift-2")
    assert more.hours == 3.5
    assert session.expires_at
    assert more.expires_at == session.expires_at + timedelta(hours=1)


@pytest.mark.parametrize(
    ("login", "refusal"),
    [
        ("nobodyatall", Refusal.USER_NOT_FOUND),
        ("mod", Refusal.MODERATOR),
        ("permanentvip", Refusal.ALREADY_VIP),
        ("streamer", Refusal.BROADCASTER),
    ],
)
async def test_vip_by_hand_is_refused_with_its_reason(house: House, login: str, refusal: Refusal) -> None:
    streamer = await house.open()
    with pytest.raises(Refused) as refused:
        await house.services.gift.by_hand(streamer, streamer.id, login, 1, "gift")
    assert refused.value.refusal is refusal


@pytest.mark.parametrize(
    ("login", "hours"), [("not a name", 1), ("", 1), ("viewer1", 0), ("viewer1", "x"), ("v" * 26, 1)]
)
async def test_vip_by_hand_wants_a_name_and_hours(house: House, login: str, hours: object) -> None:
    streamer = await house.open()
    with pytest.raises(InvalidInput):
        await house.services.gift.by_hand(streamer, streamer.id, login, hours, "gift")


async def test_time_of_another_channel_can_not_be_added(house: House) -> None:
    streamer = await house.open()
    session = await house.services.gift.by_hand(streamer, streamer.id, "viewer3", 1, "gift-1")
    other = await house.open(login="secondstreamer")
    with pytest.raises(InvalidInput):
        await house.services.gift.add_time(other, other.id, session.id, 1, "gift-2")
    with pytest.raises(InvalidInput):
        await house.services.expire.end_now(other, other.id, session.id)
    with pytest.raises(InvalidInput):
        await house.services.expire.make_permanent(other, other.id, session.id)


async def test_a_permanent_vip_survives_it_all(house: House) -> None:
    streamer = await house.open(hours=1)
    await house.redeem("permanentvip")
    session = await house.services.gift.by_hand(streamer, streamer.id, "viewer1", 1, "gift")
    done = await house.services.expire.make_permanent(streamer, streamer.id, session.id)
    assert done.end_reason is EndReason.MADE_PERMANENT
    house.clock.jump(100)
    await house.services.sweep.run()
    assert {"permanentvip", "viewer1"} <= await house.vips()


async def _held(house: House) -> None:
    async with asyncio.timeout(5):
        while not any(rule["holding"] for rule in (await house.http.get("control/faults")).json()["faults"]):
            await asyncio.sleep(0.005)
