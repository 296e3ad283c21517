"""The pages of history and insights: what is asked for stands in the address, and nobody else sees what was found."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from tests.ui.conftest import call
from tests.ui.fakes import PICTURE, Fakes
from vip_manager.domain.team import Role
from vip_manager.domain.terms import InvalidInput
from vip_manager.ports import StoreUnavailable, TwitchUnavailable
from vip_manager.services.access import NotAllowed
from vip_manager.services.history import Asked, HistoryPage
from vip_manager.services.insights import Report
from vip_manager.services.pictures import ActivityLine, StaffPicture
from vip_manager.ui import guard, live, words
from vip_manager.ui.pages.history.state import History
from vip_manager.ui.pages.insights.state import Insights

HISTORY = "http://localhost:3000/dashboard/history"
INSIGHTS = "http://localhost:3000/dashboard/insights"
LINE = ActivityLine("l1", 5_000, "granted", "", "mira", "Mira", "24", 0, "", "", 0, "")


@pytest.fixture(autouse=True)
def rooms(monkeypatch: pytest.MonkeyPatch, services: Fakes) -> None:
    """The picture comes at once; the rooms themselves are tried in test_live.py."""

    async def settled(room: object, channel_id: str) -> AsyncIterator[StaffPicture]:
        yield services.picture

    async def joined(page: object, channel_id: str, person: object, *, role: Role) -> Role:
        return role

    async def left(page: object) -> None:
        return None

    monkeypatch.setattr(live, "settled", settled)
    monkeypatch.setattr(live, "join_staff", joined)
    monkeypatch.setattr(live, "leave", left)
    monkeypatch.setattr(live, "stands_behind", lambda *_: None)


async def told(state: Any, name: str, *args: Any) -> list[Any]:
    """What a handler has the browser do."""
    return [step async for step in getattr(type(state), name).fn(state, *args) if step is not None]


def where(step: Any) -> str:
    """The address that a redirect leads to."""
    return next(str(value) for name, value in step.args if str(name) == "path").strip('"')


async def test_the_address_says_what_is_shown(visit: Any, services: Fakes) -> None:
    services.found = HistoryPage([LINE], older="l1", newer="l1")
    page = await visit(
        History, "vip=anna", f"{HISTORY}?kind=given&who=mira&from=2026-03-01&to=2026-03-02&zone=Europe/Berlin&older=l9"
    )
    await call(page, "enter")
    asked = Asked("given", "mira", "2026-03-01", "2026-03-02", "Europe/Berlin")
    assert services.asked == [("1", asked, {"older_than": "l9"})]
    assert (page.rows, page.looked, page.narrowed, page.kind, page.who) == ([LINE], True, True, "given", "mira")
    narrowed = "kind=given&who=mira&from=2026-03-01&to=2026-03-02&zone=Europe%2FBerlin"
    assert page.older == f"/dashboard/history?{narrowed}&older=l1"
    assert page.newer == f"/dashboard/history?{narrowed}&newer=l1"
    assert page.top == f"/dashboard/history?{narrowed}"
    assert page.file == f"/api/channels/1/history.csv?{narrowed}"


async def test_the_channel_stays_in_the_address(visit: Any, services: Fakes) -> None:
    services.team = {("1", "2"): Role.HELPER}
    services.found = HistoryPage([LINE], older="l1")
    page = await visit(History, "vip=ben", f"{HISTORY}?channel=1")
    await call(page, "enter")
    assert services.asked == [("1", Asked(), {})]
    assert (page.older, page.top, page.narrowed) == (
        "/dashboard/history?channel=1&older=l1",
        "/dashboard/history?channel=1",
        False,
    )
    (step,) = (one for one in await told(page, "narrow", {"kind": "team", "zone": "Europe/Berlin"}) if one)
    assert where(step) == "/dashboard/history?kind=team&channel=1"


async def test_what_is_asked_for_becomes_the_address(visit: Any, services: Fakes) -> None:
    page = await visit(History, "vip=anna", HISTORY)
    form = {"kind": "", "who": " @Mira ", "first": "2026-03-01", "last": "", "zone": "Asia/Tokyo"}
    (step,) = await told(page, "narrow", form)
    assert where(step) == "/dashboard/history?who=%40Mira&from=2026-03-01&zone=Asia%2FTokyo"
    assert services.asked == []
    # The same once more looks anew, and the focus goes to what was found.
    await told(page, "narrow", {"kind": ""})
    assert services.asked == [("1", Asked(), {})]


async def test_an_address_that_can_not_be_read_is_said_in_words(visit: Any, services: Fakes) -> None:
    page = await visit(History, "vip=anna", f"{HISTORY}?older={'x' * 300}")
    await call(page, "enter")
    assert str(page.error) == words.SOMETHING
    assert services.asked == []


async def test_what_is_newer_than_the_page_is_known_by_the_picture(visit: Any, services: Fakes) -> None:
    services.found = HistoryPage([LINE])
    services.picture = replace(PICTURE, activity=[replace(LINE, at=7_000)])
    page = await visit(History, "vip=anna", HISTORY)
    await call(page, "enter")
    assert page.seen == 7_000
    services.picture = PICTURE
    other = await visit(History, "vip=anna", HISTORY)
    await call(other, "enter")
    assert other.seen == 5_000


@pytest.mark.parametrize(
    ("state", "address", "again"), [(History, HISTORY, "read_again"), (Insights, INSIGHTS, "sum_up")]
)
async def test_a_store_out_of_reach_is_said_calmly_and_tried_again(
    visit: Any, services: Fakes, state: Any, address: str, again: str
) -> None:
    page = await visit(state, "vip=anna", address)
    await call(page, "enter")
    services.fails = StoreUnavailable("away")
    await call(page, again, *(("UTC",) if state is Insights else ()))
    assert (str(page.away), str(page.error)) == (words.STORE_DOWN, "")
    services.fails = None
    await call(page, "read_again" if state is History else "sum_again")
    assert not page.away
    assert page.looked if state is History else page.computed


async def test_the_figures_are_made_when_it_is_known_whose_days_they_are(visit: Any, services: Fakes) -> None:
    page = await visit(Insights, "vip=anna", f"{INSIGHTS}?days=7")
    await call(page, "enter")
    assert (services.asked, page.computed, page.period) == ([], False, 7)
    await call(page, "sum_up", "Europe/Berlin")
    assert services.asked == [("1", 7, "Europe/Berlin")]
    assert page.report == Report(7, "Europe/Berlin", nothing=False)
    # Another period, or the connection came back: it is known still.
    await call(page, "enter")
    assert services.asked[1:] == [("1", 7, "Europe/Berlin")]


async def test_a_name_that_twitch_does_not_tell_of_is_not_said_to_be_nobodys(visit: Any, services: Fakes) -> None:
    page = await visit(History, "vip=anna", f"{HISTORY}?who=mira")
    services.fails = TwitchUnavailable("no answer")
    await call(page, "enter")
    assert ("Twitch does not answer" in str(page.away), page.unknown, page.rows) == (True, False, [])


@pytest.mark.parametrize("days", ["", "8", "-7", "many", "30.0", "٧"])
async def test_no_other_period_is_shown(visit: Any, services: Fakes, days: str) -> None:
    page = await visit(Insights, "vip=anna", f"{INSIGHTS}?days={days}")
    await call(page, "enter")
    assert page.period == 30


@pytest.mark.parametrize("cookie", ["", "vip=ben"])
@pytest.mark.parametrize(("state", "address"), [(History, HISTORY), (Insights, INSIGHTS)])
async def test_a_stranger_sees_nothing(visit: Any, services: Fakes, state: Any, address: str, cookie: str) -> None:
    page = await visit(state, cookie, f"{address}?channel=1")
    await call(page, "enter")
    assert services.asked == []
    assert not page.loaded


@pytest.mark.parametrize(("state", "address"), [(History, HISTORY), (Insights, INSIGHTS)])
async def test_who_is_off_the_team_keeps_nothing(
    visit: Any, services: Fakes, state: Any, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    services.team = {("1", "2"): Role.HELPER}
    services.found = HistoryPage([LINE], older="l1", newer="l1")
    page = await visit(state, "vip=ben", f"{address}?channel=1")
    if state is Insights:
        page.zone = "UTC"
    await call(page, "enter")
    assert page.looked if state is History else page.computed
    page._leave()
    if state is History:
        assert (page.rows, page.looked, page.file, page.older, page.newer, page.seen) == ([], False, "", "", "", 0)
    else:
        assert (page.report, page.computed) == (Report(), False)

    async def no_more(*_: object) -> None:
        raise NotAllowed

    # Between the picture and the lines.
    services.asked.clear()
    monkeypatch.setattr(guard, "visit", no_more)
    await call(page, "enter")
    assert services.asked == []


async def test_figures_that_are_made_too_often_are_said_calmly(visit: Any, services: Fakes) -> None:
    page = await visit(Insights, "vip=anna", INSIGHTS)
    await call(page, "enter")
    services.fails = InvalidInput("days", "Wait a minute.")
    await call(page, "sum_up", "UTC")
    assert (str(page.away), str(page.error), page.computed) == ("Wait a minute.", "", False)
