from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.simulator.conftest import Clock, Start
from tests.simulator.driver import CLIENT_ID, CLIENT_SECRET, REDIRECT, SCOPES, Hand, Twitch
from vip_manager.simulator.grants import REFRESH_TOKENS_A_GRANT
from vip_manager.simulator.records import Client
from vip_manager.simulator.world import World

NewWorld = Callable[..., World]
ASK = {"client_id": CLIENT_ID, "redirect_uri": REDIRECT, "response_type": "code", "scope": SCOPES, "state": "s1"}


def query_of(location: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}


async def test_the_page_says_sandbox_lists_everybody_and_says_scopes_in_words(twitch: Twitch) -> None:
    page = await twitch.client.get("oauth2/authorize", params=ASK)
    assert page.status_code == 200
    for words in ("Sandbox", "Streamer", "Viewer9", "VIP of Streamer", "Give and take VIP in your channel", "Deny"):
        assert words in page.text
    assert "http://" not in page.text.replace("http://localhost:3000", "")
    assert "https://" not in page.text


async def test_the_page_escapes_what_it_is_given(twitch: Twitch) -> None:
    evil = '"><script>alert(1)</script>'
    page = await twitch.client.get("oauth2/authorize", params={**ASK, "state": evil, "scope": evil})
    assert "<script" not in page.text


@pytest.mark.parametrize(
    "wrong",
    [
        {"client_id": "nobody"},
        {"redirect_uri": "https://elsewhere.example/"},
        {"redirect_uri": "http://localhost.evil.example/"},
        {"redirect_uri": "http://localhost@evil.example/"},
        {"redirect_uri": "http://localhost:x/"},
        {"redirect_uri": ""},
        {"response_type": "token"},
        {"scope": "openid"},
    ],
)
async def test_a_bad_client_or_redirect_ends_on_a_page(twitch: Twitch, wrong: dict[str, str]) -> None:
    assert (await twitch.client.get("oauth2/authorize", params=ASK | wrong)).status_code == 400
    answer = await twitch.choose(user="streamer", **wrong)
    assert answer.status_code == 400
    assert "location" not in answer.headers


async def test_further_redirects_are_allowed_by_prefix(new_world: NewWorld) -> None:
    world = new_world(redirect_prefixes=["https://vip.example/"])
    assert world.redirect_allowed("https://vip.example/api/auth/callback")
    assert world.redirect_allowed("http://127.0.0.1:4000/x")
    assert not world.redirect_allowed("https://vip.example.org/")


async def test_denial_goes_back_with_the_reason_and_the_state(twitch: Twitch) -> None:
    answer = await twitch.choose(deny="1", state="s1")
    assert answer.status_code == 302
    assert query_of(answer.headers["location"]) == {
        "error": "access_denied",
        "error_description": "The user denied you access",
        "state": "s1",
    }


async def test_a_choice_goes_back_with_code_scope_and_state(twitch: Twitch) -> None:
    answer = await twitch.choose(user="streamer", state="a b&c")
    assert answer.headers["location"].startswith(REDIRECT + "?")
    given = query_of(answer.headers["location"])
    assert (given["scope"], given["state"]) == (SCOPES, "a b&c")


async def test_a_choice_of_nobody_known_ends_on_a_page(twitch: Twitch) -> None:
    assert (await twitch.choose(user="nobody")).status_code == 400


async def test_a_code_becomes_tokens_once(twitch: Twitch) -> None:
    code = await twitch.code()
    first = await twitch.token(grant_type="authorization_code", code=code, redirect_uri=REDIRECT)
    assert first.status_code == 200
    tokens = first.json()
    assert len(tokens["access_token"]) == 30
    assert tokens["token_type"] == "bearer"
    assert tokens["scope"] == SCOPES.split()
    again = await twitch.token(grant_type="authorization_code", code=code, redirect_uri=REDIRECT)
    assert (again.status_code, again.json()) == (400, {"status": 400, "message": "Invalid authorization code"})


async def test_a_code_is_dead_after_ten_minutes(twitch: Twitch, clock: Clock) -> None:
    code = await twitch.code()
    clock.passed += 601
    answer = await twitch.token(grant_type="authorization_code", code=code, redirect_uri=REDIRECT)
    assert answer.status_code == 400


