"""Behind the curtain, against the simulated Twitch over real HTTP: what each act does there, and what it never does."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.house import HandClock, House, Serve, until
from vip_manager.domain.terms import InvalidInput, RewardTerms
from vip_manager.ports import SandboxRefused, TwitchStatus
from vip_manager.services.changes import Changes
from vip_manager.services.mishaps import Mishap, rules_of
from vip_manager.services.sandbox import Sandbox
from vip_manager.simulator.app import create_simulator
from vip_manager.simulator.remote import SandboxRemote
from vip_manager.simulator.world import World

STREAMER = "1001"


class InStep(SandboxRemote):
    """As in the program, domain time jumps with the world's."""

    def __init__(self, base: str, clock: HandClock) -> None:
        super().__init__(base)
        self._clock = clock

    async def jump(self, seconds: float) -> None:
        await super().jump(seconds)
        self._clock.ahead += timedelta(seconds=seconds)


@dataclass
class Curtain:
    """The sandbox of a house, and a look at the world itself."""

    house: House
    sandbox: Sandbox
    http: httpx.AsyncClient

    async def faults(self) -> list[Any]:
        answer = (await self.http.get("control/faults")).json()["faults"]
        assert isinstance(answer, list)
        return answer

    async def viewer(self, login: str) -> Any:
        picture = await self.sandbox.picture(STREAMER)
        return next(one for one in picture.viewers if one.login == login)


@pytest.fixture
async def curtain(serve: Serve, tmp_path: Path, clock: HandClock) -> AsyncIterator[Curtain]:
    made: list[Sandbox] = []
    base = serve(create_simulator(World(), told=lambda: made[0].stirred() if made else None))
    house = House(base, tmp_path / "data", clock)
    await house.start()
    remote = InStep(base, clock)
    services = house.services
    sandbox = Sandbox(remote, services.store, clock, services.sweep, services.changes)
    made.append(sandbox)
    http = httpx.AsyncClient(base_url=base, trust_env=False, timeout=10)
    try:
        assert await sandbox.channel_id("Streamer") == STREAMER
        yield Curtain(house, sandbox, http)
    finally:
        await http.aclose()
        await sandbox.aclose()
        await remote.close()
        await house.close()


async def test_the_picture_shows_the_channel_as_it_is_on_twitch(curtain: Curtain) -> None:
    picture = await curtain.sandbox.picture(STREAMER)
    assert (picture.login, picture.seats, picture.taken, picture.ahead) == ("streamer", 20, 1, 0)
    assert picture.affiliate
    assert not picture.live
    assert {one.login for one in picture.streamers} == {"streamer", "secondstreamer"}
    viewers = {one.login: one for one in picture.viewers}
    assert viewers["permanentvip"].vip == "hand"
    assert viewers["mod"].moderator
    assert viewers["viewer1"].points == 1_000_000
    assert "streamer" not in viewers
    assert picture.mishaps == []
    assert picture.verdict.ok


async def test_nobody_of_that_name_is_said_in_words(curtain: Curtain) -> None:
    with pytest.raises(SandboxRefused, match="nobody called"):
        await curtain.sandbox.channel_id("nobodyatall")
    with pytest.raises(InvalidInput):
        await curtain.sandbox.channel_id("../streamer")
    with pytest.raises(SandboxRefused):
        await curtain.sandbox.picture("9999")


async def test_hands_on_twitch_do_what_they_say(curtain: Curtain) -> None:
    sandbox = curtain.sandbox
    await sandbox.arrive("@Kai")
    await sandbox.vip(STREAMER, "kai", True)
    assert (await curtain.viewer("kai")).vip == "hand"
    await sandbox.vip(STREAMER, "kai", False)
    await sandbox.moderator(STREAMER, "kai", True)
    assert (await curtain.viewer("kai")).moderator
    await sandbox.moderator(STREAMER, "kai", False)
    await sandbox.ban(STREAMER, "kai", True)
    assert (await curtain.viewer("kai")).banned
    await sandbox.points(STREAMER, "kai", "1 200")
    assert (await curtain.viewer("kai")).points == 1200
    await sandbox.live(STREAMER, True)
    await sandbox.affiliate(STREAMER, False)
    await sandbox.seats(STREAMER, 3)
    picture = await sandbox.picture(STREAMER)
    assert (picture.live, picture.affiliate, picture.seats) == (True, False, 3)


