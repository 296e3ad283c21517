from typing import Any

import pytest

from tests.simulator.conftest import Clock
from tests.simulator.driver import Hand, Twitch

FIELDS = {
    "broadcaster_id",
    "broadcaster_login",
    "broadcaster_name",
    "id",
    "title",
    "prompt",
    "cost",
    "image",
    "default_image",
    "background_color",
    "is_enabled",
    "is_user_input_required",
    "max_per_stream_setting",
    "max_per_user_per_stream_setting",
    "global_cooldown_setting",
    "is_paused",
    "is_in_stock",
    "should_redemptions_skip_request_queue",
    "redemptions_redeemed_current_stream",
    "cooldown_expires_at",
}


async def test_a_made_reward_has_every_field_and_can_be_read(twitch: Twitch) -> None:
    hand = await twitch.sign_in()
    answer = await hand.rewards("POST", {"title": "VIP", "cost": 500, "prompt": "A day of VIP"})
    made = answer.json()["data"][0]
    assert answer.status_code == 200
    assert set(made) == FIELDS
    assert (made["is_enabled"], made["is_paused"], made["cost"]) == (True, False, 500)
    assert (await hand.rewards("GET")).json() == {"data": [made]}
    assert (await hand.rewards("GET", id=made["id"])).json()["data"] == [made]
    assert (await hand.rewards("GET", id="unknown")).status_code == 404


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": ""},
        {"title": "x" * 46},
        {"title": 7},
        {"cost": 0},
        {"cost": "500"},
        {"cost": True},
        {"prompt": "x" * 201},
        {"background_color": "red"},
        {"is_enabled": "yes"},
        {"is_max_per_stream_enabled": True},
        {"is_global_cooldown_enabled": True, "global_cooldown_seconds": 604_801},
    ],
)
async def test_a_reward_out_of_bounds_is_refused(twitch: Twitch, wrong: dict[str, Any]) -> None:
    hand = await twitch.sign_in()
    answer = await hand.rewards("POST", {"title": "VIP", "cost": 500} | wrong)
    assert (answer.status_code, answer.json()["error"]) == (400, "Bad Request")


async def test_title_and_cost_and_json_are_needed(twitch: Twitch) -> None:
    hand = await twitch.sign_in()
    assert (await hand.rewards("POST", {"title": "VIP"})).status_code == 400
    assert (await hand.rewards("POST", ["VIP"])).status_code == 400
    assert (await hand.rewards("POST")).status_code == 400


async def test_titles_are_unique_among_all_rewards_of_a_channel(twitch: Twitch) -> None:
    hand = await twitch.sign_in()
    await twitch.control("reward", channel="streamer", title="Hydrate")
    clash = await hand.rewards("POST", {"title": "hydrate", "cost": 5})
    assert (clash.status_code, clash.json()["message"]) == (400, "CREATE_CUSTOM_REWARD_DUPLICATE_REWARD")
    mine = await hand.make_reward()
    renamed = await hand.rewards("PATCH", {"title": "Hydrate"}, id=mine)
    assert (renamed.status_code, renamed.json()["message"]) == (400, "UPDATE_CUSTOM_REWARD_DUPLICATE_REWARD")
    same = await hand.rewards("PATCH", {"title": "VIP for a day"}, id=mine)
    assert same.status_code == 200


async def test_the_51st_reward_is_refused(twitch: Twitch) -> None:
    hand = await twitch.sign_in()
    for number in range(50):
        await hand.make_reward(f"Reward {number}")
    answer = await hand.rewards("POST", {"title": "One more", "cost": 5})
    assert (answer.status_code, answer.json()["message"]) == (400, "CREATE_CUSTOM_REWARD_TOO_MANY_REWARDS")


async def test_an_update_changes_only_what_is_given(twitch: Twitch) -> None:
    hand = await twitch.sign_in()
    mine = await hand.make_reward(prompt="Please")
    answer = await hand.rewards("PATCH", {"is_paused": True, "cost": 700}, id=mine)
    changed = answer.json()["data"][0]
    assert (changed["is_paused"], changed["cost"], changed["prompt"]) == (True, 700, "Please")
    back = await hand.rewards("PATCH", {"is_paused": False}, id=mine)
    assert back.json()["data"][0]["is_paused"] is False
    assert (await hand.rewards("PATCH", {}, id=mine)).status_code == 400
    assert (await hand.rewards("PATCH", {"cost": 1}, id="unknown")).status_code == 404
    assert (await hand.rewards("PATCH", {"cost": 1})).status_code == 400


async def test_another_makers_reward_can_be_seen_but_not_touched(twitch: Twitch) -> None:
    hand = await twitch.sign_in()
    other = (await twitch.control("reward", channel="streamer", title="Hydrate"))["id"]
    assert (await hand.rewards("GET", id=other)).status_code == 200
    for spelling in ("true", "True", "1"):
        assert (await hand.rewards("GET", only_manageable_rewards=spelling)).json()["data"] == []
    assert len((await hand.rewards("GET", only_manageable_rewards="False")).json()["data"]) == 1
    assert (await hand.rewards("GET", only_manageable_rewards="perhaps")).status_code == 400
    assert (await hand.rewards("PATCH", {"cost": 1}, id=other)).status_code == 403
    assert (await hand.rewards("DELETE", id=other)).status_code == 403
    assert (await hand.redemptions("GET", reward_id=other, status="UNFULFILLED")).status_code == 403


