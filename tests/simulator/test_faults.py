import asyncio
from typing import Any

import httpx
import pytest
from websockets.exceptions import InvalidMessage, InvalidStatus

from tests.simulator.driver import IDS, RATELIMIT, Hand, Twitch, session_of, socket_to, until
from vip_manager.simulator.fault_wish import rule_of

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


async def test_a_rule_means_the_end_of_a_path(twitch: Twitch) -> None:
    hand = await twitch.sign_in()
    reward = await hand.make_reward()
    await fault(twitch, path="/custom_rewards", do="status", times=-1)
    assert (await hand.redemptions("GET", reward_id=reward, status="UNFULFILLED")).status_code == 200
    assert (await hand.rewards("GET")).status_code == 500


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


async def statuses(hand: Hand, times: int) -> list[int]:
    return [(await hand.call("GET", "users")).status_code for _ in range(times)]


async def test_the_same_seed_meets_the_same_requests_again(twitch: Twitch) -> None:
    hand = await twitch.sign_in()
    runs = []
    for seed in (7, 7, 8):
        await twitch.client.delete("control/faults")
        await fault(twitch, path="/users", do="status", times=-1, probability=0.5, seed=seed)
        runs.append(await statuses(hand, 40))
    assert runs[0] == runs[1] != runs[2]
    assert 5 < runs[0].count(500) < 35


async def test_a_seed_that_nobody_chose_is_shown_so_that_the_run_can_be_repeated(twitch: Twitch) -> None:
    hand = await twitch.sign_in()
    made = await twitch.control("faults", path="/users", do="status", times=-1, probability=0.5)
    first = await statuses(hand, 30)
    await twitch.client.delete("control/faults")
    await fault(twitch, path="/users", do="status", times=-1, probability=0.5, seed=made["seed"])
    assert await statuses(hand, 30) == first


async def test_a_rule_may_let_the_first_ones_pass(twitch: Twitch) -> None:
    hand = await twitch.sign_in()
    await fault(twitch, path="/users", do="status", after=2)
    assert await statuses(hand, 4) == [200, 200, 500, 200]


async def test_a_rule_may_mean_one_viewer_only_in_calls_and_in_their_redemptions(twitch: Twitch) -> None:
    hand = await twitch.sign_in()
    reward = await hand.make_reward()
    made = {
        viewer: (await twitch.control("redeem", channel="streamer", viewer=viewer))["id"]
        for viewer in ("viewer1", "viewer2")
    }
    await fault(twitch, do="status", status=503, times=-1, user=IDS["viewer1"])
    assert (await hand.vip("POST", "viewer1")).status_code == 503
    assert (await hand.vip("POST", "viewer2")).status_code == 204
    settled = {
        viewer: (await hand.redemptions("PATCH", {"status": "FULFILLED"}, reward_id=reward, id=one)).status_code
        for viewer, one in made.items()
    }
    assert settled == {"viewer1": 503, "viewer2": 200}


async def test_a_rule_may_mean_one_caller_only(twitch: Twitch) -> None:
    first, second = await twitch.sign_in(), await twitch.sign_in("secondstreamer")
    await fault(twitch, do="status", times=-1, caller="1002")
    assert (await statuses(first, 1), await statuses(second, 1)) == ([200], [500])


async def test_a_rule_meets_a_path_in_either_layout(twitch: Twitch) -> None:
    await fault(twitch, path="/helix/users", do="status", status=503, times=2)
    await fault(twitch, path="/oauth2/validate", do="status", status=502)
    mocked = [await twitch.client.get(path) for path in ("helix/users", "mock/users", "auth/validate")]
    assert [answer.status_code for answer in mocked] == [503, 503, 502]
    assert "Ratelimit-Limit" in mocked[1].headers
    assert mocked[2].json() == {"status": 502, "message": ""}


async def test_a_cut_connection_leaves_no_effect(twitch: Twitch) -> None:
    hand = await twitch.sign_in()
    await fault(twitch, method="POST", path=VIPS, do="cut")
    with pytest.raises(httpx.RemoteProtocolError):
        await hand.vip("POST", "viewer1")
    assert await twitch.vips() == ["permanentvip"]


async def test_a_token_lives_as_long_as_its_killer_waits_at_the_gate(twitch: Twitch) -> None:
    hand = await twitch.sign_in()
    rule = await fault(twitch, path="/users", do="kill_token", hold=True)
    waiting = asyncio.create_task(hand.call("GET", "users"))
    await until(lambda: being_held(twitch))
    assert (await hand.call("GET", "streams")).status_code == 200
    await twitch.client.delete("control/faults", params={"id": rule})
    assert (await waiting).status_code == 401
    assert (await hand.call("GET", "streams")).status_code == 401


