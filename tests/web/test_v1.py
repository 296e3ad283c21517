"""The personal API, over ASGI: who may, what happens, and that nothing counts twice."""

import asyncio
import json
from dataclasses import replace
from typing import Any

import httpx
import pytest

from tests.house import House
from vip_manager.domain.audit import Action
from vip_manager.domain.rules import VipClock
from vip_manager.domain.session import SessionState
from vip_manager.domain.team import ALLOWED, May, Member, Role
from vip_manager.ports import StoreUnavailable
from vip_manager.services import rates

VIPS = "/api/v1/channels/streamer/vips"
REDEMPTIONS = "/api/v1/channels/streamer/redemptions"
ACTS: dict[May, list[tuple[str, str, Any]]] = {
    May.SEE: [("GET", VIPS, None), ("GET", REDEMPTIONS, None)],
    May.GIVE: [("POST", VIPS, {"user_login": "viewer5", "hours": 1}), ("PATCH", f"{VIPS}/3001", {"add_hours": 1})],
    May.END: [("DELETE", f"{VIPS}/3001", None)],
}


async def token_of(house: House, user_id: str = "1001", scope: str = "write") -> dict[str, str]:
    person = await house.services.access.named(user_id)
    assert person is not None
    made = await house.services.api_tokens.make(person, "1001", "Stream Deck", scope)
    return {"authorization": f"Bearer {made.secret}"}


@pytest.fixture
async def api(house: House, browser: httpx.AsyncClient) -> httpx.AsyncClient:
    """With the owner's token."""
    await house.open()
    browser.headers.update(await token_of(house))
    return browser


def code(answer: httpx.Response) -> str:
    return str(answer.json()["error"]["code"])


async def test_give_extend_list_and_end(house: House, api: httpx.AsyncClient) -> None:
    given = await api.post(VIPS, json={"user_login": "viewer1", "hours": 24})
    assert given.status_code == 201
    vip = given.json()
    assert (vip["user_id"], vip["state"], vip["source"], vip["hours_left"]) == ("3001", "active", "api", 24)
    assert "viewer1" in await house.vips()
    more = await api.post(VIPS, json={"user_id": "3001", "hours": 0.5})
    assert (more.status_code, more.json()["hours_left"]) == (200, 24.5)
    more = await api.patch(f"{VIPS}/3001", json={"add_hours": 2})
    assert (more.status_code, more.json()["hours_left"], more.json()["id"]) == (200, 26.5, vip["id"])
    listed = await api.get(VIPS)
    assert listed.json() == {"data": [more.json()], "next_cursor": None}
    ended = await api.delete(f"{VIPS}/3001")
    assert (ended.status_code, ended.content) == (204, b"")
    assert "viewer1" not in await house.vips()
    again = await api.delete(f"{VIPS}/3001")
    assert (again.status_code, code(again)) == (404, "not_found")
    session = await house.services.store.sessions.get(vip["id"])
    assert session is not None
    assert session.redeemed_with == "api"
    assert {credit.by for credit in session.credits} == {"1001"}


async def test_pages(house: House, api: httpx.AsyncClient) -> None:
    for number in (1, 2, 3):
        await house.redeem(f"viewer{number}")
        house.clock.jump(0.01)
    for path, names in ((VIPS, ["viewer1", "viewer2", "viewer3"]), (REDEMPTIONS, ["viewer3", "viewer2", "viewer1"])):
        found: list[str] = []
        cursor: str | None = ""
        while cursor is not None:
            page = (await api.get(path, params={"limit": 2, **({"cursor": cursor} if cursor else {})})).json()
            assert len(page["data"]) <= 2
            found += [one["user_login"] for one in page["data"]]
            cursor = page["next_cursor"]
        assert found == names
    assert (await api.get(REDEMPTIONS)).json()["data"][0]["state"] == "fulfilled"


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=x", "limit=1.5", "cursor=none", "page=2"])
@pytest.mark.parametrize("path", [VIPS, REDEMPTIONS])
async def test_a_page_that_there_is_not(api: httpx.AsyncClient, path: str, query: str) -> None:
    answer = await api.get(f"{path}?{query}")
    assert (answer.status_code, code(answer)) == ((404, "not_found") if "cursor" in query else (400, "bad_request"))


