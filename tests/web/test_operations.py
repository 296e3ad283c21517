"""The scheduler's route, health, and what every answer carries."""

import asyncio
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from tests.house import House
from tests.web.conftest import CRON_SECRET
from vip_manager.services import container
from vip_manager.web.health import KEPT, Ready

BEARER = {"Authorization": f"Bearer {CRON_SECRET}"}


async def test_the_scheduler_sweeps(house: House, browser: httpx.AsyncClient) -> None:
    await house.open(hours=1)
    await house.redeem("viewer1")
    house.clock.jump(2)
    answer = await browser.post("/api/cron/expire", headers=BEARER)
    assert answer.status_code == 200
    said = answer.json()
    assert said.keys() == {"expired", "failed", "remaining", "recovered", "refunded", "duration_ms"}
    assert (said["expired"], said["failed"], said["remaining"]) == (1, 0, 0)
    assert "viewer1" not in await house.vips()


async def test_two_schedulers_at_once_do_nothing_twice(house: House, browser: httpx.AsyncClient) -> None:
    await house.open(hours=1)
    await house.redeem("viewer1")
    house.clock.jump(2)
    answers = await asyncio.gather(*(browser.post("/api/cron/expire", headers=BEARER) for _ in range(4)))
    assert sum(answer.json()["expired"] for answer in answers) == 1


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {b"Authorization": b"Bearer wrong"},
        {b"Authorization": CRON_SECRET.encode()},
        {b"Authorization": b"Bearer \xff"},
    ],
)
async def test_nobody_else_sweeps(browser: httpx.AsyncClient, headers: dict[bytes, bytes]) -> None:
    answer = await browser.post("/api/cron/expire", headers=headers)
    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "unauthorized"
    assert CRON_SECRET not in answer.text


async def test_a_get_does_not_sweep(browser: httpx.AsyncClient) -> None:
    assert (await browser.get("/api/cron/expire", headers=BEARER)).status_code == 405


async def test_health_and_readiness(house: House, browser: httpx.AsyncClient) -> None:
    assert (await browser.get("/api/health")).json() == {"status": "ok"}
    ready = (await browser.get("/api/ready")).json()
    assert ready["store"]["ok"]
    assert ready["twitch"]["ok"]
    assert ready["store"]["latency_ms"] >= 0


async def test_twitch_down_does_not_make_us_unready(house: House, browser: httpx.AsyncClient) -> None:
    await house.control("faults", method="*", path="", do="status", status=503, times=-1)
    ready = await browser.get("/api/ready")
    assert ready.status_code == 200
    assert not ready.json()["twitch"]["ok"]


async def test_who_asks_more_often_than_once_a_second_asks_neither_store_nor_twitch() -> None:
    asked: list[str] = []
    now = 100.0

    class There:
        async def ping(self) -> None:
            asked.append("ping")
            await asyncio.sleep(0)

    unused: Any = None
    container.provide(SimpleNamespace(store=There(), twitch=There()))  # type: ignore[arg-type]
    try:
        ready = Ready(lambda: now)
        answers = await asyncio.gather(*(ready.answer(unused) for _ in range(20)))
        now += KEPT - 0.01
        answers.append(await ready.answer(unused))
        assert (len(asked), {one.status_code for one in answers}) == (2, {200})
        now += 0.01
        await ready.answer(unused)
        assert len(asked) == 4
    finally:
        container.provide(None)


async def test_every_answer_carries_its_id_and_closes_the_browsers_doors(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/api/health", headers={"X-Request-Id": "a-request-0001"})
    assert answer.headers["X-Request-Id"] == "a-request-0001"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Frame-Options"] == "DENY"
    forged = await browser.get("/api/health", headers={"X-Request-Id": "<script>alert(1)</script>"})
    assert "<" not in forged.headers["X-Request-Id"]


async def test_an_unknown_route_answers_in_json(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/api/no/such/route")
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "not_found"


async def test_where_events_come_over_sockets_nobody_posts_them(browser: httpx.AsyncClient) -> None:
    answer = await browser.post("/api/eventsub", content=b"{}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    "path", ["/board/streamer", "/board/streamer/qr.svg", "/overlay/streamer", "/v1/channels/1001/vips"]
)
async def test_what_comes_before_the_program_has_started_is_asked_to_come_again(
    house: House, browser: httpx.AsyncClient, path: str
) -> None:
    container.provide(None)
    try:
        answer = await browser.get(f"/api{path}", headers={"Authorization": "Bearer vipm_none"})
    finally:
        container.provide(house.services)
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    assert answer.headers["Cache-Control"] == "no-store"
