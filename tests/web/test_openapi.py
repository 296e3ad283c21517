"""The API is what its description says: the same routes, and the same answers to whatever is sent."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from tests.house import House
from tests.product import Product
from vip_manager.web.openapi import PATHS

CRON_SECRET = "the scheduler's, at least 16"


def test_every_route_is_described_and_nothing_else(house: House) -> None:
    assert isinstance(house.api, Starlette)
    there: dict[str, set[str]] = {}
    for route in house.api.routes:
        assert isinstance(route, Route)
        there[f"/api{route.path}"] = {method.lower() for method in route.methods or ()} - {"head"}
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
                if status.startswith("4") or (status == "503" and path != "/api/ready"):
                    schema: Any = response["content"]["application/json"]["schema"]
                    assert schema == {"$ref": "#/components/schemas/Error"}


@pytest.fixture
def product(tmp_path: Path, built_page: None) -> Iterator[Product]:
    product = Product(tmp_path, {"CRON_SECRET": CRON_SECRET, "EVENTSUB_TRANSPORT": "webhook"})
    product.start()
    try:
        yield product
    finally:
        assert product.stop() == 0


def test_whatever_is_sent_the_answer_is_one_that_is_described(product: Product, tmp_path: Path) -> None:
    done = subprocess.run(
        [
            *(sys.executable, "-m", "schemathesis.cli", "run", f"{product.base}/api/openapi.json"),
            # Else the description's own route would be left out.
            *("--include-path-regex", "^/api/"),
            *("--checks", "all"),
            *("--phases", "examples,coverage,fuzzing"),
            *("--max-examples", "30"),
            *("--seed", "20261127"),
            *("--header", f"Authorization: Bearer {CRON_SECRET}"),
            *("--request-timeout", "5"),
            *("--no-color", "--generation-database", "none"),
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"Tested: {len(PATHS)}\n" in done.stdout
    said = product.output.read_text()
    assert "Traceback" not in said
    assert CRON_SECRET not in said
