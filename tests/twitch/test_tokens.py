"""Tokens: fresh, refreshed once however many ask, saved before they are used, given up only when they are dead."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from tests.twitch.fakes import (
    NOON,
    STREAMER,
    Call,
    FakeClock,
    FakeStore,
    ScriptedTwitch,
    pair,
    refusal,
    signed_in,
    token_reply,
    validated,
)
from vip_manager.domain.account import Account
from vip_manager.ports import RateLimited, TwitchUnavailable, Unauthorized
from vip_manager.twitch.http import Http
from vip_manager.twitch.oauth import OAuth
from vip_manager.twitch.tokens import KNOWN_FOR, TokenKeeper

TOKEN = "POST /oauth2/token"


class Announced(list[str]):
    async def __call__(self, user_id: str) -> None:
        self.append(user_id)


@pytest.fixture
def announced() -> Announced:
    return Announced()


@pytest.fixture
async def keeper(
    twitch: ScriptedTwitch, store: FakeStore, clock: FakeClock, announced: Announced
) -> AsyncIterator[TokenKeeper]:
    http = Http(clock, transport=httpx.MockTransport(twitch.handle))
    oauth = OAuth(http, clock, client_id="i", client_secret="s", auth_url="https://a.example/oauth2", authorize_url="")
    keeper = TokenKeeper(oauth, store.as_store(), clock, announced)
    yield keeper
    await keeper.aclose()
    await http.aclose()


async def test_a_good_token_is_used_as_it_is(keeper: TokenKeeper, twitch: ScriptedTwitch, clock: FakeClock) -> None:
    clock.moment = NOON + timedelta(hours=4) - timedelta(seconds=61)
    assert await keeper.access_token(STREAMER) == "access-1"
    assert twitch.calls == []


async def test_a_token_in_its_last_minute_is_renewed(
    keeper: TokenKeeper, twitch: ScriptedTwitch, store: FakeStore, clock: FakeClock
) -> None:
    clock.moment = NOON + timedelta(hours=4) - timedelta(seconds=60)
    twitch.answers(TOKEN, token_reply())
    assert await keeper.access_token(STREAMER) == "access-2"
    assert twitch.calls[0].form["refresh_token"] == "refresh-1"
    assert store.account().tokens == replace(
        pair("access-2", "refresh-2"), expires_at=clock.moment + timedelta(hours=4)
    )


async def test_twenty_callers_share_one_refresh(keeper: TokenKeeper, twitch: ScriptedTwitch, store: FakeStore) -> None:
    twitch.answers(TOKEN, token_reply())
    tokens = await asyncio.gather(*(keeper.refreshed(STREAMER, "access-1") for _ in range(20)))
    assert tokens == ["access-2"] * 20
    assert len(twitch.calls) == 1
    assert len(store.commits) == 1
    assert await keeper.refreshed(STREAMER, "access-1") == "access-2"
    assert len(twitch.calls) == 1


async def test_the_new_pair_is_saved_before_anybody_gets_it(
    keeper: TokenKeeper, twitch: ScriptedTwitch, store: FakeStore
) -> None:
    twitch.answers(TOKEN, token_reply())
    asking = asyncio.create_task(keeper.refreshed(STREAMER, "access-1"))
    saved_first: list[bool] = []
    store.before_commit = lambda _: saved_first.append(not asking.done())
    await asking
    assert saved_first == [True]


async def test_a_caller_that_gives_up_does_not_lose_the_answer(
    keeper: TokenKeeper, twitch: ScriptedTwitch, store: FakeStore
) -> None:
    twitch.gate = asyncio.Event()
    twitch.answers(TOKEN, token_reply())
    asking = asyncio.create_task(keeper.refreshed(STREAMER, "access-1"))
    while not twitch.calls:
        await asyncio.sleep(0)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    twitch.gate.set()
    await keeper.aclose()
    assert store.account().tokens == pair("access-2", "refresh-2")


@pytest.mark.parametrize("status", [400, 401])
async def test_a_dead_refresh_token_asks_for_a_new_sign_in(
    keeper: TokenKeeper, twitch: ScriptedTwitch, store: FakeStore, announced: Announced, status: int
) -> None:
    twitch.answers(TOKEN, refusal(status, "Invalid refresh token"))
    results = await asyncio.gather(*(keeper.refreshed(STREAMER, "access-1") for _ in range(5)), return_exceptions=True)
    assert all(isinstance(result, Unauthorized) for result in results)
    assert store.account().tokens is None
    assert store.account().reconnect
    assert announced == [STREAMER]
    assert len(twitch.calls) == 1
    with pytest.raises(Unauthorized):
        await keeper.access_token(STREAMER)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (httpx.ReadTimeout("late"), TwitchUnavailable),
        (httpx.Response(503), TwitchUnavailable),
        (httpx.Response(200, content=b"?"), TwitchUnavailable),
        (refusal(429), RateLimited),
        (refusal(403, "invalid client secret"), TwitchUnavailable),
        (refusal(400, "invalid client"), TwitchUnavailable),
        (refusal(400, "missing client secret"), TwitchUnavailable),
    ],
)
async def test_a_refresh_that_got_no_verdict_leaves_the_account_alone(
    keeper: TokenKeeper,
    twitch: ScriptedTwitch,
    store: FakeStore,
    answer: httpx.Response | Exception,
    error: type[Exception],
) -> None:
    twitch.answers(TOKEN, answer, token_reply())
    before = store.account()
    with pytest.raises(error):
        await keeper.refreshed(STREAMER, "access-1")
    assert store.account() == before
    assert await keeper.refreshed(STREAMER, "access-1") == "access-2"


async def test_a_refusal_after_somebody_else_refreshed_uses_theirs(
    keeper: TokenKeeper, twitch: ScriptedTwitch, store: FakeStore, announced: Announced
) -> None:
    def answer(_: Call) -> httpx.Response:
        store.put(replace(store.account(), tokens=pair("access-7", "refresh-7")))
        return refusal(400, "Invalid refresh token")

    twitch.answers(TOKEN, answer)
    assert await keeper.refreshed(STREAMER, "access-1") == "access-7"
    assert not store.account().reconnect
    assert announced == []


async def test_a_conflict_uses_what_somebody_else_saved(
    keeper: TokenKeeper, twitch: ScriptedTwitch, store: FakeStore
) -> None:
    store.before_commit = lambda _: store.put(replace(store.account(), tokens=pair("access-7", "refresh-7")))
    twitch.answers(TOKEN, token_reply())
    assert await keeper.refreshed(STREAMER, "access-1") == "access-7"


async def test_a_conflict_over_something_else_does_not_lose_the_new_pair(
    keeper: TokenKeeper, twitch: ScriptedTwitch, store: FakeStore
) -> None:
    store.before_commit = lambda _: store.put(replace(store.account(), username="Renamed"))
    twitch.answers(TOKEN, token_reply())
    assert await keeper.refreshed(STREAMER, "access-1") == "access-2"
    assert store.account().tokens == pair("access-2", "refresh-2")
    assert store.account().username == "Renamed"
    assert len(twitch.calls) == 1


async def test_a_reply_without_a_refresh_token_or_scopes_keeps_the_old_ones(
    keeper: TokenKeeper, twitch: ScriptedTwitch, store: FakeStore
) -> None:
    twitch.answers(TOKEN, httpx.Response(200, json={"access_token": "access-2", "token_type": "bearer"}))
    assert await keeper.refreshed(STREAMER, "access-1") == "access-2"
    assert store.account().tokens == pair("access-2", "refresh-1", timedelta(hours=1))


async def test_nobody_and_somebody_without_tokens_must_sign_in(keeper: TokenKeeper, store: FakeStore) -> None:
    store.put(Account("3003", "viewer", "Viewer"))
    for user_id in ("3003", "4004"):
        with pytest.raises(Unauthorized, match="sign in"):
            await keeper.access_token(user_id)


async def test_a_listener_that_fails_does_not_hide_the_dead_token(
    twitch: ScriptedTwitch, clock: FakeClock, store: FakeStore
) -> None:
    async def fails(_: str) -> None:
        raise RuntimeError("the listener is broken")

    client = twitch.client(store, clock, on_reconnect_needed=fails)
    twitch.answers(TOKEN, refusal(400))
    twitch.answers("GET /oauth2/validate", refusal(401))
    with pytest.raises(Unauthorized):
        await client.validate(STREAMER)
    assert store.account().reconnect
    await client.aclose()


async def test_an_older_refresh_is_not_taken_for_a_newer_one(twitch: ScriptedTwitch, clock: FakeClock) -> None:
    store = signed_in()
    http = Http(clock, transport=httpx.MockTransport(twitch.handle))
    oauth = OAuth(http, clock, client_id="i", client_secret="s", auth_url="https://a.example/oauth2", authorize_url="")
    keeper = TokenKeeper(oauth, store.as_store(), clock)
    twitch.answers(TOKEN, token_reply(), token_reply("access-3", "refresh-3"))
    first = asyncio.create_task(keeper.refreshed(STREAMER, "access-1"))
    await asyncio.sleep(0)
    # Joins the refresh of access-1, whose outcome is the very token that is dead by now.
    assert await keeper.refreshed(STREAMER, "access-2") == "access-3"
    assert await first == "access-2"
    await http.aclose()


@pytest.fixture
async def remembering(twitch: ScriptedTwitch, store: FakeStore, clock: FakeClock) -> AsyncIterator[TokenKeeper]:
    """As where each read costs something."""
    http = Http(clock, transport=httpx.MockTransport(twitch.handle))
    oauth = OAuth(http, clock, client_id="i", client_secret="s", auth_url="https://a.example/oauth2", authorize_url="")
    yield TokenKeeper(oauth, store.as_store(), clock, known_for=KNOWN_FOR)
    await http.aclose()


async def test_a_token_that_was_just_read_is_not_read_again_but_for_what_its_scopes_decide(
    remembering: TokenKeeper, twitch: ScriptedTwitch, store: FakeStore
) -> None:
    assert await remembering.access_token(STREAMER) == "access-1"
    account = store.account()
    fresh = replace(account, tokens=pair("access-2", "refresh-2"))
    await store.as_store().commit(fresh)
    assert await remembering.access_token(STREAMER) == "access-1"
    twitch.answers("GET /oauth2/validate", validated(client_id="i"))
    await remembering.validate(STREAMER)
    assert twitch.calls[-1].headers["authorization"] == "OAuth access-2"
    assert await remembering.access_token(STREAMER) == "access-2"


async def test_of_many_tokens_only_those_that_were_just_read_are_kept(
    remembering: TokenKeeper, store: FakeStore, clock: FakeClock
) -> None:
    for number in range(20):
        store.accounts.rows[str(number)] = replace(store.account(), id=str(number))
        await remembering.access_token(str(number))
        clock.moment += timedelta(seconds=1)
    assert list(remembering._known) == [str(number) for number in range(15, 20)]


class TestWhereReadingCosts:
    @pytest.fixture
    def keeper(self, keeper: TokenKeeper) -> TokenKeeper:
        keeper._known_for = KNOWN_FOR
        return keeper

    async def test_a_token_is_read_once_for_what_belongs_together(
        self, keeper: TokenKeeper, store: FakeStore, clock: FakeClock
    ) -> None:
        assert await keeper.access_token(STREAMER) == "access-1"
        store.accounts.rows[STREAMER] = replace(store.account(), tokens=pair("access-9", "refresh-9"))
        clock.moment += KNOWN_FOR - timedelta(microseconds=1)
        assert await keeper.access_token(STREAMER) == "access-1"
        clock.moment += timedelta(microseconds=1)
        assert await keeper.access_token(STREAMER) == "access-9"

    async def test_a_clock_that_was_set_back_makes_nothing_last(
        self, keeper: TokenKeeper, store: FakeStore, clock: FakeClock
    ) -> None:
        await keeper.access_token(STREAMER)
        store.accounts.rows[STREAMER] = replace(store.account(), tokens=pair("access-9", "refresh-9"))
        clock.moment -= timedelta(seconds=1)
        assert await keeper.access_token(STREAMER) == "access-9"

    async def test_one_that_was_refused_is_read_again(self, keeper: TokenKeeper, store: FakeStore) -> None:
        await keeper.access_token(STREAMER)
        store.accounts.rows[STREAMER] = replace(store.account(), tokens=pair("access-9", "refresh-9"))
        assert await keeper.refreshed(STREAMER, "access-1") == "access-9"
        assert await keeper.access_token(STREAMER) == "access-9"
        store.accounts.rows[STREAMER] = replace(store.account(), tokens=None)
        assert keeper.doubted(STREAMER)
        with pytest.raises(Unauthorized):
            await keeper.access_token(STREAMER)

    async def test_whoever_signs_in_is_read_each_time_for_a_while(
        self, keeper: TokenKeeper, store: FakeStore, clock: FakeClock
    ) -> None:
        assert not keeper.doubted(STREAMER)
        assert await keeper.access_token(STREAMER) == "access-1"
        store.accounts.rows[STREAMER] = replace(store.account(), tokens=pair("access-9", "refresh-9"))
        assert await keeper.access_token(STREAMER) == "access-9"
        assert not keeper.doubted(STREAMER), "nothing was kept"
        clock.moment += KNOWN_FOR
        assert await keeper.access_token(STREAMER) == "access-9"
        assert keeper.doubted(STREAMER)

    async def test_after_a_refresh_the_new_one_is_used(
        self, keeper: TokenKeeper, twitch: ScriptedTwitch, store: FakeStore
    ) -> None:
        await keeper.access_token(STREAMER)
        twitch.answers(TOKEN, token_reply())
        await keeper.refreshed(STREAMER, "access-1")
        assert await keeper.access_token(STREAMER) == "access-2"