BAD: list[tuple[Any, int]] = [
    ({"hours": 1}, 400),
    ({"user_id": "3001", "user_login": "viewer1", "hours": 1}, 400),
    ({"user_login": "viewer1"}, 400),
    ({"user_login": "viewer1", "hours": "1"}, 400),
    ({"user_login": "viewer1", "hours": True}, 400),
    ({"user_login": "viewer1", "hours": 0}, 400),
    ({"user_login": "viewer1", "hours": 1e9}, 400),
    ({"user_login": "not a name", "hours": 1}, 400),
    ({"user_id": "abc", "hours": 1}, 400),
    ({"user_login": "viewer1", "hours": 1, "note": ""}, 400),
    ([], 400),
    ({"user_login": "nobody_here", "hours": 1}, 409),
    ({"user_login": "streamer", "hours": 1}, 409),
    ({"user_login": "permanentvip", "hours": 1}, 409),
]


@pytest.mark.parametrize(("sent", "status"), BAD, ids=lambda one: json.dumps(one)[:60])
async def test_what_can_not_be(house: House, api: httpx.AsyncClient, sent: object, status: int) -> None:
    answer = await api.post(VIPS, json=sent)
    assert answer.status_code == status, answer.text
    assert set(answer.json()) == {"error"}
    assert await house.services.store.sessions.live("1001") == []


async def test_a_body_has_to_be_json_and_say_so(api: httpx.AsyncClient) -> None:
    for content, kind, status in ((b"{", "application/json", 400), (b"{}", "text/plain", 415), (b"{}", "", 415)):
        answer = await api.post(VIPS, content=content, headers={"content-type": kind})
        assert answer.status_code == status


async def test_nobody_without_a_token(house: House, api: httpx.AsyncClient) -> None:
    cookie = await house.services.access.sign_in("1001")
    token = api.headers.pop("authorization").removeprefix("Bearer ")
    tries: list[tuple[dict[str, str], str]] = [
        ({}, ""),
        ({"authorization": "Bearer vip_" + "x" * 43}, ""),
        ({"authorization": f"Basic {token}"}, ""),
        ({"cookie": f"vip={cookie}"}, ""),
        ({}, f"?access_token={token}"),
    ]
    for headers, query in tries:
        answer = await api.get(VIPS + query, headers=headers)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"
        assert token not in answer.text


async def test_a_token_is_for_one_channel(house: House, api: httpx.AsyncClient) -> None:
    await house.connect("secondstreamer")
    for login in ("secondstreamer", "nobody", "mod"):
        answer = await api.get(f"/api/v1/channels/{login}/vips")
        assert (answer.status_code, code(answer)) == (404, "not_found")
    assert (await api.get("/api/v1/channels/StReAmEr/vips")).status_code == 200


@pytest.mark.parametrize("scope", ["read", "write"])
@pytest.mark.parametrize("role", Role)
async def test_the_table_of_permissions_holds(house: House, api: httpx.AsyncClient, role: Role, scope: str) -> None:
    await house.redeem("viewer1")
    if role is not Role.OWNER:
        await house.sign_in("mod")
        member = Member("2001", "mod", "Mod", role, house.clock.now())
        await house.services.store.commit(replace(await house.channel(), team=(member,)))
    headers = await token_of(house, "1001" if role is Role.OWNER else "2001", scope)
    for act, calls in ACTS.items():
        allowed = act in ALLOWED[role] and (scope == "write" or act is May.SEE)
        for method, path, sent in calls:
            answer = await api.request(method, path, json=sent, headers=headers)
            assert (answer.status_code != 403) is allowed, (act, answer.text)
            assert answer.status_code < 300 or not allowed


async def test_who_is_off_the_team_is_nobody(house: House, api: httpx.AsyncClient) -> None:
    await house.sign_in("mod")
    member = Member("2001", "mod", "Mod", Role.MANAGER, house.clock.now())
    await house.services.store.commit(replace(await house.channel(), team=(member,)))
    headers = await token_of(house, "2001")
    assert (await api.get(VIPS, headers=headers)).status_code == 200
    await house.services.store.commit(replace(await house.channel(), team=()))
    assert (await api.get(VIPS, headers=headers)).status_code == 401


async def test_a_revoked_token_opens_nothing(house: House, api: httpx.AsyncClient) -> None:
    visit = await house.services.access.require(f"vip={await house.services.access.sign_in('1001')}", "1001", May.SEE)
    [shown] = await house.services.api_tokens.listed(visit)
    assert (shown.name, shown.by, shown.mine, shown.works, shown.used_at) == (
        "Stream Deck",
        "Streamer",
        True,
        True,
        None,
    )
    assert (await api.get(VIPS)).status_code == 200
    [shown] = await house.services.api_tokens.listed(visit)
    assert shown.used_at is not None
    await house.services.api_tokens.revoke(visit.person, visit.channel_id, shown.handle)
    assert (await api.get(VIPS)).status_code == 401
    lines = [one for one in await house.entries() if one.action in (Action.TOKEN_MADE, Action.TOKEN_REVOKED)]
    assert sorted((one.action, one.actor_id) for one in lines) == [("token_made", "1001"), ("token_revoked", "1001")]