@pytest.mark.parametrize("typed", ["", "many", "-1", "1e9", None, "99999999999", "１２", "1_2", "1.5", "9" * 5000])
async def test_a_number_that_is_none_is_refused_in_words(curtain: Curtain, typed: object) -> None:
    with pytest.raises(InvalidInput, match="whole number"):
        await curtain.sandbox.points(STREAMER, "viewer1", typed)


async def test_who_is_deleted_on_twitch_is_shown_as_such_and_can_still_lose_the_badge(curtain: Curtain) -> None:
    sandbox = curtain.sandbox
    await curtain.http.post("control/reward", json={"channel": "streamer", "title": "A song", "cost": 300})
    await sandbox.redeem_any(STREAMER, "viewer1", "A song")
    await sandbox.vip(STREAMER, "viewer1", True)
    await curtain.http.post("control/delete-user", json={"user": "viewer1"})
    gone = await curtain.viewer("viewer1")
    assert (gone.username, gone.vip) == ("deleted user", "hand")
    (one,) = (await sandbox.picture(STREAMER)).queue
    assert (one.username, one.status) == ("deleted user", "UNFULFILLED")
    assert "viewer1" not in await sandbox.viewers("streamer")
    with pytest.raises(SandboxRefused, match="“viewer1” is deleted"):
        await sandbox.redeem_any(STREAMER, "viewer1")
    await sandbox.vip(STREAMER, "viewer1", False)
    assert (await curtain.viewer("viewer1")).vip == ""


async def test_the_stage_of_a_deleted_streamer_can_still_be_looked_at(curtain: Curtain) -> None:
    await curtain.http.post("control/delete-user", json={"user": "streamer"})
    picture = await curtain.sandbox.picture(STREAMER)
    assert (picture.login, picture.username) == ("streamer", "deleted user")
    with pytest.raises(SandboxRefused, match="“streamer” is deleted"):
        await curtain.sandbox.live(STREAMER, True)


async def test_redeeming_without_any_reward_says_so(curtain: Curtain) -> None:
    with pytest.raises(SandboxRefused, match="no reward"):
        await curtain.sandbox.redeem_any(STREAMER, "viewer1")


async def test_any_reward_that_gives_vip_can_be_redeemed(curtain: Curtain) -> None:
    streamer = await curtain.house.open()
    channel = await curtain.house.services.rewards.create_tier(streamer, STREAMER, RewardTerms("A week", 2000, 168))
    await curtain.sandbox.redeem(STREAMER, "viewer1", channel.tiers[0].id)
    await curtain.sandbox.redeem(STREAMER, "viewer2")
    queue = (await curtain.sandbox.picture(STREAMER)).queue
    assert {one.username: one.reward for one in queue} == {"Viewer1": "A week", "Viewer2": "VIP for a day"}
    with pytest.raises(InvalidInput):
        await curtain.sandbox.redeem(STREAMER, "viewer1", "somebody-elses")


async def test_a_redemption_stands_in_the_queue_until_it_is_settled_by_hand(curtain: Curtain) -> None:
    await curtain.http.post("control/reward", json={"channel": "streamer", "title": "A song", "cost": 300})
    await curtain.sandbox.redeem_any(STREAMER, "viewer1", "A song")
    (one,) = (await curtain.sandbox.picture(STREAMER)).queue
    assert (one.username, one.reward, one.status) == ("Viewer1", "A song", "UNFULFILLED")
    assert (await curtain.viewer("viewer1")).points == 999_700
    await curtain.sandbox.settle(one.id, False)
    picture = await curtain.sandbox.picture(STREAMER)
    assert [(one.status, one.by) for one in picture.queue] == [("CANCELED", "hand")]
    assert (await curtain.viewer("viewer1")).points == 1_000_000
    assert (picture.verdict.redemptions, picture.verdict.given_back, picture.verdict.open) == (1, 1, 0)


