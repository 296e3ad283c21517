"""Webhooks on the page of the settings: a secret is told once, and what goes wrong is said where it was tried."""

from typing import Any

import pytest

from tests.ui.conftest import call
from tests.ui.fakes import Fakes
from vip_manager.domain.outbox import Why
from vip_manager.services.health import HooksAre
from vip_manager.ui import health_words, hook_words
from vip_manager.ui.pages.settings.webhooks import Webhooks

PAGE = "http://localhost:3000/dashboard/settings"
FORM = {"url": "https://hooks.example/in", "name": "Log", "vip.started": "on", "vip.ends_soon": "", "vip.ended": "on"}


async def told(page: Any, name: str, *args: Any) -> list[Any]:
    """What of secrets the page was sent with each step."""
    deltas = []
    async for _ in getattr(type(page), name).fn(page, *args):
        deltas.append(dict(page.get_delta().get(page.get_full_name(), {})))
        page._clean()
    deltas.append(dict(page.get_delta().get(page.get_full_name(), {})))
    page._clean()
    return [[value for field, value in one.items() if field.startswith("secret_rx")] for one in deltas]


@pytest.fixture
async def page(visit: Any, services: Fakes) -> Any:
    return await visit(Webhooks, "vip=anna", PAGE)


async def test_a_secret_is_told_once_and_forgotten_at_once(page: Any) -> None:
    page._open("webhook")
    assert await told(page, "add_hook", FORM) == [[], ["whsec_secret"], []]
    assert (page.dialog, page.secret_of) == ("", "Stream Deck")
    page._open("hook-secret", "h1")
    assert await told(page, "new_secret") == [[], ["whsec_anew"], []]
    for secret in ("whsec_secret", "whsec_anew"):
        assert secret not in str(page.dict())
        assert secret not in str(vars(page))
    await call(page, "stow_secret")
    assert page.secret_of == ""


async def test_what_is_ticked_is_what_it_is_told_of(page: Any, services: Fakes) -> None:
    page._open("webhook")
    await call(page, "add_hook", FORM)
    assert services.done[-1][3:] == ("https://hooks.example/in", ["vip.started", "vip.ended"], "Log")
    page._open("hook-events", "h1")
    await call(page, "choose_events", {"vip.refused": "on", "name": ""})
    assert services.done[-1][3:] == ("h1", ["vip.refused"], "")


@pytest.mark.parametrize("name", ["add_hook", "choose_events", "new_secret", "remove_hook"])
async def test_nothing_is_done_without_its_dialog(page: Any, services: Fakes, name: str) -> None:
    await call(page, name, *([FORM] if name in ("add_hook", "choose_events") else []))
    assert services.done == []


async def test_a_test_that_did_not_arrive_is_said_beside_that_very_webhook(page: Any, services: Fakes) -> None:
    services.not_delivered = Why.FORBIDDEN
    await call(page, "try_hook", "h1")
    assert page.error_at == "h1"
    assert "did not arrive. The address leads into a private network" in str(page.error)
    services.not_delivered = None
    await call(page, "try_hook", "h1")
    assert (str(page.error), str(page.notice)) == ("", "The test arrived.")


async def test_leaving_the_page_shows_nothing_of_it_any_more(page: Any) -> None:
    page._open("webhook")
    await call(page, "add_hook", FORM)
    page._leave()
    assert (page.secret, page.secret_of) == ("", "")


def test_each_way_to_fail_and_each_standing_has_its_words() -> None:
    assert set(hook_words.NOT_DELIVERED) == set(Why)
    assert set(health_words.HOOKS) == set(HooksAre)
