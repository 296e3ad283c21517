"""The sandbox page: what it shows to whom, what its acts ask for, and that where Twitch is real there is none of it."""

import dataclasses
from datetime import timedelta
from typing import Any

import pytest

from tests.ui.conftest import call
from tests.ui.fakes import LINE, STAGE, Fakes, FakeSandbox
from vip_manager.domain.team import Role
from vip_manager.ports import SandboxRefused, StoreUnavailable
from vip_manager.services.mishaps import Mishap
from vip_manager.services.pictures import StaffPicture
from vip_manager.services.sandbox import TwitchIsReal
from vip_manager.ui import live, rooms, words
from vip_manager.ui.pages.board.state import BoardPage
from vip_manager.ui.pages.dashboard.state import Dashboard
from vip_manager.ui.pages.sandbox import trouble_words as trouble
from vip_manager.ui.pages.sandbox.state import Stage

HERE = "http://localhost:3000/sandbox"
ACTS: dict[str, tuple[tuple[Any, ...], tuple[Any, ...]]] = {
    "redeem": (("mira",), ("redeem_any", "1", "mira", "")),
    "vip": ((True,), ("vip", "1", "mira", True)),
    "moderator": ((False,), ("moderator", "1", "mira", False)),
    "ban": ((True,), ("ban", "1", "mira", True)),
    "give_points": (({"points": "5"},), ("points", "1", "mira", "5")),
    "arrive": (({"login": "@Kai"},), ("arrive", "kai")),
    "go_live": ((True,), ("live", "1", True)),
    "affiliate": ((False,), ("affiliate", "1", False)),
    "seats": ((7,), ("seats", "1", 7)),
    "settle": (("r1", True), ("settle", "r1", True)),
    "evening": ((True,), ("evening", "1", True)),
    "say": (({"viewer": "mira", "text": "!vip"},), ("say", "1", "mira", "!vip")),
    "jump": (("10m",), ("jump", timedelta(minutes=10))),
    "switch": (("down", True), ("switch", "1", Mishap.DOWN, True)),
    "heal": ((), ("heal", "1")),
    "strike": (("cut",), ("cut_sockets", "1")),
}
"""Handlers that reach Twitch: what a page sends, and what is asked for then."""
SHOWING: dict[str, tuple[Any, ...]] = {
    "choose": ("A song",),
    "ask": ("mira",),
    "close": (),
    "dismiss": (),
    "show": ("fault",),
    "pause": (True,),
}
"""Handlers that change only what this one page shows."""


@pytest.fixture
def sandbox(services: Fakes) -> FakeSandbox:
    services.sandbox = made = FakeSandbox()
    return made


async def entered(visit: Any, cookie: str = "", url: str = f"{HERE}?channel=anna") -> Any:
    page = await visit(Stage, cookie, url)
    await call(page, "enter")
    return page


def test_every_handler_is_tried_below() -> None:
    assert {*ACTS, *SHOWING, "enter"} == set(Stage.event_handlers) - {"setvar"}


async def test_where_twitch_is_real_there_is_nothing_to_see(visit: Any, services: Fakes) -> None:
    page = await entered(visit, "vip=anna")
    assert page.ready
    assert not page.sandbox
    assert not page.loaded
    assert page.picture.channel_id == ""


@pytest.mark.parametrize("name", [*ACTS, *SHOWING])
async def test_where_twitch_is_real_every_handler_is_refused(visit: Any, services: Fakes, name: str) -> None:
    page = await visit(Stage, "vip=anna", f"{HERE}?channel=anna")
    page._channel, page.subject = "1", "mira"
    before = page.dict()
    arguments = ACTS[name][0] if name in ACTS else SHOWING[name]
    await call(page, name, *arguments)
    assert str(page.error) == words.REAL
    page.error = ""
    assert page.dict() == before
    assert services.done == []


async def test_where_twitch_is_real_its_room_can_be_neither_named_nor_read(services: Fakes) -> None:
    with pytest.raises(TwitchIsReal):
        live.stage("1")
    with pytest.raises(TwitchIsReal):
        await rooms.TWITCH.read("1")


async def test_the_streamer_sees_the_dashboards_side(visit: Any, sandbox: FakeSandbox) -> None:
    page = await entered(visit, "vip=anna")
    assert page.picture == STAGE
    assert page.loaded
    dashboard = await page.get_state(Dashboard)
    assert (dashboard.picture.vips[0].username, dashboard.role) == ("Mira", "owner")


async def test_a_member_sees_it_as_what_they_are(visit: Any, services: Fakes, sandbox: FakeSandbox) -> None:
    services.team = {("1", "2"): Role.HELPER}
    page = await entered(visit, "vip=ben")
    dashboard = await page.get_state(Dashboard)
    assert (dashboard.picture.login, dashboard.role, dashboard.may.rewards) == ("anna", "helper", False)


@pytest.mark.parametrize("cookie", ["", "vip=nobody", "vip=ben"])
async def test_anybody_else_sees_the_public_side_only(visit: Any, sandbox: FakeSandbox, cookie: str) -> None:
    page = await entered(visit, cookie)
    assert page.loaded
    assert (await page.get_state(BoardPage)).picture.login == "anna"
    assert (await page.get_state(Dashboard)).picture == StaffPicture()


