"""Where nobody wants figures, there are none, and nothing of what makes them is loaded."""

import subprocess
import sys

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from vip_manager import page
from vip_manager.web.metrics import PATH, Figures


def nobodys() -> bytes:
    raise AssertionError("nobody may see them")


async def answer(figures: Figures) -> httpx.Response:
    app = Starlette(routes=[Route(PATH, figures.answer)])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://vip.test") as client:
        return await client.get(PATH, headers={"Authorization": "Bearer "})


async def test_without_a_token_there_is_no_such_page() -> None:
    refused = await answer(Figures(None, nobodys, "text/plain"))
    assert (refused.status_code, refused.json()["error"]["code"]) == (404, "not_found")


async def test_in_the_sandbox_it_is_open() -> None:
    assert (await answer(Figures("", lambda: b"x 1\n", "text/plain"))).text == "x 1\n"


@pytest.mark.parametrize("scraped", [True, False])
def test_what_makes_figures_is_loaded_where_somebody_wants_them(scraped: bool) -> None:
    code = (
        "import sys\n"
        "from vip_manager.observability.telemetry import TELEMETRY\n"
        f"TELEMETRY.turn_on(scraped={scraped}, cloud_run_service='', project='a-project')\n"
        "print([name in sys.modules for name in ('prometheus_client', 'grpc')])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=page.ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == f"[{scraped}, False]"
