"""What an overlay hears that has to ask: the board's picture, and while that is off, to the link's key alone."""

import httpx
import pytest

from tests.house import House
from vip_manager.services.access import Person

STREAMER = Person("1001", "streamer", "Streamer", "", True, False)


@pytest.fixture
async def vip(house: House) -> None:
    await house.open()
    await house.redeem("viewer1")


@pytest.mark.usefixtures("vip")
async def test_it_says_the_picture_and_then_that_it_is_known(house: House, browser: httpx.AsyncClient) -> None:
    first = await browser.get("/api/overlay/streamer")
    assert first.status_code == 200
    told = first.json()
    assert [one["login"] for one in told["vips"]] == ["viewer1"]
    assert told["now"] > 0
    assert first.headers["cache-control"] == "private, no-cache"
    tag = first.headers["etag"]
    known = await browser.get("/api/overlay/Streamer", headers={"If-None-Match": f'"other", {tag}'})
    assert (known.status_code, known.text, known.headers["etag"]) == (304, "", tag)
    await house.redeem("viewer2")
    news = await browser.get("/api/overlay/streamer", headers={"If-None-Match": tag})
    assert news.status_code == 200
    assert news.headers["etag"] != tag


@pytest.mark.usefixtures("vip")
async def test_while_the_board_is_off_it_takes_the_key(house: House, browser: httpx.AsyncClient) -> None:
    key, _ = await house.services.overlays.link("1001")
    await house.services.visibility.turn_board(STREAMER, "1001", False)
    with_key = await browser.get("/api/overlay/streamer", params={"key": key})
    assert [one["login"] for one in with_key.json()["vips"]] == ["viewer1"]
    assert key not in with_key.text
    await house.services.overlays.renew(STREAMER, "1001")
    nobody = await browser.get("/api/overlay/nobody")
    for params in ({}, {"key": "nonsense"}, {"key": key}):
        answer = await browser.get("/api/overlay/streamer", params=params)
        # As of a channel that nobody has heard of.
        assert (answer.status_code, answer.text) == (404, nobody.text)
        assert answer.headers["cache-control"] == "no-store"
        assert "etag" not in answer.headers


@pytest.mark.parametrize("login", ["nobody", "..%2Fapi", "a" * 60, "%00", "%F0%9F%98%80"])
async def test_where_there_is_none(browser: httpx.AsyncClient, login: str) -> None:
    assert (await browser.get(f"/api/overlay/{login}")).status_code == 404
