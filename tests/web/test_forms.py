"""Posts that change something come from our own pages, and from the person that the page was made for."""

import httpx
import pytest

from tests.house import House
from tests.web.conftest import form_of
from tests.web.test_auth import sent_to, sign_in
from vip_manager.ports import StoreUnavailable
from vip_manager.services.form_tokens import FormTokens
from vip_manager.store.sealing import FORMS, TOKENS, WEBHOOKS, derived
from vip_manager.ui import words

LOGOUT = "/api/auth/logout"
KEYS = derived(["a root secret that is long enough", "an earlier root secret of theirs"], FORMS)


async def signed_in(house: House, browser: httpx.AsyncClient) -> bool:
    return await house.services.access.person(f"vip={browser.cookies['vip']}") is not None


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:2"},
        {"Origin": "https://localhost:1"},
        {"Origin": "http://localhost:1.evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example", "Sec-Fetch-Site": "same-origin"},
    ],
)
async def test_another_site_can_not_sign_anybody_out_even_with_the_token(
    house: House, browser: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    await sign_in(house, browser)
    answer = await browser.post(LOGOUT, data=await form_of(house, browser), headers=headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "wrong_origin")
    assert await signed_in(house, browser)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"token=",
        b"token=" + b"0" * 64,
        b"token=%ff%fe",
        b"\xff\xfe",
        b"&".join([b"a=b"] * 1000),
        b"token=\xc3\xa9",
        b'{"token": "x"}',
    ],
)
async def test_without_the_pages_token_nothing_is_done(house: House, browser: httpx.AsyncClient, body: bytes) -> None:
    """As of a page of ours into which somebody else could write a form."""
    await sign_in(house, browser)
    answer = await browser.post(LOGOUT, content=body, headers={"Origin": house.settings.public_url})
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "wrong_token")
    assert await signed_in(house, browser)


async def test_a_token_of_another_sign_in_is_none(house: House, browser: httpx.AsyncClient) -> None:
    await sign_in(house, browser)
    earlier = await form_of(house, browser)
    await sign_in(house, browser)
    answer = await browser.post(LOGOUT, data=earlier, headers={"Origin": house.settings.public_url})
    assert answer.json()["error"]["code"] == "wrong_token"
    assert await signed_in(house, browser)


async def test_a_browser_that_is_refused_reads_why_on_a_page(house: House, browser: httpx.AsyncClient) -> None:
    await sign_in(house, browser)
    ways: list[dict[str, str]] = [{"Accept": "text/html,*/*"}, {"Sec-Fetch-Mode": "navigate"}]
    for headers in ways:
        assert sent_to(await browser.post(LOGOUT, headers=headers)) == "/?problem=wrong_token"
        elsewhere = {**headers, "Origin": "https://evil.example"}
        assert sent_to(await browser.post(LOGOUT, headers=elsewhere)) == "/?problem=wrong_origin"
    assert await signed_in(house, browser)
    for code in ("wrong_token", "wrong_origin", "store_unavailable"):
        assert words.sign_in_problem(code) != words.sign_in_problem("unknown")
        assert words.problem_title(code) != words.problem_title("unknown")


async def test_a_sign_out_that_can_not_be_saved_says_so(
    house: House, browser: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    await sign_in(house, browser)
    form = await form_of(house, browser)

    async def fails(cookie: str) -> None:
        raise StoreUnavailable("the store is out of reach")

    monkeypatch.setattr(house.services.access, "sign_out", fails)
    answer = await browser.post(LOGOUT, data=form)
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "store_unavailable")
    assert sent_to(await browser.post(LOGOUT, data=form, headers={"Accept": "text/html"})).endswith("store_unavailable")
    assert "vip" in browser.cookies


async def test_who_is_not_signed_in_ends_where_everybody_does(house: House, browser: httpx.AsyncClient) -> None:
    assert sent_to(await browser.post(LOGOUT, headers={"Cookie": "vip=gone"})) == "/"


async def test_a_get_signs_nobody_out(house: House, browser: httpx.AsyncClient) -> None:
    await sign_in(house, browser)
    assert (await browser.get(LOGOUT, params=await form_of(house, browser))).status_code == 405
    assert await signed_in(house, browser)


def test_a_token_is_good_for_one_sign_in_alone() -> None:
    tokens = FormTokens(KEYS)
    assert tokens.fits(tokens.of("one"), "one")
    for token in (tokens.of("another"), tokens.of("one")[:-1], tokens.of("one").upper(), "", "\ud800"[:0]):
        assert not tokens.fits(token, "one")
    assert not tokens.fits(tokens.of(""), ""), "nobody's token is none"


def test_pages_stay_good_while_the_root_secret_changes() -> None:
    before = FormTokens(KEYS[1:])
    assert FormTokens(KEYS).fits(before.of("one"), "one")
    assert not before.fits(FormTokens(KEYS).of("one"), "one")


def test_the_key_serves_no_other_use() -> None:
    assert not {*KEYS} & {*derived(["a root secret that is long enough"], TOKENS + WEBHOOKS)}
    assert FORMS not in (TOKENS, WEBHOOKS)


@pytest.mark.parametrize("keys", [[], [""]])
def test_without_a_key_there_are_no_tokens(keys: list[str]) -> None:
    with pytest.raises(ValueError, match="at least one key"):
        FormTokens(keys)
