"""What is saved loads again, however great the numbers in it are."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.simulator.conftest import Start
from tests.simulator.driver import CLIENT_ID, IDS, Hand, Twitch
from vip_manager.simulator.records import LONGEST_COOLDOWN_SECONDS, MOST
from vip_manager.simulator.world import World
from vip_manager.simulator.world_parts import LONGEST_AHEAD_SECONDS

NewWorld = Callable[..., World]
LIMITED: dict[str, Any] = {
    "id": "reward-1",
    "client_id": CLIENT_ID,
    "title": "A",
    "cost": MOST,
    "max_per_stream": MOST,
    "max_per_user_per_stream": MOST,
    "global_cooldown_seconds": LONGEST_COOLDOWN_SECONDS,
}


@pytest.mark.parametrize(
    ("name", "most"),
    [
        ("cost", MOST),
        ("max_per_stream", MOST),
        ("max_per_user_per_stream", MOST),
        ("global_cooldown_seconds", LONGEST_COOLDOWN_SECONDS),
    ],
)
async def test_the_greatest_number_of_a_reward_is_kept_and_a_greater_one_refused(
    tmp_path: Path, start: Start, new_world: NewWorld, name: str, most: int
) -> None:
    path = tmp_path / "twitch.json"
    async with httpx.AsyncClient(base_url=start(new_world(path)), trust_env=False) as client:
        hand = await Twitch(client).sign_in()
        assert (await hand.rewards("POST", {"title": "B", "cost": 1, name: most + 1})).status_code == 400
        reward = await hand.make_reward("A", **{"cost": 1, name: most})
        assert (await hand.rewards("PATCH", {name: most + 1}, id=reward)).status_code == 400
    assert getattr(new_world(path).channel("1001").rewards[reward], name) == most


@pytest.mark.parametrize(
    ("action", "wish", "name", "most"),
    [
        ("channel", {}, "capacity", MOST),
        ("reward", {"title": "A"}, "cost", MOST),
        ("points", {"viewer": "viewer1"}, "points", 10**12),
        ("lag", {}, "seconds", 3600),
    ],
)
async def test_the_greatest_number_behind_the_curtain_is_kept_and_a_greater_one_refused(
    tmp_path: Path, start: Start, new_world: NewWorld, action: str, wish: dict[str, Any], name: str, most: int
) -> None:
    path = tmp_path / "twitch.json"
    async with httpx.AsyncClient(base_url=start(new_world(path)), trust_env=False) as client:
        twitch = Twitch(client)
        assert await twitch.refused(action, channel="streamer", **wish, **{name: most + 1}) == "bad_request"
        await twitch.control(action, channel="streamer", **wish, **{name: most})
    assert new_world(path).state()


async def test_the_farthest_jump_is_kept(tmp_path: Path, start: Start, new_world: NewWorld) -> None:
    path = tmp_path / "twitch.json"
    async with httpx.AsyncClient(base_url=start(new_world(path)), trust_env=False) as client:
        twitch = Twitch(client)
        await twitch.control("jump", seconds=0.1)
        assert await twitch.refused("jump", seconds=LONGEST_AHEAD_SECONDS) == "too_far"
        await twitch.control("jump", seconds=LONGEST_AHEAD_SECONDS - 0.1)
    assert new_world(path).offset_seconds == LONGEST_AHEAD_SECONDS


def written(**channel: Any) -> dict[str, Any]:
    """A world whose every number may be told."""
    redemption = {"channel": "streamer", "viewer": "viewer1", "reward": "A"}
    return {
        "users": [{"login": "streamer", "id": "1001"}, {"login": "viewer1", "id": "3001"}],
        "channels": [{"login": "streamer", "rewards": [LIMITED], **channel}],
        "redemptions": [redemption | {"late_settlements": MOST}],
        "limits_met": {"points": MOST},
        "offset_seconds": LONGEST_AHEAD_SECONDS,
    }


EXTREME = written(vip_capacity=MOST, lag_seconds=3600, balances={"viewer1": MOST})


async def test_a_written_world_of_the_greatest_numbers_is_kept_and_may_still_grow(
    tmp_path: Path, start: Start, new_world: NewWorld
) -> None:
    path = tmp_path / "twitch.json"

    async def cancel_and_meet_a_limit(twitch: Twitch, hand: Hand) -> None:
        [made] = (await twitch.look("world"))["redemptions"]
        await twitch.control("settle", redemption_id=made["id"], status="CANCELED")
        late = await hand.redemptions("PATCH", {"status": "CANCELED"}, reward_id="reward-1", id=made["id"])
        assert late.status_code == 404
        for _ in range(801):
            await hand.call("GET", "users")

    await in_turn(path, start, new_world, EXTREME, cancel_and_meet_a_limit)
    again = new_world(path)
    assert again.channel("1001").points(IDS["viewer1"]) == 2 * MOST
    assert again.limits_met["points"] > MOST
    assert [one.late_settlements for one in again.redemptions.values()] == [MOST + 1]
    again.save()
    assert new_world(path).channel("1001").ledger == again.channel("1001").ledger


async def in_turn(
    path: Path,
    start: Start,
    new_world: NewWorld,
    world: dict[str, Any],
    then: Callable[[Twitch, Hand], Awaitable[None]],
) -> None:
    async with httpx.AsyncClient(base_url=start(new_world(path)), trust_env=False) as client:
        twitch = Twitch(client)
        put = await client.put("control/world", json=world)
        assert put.status_code == 200, put.text
        await then(twitch, await twitch.sign_in())


@pytest.mark.parametrize(
    ("wrong", "place"),
    [
        (written(vip_capacity=MOST + 1), "channels[0].vip_capacity: "),
        (written(balances={"viewer1": MOST + 1}), "channels[0].balances.3001: "),
        *(
            (written(rewards=[LIMITED | {name: LIMITED[name] + 1}]), f"channels[0].rewards[0].{name}: ")
            for name in sorted(LIMITED.keys() - {"id", "client_id", "title"})
        ),
        (written() | {"limits_met": {"points": MOST + 1}}, "limits_met.points: "),
        (written() | {"limits_met": {"points": -1}}, "limits_met.points: "),
        (
            {
                "channels": [{"login": "anna", "rewards": [LIMITED]}],
                "redemptions": [{"channel": "anna", "viewer": "bob", "reward": "A", "times_settled": MOST + 1}],
            },
            "redemptions[0].times_settled: ",
        ),
    ],
)
async def test_greater_numbers_are_refused_with_their_place(twitch: Twitch, wrong: dict[str, Any], place: str) -> None:
    put = await twitch.client.put("control/world", json=wrong)
    assert put.status_code == 400, put.text
    assert put.json()["error"]["message"].startswith(place)


@pytest.mark.parametrize("moment", ["9999-12-31T23:59:59Z", "0001-01-01T00:00:00+14:00", ""])
async def test_a_moment_at_the_calendars_end_is_refused(twitch: Twitch, moment: str) -> None:
    world = written()
    world["redemptions"][0]["redeemed_at"] = moment
    put = await twitch.client.put("control/world", json=world)
    assert put.status_code == 400
    assert put.json()["error"]["message"].startswith("redemptions[0].redeemed_at: ")


async def test_the_latest_moment_and_the_longest_cooldown_can_be_lived_with(twitch: Twitch) -> None:
    world = written()
    world["channels"][0]["rewards"] = [LIMITED | {"is_global_cooldown_enabled": True, "cost": 1}]
    world["redemptions"][0]["redeemed_at"] = "8999-12-31T23:59:59Z"
    assert (await twitch.client.put("control/world", json=world)).status_code == 200
    assert await twitch.refused("redeem", channel="streamer", viewer="viewer1") == "cooling_down"


async def test_somebody_new_beside_the_greatest_id_has_one_that_loads(
    tmp_path: Path, start: Start, new_world: NewWorld
) -> None:
    path = tmp_path / "twitch.json"
    users = [{"id": "999999999999999", "login": "bob"}, {"id": "5001", "login": "cleo"}]
    async with httpx.AsyncClient(base_url=start(new_world(path)), trust_env=False) as client:
        twitch = Twitch(client)
        assert (await client.put("control/world", json={"users": users})).status_code == 200
        made = [(await twitch.control("viewer", login=login))["id"] for login in ("dora", "erik")]
    assert made == ["5002", "5003"]
    assert set(made) < new_world(path).users.keys()
