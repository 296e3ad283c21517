"""What is said in chat is told to whoever may hear it, over either transport."""

from typing import Any

import pytest

from tests.simulator.driver import Hand, Twitch, notification, session_of, socket_to

KIND = "channel.chat.message"
READ = "user:read:chat"
OWN = {"broadcaster_user_id": "1001", "user_id": "1001"}


async def subscribe(hand: Hand, transport: dict[str, str], **condition: str) -> Any:
    body = {"type": KIND, "version": "1", "condition": condition or OWN, "transport": transport}
    return await hand.call("POST", "eventsub/subscriptions", body)


def webhook() -> dict[str, str]:
    return {"method": "webhook", "callback": "https://app.example/eventsub", "secret": "0123456789"}


async def test_a_message_is_told_on_the_socket_as_the_reference_has_it(twitch: Twitch) -> None:
    streamer = await twitch.sign_in("streamer", READ)
    async with socket_to(twitch) as socket:
        transport = {"method": "websocket", "session_id": await session_of(socket)}
        assert (await subscribe(streamer, transport)).status_code == 202
        said = await twitch.control("say", channel="streamer", viewer="viewer1", text="!vip please")
        told = await notification(socket)
    event = told["payload"]["event"]
    assert told["metadata"]["subscription_type"] == KIND
    assert (event["broadcaster_user_id"], event["chatter_user_id"], event["chatter_user_login"]) == (
        "1001",
        "3001",
        "viewer1",
    )
    assert event["message_id"] == said["id"]
    assert event["message"]["text"] == "!vip please"
    assert event["source_broadcaster_user_id"] is None
    assert event["message_type"] == "text"


async def test_a_shared_chat_says_whose_it_was(twitch: Twitch) -> None:
    streamer = await twitch.sign_in("streamer", READ)
    async with socket_to(twitch) as socket:
        transport = {"method": "websocket", "session_id": await session_of(socket)}
        await subscribe(streamer, transport)
        await twitch.control("say", channel="streamer", viewer="viewer1", text="hi", source="secondstreamer")
        event = (await notification(socket))["payload"]["event"]
    assert event["source_broadcaster_user_id"] == "1002"


@pytest.mark.parametrize(
    ("scope", "condition", "status"),
    [
        ("user:write:chat", OWN, 403),
        (READ, {"broadcaster_user_id": "1001"}, 400),
        (READ, {"broadcaster_user_id": "1001", "user_id": "9999"}, 400),
        (READ, {"broadcaster_user_id": "1001", "user_id": "3001"}, 403),
        (READ, {**OWN, "reward_id": "x"}, 400),
        (READ, {"broadcaster_user_id": "1002", "user_id": "1001"}, 202),
    ],
)
async def test_it_takes_the_scope_of_whoever_reads(
    twitch: Twitch, scope: str, condition: dict[str, str], status: int
) -> None:
    hand = await twitch.sign_in("streamer", scope)
    async with socket_to(twitch) as socket:
        transport = {"method": "websocket", "session_id": await session_of(socket)}
        assert (await subscribe(hand, transport, **condition)).status_code == status


@pytest.mark.parametrize(
    ("scope", "status"),
    [(READ, 403), (f"{READ} user:bot", 403), (f"{READ} channel:bot", 403), (f"{READ} user:bot channel:bot", 202)],
)
async def test_by_webhook_the_app_must_be_let_in(twitch: Twitch, scope: str, status: int) -> None:
    await twitch.sign_in("streamer", scope)
    token = (await twitch.token(grant_type="client_credentials")).json()["access_token"]
    assert (await subscribe(Hand(twitch, "", token, ""), webhook())).status_code == status


async def test_who_is_banned_or_says_nothing_says_nothing(twitch: Twitch) -> None:
    await twitch.control("ban", channel="streamer", viewer="viewer1", banned=True)
    for wish, code in (
        ({"viewer": "viewer1", "text": "hi"}, "banned"),
        ({"viewer": "viewer2", "text": "x" * 501}, "bad_request"),
    ):
        assert await twitch.refused("say", channel="streamer", **wish) == code