@pytest.mark.parametrize("mishap", list(Mishap))
async def test_every_mishap_is_understood_by_twitch_and_goes_again(curtain: Curtain, mishap: Mishap) -> None:
    sandbox = curtain.sandbox
    await sandbox.switch(STREAMER, mishap, True)
    assert (await sandbox.picture(STREAMER)).mishaps == [mishap.value]
    rules = [] if mishap is Mishap.LAG else rules_of(mishap, STREAMER)
    assert len(await curtain.faults()) == len(rules)
    await sandbox.switch(STREAMER, mishap, False)
    assert (await sandbox.picture(STREAMER)).mishaps == []
    assert await curtain.faults() == []


async def test_a_mishap_switched_on_twice_is_off_at_once(curtain: Curtain) -> None:
    for _ in range(2):
        await curtain.sandbox.switch(STREAMER, Mishap.DOWN, True)
    await curtain.sandbox.switch(STREAMER, Mishap.DOWN, False)
    assert await curtain.faults() == []


async def test_a_mishap_that_somebody_else_took_away_is_shown_as_off(curtain: Curtain) -> None:
    await curtain.sandbox.switch(STREAMER, Mishap.SLOW, True)
    await curtain.http.delete("control/faults")
    assert (await curtain.sandbox.picture(STREAMER)).mishaps == []


async def test_all_healthy_again_leaves_rules_of_others_alone(curtain: Curtain) -> None:
    rule = {"method": "GET", "path": "/users", "do": "delay", "seconds": 0, "times": -1}
    await curtain.http.post("control/faults", json=rule)
    for mishap in Mishap:
        await curtain.sandbox.switch(STREAMER, mishap, True)
    await curtain.sandbox.heal(STREAMER)
    picture = await curtain.sandbox.picture(STREAMER)
    assert picture.mishaps == []
    assert [one["path"] for one in await curtain.faults()] == ["/users"]


async def test_full_seats_are_a_mishap_only_where_somebody_made_it(curtain: Curtain) -> None:
    await curtain.sandbox.seats(STREAMER, 1)
    picture = await curtain.sandbox.picture(STREAMER)
    assert (picture.seats, picture.taken, picture.mishaps) == (1, 1, [])


async def test_twitch_down_is_felt_by_the_program_and_forgotten_when_it_is_healed(curtain: Curtain) -> None:
    await curtain.sandbox.switch(STREAMER, Mishap.DOWN, True)
    answer = await curtain.http.get("helix/channels/vips")
    assert answer.status_code == 503
    await curtain.sandbox.heal(STREAMER)
    assert (await curtain.http.get("helix/channels/vips")).status_code == 401


async def test_no_seat_is_free_whoever_leaves_meanwhile_and_the_seats_stay_as_they_are(curtain: Curtain) -> None:
    house, sandbox = curtain.house, curtain.sandbox
    await house.open(hours=24)
    await house.redeem("viewer1")
    await sandbox.seats(STREAMER, 77)
    await sandbox.switch(STREAMER, Mishap.FULL, True)
    await sandbox.jump_to_next_end(STREAMER)
    await vips_are(curtain, {"permanentvip"})
    await settles_as(curtain, "viewer2", TwitchStatus.CANCELED)
    picture = await sandbox.picture(STREAMER)
    assert (picture.seats, picture.mishaps) == (77, [Mishap.FULL])
    await sandbox.switch(STREAMER, Mishap.FULL, False)
    await settles_as(curtain, "viewer3", TwitchStatus.FULFILLED)
    assert await house.vips() == {"permanentvip", "viewer3"}


async def test_no_seat_is_free_in_that_one_channel_alone(curtain: Curtain) -> None:
    house, sandbox = curtain.house, curtain.sandbox
    await house.open(login="secondstreamer")
    second = await sandbox.channel_id("secondstreamer")
    await sandbox.switch(STREAMER, Mishap.FULL, True)
    assert (await sandbox.picture(second)).mishaps == []
    await house.redeem("viewer1", "secondstreamer")
    assert await house.vips("secondstreamer") == {"viewer1"}
    await sandbox.heal(second)
    assert (await sandbox.picture(STREAMER)).mishaps == [Mishap.FULL]


async def settles_as(curtain: Curtain, viewer: str, status: TwitchStatus) -> None:
    """The sweep of a jump goes on beside, and may be the first to hear of the redemption."""
    house = curtain.house
    told = await house.redeemed(viewer)
    await house.services.intake.receive(told)
    await house.services.grant.redemption(told.id)

    async def so() -> bool:
        return await house.on_twitch(told.id) is status

    await until(so, f"{viewer}'s redemption to be {status}")


