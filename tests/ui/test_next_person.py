"""One tab, two people: what the first was shown is gone before the second looks, whichever pages lie between."""

from typing import Any

import pytest
from reflex.istate.data import HeaderData, ReflexURL, URLData
from reflex_base.event import Event

from tests.ui.conftest import call
from tests.ui.fakes import Fakes, FakeSandbox
from vip_manager.services.pictures import PublicPicture, PublicVip, StaffPicture, StaffRules
from vip_manager.ui.auth_state import Site
from vip_manager.ui.guard import Newcomer
from vip_manager.ui.pages.board.state import BoardPage
from vip_manager.ui.pages.dashboard.state import Dashboard
from vip_manager.ui.pages.landing import Landing
from vip_manager.ui.pages.lost import Lost
from vip_manager.ui.pages.rewards.state import Rewards
from vip_manager.ui.pages.sandbox.state import Stage
from vip_manager.ui.pages.team.state import Team

HYDRATE = Event(name="reflex___state____state.hydrate_and_load", payload={})
PAGES = (Landing, Lost, BoardPage, Stage, Dashboard, Rewards, Team)


@pytest.fixture
def sandbox(services: Fakes) -> FakeSandbox:
    services.sandbox = made = FakeSandbox()
    return made


@pytest.fixture
async def dashboard(visit: Any, sandbox: FakeSandbox) -> Any:
    """Anna's, open in this tab."""
    page = await visit(Dashboard, "vip=anna")
    await call(page, "enter")
    assert page.picture.vips
    assert page.form_token
    return page


async def be(page: Any, cookie: str, url: str = "http://localhost:3000/") -> None:
    """The tab's next socket comes with that cookie, from that address."""
    root = page._get_root_state()
    root.rx_router_headers = HeaderData.from_router_data({"headers": {"cookie": cookie}})
    root.rx_router_url = URLData.from_url(ReflexURL(url))


@pytest.mark.parametrize("between", PAGES)
@pytest.mark.parametrize("hydrates", [True, False])
async def test_the_next_person_in_a_tab_gets_nothing_of_the_last_ones_panel_whatever_page_lies_between(
    services: Fakes, dashboard: Any, between: type[Site], hydrates: bool
) -> None:
    await be(dashboard, "")
    await call(await dashboard.get_state(between), "enter")
    await be(dashboard, "vip=ben", "http://localhost:3000/sandbox?channel=anna")
    if hydrates:
        await Newcomer().preprocess(None, dashboard._get_root_state(), HYDRATE)  # type: ignore[arg-type]
    else:
        await call(await dashboard.get_state(Stage), "enter")
    assert dashboard.picture == StaffPicture()
    assert dashboard.form_token == ("" if hydrates else services.form_tokens.of(""))


@pytest.mark.parametrize("page", PAGES)
async def test_who_takes_over_a_tab_without_a_word_gets_nothing_either(dashboard: Any, page: type[Site]) -> None:
    await be(dashboard, "vip=ben", "http://localhost:3000/dashboard?channel=1")
    await call(await dashboard.get_state(page), "enter")
    assert dashboard.picture == StaffPicture()


async def test_what_was_half_typed_into_the_rules_is_not_there_for_the_next_person(dashboard: Any) -> None:
    rewards = await dashboard.get_state(Rewards)
    await call(rewards, "enter")
    await call(rewards, "choose", "seats", "17")
    await be(dashboard, "vip=ben", "http://localhost:3000/dashboard/rewards?channel=1")
    await Newcomer().preprocess(None, dashboard._get_root_state(), HYDRATE)  # type: ignore[arg-type]
    assert rewards.draft == StaffRules()
    assert "17" not in rewards.says.seats


async def test_a_handler_that_finds_nobody_signed_in_leaves_no_page_with_what_they_saw(dashboard: Any) -> None:
    await be(dashboard, "")
    await call(dashboard, "turn", False)
    assert dashboard.error
    assert dashboard.picture == StaffPicture()
    assert not dashboard.me.signed_in


async def test_on_the_stage_of_somebody_elses_channel_nobody_is_staff(dashboard: Any) -> None:
    await be(dashboard, "vip=anna", "http://localhost:3000/sandbox?channel=ben")
    await call(await dashboard.get_state(Stage), "enter")
    assert dashboard.picture == StaffPicture()
    assert dashboard.me.username == "Anna"


async def test_what_a_page_showed_to_the_same_person_stays(dashboard: Any) -> None:
    await be(dashboard, "vip=anna")
    await Newcomer().preprocess(None, dashboard._get_root_state(), HYDRATE)  # type: ignore[arg-type]
    await call(await dashboard.get_state(Landing), "enter")
    assert dashboard.picture.vips


async def test_a_page_that_loads_anew_is_told_nothing_of_a_board_as_it_was(visit: Any, sandbox: FakeSandbox) -> None:
    """Whoever was shown then may be hidden by now, and the board may be off."""
    page = await visit(BoardPage, "")
    page.picture, page.loaded = PublicPicture(vips=[PublicVip("9", "mira", "Mira", "", 1, 2)]), True
    await Newcomer().preprocess(None, page._get_root_state(), HYDRATE)  # type: ignore[arg-type]
    assert page.picture == PublicPicture()
    assert not page.loaded