async def test_who_goes_away_at_the_gate_keeps_a_living_token(twitch: Twitch) -> None:
    hand = await twitch.sign_in()
    await fault(twitch, path="/users", do="kill_token", hold=True)
    waiting = asyncio.create_task(hand.call("GET", "users"))
    await until(lambda: being_held(twitch))
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    await until(lambda: nobody_held(twitch))
    assert (await hand.call("GET", "streams")).status_code == 200


async def test_a_killed_token_is_dead_for_good_and_its_refresh_token_lives(twitch: Twitch) -> None:
    hand = await twitch.sign_in()
    await fault(twitch, path="/users", do="kill_token")
    assert await statuses(hand, 2) == [401, 401]
    answer = await twitch.token(grant_type="refresh_token", refresh_token=hand.refresh)
    assert answer.status_code == 200
    assert await statuses(Hand(twitch, "1001", answer.json()["access_token"], hand.refresh), 1) == [200]


async def test_a_killed_token_may_take_its_refresh_token_along(twitch: Twitch) -> None:
    hand = await twitch.sign_in()
    await fault(twitch, path="/users", do="kill_token", refresh=True)
    assert await statuses(hand, 1) == [401]
    assert (await twitch.token(grant_type="refresh_token", refresh_token=hand.refresh)).status_code == 400


async def test_the_sockets_handshake_is_refused_with_a_status(twitch: Twitch) -> None:
    await fault(twitch, path="/ws", do="status", status=503)
    with pytest.raises(InvalidStatus) as refused:
        await socket_to(twitch)
    assert refused.value.response.status_code == 503
    async with socket_to(twitch) as socket:
        assert await session_of(socket)


async def test_the_sockets_handshake_is_cut(twitch: Twitch) -> None:
    await fault(twitch, path="/ws", do="cut")
    with pytest.raises(InvalidMessage):
        await socket_to(twitch)


async def test_the_sockets_handshake_gets_no_answer_until_the_rule_goes(twitch: Twitch) -> None:
    rule = await fault(twitch, path="/ws", do="silence")

    async def open_one() -> None:
        async with socket_to(twitch):
            pass

    waiting = asyncio.create_task(open_one())
    await until(lambda: being_held(twitch))
    await twitch.client.delete("control/faults", params={"id": rule})
    with pytest.raises(InvalidMessage):
        await waiting


async def test_a_held_handshake_goes_on_when_the_gate_opens(twitch: Twitch) -> None:
    await fault(twitch, path="/ws", hold=True)

    async def welcomed() -> str:
        async with socket_to(twitch) as socket:
            return await session_of(socket)

    waiting = asyncio.create_task(welcomed())
    await until(lambda: being_held(twitch))
    await twitch.client.delete("control/faults")
    assert await waiting


async def test_the_token_endpoint_may_lose_its_answer(twitch: Twitch) -> None:
    hand = await twitch.sign_in()
    await fault(twitch, method="POST", path="/oauth2/token", do="lose_answer")
    with pytest.raises(httpx.RemoteProtocolError):
        await twitch.token(grant_type="refresh_token", refresh_token=hand.refresh)
    assert (await twitch.token(grant_type="refresh_token", refresh_token=hand.refresh)).status_code == 200


async def test_the_control_api_itself_never_fails(twitch: Twitch) -> None:
    await fault(twitch, do="status", times=-1)
    assert (await twitch.client.get("control/world")).status_code == 200


def test_jitter_comes_from_the_seed() -> None:
    def waits() -> list[float]:
        rule = rule_of({"do": "delay", "seconds": 1, "jitter": 2, "seed": 3})("1")
        return [rule.wait_seconds() for _ in range(20)]

    assert waits() == waits()
    assert all(1 <= seconds <= 3 for seconds in waits())
    assert len(set(waits())) > 10


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
        {"user": "viewer1"},
        {"caller": 1},
        {"probability": 0},
        {"probability": 1.01},
        {"probability": "often"},
        {"seed": "x"},
        {"after": -1},
        {"times": -2},
        {"seconds": -1},
        {"seconds": 10**400},
        {"do": "delay", "jitter": 4000},
        {"method": "GE T"},
        {"headers": {"A": 1}},
        {"headers": {"A": "x\ny"}},
        {"headers": {"A B": "x"}},
        {"refresh": "yes"},
        {"event": "channel.vip.add"},
        {"do": "drop", "path": "/ws"},
        {"do": "drop", "status": 500},
        {"do": "late", "seconds": "5"},
        {"do": "twin", "event": 5},
        {"do": None},
    ],
)
async def test_a_rule_that_makes_no_sense_is_refused(twitch: Twitch, wrong: dict[str, Any]) -> None:
    assert await twitch.refused("faults", **wrong) == "bad_rule"
