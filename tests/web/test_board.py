"""The board as JSON, and its card."""

import asyncio
import html
import re
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
import segno
from starlette.applications import Starlette
from starlette.routing import Route

from tests.house import House
from vip_manager.domain.channel import Hidden
from vip_manager.ports import StoreUnavailable
from vip_manager.services import rates
from vip_manager.web import boards
from vip_manager.web.card import Card

BOARD = "/api/board/streamer"


async def hide(house: House, user_id: str, login: str) -> None:
    hidden = (Hidden(user_id, login, login.title(), user_id),)
    await house.services.store.commit(replace(await house.channel(), hidden=hidden))
    house.services.changes.announce("1001")


async def turn_off(house: House) -> None:
    await house.services.store.commit(replace(await house.channel(), board_off=True))
    house.services.changes.announce("1001")


async def test_it_says_who_is_vip_to_anybody(house: House, browser: httpx.AsyncClient) -> None:
    await house.open()
    await house.redeem("viewer1")
    answer = await browser.get("/api/board/StReAmEr")
    assert answer.status_code == 200
    assert [one["login"] for one in answer.json()["vips"]] == ["viewer1"]
    assert answer.headers["cache-control"] == "public, max-age=1"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "set-cookie" not in answer.headers
    # A page's clocks run from it.
    assert answer.json()["now"] <= round(house.clock.now().timestamp() * 1000) < answer.json()["now"] + 60_000


async def test_its_tag_changes_with_what_it_shows_and_not_with_the_time(
    house: House, browser: httpx.AsyncClient
) -> None:
    await house.open()
    first = await browser.get(BOARD)
    tag = first.headers["etag"]
    assert tag.startswith('W/"')
    for asked in (tag, tag.removeprefix("W/"), f'"other", {tag}', "*"):
        known = await browser.get(BOARD, headers={"if-none-match": asked})
        assert (known.status_code, known.content, known.headers["etag"]) == (304, b"", tag)
    head = await browser.head(BOARD, headers={"if-none-match": '"other"'})
    assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", tag)
    await house.redeem("viewer1")
    second = await browser.get(BOARD, headers={"if-none-match": tag})
    assert second.status_code == 200
    assert second.headers["etag"] != tag


async def test_a_jump_of_the_sandboxs_clock_is_news(house: House, browser: httpx.AsyncClient) -> None:
    await house.open()
    tag = (await browser.get(BOARD)).headers["etag"]
    house.clock.jump(1)
    assert (await browser.get(BOARD, headers={"if-none-match": tag})).status_code == 200


async def test_who_is_hidden_is_counted_and_not_named(house: House, browser: httpx.AsyncClient) -> None:
    await house.open()
    await house.redeem("viewer1")
    await hide(house, "3001", "viewer1")
    answer = await browser.get(BOARD)
    assert answer.json()["not_shown"] == 1
    assert answer.json()["vips"] == []
    assert "viewer1" not in answer.text.lower()


@pytest.mark.parametrize("login", ["nobody", "mod", "no%20name", "x" * 26])
async def test_where_there_is_none(house: House, browser: httpx.AsyncClient, login: str) -> None:
    await house.open()
    answer = await browser.get(f"/api/board/{login}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")
    assert answer.headers["access-control-allow-origin"] == "*"


async def test_one_that_is_off_says_only_that(house: House, browser: httpx.AsyncClient) -> None:
    await house.open()
    await house.redeem("viewer1")
    assert (await browser.get(BOARD)).status_code == 200
    await turn_off(house)
    answer = await browser.get(BOARD)
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "board_off")
    assert "viewer1" not in answer.text


