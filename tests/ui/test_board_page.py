"""The public board's own two handlers: each is about whoever is signed in, on the channel of the address."""

from typing import Any

import pytest

from tests.ui.conftest import call
from tests.ui.fakes import ANNA, Fakes
from vip_manager.ui.pages.board.state import BoardPage


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Whose board the address names. Reflex adds that to the state with the page's route."""

    def at(login: str) -> None:
        monkeypatch.setattr(BoardPage, "login", login, raising=False)

    return at


@pytest.mark.parametrize("name", ["hide_me", "show_me"])
async def test_it_is_about_whoever_is_signed_in(visit: Any, services: Fakes, at: Any, name: str) -> None:
    at("anna")
    page = await visit(BoardPage, "vip=anna", "http://localhost:3000/board/anna")
    await call(page, name)
    assert str(page.error) == ""
    assert services.done == [(name, ANNA, "1")]
    assert page.i_am_hidden is (name == "hide_me")


@pytest.mark.parametrize("name", ["hide_me", "show_me"])
@pytest.mark.parametrize(
    ("cookie", "login", "says"), [("vip=x", "anna", "signed out"), ("vip=anna", "nobody", "No such")]
)
async def test_nobody_and_nowhere(
    visit: Any, services: Fakes, at: Any, name: str, cookie: str, login: str, says: str
) -> None:
    at(login)
    page = await visit(BoardPage, cookie, f"http://localhost:3000/board/{login}")
    await call(page, name)
    assert services.done == []
    assert says in str(page.error)


async def test_whoever_comes_next_is_not_taken_for_them(visit: Any, services: Fakes, at: Any) -> None:
    at("anna")
    page = await visit(BoardPage, "vip=anna", "http://localhost:3000/board/anna")
    await call(page, "hide_me")
    await page._part()
    assert not page.i_am_hidden
