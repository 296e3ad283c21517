"""Every change leaves a line: who, what, whom, when, why."""

from collections.abc import Awaitable, Callable

import pytest

from tests.house import House
from vip_manager.domain.audit import SYSTEM, AuditEntry
from vip_manager.domain.reasons import EndReason, Refusal
from vip_manager.domain.session import VipSession
from vip_manager.domain.terms import RewardTerms
from vip_manager.ports import Unauthorized
from vip_manager.services.access import Person
from vip_manager.services.refused import Refused

VIPS = "/helix/channels/vips"
Act = Callable[[House, Person, VipSession], Awaitable[object]]


async def line(house: House, action: str) -> AuditEntry:
    """The one line of that kind."""
    [entry] = [entry for entry in await house.entries() if entry.action == action]
    return entry


def by(person: Person) -> tuple[str, str]:
    return person.id, person.username


def actor(entry: AuditEntry) -> tuple[str, str]:
    return entry.actor_id, entry.actor_name


ACTS: list[tuple[str, Act]] = [
    ("reward_changed", lambda house, me, _: house.services.rewards.change_reward(me, me.id, RewardTerms("V", 1, 1))),
    ("turned_off", lambda house, me, _: house.services.channels.turn(me, me.id, False)),
    ("granted", lambda house, me, _: house.services.gift.by_hand(me, me.id, "viewer2", 1, "gift-2")),
    ("extended", lambda house, me, _: house.services.gift.by_hand(me, me.id, "viewer1", 1, "gift-2")),
    ("extended", lambda house, me, vip: house.services.gift.add_time(me, me.id, vip.id, 1, "gift-2")),
    ("ended", lambda house, me, vip: house.services.expire.end_now(me, me.id, vip.id)),
    ("ended", lambda house, me, vip: house.services.expire.make_permanent(me, me.id, vip.id)),
]


@pytest.mark.parametrize(("action", "act"), ACTS, ids=[f"{action}-{n}" for n, (action, _) in enumerate(ACTS)])
async def test_what_the_streamer_does_is_in_the_log_with_their_name(house: House, action: str, act: Act) -> None:
    streamer = await house.open()
    await house.redeem("viewer1")
    session = await house.live("3001")
    assert session
    began = house.clock.now()
    await act(house, streamer, session)
    entry = (await house.entries())[0]
    assert (entry.action, actor(entry)) == (action, by(streamer))
    assert began <= entry.at <= house.clock.now()


async def test_connecting_and_the_reward_are_in_the_log(house: House) -> None:
    streamer = await house.open()
    assert actor(await line(house, "connected")) == by(streamer)
    created = await line(house, "reward_created")
    assert actor(created) == by(streamer)
    assert created.detail == {"reward": "VIP for a day", "cost": 500, "hours": 24}


async def test_what_a_redemption_does_is_in_the_log_as_the_programs_own(house: House) -> None:
    await house.open(hours=1)
    done = await house.redeem("viewer1")
    house.clock.jump(2)
    await house.services.sweep.run()
    for action in ("redeemed", "granted", "fulfilled", "ended"):
        entry = await line(house, action)
        assert (entry.actor_id, entry.subject_id, entry.subject_name) == (SYSTEM, "3001", "Viewer1")
    assert (await line(house, "fulfilled")).detail["redemption_id"] == done.id
    assert (await line(house, "ended")).detail["reason"] == EndReason.EXPIRED
    assert (await line(house, "granted")).detail["hours"] == 1


async def test_a_gift_whose_answer_was_lost_is_still_the_givers(house: House) -> None:
    streamer = await house.open()
    await house.fault("POST", VIPS, "lose_answer")
    await house.services.gift.by_hand(streamer, streamer.id, "viewer1", 5, "gift-1")
    house.clock.jump(1)
    await house.services.sweep.run()
    entry = await line(house, "granted")
    assert (actor(entry), entry.subject_id, entry.detail["hours"]) == (by(streamer), "3001", 5)


@pytest.mark.parametrize("fault", [{"do": "lose_answer"}, {"do": "status", "status": 503}], ids=["lost", "failed"])
async def test_an_end_by_hand_that_had_to_be_tried_again_is_still_the_streamers(
    house: House, fault: dict[str, object]
) -> None:
    streamer = await house.open()
    await house.redeem("viewer1")
    session = await house.live("3001")
    assert session
    await house.control("faults", method="DELETE", path=VIPS, **fault)
    await house.services.expire.end_now(streamer, streamer.id, session.id)
    assert await house.live("3001")
    house.clock.jump(0.1)
    assert (await house.services.sweep.run()).expired == 1
    entry = await line(house, "ended")
    assert (actor(entry), entry.detail["reason"]) == (by(streamer), EndReason.BY_HAND)


