"""Speaking in chat, and what a missing permission for that does to all else: nothing."""

from dataclasses import replace

import httpx
import pytest

from tests.twitch.fakes import (
    STREAMER,
    FakeStore,
    ScriptedTwitch,
    ok,
    pair,
    refusal,
    signed_in,
    token_reply,
    validated,
)
from vip_manager.domain.account import CHANNEL_SCOPES
from vip_manager.domain.chat import WRITE
from vip_manager.ports import (
    ChatNotAllowed,
    NotSaid,
    RateLimited,
    Rejected,
    TwitchError,
    TwitchUnavailable,
    Unauthorized,
)
from vip_manager.twitch.tokens import KNOWN_FOR

SAY = "POST /helix/chat/messages"
REFRESH, VALIDATE = "POST /oauth2/token", "GET /oauth2/validate"
SENT = ok({"message_id": "m1", "is_sent": True, "drop_reason": None})
SCOPES = sorted(CHANNEL_SCOPES | WRITE)


@pytest.fixture
def store() -> FakeStore:
    return signed_in(replace(pair(), scopes=CHANNEL_SCOPES | WRITE))


async def test_a_message_is_said_as_the_broadcaster(store: FakeStore, twitch: ScriptedTwitch) -> None:
    twitch.answers(SAY, SENT)
    client = twitch.client(store)
    await client.say(STREAMER, "Hello")
    await client.say(STREAMER, "You too", "m0")
    assert [call.body for call in twitch.called(SAY)] == [
        {"broadcaster_id": STREAMER, "sender_id": STREAMER, "message": "Hello"},
        {"broadcaster_id": STREAMER, "sender_id": STREAMER, "message": "You too", "reply_parent_message_id": "m0"},
    ]


@pytest.mark.parametrize(
    "answer",
    [
        ok({"message_id": "m1", "is_sent": False, "drop_reason": {"code": "msg_duplicate", "message": "no"}}),
        ok({"message_id": "m1", "is_sent": False, "drop_reason": None}),
        ok({"message_id": "m1"}),
        ok(),
    ],
)
async def test_a_200_does_not_mean_that_it_was_said(
    store: FakeStore, twitch: ScriptedTwitch, answer: httpx.Response
) -> None:
    twitch.answers(SAY, answer)
    with pytest.raises(NotSaid):
        await twitch.client(store).say(STREAMER, "Hello")


@pytest.mark.parametrize(
    ("status", "error"),
    [(400, Rejected), (403, Rejected), (422, Rejected), (429, RateLimited), (500, TwitchUnavailable)],
)
async def test_other_refusals_touch_neither_token_nor_account(
    store: FakeStore, twitch: ScriptedTwitch, status: int, error: type[TwitchError]
) -> None:
    twitch.answers(SAY, refusal(status))
    with pytest.raises(error):
        await twitch.client(store).say(STREAMER, "Hello")
    assert [call.name for call in twitch.calls] == [SAY]
    assert store.commits == []


async def test_a_missing_scope_refreshes_nothing_and_leaves_the_channel_connected(
    store: FakeStore, twitch: ScriptedTwitch
) -> None:
    twitch.answers(SAY, refusal(401, "Missing scope: user:write:chat"))
    client = twitch.client(store)
    for _ in range(3):
        with pytest.raises(ChatNotAllowed):
            await client.say(STREAMER, "Hello")
    assert [call.name for call in twitch.calls] == [SAY] * 3
    assert store.account().may_manage
    assert store.commits == []


async def test_a_401_in_other_words_is_found_out_about_and_marks_nobody_either(
    store: FakeStore, twitch: ScriptedTwitch
) -> None:
    twitch.answers(SAY, refusal(401, "The ID in sender_id must match"))
    twitch.answers(VALIDATE, validated())
    with pytest.raises(ChatNotAllowed):
        await twitch.client(store).say(STREAMER, "Hello")
    assert twitch.called(REFRESH) == []
    assert store.account().may_manage


async def test_a_dead_token_is_refreshed_once_and_the_message_is_said(store: FakeStore, twitch: ScriptedTwitch) -> None:
    twitch.answers(SAY, refusal(401, "Invalid OAuth token"), SENT)
    twitch.answers(VALIDATE, refusal(401, "invalid access token"), validated(scopes=SCOPES))
    twitch.answers(REFRESH, token_reply(scope=SCOPES))
    await twitch.client(store).say(STREAMER, "Hello")
    assert [call.token for call in twitch.called(SAY)] == ["access-1", "access-2"]
    assert store.account().may_manage


async def test_a_dead_grant_is_told_as_everywhere(store: FakeStore, twitch: ScriptedTwitch) -> None:
    twitch.answers(SAY, refusal(401, "Invalid OAuth token"))
    twitch.answers(VALIDATE, refusal(401, "invalid access token"))
    twitch.answers(REFRESH, refusal(400, "Invalid refresh token"))
    with pytest.raises(Unauthorized):
        await twitch.client(store).say(STREAMER, "Hello")
    assert store.account().reconnect


async def test_a_token_that_was_read_before_a_new_sign_in_is_not_what_counts(
    store: FakeStore, twitch: ScriptedTwitch
) -> None:
    """Read a moment ago, where reading costs; by now the streamer has allowed chat."""
    twitch.answers(SAY, SENT)
    client = twitch.client(store)
    client._tokens._known_for = KNOWN_FOR
    await client._tokens.access_token(STREAMER)
    store.accounts.rows[STREAMER] = replace(store.account(), tokens=pair("access-9"))
    await client.say(STREAMER, "Hello")
    assert [call.token for call in twitch.called(SAY)] == ["access-9"]
