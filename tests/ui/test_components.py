"""The page of all components: in the sandbox alone, and nothing is missing on it."""

import ast
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.ui.conftest import call
from tests.ui.fakes import NOW, Fakes, FakeSandbox
from vip_manager import ui
from vip_manager.ui import words
from vip_manager.ui.auth_state import Site
from vip_manager.ui.components.button import button, icon_button
from vip_manager.ui.components.field import switch
from vip_manager.ui.pages.components import samples
from vip_manager.ui.pages.components.state import Components

UI = Path(next(iter(ui.__path__)))
HERE = "http://localhost:3000/sandbox/components"
NOT_SHOWN = {
    "connection_lost": "it covers the window, and stops all clicks below it",
    "ConnectionLost": "as above",
    "broken": "it stands for a page that can't be drawn",
    "Broken": "as above",
    "Confetti": "it comes once, and goes",
    "Zone": "it tells the time zone, and draws nothing",
    "ZoneField": "as above",
    "BarColor": "it colours the browser, and draws nothing",
}


@pytest.fixture
def sandbox(services: Fakes, monkeypatch: pytest.MonkeyPatch) -> FakeSandbox:
    services.sandbox = made = FakeSandbox()
    monkeypatch.setattr(services, "clock", SimpleNamespace(now=lambda: NOW), raising=False)
    return made


async def entered(visit: Any) -> Any:
    page = await visit(Components, "", HERE)
    await call(page, "enter")
    return page


async def test_in_the_sandbox_there_is_one_of_everything(visit: Any, sandbox: FakeSandbox) -> None:
    page = await entered(visit)
    assert page.loaded
    assert len({(vip.state, vip.clock, vip.expires_at) for vip in page.vips}) == len(page.vips)
    assert {one.clock for one in page.rewards} == {"wall", "stream", "live"}
    assert page.says
    assert page.cant
    assert page.error_field == "cost"
    assert sandbox.done == []


async def test_a_dialog_opens_and_closes_and_no_other(visit: Any, sandbox: FakeSandbox) -> None:
    page = await entered(visit)
    await call(page, "show", "question")
    assert page.dialog == "question"
    await call(page, "show", "__class__")
    assert page.dialog == ""
    await call(page, "say")
    assert str(page.notice) == "@Mira is VIP."


async def test_where_twitch_is_real_there_is_none_of_it(visit: Any, services: Fakes) -> None:
    page = await entered(visit)
    assert not page.loaded
    assert page.vips == page.over == page.lines == page.rewards == []
    assert str(page.error) == ""
    for name, arguments in (("show", ("dialog",)), ("say", ())):
        await call(page, name, *arguments)
        assert str(page.error) == words.REAL
    assert page.dialog == ""
    assert not page.notice


def test_samples_are_as_of_the_time_they_are_asked_for() -> None:
    far = samples.clocks(NOW)[0]
    assert far.granted_at < NOW.timestamp() * 1000 < far.expires_at


def test_every_component_is_on_the_page() -> None:
    """Called by one of its modules, by the frame around it, or by a component that is."""
    made = dict(_components())
    page = [*sorted((UI / "pages" / "components").glob("*.py")), UI / "template.py"]
    shown: set[str] = set()
    new = {name for path in page for name in _called(ast.parse(path.read_text("utf-8")))} & set(made)
    while new:
        shown |= new
        new = {name for one in new for name in _called(made[one])} & set(made) - shown
    public = {name for name in made if not name.startswith("_")}
    assert public - shown - set(NOT_SHOWN) == set(), "show it in ui/pages/components"
    assert set(NOT_SHOWN) <= public - shown


def _components() -> Iterator[tuple[str, ast.AST]]:
    """Functions that make one, and classes that are one; private ones too, for what they call."""
    for path in (UI / "components").glob("*.py"):
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.FunctionDef) and node.returns:
                if node.name.startswith("_") or ast.unparse(node.returns) == "rx.Component":
                    yield node.name, node
            elif isinstance(node, ast.ClassDef):
                yield node.name, node


def _called(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            match node.func:
                case ast.Name(id=name) | ast.Attribute(value=ast.Name(id=name), attr="create"):
                    yield name
                case ast.Attribute(attr=name):
                    yield name


def test_a_button_that_cant_be_pressed_for_now_keeps_the_keyboards_focus() -> None:
    blocked = Site.busy != ""
    for one in (
        button("Go", disabled=blocked),
        button("Go", disabled=True),
        icon_button("plus", "More", disabled=blocked),
        switch("On", blocked, disabled=blocked),
    ):
        names = [prop.partition(":")[0].strip('"') for prop in one.render()["props"]]
        assert "aria-disabled" in names
        assert "disabled" not in names
    for path in UI.rglob("*.py"):
        for call_ in ast.walk(ast.parse(path.read_text())):
            if isinstance(call_, ast.Call) and ast.unparse(call_.func) == "rx.el.button":
                assert "disabled" not in [word.arg for word in call_.keywords], path