async def test_a_refused_gift_is_in_the_log_with_who_meant_to_give_it(house: House) -> None:
    streamer = await house.open()
    with pytest.raises(Refused):
        await house.services.gift.by_hand(streamer, streamer.id, "mod", 5, "gift-1")
    entry = await line(house, "refused")
    assert (actor(entry), entry.subject_name, entry.detail["reason"]) == (by(streamer), "Mod", Refusal.MODERATOR)


async def test_a_gift_to_somebody_whose_vip_can_not_be_given_back_is_refused_aloud(house: House) -> None:
    streamer = await house.open(hours=1)
    await house.redeem("viewer1")
    session = await house.live("3001")
    assert session
    house.clock.jump(2)
    await house.fault("DELETE", VIPS, "lose_answer")
    await house.services.expire.session(session.id)
    await house.fault("POST", VIPS, "status", status=409)
    with pytest.raises(Refused) as refused:
        await house.services.gift.by_hand(streamer, streamer.id, "viewer1", 5, "gift-1")
    assert refused.value.refusal is Refusal.FULL
    entry = await line(house, "refused")
    assert (actor(entry), entry.detail["reason"]) == (by(streamer), Refusal.FULL)
    assert await house.live("3001") is None


async def test_a_dead_token_is_in_the_log_once_each_time_it_dies(house: House) -> None:
    streamer = await house.open()
    for times in (1, 2):
        await house.control("disconnect", user="streamer")
        for _ in range(2):
            with pytest.raises(Unauthorized):
                await house.services.twitch.vips(streamer.id)
            await house.services.accounts.lost(streamer.id)
        assert (await house.actions()).count("disconnected") == times
        await house.connect()
        assert (await house.actions())[-2] == "connected"


async def test_a_lost_reward_is_in_the_log(house: House) -> None:
    streamer = await house.open()
    await house.delete_reward()
    await house.services.reconcile.catch_up(streamer.id)
    entry = await line(house, "reward_lost")
    assert (entry.actor_id, entry.detail["reward"]) == (SYSTEM, "VIP for a day")


async def test_signing_in_and_out_are_in_the_log(house: House) -> None:
    streamer = await house.connect()
    cookie = await house.services.access.sign_in(streamer.id)
    assert (await house.actions())[-1] == "signed_in"
    assert (await house.entries())[0].actor_id == streamer.id
    await house.services.access.sign_out(f"vip={cookie}")
    assert (await house.actions())[-1] == "signed_out"
    assert (await house.entries())[0].actor_id == streamer.id
    await house.services.access.sign_out(f"vip={cookie}")
    assert (await house.actions()).count("signed_out") == 1


async def test_who_signs_in_again_has_not_signed_out(house: House) -> None:
    streamer, mod = await house.connect(), await house.sign_in("mod")
    access = house.services.access
    cookie = f"vip={await access.sign_in(streamer.id)}"
    again = f"vip={await access.sign_in(streamer.id, '', cookie)}"
    assert (await access.person(cookie), (await house.actions()).count("signed_out")) == (None, 0)
    assert (await house.actions())[-2:] == ["signed_in", "signed_in"]
    await access.sign_in(mod.id, "", again)
    assert (await access.person(again), (await house.actions())[-1]) == (None, "signed_out")


async def test_vip_taken_on_twitch_and_points_given_back_there_are_in_the_log(house: House) -> None:
    await house.open(hours=24)
    await house.redeem("viewer1")
    await house.fault("PATCH", "/helix/channel_points/custom_rewards/redemptions", "status", status=500)
    second = await house.redeem("viewer1")
    await house.control("settle", redemption_id=second.id, status="CANCELED")
    house.clock.jump(1)
    await house.services.sweep.run()
    taken_back = await line(house, "taken_back")
    assert (taken_back.subject_id, taken_back.detail["hours"]) == ("3001", 24)
    await house.control("vip", channel="streamer", viewer="viewer1", vip=False)
    await house.services.reconcile.look("1001", "3001")
    await house.found_out()
    ended = await line(house, "ended")
    assert (ended.subject_id, ended.detail["reason"]) == ("3001", EndReason.REMOVED_ON_TWITCH)


async def test_being_put_off_is_in_the_log_once_however_often_it_is_tried(house: House) -> None:
    await house.open()
    await house.fault("POST", VIPS, "status", status=500, times=-1)
    await house.redeem("viewer1")
    for _ in range(3):
        house.clock.jump(0.5)
        await house.services.sweep.run()
    assert (await line(house, "put_off")).detail["error"] == "unavailable"
