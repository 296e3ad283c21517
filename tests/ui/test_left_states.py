"""A state that nobody looks at any more goes: a visitor's soon, a person's later, and beyond a number at once."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from reflex.istate.manager.memory import StateManagerMemory
from reflex.istate.manager.token import BaseStateToken

from vip_manager.ui import left_states
from vip_manager.ui.auth_state import Site
from vip_manager.ui.left_states import LeftStates

SOON = 0.05


@pytest.fixture
async def states(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Any]:
    """Reflex's own."""
    monkeypatch.setattr(left_states, "VISITORS_SECONDS", SOON)
    monkeypatch.setattr(left_states, "MOST_OF_VISITORS", 3)
    monkeypatch.setattr(left_states, "MOST_OF_PEOPLE", 3)
    kept: Any = StateManagerMemory  # Its class is abstract to a type checker alone.
    states = kept()
    yield states
    await states.close()


@pytest.fixture
def open_tabs() -> set[str]:
    return set()


@pytest.fixture
def left(states: Any, open_tabs: set[str]) -> LeftStates:
    return LeftStates(lambda: states, open_tabs.__contains__)


async def seen(states: Any, token: str, person: str = "") -> None:
    async with states.modify_state(BaseStateToken(ident=token, cls=Site)) as root:
        site: Any = await root.get_state(Site)
        site._seen = person


async def test_a_visitors_state_goes_soon_and_a_persons_stays(states: Any, left: LeftStates) -> None:
    await seen(states, "nobody")
    await seen(states, "anna", "1")
    for token in ("nobody", "anna", "unknown"):
        left.left(token)
    assert len(states.states) == 2
    await asyncio.sleep(SOON * 2)
    assert states.states.keys() == {"anna"}
    assert states._token_expires_at.keys() == {"anna"}
    assert len(left) == 1


async def test_who_comes_again_in_time_finds_it(states: Any, left: LeftStates, open_tabs: set[str]) -> None:
    for token in ("back", "elsewhere", "signed in", "busy"):
        await seen(states, token)
        if token != "busy":
            left.left(token)
    left.back("back")
    open_tabs.add("elsewhere")
    await seen(states, "signed in", "1")
    async with states.modify_state(BaseStateToken(ident="busy", cls=Site)):
        left.left("busy")
        await asyncio.sleep(SOON * 1.5)
        assert states.states.keys() == {"back", "elsewhere", "signed in", "busy"}
    await asyncio.sleep(SOON * 1.5)
    assert states.states.keys() == {"back", "elsewhere", "signed in"}


async def test_only_so_many_are_kept_and_visitors_push_out_no_persons(states: Any, left: LeftStates) -> None:
    for number in range(5):
        await seen(states, f"anna {number}", "1")
        left.left(f"anna {number}")
    for number in range(20):
        await seen(states, f"nobody {number}")
        left.left(f"nobody {number}")
    assert states.states.keys() == {"anna 2", "anna 3", "anna 4", "nobody 17", "nobody 18", "nobody 19"}
    assert len(left) == 6
