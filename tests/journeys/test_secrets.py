"""A whole run, with everything that goes wrong in it; and then what it said to anybody is searched for what nobody may
read."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.journeys.conftest import be, open_channel, sign_out
from tests.journeys.frames import DASHBOARD, frames_to, on_dashboard
from tests.journeys.test_api import make_token
from tests.product import Product
from vip_manager import page as built

Person = Callable[..., BrowserContext]
OURS = {
    "APP_SECRET": "the root secret of this very run, 5f3a",
    "CRON_SECRET": "the scheduler's own of this very run, 91c2",
}


@pytest.fixture
def product(tmp_path: Path, built_page: None) -> Iterator[Product]:
    with Product(tmp_path, {"EXPIRY_TICK_SECONDS": "1", "LOG_FORMAT": "json", **OURS}, cold=True).running() as product:
        yield product


class Overheard:
    """All that browsers were sent: answers without the headers that are for them alone, and frames."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def listen(self, context: BrowserContext) -> None:
        context.on("page", self._open)
        context.on("response", self._answered)

    def _open(self, page: Page) -> None:
        page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: self.texts.append(str(frame))))

    def _answered(self, response: Any) -> None:
        headers = {name: value for name, value in response.headers.items() if name != "set-cookie"}
        self.texts.append(json.dumps(headers) if "location" not in headers else "")


def everything_goes_wrong(product: Product, page: Page) -> None:
    """Twitch fails, tokens die and are refreshed, and what comes in is nonsense."""
    with httpx.Client(base_url=product.base, trust_env=False, timeout=10) as client:

        def control(name: str, **wish: Any) -> None:
            client.post(f"/sandbox/twitch/control/{name}", json=wish).raise_for_status()

        control("expire-tokens", user="streamer")
        for fault in ({"do": "status", "status": 500}, {"do": "lose_answer"}):
            control("faults", method="POST", path="/channels/vips", times=1, **fault)
        control("redeem", channel="streamer", viewer="viewer2")
        expect(page.get_by_text("Viewer2").first).to_be_visible()
        for path in ("/api/auth/callback?state=wrong&code=wrong", "/api/nothing", "/nothing"):
            client.get(path)
        for path in ("/api/eventsub", "/api/cron/expire", "/api/auth/logout"):
            client.post(path, headers={"Authorization": "Bearer wrong"})


def test_nothing_that_is_said_holds_a_secret(product: Product, person: Person) -> None:
    overheard = Overheard()
    context = person()
    overheard.listen(context)
    page = context.new_page()
    open_channel(page)
    cookies = {one["value"] for one in context.cookies() if one["name"] == "vip"}
    page.get_by_role("button", name="Redeem", exact=True).click()
    expect(page.get_by_text("Viewer1").first).to_be_visible()
    everything_goes_wrong(product, page)
    for path in ("/dashboard/rewards", "/dashboard/team", "/dashboard/settings", "/board/streamer", "/sandbox"):
        page.goto(path)
        page.locator("h1").first.wait_for()
        overheard.texts.append(page.content())
    # A token is told to the page that makes it, and to nobody after that: what was heard until then is searched without
    # the one frame that told it.
    page.goto("/dashboard/settings")
    token = make_token(page, "Stream Deck")
    assert sum(token in text for text in overheard.texts) == 1, "one frame, to the page that made it"
    overheard.texts = [text.replace(token, "") for text in overheard.texts]
    with httpx.Client(base_url=product.base, trust_env=False) as program:
        for path in ("/api/v1/channels/streamer/vips", f"/api/v1/channels/streamer/vips?token={token}", f"/{token}"):
            overheard.texts.append(program.get(path, headers={"Authorization": f"Bearer {token}"}).text)
        wish = {"user_login": "viewer3", "hours": 1}
        program.post("/api/v1/channels/streamer/vips", json=wish, headers={"Authorization": f"Bearer {token}"})
    for path in ("/dashboard", "/dashboard/settings", "/dashboard/history"):
        page.goto(path)
        page.locator("h1").first.wait_for()
        overheard.texts.append(page.content())
    cookie = f"vip={next(iter(cookies))}"
    with frames_to(product, "/dashboard", cookie=cookie) as frames:
        frames.call(on_dashboard("enter"))
        for name in (f"{DASHBOARD}.no_such_handler", "no.such.state", f"{DASHBOARD}.setvar", f"{DASHBOARD}._forget"):
            frames.call(name, var_name="picture", value={}, secret=cookie)
        frames.call(on_dashboard("create_reward"), unknown=cookie)
        frames.call(on_dashboard("give"), form=7)
        overheard.texts.append(frames.answers())
    exported = product.output.parent / "export.ndjson"
    subprocess.run(
        [sys.executable, "-m", "vip_manager", "export", str(exported)],
        cwd=built.ROOT,
        env=product.environment,
        check=True,
        capture_output=True,
    )
    sign_out(page)
    page.goto("/api/auth/login?connect=channel")
    be(page, "streamer")
    page.wait_for_url("**/dashboard**")
    cookies |= {one["value"] for one in context.cookies() if one["name"] == "vip"}
    product.stop()

    data = product.output.parent / "data" / "sandbox"
    secrets = {token, *cookies, *OURS.values(), *made_by_twitch(data / "twitch.json")}
    assert len(secrets) > 6
    stored = {path.name: path.read_bytes() for path in data.glob("vip.db*")}
    said = {
        "the log": product.output.read_bytes(),
        "pages and frames": "\n".join(overheard.texts).encode(),
        "an export": exported.read_bytes(),
        **stored,
    }
    assert len(stored) >= 1
    assert '"event",{"delta"' in "\n".join(overheard.texts), "frames were heard"
    assert all(len(text) > 1000 for text in said.values()), {name: len(text) for name, text in said.items()}
    found = [(where, secret[:4]) for where, text in said.items() for secret in secrets if secret.encode() in text]
    assert found == []


def made_by_twitch(file: Path) -> list[str]:
    """Every access and refresh token that the simulator has made."""
    saved = json.loads(file.read_text())
    found = [*saved["access_tokens"], *saved["refresh_tokens"]]
    return [one if isinstance(one, str) else str(one["token"]) for one in found]
