"""The EventSub socket against a scripted WebSocket server on a real port."""

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from datetime import timedelta

import httpx
import pytest
from websockets.asyncio.server import ServerConnection

from tests.twitch.fakes import (
    NOON,
    STREAMER,
    VIEWER,
    Answer,
    Call,
    FakeStore,
    ScriptedTwitch,
    pair,
    refusal,
    signed_in,
    token_reply,
)
from tests.twitch.scripted_socket import (
    Script,
    breaks,
    closes,
    frame,
    ids,
    moves,
    notification,
    redeemed,
    says,
    scripted,
    stay,
    until,
    vip_changed,
    welcome,
)
from vip_manager.ports import (
    Deaf,
    Listening,
    RateLimited,
    Revoked,
    StoreUnavailable,
    TwitchUnavailable,
    Unauthorized,
    VipHint,
)
from vip_manager.twitch.eventsub.messages import MODERATOR_ADD, REDEMPTION_ADD, TYPES, VIP_ADD, VIP_REMOVE
from vip_manager.twitch.eventsub.socket import CHAT_AGAIN, Backoff, ChatHearing, EventSocket


async def test_welcome_subscribe_listen() -> None:
    async with scripted(says(welcome(), frame("session_keepalive", {}), redeemed("r1"), vip_changed())) as listener:
        events = await listener.hears(3)
    assert ids(events) == ["Listening", "r1", "VipHint"]
    assert events[0] == Listening(STREAMER)
    assert events[2] == VipHint(STREAMER, VIEWER)
    assert listener.subscribed == ["S1"]
    assert listener.pauses == []


async def test_a_taken_badge_comes_with_twitchs_time_or_with_none() -> None:
    taken = {"subscription": {"type": VIP_REMOVE}, "event": {"user_id": VIEWER, "broadcaster_user_id": STREAMER}}
    timed = frame("notification", taken, stamp="2026-03-01T12:00:00.000000000Z")
    async with scripted(says(welcome(), timed, frame("notification", taken))) as listener:
        assert (await listener.hears(3))[1:] == [VipHint(STREAMER, VIEWER, NOON), VipHint(STREAMER, VIEWER)]


async def test_what_cannot_be_read_is_skipped() -> None:
    nonsense: list[str | bytes] = [
        "{",
        "[]",
        b"\x00\xff",
        "{}",
        frame("notification", {}),
        redeemed("bad", status="odd"),
    ]
    unknown = [frame("session_party", {}), notification("stream.online", {}), vip_changed(channel="4711"), welcome()]
    async with scripted(says(welcome(), *nonsense, *unknown, redeemed("r1"))) as listener:
        assert ids(await listener.hears(2)) == ["Listening", "r1"]


async def test_a_text_that_is_no_text_is_skipped_too() -> None:
    async def script(socket: ServerConnection) -> None:
        await socket.send(welcome())
        await socket.send(b"{\xff}", text=True)
        await socket.send(redeemed("r1"))
        await stay(socket)

    async with scripted(script) as listener:
        assert ids(await listener.hears(2)) == ["Listening", "r1"]


async def test_a_message_that_comes_twice_is_told_once_also_over_a_new_connection() -> None:
    first = says(welcome(), redeemed("r1", "same"), redeemed("r1", "same"), redeemed("r2"), then=breaks)
    second = says(welcome("S2"), redeemed("r1", "same"), redeemed("r3"))
    async with scripted(first, second) as listener:
        assert ids(await listener.hears(6)) == ["Listening", "r1", "r2", "Deaf", "Listening", "r3"]


async def test_silence_beyond_the_keepalive_is_a_loss() -> None:
    async with scripted(says(welcome(keepalive=0.05)), says(welcome("S2"), redeemed("r1"))) as listener:
        events = await listener.hears(4, grace=0.0)
    assert ids(events) == ["Listening", "Deaf", "Listening", "r1"]
    assert events[1] == Deaf(STREAMER, "nothing was heard from Twitch for 0.05 s")
    assert listener.subscribed == ["S1", "S2"]


@pytest.mark.parametrize(
    ("then", "words"),
    [
        (closes(4000), "Twitch closed the connection: 4000, an error of Twitch's own"),
        (closes(4003), "Twitch closed the connection: 4003, no subscription was made in time"),
        (closes(1001), "Twitch closed the connection: 1001, no reason given"),
        (breaks, "the connection broke"),
    ],
)
async def test_a_cut_is_told_and_mended(then: Script, words: str) -> None:
    async with scripted(says(welcome(), then=then), says(welcome("S2"))) as listener:
        events = await listener.hears(3)
    assert events == [Listening(STREAMER), Deaf(STREAMER, words), Listening(STREAMER)]


