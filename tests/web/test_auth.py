"""Signing in, in a browser's steps; and everything that can go wrong on the way."""

import base64
import json
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.house import House
from tests.web.conftest import form_of
from vip_manager.domain.account import CHANNEL_SCOPES


def sent_to(answer: httpx.Response) -> str:
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


async def leave_for_twitch(browser: httpx.AsyncClient, query: str = "") -> dict[str, str]:
    """What the browser was sent to Twitch with."""
    location = sent_to(await browser.get(f"/api/auth/login{query}"))
    return {key: values[0] for key, values in parse_qs(urlsplit(location).query, keep_blank_values=True).items()}


async def choose(house: House, asked: dict[str, str], **choice: str) -> str:
    """Twitch's answer to that choice: where it sends the browser back to."""
    answer = await house.http.post("oauth2/authorize", data={**asked, **choice})
    back = urlsplit(answer.headers["location"])
    return f"{back.path}?{back.query}"


async def sign_in(house: House, browser: httpx.AsyncClient, query: str = "", user: str = "streamer") -> httpx.Response:
    asked = await leave_for_twitch(browser, query)
    return await browser.get(await choose(house, asked, user=user))


async def test_signing_in_asks_for_no_scope_and_connecting_for_what_it_needs(browser: httpx.AsyncClient) -> None:
    assert (await leave_for_twitch(browser))["scope"] == ""
    assert set((await leave_for_twitch(browser, "?connect=channel"))["scope"].split()) == CHANNEL_SCOPES


async def test_signing_in_ends_where_it_was_wanted_with_a_cookie_no_script_can_read(
    house: House, browser: httpx.AsyncClient
) -> None:
    answer = await sign_in(house, browser, "?next=/board/streamer")
    assert sent_to(answer) == "/board/streamer"
    [cookie] = [one for one in answer.headers.get_list("set-cookie") if one.startswith("vip=")]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Path=/" in cookie
    value = cookie.split(";")[0].removeprefix("vip=")
    person = await house.services.access.person(f"vip={value}")
    assert person is not None
    assert (person.login, person.connected) == ("streamer", False)
    files = b"".join(path.read_bytes() for path in house.settings.data_dir.iterdir() if path.is_file())
    assert value.encode() not in files, "the store holds a hash of it only"


async def test_connecting_makes_the_channel(house: House, browser: httpx.AsyncClient) -> None:
    await sign_in(house, browser, "?connect=channel")
    assert (await house.channel()).login == "streamer"


async def test_refusing_on_twitch_is_told_in_words(house: House, browser: httpx.AsyncClient) -> None:
    asked = await leave_for_twitch(browser)
    answer = await browser.get(await choose(house, asked, deny="1"))
    assert sent_to(answer) == "/?problem=denied"
    assert "vip=" not in str(answer.headers.get_list("set-cookie")).replace("vip-attempt=", "")


@pytest.mark.parametrize("forged", ["another", "", None])
async def test_a_state_that_is_not_this_browsers_is_refused(
    house: House, browser: httpx.AsyncClient, forged: str | None
) -> None:
    asked = await leave_for_twitch(browser)
    back = await choose(house, asked, user="streamer")
    if forged is None:
        browser.cookies.clear()
    else:
        back = back.replace(asked["state"], forged)
    assert sent_to(await browser.get(back)) == "/?problem=state"
    assert await house.services.store.accounts.all() == []


@pytest.mark.parametrize("cookie", ["nonsense", "e30=", "bnVsbA==", "WzFd"])
async def test_a_broken_attempt_cookie_is_a_state_mismatch(browser: httpx.AsyncClient, cookie: str) -> None:
    answer = await browser.get("/api/auth/callback?code=x&state=y", headers={"Cookie": f"vip-attempt={cookie}"})
    assert sent_to(answer) == "/?problem=state"


async def test_a_code_counts_once(house: House, browser: httpx.AsyncClient) -> None:
    asked = await leave_for_twitch(browser)
    attempt = browser.cookies["vip-attempt"]
    back = await choose(house, asked, user="streamer")
    assert sent_to(await browser.get(back)) == "/dashboard"
    again = await browser.get(back, headers={"Cookie": f"vip-attempt={attempt}"})
    assert sent_to(again) == "/?problem=code"


@pytest.mark.parametrize("fault", [{"do": "status", "status": 500}, {"do": "lose_answer"}])
async def test_twitch_failing_during_sign_in_is_told_in_words(
    house: House, browser: httpx.AsyncClient, fault: dict[str, object]
) -> None:
    await house.control("faults", method="POST", path="/oauth2/token", **fault)
    assert sent_to(await sign_in(house, browser)) == "/?problem=twitch"


async def test_only_named_channels_may_connect(twitch_base: str, house: House, browser: httpx.AsyncClient) -> None:
    house.services.accounts._named = True
    assert sent_to(await sign_in(house, browser, "?connect=channel")) == "/?problem=not_allowed"
    assert await house.services.store.channels.all() == []


