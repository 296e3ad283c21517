"""Whoever may open a socket may call every handler there is. So each has a decision, and keeps to it."""

from typing import Any

import pytest
from reflex.state import BaseState, all_base_state_classes

from tests.ui.conftest import call
from tests.ui.fakes import Fakes
from vip_manager.domain.notice import Event
from vip_manager.domain.team import ALLOWED, May, Role
from vip_manager.services.access import NotSignedIn
from vip_manager.services.pictures import StaffPicture
from vip_manager.ui import (
    app,  # noqa: F401  registers every State
    words,
)
from vip_manager.ui.pages.components.state import Components
from vip_manager.ui.pages.dashboard.state import Dashboard
from vip_manager.ui.pages.sandbox.state import Stage

OURS = "vip_manager."
FRAMEWORK = {"reflex.state", "reflex.istate.shared"}
"""Where Reflex's own handlers live: hydration, navigation, client errors. They reach nothing of ours."""


def every_state() -> list[type[BaseState]]:
    found: list[type[BaseState]] = []
    queue = list(BaseState.__subclasses__())
    while queue:
        state = queue.pop()
        found.append(state)
        queue.extend(state.__subclasses__())
    return found


def own_handlers() -> list[tuple[type[BaseState], str, Any]]:
    return [
        (state, name, handler)
        for state in every_state()
        if state.__module__.startswith(OURS)
        for name, handler in state.event_handlers.items()
        if name != "setvar"
    ]


def test_all_states_are_known() -> None:
    names = {name for name in all_base_state_classes if "vip_manager" in name}
    assert names == {state.get_full_name() for state in every_state() if state.__module__.startswith(OURS)}
    assert {state.__module__ for state in every_state()} - FRAMEWORK <= {
        "vip_manager.ui.auth_state",
        "vip_manager.ui.channel_page",
        "vip_manager.ui.pages.board.state",
        "vip_manager.ui.pages.chat.state",
        "vip_manager.ui.pages.components.state",
        "vip_manager.ui.pages.dashboard.state",
        "vip_manager.ui.pages.health.state",
        "vip_manager.ui.pages.health.trial",
        "vip_manager.ui.pages.history.state",
        "vip_manager.ui.pages.insights.state",
        "vip_manager.ui.pages.landing",
        "vip_manager.ui.pages.lost",
        "vip_manager.ui.pages.overlay",
        "vip_manager.ui.pages.overlay_setup.state",
        "vip_manager.ui.pages.rewards.state",
        "vip_manager.ui.pages.sandbox.state",
        "vip_manager.ui.pages.settings.api_tokens",
        "vip_manager.ui.pages.settings.board",
        "vip_manager.ui.pages.settings.leave",
        "vip_manager.ui.pages.settings.sign_ins",
        "vip_manager.ui.pages.settings.state",
        "vip_manager.ui.pages.settings.webhooks",
        "vip_manager.ui.pages.team.state",
    }


def test_every_handler_has_a_decision() -> None:
    handlers = own_handlers()
    assert len(handlers) > 15
    for state, name, handler in handlers:
        assert getattr(handler.fn, "_guarded", None) in {"public", "person", "staff", "sandbox"}, (
            f"{state.__name__}.{name}"
        )


def test_public_handlers_are_the_few_that_show_or_open_something() -> None:
    public = {f"{state.__name__}.{name}" for state, name, handler in own_handlers() if handler.fn._guarded == "public"}
    assert public == {
        "Landing.enter",
        "Lost.enter",
        "BoardPage.enter",
        "OverlayPage.enter",
        "OverlaySetup.enter",
        "ChatPage.enter",
        "ChannelPage.ask",
        "ChannelPage.close",
        "ChannelPage.dismiss",
        "ChannelPage.show_dialog",
        "Dashboard.enter",
        "Dashboard.draft",
        "Dashboard.weigh_clock",
        "Health.enter",
        "Trial.close_test",
        "Rewards.enter",
        "Rewards.choose",
        "Rewards.tick",
        "Stage.enter",
        "Components.enter",
        "Team.enter",
        "History.enter",
        "Insights.enter",
        "Settings.enter",
        "ApiTokens.stow_token",
        "Webhooks.stow_secret",
        "LeavePage.tick_end",
        "LeavePage.tick_delete",
    }


