from typing import Any

import pytest

from tests.simulator.conftest import Clock
from tests.simulator.driver import CLIENT_ID, Hand, Twitch


async def redeemed(twitch: Twitch, viewer: str = "viewer1") -> str:
    return str((await twitch.control("redeem", channel="streamer", viewer=viewer))["id"])


async def settle(hand: Hand, reward: str, *ids: str, status: str = "FULFILLED") -> Any:
    return await hand.redemptions("PATCH", {"status": status}, reward_id=reward, id=list(ids))


async def balance(twitch: Twitch, viewer: str = "viewer1") -> int:
    return int((await twitch.channel())["balances"][viewer])


async def test_a_redemption_takes_the_points_and_is_listed(twitch: Twitch) -> None:
    hand = await twitch.sign_in()
    reward = await hand.make_reward(prompt="Please")
    made = await redeemed(twitch)
    listed = (await hand.redemptions("GET", reward_id=reward, status="UNFULFILLED")).json()
    assert listed == {
        "data": [
            {
                "broadcaster_id": "1001",
                "broadcaster_login": "streamer",
                "broadcaster_name": "Streamer",
                "id": made,
                "user_id": "3001",
                "user_login": "viewer1",
                "user_name": "Viewer1",
                "user_input": "",
                "status": "UNFULFILLED",
                "redeemed_at": "2026-03-01T10:00:00.000000Z",
                "reward": {"id": reward, "title": "VIP for a day", "prompt": "Please", "cost": 500},
            }
        ],
        "pagination": {},
    }
    assert await balance(twitch) == 999_500


async def test_fulfilled_keeps_the_points_and_canceled_gives_them_back(twitch: Twitch) -> None:
    hand = await twitch.sign_in()
    reward = await hand.make_reward()
    kept, given_back = await redeemed(twitch), await redeemed(twitch)
    assert (await settle(hand, reward, kept)).json()["data"][0]["status"] == "FULFILLED"
    assert (await settle(hand, reward, given_back, status="CANCELED")).json()["data"][0]["status"] == "CANCELED"
    assert await balance(twitch) == 999_500


async def test_a_settled_redemption_answers_404_and_stays_as_it_is(twitch: Twitch) -> None:
    hand = await twitch.sign_in()
    reward = await hand.make_reward()
    made = await redeemed(twitch)
    await settle(hand, reward, made)
    assert (await settle(hand, reward, made, status="CANCELED")).status_code == 404
    assert (await settle(hand, reward, "unknown")).status_code == 404
    row = (await twitch.look("audit"))["redemptions"][0]
    assert (row["status"], row["times_settled"], row["late_settlements"]) == ("FULFILLED", 1, 1)
    assert await balance(twitch) == 999_500


async def test_of_a_batch_the_open_ones_are_settled(twitch: Twitch) -> None:
    hand = await twitch.sign_in()
    reward = await hand.make_reward()
    first, second = await redeemed(twitch), await redeemed(twitch)
    await settle(hand, reward, first)
    answer = await settle(hand, reward, first, second)
    assert [one["id"] for one in answer.json()["data"]] == [second]


async def test_paging_loses_nothing_when_redemptions_are_settled_meanwhile(twitch: Twitch, clock: Clock) -> None:
    hand = await twitch.sign_in()
    reward = await hand.make_reward()
    made = []
    for _ in range(5):
        clock.passed += 1
        made.append(await redeemed(twitch))
    seen: list[str] = []
    cursor = ""
    while True:
        answer = await hand.redemptions("GET", reward_id=reward, status="UNFULFILLED", first=2, after=cursor)
        page = answer.json()
        seen += [one["id"] for one in page["data"]]
        for one in page["data"]:
            await settle(hand, reward, one["id"])
        if not page["pagination"]:
            break
        cursor = page["pagination"]["cursor"]
    assert seen == made
    newest = await hand.redemptions("GET", reward_id=reward, status="FULFILLED", sort="NEWEST", first=2)
    assert [one["id"] for one in newest.json()["data"]] == [made[4], made[3]]
    rest = await hand.redemptions(
        "GET", reward_id=reward, status="FULFILLED", sort="NEWEST", after=newest.json()["pagination"]["cursor"]
    )
    assert [one["id"] for one in rest.json()["data"]] == [made[2], made[1], made[0]]