@pytest.mark.parametrize(
    ("script", "words"),
    [
        (says("hello"), "the welcome could not be read"),
        (says(frame("session_welcome", {})), "the welcome could not be read"),
        (says(frame("session_keepalive", {})), "began with session_keepalive"),
        (closes(1011), "1011"),
        (stay, "no welcome within"),
    ],
)
async def test_a_bad_beginning_is_a_loss(script: Script, words: str) -> None:
    async with scripted(script, says(welcome("S2"))) as listener:
        deaf, listening = await listener.hears(2, welcome_seconds=0.5)
    assert isinstance(deaf, Deaf)
    assert words in deaf.error
    assert listening == Listening(STREAMER)
    assert listener.subscribed == ["S2"]


async def test_nobody_answers_the_pauses_grow_and_shrink_again() -> None:
    async with scripted(*[breaks] * 6, says(welcome(), redeemed("r1"), then=breaks), says(welcome("S2"))) as listener:
        events = await listener.hears(10)
    assert ids(events) == ["Deaf"] * 6 + ["Listening", "r1", "Deaf", "Listening"]
    assert listener.pauses == [2, 4, 8, 16, 30, 30, 2]


def test_pauses_are_at_random_between_one_and_thirty_seconds() -> None:
    assert Backoff(chance=lambda: 0.0).pause(9) == 1
    assert Backoff(chance=lambda: 1.0).pause(10_000) == 30
    assert Backoff(chance=lambda: 0.5).pause(1) == 1.5


@pytest.mark.parametrize("status", [403, 404, 429, 500, 503])
async def test_a_refused_handshake_is_tried_again_at_growing_pauses(status: int) -> None:
    async with scripted(says(welcome())) as listener:
        listener.server.refusals = [status] * 3
        events = await listener.hears(4)
    assert events == [Deaf(STREAMER, f"Twitch refused the connection with {status}")] * 3 + [Listening(STREAMER)]
    assert listener.pauses == [2, 4, 8]


async def test_a_handshake_that_nobody_answers_is_given_up_on() -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async with scripted(says(welcome())) as listener:
        mute = await asyncio.start_server(silent, "127.0.0.1", 0)
        events = listener.socket(welcome_seconds=0.05, url=f"ws://127.0.0.1:{mute.sockets[0].getsockname()[1]}")
        async with asyncio.timeout(5), aclosing(events.listen(STREAMER)) as heard:
            assert isinstance(await anext(heard), Deaf)
        mute.close()


@pytest.mark.parametrize("error", [TwitchUnavailable("down"), StoreUnavailable("down")])
async def test_subscribing_that_fails_is_tried_again(error: Exception) -> None:
    async with scripted(says(welcome())) as listener:
        listener.subscription_errors = [error]
        assert await listener.hears(2) == [Deaf(STREAMER, "down"), Listening(STREAMER)]


async def test_a_rate_limit_is_waited_for() -> None:
    async with scripted(says(welcome())) as listener:
        listener.subscription_errors = [RateLimited("slow", timedelta(seconds=45))]
        await listener.hears(2)
    assert listener.pauses == [45]


async def test_a_dead_token_ends_it_and_closes_the_connection() -> None:
    async with scripted(says(welcome())) as listener:
        listener.subscription_errors = [Unauthorized("dead")]
        with pytest.raises(Unauthorized):
            await listener.hears(1)
        await until(lambda: not listener.server.open)


def revocation(status: str) -> str:
    return frame("revocation", {"subscription": {"status": status, "condition": {"broadcaster_user_id": STREAMER}}})


async def test_a_revoked_authorization_ends_it_where_the_token_is_dead() -> None:
    async with scripted(says(welcome(), revocation("authorization_revoked"))) as listener:
        listener.validation_error = Unauthorized("dead")
        async with aclosing(listener.socket().listen(STREAMER)) as heard:
            assert await anext(heard) == Listening(STREAMER)
            assert await anext(heard) == Revoked(STREAMER, "authorization_revoked")
            with pytest.raises(Unauthorized):
                await anext(heard)