@pytest.mark.parametrize("page", [Stage, Components])
def test_whatever_the_sandbox_pages_can_do_is_for_the_sandbox_only(page: type[BaseState]) -> None:
    kinds = {name: handler.fn._guarded for state, name, handler in own_handlers() if state is page}
    assert kinds.pop("enter") == "public"
    assert set(kinds.values()) == {"sandbox"}


def test_reflex_sees_no_visitor_among_the_arguments() -> None:
    for state, name, handler in own_handlers():
        assert not {"visit", "person", "sandbox"} & set(handler.get_parameters()), f"{state.__name__}.{name}"


STAFF = {name: state for state, name, handler in own_handlers() if handler.fn._guarded == "staff"}
RULES = {"when_vip": "refuse", "when_full": "wait", "clock": "wall"}
MESSAGES = {"soon_minutes": "10", **dict.fromkeys((event.value for event in Event), "Hello @{viewer}")}
ARGUMENTS: dict[str, tuple[Any, ...]] = {
    "create_reward": ({"title": "VIP", "cost": "1", "hours": "1"},),
    "change_reward": ({"title": "VIP", "cost": "1", "hours": "1"},),
    "turn": (False,),
    "give": ({"login": "mira", "hours": "1"},),
    "hour": ("s1", 3_601_000),
    "again": ("s1",),
    "add_time": ({"hours": "1"},),
    "end_now": (),
    "make_permanent": (),
    "try_again": ("r1",),
    "try_session": ("s1",),
    "let_be": ("r1",),
    "give_back": (),
    "adopt": ("spare",),
    "retire": (),
    "redeem": ({"viewer": "viewer1"},),
    "jump": ("1",),
    "jump_form": ({"hours": "1"},),
    "approve": ("r1",),
    "put_on_clock": (),
    "save": (RULES,),
    "discard": (),
    "block": ({"login": "mira"},),
    "unblock": ("9",),
    "create_tier": ({"title": "VIP", "cost": "1", "hours": "1"},),
    "change_tier": ({"title": "VIP", "cost": "1", "hours": "1"},),
    "delete_tier": (),
    "turn_board": (False,),
    "hide": ({"login": "mira"},),
    "show": ("9",),
    "show_named": ({"login": "mira"},),
    "weigh": (),
    "leave": ({"login": "anna", "delete_data": "on"},),
    "name": ({"login": "mira", "role": "helper"},),
    "suggest": (),
    "name_moderator": ("mira",),
    "change_role": ("9", "manager"),
    "take_off": (),
    "quit": (),
    "look_again": (),
    "try_all": (),
    "test_reward": (),
    "skip_test": (),
    "narrow": ({"kind": "given", "who": "mira"},),
    "read_again": (),
    "sum_up": ("Europe/Berlin",),
    "sum_again": (),
    "new_link": (),
    "read_link": (),
    "look_at_tokens": ("mark",),
    "make_token": ({"name": "Stream Deck", "scope": "read"},),
    "revoke_token": (),
    "add_hook": ({"url": "https://hooks.example/in", "vip.started": "on"},),
    "choose_events": ({"vip.ended": "on"},),
    "turn_hook": ("h1", False),
    "try_hook": ("h1",),
    "new_secret": (),
    "remove_hook": (),
    "turn_chat": (True,),
    "turn_answers": (True,),
    "save_lines": (MESSAGES,),
    "send_test": (),
}
DIALOGS = {"give": "give", "add_time": "more", "end_now": "end", "make_permanent": "permanent"} | {
    "give_back": "giveback",
    "retire": "retire",
    "put_on_clock": "clock",
    "create_tier": "new",
    "change_tier": "tier",
    "delete_tier": "delete",
    "leave": "farewell",
    "take_off": "off",
    "quit": "leave",
    "new_link": "link",
    "revoke_token": "token",
    "add_hook": "webhook",
    "choose_events": "hook-events",
    "new_secret": "hook-secret",
    "remove_hook": "hook-removed",
}
LOOKS = {"discard", "weigh", "narrow", "read_again", "sum_up", "sum_again", "read_link", "look_at_tokens"}
"""Changes nothing, but shows what is for the staff."""


