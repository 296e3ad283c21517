import asyncio
from typing import Any

import httpx
import pytest

from tests.simulator.driver import RATELIMIT, Twitch, until

VIPS = "/helix/channels/vips"


async def fault(twitch: Twitch, **rule: Any) -> str:
    return str((await twitch.control("faults", **rule))["id"])


async def being_held(twitch: Twitch) -> bool:
    return any(rule["holding"] for rule in (await twitch.look("faults"))["faults"])


async def test_a_status_comes_as_often_as_the_rule_says_and_without_effect(twitch: Twitch) -> None:
    hand = await twitch.sign_in()
    await fault(twitch, method="POST", path=VIPS, do="status", status=503, times=2, message="sorry")
    refused = [await hand.vip("POST", "viewer1") for _ in range(2)]
    assert [answer.status_code for answer in refused] == [503, 503]
    assert refused[0].json() == {"error": "Service Unavailable", "status": 503, "message": "sorry"}
    assert await twitch.vips() == ["permanentvip"]
    assert (await hand.vip("POST", "viewer1")).status_code == 204
    rule = (await twitch.look("faults"))["faults"][0]
    assert (rule["hits"], rule["times"], rule["holding"]) == (2, 2, 0)
    assert (await twitch.look("audit"))["too_many_requests"] == 0


async def test_a_made_up_429_says_that_no_points_are_left(twitch: Twitch) -> None:
    hand = await twitch.sign_in()
    await fault(twitch, path=VIPS, do="status", status=429)
    answer = await hand.vip("POST", "viewer1")
    assert (answer.status_code, answer.headers["Ratelimit-Remaining"]) == (429, "0")
    assert all(name in answer.headers for name in RATELIMIT)


async def test_other_methods_and_paths_are_left_alone(twitch: Twitch) -> None:
    hand = await twitch.sign_in()
    await fault(twitch, method="DELETE", path=VIPS, do="status", times=-1)
    assert (await hand.vip("POST", "viewer1")).status_code == 204
    assert (await hand.call("GET", "users")).status_code == 200
    assert [(await hand.vip("DELETE", "viewer1")).status_code for _ in range(3)] == [500] * 3


async def test_a_rule_may_mean_one_channel_only(twitch: Twitch) -> None:
    first, second = await twitch.sign_in(), await twitch.sign_in("secondstreamer")
    await fault(twitch, path=VIPS, do="status", status=503, times=-1, broadcaster="1002")
    assert (await first.vip("POST", "viewer1")).status_code == 204
    assert (await first.call("GET", "users")).status_code == 200
    assert (await second.vip("POST", "viewer1")).status_code == 503
    assert (await second.vip("GET", "viewer1")).status_code == 503
    rule = (await twitch.look("faults"))["faults"][0]
    assert (rule["broadcaster"], rule["hits"]) == ("1002", 2)


async def test_the_auth_host_fails_in_its_own_shape(twitch: Twitch) -> None:
    await fault(twitch, path="/oauth2/token", do="status", status=500, message="oops")
    answer = await twitch.token(grant_type="client_credentials")
    assert (answer.status_code, answer.json()) == (500, {"status": 500, "message": "oops"})


async def test_a_lost_answer_leaves_its_effect(twitch: Twitch) -> None:
    hand = await twitch.sign_in()
    await fault(twitch, method="POST", path=VIPS, do="lose_answer")
    with pytest.raises(httpx.RemoteProtocolError):
        await hand.vip("POST", "viewer1")
    assert await twitch.vips() == ["permanentvip", "viewer1"]
    assert (await hand.vip("POST", "viewer1")).status_code == 422


async def test_a_lost_answer_may_be_held_until_the_caller_gives_up(twitch: Twitch) -> None:
    hand = await twitch.sign_in()
    await fault(twitch, method="POST", path=VIPS, do="lose_answer", then="hold")
    waiting = asyncio.create_task(hand.vip("POST", "viewer1"))
    await until(lambda: being_held(twitch))
    assert await twitch.vips() == ["permanentvip", "viewer1"]
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    await until(lambda: nobody_held(twitch))


async def nobody_held(twitch: Twitch) -> bool:
    return not await being_held(twitch)


async def test_silence_has_no_effect_and_ends_when_the_rule_is_deleted(twitch: Twitch) -> None:
    hand = await twitch.sign_in()
    rule = await fault(twitch, method="POST", path=VIPS, do="silence")
    waiting = asyncio.create_task(hand.vip("POST", "viewer1"))
    await until(lambda: being_held(twitch))
    gone = await twitch.client.delete("control/faults", params={"id": rule})
    assert gone.json() == {"deleted": 1}
    with pytest.raises(httpx.RemoteProtocolError):
        await waiting
    assert await twitch.vips() == ["permanentvip"]


async def test_a_gate_holds_the_effect_back_until_it_is_opened(twitch: Twitch) -> None:
    hand = await twitch.sign_in()
    await fault(twitch, method="POST", path="/custom_rewards", hold=True)
    waiting = asyncio.create_task(hand.make_reward())
    await until(lambda: being_held(twitch))
    assert (await twitch.channel())["rewards"] == []
    await twitch.client.delete("control/faults")
    assert await waiting
    assert len((await twitch.channel())["rewards"]) == 1


async def test_who_goes_away_at_the_gate_leaves_no_effect(twitch: Twitch) -> None:
    hand = await twitch.sign_in()
    await fault(twitch, method="POST", path=VIPS, hold=True)
    waiting = asyncio.create_task(hand.vip("POST", "viewer1"))
    await until(lambda: being_held(twitch))
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    await until(lambda: nobody_held(twitch))
    assert await twitch.vips() == ["permanentvip"]


async def test_a_delayed_answer_comes_after_all(twitch: Twitch) -> None:
    hand = await twitch.sign_in()
    await fault(twitch, path=VIPS, do="delay", seconds=0.01)
    assert (await hand.vip("POST", "viewer1")).status_code == 204


@pytest.mark.parametrize(
    "wrong",
    [
        {"do": "explode"},
        {"times": 0},
        {"times": True},
        {"colour": "red"},
        {"status": 99},
        {"then": "x"},
        {"path": 1},
        {"broadcaster": 1002},
        {"broadcaster": "streamer"},
    ],
)
async def test_a_rule_that_makes_no_sense_is_refused(twitch: Twitch, wrong: dict[str, Any]) -> None:
    assert await twitch.refused("faults", **wrong) == "bad_rule"