async def test_a_revocation_with_a_living_token_subscribes_anew() -> None:
    async with scripted(says(welcome(), revocation("version_removed")), says(welcome("S2"))) as listener:
        events = await listener.hears(4)
    assert ids(events) == ["Listening", "Revoked", "Deaf", "Listening"]
    assert listener.subscribed == ["S1", "S2"]


@pytest.mark.parametrize("moving", [False, True])
async def test_closing_and_cancelling_close_the_connection(moving: bool) -> None:
    async with scripted(stay) as listener:
        scripts: list[Script] = [moves(lambda: listener.server.url), stay] if moving else [says(welcome())]
        listener.server.scripts[:0] = scripts * 2
        connections = 2 if moving else 1

        events = listener.socket().listen(STREAMER)
        assert await anext(events) == Listening(STREAMER)
        waiting = asyncio.ensure_future(anext(events))
        await until(lambda: len(listener.server.open) == connections)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        await until(lambda: not listener.server.open)

        events = listener.socket().listen(STREAMER)
        assert await anext(events) == Listening(STREAMER)
        await events.aclose()
        await until(lambda: not listener.server.open)


@pytest.mark.parametrize(
    "status", ["user_removed", "version_removed", "notification_failures_exceeded", "moderator_removed"]
)
async def test_subscriptions_taken_back_again_and_again_are_not_made_ever_faster(status: str) -> None:
    async def script(socket: ServerConnection) -> None:
        await says(welcome(), revocation(status))(socket)

    async with scripted(script) as listener:
        events = await listener.hears(3 * 6)
    assert ids(events) == ["Listening", "Revoked", "Deaf"] * 6
    assert listener.pauses == [2, 4, 8, 16, 30]


async def test_a_revocation_that_cannot_be_read_is_one_all_the_same() -> None:
    bad = frame("revocation", {"subscription": {"status": "authorization_revoked"}})
    async with scripted(says(welcome(), bad), says(welcome("S2"))) as listener:
        assert ids(await listener.hears(3)) == ["Listening", "Deaf", "Listening"]


async def test_a_revocation_is_looked_into_again_where_twitch_does_not_answer() -> None:
    async with scripted(says(welcome(), revocation("authorization_revoked")), says(welcome("S2"))) as listener:
        listener.validation_error = TwitchUnavailable("down")
        events = await listener.hears(4)
    assert events[2:] == [Deaf(STREAMER, "down"), Listening(STREAMER)]


async def test_the_whole_client_makes_its_subscriptions(twitch: ScriptedTwitch) -> None:
    name = "POST /helix/eventsub/subscriptions"
    twitch.answers(name, refusal(409, "subscription already exists"), httpx.Response(202, json={"data": []}))
    async with scripted(
        says(welcome("S1"), notification(MODERATOR_ADD, {"user_id": "7", "broadcaster_user_id": STREAMER}))
    ) as listener:
        client = twitch.client(signed_in(), eventsub_ws_url=listener.server.url)
        async with aclosing(client.events(STREAMER)) as events:
            assert await anext(events) == Listening(STREAMER)
            assert await anext(events) == VipHint(STREAMER, "7")
        await client.aclose()
    assert sorted(call.body["type"] for call in twitch.called(name)) == sorted(TYPES)
    assert twitch.calls[0].body == {
        "type": TYPES[0],
        "version": "1",
        "condition": {"broadcaster_user_id": STREAMER},
        "transport": {"method": "websocket", "session_id": "S1"},
    }


@pytest.mark.parametrize("status", [401, 403])
async def test_subscriptions_that_are_not_allowed_ask_for_a_new_sign_in(twitch: ScriptedTwitch, status: int) -> None:
    store = signed_in()
    twitch.answers("POST /helix/eventsub/subscriptions", refusal(status, "subscription missing proper authorization"))
    twitch.answers("POST /oauth2/token", refusal(400, "Invalid refresh token"))
    async with scripted(says(welcome())) as listener:
        client = twitch.client(store, eventsub_ws_url=listener.server.url)
        with pytest.raises(Unauthorized):
            await anext(client.events(STREAMER))
        await client.aclose()
    assert store.account().reconnect


SUBSCRIPTIONS = "POST /helix/eventsub/subscriptions"
MADE = httpx.Response(202, json={"data": []})
GONE = refusal(400, "websocket transport session does not exist or has already disconnected")