def test_every_staff_handler_is_tried_below() -> None:
    assert set(STAFF) == set(ARGUMENTS)
    assert len(STAFF) == sum(handler.fn._guarded == "staff" for _, _, handler in own_handlers())


@pytest.mark.parametrize("name", STAFF)
@pytest.mark.parametrize(
    ("cookie", "address", "sentence"),
    [
        ("", "/dashboard", "signed out"),
        ("vip=nobody", "/dashboard", "signed out"),
        ("", "/dashboard?channel=1", "signed out"),
        ("vip=ben", "/dashboard?channel=1", "not yours"),
    ],
)
async def test_a_stranger_changes_nothing(
    visit: Any, services: Fakes, name: str, cookie: str, address: str, sentence: str
) -> None:
    services.sandbox = services
    page = await visit(STAFF[name], cookie, f"http://localhost:3000{address}")
    page._open(DIALOGS.get(name, ""), "s1")
    await call(page, name, *ARGUMENTS[name])
    assert services.done == []
    assert page.picture == StaffPicture()
    assert sentence in str(page.error)


PERSON = {name: state for state, name, handler in own_handlers() if handler.fn._guarded == "person"}
OWN: dict[str, tuple[Any, ...]] = {"end": ("a-handle",), "end_all": (), "hide_me": (), "show_me": ()}


def test_every_handler_for_whoever_is_signed_in_is_tried_below() -> None:
    assert set(PERSON) == set(OWN)


@pytest.mark.parametrize("name", PERSON)
@pytest.mark.parametrize("cookie", ["", "vip=nobody"])
async def test_nobody_does_what_is_for_whoever_is_signed_in(
    visit: Any, services: Fakes, name: str, cookie: str
) -> None:
    page = await visit(PERSON[name], cookie)
    await call(page, name, *OWN[name])
    assert services.done == []
    assert "signed out" in str(page.error)


@pytest.mark.parametrize("name", STAFF)
async def test_the_owner_acts_in_the_own_channel(visit: Any, services: Fakes, name: str) -> None:
    services.sandbox = services
    page = await visit(STAFF[name], "vip=anna")
    page._open(DIALOGS.get(name, ""), "s1")
    await call(page, name, *ARGUMENTS[name])
    assert str(page.error) == ""
    assert page.busy == ""
    assert len(services.done) == (name not in LOOKS)
    if services.done and name not in {"jump", "jump_form"}:
        assert "1" in services.done[0][1:3]


ROLES = {
    "the owner": ("vip=anna", Role.OWNER),
    "a manager": ("vip=ben", Role.MANAGER),
    "a helper": ("vip=ben", Role.HELPER),
    "a helper of another channel": ("vip=ben", None),
    "nobody": ("", None),
}


@pytest.mark.parametrize("who", ROLES)
@pytest.mark.parametrize("name", STAFF)
async def test_each_role_may_do_what_the_table_says_and_nothing_else(
    visit: Any, services: Fakes, name: str, who: str
) -> None:
    cookie, role = ROLES[who]
    services.sandbox = services
    services.team = {("3", "2"): Role.MANAGER} | ({("1", "2"): role} if cookie == "vip=ben" and role else {})
    act = getattr(STAFF[name], name).fn._may
    page = await visit(STAFF[name], cookie, "http://localhost:3000/dashboard?channel=1")
    page._open(DIALOGS.get(name, ""), "s1")
    await call(page, name, *ARGUMENTS[name])
    if role and act in ALLOWED[role]:
        assert str(page.error) == ""
        assert len(services.done) == (name not in LOOKS)
    else:
        assert services.done == []
        assert page.picture == StaffPicture()
        assert str(page.error) == (
            words.NOT_YOUR_PART if role else words.NOT_YOURS if cookie else str(words.of_error(NotSignedIn()))
        )