async def test_signing_out_ends_the_session_on_the_server(house: House, browser: httpx.AsyncClient) -> None:
    await sign_in(house, browser)
    value = browser.cookies["vip"]
    headers = {"Origin": house.settings.public_url}
    answer = await browser.post("/api/auth/logout", data=await form_of(house, browser), headers=headers)
    assert sent_to(answer) == "/"
    assert "vip" not in browser.cookies
    assert await house.services.access.person(f"vip={value}") is None


@pytest.mark.parametrize("header", ["", "vip=", "vip=guess", "other=1", "vip=\x00", "v" * 5000, ";;;=;"])
async def test_a_cookie_that_is_none_of_ours_is_nobody(house: House, header: str) -> None:
    assert await house.services.access.person(header) is None


async def test_signing_in_again_ends_the_session_before(house: House, browser: httpx.AsyncClient) -> None:
    await sign_in(house, browser)
    earlier = browser.cookies["vip"]
    await sign_in(house, browser, "?connect=channel")
    assert await house.services.access.person(f"vip={earlier}") is None
    assert await house.services.access.person(f"vip={browser.cookies['vip']}") is not None


async def test_sign_in_begins_where_twitch_will_send_the_browser_back(browser: httpx.AsyncClient) -> None:
    elsewhere = {"Host": "127.0.0.1:3000"}
    answer = await browser.get("/api/auth/login?next=/board/x", headers=elsewhere)
    there = urlsplit(sent_to(answer))
    assert (there.path, parse_qs(there.query)["next"]) == ("/api/auth/login", ["/board/x"])
    assert "vip-attempt" not in answer.headers.get("set-cookie", "")
    again = await browser.get(f"{there.path}?{there.query}", headers=elsewhere)
    assert "oauth2/authorize" in sent_to(again), "a proxy that has us by another name leads nobody in a circle"


async def test_two_tabs_on_their_way_to_twitch_both_come_back(house: House, browser: httpx.AsyncClient) -> None:
    first = await leave_for_twitch(browser, "?next=/board/first")
    second = await leave_for_twitch(browser, "?next=/board/second")
    assert sent_to(await browser.get(await choose(house, first, user="streamer"))) == "/board/first"
    assert sent_to(await browser.get(await choose(house, second, user="streamer"))) == "/board/second"
    assert sent_to(await browser.get(await choose(house, second, user="streamer"))) == "/?problem=state"


@pytest.mark.parametrize(
    "attempts", [[{"state": "\ud800", "next": "/", "connect": False}], {"state": "x"}, [7], "x", 7]
)
async def test_an_attempt_that_we_did_not_write_is_none(browser: httpx.AsyncClient, attempts: object) -> None:
    cookie = base64.urlsafe_b64encode(json.dumps(attempts).encode()).decode()
    headers = {"Cookie": f"vip-attempt={cookie}"}
    assert sent_to(await browser.get("/api/auth/callback?state=x&code=x", headers=headers)) == "/?problem=state"


async def test_chat_is_asked_for_only_where_it_is_turned_on_and_of_whose_channel_it_is(
    house: House, browser: httpx.AsyncClient
) -> None:
    await sign_in(house, browser, "?connect=channel")
    streamer, chat = await house.connect(), house.services.chat

    async def asked_beside() -> set[str]:
        asked = await leave_for_twitch(browser, "?connect=channel&next=/dashboard/chat")
        return set(asked["scope"].split()) - CHANNEL_SCOPES

    assert await asked_beside() == set()
    await chat.turn_answers(streamer, streamer.id, True)
    assert await asked_beside() == set()
    await chat.turn(streamer, streamer.id, True)
    assert await asked_beside() == {"user:write:chat", "user:read:chat"}
    await chat.turn_answers(streamer, streamer.id, False)
    assert await asked_beside() == {"user:write:chat"}
    assert (await leave_for_twitch(browser))["scope"] == ""
    async with httpx.AsyncClient(transport=browser._transport, base_url=browser.base_url) as another:
        asked = await leave_for_twitch(another, "?connect=channel")
        assert set(asked["scope"].split()) == CHANNEL_SCOPES


async def test_who_declines_chat_stays_connected(house: House, browser: httpx.AsyncClient) -> None:
    await sign_in(house, browser, "?connect=channel")
    streamer = await house.connect()
    await house.services.chat.turn(streamer, streamer.id, True)
    asked = await leave_for_twitch(browser, "?connect=channel")
    assert sent_to(await browser.get(await choose(house, asked, deny="1"))) == "/?problem=denied"
    asked = await leave_for_twitch(browser, "?connect=channel&next=/dashboard/chat")
    given = asked | {"scope": " ".join(CHANNEL_SCOPES)}
    assert sent_to(await browser.get(await choose(house, given, user="streamer"))) == "/dashboard/chat"
    account = await house.services.store.accounts.get("1001")
    assert account is not None
    assert account.may_manage


async def test_a_plain_sign_in_keeps_the_token_that_allows_chat(house: House, browser: httpx.AsyncClient) -> None:
    await sign_in(house, browser, "?connect=channel")
    streamer = await house.connect()
    await house.services.chat.turn(streamer, streamer.id, True)
    await sign_in(house, browser, "?connect=channel")
    await sign_in(house, browser)
    account = await house.services.store.accounts.get("1001")
    assert account is not None
    assert account.tokens is not None
    assert "user:write:chat" in account.tokens.scopes
