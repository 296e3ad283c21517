"""Lists page by page, and what Twitch's JSON is read into; what can't be read hides nothing else."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import httpx
import pytest
from structlog.testing import capture_logs

from tests.twitch.fakes import STREAMER, VIEWER, ScriptedTwitch, ok, redemption_item, reward_item
from vip_manager import ports
from vip_manager.ports import TwitchStatus, TwitchUnavailable
from vip_manager.twitch.client import TwitchClient

VIPS = "/helix/channels/vips"
REWARDS = "/helix/channel_points/custom_rewards"
REDEMPTIONS = "/helix/channel_points/custom_rewards/redemptions"


async def _all_redemptions(client: TwitchClient) -> None:
    async for _ in client.redemptions(STREAMER, "reward-1", TwitchStatus.UNFULFILLED):
        pass


LISTS: dict[str, tuple[str, Callable[[TwitchClient], Awaitable[object]]]] = {
    "vips": (f"GET {VIPS}", lambda c: c.vips(STREAMER)),
    "moderators": ("GET /helix/moderation/moderators", lambda c: c.moderators(STREAMER)),
    "users": ("GET /helix/users", lambda c: c.users(STREAMER, ids=[VIEWER])),
    "redemptions": (f"GET {REDEMPTIONS}", _all_redemptions),
}


async def test_lists_are_paged_through(client: TwitchClient, twitch: ScriptedTwitch) -> None:
    twitch.answers(
        f"GET {VIPS}",
        ok({"user_id": "1", "user_login": "a", "user_name": "A"}, cursor="next"),
        ok({"user_id": "2", "user_login": "", "user_name": ""}),
    )
    assert [(vip.id, vip.username) for vip in await client.vips(STREAMER)] == [("1", "A"), ("2", "")]
    first, second = twitch.called(f"GET {VIPS}")
    assert ("after", "next") not in first.query
    assert ("after", "next") in second.query


async def test_a_cursor_that_repeats_ends_the_list(client: TwitchClient, twitch: ScriptedTwitch) -> None:
    twitch.answers(f"GET {VIPS}", ok({"user_id": "1"}, cursor="same"))
    assert len(await client.vips(STREAMER)) == 2


async def test_redemptions_are_read_page_by_page(client: TwitchClient, twitch: ScriptedTwitch) -> None:
    twitch.answers(f"GET {REDEMPTIONS}", ok(redemption_item("a"), cursor="next"), ok(redemption_item("b")))
    found = client.redemptions(STREAMER, "reward-1", TwitchStatus.UNFULFILLED, newest_first=True)
    assert (await anext(found)).id == "a"
    assert len(twitch.calls) == 1
    assert [redemption.id async for redemption in found] == ["b"]
    assert dict(twitch.calls[0].query) == {
        "broadcaster_id": STREAMER,
        "reward_id": "reward-1",
        "status": "UNFULFILLED",
        "sort": "NEWEST",
        "first": "50",
    }


async def test_a_redemption_that_cannot_be_read_does_not_hide_those_behind_it(
    client: TwitchClient, twitch: ScriptedTwitch
) -> None:
    secret = "what-they-typed"
    broken = [
        redemption_item("broken", status="odd", user_input=secret),
        redemption_item(id=7, user_input=secret),
        secret,
        None,
    ]
    twitch.answers(
        f"GET {REDEMPTIONS}", ok(redemption_item("a"), *broken, redemption_item("b"), cursor="next"), ok(*broken)
    )
    with capture_logs() as lines:
        found = [one.id async for one in client.redemptions(STREAMER, "reward-1", TwitchStatus.UNFULFILLED)]
    assert found == ["a", "b"]
    skipped = [line for line in lines if line["event"] == "twitch_item_skipped"]
    assert [line["log_level"] for line in skipped] == ["warning"] * 8
    assert [line.get("item_id") for line in skipped[:4]] == ["broken", None, None, None]
    assert secret not in str(lines)


@pytest.mark.parametrize("call", LISTS)
@pytest.mark.parametrize(
    "page",
    [
        httpx.Response(200, content=b"<html>"),
        httpx.Response(200, json=[]),
        httpx.Response(200, json={}),
        httpx.Response(200, json={"data": {}}),
    ],
)
async def test_a_page_that_cannot_be_read_at_all_is_unavailable(
    client: TwitchClient, twitch: ScriptedTwitch, call: str, page: httpx.Response
) -> None:
    name, do = LISTS[call]
    twitch.answers(name, page)
    with pytest.raises(TwitchUnavailable):
        await do(client)


async def test_a_page_without_a_readable_cursor_is_unavailable_after_its_items(
    client: TwitchClient, twitch: ScriptedTwitch
) -> None:
    answer = {"data": [redemption_item("a")], "pagination": {"cursor": 5}}
    twitch.answers(f"GET {REDEMPTIONS}", httpx.Response(200, json=answer))
    found = client.redemptions(STREAMER, "reward-1", TwitchStatus.UNFULFILLED)
    assert (await anext(found)).id == "a"
    with pytest.raises(TwitchUnavailable):
        await anext(found)


async def test_the_one_redemption_asked_for_must_be_readable(client: TwitchClient, twitch: ScriptedTwitch) -> None:
    odd = ok(redemption_item(status="odd"))
    twitch.answers(f"GET {REDEMPTIONS}", odd)
    twitch.answers(f"PATCH {REDEMPTIONS}", odd)
    with pytest.raises(TwitchUnavailable):
        await client.redemption(STREAMER, "reward-1", "redemption-1")
    with pytest.raises(TwitchUnavailable):
        await client.settle(STREAMER, "reward-1", "redemption-1", TwitchStatus.CANCELED)


async def test_people_without_an_id_are_left_out(client: TwitchClient, twitch: ScriptedTwitch) -> None:
    holders = ok({"user_login": "x"}, {"user_id": ""}, {"user_id": 3}, None, {"user_id": "1"})
    people = ok({"login": "x"}, {"id": None}, "x", {"id": "1", "login": "a"})
    twitch.answers(f"GET {VIPS}", holders)
    twitch.answers("GET /helix/moderation/moderators", holders)
    twitch.answers("GET /helix/users", people)
    twitch.answers("POST /oauth2/token", httpx.Response(200, json={"access_token": "app-1", "expires_in": 5000}))
    assert [vip.id for vip in await client.vips(STREAMER)] == ["1"]
    assert [one.id for one in await client.moderators(STREAMER)] == ["1"]
    assert [user.id for user in await client.users(STREAMER, ids=["1"])] == ["1"]
    assert await client.resolve_logins(["a", "x"]) == {"a": "1"}


async def test_a_redemption_is_read_whole(client: TwitchClient, twitch: ScriptedTwitch) -> None:
    twitch.answers(f"PATCH {REDEMPTIONS}", ok(redemption_item(status="CANCELED")))
    redemption = await client.settle(STREAMER, "reward-1", "redemption-1", TwitchStatus.CANCELED)
    assert redemption == ports.TwitchRedemption(
        id="redemption-1",
        channel_id=STREAMER,
        reward_id="reward-1",
        reward_title="VIP",
        cost=5000,
        user_id=VIEWER,
        login="viewer",
        username="Viewer",
        status=TwitchStatus.CANCELED,
        redeemed_at=datetime(2026, 3, 1, 11, 59, 0, 123456, tzinfo=UTC),
    )
    assert twitch.calls[0].body == {"status": "CANCELED"}


async def test_an_answer_without_the_redemption_is_not_found(client: TwitchClient, twitch: ScriptedTwitch) -> None:
    twitch.answers(f"GET {REDEMPTIONS}", ok())
    with pytest.raises(ports.NotFound):
        await client.redemption(STREAMER, "reward-1", "redemption-1")


async def test_a_reward_is_made_with_its_queue_on(client: TwitchClient, twitch: ScriptedTwitch) -> None:
    twitch.answers(f"POST {REWARDS}", ok(reward_item()))
    reward = await client.create_reward(STREAMER, "VIP", 5000, "a day")
    assert reward == ports.Reward("reward-1", "VIP", 5000, enabled=True, paused=False, skips_queue=False)
    body = twitch.calls[0].body
    assert body["should_redemptions_skip_request_queue"] is False
    assert (body["title"], body["cost"], body["prompt"]) == ("VIP", 5000, "a day")


async def test_one_reward_is_asked_for_by_its_id_among_ours(client: TwitchClient, twitch: ScriptedTwitch) -> None:
    twitch.answers(f"GET {REWARDS}", ok(reward_item(id="another")), ok(reward_item(id="another"), reward_item()))
    with pytest.raises(TwitchUnavailable):
        await client.reward(STREAMER, "reward-1")
    assert (await client.reward(STREAMER, "reward-1")).title == "VIP"
    assert twitch.calls[0].query == [
        ("broadcaster_id", STREAMER),
        ("only_manageable_rewards", "true"),
        ("id", "reward-1"),
    ]


async def test_an_update_sends_only_what_changes(client: TwitchClient, twitch: ScriptedTwitch) -> None:
    twitch.answers(f"PATCH {REWARDS}", ok(reward_item()))
    await client.update_reward(STREAMER, "reward-1", paused=False, skips_queue=False)
    assert twitch.calls[0].body == {"is_paused": False, "should_redemptions_skip_request_queue": False}
    assert twitch.calls[0].query == [("broadcaster_id", STREAMER), ("id", "reward-1")]


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200, content=b"<html>"),
        httpx.Response(200, content=b"[]"),
        httpx.Response(200, content=b"[" * 100_000),
        httpx.Response(200, json={"data": {}}),
        httpx.Response(200, json={"data": ["x"]}),
        ok({"id": "reward-1"}),
        ok(reward_item(cost="many")),
        ok(reward_item(cost=True)),
        ok(reward_item(is_enabled=None)),
        ok(),
    ],
)
async def test_an_unreadable_answer_is_unavailable(
    client: TwitchClient, twitch: ScriptedTwitch, answer: httpx.Response
) -> None:
    twitch.answers(f"PATCH {REWARDS}", answer)
    with pytest.raises(TwitchUnavailable, match="Twitch"):
        await client.update_reward(STREAMER, "reward-1", paused=True)


async def test_users_by_id_and_login(client: TwitchClient, twitch: ScriptedTwitch) -> None:
    item = {"id": VIEWER, "login": "viewer", "display_name": "Viewer", "profile_image_url": "https://cdn.example/v"}
    twitch.answers("GET /helix/users", ok(item))
    found = await client.users(STREAMER, ids=[VIEWER], logins=["Viewer"])
    assert found == [ports.TwitchUser(VIEWER, "viewer", "Viewer", "https://cdn.example/v")]
    assert twitch.calls[0].query == [("id", VIEWER), ("login", "viewer")]
    assert await client.users(STREAMER) == []
    assert len(twitch.calls) == 1
    with pytest.raises(ValueError, match="100"):
        await client.users(STREAMER, ids=["1"] * 101)