def test_each_permission_is_needed_by_some_act() -> None:
    needed = {getattr(state, name).fn._may for name, state in STAFF.items()}
    assert set(May) - needed <= set()


@pytest.mark.parametrize("name", ["redeem", "jump", "jump_form"])
async def test_the_sandbox_is_refused_where_twitch_is_real(visit: Any, services: Fakes, name: str) -> None:
    page = await visit(Dashboard, "vip=anna")
    await call(page, name, *ARGUMENTS[name])
    assert services.done == []
    assert "sandbox" in str(page.error)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("hour", ({"$ne": 1}, 0)),
        ("hour", ("s1", "soon")),
        ("hour", ("s" * 1000, 0)),
        ("try_again", (None,)),
        ("try_session", ({},)),
        ("let_be", ("r" * 1000,)),
        ("adopt", (7,)),
        ("create_reward", ("not a form",)),
        ("create_reward", ({"title": "", "cost": "5", "hours": "1"},)),
        ("give", ({"login": "../mira", "hours": "1"},)),
        ("give", ({"login": "mira", "hours": "nan"},)),
        ("jump", ("-3",)),
        ("approve", ({},)),
        ("save", ("not a form",)),
        ("save", (RULES | {"when_full": "nothing"},)),
        ("save", (RULES | {"seats": "-1"},)),
        ("block", ({"login": "../mira"},)),
        ("block", (None,)),
        ("unblock", (["9"],)),
        ("create_tier", ({"title": "VIP", "cost": "free", "hours": "1"},)),
        ("change_tier", (7,)),
        ("hide", ({"login": "../mira"},)),
        ("hide", (None,)),
        ("show", ({},)),
        ("show_named", ({"login": ""},)),
        ("leave", ("not a form",)),
        ("name", ({"login": "mira", "role": "owner"},)),
        ("name", ({"login": "../mira", "role": "helper"},)),
        ("name", ("not a form",)),
        ("name_moderator", ({},)),
        ("change_role", ("9", "owner")),
        ("change_role", ("9", ["helper"])),
        ("change_role", (None, "helper")),
        ("turn", ()),
        ("turn", (True, True)),
        ("turn", ("true",)),
        ("hour", ("s1", True)),
        ("hour", ("s1", 1.5)),
        ("hour", ("s1", 2**60)),
        ("approve", ("\ud800",)),
        ("create_reward", ({"title": ["VIP"], "cost": "5", "hours": "1"},)),
        ("create_reward", ({"title": "\udfff", "cost": "5", "hours": "1"},)),
        ("create_reward", ({f"field{n}": "" for n in range(100)},)),
        ("narrow", ("not a form",)),
        ("narrow", ({"kind": "else"},)),
        ("narrow", ({"who": "../mira"},)),
        ("narrow", ({"first": "soon"},)),
        ("narrow", ({"first": "2026-03-02", "last": "2026-03-01"},)),
        ("sum_up", (7,)),
        ("sum_up", ("x" * 1000,)),
        ("sum_again", ("now",)),
        ("make_token", ("not a form",)),
        ("look_at_tokens", ({},)),
        ("add_hook", ("not a form",)),
        ("choose_events", (None,)),
        ("turn_hook", ("h1", "on")),
        ("turn_hook", ("", True)),
        ("try_hook", ({},)),
        ("end_now", (1,)),
        ("give_back", ({},)),
    ],
)
async def test_nonsense_is_answered_in_words(
    visit: Any, services: Fakes, name: str, arguments: tuple[Any, ...]
) -> None:
    services.sandbox = services
    page = await visit(STAFF[name], "vip=anna")
    page._open(DIALOGS.get(name, ""), "s1")
    await call(page, name, *arguments)
    assert services.done == []
    assert page.error