async def test_a_key_counts_once(house: House, api: httpx.AsyncClient) -> None:
    keyed = {"Idempotency-Key": "press 1"}
    sent = {"user_login": "viewer1", "hours": 2}
    first = await api.post(VIPS, json=sent, headers=keyed)
    again = await api.post(VIPS, json=sent, headers=keyed)
    assert (again.status_code, again.json()) == (201, first.json())
    assert again.headers["idempotency-replayed"] == "true"
    other = await api.post(VIPS, json={**sent, "hours": 3}, headers=keyed)
    assert (other.status_code, code(other)) == (422, "idempotency_key_reused")
    more = {"Idempotency-Key": "press 2"}
    for _ in range(2):
        assert (await api.patch(f"{VIPS}/3001", json={"add_hours": 1}, headers=more)).json()["hours_left"] == 3
    for bad in ("", "x" * 201):
        assert (await api.post(VIPS, json=sent, headers={"Idempotency-Key": bad})).status_code == 400


async def test_two_at_once_with_one_key_count_once(house: House, api: httpx.AsyncClient) -> None:
    keyed = {"Idempotency-Key": "k"}
    answers = await asyncio.gather(
        *(api.post(VIPS, json={"user_login": "viewer1", "hours": 1}, headers=keyed) for _ in range(5))
    )
    assert sorted({one.status_code for one in answers}) in ([201], [201, 409])
    assert {code(one) for one in answers if one.status_code == 409} <= {"in_progress"}
    [session] = await house.services.store.sessions.live("1001")
    assert session.hours == 1


async def test_what_twitch_did_not_do_may_be_asked_for_again_with_the_same_key(
    house: House, api: httpx.AsyncClient
) -> None:
    keyed = {"Idempotency-Key": "k"}
    sent = {"user_login": "viewer1", "hours": 1}
    await house.fault("GET", "/helix/users", "status", times=9, status=503)
    refused = await api.post(VIPS, json=sent, headers=keyed)
    assert (refused.status_code, code(refused)) == (503, "twitch_unavailable")
    assert int(refused.headers["retry-after"]) >= 1
    await house.heal_twitch()
    assert (await api.post(VIPS, json=sent, headers=keyed)).status_code == 201


async def test_an_add_without_an_answer_is_pending(house: House, api: httpx.AsyncClient) -> None:
    await house.fault("POST", "/helix/channels/vips", "status", status=503)
    answer = await api.post(VIPS, json={"user_login": "viewer1", "hours": 1})
    assert (answer.status_code, answer.json()["state"]) == (202, SessionState.GRANTING)


async def test_a_token_has_its_own_rate(house: House, api: httpx.AsyncClient) -> None:
    for _ in range(rates.API_TOKEN.most):
        assert await house.services.rates.hit(rates.API_TOKEN, (await _token_id(house))) is None
    answer = await api.get(VIPS)
    assert (answer.status_code, code(answer)) == (429, "rate_limited")
    assert int(answer.headers["retry-after"]) >= 1


async def test_only_hashes_are_stored(house: House, api: httpx.AsyncClient) -> None:
    token = api.headers["authorization"].removeprefix("Bearer ")
    await api.post(VIPS, json={"user_login": "viewer1", "hours": 1}, headers={"Idempotency-Key": "k"})
    files = [one for one in house.settings.data_dir.rglob("*") if one.is_file()]
    assert files
    assert not [one for one in files if token.encode() in one.read_bytes()]


async def _token_id(house: House) -> str:
    [token] = await house.services.store.api_tokens.of_channel("1001")
    return token.id


async def test_the_log_says_who_and_that_it_was_a_program(house: House, api: httpx.AsyncClient) -> None:
    await api.post(VIPS, json={"user_login": "viewer1", "hours": 1})
    await api.patch(f"{VIPS}/3001", json={"add_hours": 1})
    await api.delete(f"{VIPS}/3001")
    lines = {one.action.value: one for one in await house.entries()}
    for action in ("granted", "extended", "ended"):
        assert (lines[action].actor_id, lines[action].actor_name) == ("1001", "Streamer")
    assert [lines[one].detail.get("token") for one in ("extended", "ended")] == ["Stream Deck"] * 2
    picture = await house.services.board.staff("1001")
    through = {one.action for one in picture.activity if one.through}
    assert through == {"granted", "extended", "ended"}


