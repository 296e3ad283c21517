"""What Twitch posts goes past Reflex's layers, and is answered as a route of the API would."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.responses import PlainTextResponse, Response

from vip_manager.web import event_door, eventsub
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


async def test_more_than_can_be_taken_is_refused_at_once(
    http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would take memory until Twitch gives it up; so it is sent again, and taken once there is room."""
    inside, go_on = asyncio.Semaphore(0), asyncio.Event()

    async def slow(*_: object) -> Response:
        inside.release()
        await go_on.wait()
        return Response(status_code=204)

    monkeypatch.setattr(event_door, "MOST_AT_ONCE", 2)
    monkeypatch.setattr(eventsub, "answer_to", slow)
    async with asyncio.TaskGroup() as posts:
        first = [posts.create_task(http.post(eventsub.PATH, content=b"{}")) for _ in range(2)]
        for _ in first:
            await inside.acquire()
        refused = await http.post(eventsub.PATH, content=b"{}")
        go_on.set()
    assert (refused.status_code, refused.json()["error"]["code"]) == (503, "busy")
    assert refused.headers["retry-after"] == "1"
    assert [one.result().status_code for one in first] == [204, 204]
    assert (await http.post(eventsub.PATH, content=b"{}")).status_code == 204
