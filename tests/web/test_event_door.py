"""What Twitch posts goes past Reflex's layers, and is answered as a route of the API would."""

from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.responses import PlainTextResponse

from vip_manager.web import eventsub
from vip_manager.web.event_door import EventDoor


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    door = httpx.ASGITransport(EventDoor(PlainTextResponse("within", 418)), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=door, base_url="http://vip.test") as http:
        yield http


async def test_all_else_passes(http: httpx.AsyncClient) -> None:
    assert (await http.get(eventsub.PATH)).status_code == 418
    assert (await http.post(f"{eventsub.PATH}/more")).status_code == 418


async def test_before_the_program_runs_it_is_to_be_sent_again(http: httpx.AsyncClient) -> None:
    answer = await http.post(eventsub.PATH, content=b"{}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "starting")
    assert answer.headers["retry-after"] == "5"


async def test_what_goes_wrong_is_told_as_nothing_but_that(
    http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> None:
        raise RuntimeError("a secret")

    monkeypatch.setattr(eventsub, "answer_to", broken)
    answer = await http.post(eventsub.PATH, content=b"{}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (500, "internal_error")
    assert "secret" not in answer.text