async def test_an_end_that_twitch_has_not_confirmed_names_who_began_it(house: House, api: httpx.AsyncClient) -> None:
    await api.post(VIPS, json={"user_login": "viewer1", "hours": 1})
    await house.fault("DELETE", "/helix/channels/vips", "status", status=503)
    answer = await api.delete(f"{VIPS}/3001")
    assert (answer.status_code, answer.json()["state"]) == (202, SessionState.ENDING)
    put_off = next(one for one in await house.entries() if one.action is Action.PUT_OFF)
    assert (put_off.actor_id, put_off.detail["through"], put_off.detail["token"]) == ("1001", "api", "Stream Deck")


async def test_redemptions_of_one_state(house: House, api: httpx.AsyncClient) -> None:
    await house.redeem("viewer1")
    await house.redeem("mod")
    for state, login in (("fulfilled", "viewer1"), ("canceled", "mod")):
        found = (await api.get(REDEMPTIONS, params={"state": state})).json()["data"]
        assert [one["user_login"] for one in found] == [login]
    for query in ("state=open", "state=", "state=fulfilled&state=canceled", "limit=1&limit=2"):
        assert (await api.get(f"{REDEMPTIONS}?{query}")).status_code == 400
    assert (await api.get(f"{VIPS}?state=active")).status_code == 400


async def test_vip_until_the_stream_ends_has_no_hours(house: House, api: httpx.AsyncClient) -> None:
    await house.control("channel", channel="streamer", live=True)
    await house.services.streams.look("1001")
    await house.rules(clock=VipClock.STREAM)
    await house.redeem("viewer1")
    [vip] = (await api.get(VIPS)).json()["data"]
    assert (vip["clock"], vip["expires_at"], vip["hours_left"]) == ("stream", None, None)
    refused = await api.patch(f"{VIPS}/3001", json={"add_hours": 1})
    assert (refused.status_code, code(refused)) == (409, "until_stream_ends")


async def test_the_owners_key_can_be_in_the_way(house: House, api: httpx.AsyncClient) -> None:
    keyed = {"Idempotency-Key": "k"}
    await house.control("disconnect", user="streamer")
    refused = await api.post(VIPS, json={"user_login": "viewer1", "hours": 1}, headers=keyed)
    assert (refused.status_code, code(refused)) == (503, "reconnect")
    await house.connect("streamer")
    again = await api.post(VIPS, json={"user_login": "viewer1", "hours": 1}, headers=keyed)
    assert again.status_code == 201


async def test_who_guesses_is_told_nothing_after_a_while(house: House, api: httpx.AsyncClient) -> None:
    wrong = {"authorization": "Bearer vip_" + "x" * 43}
    answers = [(await api.get(VIPS, headers=wrong)).status_code for _ in range(rates.API_REFUSED.most + 1)]
    assert answers == [401] * rates.API_REFUSED.most + [429]
    assert (await api.get(VIPS)).status_code == 200


async def test_who_leaves_takes_all_tokens_along(house: House, api: httpx.AsyncClient) -> None:
    person = await house.services.access.named("1001")
    assert person
    await house.services.departure.begin(person, "1001", "streamer")
    await house.services.departure.go_on("1001")
    assert (await api.get(VIPS)).status_code == 401
    # Also when they come back.
    await house.connect("streamer")
    assert (await api.get(VIPS)).status_code == 401


@pytest.mark.parametrize(
    "content",
    [
        b'{"user_login": "viewer1", "hours": 1, "hours": 2}',
        b'{"user_login": "viewer1", "hours": NaN}',
        b'{"user_login": "viewer1", "hours": ' + b"9" * 5000 + b"}",
        b"[" * 50_000,
        b'{"user_login": "\xff", "hours": 1}',
        rb'{"user_login": "viewer1", "hours": 1, "\ud800": 1}',
    ],
)
async def test_a_body_that_is_nearly_json(house: House, api: httpx.AsyncClient, content: bytes) -> None:
    answer = await api.post(VIPS, content=content, headers={"content-type": "application/json"})
    assert (answer.status_code, code(answer)) == (400, "bad_request")
    assert answer.headers["cache-control"] == "no-store"


async def test_that_the_store_is_away_is_said(
    house: House, api: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> None:
        raise StoreUnavailable("out of reach")

    monkeypatch.setattr(house.services.store.api_tokens, "get", away)
    answer = await api.get(VIPS)
    assert (answer.status_code, code(answer)) == (503, "store_unavailable")
