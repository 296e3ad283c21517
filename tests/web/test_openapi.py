"""The API has the routes that its description says; that they answer so is in test_served.py."""

from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.routing import Route

from tests.house import House
from vip_manager.services import rates
from vip_manager.web.openapi import PATHS


def test_every_route_is_described_and_nothing_else(house: House) -> None:
    assert isinstance(house.api, Starlette)
    there: dict[str, set[str]] = {}
    for route in house.api.routes:
        assert isinstance(route, Route)
        there.setdefault(f"/api{route.path}", set()).update({one.lower() for one in route.methods or ()} - {"head"})
    assert {path: set(operations) for path, operations in PATHS.items()} == there


async def test_the_description_is_there_for_anybody(house: House, browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/api/openapi.json")
    said = answer.json()
    assert said["openapi"].startswith("3.1.")
    assert said["servers"] == [{"url": house.settings.public_url}]
    assert said["components"]["securitySchemes"]["session"]["name"] == house.services.access.cookie_name


def test_every_error_has_the_one_form() -> None:
    for path, operations in PATHS.items():
        for operation in operations.values():
            for status, response in operation["responses"].items():
                on_the_way = status == "429" and rates.walked(path)
                if (status.startswith("4") and not on_the_way) or (status == "503" and path != "/api/ready"):
                    schema: Any = response["content"]["application/json"]["schema"]
                    assert schema == {"$ref": "#/components/schemas/Error"}


def test_every_route_that_is_counted_says_what_who_asks_too_often_gets() -> None:
    counted = {
        path
        for path, operations in PATHS.items()
        if all("429" in operation["responses"] for operation in operations.values())
    }
    assert set(PATHS) - counted == {"/api/eventsub", "/api/cron/expire", "/api/health"}
