"""Somebody with a part in another's channel: where they come to, what they are shown, and how it ends."""

from typing import Any

import pytest

from tests.ui.conftest import call
from tests.ui.fakes import Fakes
from vip_manager.domain.team import ALLOWED, May, Role
from vip_manager.services.pictures import StaffPicture
from vip_manager.ui import channel_frame, team_words, words
from vip_manager.ui.channel_page import ChannelPage, Mays
from vip_manager.ui.pages.dashboard.state import Dashboard
from vip_manager.ui.pages.rewards.state import Rewards
from vip_manager.ui.pages.sandbox import our_side
from vip_manager.ui.pages.settings import view as settings
from vip_manager.ui.pages.team import view as team
from vip_manager.ui.pages.team.state import Team

HOME = "http://localhost:3000"
HELPER = Mays(decide=True, give=True)


async def told(page: Any, name: str = "enter") -> list[Any]:
    """What a handler yields for the browser."""
    return [step async for step in getattr(type(page), name).fn(page) if step is not None]


def led(step: Any) -> str:
    """Where the browser is told to go."""
    told = {str(key): str(value) for key, value in step.args}
    return told["path"].strip('"')


@pytest.fixture
def serving(services: Fakes) -> Fakes:
    """Ben has no channel of his own, and helps in Anna's."""
    services.owners = frozenset({"1"})
    services.team = {("1", "2"): Role.HELPER}
    return services


async def test_whoever_serves_one_channel_is_led_to_it(visit: Any, serving: Fakes) -> None:
    page = await visit(Dashboard, "vip=ben", f"{HOME}/dashboard")
    [step] = await told(page)
    assert led(step) == "/dashboard?channel=1"
    assert (page.loaded, page.choosing, page.picture) == (False, False, StaffPicture())


@pytest.mark.parametrize(
    ("address", "path"),
    [
        ("/dashboard/team", "/dashboard/team"),
        ("/dashboard/team/", "/dashboard/team"),
        ("//evil.example/dashboard", "/dashboard"),
        ("/dashboard/../../evil", "/dashboard"),
        ("/dashboard//evil.example", "/dashboard"),
        ("/DASHBOARD\\evil", "/dashboard"),
    ],
)
async def test_nobody_is_led_anywhere_but_to_a_page_of_ours(
    visit: Any, serving: Fakes, address: str, path: str
) -> None:
    page = await visit(Team, "vip=ben", HOME + address)
    [step] = await told(page)
    assert led(step) == f"{path}?channel=1"


async def test_whoever_serves_several_chooses(visit: Any, serving: Fakes) -> None:
    serving.team[("3", "2")] = Role.MANAGER
    page = await visit(Dashboard, "vip=ben", f"{HOME}/dashboard")
    assert await told(page) == []
    assert page.choosing
    assert not page.loaded
    assert [(one.id, one.role) for one in page.channels] == [("1", "helper"), ("3", "manager")]


async def test_a_channel_of_ones_own_comes_first_and_is_shown(visit: Any, services: Fakes) -> None:
    services.team = {("1", "2"): Role.HELPER}
    page = await visit(Dashboard, "vip=ben", f"{HOME}/dashboard")
    assert await told(page) == []
    assert page.loaded
    assert (page.role, page.may) == ("owner", Mays.of(Role.OWNER))
    assert [one.role for one in page.channels] == ["owner", "helper"]


async def test_whoever_serves_nobody_is_shown_what_they_always_were(visit: Any, serving: Fakes) -> None:
    serving.team = {}
    page = await visit(Dashboard, "vip=ben", f"{HOME}/dashboard")
    assert await told(page) == []
    assert (page.loaded, page.channels) == (True, [])


@pytest.mark.parametrize("state", [Dashboard, Rewards, Team])
async def test_a_members_page_shows_what_they_may(visit: Any, serving: Fakes, state: type[ChannelPage]) -> None:
    page = await visit(state, "vip=ben", f"{HOME}/dashboard?channel=1")
    assert await told(page) == []
    assert (page.loaded, page.role, page.may) == (True, "helper", HELPER)


def test_what_a_page_shows_is_what_the_table_says() -> None:
    for role in Role:
        shown = Mays.of(role)
        assert {name for name in vars(shown) if getattr(shown, name)} == {
            act.value for act in ALLOWED[role] - {May.SEE}
        }


def test_every_role_and_permission_has_words() -> None:
    assert set(team_words.ROLES) == set(Role)
    assert list(team_words.MAYS) == list(May)


async def test_another_role_shows_at_once(visit: Any, serving: Fakes) -> None:
    page = await visit(Dashboard, "vip=ben", f"{HOME}/dashboard?channel=1")
    await call(page, "enter")
    root = await page.get_state(ChannelPage)
    await root._has_part("1", "manager")
    assert (page.role, page.may) == ("manager", Mays.of(Role.MANAGER))
    assert str(page.notice) == "You are a manager of Anna now. This page shows what you may do."
    await root._has_part("7", "")
    assert page.role == "manager", "that was about another channel than the one that is shown"


