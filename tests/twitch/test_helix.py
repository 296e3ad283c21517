"""What every answer of Twitch means, call by call."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from tests.twitch.fakes import (
    CLIENT_ID,
    NOON,
    STREAMER,
    VIEWER,
    FakeClock,
    FakeStore,
    ScriptedTwitch,
    ok,
    pair,
    redemption_item,
    refusal,
    reward_item,
    token_reply,
    validated,
)
from vip_manager import ports
from vip_manager.ports import RateLimited, Twitch, TwitchError, TwitchStatus, TwitchUnavailable, Unauthorized
from vip_manager.twitch.client import TwitchClient
from vip_manager.twitch.http import Timeouts
from vip_manager.twitch.pace import Pace
from vip_manager.twitch.tokens import KNOWN_FOR

VIPS = "/helix/channels/vips"
REWARDS = "/helix/channel_points/custom_rewards"
REDEMPTIONS = "/helix/channel_points/custom_rewards/redemptions"


async def _all_redemptions(client: TwitchClient) -> None:
    async for _ in client.redemptions(STREAMER, "reward-1", TwitchStatus.UNFULFILLED):
        pass


CALLS: dict[str, tuple[str, Callable[[TwitchClient], Awaitable[object]]]] = {
    "add": (f"POST {VIPS}", lambda c: c.add_vip(STREAMER, VIEWER)),
    "remove": (f"DELETE {VIPS}", lambda c: c.remove_vip(STREAMER, VIEWER)),
    "vips": (f"GET {VIPS}", lambda c: c.vips(STREAMER)),
    "moderators": ("GET /helix/moderation/moderators", lambda c: c.moderators(STREAMER)),
    "streams": ("GET /helix/streams", lambda c: c.live_since(STREAMER)),
    "users": ("GET /helix/users", lambda c: c.users(STREAMER, ids=[VIEWER])),
    "rewards": (f"GET {REWARDS}", lambda c: c.rewards(STREAMER)),
    "reward": (f"GET {REWARDS}", lambda c: c.reward(STREAMER, "reward-1")),
    "create": (f"POST {REWARDS}", lambda c: c.create_reward(STREAMER, "VIP", 5000, "")),
    "update": (f"PATCH {REWARDS}", lambda c: c.update_reward(STREAMER, "reward-1", paused=True)),
    "redemptions": (f"GET {REDEMPTIONS}", _all_redemptions),
    "redemption": (f"GET {REDEMPTIONS}", lambda c: c.redemption(STREAMER, "reward-1", "redemption-1")),
    "settle": (
        f"PATCH {REDEMPTIONS}",
        lambda c: c.settle(STREAMER, "reward-1", "redemption-1", TwitchStatus.CANCELED),
    ),
}

COMMON: list[tuple[int, str, type[TwitchError]]] = [
    (302, "", TwitchUnavailable),
    (408, "", TwitchUnavailable),
    (429, "", RateLimited),
    (500, "", TwitchUnavailable),
    (502, "", TwitchUnavailable),
    (503, "", TwitchUnavailable),
]

REFUSALS: dict[str, list[tuple[int, str, type[TwitchError]]]] = {
    "add": [
        (400, "", ports.CannotBeVip),
        (403, "", ports.NotOurs),
        (404, "", ports.NotFound),
        (409, "", ports.NoVipSlot),
        (422, "", ports.AlreadyVipOrModerator),
        (425, "", ports.NoVipFeature),
    ],
    "remove": [(400, "", ports.Rejected), (403, "", ports.NotOurs), (404, "", ports.NotFound), (422, "", ports.NotVip)],
    "vips": [(400, "", ports.Rejected)],
    "moderators": [(400, "", ports.Rejected)],
    "streams": [(400, "", ports.Rejected)],
    "users": [(400, "", ports.Rejected)],
    "rewards": [
        (403, "", ports.ChannelPointsUnavailable),
        (400, "", ports.Rejected),
        (404, "", TwitchUnavailable),
    ],
    "reward": [(403, "", ports.ChannelPointsUnavailable), (400, "", ports.Rejected), (404, "", ports.NotFound)],
    "create": [
        (400, "CREATE_CUSTOM_REWARD_DUPLICATE_REWARD", ports.RewardTitleTaken),
        (400, "CREATE_CUSTOM_REWARD_TOO_MANY_REWARDS", ports.TooManyRewards),
        (400, "The title is too long.", ports.Rejected),
        (403, "", ports.ChannelPointsUnavailable),
    ],
    "update": [
        (400, "UPDATE_CUSTOM_REWARD_DUPLICATE_REWARD", ports.RewardTitleTaken),
        (400, "The cost is wrong.", ports.Rejected),
        (403, "", ports.NotOurs),
        (404, "", ports.NotFound),
    ],
    "redemptions": [(403, "", ports.NotOurs), (404, "", ports.NotFound), (400, "", ports.Rejected)],
    "redemption": [(403, "", ports.NotOurs), (404, "", ports.NotFound)],
    "settle": [(403, "", ports.NotOurs), (404, "", ports.NotFound), (400, "", ports.Rejected)],
}

TABLE = [(call, *row) for call in CALLS for row in [*REFUSALS[call], *COMMON]]


def test_the_client_is_the_port(client: TwitchClient) -> None:
    port: Twitch = client  # for the type checker
    assert port is client


@pytest.mark.parametrize(("call", "status", "message", "error"), TABLE)
async def test_every_status_has_its_error(
    client: TwitchClient, twitch: ScriptedTwitch, call: str, status: int, message: str, error: type[TwitchError]
) -> None:
    name, do = CALLS[call]
    twitch.answers(name, refusal(status, message))
    twitch.answers("GET /oauth2/validate", validated())

    with pytest.raises(TwitchError) as caught:
        await do(client)

    assert type(caught.value) is error or (status == 503 and isinstance(caught.value, error))
    assert caught.value.temporary is (error in (TwitchUnavailable, RateLimited))
    assert message in str(caught.value)


@pytest.mark.parametrize("call", CALLS)
async def test_a_lost_answer_is_unavailable_and_a_change_is_not_sent_twice(
    client: TwitchClient, twitch: ScriptedTwitch, call: str
) -> None:
    name, do = CALLS[call]
    for error in (httpx.ReadTimeout("late"), httpx.ConnectError("refused"), httpx.RemoteProtocolError("cut")):
        twitch.calls.clear()
        twitch.answers(name, error)
        with pytest.raises(TwitchUnavailable) as caught:
            await do(client)
        assert caught.value.temporary
        again = name.startswith("GET") and not isinstance(error, httpx.ReadTimeout)
        assert len(twitch.called(name)) == (2 if again else 1)


@pytest.mark.parametrize("call", CALLS)
async def test_a_401_is_followed_by_one_refresh_and_one_more_try(
    client: TwitchClient, twitch: ScriptedTwitch, store: FakeStore, call: str
) -> None:
    name, do = CALLS[call]
    twitch.answers("POST /oauth2/token", token_reply())
    item = redemption_item() if "redemption" in name else reward_item(user_id=VIEWER, started_at="2026-03-01T11:00:00Z")
    done = httpx.Response(204) if call in ("add", "remove") else ok(item)
    twitch.answers(name, refusal(401, "Invalid OAuth token"), done)

    await do(client)

    assert [c.token for c in twitch.called(name)] == ["access-1", "access-2"]
    assert [c.headers["Client-Id"] for c in twitch.called(name)] == [CLIENT_ID] * 2
    tokens = store.account().tokens
    assert tokens is not None
    assert (tokens.access_token, tokens.refresh_token) == ("access-2", "refresh-2")


async def test_a_missing_scope_asks_for_a_new_sign_in_and_keeps_the_tokens(
    client: TwitchClient, twitch: ScriptedTwitch, store: FakeStore
) -> None:
    twitch.answers("POST /oauth2/token", token_reply())
    twitch.answers(f"POST {VIPS}", refusal(401, "Missing scope: channel:manage:vips"))

    with pytest.raises(Unauthorized, match="Missing scope"):
        await client.add_vip(STREAMER, VIEWER)

    assert store.account().reconnect
    assert store.account().tokens is not None
    assert len(twitch.called(f"POST {VIPS}")) == 2


BROADCASTER_ONLY = ["add", "remove", "vips"]


@pytest.mark.parametrize("call", BROADCASTER_ONLY)
@pytest.mark.parametrize(
    ("validation", "tokens_stay"),
    [(validated(scopes=["moderation:read"]), True), (refusal(401, "invalid access token"), False)],
)
async def test_a_403_where_the_token_is_to_blame_asks_for_a_new_sign_in(
    client: TwitchClient,
    twitch: ScriptedTwitch,
    store: FakeStore,
    call: str,
    validation: httpx.Response,
    tokens_stay: bool,
) -> None:
    name, do = CALLS[call]
    twitch.answers(name, refusal(403, "no permission"))
    twitch.answers("GET /oauth2/validate", validation)
    twitch.answers("POST /oauth2/token", refusal(400, "Invalid refresh token"))
    with pytest.raises(Unauthorized):
        await do(client)
    assert store.account().reconnect
    assert (store.account().tokens is not None) is tokens_stay
    assert len(twitch.called(name)) == 1


@pytest.mark.parametrize("call", ["add", "remove"])
@pytest.mark.parametrize("answer", [httpx.Response(200, content=b"<html>Sign in to the Wi-Fi"), httpx.Response(202)])
async def test_only_204_says_that_a_badge_was_changed(
    client: TwitchClient, twitch: ScriptedTwitch, call: str, answer: httpx.Response
) -> None:
    name, do = CALLS[call]
    twitch.answers(name, answer)
    with pytest.raises(TwitchUnavailable):
        await do(client)


def _expired(store: FakeStore) -> None:
    store.put(replace(store.account(), tokens=pair(life=-timedelta(hours=1))))


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("when", ["never connected", "no token to be had", "refused, then no token to be had"])
async def test_what_never_came_to_the_call_itself_had_no_effect(
    client: TwitchClient, twitch: ScriptedTwitch, store: FakeStore, call: str, when: str
) -> None:
    name, do = CALLS[call]
    twitch.answers(name, httpx.ConnectError("refused") if when == "never connected" else refusal(401))
    twitch.answers("POST /oauth2/token", refusal(500))
    if when == "no token to be had":
        _expired(store)
    with pytest.raises(ports.NothingDone):
        await do(client)


@pytest.mark.parametrize("call", ["add", "remove", "settle", "create", "update"])
@pytest.mark.parametrize(
    "answer", [httpx.ReadError("cut"), httpx.ReadTimeout("late"), httpx.RemoteProtocolError("cut"), refusal(503)]
)
async def test_an_answer_lost_on_its_way_may_have_had_an_effect(
    client: TwitchClient, twitch: ScriptedTwitch, call: str, answer: httpx.Response | Exception
) -> None:
    name, do = CALLS[call]
    twitch.answers(name, answer)
    with pytest.raises(TwitchUnavailable) as caught:
        await do(client)
    assert not isinstance(caught.value, ports.NothingDone)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, 10),
        ({"Ratelimit-Reset": str(int(NOON.timestamp()) + 7)}, 7),
        ({"Ratelimit-Reset": str(int(NOON.timestamp()) - 100)}, 1),
        ({"Ratelimit-Reset": str(int(NOON.timestamp()) + 4000)}, 60),
        ({"Ratelimit-Reset": "soon"}, 10),
        ({"Ratelimit-Reset": "nan"}, 60),
        ({"Ratelimit-Reset": str(int(NOON.timestamp()) + 7), "Ratelimit-Remaining": "0"}, 7),
        ({"Ratelimit-Reset": str(int(NOON.timestamp()) + 1), "Ratelimit-Remaining": "798"}, 10),
        ({"Ratelimit-Reset": str(int(NOON.timestamp()) + 7), "Ratelimit-Remaining": "few"}, 10),
    ],
)
async def test_a_429_says_how_long_to_wait(
    client: TwitchClient, twitch: ScriptedTwitch, headers: dict[str, str], seconds: int
) -> None:
    twitch.answers(f"POST {VIPS}", refusal(429, **headers))
    with pytest.raises(RateLimited) as caught:
        await client.add_vip(STREAMER, VIEWER)
    assert caught.value.wait == timedelta(seconds=seconds)


async def test_skew_is_twitchs_date_minus_ours(client: TwitchClient, twitch: ScriptedTwitch) -> None:
    assert client.skew() is None
    twitch.answers(
        f"DELETE {VIPS}",
        httpx.Response(204, headers={"Date": "Sun, 01 Mar 2026 12:02:00 GMT"}),
        httpx.Response(204),
        httpx.Response(204, headers={"Date": "yesterday"}),
    )
    for _ in range(3):
        await client.remove_vip(STREAMER, VIEWER)
        assert client.skew() == timedelta(minutes=2)


async def test_logins_are_resolved_by_the_programs_own_token(
    client: TwitchClient, twitch: ScriptedTwitch, clock: FakeClock
) -> None:
    app_token = httpx.Response(200, json={"access_token": "app-1", "expires_in": 5000, "token_type": "bearer"})
    other = httpx.Response(200, json={"access_token": "app-2", "expires_in": 5000, "token_type": "bearer"})
    twitch.answers("POST /oauth2/token", app_token, other)
    people = ok({"id": VIEWER, "login": "viewer", "display_name": "V"})
    twitch.answers("GET /helix/users", people, refusal(401), people)

    assert await client.resolve_logins(["Viewer", "nobody"]) == {"viewer": VIEWER}
    assert await client.resolve_logins([f"user{n}" for n in range(99)]) == {"viewer": VIEWER}
    assert [call.token for call in twitch.called("GET /helix/users")] == ["app-1", "app-1", "app-2"]

    clock.moment += timedelta(hours=2)
    await client.resolve_logins(["viewer"])
    assert len(twitch.called("POST /oauth2/token")) == 3

    twitch.answers("POST /oauth2/token", refusal(403, "invalid client secret"))
    clock.moment += timedelta(hours=2)
    with pytest.raises(ports.Rejected, match="client id and secret"):
        await client.resolve_logins(["viewer"])


async def test_a_silent_twitch_is_given_up_on(twitch: ScriptedTwitch, store: FakeStore) -> None:
    async def silent(_: httpx.Request) -> httpx.Response:
        await asyncio.Event().wait()
        raise AssertionError

    client = twitch.client(store, transport=httpx.MockTransport(silent), timeouts=Timeouts(whole=0.01))
    with pytest.raises(TwitchUnavailable, match="no answer within"):
        await client.add_vip(STREAMER, VIEWER)
    await client.aclose()
    with pytest.raises(TwitchUnavailable, match="stopping"):
        await client.add_vip(STREAMER, VIEWER)


@pytest.mark.parametrize("status", [200, 401, 404])
async def test_ping_takes_any_answer(client: TwitchClient, twitch: ScriptedTwitch, status: int) -> None:
    twitch.answers("GET /helix/users", httpx.Response(status))
    await client.ping()
    assert "Authorization" not in twitch.calls[0].headers


@pytest.mark.parametrize("answer", [httpx.Response(500), httpx.ConnectError("refused")])
async def test_ping_tells_where_there_is_none(
    client: TwitchClient, twitch: ScriptedTwitch, answer: httpx.Response | Exception
) -> None:
    twitch.answers("GET /helix/users", answer)
    with pytest.raises(TwitchError):
        await client.ping()


@pytest.mark.parametrize("status", [200, 301, 401, 404, 408, 429, 500, 503])
async def test_any_answer_to_a_knock_tells_the_time(client: TwitchClient, twitch: ScriptedTwitch, status: int) -> None:
    twitch.answers("GET /helix/users", httpx.Response(status, headers={"Date": "Sun, 01 Mar 2026 12:02:00 GMT"}))
    await client.knock()
    assert client.skew() == timedelta(minutes=2)
    assert "Authorization" not in twitch.calls[0].headers


@pytest.mark.parametrize("error", [httpx.ConnectError("refused"), httpx.ReadTimeout("late"), httpx.ReadError("cut")])
async def test_a_knock_that_nobody_answers_says_so(
    client: TwitchClient, twitch: ScriptedTwitch, error: Exception
) -> None:
    twitch.answers("GET /helix/users", error)
    with pytest.raises(TwitchUnavailable):
        await client.knock()


async def test_the_pace_that_a_client_is_given_is_the_one_it_keeps(
    twitch: ScriptedTwitch, store: FakeStore, clock: FakeClock
) -> None:
    waits: list[float] = []
    at = 0.0

    async def sleep(seconds: float) -> None:
        nonlocal at
        waits.append(seconds)
        at += seconds

    adds = Pace(times=1, seconds=7, monotonic=lambda: at, sleep=sleep)
    client = twitch.client(store, clock, adds=adds)
    twitch.answers(f"POST {VIPS}", httpx.Response(204))
    for _ in range(2):
        await client.add_vip(STREAMER, VIEWER)
    await client.aclose()
    assert waits == [7]


@pytest.mark.parametrize("status", [401, 403])
async def test_a_no_to_a_token_that_is_not_the_stored_one_any_more_is_asked_about_again(
    client: TwitchClient, twitch: ScriptedTwitch, store: FakeStore, status: int
) -> None:
    """It was read a moment ago, and somebody has signed in since, in another process."""
    client._tokens._known_for = KNOWN_FOR
    await client._tokens.access_token(STREAMER)
    store.accounts.rows[STREAMER] = replace(store.account(), tokens=pair("access-9"))
    twitch.answers(f"POST {VIPS}", refusal(status, "no"), httpx.Response(204))
    await client.add_vip(STREAMER, VIEWER)
    assert [call.token for call in twitch.calls] == ["access-1", "access-9"]
    assert store.commits == []


async def test_a_dead_token_after_one_that_was_read_before_is_refreshed(
    client: TwitchClient, twitch: ScriptedTwitch, store: FakeStore
) -> None:
    client._tokens._known_for = KNOWN_FOR
    await client._tokens.access_token(STREAMER)
    store.accounts.rows[STREAMER] = replace(store.account(), tokens=pair("access-9", "refresh-9"))
    twitch.answers("POST /oauth2/token", token_reply())
    twitch.answers(f"POST {VIPS}", refusal(401, "no"), refusal(401, "no"), httpx.Response(204))
    await client.add_vip(STREAMER, VIEWER)
    assert [call.token for call in twitch.called(f"POST {VIPS}")] == ["access-1", "access-9", "access-2"]
    assert not store.account().reconnect