async def test_another_redirect_than_at_authorize_is_refused(twitch: Twitch) -> None:
    code = await twitch.code()
    answer = await twitch.token(
        grant_type="authorization_code", code=code, redirect_uri="http://localhost:3000/elsewhere"
    )
    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("fields", "status", "message"),
    [
        ({"client_id": ""}, 400, "missing client id"),
        ({"client_id": "nobody"}, 400, "invalid client"),
        ({"client_secret": ""}, 400, "missing client secret"),
        ({"client_secret": "wrong"}, 403, "invalid client secret"),
        ({"grant_type": ""}, 400, "missing grant type"),
        ({"grant_type": "password"}, 400, "invalid grant type"),
        ({"grant_type": "urn:ietf:params:oauth:grant-type:device_code"}, 400, "invalid grant type"),
    ],
)
async def test_the_token_endpoint_refuses_in_twitchs_words(
    twitch: Twitch, fields: dict[str, str], status: int, message: str
) -> None:
    answer = await twitch.token(**{"grant_type": "client_credentials", **fields})
    assert (answer.status_code, answer.json()) == (status, {"status": status, "message": message})


async def test_a_refused_refresh_carries_the_reason_phrase_too(twitch: Twitch) -> None:
    answer = await twitch.token(grant_type="refresh_token", refresh_token="x")
    assert answer.status_code == 400
    assert answer.json() == {"error": "Bad Request", "status": 400, "message": "Invalid refresh token"}


async def test_an_app_token_comes_by_form_multipart_and_query(twitch: Twitch) -> None:
    params = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "grant_type": "client_credentials"}
    multipart = {name: (None, value) for name, value in params.items()}
    answers = [
        await twitch.client.post("oauth2/token", data=params),
        await twitch.client.post("oauth2/token", files=multipart),
        await twitch.client.post("oauth2/token", params=params),
    ]
    for answer in answers:
        assert answer.status_code == 200, answer.text
        assert set(answer.json()) == {"access_token", "expires_in", "token_type"}


async def test_refresh_gives_a_new_access_token_and_the_old_one_lives_on(twitch: Twitch) -> None:
    hand = await twitch.sign_in()
    answer = await twitch.token(grant_type="refresh_token", refresh_token=hand.refresh)
    assert answer.status_code == 200
    assert answer.json()["refresh_token"] == hand.refresh
    assert answer.json()["access_token"] != hand.access
    assert (await hand.call("GET", "users")).status_code == 200


async def test_the_51st_living_token_of_a_refresh_token_is_refused(twitch: Twitch) -> None:
    hand = await twitch.sign_in()
    statuses = [
        (await twitch.token(grant_type="refresh_token", refresh_token=hand.refresh)).status_code for _ in range(50)
    ]
    assert statuses == [200] * 49 + [400]


async def test_validate_says_whose_token_it_is_until_it_expires(twitch: Twitch, clock: Clock) -> None:
    hand = await twitch.sign_in()
    headers = {"Authorization": f"OAuth {hand.access}"}
    answer = await twitch.client.get("oauth2/validate", headers=headers)
    assert answer.json() == {
        "client_id": CLIENT_ID,
        "login": "streamer",
        "user_id": "1001",
        "scopes": SCOPES.split(),
        "expires_in": 14400,
    }
    clock.passed += 14401
    dead = await twitch.client.get("oauth2/validate", headers=headers)
    assert (dead.status_code, dead.json()) == (401, {"status": 401, "message": "invalid access token"})
    assert (await twitch.client.get("oauth2/validate")).status_code == 401
    assert (await hand.call("GET", "users")).status_code == 401


async def test_validate_names_nobody_for_an_app_token(twitch: Twitch) -> None:
    token = (await twitch.token(grant_type="client_credentials")).json()["access_token"]
    answer = await twitch.client.get("oauth2/validate", headers={"Authorization": f"Bearer {token}"})
    assert answer.json() == {"client_id": CLIENT_ID, "scopes": [], "expires_in": 58 * 24 * 3600}


async def test_the_redirect_joins_its_words_with_plus_signs(twitch: Twitch) -> None:
    denied = (await twitch.choose(deny="1")).headers["location"]
    chosen = (await twitch.choose(user="streamer", scope="a b")).headers["location"]
    assert "error_description=The+user+denied+you+access" in denied
    assert "scope=a+b" in chosen


async def test_another_clients_token_cannot_be_revoked(start: Start, new_world: NewWorld) -> None:
    world = new_world()
    world.clients["other"] = Client("other", "secret", "Another")
    async with httpx.AsyncClient(base_url=start(world), timeout=10, trust_env=False) as client:
        hand = await Twitch(client).sign_in()
        answer = await client.post("oauth2/revoke", data={"client_id": "other", "token": hand.access})
        assert (answer.status_code, answer.json()) == (400, {"status": 400, "message": "Invalid token"})
        foreign = await Twitch(client).token(
            client_id="other", client_secret="secret", grant_type="refresh_token", refresh_token=hand.refresh
        )
        assert foreign.status_code == 400
        assert (await hand.call("GET", "users")).status_code == 200


