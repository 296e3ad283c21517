"""A busy evening: its script, its pace, and what it leaves behind."""

import asyncio
import itertools
from collections import Counter
from typing import Any

import pytest

from tests.simulator.driver import Twitch, until
from vip_manager.simulator.evening import REDEMPTIONS, Beat, Do, Evening, Evenings, script

REGULARS = [f"viewer{number}" for number in range(1, 10)]


def redeemers(beats: list[Beat]) -> list[str]:
    return [beat.viewer for beat in beats if beat.do is Do.REDEEM]


def test_the_same_seed_makes_the_same_evening_and_another_makes_another() -> None:
    assert script(1, REGULARS, "mod", "vip") == script(1, REGULARS, "mod", "vip")
    assert script(1, REGULARS, "mod", "vip") != script(2, REGULARS, "mod", "vip")


@pytest.mark.parametrize("seed", range(20))
def test_an_evening_has_everything_that_an_evening_has(seed: int) -> None:
    beats = script(seed, REGULARS, "mod", "permanentvip")
    assert [beat.at for beat in beats] == sorted(beat.at for beat in beats)
    assert (beats[0].do, beats[-1].do) == (Do.LIVE, Do.OFFLINE)
    who = redeemers(beats)
    assert len(who) == REDEMPTIONS
    assert Counter(who)["mod"] == Counter(who)["permanentvip"] == 1
    assert any(one == other for one, other in itertools.pairwise(who))
    assert len(set(who)) > 19, "more people than the seats that are free"
    known = {*REGULARS, "mod", "permanentvip"}
    for beat in beats:
        if beat.do is Do.ARRIVE:
            assert beat.viewer not in known
            known.add(beat.viewer)
        assert not beat.viewer or beat.viewer in known


def test_an_evening_has_quiet_times_and_rushes() -> None:
    moments = [beat.at for beat in script(1, REGULARS) if beat.do is Do.REDEEM]
    quiet = sum(at < 0.12 for at in moments)
    rush = sum(0.32 <= at < 0.48 for at in moments)
    assert rush > 4 * quiet


def test_nobody_needs_to_be_there_before() -> None:
    assert len(redeemers(script(1, []))) == REDEMPTIONS


async def test_the_beats_come_at_their_share_of_the_time() -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    beats = [Beat(0.0, Do.LIVE), Beat(0.25, Do.REDEEM, "a"), Beat(0.75, Do.REDEEM, "b"), Beat(1.0, Do.OFFLINE)]
    played: list[Beat] = []

    def play(beat: Beat) -> bool:
        played.append(beat)
        return beat.viewer != "b"

    evening = Evening(beats, 60, play, sleep)
    assert (evening.running, evening.total) == (True, 2)
    await evening.run()
    assert slept == [0, 15, 30, 15]
    assert played == beats
    assert (evening.running, evening.redeemed, evening.refused) == (False, 1, 1)


async def test_an_evening_that_is_cut_short_still_ends_the_stream() -> None:
    forever = asyncio.Event()
    played: list[Do] = []

    def play(beat: Beat) -> bool:
        played.append(beat.do)
        return True

    async def sleep(seconds: float) -> None:
        if seconds:
            await forever.wait()

    evening = Evening([Beat(0.0, Do.LIVE), Beat(0.5, Do.REDEEM, "a"), Beat(1.0, Do.OFFLINE)], 60, play, sleep)
    task = asyncio.create_task(evening.run())
    while not played:
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert played == [Do.LIVE, Do.OFFLINE]
    assert not evening.running


async def test_an_evening_stopped_before_its_first_step_is_over() -> None:
    over = asyncio.Event()
    evenings, made = Evenings(), Evening([Beat(0.0, Do.LIVE), Beat(1.0, Do.OFFLINE)], 60, lambda beat: True)
    evenings.start("1", made, over.set)
    evenings.stop("1")
    await over.wait()
    assert not made.running


