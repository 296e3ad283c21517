from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.simulator.conftest import Clock, Start
from tests.simulator.driver import IDS, Hand, Twitch
from vip_manager.simulator.world import World


async def read(hand: Hand, *viewers: str) -> list[str]:
    asked: dict[str, Any] = {"user_id": [IDS[viewer] for viewer in viewers]} if viewers else {}
    answer = await hand.call("GET", "channels/vips", broadcaster_id=hand.user_id, **asked)
    assert answer.status_code == 200, answer.text
    return [one["user_login"] for one in answer.json()["data"]]


async def lag(twitch: Twitch, seconds: float, channel: str = "streamer") -> None:
    assert await twitch.control("lag", channel=channel, seconds=seconds) == {"channel": channel, "seconds": seconds}


async def test_an_added_vip_is_read_only_after_the_lag(twitch: Twitch, clock: Clock) -> None:
    hand = await twitch.sign_in()
    await lag(twitch, 30)
    assert (await hand.vip("POST", "viewer1")).status_code == 204
    clock.passed = 29.9
    assert await read(hand) == ["permanentvip"]
    assert await read(hand, "viewer1") == []
    assert (await hand.vip("POST", "viewer1")).status_code == 422, "writes know better"
    assert await twitch.vips() == ["permanentvip", "viewer1"]
    clock.passed = 30
    assert await read(hand) == ["viewer1", "permanentvip"]
    assert await read(hand, "viewer1") == ["viewer1"]


async def test_a_removed_vip_is_read_until_the_lag_has_passed(twitch: Twitch, clock: Clock) -> None:
    hand = await twitch.sign_in()
    await lag(twitch, 30)
    await twitch.control("vip", channel="streamer", viewer="permanentvip", vip=False)
    clock.passed = 29
    assert await read(hand) == ["permanentvip"]
    assert await read(hand, "permanentvip") == ["permanentvip"]
    clock.passed = 31
    assert await read(hand) == []


async def test_several_changes_of_one_badge_are_read_one_after_the_other(twitch: Twitch, clock: Clock) -> None:
    hand = await twitch.sign_in()
    await lag(twitch, 30)
    for at, method in ((0, "POST"), (10, "DELETE"), (20, "POST")):
        clock.passed = at
        assert (await hand.vip(method, "viewer1")).status_code == 204
    seen = []
    for at in (25, 35, 45, 55):
        clock.passed = at
        seen.append(await read(hand, "viewer1"))
    assert seen == [[], ["viewer1"], [], ["viewer1"]]


async def test_a_lag_may_be_put_after_the_change_and_ended(twitch: Twitch) -> None:
    hand = await twitch.sign_in()
    await hand.vip("POST", "viewer1")
    assert await read(hand, "viewer1") == ["viewer1"]
    await lag(twitch, 5)
    assert await read(hand, "viewer1") == []
    await lag(twitch, 0)
    assert await read(hand, "viewer1") == ["viewer1"]


async def test_a_jump_is_no_real_time(twitch: Twitch) -> None:
    hand = await twitch.sign_in()
    await lag(twitch, 30)
    await hand.vip("POST", "viewer1")
    await twitch.control("jump", seconds=86_400)
    assert await read(hand, "viewer1") == []


async def test_other_channels_do_not_lag(twitch: Twitch) -> None:
    first, second = await twitch.sign_in(), await twitch.sign_in("secondstreamer")
    await lag(twitch, 30)
    await first.vip("POST", "viewer1")
    await second.vip("POST", "viewer1")
    assert await read(first, "viewer1") == []
    assert await read(second, "viewer1") == ["viewer1"]


@pytest.mark.parametrize("seconds", [-1, 3601, 10**400, "5", True, None])
async def test_a_lag_has_bounds(twitch: Twitch, seconds: Any) -> None:
    assert await twitch.refused("lag", channel="streamer", seconds=seconds) == "bad_request"


async def test_a_lag_is_somebodys(twitch: Twitch) -> None:
    assert await twitch.refused("lag", channel="nobody", seconds=1) == "no_channel"


async def test_a_lag_is_kept_and_shown(tmp_path: Path, start: Start, new_world: Callable[..., World]) -> None:
    path = tmp_path / "twitch.json"
    async with httpx.AsyncClient(base_url=start(new_world(path)), trust_env=False) as client:
        await lag(Twitch(client), 30)
    async with httpx.AsyncClient(base_url=start(new_world(path)), trust_env=False) as client:
        twitch = Twitch(client)
        assert [one["lag_seconds"] for one in (await twitch.look("world"))["channels"]] == [30, 0]
        hand = await twitch.sign_in()
        await hand.vip("POST", "viewer1")
        assert await read(hand, "viewer1") == []