async def test_whoever_is_off_the_team_keeps_nothing_on_any_page_of_the_tab(visit: Any, serving: Fakes) -> None:
    page = await visit(Rewards, "vip=ben", f"{HOME}/dashboard?channel=1")
    await call(page, "enter")
    assert page.of == "1"
    page._open("end", "s1")
    await (await page.get_state(ChannelPage))._has_part("1", "")
    assert (page.picture, page.loaded, page.role, page.may) == (StaffPicture(), False, "", Mays())
    assert (page.of, page.dialog, page.subject, page.channels) == ("", "", "", [])
    assert str(page.refused) == str(page.notice) == str(team_words.off_team("Anna"))


async def test_where_a_channel_has_left_its_team_reads_that(visit: Any, serving: Fakes) -> None:
    page = await visit(Team, "vip=ben", f"{HOME}/dashboard/team?channel=1")
    await call(page, "enter")
    root = await page.get_state(ChannelPage)
    await root._has_left("7")
    assert page.loaded, "that was another channel than the one that is shown"
    await root._has_left("1")
    assert (page.picture, page.loaded, str(page.refused)) == (StaffPicture(), False, str(team_words.has_left("Anna")))


async def test_a_member_leaves_and_the_owner_cant_be_asked_to(visit: Any, serving: Fakes) -> None:
    page = await visit(Team, "vip=ben", f"{HOME}/dashboard/team?channel=1")
    await call(page, "enter")
    await call(page, "quit")
    assert serving.done == [], "only out of the question that is asked first"
    await call(page, "show_dialog", "leave")
    await call(page, "quit")
    [(name, person, channel_id)] = serving.done
    assert (name, person.id, channel_id) == ("leave", "2", "1")
    assert str(page.refused) == str(team_words.off_team("Anna"))
    assert page.picture == StaffPicture()


async def test_the_owner_names_and_changes_and_takes_off(visit: Any, services: Fakes) -> None:
    page = await visit(Team, "vip=anna", f"{HOME}/dashboard/team")
    await call(page, "enter")
    assert page.you == "1"
    await call(page, "suggest")
    assert [one.username for one in page.suggested] == ["Mod", "Nightbot"]
    await call(page, "name_moderator", "mod")
    await call(page, "name", {"login": "@Mira", "role": "manager"})
    await call(page, "change_role", "9", "helper")
    await call(page, "ask", "off", "9")
    await call(page, "take_off")
    assert [(one[0], *one[3:]) for one in services.done[1:]] == [
        ("name", "mod", Role.HELPER),
        ("name", "mira", Role.MANAGER),
        ("change", "9", Role.HELPER),
        ("dismiss", "9"),
    ]
    assert page.dialog == ""


async def test_whoever_was_dismissed_is_refused_at_the_next_event(visit: Any, serving: Fakes) -> None:
    page = await visit(Dashboard, "vip=ben", f"{HOME}/dashboard?channel=1")
    await call(page, "enter")
    serving.team = {}
    page._open("give")
    await call(page, "give", {"login": "mira", "hours": "1"})
    assert serving.done == []
    assert str(page.error) == words.NOT_YOURS
    await call(page, "enter")
    assert (page.loaded, page.picture, str(page.refused)) == (False, StaffPicture(), words.NOT_YOURS)


def shown_when(component: dict[str, Any], words: str, *conditions: str) -> list[tuple[str, ...]]:
    """Under which conditions of the page these words stand on it."""
    if words in str(component.get("contents", "")):
        return [conditions]
    below: list[tuple[str, ...]] = []
    if "cond_state" in component:
        condition = component["cond_state"]
        below += shown_when(component["true_value"], words, *conditions, condition)
        return below + shown_when(component["false_value"], words, *conditions, f"not {condition}")
    for child in component.get("children", ()):
        below += shown_when(child, words, *conditions)
    return below


def test_a_member_without_a_channel_finds_their_account_among_the_settings() -> None:
    [conditions] = shown_when(settings._of_the_channel().render(), "Delete my account")
    assert "may" in conditions[0]
    assert '"owner"' in conditions[1]
    assert all(one.startswith("not ") for one in conditions), "neither its owner's, nor whoever has one of their own"


@pytest.mark.parametrize("words", ["Leave this team", "Take off", "You left VIP Manager", "Your channel is not conn"])
def test_where_nothing_can_be_done_on_twitch_there_is_a_team_still(words: str) -> None:
    at_work, without = (
        shown_when(one.render(), words) for one in (team._team("", ""), team._team(team._unconnected()))
    )
    assert without
    assert bool(at_work) is (words in ("Leave this team", "Take off"))
    assert shown_when(team.team().render(), words)


def test_whose_own_channel_is_not_connected_finds_the_others() -> None:
    assert shown_when(channel_frame.way_to_one().render(), "Go to another channel")


def test_a_members_way_from_the_stage_leads_to_the_channel() -> None:
    way = str(our_side._dashboard())
    assert "/dashboard?channel=" in way
    assert '"owner"' in way
