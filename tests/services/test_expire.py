"""VIP ends on time: not before, not never, and not where it is not ours."""

import asyncio
from datetime import timedelta

import pytest

from tests.house import House
from vip_manager.domain.reasons import EndReason
from vip_manager.domain.session import SessionState
from vip_manager.ports import TwitchStatus

VIPS = "/helix/channels/vips"


async def test_vip_ends_when_its_hours_are_over_and_not_before(house: House) -> None:
    await house.open(hours=24)
    await house.redeem("viewer1")
    house.clock.jump(23.99)
    assert (await house.services.sweep.run()).expired == 0
    assert "viewer1" in await house.vips()
    house.clock.jump(0.02)
    report = await house.services.sweep.run()
    assert (report.expired, report.remaining, report.failed) == (1, 0, 0)
    assert "viewer1" not in await house.vips()
    assert await house.live("3001") is None
    assert (await house.actions())[-1] == "ended"


async def test_two_sweeps_at_once_end_each_vip_once(house: House) -> None:
    await house.open(hours=1)
    for number in range(1, 6):
        await house.redeem(f"viewer{number}")
    house.clock.jump(2)
    await asyncio.gather(*(house.services.sweep.run() for _ in range(4)))
    assert (await house.actions()).count("ended") == 5
    badges = (await house.audit())["vip_by_api"]["streamer"]
    assert {login: badge["removed"] for login, badge in badges.items()} == {f"viewer{n}": 1 for n in range(1, 6)}


async def test_a_removal_that_failed_is_made_good(house: House) -> None:
    await house.open(hours=1)
    await house.redeem("viewer1")
    house.clock.jump(2)
    await house.fault("DELETE", VIPS, "status", status=503)
    report = await house.services.sweep.run()
    assert (report.expired, report.failed) == (0, 1)
    session = await house.live("3001")
    assert session
    assert session.state is SessionState.ENDING
    house.clock.jump(1)
    assert (await house.services.sweep.run()).expired == 1
    assert "viewer1" not in await house.vips()


async def test_a_removal_whose_answer_was_lost_is_not_made_twice(house: House) -> None:
    await house.open(hours=1)
    await house.redeem("viewer1")
    house.clock.jump(2)
    await house.fault("DELETE", VIPS, "lose_answer")
    await house.services.sweep.run()
    house.clock.jump(1)
    await house.services.sweep.run()
    assert await house.live("3001") is None
    assert (await house.audit())["vip_by_api"]["streamer"]["viewer1"]["removed"] == 1
    assert (await house.actions()).count("ended") == 1


async def test_one_broken_channel_does_not_hold_up_another(house: House) -> None:
    await house.open(hours=1)
    await house.open(hours=1, login="secondstreamer")
    await house.redeem("viewer1")
    await house.redeem("viewer2", "secondstreamer")
    await house.control("disconnect", user="streamer")
    house.clock.jump(2)
    report = await house.services.sweep.run()
    assert (report.expired, report.failed) == (1, 1)
    assert await house.vips("secondstreamer") == set()
    assert "viewer1" in await house.vips()


async def test_an_extension_wins_over_an_expiry_at_the_same_moment(house: House) -> None:
    await house.open(hours=1)
    await house.redeem("viewer1")
    house.clock.jump(1.01)
    told = await house.redeemed("viewer1")
    await house.services.intake.receive(told)
    await asyncio.gather(house.services.sweep.run(), house.services.grant.redemption(told.id))
    await house.services.sweep.run()
    session = await house.live("3001")
    assert session
    assert session.state is SessionState.ACTIVE
    assert session.expires_at
    assert session.expires_at > house.clock.now() + timedelta(minutes=59)
    assert "viewer1" in await house.vips()
    assert await house.on_twitch(told.id) is TwitchStatus.FULFILLED


async def test_an_extension_while_a_removal_is_stuck_brings_vip_back(house: House) -> None:
    await house.open(hours=1)
    await house.redeem("viewer1")
    house.clock.jump(2)
    await house.fault("DELETE", VIPS, "lose_answer")
    await house.services.sweep.run()
    assert "viewer1" not in await house.vips()
    await house.redeem("viewer1")
    session = await house.live("3001")
    assert session
    assert session.state is SessionState.ACTIVE
    assert "viewer1" in await house.vips()
    assert session.expires_at
    assert session.expires_at > house.clock.now() + timedelta(minutes=59)


async def test_ending_by_hand(house: House) -> None:
    streamer = await house.open()
    await house.redeem("viewer1")
    session = await house.live("3001")
    assert session
    done = await house.services.expire.end_now(streamer, streamer.id, session.id)
    assert (done.state, done.end_reason, done.ended_by) == (SessionState.ENDED, EndReason.BY_HAND, streamer.id)
    assert "viewer1" not in await house.vips()


async def test_who_ended_it_is_told_though_only_twitch_shows_that_it_is_done(house: House) -> None:
    streamer = await house.open()
    await house.redeem("viewer1")
    house.clock.jump(1)
    await house.fault("DELETE", "/helix/channels/vips", "lose_answer")
    session = await house.live("3001")
    assert session
    ending = await house.services.expire.end_now(streamer, streamer.id, session.id)
    assert ending.state is SessionState.ENDING
    await house.services.reconcile.look("1001", "3001")
    line = (await house.entries())[0]
    assert (line.action, line.actor_id, line.detail["reason"]) == ("ended", streamer.id, EndReason.BY_HAND)


async def test_vip_taken_by_hand_on_twitch_ends_our_claim(house: House) -> None:
    await house.open(hours=24)
    await house.redeem("viewer1")
    house.clock.jump(1)
    await house.control("vip", channel="streamer", viewer="viewer1", vip=False)
    await house.services.reconcile.look("1001", "3001")
    await house.found_out()
    assert await house.live("3001") is None
    # The streamer gives VIP again, for good: it is theirs, and stays.
    await house.control("vip", channel="streamer", viewer="viewer1", vip=True)
    house.clock.jump(48)
    await house.services.sweep.run()
    assert "viewer1" in await house.vips()


async def test_a_late_echo_of_a_removal_does_not_end_a_newer_vip(house: House) -> None:
    await house.open(hours=24)
    await house.redeem("viewer1")
    await house.services.reconcile.look("1001", "3001")
    session = await house.live("3001")
    assert session
    assert session.state is SessionState.ACTIVE


async def test_nothing_is_ended_while_the_clocks_disagree(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    await house.open(hours=1)
    await house.redeem("viewer1")
    house.clock.jump(2)
    monkeypatch.setattr(type(house.services.twitch), "skew", lambda _: timedelta(seconds=61))
    assert (await house.services.sweep.run()).expired == 0
    assert "viewer1" in await house.vips()
