"""A token is told to the page that made it, once; and nothing of it is left on the server's side of the page."""

from typing import Any

from tests.ui.conftest import call
from tests.ui.fakes import Fakes
from vip_manager.domain.team import May
from vip_manager.ui.pages.settings.api_tokens import ApiTokens

FORM = {"name": "Stream Deck", "scope": "write"}


async def told(page: Any) -> list[dict[str, Any]]:
    """What the page was sent with each step of making one."""
    deltas = []
    async for _ in type(page).make_token.fn(page, FORM):
        deltas.append(dict(page.get_delta().get(page.get_full_name(), {})))
        page._clean()
    deltas.append(dict(page.get_delta().get(page.get_full_name(), {})))
    return deltas


def secrets_in(delta: dict[str, Any]) -> list[Any]:
    return [value for name, value in delta.items() if name.startswith("secret_rx")]


async def test_it_is_told_once_and_forgotten_at_once(visit: Any, services: Fakes) -> None:
    page = await visit(ApiTokens, "vip=anna", "http://localhost:3000/dashboard/settings")
    first, second, last = await told(page)
    assert (secrets_in(first), secrets_in(second), secrets_in(last)) == ([], ["vip_secret"], [])
    # What a page is sent again, whole, after its connection came back.
    assert "vip_secret" not in str(page.dict())
    assert "vip_secret" not in str(vars(page))
    await call(page, "stow_token")
    assert secrets_in(dict(page.get_delta()[page.get_full_name()])) == [""]


async def test_it_is_gone_when_the_page_is_opened_again(visit: Any, services: Fakes) -> None:
    page = await visit(ApiTokens, "vip=anna", "http://localhost:3000/dashboard/settings")
    await told(page)
    page._clean()
    seen = await services.require("vip=anna", "1", May.SEE)
    await page._look(seen, "mark")
    assert secrets_in(dict(page.get_delta()[page.get_full_name()])) == [""]
    assert (page.mark, [row.name for row in page.rows]) == ("mark", ["Stream Deck"])


async def test_a_token_is_revoked_after_a_question(visit: Any, services: Fakes) -> None:
    page = await visit(ApiTokens, "vip=anna", "http://localhost:3000/dashboard/settings")
    await call(page, "revoke_token")
    assert services.done == []
    await call(page, "ask", "token", "handle")
    await call(page, "revoke_token")
    assert [one[0] for one in services.done] == ["revoke"]
    assert page.dialog == ""
    assert "opens nothing any more" in str(page.notice)


async def test_leaving_the_page_shows_nothing_of_it_any_more(visit: Any, services: Fakes) -> None:
    page = await visit(ApiTokens, "vip=anna", "http://localhost:3000/dashboard/settings")
    await told(page)
    page._leave()
    assert (page.secret, page.secret_name, page.rows) == ("", "", [])