@pytest.mark.parametrize(
    ("cookie", "url", "channel"),
    [
        ("", HERE, "3"),
        ("vip=ben", HERE, "2"),
        ("vip=ben", f"{HERE}?channel=anna", "1"),
    ],
)
async def test_the_channel_is_the_one_asked_for_or_ones_own_or_the_first(
    visit: Any, sandbox: FakeSandbox, cookie: str, url: str, channel: str
) -> None:
    assert (await entered(visit, cookie, url))._channel == channel


async def test_a_twitch_that_does_not_answer_is_said(visit: Any, sandbox: FakeSandbox) -> None:
    sandbox.fails = SandboxRefused("The sandbox's Twitch does not answer.")
    page = await entered(visit)
    assert str(page.broken) == "The sandbox's Twitch does not answer."
    assert not page.loaded


async def test_a_store_out_of_reach_is_said(
    visit: Any, services: Fakes, sandbox: FakeSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(channel_id: str) -> StaffPicture:
        raise StoreUnavailable("away")

    monkeypatch.setattr(services, "staff", away, raising=False)
    page = await entered(visit, "vip=anna")
    assert str(page.broken) == words.STORE_DOWN


@pytest.mark.parametrize("name", ACTS)
@pytest.mark.parametrize("cookie", ["", "vip=anna"])
async def test_anybody_may_move_the_simulated_twitch_and_nothing_of_ours(
    visit: Any, services: Fakes, sandbox: FakeSandbox, name: str, cookie: str
) -> None:
    page = await entered(visit, cookie)
    await call(page, "ask", "mira")
    arguments, asked = ACTS[name]
    await call(page, name, *arguments)
    assert str(page.error) == ""
    assert page.busy == ""
    assert sandbox.done == [asked]
    assert services.done == []


async def test_redeem_redeems_the_reward_that_was_chosen(visit: Any, sandbox: FakeSandbox) -> None:
    page = await entered(visit)
    await call(page, "choose", "A song")
    await call(page, "redeem", "mira")
    assert sandbox.done == [("redeem_any", "1", "mira", "A song")]


async def test_time_jumps_to_the_next_end_of_this_channel(visit: Any, sandbox: FakeSandbox) -> None:
    page = await entered(visit)
    await call(page, "jump", "end")
    assert sandbox.done == [("jump_to_next_end", "1")]


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("vip", ("yes",)),
        ("go_live", (1,)),
        ("switch", ("meteor", True)),
        ("switch", ("down", "on")),
        ("strike", ("__class__",)),
        ("jump", ("-1h",)),
        ("settle", ({"$ne": 1}, True)),
        ("choose", ("x" * 1000,)),
        ("arrive", ("not a form",)),
        ("arrive", ({"login": "../mira"},)),
        ("ask", ({},)),
        ("jump", ({},)),
        ("jump", (["end"],)),
        ("show", ({},)),
        ("strike", (["cut"],)),
    ],
)
async def test_nonsense_is_answered_in_words(
    visit: Any, sandbox: FakeSandbox, caplog: pytest.LogCaptureFixture, name: str, arguments: tuple[Any, ...]
) -> None:
    page = await entered(visit)
    await call(page, name, *arguments)
    assert sandbox.done == []
    assert page.error
    assert "page_handler_failed" not in caplog.text, "foreseen, so it is not logged as a fault of ours"


async def test_what_twitch_refuses_is_said_as_twitch_says_it(visit: Any, sandbox: FakeSandbox) -> None:
    page = await entered(visit)
    sandbox.fails = SandboxRefused("Mira has 3 points; “VIP” costs 500.")
    await call(page, "redeem", "mira")
    assert str(page.error) == "Mira has 3 points; “VIP” costs 500."
    sandbox.fails = None
    await call(page, "redeem", "mira")
    assert str(page.error) == ""


@pytest.mark.parametrize(("name", "arguments"), [("redeem", ("mira",)), ("arrive", ({"login": "../mira"},))])
async def test_what_goes_wrong_among_the_viewers_is_said_there(
    visit: Any, sandbox: FakeSandbox, name: str, arguments: tuple[Any, ...]
) -> None:
    page = await entered(visit)
    sandbox.fails = SandboxRefused("No.")
    await call(page, name, *arguments)
    assert page.error
    assert page.error_at == "viewers"
    await call(page, "go_live", True)
    assert str(page.error) == "No."
    assert page.error_at == ""


async def test_the_journal_stands_still_as_it_is_now_and_goes_on(visit: Any, sandbox: FakeSandbox) -> None:
    page = await entered(visit)
    newer = dataclasses.replace(LINE, id="2")
    sandbox.shown = dataclasses.replace(STAGE, journal=[newer, LINE])
    await call(page, "pause", True)
    assert [line.id for line in page.held] == ["2", "1"]
    await call(page, "pause", False)
    assert not page.paused
    assert page.held == []


def test_every_mishap_has_its_switch_and_its_sentence() -> None:
    assert set(trouble.ALL) == set(Mishap)
    assert all(title and sentence.endswith(".") for title, sentence in trouble.ALL.values())