async def test_an_evening_leaves_its_redemptions_and_its_newcomers(twitch: Twitch) -> None:
    await twitch.control("reward", channel="streamer", title="VIP", cost=500)
    before = len((await twitch.look("world"))["users"])
    said = await twitch.control("evening", channel="streamer", do="start", seconds=1, seed=3)
    assert said["running"]
    assert said["total"] == REDEMPTIONS

    async def over() -> bool:
        return not (await evening(twitch))["running"]

    await until(over)
    assert await evening(twitch) == {"running": False, "total": 60, "redeemed": 60, "refused": 0}
    world = await twitch.look("world")
    assert len(world["redemptions"]) == REDEMPTIONS
    assert len(world["users"]) > before
    assert not (await twitch.channel())["live"]
    assert (await twitch.look("audit"))["open"] == REDEMPTIONS


async def evening(twitch: Twitch, channel: str = "streamer") -> Any:
    return (await twitch.client.get("control/stage", params={"channel": channel})).json()["evening"]


async def test_an_evening_can_be_stopped_and_begun_again(twitch: Twitch) -> None:
    await twitch.control("reward", channel="streamer", title="VIP", cost=500)
    await twitch.control("evening", channel="streamer", do="start", seconds=3600)
    assert await twitch.refused("evening", channel="streamer", do="start") == "no_change"
    await twitch.control("evening", channel="streamer", do="stop")

    async def over() -> bool:
        return not (await evening(twitch))["running"]

    await until(over)
    assert not (await twitch.channel())["live"]
    journal = (await twitch.client.get("control/stage", params={"channel": "streamer"})).json()["journal"]
    assert "the evening is over: 0 redeemed, 0 refused" in [line["text"] for line in journal]
    assert await twitch.refused("evening", channel="streamer", do="stop") == "no_change"
    await twitch.control("evening", channel="streamer", do="start", seconds=3600)
    await twitch.control("evening", channel="streamer", do="stop")


async def test_nobody_is_deleted_in_the_middle_of_their_evening(twitch: Twitch) -> None:
    await twitch.control("reward", channel="streamer", title="VIP", cost=500)
    await twitch.control("evening", channel="streamer", do="start", seconds=3600)
    assert await twitch.refused("delete-user", user="streamer") == "evening"
    await twitch.control("delete-user", user="viewer1")
    await twitch.control("evening", channel="streamer", do="stop")


async def test_an_evening_is_without_those_who_are_deleted(twitch: Twitch) -> None:
    await twitch.control("reward", channel="streamer", title="VIP", cost=500)
    for user in ("viewer1", "mod", "permanentvip"):
        await twitch.control("delete-user", user=user)
    await twitch.control("evening", channel="streamer", do="start", seconds=1, seed=3)

    async def over() -> bool:
        return not (await evening(twitch))["running"]

    await until(over)
    shown = await evening(twitch)
    assert (shown["redeemed"], shown["refused"]) == (60, 0)


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        ({"do": "start"}, "no_reward"),
        ({"do": "stop"}, "no_change"),
        ({"do": "dance"}, "bad_request"),
        ({}, "bad_request"),
        ({"do": "start", "channel": "nobodyatall"}, "no_channel"),
    ],
)
async def test_what_makes_no_evening_is_refused_in_words(twitch: Twitch, wish: dict[str, Any], code: str) -> None:
    assert await twitch.refused("evening", **{"channel": "streamer", **wish}) == code


@pytest.mark.parametrize("wish", [{"seconds": 0}, {"seconds": 1e9}, {"seconds": True}, {"seed": "one"}])
async def test_an_evening_out_of_bounds_is_refused(twitch: Twitch, wish: dict[str, Any]) -> None:
    await twitch.control("reward", channel="streamer", title="VIP", cost=500)
    assert await twitch.refused("evening", channel="streamer", do="start", **wish) == "bad_request"


async def test_a_paused_reward_makes_a_quiet_evening(twitch: Twitch) -> None:
    hand = await twitch.sign_in()
    reward = await hand.make_reward()
    await hand.rewards("PATCH", {"is_paused": True}, id=reward)
    await twitch.control("evening", channel="streamer", do="start", seconds=1)

    async def over() -> bool:
        return not (await evening(twitch))["running"]

    await until(over)
    assert (await evening(twitch))["refused"] == REDEMPTIONS