async def vips_are(curtain: Curtain, logins: set[str]) -> None:
    async def so() -> bool:
        return await curtain.house.vips() == logins

    await until(so, f"nobody but {logins} to be VIP")


async def test_time_jumps_to_the_next_end_and_that_vip_is_over_at_once(curtain: Curtain) -> None:
    house, sandbox = curtain.house, curtain.sandbox
    await house.open(hours=24)
    await house.redeem("viewer1")
    await sandbox.jump_to_next_end(STREAMER)
    assert (await sandbox.picture(STREAMER)).ahead == pytest.approx(24 * 3600, abs=5)
    await vips_are(curtain, {"permanentvip"})

    async def ended() -> bool:
        return not await house.services.store.sessions.live(STREAMER)

    await until(ended, "the session to be over here too")
    with pytest.raises(InvalidInput, match="Nobody is VIP"):
        await sandbox.jump_to_next_end(STREAMER)


async def redeem_after_a_jump(house: House, viewer: str) -> None:
    """The sweep after the jump may find it first."""
    told = await house.redeemed(viewer)
    await house.services.intake.receive(told)
    await house.services.grant.redemption(told.id)


async def test_the_next_end_is_one_to_come_though_twitch_holds_up_an_earlier_one(curtain: Curtain) -> None:
    house, sandbox = curtain.house, curtain.sandbox
    await house.open(hours=24)
    await house.redeem("viewer1")
    await sandbox.jump(timedelta(hours=1))
    await redeem_after_a_jump(house, "viewer2")
    await sandbox.switch(STREAMER, Mishap.DOWN, True)
    await sandbox.jump_to_next_end(STREAMER)
    await sandbox.jump_to_next_end(STREAMER)
    assert (await sandbox.picture(STREAMER)).ahead == pytest.approx(25 * 3600, abs=5)
    with pytest.raises(InvalidInput, match="are ending"):
        await sandbox.jump_to_next_end(STREAMER)
    assert (await sandbox.picture(STREAMER)).ahead == pytest.approx(25 * 3600, abs=5)


async def test_a_jump_waits_for_nothing_that_it_makes_due(curtain: Curtain) -> None:
    house, sandbox = curtain.house, curtain.sandbox
    await house.open(hours=24)
    await house.redeem("viewer1")
    await house.fault("DELETE", "/channels/vips", "pass", hold=True)
    revision = house.services.changes.revision(STREAMER)
    async with asyncio.timeout(5):
        await sandbox.jump(timedelta(hours=25))
    assert house.services.changes.revision(STREAMER) > revision, "pages look at the clocks anew"
    await house.held()
    assert "viewer1" in await house.vips()
    await house.heal_twitch()
    await vips_are(curtain, {"permanentvip"})


async def test_what_a_jump_makes_due_while_another_is_worked_off_is_done_after_it(curtain: Curtain) -> None:
    house, sandbox = curtain.house, curtain.sandbox
    await house.open(hours=24)
    await house.redeem("viewer1")
    await sandbox.jump(timedelta(hours=1))
    await redeem_after_a_jump(house, "viewer2")
    await house.fault("DELETE", "/channels/vips", "pass", hold=True)
    await sandbox.jump(timedelta(hours=23))
    await house.held()
    await sandbox.jump(timedelta(hours=1, minutes=1))
    await house.heal_twitch()
    await vips_are(curtain, {"permanentvip"})


async def test_ten_minutes_are_ten_minutes(curtain: Curtain) -> None:
    await curtain.sandbox.jump(timedelta(minutes=10))
    assert (await curtain.http.get("control/stage", params={"channel": "streamer"})).json()["offset_seconds"] == 600


async def test_what_happens_on_twitch_is_told_to_its_own_feed_and_not_to_the_products(curtain: Curtain) -> None:
    changes: Changes = curtain.house.services.changes
    before = changes.revision(STREAMER)
    async with curtain.sandbox.stirs.subscribed() as stirs:
        await curtain.sandbox.live(STREAMER, True)
        assert await stirs.get() == STREAMER
    assert changes.revision(STREAMER) == before