async def test_revoke_ends_a_token_and_knows_its_refusals(twitch: Twitch) -> None:
    hand = await twitch.sign_in()

    async def revoke(client_id: str, token: str) -> int:
        answer = await twitch.client.post("oauth2/revoke", data={"client_id": client_id, "token": token})
        return answer.status_code

    assert await revoke("nobody", hand.access) == 404
    assert await revoke(CLIENT_ID, hand.access) == 200
    assert await revoke(CLIENT_ID, hand.access) == 400
    assert (await hand.call("GET", "users")).status_code == 401


async def test_a_disconnect_kills_access_and_refresh_tokens(twitch: Twitch) -> None:
    hand = await twitch.sign_in()
    await twitch.control("disconnect", user="streamer")
    assert (await hand.call("GET", "users")).status_code == 401
    assert (await twitch.token(grant_type="refresh_token", refresh_token=hand.refresh)).status_code == 400


async def test_expired_access_tokens_can_be_refreshed(twitch: Twitch) -> None:
    hand = await twitch.sign_in()
    await twitch.control("expire-tokens", user="streamer")
    assert (await hand.call("GET", "users")).status_code == 401
    assert (await twitch.token(grant_type="refresh_token", refresh_token=hand.refresh)).status_code == 200


async def test_dead_app_tokens_are_forgotten_though_no_user_ever_signs_in(
    start: Start, new_world: NewWorld, clock: Clock
) -> None:
    world = new_world()
    async with httpx.AsyncClient(base_url=start(world), timeout=10, trust_env=False) as client:
        for _ in range(3):
            assert (await Twitch(client).token(grant_type="client_credentials")).status_code == 200
            clock.passed += 60 * 86_400
    assert len(world.access_tokens) == 1


async def test_of_many_sign_ins_the_refresh_token_used_longest_ago_makes_room(
    start: Start, new_world: NewWorld
) -> None:
    world = new_world()
    async with httpx.AsyncClient(base_url=start(world), timeout=10, trust_env=False) as client:
        twitch = Twitch(client)
        first, second = await twitch.sign_in(), await twitch.sign_in()
        other = await twitch.sign_in("secondstreamer")

        async def refreshed(hand: Hand) -> int:
            return (await twitch.token(grant_type="refresh_token", refresh_token=hand.refresh)).status_code

        assert await refreshed(first) == 200
        for _ in range(REFRESH_TOKENS_A_GRANT - 1):
            await twitch.sign_in()
        assert len(world.refresh_tokens) == REFRESH_TOKENS_A_GRANT + 1
        assert [await refreshed(hand) for hand in (first, second, other)] == [200, 400, 200]


UNREADABLE = {
    "a multipart without a boundary": ("multipart/form-data", b"x"),
    "over 1000 fields": ("application/x-www-form-urlencoded", b"&".join(b"a%d=1" % number for number in range(1001))),
    "a charset that makes half a surrogate pair": (
        "multipart/form-data; boundary=x; charset=utf-7",
        b'--x\r\nContent-Disposition: form-data; name="scope"\r\n\r\n+2AA-\r\n--x--\r\n',
    ),
}


@pytest.mark.parametrize("path", ["oauth2/token", "oauth2/revoke", "auth/token", "auth/authorize"])
@pytest.mark.parametrize("body", UNREADABLE)
async def test_a_form_that_cant_be_read_is_refused_in_oauths_shape(twitch: Twitch, path: str, body: str) -> None:
    kind, content = UNREADABLE[body]
    answer = await twitch.client.post(path, content=content, headers={"Content-Type": kind})
    assert answer.status_code == 400
    refusal = answer.json()
    assert refusal.keys() == {"status", "message"}
    assert refusal["status"] == 400
    assert refusal["message"] not in ("", "missing client id")


@pytest.mark.parametrize("body", UNREADABLE)
async def test_a_choice_that_cant_be_read_ends_on_a_page(twitch: Twitch, body: str) -> None:
    kind, content = UNREADABLE[body]
    answer = await twitch.client.post("oauth2/authorize", params=ASK, content=content, headers={"Content-Type": kind})
    assert answer.status_code == 400
    assert "Unreadable form" in answer.text


@pytest.mark.parametrize("path", ["oauth2", "auth"])
async def test_the_bare_path_is_none_of_its_endpoints(twitch: Twitch, path: str) -> None:
    answer = await twitch.client.get(path)
    assert (answer.status_code, answer.json()) == (404, {"status": 404, "message": "not found"})


async def test_a_refresh_after_disconnect_can_be_met_with_401_by_a_fault(twitch: Twitch) -> None:
    hand = await twitch.sign_in()
    await twitch.control("disconnect", user="streamer")
    await twitch.control("faults", path="/oauth2/token", do="status", status=401)
    answers = [await twitch.token(grant_type="refresh_token", refresh_token=hand.refresh) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [401, 400]
    assert answers[0].json()["status"] == 401