async def test_out_of_reach_it_shows_what_it_knew(
    house: House, browser: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.open()
    await house.redeem("viewer1")
    assert (await browser.get(BOARD)).json()["out_of_reach"] is False

    async def away(*_: object) -> None:
        raise StoreUnavailable("away")

    monkeypatch.setattr(type(house.services.store.channels), "get", away)
    house.services.changes.announce("1001")
    answer = await browser.get(BOARD)
    assert answer.status_code == 200
    assert answer.json()["out_of_reach"] is True
    assert [one["login"] for one in answer.json()["vips"]] == ["viewer1"]
    # Whose board it is was remembered for a moment only, and can't be read again now.
    monkeypatch.setattr(type(house.services.store.channels), "by_login", away)
    monkeypatch.setattr(boards, "NAMED_FOR", 0.0)
    for _ in range(2):
        assert (await browser.get(BOARD)).json()["out_of_reach"] is True
    other = await browser.get("/api/board/mod")
    assert (other.status_code, other.headers["cache-control"]) == (503, "no-store")
    monkeypatch.undo()


async def test_names_are_not_tried_out(house: House, browser: httpx.AsyncClient) -> None:
    """The store is read once for a board that many ask for, and for few names that are none."""
    await house.open()
    read: list[str] = []
    by_login = house.services.board.channel_id

    async def counted(login: str) -> str | None:
        read.append(login)
        return await by_login(login)

    house.services.board.channel_id = counted  # type: ignore[method-assign]
    for _ in range(rates.API.most + 50):
        assert (await browser.get(BOARD)).status_code == 200
    assert read == ["streamer"]
    assert (await browser.get("/api/overlay/streamer")).status_code == 200
    assert read == ["streamer"], "an overlay's too"
    found = [
        await browser.get(f"/api/{('board', 'overlay')[number % 2]}/nobody_{number}")
        for number in range(rates.BOARD_GUESSES.most + 10)
    ]
    assert {one.status_code for one in found} == {404, 429}
    assert len(read) <= rates.BOARD_GUESSES.most + 1
    refused = found[-1]
    assert (refused.json()["error"]["code"], refused.headers["cache-control"]) == ("rate_limited", "no-store")
    assert (await browser.get(BOARD)).status_code == 200, "a board that is known"


async def test_a_name_that_has_gone_to_somebody_else(house: House, browser: httpx.AsyncClient) -> None:
    await house.open()
    assert (await browser.get(BOARD)).status_code == 200
    await house.services.store.commit(replace(await house.channel(), login="renamed"))
    house.services.changes.announce("1001")
    assert (await browser.get(BOARD)).status_code == 404
    assert (await browser.get("/api/board/renamed")).status_code == 200


async def test_many_ask_at_once_by_a_name_that_has_gone(house: House, browser: httpx.AsyncClient) -> None:
    await house.open()
    assert (await browser.get(BOARD)).status_code == 200
    await house.services.store.commit(replace(await house.channel(), login="renamed"))
    house.services.changes.announce("1001")
    found = await asyncio.gather(*(browser.get(BOARD) for _ in range(20)))
    assert {one.status_code for one in found} == {404}


async def test_free_seats_where_they_are_known(house: House, browser: httpx.AsyncClient) -> None:
    await house.open()
    assert (await browser.get(BOARD)).json()["seats_free"] == -1
    await house.rules(seats=5)
    await house.services.reconcile.catch_up("1001")
    await house.redeem("viewer1")
    told = (await browser.get(BOARD)).json()
    # One is the streamer's permanent VIP.
    assert (told["seats"], told["seats_free"]) == (5, 3)


def test_half_a_thousand_pages_behind_one_address_may_ask() -> None:
    rate = rates.of_path(BOARD)
    assert rate is not None
    assert rate.most / rate.seconds >= 500 / 1.5


async def test_its_code_holds_its_address(house: House, browser: httpx.AsyncClient) -> None:
    await house.open()
    answer = await browser.get("/api/board/STREAMER/qr.svg")
    assert answer.headers["content-type"].startswith("image/svg+xml")
    assert answer.headers["cache-control"] == "public, max-age=3600"
    expected = segno.make(f"{house.settings.public_url}/board/streamer", error="m")
    assert dots(answer.text) == {
        (4 + x, 4 + y) for y, row in enumerate(expected.matrix) for x, dark in enumerate(row) if dark
    }
    await turn_off(house)
    off = await browser.get(f"{BOARD}/qr.svg")
    assert (off.status_code, off.json()["error"]["code"]) == (404, "board_off")
    assert (await browser.get("/api/board/no%20name/qr.svg")).status_code == 404


def dots(svg: str) -> set[tuple[int, int]]:
    """Of a code that is drawn in strokes, line by line: which of its dots are dark."""
    (path,) = re.findall(r'<path[^>]*stroke="#000"[^>]* d="([^"]*)"', svg)
    found, x, y = set(), 0.0, 0.0
    for kind, numbers in re.findall(r"([Mmh])([-\d. ]+)", path):
        steps = [float(one) for one in numbers.replace("-", " -").split()]
        if kind == "h":
            found |= {(round(x) + step, int(y)) for step in range(int(steps[0]))}
            x += steps[0]
        else:
            x, y = (steps[0], steps[1]) if kind == "M" else (x + steps[0], y + steps[1])
    return found


SHELL = "<html><head><title>Shell</title></head><body>page</body></html>"


async def card(house: House, tmp_path: Path, login: str = "streamer", **headers: str) -> httpx.Response:
    shell = tmp_path / "404.html"
    shell.write_text(SHELL)
    app = Starlette(routes=[Route("/board/{login}", Card(shell, "https://vip.test").answer)])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="https://vip.test") as client:
        return await client.get(f"/board/{login}", headers=headers)