@pytest.mark.parametrize(
    ("params", "status"),
    [
        ({}, 400),
        ({"status": "unfulfilled"}, 400),
        ({"status": "UNFULFILLED", "sort": "UP"}, 400),
        ({"status": "UNFULFILLED", "first": "51"}, 400),
        ({"status": "UNFULFILLED", "reward_id": ""}, 400),
        ({"status": "UNFULFILLED", "reward_id": "unknown"}, 404),
        ({"id": "unknown"}, 404),
    ],
)
async def test_a_wrong_question_is_refused(twitch: Twitch, params: dict[str, str], status: int) -> None:
    hand = await twitch.sign_in()
    reward = await hand.make_reward()
    answer = await hand.redemptions("GET", **{"reward_id": reward, **params})
    assert answer.status_code == status


async def test_a_wrong_status_to_settle_with_is_refused(twitch: Twitch) -> None:
    hand = await twitch.sign_in()
    reward = await hand.make_reward()
    made = await redeemed(twitch)
    assert (await settle(hand, reward, made, status="UNFULFILLED")).status_code == 400
    assert (await settle(hand, reward)).status_code == 400


async def test_a_reward_that_skips_the_queue_is_fulfilled_at_once(twitch: Twitch) -> None:
    hand = await twitch.sign_in()
    reward = await hand.make_reward(should_redemptions_skip_request_queue=True)
    made = await redeemed(twitch)
    answer = await hand.redemptions("GET", reward_id=reward, id=made)
    assert answer.json()["data"][0]["status"] == "FULFILLED"
    assert (await settle(hand, reward, made, status="CANCELED")).status_code == 404


async def test_settled_redemptions_are_readable_for_three_days_and_open_ones_for_ever(
    twitch: Twitch, clock: Clock
) -> None:
    hand = await twitch.sign_in()
    reward = await hand.make_reward()
    settled, still_open = await redeemed(twitch), await redeemed(twitch)
    clock.passed += 10 * 24 * 3600
    hand = await twitch.sign_in()
    await settle(hand, reward, settled)

    async def readable() -> list[str]:
        fulfilled = await hand.redemptions("GET", reward_id=reward, status="FULFILLED")
        unfulfilled = await hand.redemptions("GET", reward_id=reward, status="UNFULFILLED")
        return [one["id"] for one in fulfilled.json()["data"] + unfulfilled.json()["data"]]

    await twitch.control("jump", seconds=3 * 24 * 3600 - 1)
    assert await readable() == [settled, still_open]
    await twitch.control("jump", seconds=1)
    assert await readable() == [still_open]
    assert (await hand.redemptions("GET", reward_id=reward, id=settled)).status_code == 404
    assert [one["id"] for one in (await twitch.look("world"))["redemptions"]].count(settled) == 1


async def test_a_redemption_of_another_channel_is_none_of_this_ones_reward_though_it_says_so(twitch: Twitch) -> None:
    """A written world may name the reward of a redemption, where that reward is gone, by an id that another has."""
    reward = {"id": "r1", "client_id": CLIENT_ID, "title": "A", "cost": 1, "is_global_cooldown_enabled": True}
    foreign = {"channel": "secondstreamer", "viewer": "viewer1", "reward": "r1", "reward_title": "Gone", "cost": 1}
    world = {
        "channels": [{"login": "streamer", "rewards": [reward | {"global_cooldown_seconds": 60}]}],
        "redemptions": [foreign],
    }
    assert (await twitch.client.put("control/world", json=world)).status_code == 200
    [made] = [one["id"] for one in (await twitch.look("world"))["redemptions"]]
    hand = await twitch.sign_in()
    assert (await settle(hand, "r1", made, status="CANCELED")).status_code == 404
    assert (await hand.redemptions("GET", reward_id="r1", status="UNFULFILLED")).json()["data"] == []
    assert (await hand.rewards("GET")).json()["data"][0]["cooldown_expires_at"] is None
    assert (await hand.rewards("DELETE", id="r1")).status_code == 204
    assert [one["status"] for one in (await twitch.look("world"))["redemptions"]] == ["UNFULFILLED"]
