"""Every row of the tables in docs/simulator.md is true, and nothing is missing from them."""

import importlib
import pkgutil
import re
from pathlib import Path

import httpx
import pytest

from tests.simulator import table
from tests.simulator.conftest import Clock
from tests.simulator.driver import RATELIMIT, Twitch
from tests.simulator.table.scenarios import SCENARIOS, Scene
from vip_manager.simulator.helix.table import TABLE

for module in pkgutil.iter_modules(table.__path__):
    importlib.import_module(f"{table.__name__}.{module.name}")

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "simulator.md"
ROWS = [
    (endpoint, int(status))
    for endpoint, status in re.findall(r"^\| `([^`]+)` \| (\d{3}) \| \S", DOCUMENT.read_text(), re.M)
]


def named(row: tuple[str, int]) -> str:
    return f"{row[0]} {row[1]}"


def test_the_document_has_each_row_once() -> None:
    assert len(ROWS) == len(set(ROWS))


def test_every_row_has_a_scenario_and_every_scenario_a_row() -> None:
    assert set(ROWS) == set(SCENARIOS)


@pytest.mark.parametrize(("method", "path"), TABLE)
def test_every_endpoint_has_rows_for_its_success_and_its_refusals(method: str, path: str) -> None:
    statuses = [status for endpoint, status in ROWS if endpoint == f"{method} /helix{path}"]
    assert any(status < 300 for status in statuses)
    assert any(status >= 400 for status in statuses)


@pytest.mark.parametrize("row", [row for row in ROWS if row in SCENARIOS], ids=named)
async def test_a_row_is_true(row: tuple[str, int], twitch: Twitch, clock: Clock) -> None:
    found = await SCENARIOS[row](Scene(twitch, clock))
    answers = [found] if isinstance(found, httpx.Response) else found
    assert {(answer.status_code, answer.text if answer.status_code != row[1] else "") for answer in answers} == {
        (row[1], "")
    }
    if " /helix/" in row[0]:
        assert all(name in answer.headers for answer in answers for name in RATELIMIT)
        assert all(answer.json()["status"] == row[1] for answer in answers if row[1] >= 400)