def tags(answer: httpx.Response) -> dict[str, str]:
    found = re.findall(r'<meta (?:name|property)="([^"]*)" content="([^"]*)"/>', answer.text)
    return {name: html.unescape(content) for name, content in found}


async def test_its_card_is_written_by_the_server(house: House, tmp_path: Path) -> None:
    await house.open()
    await house.redeem("viewer1")
    answer = await card(house, tmp_path)
    told = tags(answer)
    assert answer.status_code == 200
    assert told["og:title"] == "VIPs of Streamer right now"
    assert told["og:description"].startswith("1 VIP right now. Redeem “")
    assert told["og:url"] == "https://vip.test/board/streamer"
    assert told["og:image"].startswith("http")
    assert told["twitter:card"] == "summary"
    assert "robots" not in told
    assert "<title data-card>VIPs of Streamer right now · VIP Manager</title>" in answer.text
    assert answer.text.count("<title") == 1
    assert '<link rel="canonical" href="https://vip.test/board/streamer"/>' in answer.text
    assert "<body>page</body>" in answer.text
    # Who is VIP, a card does not say: it is kept by others, for as long as they like.
    assert "viewer1" not in answer.text.lower()


async def test_a_name_that_looks_like_a_tag_is_a_name(house: House, tmp_path: Path) -> None:
    await house.open()
    nasty = 'x"/></head><script>alert(1)</script>'
    await house.services.store.commit(replace(await house.channel(), username=nasty, avatar_url='"><script>'))
    house.services.changes.announce("1001")
    answer = await card(house, tmp_path)
    assert "<script>" not in answer.text
    assert tags(answer)["og:title"] == f"VIPs of {nasty} right now"


@pytest.mark.parametrize(("login", "off", "status"), [("nobody", False, 404), ("streamer", True, 200)])
async def test_where_there_is_nothing_to_see_nothing_is_told(
    house: House, tmp_path: Path, login: str, off: bool, status: int
) -> None:
    await house.open()
    if off:
        await turn_off(house)
    answer = await card(house, tmp_path, login)
    assert answer.status_code == status
    assert tags(answer) == {"robots": "noindex"}
    assert "Streamer" not in answer.text


async def test_while_the_store_is_away_no_search_engine_is_told_to_forget_it(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.open()

    async def away(*_: object) -> None:
        raise StoreUnavailable("away")

    monkeypatch.setattr(type(house.services.store.channels), "by_login", away)
    answer = await card(house, tmp_path)
    assert (answer.status_code, tags(answer)) == (200, {})
    assert "<body>page</body>" in answer.text
    monkeypatch.undo()


@pytest.mark.parametrize("encoding", ["br", "gzip", "identity"])
async def test_a_page_that_is_known_is_not_sent_again(house: House, tmp_path: Path, encoding: str) -> None:
    await house.open()
    first = await card(house, tmp_path, **{"accept-encoding": encoding})
    assert first.headers.get("content-encoding", "identity") == encoding
    assert "<body>page</body>" in first.text
    known = await card(house, tmp_path, **{"if-none-match": first.headers["etag"]})
    assert (known.status_code, known.content) == (304, b"")
    await house.redeem("viewer1")
    assert (await card(house, tmp_path, **{"if-none-match": first.headers["etag"]})).status_code == 200


async def test_a_picture_without_tls_is_on_no_card(house: House, tmp_path: Path) -> None:
    await house.open()
    for address, shown in (("http://evil.test/x.png", False), ("https://twitch.test/x.png", True)):
        await house.services.store.commit(replace(await house.channel(), avatar_url=address))
        house.services.changes.announce("1001")
        told = tags(await card(house, tmp_path))["og:image"]
        assert told == (address if shown else "https://vip.test/apple-touch-icon.png")