async def test_who_is_no_affiliate_has_no_channel_points(twitch: Twitch) -> None:
    hand = await twitch.sign_in("viewer1")
    for method, params in (("GET", {}), ("POST", {}), ("PATCH", {"id": "x"}), ("DELETE", {"id": "x"})):
        body = {"title": "VIP", "cost": 5} if method in ("POST", "PATCH") else None
        assert (await hand.rewards(method, body, **params)).status_code == 403


async def test_deleting_a_reward_fulfils_what_is_pending(twitch: Twitch) -> None:
    hand = await twitch.sign_in()
    mine = await hand.make_reward()
    await twitch.control("redeem", channel="streamer", viewer="viewer1")
    assert (await hand.rewards("DELETE", id=mine)).status_code == 204
    world = await twitch.look("world")
    assert [one["status"] for one in world["redemptions"]] == ["FULFILLED"]
    assert (await twitch.channel())["balances"]["viewer1"] == 1_000_000 - 500
    assert (await hand.rewards("DELETE", id=mine)).status_code == 404


async def standing(hand: Hand, reward: str) -> tuple[bool, int | None, str | None]:
    found = (await hand.rewards("GET", id=reward)).json()["data"][0]
    return found["is_in_stock"], found["redemptions_redeemed_current_stream"], found["cooldown_expires_at"]


async def redeem(twitch: Twitch, viewer: str = "viewer1") -> None:
    await twitch.control("redeem", channel="streamer", viewer=viewer)


async def test_a_limit_a_stream_is_kept_and_begins_anew_with_the_next_stream(twitch: Twitch) -> None:
    hand = await twitch.sign_in()
    await twitch.control("channel", channel="streamer", live=True)
    reward = await hand.make_reward(is_max_per_stream_enabled=True, max_per_stream=2)
    assert await standing(hand, reward) == (True, 0, None)
    await redeem(twitch)
    assert await standing(hand, reward) == (True, 1, None)
    await redeem(twitch, "viewer2")
    assert await standing(hand, reward) == (False, 2, None)
    assert await twitch.refused("redeem", channel="streamer", viewer="viewer3") == "out_of_stock"
    await twitch.control("channel", channel="streamer", live=False)
    await twitch.control("channel", channel="streamer", live=True)
    assert await standing(hand, reward) == (True, 0, None)
    await redeem(twitch, "viewer3")


@pytest.mark.parametrize("limit", ["max_per_stream", "max_per_user_per_stream"])
async def test_a_limit_a_stream_makes_a_reward_unavailable_while_offline(twitch: Twitch, limit: str) -> None:
    hand = await twitch.sign_in()
    limits: dict[str, Any] = {f"is_{limit}_enabled": True, limit: 1}
    reward = await hand.make_reward(**limits)
    assert await standing(hand, reward) == (True, None, None)
    assert await twitch.refused("redeem", channel="streamer", viewer="viewer1") == "not_live"
    await hand.rewards("PATCH", {f"is_{limit}_enabled": False}, id=reward)
    await redeem(twitch)


async def test_a_limit_a_user_stops_that_user_only(twitch: Twitch) -> None:
    hand = await twitch.sign_in()
    await twitch.control("channel", channel="streamer", live=True)
    reward = await hand.make_reward(is_max_per_user_per_stream_enabled=True, max_per_user_per_stream=1)
    await redeem(twitch)
    assert await twitch.refused("redeem", channel="streamer", viewer="viewer1") == "enough_for_you"
    await redeem(twitch, "viewer2")
    assert await standing(hand, reward) == (True, None, None)


async def test_a_cooldown_stops_everybody_until_it_expires(twitch: Twitch, clock: Clock) -> None:
    hand = await twitch.sign_in()
    reward = await hand.make_reward(is_global_cooldown_enabled=True, global_cooldown_seconds=60)
    assert await standing(hand, reward) == (True, None, None)
    await redeem(twitch)
    clock.passed += 59
    assert await standing(hand, reward) == (True, None, "2026-03-01T10:01:00.000000Z")
    assert await twitch.refused("redeem", channel="streamer", viewer="viewer2") == "cooling_down"
    clock.passed += 1
    assert await standing(hand, reward) == (True, None, None)
    await redeem(twitch, "viewer2")


async def test_one_rewards_limits_are_not_anothers(twitch: Twitch) -> None:
    hand = await twitch.sign_in()
    await twitch.control("channel", channel="streamer", live=True)
    limits: dict[str, Any] = {"is_max_per_stream_enabled": True, "max_per_stream": 1}
    await hand.make_reward("One", **limits, is_global_cooldown_enabled=True, global_cooldown_seconds=60)
    other = await hand.make_reward("Other", **limits)
    await twitch.control("redeem", channel="streamer", viewer="viewer1", reward="One")
    assert await standing(hand, other) == (True, 0, None)
    await twitch.control("redeem", channel="streamer", viewer="viewer1", reward="Other")


async def test_limits_that_are_off_may_be_0(twitch: Twitch) -> None:
    hand = await twitch.sign_in()
    off = {"max_per_stream": 0, "max_per_user_per_stream": 0, "global_cooldown_seconds": 0}
    assert (await hand.rewards("POST", {"title": "VIP", "cost": 5, **off})).status_code == 200
