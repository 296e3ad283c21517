from typing import Any

import pytest

from tests.simulator.conftest import Clock
from tests.simulator.driver import IDS, Hand, Twitch

CHAT = "user:write:chat"
ANNOUNCE = "moderator:manage:announcements"


async def say(hand: Hand, text: str = "Hello", **more: Any) -> Any:
    body = {"broadcaster_id": "1001", "sender_id": hand.user_id, "message": text, **more}
    return await hand.call("POST", "chat/messages", body)


async def lines(twitch: Twitch) -> list[tuple[str, str]]:
    return [(line["login"], line["text"]) for line in (await twitch.channel())["chat"]]


async def test_a_message_is_sent_and_seen_in_the_channel_it_was_sent_to(twitch: Twitch) -> None:
    hand = await twitch.sign_in("viewer1", CHAT)
    sent = (await say(hand)).json()["data"][0]
    assert (sent["is_sent"], sent["drop_reason"]) == (True, None)
    [line] = (await twitch.channel())["chat"]
    assert (line["id"], line["login"], line["text"], line["announcement"]) == (
        sent["message_id"],
        "viewer1",
        "Hello",
        "",
    )
    assert (await twitch.channel("secondstreamer"))["chat"] == []


async def test_the_fields_may_stand_in_the_query_as_libraries_put_them(twitch: Twitch, clock: Clock) -> None:
    hand = await twitch.sign_in("viewer1", CHAT)
    who = {"broadcaster_id": "1001", "sender_id": "3001"}
    assert (await hand.call("POST", "chat/messages", {"message": "One"}, **who)).status_code == 200
    clock.passed += 1
    assert (await hand.call("POST", "chat/messages", **who, message="Two")).status_code == 200
    assert await lines(twitch) == [("viewer1", "One"), ("viewer1", "Two")]


async def test_a_reply_names_a_message_of_that_channel(twitch: Twitch, clock: Clock) -> None:
    hand = await twitch.sign_in("mod", CHAT)
    first = (await say(hand)).json()["data"][0]["message_id"]
    assert (await say(hand, "You too", reply_parent_message_id=first)).status_code == 200
    assert (await twitch.channel())["chat"][1]["reply_to"] == first
    elsewhere = await say(hand, broadcaster_id="1002", reply_parent_message_id=first)
    assert elsewhere.status_code == 400


@pytest.mark.parametrize(("text", "banned", "code"), [(" ", False, "empty_message"), ("Hello", True, "user_banned")])
async def test_a_message_that_is_dropped_answers_200_with_the_reason(
    twitch: Twitch, text: str, banned: bool, code: str
) -> None:
    hand = await twitch.sign_in("viewer1", CHAT)
    if banned:
        await twitch.control("ban", channel="streamer", viewer="viewer1", banned=True)
    answer = await say(hand, text)
    dropped = answer.json()["data"][0]
    assert (answer.status_code, dropped["is_sent"], dropped["drop_reason"]["code"]) == (200, False, code)
    assert await lines(twitch) == []


async def test_the_length_is_500_characters(twitch: Twitch, clock: Clock) -> None:
    hand = await twitch.sign_in("viewer1", CHAT)
    assert (await say(hand, "x" * 501)).status_code == 422
    assert (await say(hand, "ä" * 500)).json()["data"][0]["is_sent"] is True


async def test_viewers_send_once_a_second_and_20_in_30_seconds(twitch: Twitch, clock: Clock) -> None:
    hand = await twitch.sign_in("viewer1", CHAT)
    statuses = []
    for _ in range(20):
        statuses.append((await say(hand)).status_code)
        clock.passed += 1
    assert statuses == [200] * 20
    assert (await say(hand)).status_code == 429
    clock.passed += 9.9
    assert (await say(hand, broadcaster_id="1002")).status_code == 429
    clock.passed += 0.1
    assert (await say(hand)).status_code == 200
    assert (await say(hand)).status_code == 429
    assert (await say(hand, broadcaster_id="1002")).status_code == 429
    clock.passed += 1
    assert (await say(hand, broadcaster_id="1002")).status_code == 200


@pytest.mark.parametrize("user", ["streamer", "mod", "permanentvip"])
async def test_those_with_a_badge_send_100_in_30_seconds(twitch: Twitch, user: str) -> None:
    hand = await twitch.sign_in(user, CHAT)
    statuses = [(await say(hand)).status_code for _ in range(101)]
    assert statuses == [200] * 100 + [429]
    assert len(await lines(twitch)) == 100


async def test_messages_drain_a_bucket_of_their_own(twitch: Twitch) -> None:
    hand = await twitch.sign_in("mod", CHAT)
    answer = await say(hand)
    assert (answer.headers["Ratelimit-Limit"], answer.headers["Ratelimit-Remaining"]) == ("2000", "1999")
    assert (await hand.call("GET", "users")).headers["Ratelimit-Remaining"] == "799"


async def test_the_last_hundred_lines_are_kept(twitch: Twitch, clock: Clock) -> None:
    hand = await twitch.sign_in("mod", CHAT)
    for number in range(105):
        clock.passed += 1
        await say(hand, str(number))
    kept = await lines(twitch)
    assert (len(kept), kept[0], kept[-1]) == (100, ("mod", "5"), ("mod", "104"))


@pytest.mark.parametrize(
    ("bot", "bots_scopes", "channels_scopes", "status"),
    [
        ("viewer1", "user:write:chat user:bot", "channel:bot", 200),
        ("viewer1", "user:write:chat user:bot", "", 403),
        ("viewer1", "user:write:chat", "channel:bot", 403),
        ("viewer1", "user:bot", "channel:bot", 403),
        ("mod", "user:write:chat user:bot", "", 200),
        ("streamer", "user:write:chat user:bot", "", 200),
    ],
)
async def test_the_app_speaks_for_a_bot_that_both_sides_let(
    twitch: Twitch, bot: str, bots_scopes: str, channels_scopes: str, status: int
) -> None:
    await twitch.sign_in(bot, bots_scopes)
    await twitch.sign_in("streamer", channels_scopes)
    token = (await twitch.token(grant_type="client_credentials")).json()["access_token"]
    answer = await say(Hand(twitch, IDS[bot], token, ""), for_source_only=True)
    assert answer.status_code == status


async def announce(hand: Hand, text: str = "Listen", channel: str = "1001", **body: Any) -> int:
    answer = await hand.call(
        "POST",
        "chat/announcements",
        {"message": text, **body},
        broadcaster_id=channel,
        moderator_id=hand.user_id,
    )
    return answer.status_code


async def test_an_announcement_has_a_colour_and_is_cut(twitch: Twitch) -> None:
    hand = await twitch.sign_in("mod", ANNOUNCE)
    assert await announce(hand, "x" * 501, color="purple") == 204
    [line] = (await twitch.channel())["chat"]
    assert (line["announcement"], line["text"]) == ("purple", "x" * 500)


async def test_one_announcement_in_two_seconds(twitch: Twitch, clock: Clock) -> None:
    hand = await twitch.sign_in("mod", ANNOUNCE)
    assert [await announce(hand), await announce(hand), await announce(hand, channel="1002")] == [204, 429, 204]
    clock.passed += 2
    assert await announce(hand) == 204
