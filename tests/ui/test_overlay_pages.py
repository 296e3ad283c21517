"""Who is told what: an overlay by its key, one without, and the page on which the key is shown."""

import asyncio
from typing import Any

import pytest

from tests.ui.conftest import call
from tests.ui.fakes import Fakes
from tests.ui.test_live import Sockets, app, by, carrying, looker, until  # noqa: F401  (`app` is a fixture)
from vip_manager.domain.team import Role
from vip_manager.ui import live, rooms
from vip_manager.ui.channel_page import ChannelPage
from vip_manager.ui.pages.board.state import BoardPage
from vip_manager.ui.pages.overlay import OverlayPage
from vip_manager.ui.pages.overlay_setup.state import OverlaySetup

KEY = "key-of-1-0"
HERE = "http://localhost:3000/overlay/anna"
SHOWN = f"{OverlayPage.get_full_name()}"


@pytest.fixture
def off(services: Fakes, monkeypatch: pytest.MonkeyPatch) -> Fakes:
    monkeypatch.setattr(OverlayPage, "login", "anna", raising=False)
    services.board_off = True

    return services


def told(app: Any, room: str) -> list[Any]:  # noqa: F811
    return [delta for name, delta in app.sockets.sent if name == room]


@pytest.mark.usefixtures("off")
@pytest.mark.parametrize(
    ("query", "sees", "room"),
    [("", False, "overlay:1"), ("?key=nonsense", False, "overlay:1"), (f"?key={KEY}&layout=list", True, "keyed:1")],
)
async def test_while_the_board_is_off_the_key_decides(
    app: Any,  # noqa: F811
    visit: Any,
    query: str,
    sees: bool,
    room: str,
) -> None:
    app.sockets.sid_to_token["socket"] = "t9"
    page = await visit(OverlayPage, "", HERE + query)
    await call(page, "enter")
    assert page.picture.off is not sees
    assert app.sockets.rooms("socket", Sockets.namespace) == ["socket", room]


async def test_nobody_but_who_has_the_key_is_told_by_the_room(app: Any, off: Fakes) -> None:  # noqa: F811
    await live.join_overlay(looker("ann"), "1", KEY)
    await live.join_overlay(looker("tab"), "1", "nonsense")
    await live.join_board(looker("tv"), "1")
    async with carrying(app):
        off.changes.announce("1")
        await until(lambda: len(app.sockets.sent) == 3, "all to be told")
    assert [delta[SHOWN]["picture_rx_state_"].off for delta in told(app, "keyed:1")] == [False]
    assert [delta[SHOWN]["picture_rx_state_"].off for delta in told(app, "overlay:1")] == [True]
    (board,) = told(app, "board:1")
    assert list(board) == [BoardPage.get_full_name()]
    assert board[BoardPage.get_full_name()]["picture_rx_state_"].off
    assert all(ChannelPage.get_full_name() not in delta for _, delta in app.sockets.sent)


async def test_a_new_link_ends_what_came_by_the_old_one(app: Any, off: Fakes) -> None:  # noqa: F811
    await live.join_overlay(looker("ann"), "1", KEY)
    off.link_number = 1
    await live.join_overlay(looker("tab"), "1", "key-of-1-1")
    async with carrying(app):
        off.changes.announce("1")
        await until(lambda: len(app.sockets.sent) == 2, "both to be told")
    members = app.sockets.manager.rooms[Sockets.namespace]
    assert (members["keyed:1"], members["overlay:1"]) == ({"tab"}, {"ann"})
    assert told(app, "overlay:1")[0][SHOWN]["picture_rx_state_"].off
    assert live._here.links == {"tab": 1}


async def test_a_link_that_ends_on_the_way_in_lets_nobody_in(
    app: Any,  # noqa: F811
    off: Fakes,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def current(channel_id: str) -> int:
        return 7

    monkeypatch.setattr(off, "current", current)
    assert await live.join_overlay(looker("ann"), "1", KEY) is rooms.OVERLAY
    assert app.sockets.rooms("ann", Sockets.namespace) == ["ann", "overlay:1"]


async def test_while_it_can_not_be_known_whether_the_link_has_ended_nothing_is_told(
    app: Any,  # noqa: F811
    off: Fakes,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await live.join_overlay(looker("ann"), "1", KEY)
    asked: list[str] = []

    async def current(channel_id: str) -> int:
        asked.append(channel_id)
        raise RuntimeError("store")

    monkeypatch.setattr(off, "current", current)
    async with carrying(app):
        off.changes.announce("1")
        await until(lambda: bool(asked), "the link to be looked at")
        await asyncio.sleep(0)
    assert app.sockets.sent == []


async def test_an_overlay_goes_on_when_somebody_signs_out_in_its_browser(app: Any, off: Fakes) -> None:  # noqa: F811
    live.stands_behind(looker("ann"), by("1"))
    await live.join_overlay(looker("ann"), "1", KEY)
    await live.expel(app, "1")
    assert app.sockets.rooms("ann", Sockets.namespace) == ["ann", "keyed:1"]


@pytest.mark.usefixtures("off")
async def test_what_was_shown_is_forgotten_when_the_page_is_told_all_again(visit: Any) -> None:
    page = await visit(OverlayPage, "", f"{HERE}?key={KEY}")
    await call(page, "enter")
    assert page.picture.username
    page._outdated()
    assert page.picture is None


async def test_no_such_channel_is_an_empty_overlay(visit: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for login in ("nobody", "../anna"):
        monkeypatch.setattr(OverlayPage, "login", login, raising=False)
        page = await visit(OverlayPage, "", HERE)
        await call(page, "enter")
        assert not page.picture.known


@pytest.mark.parametrize(
    ("cookie", "role", "key"),
    [("vip=anna", None, KEY), ("vip=ben", Role.MANAGER, KEY), ("vip=ben", Role.HELPER, ""), ("vip=ben", None, "")],
)
async def test_the_key_is_for_those_who_may_say_what_the_public_sees(
    visit: Any, services: Fakes, cookie: str, role: Role | None, key: str
) -> None:
    services.team = {("1", "2"): role} if role else {}
    page = await visit(OverlaySetup, cookie, "http://localhost:3000/dashboard/overlay?channel=1")
    await call(page, "enter")
    assert page.link_key == key
    page._leave()
    assert (page.link_key, page.link_number) == ("", -1)


async def test_a_new_link_is_on_the_page_at_once(visit: Any, services: Fakes, monkeypatch: pytest.MonkeyPatch) -> None:
    async def renew(*_: Any) -> None:
        services.link_number += 1

    monkeypatch.setattr(services, "renew", renew)
    page = await visit(OverlaySetup, "vip=anna", "http://localhost:3000/dashboard/overlay")
    await call(page, "enter")
    page._open("link")
    await call(page, "new_link")
    assert (page.link_key, page.link_number, page.dialog) == ("key-of-1-1", 1, "")
    assert "new secret link" in str(page.notice)
