"""What may be subscribed by webhook, with which token, and how subscriptions are listed."""

from typing import Any

import pytest

from tests.simulator.driver import Twitch, session_of, socket_to
from tests.simulator.webhooks import SECRET, App, Receiver, app_of, granted

REDEMPTION = "channel.channel_points_custom_reward_redemption"


@pytest.mark.parametrize(
    "callback",
    [
        "http://example.com/eventsub",
        "http://127.0.0.2/eventsub",
        "http://localhost.example.com/eventsub",
        "http://localhost@example.com/eventsub",
        "https://example.com:8443/eventsub",
        "https://user@example.com/eventsub",
        "ftp://localhost/eventsub",
        "https:///eventsub",
        "https://example.com/ eventsub",
        "https://example.com:99999/",
        "https://xn--a/",
        "",
        None,
        7,
    ],
)
async def test_a_callback_that_twitch_would_not_call_is_refused(twitch: Twitch, callback: Any) -> None:
    app = await granted(twitch)
    answer = await app.hook(callback, "channel.vip.add")
    assert (answer.status_code, "callback" in answer.json()["message"]) == (400, True)


@pytest.mark.parametrize(
    "callback", ["http://localhost:3000/x", "http://127.0.0.1:9/x", "http://[::1]:9/x", "https://127.0.0.1:443/x"]
)
async def test_callbacks_of_this_machine_may_be_plain_http_on_any_port(twitch: Twitch, callback: str) -> None:
    app = await granted(twitch)
    assert (await app.hook(callback, "channel.vip.add")).status_code == 202


@pytest.mark.parametrize("secret", ["123456789", "1" * 101, "0123456789é", "01234\n56789", None, 1234567890])
async def test_a_secret_must_have_10_to_100_ascii_characters(twitch: Twitch, secret: Any) -> None:
    app = await granted(twitch)
    answer = await app.hook("http://localhost/", "channel.vip.add", secret=secret)
    assert (answer.status_code, "secret" in answer.json()["message"]) == (400, True)
    assert (await app.hook("http://localhost/", "channel.vip.add", secret="0123456789")).status_code == 202


async def test_a_webhook_needs_an_app_token_and_a_socket_a_users(twitch: Twitch) -> None:
    hand, app = await twitch.sign_in(), await app_of(twitch)
    as_user = App(twitch, hand.user_id, hand.access, "")
    assert (await as_user.hook("http://localhost/", "channel.vip.add")).status_code == 401
    assert (await app.subscribe("any", "channel.vip.add", broadcaster_user_id="1001")).status_code == 401
    conduit = await app.hook("http://localhost/", "channel.vip.add", method="conduit")
    assert conduit.status_code == 400


async def test_a_webhook_needs_the_broadcasters_grant_with_a_right_scope_but_no_token(
    twitch: Twitch, receiver: Receiver
) -> None:
    app = await app_of(twitch)

    async def asked(kind: str) -> int:
        return (await app.hook(receiver.url + "/eventsub", kind)).status_code

    assert await asked("channel.vip.add") == 403
    assert await asked("stream.online") == 202
    await twitch.sign_in(scope="moderation:read")
    assert await asked("channel.vip.add") == 403
    assert await asked("channel.moderator.add") == 202
    await twitch.sign_in(scope="channel:read:vips")
    await twitch.control("expire-tokens", user="streamer")
    assert await asked("channel.vip.add") == 202


async def test_the_very_same_webhook_is_refused_with_its_id_and_the_fourth_alike_altogether(
    twitch: Twitch, receiver: Receiver
) -> None:
    app = await granted(twitch)
    made = await app.hooked(receiver, "channel.vip.add")
    again = await app.hook(receiver.url + "/eventsub", "channel.vip.add", secret="another secret")
    assert (again.status_code, again.json()["error"], again.json()["id"]) == (409, "Conflict", made)
    others = [(await app.hook(f"{receiver.url}/eventsub?{n}", "channel.vip.add")).status_code for n in range(3)]
    assert others == [202, 202, 429]
    assert (await app.hook(receiver.url + "/eventsub", "channel.vip.remove")).status_code == 202


async def test_a_webhook_that_failed_may_be_made_again(twitch: Twitch, receiver: Receiver) -> None:
    app = await granted(twitch)
    receiver.challenge_answer = "no"
    made = (await app.hook(receiver.url + "/eventsub", "channel.vip.add")).json()["data"][0]["id"]
    await app.becomes(made, "webhook_callback_verification_failed")
    receiver.challenge_answer = None
    assert await app.hooked(receiver, "channel.vip.add") != made


