"""The sign-in's calls: what is sent, what comes back, what a refusal means."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.twitch.fakes import (
    CLIENT_ID,
    CLIENT_SECRET,
    NOON,
    STREAMER,
    FakeStore,
    ScriptedTwitch,
    refusal,
    token_reply,
    validated,
)
from vip_manager.domain.account import CHANNEL_SCOPES
from vip_manager.ports import Identity, Rejected, TwitchUnavailable, Unauthorized
from vip_manager.twitch.client import TwitchClient

REDIRECT = "http://localhost:3000/api/auth/callback"
TOKEN = "POST /oauth2/token"
VALIDATE = "GET /oauth2/validate"
REVOKE = "POST /oauth2/revoke"


@pytest.mark.parametrize("scopes", [frozenset(), CHANNEL_SCOPES])
def test_the_address_to_sign_in(client: TwitchClient, scopes: frozenset[str]) -> None:
    url = urlsplit(client.authorize_url(state="a state+/", scopes=scopes, redirect_uri=REDIRECT))
    assert f"{url.scheme}://{url.netloc}{url.path}" == "https://auth.example/oauth2/authorize"
    assert parse_qs(url.query, keep_blank_values=True) == {
        "response_type": ["code"],
        "client_id": [CLIENT_ID],
        "redirect_uri": [REDIRECT],
        "scope": [" ".join(sorted(scopes))],
        "state": ["a state+/"],
    }


async def test_a_code_becomes_tokens(client: TwitchClient, twitch: ScriptedTwitch) -> None:
    twitch.answers(TOKEN, token_reply())
    tokens = await client.exchange_code("co de+/&=%é", REDIRECT)
    assert (tokens.access_token, tokens.refresh_token) == ("access-2", "refresh-2")
    assert tokens.expires_at == NOON + timedelta(hours=4)
    assert tokens.scopes == CHANNEL_SCOPES
    assert twitch.calls[0].form == {
        "grant_type": "authorization_code",
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "code": "co de+/&=%é",
        "redirect_uri": REDIRECT,
    }
    assert twitch.calls[0].query == []


@pytest.mark.parametrize(
    ("scope", "scopes"),
    [("a:b c:d", {"a:b", "c:d"}), (["a:b"], {"a:b"}), ([], set()), ([""], set()), ("", set()), (None, set())],
)
async def test_scopes_come_as_a_list_or_a_text(
    client: TwitchClient, twitch: ScriptedTwitch, scope: object, scopes: set[str]
) -> None:
    twitch.answers(TOKEN, token_reply(scope=scope))
    assert (await client.exchange_code("code", REDIRECT)).scopes == scopes


@pytest.mark.parametrize("status", [400, 401, 403])
async def test_a_refused_code_is_rejected(client: TwitchClient, twitch: ScriptedTwitch, status: int) -> None:
    twitch.answers(TOKEN, refusal(status, "Invalid authorization code"))
    with pytest.raises(Rejected, match="Invalid authorization code"):
        await client.exchange_code("code", REDIRECT)


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(500),
        httpx.Response(302),
        httpx.ReadTimeout("late"),
        httpx.Response(200, content=b"<html>"),
        httpx.Response(200, json={"access_token": "only"}),
        token_reply(access=""),
        token_reply(scope={"a": 1}),
        token_reply(expires_in="long"),
        token_reply(expires_in=1e300),
    ],
)
async def test_a_sign_in_without_an_answer(
    client: TwitchClient, twitch: ScriptedTwitch, answer: httpx.Response | Exception
) -> None:
    twitch.answers(TOKEN, answer)
    with pytest.raises(TwitchUnavailable):
        await client.exchange_code("code", REDIRECT)


async def test_whose_token_it_is(client: TwitchClient, twitch: ScriptedTwitch) -> None:
    twitch.answers(VALIDATE, validated())
    assert await client.identify("access-9") == Identity(STREAMER, "streamer", CHANNEL_SCOPES)
    assert twitch.calls[0].headers["Authorization"] == "OAuth access-9"


async def test_a_dead_token_and_another_programs_are_nobodys(client: TwitchClient, twitch: ScriptedTwitch) -> None:
    twitch.answers(VALIDATE, refusal(401, "invalid access token"), validated(client_id="another"))
    for _ in range(2):
        with pytest.raises(Unauthorized):
            await client.identify("access-9")


@pytest.mark.parametrize("answer", [httpx.Response(500), httpx.Response(404), validated(user_id=None)])
async def test_a_validation_without_an_answer(
    client: TwitchClient, twitch: ScriptedTwitch, answer: httpx.Response
) -> None:
    twitch.answers(VALIDATE, answer)
    with pytest.raises(TwitchUnavailable):
        await client.identify("access-9")


async def test_revoking(client: TwitchClient, twitch: ScriptedTwitch) -> None:
    twitch.answers(REVOKE, httpx.Response(200), refusal(400, "Invalid token"), refusal(404, "client does not exist"))
    await client.revoke("access-9")
    await client.revoke("access-9")
    with pytest.raises(TwitchUnavailable):
        await client.revoke("access-9")
    assert twitch.calls[0].form == {"client_id": CLIENT_ID, "token": "access-9"}


async def test_validating_is_noted(client: TwitchClient, twitch: ScriptedTwitch, store: FakeStore) -> None:
    twitch.answers(VALIDATE, validated())
    assert (await client.validate(STREAMER)).user_id == STREAMER
    assert store.account().validated_at == NOON


async def test_validating_a_dead_token_refreshes_it_once(
    client: TwitchClient, twitch: ScriptedTwitch, store: FakeStore
) -> None:
    twitch.answers(VALIDATE, refusal(401), validated())
    twitch.answers(TOKEN, token_reply())
    await client.validate(STREAMER)
    assert [call.token for call in twitch.called(VALIDATE)] == ["access-1", "access-2"]
    assert store.account().validated_at == NOON


@pytest.mark.parametrize("answers", [[refusal(401)], [validated(user_id="4711")]])
async def test_a_token_that_stays_dead_is_thrown_away(
    client: TwitchClient, twitch: ScriptedTwitch, store: FakeStore, answers: list[httpx.Response]
) -> None:
    twitch.answers(VALIDATE, *answers)
    twitch.answers(TOKEN, token_reply())
    with pytest.raises(Unauthorized):
        await client.validate(STREAMER)
    assert store.account().reconnect
    assert store.account().tokens is None


async def test_validating_gives_way_to_another_change(
    client: TwitchClient, twitch: ScriptedTwitch, store: FakeStore
) -> None:
    store.before_commit = lambda _: store.put(store.account())
    twitch.answers(VALIDATE, validated())
    await client.validate(STREAMER)
    assert store.account().validated_at is None