async def first_events(twitch: ScriptedTwitch, count: int, store: FakeStore | None = None) -> list[str]:
    """What the whole client tells, while each connection is welcomed and then left alone."""
    async with scripted(says(welcome())) as listener:
        client = twitch.client(
            store or signed_in(), eventsub_ws_url=listener.server.url, backoff=Backoff(sleep=listener.sleep)
        )
        async with asyncio.timeout(10), aclosing(client.events(STREAMER)) as events:
            heard = [await anext(events) for _ in range(count)]
        await client.aclose()
    return [type(event).__name__ for event in heard]


def refusing(kinds: tuple[str, ...], answer: httpx.Response) -> Callable[[Call], Answer]:
    return lambda call: answer if call.body["type"] in kinds else MADE


async def test_a_type_that_twitch_has_done_away_with_is_done_without(twitch: ScriptedTwitch) -> None:
    twitch.answers(SUBSCRIPTIONS, refusing((VIP_ADD, MODERATOR_ADD), refusal(400, "invalid subscription type")))
    assert await first_events(twitch, 1) == ["Listening"]
    assert len(twitch.called(SUBSCRIPTIONS)) == len(TYPES)


@pytest.mark.parametrize(
    ("kinds", "answer"),
    [
        ((REDEMPTION_ADD,), refusal(400, "invalid subscription type and version")),
        (TYPES, GONE),
        ((VIP_ADD,), refusal(429, "number of websocket transports limit exceeded")),
        (TYPES, refusal(429, "number of websocket transports limit exceeded")),
        ((VIP_REMOVE,), refusal(500)),
    ],
)
async def test_what_must_be_subscribed_and_is_not_is_tried_again_on_a_new_socket(
    twitch: ScriptedTwitch, kinds: tuple[str, ...], answer: httpx.Response
) -> None:
    refused = refusing(kinds, answer)
    twitch.answers(SUBSCRIPTIONS, *[refused] * (2 * len(TYPES)), MADE)
    assert await first_events(twitch, 3) == ["Deaf", "Deaf", "Listening"]


async def test_a_token_that_dies_between_the_welcome_and_the_subscriptions_is_refreshed_once(
    twitch: ScriptedTwitch,
) -> None:
    store = signed_in()
    twitch.answers("POST /oauth2/token", token_reply("access-2"))
    twitch.answers(
        SUBSCRIPTIONS, lambda call: MADE if call.token == "access-2" else refusal(401, "Invalid OAuth token")
    )
    assert await first_events(twitch, 1, store) == ["Listening"]
    assert len(twitch.called("POST /oauth2/token")) == 1
    assert not store.account().reconnect


async def test_an_expired_token_is_refreshed_before_the_subscriptions(twitch: ScriptedTwitch) -> None:
    twitch.answers("POST /oauth2/token", token_reply("access-2"))
    twitch.answers(SUBSCRIPTIONS, MADE)
    expired = signed_in(pair(life=timedelta(seconds=30)))
    assert await first_events(twitch, 1, expired) == ["Listening"]
    assert {call.token for call in twitch.called(SUBSCRIPTIONS)} == {"access-2"}


@pytest.mark.parametrize(
    ("answers", "pauses"), [([None, None, "sub"], [CHAT_AGAIN] * 2), (["sub"], []), (["", "too often"], [])]
)
async def test_chat_is_asked_for_again_where_twitch_was_in_trouble_and_not_where_it_said_no(
    answers: list[str | None], pauses: list[float]
) -> None:
    asked = 0

    async def wanted(_: str) -> bool:
        return True

    async def hear(*_: str) -> str | None:
        nonlocal asked
        asked += 1
        return answers[asked - 1]

    async def leave(*_: str) -> None:
        raise AssertionError("nobody has turned it off")

    async with scripted(says(welcome())) as listener:
        socket = EventSocket(
            f"{listener.server.url}/ws",
            subscribe=listener.subscribe,
            validate=listener.validate,
            chat=ChatHearing(wanted, hear, leave),
            backoff=Backoff(sleep=listener.sleep),
        )
        async with asyncio.timeout(10), aclosing(socket.listen(STREAMER)) as events:
            assert await anext(events) == Listening(STREAMER)
            for _ in range(20):
                socket.hear_chat(STREAMER)
                await asyncio.sleep(0)
    assert asked == len(pauses) + 1
    assert listener.pauses == pauses