async def test_a_webhook_costs_one_where_nobody_has_granted_anything(twitch: Twitch, receiver: Receiver) -> None:
    app = await granted(twitch)
    await app.hooked(receiver, "stream.online")
    await app.hooked(receiver, "stream.online", condition={"broadcaster_user_id": "1002"})
    listed = await app.listed()
    assert [one["cost"] for one in listed["data"]] == [0, 1]
    assert (listed["total"], listed["total_cost"], listed["max_total_cost"]) == (2, 1, 10_000)


async def test_each_token_lists_and_deletes_the_subscriptions_of_its_own_transport(
    twitch: Twitch, receiver: Receiver
) -> None:
    hand, app = await twitch.sign_in(), await app_of(twitch)
    hooked = await app.hooked(receiver, "channel.vip.add")
    async with socket_to(twitch) as socket:
        session = await session_of(socket)
        made = (await hand.subscribe(session, "channel.vip.add")).json()["data"][0]["id"]
        mine = (await hand.call("GET", "eventsub/subscriptions")).json()["data"]
        theirs = (await app.listed())["data"]
        assert [[one["id"] for one in listed] for listed in (mine, theirs)] == [[made], [hooked]]
        assert (await app.call("DELETE", "eventsub/subscriptions", id=made)).status_code == 404
        assert (await hand.call("DELETE", "eventsub/subscriptions", id=hooked)).status_code == 404


async def test_the_list_is_filtered_by_one_filter_at_a_time(twitch: Twitch, receiver: Receiver) -> None:
    app = await granted(twitch)
    add = await app.hooked(receiver, "channel.vip.add")
    online = await app.hooked(receiver, "stream.online", condition={"broadcaster_user_id": "1002"})
    await twitch.control("revoke", subscription=add)

    async def ids(**filters: str) -> list[str]:
        return [one["id"] for one in (await app.listed(**filters))["data"]]

    assert await ids() == [add, online]
    assert await ids(status="enabled") == [online]
    assert await ids(status="authorization_revoked") == [add]
    assert await ids(type="stream.online") == [online]
    assert await ids(user_id="1002") == [online]
    assert await ids(subscription_id=add) == [add]
    assert await ids(conduit_id="x") == []
    both = await app.call("GET", "eventsub/subscriptions", type="stream.online", user_id="1002")
    assert both.status_code == 400


async def test_a_long_list_comes_in_pages_oldest_first(twitch: Twitch) -> None:
    app = await granted(twitch)
    for number in range(101):
        condition = {"broadcaster_user_id": "1001", "reward_id": str(number)}
        answer = await app.hook("http://127.0.0.1:9/", f"{REDEMPTION}.add", condition=condition)
        assert answer.status_code == 202
    first = await app.listed()
    second = await app.listed(after=first["pagination"]["cursor"])
    rewards = [one["condition"]["reward_id"] for page in (first, second) for one in page["data"]]
    assert rewards == [str(number) for number in range(101)]
    assert (len(first["data"]), first["total"], second["pagination"]) == (100, 101, {})


@pytest.mark.parametrize(
    ("kind", "condition"),
    [
        ("channel.vip.add", {}),
        ("channel.vip.add", {"broadcaster_user_id": "999"}),
        ("channel.vip.add", {"broadcaster_user_id": 1001}),
        ("channel.vip.add", {"broadcaster_user_id": "1001", "reward_id": "x"}),
        ("channel.channel_points_custom_reward.add", {"broadcaster_user_id": "1001", "reward_id": "x"}),
        ("user.update", {"broadcaster_user_id": "1001"}),
        ("user.update", {"user_id": ""}),
        ("user.authorization.revoke", {"user_id": "1001"}),
        ("user.authorization.revoke", {}),
        ("stream.online", ["1001"]),
    ],
)
async def test_a_condition_must_fit_its_type(twitch: Twitch, kind: str, condition: Any) -> None:
    app = await granted(twitch)
    answer = await app.call(
        "POST",
        "eventsub/subscriptions",
        {
            "type": kind,
            "version": "1",
            "condition": condition,
            "transport": {"method": "webhook", "callback": "http://localhost/", "secret": SECRET},
        },
    )
    assert (answer.status_code, "condition" in answer.json()["message"]) == (400, True)
