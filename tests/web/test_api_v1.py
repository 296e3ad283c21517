"""The personal API over ASGI: what it answers, and what is so on Twitch and in the log then."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.house import House
from tests.store.records import redemption
from tests.web.api_scene import CHANNEL, REDEMPTIONS, VIPS, Program, code, on_team, token_of
from tests.web.test_data import cookie
from vip_manager.domain.api_token import TokenScope
from vip_manager.domain.reasons import Refusal
from vip_manager.domain.redemption import RedemptionState
from vip_manager.domain.team import ALLOWED, May, Role
from vip_manager.services import rates
from vip_manager.store.sqlite.store import SqliteStore
from vip_manager.web.api_v1.problems import REFUSALS
from vip_manager.web.api_v1.routes import TABLE


@pytest.fixture
async def program(house: House, browser: httpx.AsyncClient) -> Program:
    await house.open()
    return Program(browser, await token_of(house))


def moment(text: str) -> datetime:
    assert text.endswith("Z")
    return datetime.fromisoformat(text)


async def test_vip_is_given_extended_and_ended(house: House, program: Program) -> None:
    given = await program.give("Viewer1", 2)
    assert given.status_code == 201, given.text
    vip = given.json()
    assert (vip["user_id"], vip["user_login"], vip["user_name"]) == ("3001", "viewer1", "Viewer1")
    assert (vip["state"], vip["source"], vip["clock"], vip["reward"]) == ("active", "api", "wall", None)
    assert moment(vip["expires_at"]) - moment(vip["granted_at"]) == timedelta(hours=2)
    assert await house.vips() == {"permanentvip", "viewer1"}
    stored = await house.live("3001")
    assert stored
    assert stored.redeemed_with == "api"
    assert given.headers["cache-control"] == "no-store"

    again = await program.call("POST", VIPS, {"user_id": "3001", "hours": 1})
    more = await program.add("3001", 0.5)
    assert (again.status_code, more.status_code) == (200, 200)
    assert moment(more.json()["expires_at"]) - moment(vip["expires_at"]) == timedelta(hours=1.5)
    assert [(one["user_login"], round(one["hours_left"], 1)) for one in await program.listed()] == [("viewer1", 3.5)]

    assert (await program.end()).status_code == 204
    assert await program.listed() == []
    assert await house.vips() == {"permanentvip"}
    assert (await program.end()).status_code == (await program.add()).status_code == 404
    assert await house.wrong() == []


async def test_the_log_says_who_and_that_it_was_a_program(house: House, program: Program) -> None:
    await program.give()
    await program.add()
    await program.end()
    lines = {one.action.value: one for one in await house.entries()}
    for action in ("granted", "extended", "ended"):
        line = lines[action]
        assert (line.actor_id, line.actor_name, line.subject_id) == ("1001", "Streamer", "3001")
    assert [lines[one].detail.get("source") for one in ("granted", "extended")] == ["api", "api"]
    assert [lines[one].detail.get("token") for one in ("extended", "ended")] == ["Stream Deck"] * 2
    picture = await house.services.board.staff("1001")
    assert all(one.through for one in picture.activity if one.action in ("granted", "extended", "ended"))
    assert not any(one.through for one in picture.activity if one.action == "reward_created")


async def test_what_twitch_does_not_answer_is_tried_again(house: House, program: Program) -> None:
    await house.fault("POST", "/channels/vips", "status", status=500)
    given = await program.give()
    assert (given.status_code, given.json()["state"], given.json()["expires_at"]) == (202, "granting", None)
    assert given.json()["hours_left"] == 2
    house.clock.jump(0.1)
    await house.services.sweep.run()
    assert [one["state"] for one in await program.listed()] == ["active"]
    await house.fault("DELETE", "/channels/vips", "status", status=500)
    ended = await program.end()
    assert (ended.status_code, ended.json()["state"]) == (202, "ending")
    put_off = next(one for one in await house.entries() if one.action == "put_off" and one.actor_id)
    assert (put_off.actor_id, put_off.detail["through"]) == ("1001", "api")
    house.clock.jump(0.1)
    await house.services.sweep.run()
    assert await program.listed() == []
    assert await house.wrong() == []


async def test_who_paid_is_listed_too(house: House, program: Program) -> None:
    done = await house.redeem("viewer2")
    [vip] = await program.listed()
    assert (vip["user_login"], vip["source"]) == ("viewer2", "reward")
    assert vip["reward"] == {"id": done.reward_id, "title": "VIP for a day"}


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"hours": 1}, "user_id, user_login"),
        ({"user_id": "3001", "user_login": "viewer1", "hours": 1}, "user_id, user_login"),
        ({"user_login": "viewer1"}, "hours"),
        ({"user_login": "viewer1", "hours": "2"}, "hours"),
        ({"user_login": "viewer1", "hours": True}, "hours"),
        ({"user_login": "viewer1", "hours": 0}, "hours"),
        ({"user_login": "viewer1", "hours": -1}, "hours"),
        ({"user_login": "viewer1", "hours": 0.00001}, "hours"),
        ({"user_login": "viewer1", "hours": 8761}, "hours"),
        ({"user_login": "viewer1", "hours": None}, "hours"),
        ({"user_login": "viewer1", "hours": 1, "until": "x"}, "until"),
        ({"user_login": "no such name", "hours": 1}, "user_login"),
        ({"user_login": "viewer1\n", "hours": 1}, "user_login"),
        ({"user_login": 7, "hours": 1}, "user_login"),
        ({"user_id": 3001, "hours": 1}, "user_id"),
        ({"user_id": "٣", "hours": 1}, "user_id"),
        ([1], "object"),
        ("text", "object"),
    ],
)
async def test_what_can_not_be_used_is_named(house: House, program: Program, body: Any, named: str) -> None:
    answer = await program.call("POST", VIPS, body)
    assert (answer.status_code, code(answer)) == (400, "bad_request"), answer.text
    assert answer.json()["error"]["message"].startswith(named) or named in answer.json()["error"]["message"]
    assert await house.vips() == {"permanentvip"}


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b'{"user_login": "viewer1", "hours": 1, "hours": 2}', "application/json", 400),
        (b'{"user_login": "viewer1", "hours": NaN}', "application/json", 400),
        (b'{"user_login": "viewer1", "hours": ' + b"9" * 5000 + b"}", "application/json", 400),
        (b"[" * 50_000, "application/json", 400),
        (b'{"user_login": "\xff", "hours": 1}', "application/json", 400),
        (b"", "application/json", 400),
        (b'{"user_login": "viewer1", "hours": 1}', "text/plain", 415),
        (b'{"user_login": "viewer1", "hours": 1}', "", 415),
        (b"user_login=viewer1&hours=1", "application/x-www-form-urlencoded", 415),
        (b"x" * 70_000, "application/json", 413),
    ],
)
async def test_a_body_is_json_or_nothing(
    house: House, program: Program, content: bytes, kind: str, status: int
) -> None:
    answer = await program.call("POST", VIPS, content=content, headers={"Content-Type": kind} if kind else {})
    assert answer.status_code == status
    assert await house.vips() == {"permanentvip"}


@pytest.mark.parametrize(
    ("login", "refusal"),
    [
        ("permanentvip", Refusal.ALREADY_VIP),
        ("mod", Refusal.MODERATOR),
        ("streamer", Refusal.BROADCASTER),
        ("nobody_at_all", Refusal.USER_NOT_FOUND),
    ],
)
async def test_why_not_is_a_code(house: House, program: Program, login: str, refusal: Refusal) -> None:
    answer = await program.give(login)
    assert (answer.status_code, code(answer)) == (409, refusal.value)
    assert answer.json()["error"]["message"] == REFUSALS[refusal]


async def test_full_seats_and_bans_are_codes_too(house: House, program: Program) -> None:
    await house.control("ban", channel="streamer", viewer="viewer2", banned=True)
    assert code(await program.give("viewer2")) == Refusal.BLOCKED
    await house.control("channel", channel="streamer", capacity=1)
    assert code(await program.give("viewer3")) == Refusal.FULL


async def test_twitch_and_the_owners_key_can_be_in_the_way(house: House, program: Program) -> None:
    await house.fault("GET", "/users", "status", status=503, times=9)
    away = await program.give()
    assert (away.status_code, code(away)) == (503, "twitch_unavailable")
    await house.heal_twitch()
    await house.control("disconnect", user="streamer")
    dead = await program.give()
    assert (dead.status_code, code(dead)) == (503, "reconnect")


async def test_nothing_begins_in_a_channel_that_leaves(house: House, program: Program) -> None:
    await house.fault("GET", "/channel_points/custom_rewards", "status", status=500, times=99)
    person = await house.services.access.named("1001")
    assert person
    await house.services.departure.begin(person, "1001", "streamer")
    refused = await program.give()
    assert (refused.status_code, code(refused)) in ((409, "leaving"), (401, "unauthorized"))
    await house.heal_twitch()


TRIED: dict[str, Any] = {
    "look": ("GET", VIPS, None),
    "give": ("POST", VIPS, {"user_login": "viewer1", "hours": 1}),
    "extend": ("PATCH", f"{VIPS}/3001", {"add_hours": 1}),
    "end": ("DELETE", f"{VIPS}/3001", None),
    "redemptions": ("GET", REDEMPTIONS, None),
}


def test_every_route_is_tried_below() -> None:
    assert [(method, path.replace("/3001", "/{user_id}")) for method, path, _ in TRIED.values()] == [
        (method, f"/api{path}".replace("{login}", "streamer")) for method, path, _, _ in TABLE
    ]


@pytest.mark.parametrize("scope", TokenScope)
@pytest.mark.parametrize("role", [*Role, None])
@pytest.mark.parametrize(("name", "needs"), [(name, row[2]) for name, row in zip(TRIED, TABLE, strict=True)])
async def test_a_token_may_what_its_scope_and_its_makers_role_say(
    house: House, browser: httpx.AsyncClient, name: str, needs: May, role: Role | None, scope: TokenScope
) -> None:
    await house.open()
    await Program(browser, await token_of(house)).give(hours=5)
    maker = "streamer" if role is Role.OWNER else "mod"
    await on_team(house, None if role is Role.OWNER else role)
    program = Program(browser, await token_of(house, maker, scope))
    before = len(await house.entries())
    answer = await program.call(*TRIED[name])
    if role is None:
        assert (answer.status_code, code(answer)) == (401, "unauthorized")
    elif needs in ALLOWED[role] and (scope is TokenScope.WRITE or needs is May.SEE):
        assert answer.status_code in (200, 204), answer.text
        return
    else:
        assert (answer.status_code, code(answer)) == (403, "not_allowed")
    assert len(await house.entries()) == before


@pytest.mark.parametrize(
    "header",
    [
        {},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer vip_nothing"},
        {"Authorization": "Bearer vip_" + "x" * 43},
        {"Authorization": "Basic dmlwOnZpcA=="},
    ],
)
async def test_without_a_token_that_is_good_nothing_is_said(
    house: House, program: Program, header: dict[str, str]
) -> None:
    for method, path, body in TRIED.values():
        answer = await program.browser.request(method, path, headers=header, json=body)
        assert (answer.status_code, code(answer)) == (401, "unauthorized")
        assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_neither_a_cookie_nor_the_address_opens_it(house: House, program: Program) -> None:
    signed_in = await cookie(house, "1001")
    assert (await program.browser.get(VIPS, headers=signed_in)).status_code == 401
    assert (await program.browser.get(f"{VIPS}?access_token={program.token}")).status_code == 401
    # And no other site's page gets leave to try.
    preflight = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    answer = await program.browser.options(VIPS, headers=preflight)
    assert (answer.status_code, "access-control-allow-origin" in answer.headers) == (405, False)


async def test_a_token_opens_its_own_channel_and_no_other(house: House, program: Program) -> None:
    await house.connect("secondstreamer")
    answers = [
        (await program.call("GET", f"/api/v1/channels/{one}/vips")) for one in ("secondstreamer", "nobody", "1001")
    ]
    assert {(one.status_code, one.text) for one in answers} == {(404, answers[0].text)}
    assert (await program.call("GET", "/api/v1/channels/STREAMER/vips")).status_code == 200


async def test_a_dismissed_members_token_opens_nothing(house: House, browser: httpx.AsyncClient) -> None:
    await house.open()
    await on_team(house, Role.HELPER)
    program = Program(browser, await token_of(house, "mod"))
    assert (await program.give()).status_code == 201
    owner = await house.services.access.named("1001")
    assert owner
    await house.services.roster.dismiss(owner, "1001", "2001")
    assert (await program.call("GET", VIPS)).status_code == 401


async def test_who_leaves_takes_all_tokens_along(house: House, program: Program) -> None:
    person = await house.services.access.named("1001")
    assert person
    await house.services.departure.begin(person, "1001", "streamer")
    await house.services.departure.go_on("1001")
    assert (await program.call("GET", VIPS)).status_code == 401
    # Also when they come back.
    await house.connect("streamer")
    assert (await program.call("GET", VIPS)).status_code == 401
    assert await house.services.store.api_tokens.of_channel("1001") == []


async def test_redemptions_come_in_pages_the_newest_first(house: House, program: Program) -> None:
    begin = datetime(2026, 3, 1, 12, tzinfo=UTC)
    for number in range(7):
        state = RedemptionState.CANCELED if number % 2 else RedemptionState.FULFILLED
        # Pairs of the same moment.
        at = begin + timedelta(minutes=number // 2)
        await house.services.store.commit(redemption(f"p{number}", state=state, redeemed_at=at))
    found: list[str] = []
    cursor = ""
    for _ in range(9):
        answer = await program.call("GET", REDEMPTIONS, params={"limit": "2", **({"cursor": cursor} if cursor else {})})
        page = answer.json()
        found += [one["id"] for one in page["data"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
        # What comes meanwhile is on no page that is still to come, and moves none.
        await house.services.store.commit(
            redemption(f"new{len(found)}", redeemed_at=begin + timedelta(days=1, minutes=len(found)))
        )
    assert found == ["p6", "p5", "p4", "p3", "p2", "p1", "p0"]
    only = await program.call("GET", REDEMPTIONS, params={"state": "canceled"})
    assert [one["id"] for one in only.json()["data"]] == ["p5", "p3", "p1"]
    [first, *_] = only.json()["data"]
    assert first["redeemed_at"] == "2026-03-01T12:02:00.000Z"
    assert first["reward"] == {"id": "r1", "title": "VIP for a day"} or set(first["reward"]) == {"id", "title"}


@pytest.mark.parametrize(
    "asked", ["limit=0", "limit=101", "limit=x", "limit=", "limit=1&limit=2", "state=open", "cursor=x", "cursor="]
)
async def test_a_page_is_asked_for_properly(house: House, program: Program, asked: str) -> None:
    answer = await program.call("GET", f"{REDEMPTIONS}?{asked}")
    assert (answer.status_code, code(answer)) == (400, "bad_request")
    assert answer.json()["error"]["message"].startswith(asked.partition("=")[0])


async def test_a_program_that_calls_too_often_waits(house: House, program: Program) -> None:
    answers = [(await program.call("GET", VIPS)).status_code for _ in range(rates.API_TOKEN.most + 1)]
    assert answers == [200] * rates.API_TOKEN.most + [429]
    other = Program(program.browser, await token_of(house))
    assert (await other.call("GET", VIPS)).status_code == 200


async def test_who_guesses_is_told_nothing_after_a_while(house: House, program: Program) -> None:
    wrong = Program(program.browser, "vip_" + "x" * 43)
    answers = [(await wrong.call("GET", VIPS)).status_code for _ in range(rates.API_REFUSED.most + 1)]
    assert answers == [401] * rates.API_REFUSED.most + [429]
    assert (await program.call("GET", VIPS)).status_code == 200


async def test_that_the_store_is_away_is_said(house: House, program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    from vip_manager.ports import StoreUnavailable

    async def away(*_: object) -> None:
        raise StoreUnavailable("out of reach")

    store = house.services.store
    assert isinstance(store, SqliteStore)
    monkeypatch.setattr(store.api_tokens, "get", away)
    answer = await program.call("GET", VIPS)
    assert (answer.status_code, code(answer)) == (503, "store_unavailable")


def test_every_channel_path_is_below_the_channel() -> None:
    assert all(f"/api{path}".startswith(CHANNEL.replace("streamer", "{login}")) for _, path, _, _ in TABLE)
