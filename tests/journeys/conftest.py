"""Chromium, and the product in its sandbox, as somebody finds them after `make run`."""

from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Error, Locator, Page, expect, sync_playwright

from tests.conftest import REQUIRED
from tests.product import LONGEST_WAIT, Product

SYSTEM_CHROMIUM = Path("/usr/bin/chromium")
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]
# What comes, comes at once on a machine with nothing else to do, and no test waits for what does not come.
expect.set_options(timeout=LONGEST_WAIT * 1000)
WIDE = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
STILL = {"reduced_motion": "reduce"}
"""What moves, and is not looked at, costs a processor that others wait for."""
MOVING = {"reduced_motion": "no-preference"}


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        try:
            path = str(SYSTEM_CHROMIUM) if SYSTEM_CHROMIUM.exists() else None
            browser = playwright.chromium.launch(executable_path=path, args=QUIET)
        except Error as error:
            if REQUIRED:
                raise
            pytest.skip(f"no Chromium here: {error.message.splitlines()[0]}")
        try:
            yield browser
        finally:
            browser.close()


@pytest.fixture
def product(tmp_path: Path, built_page: None) -> Iterator[Product]:
    with Product(tmp_path, {"EXPIRY_TICK_SECONDS": "1"}).running() as product:
        yield product


@pytest.fixture
def complaints() -> list[str]:
    """What the pages of a test said on their consoles, or threw."""
    return []


@pytest.fixture
def person(chromium: Browser, product: Product, complaints: list[str]) -> Iterator[Callable[..., BrowserContext]]:
    """Makes a browser of its own for a person: nobody else's cookies."""
    made: list[BrowserContext] = []

    def make(**options: object) -> BrowserContext:
        context = chromium.new_context(**{"base_url": product.base, "viewport": WIDE, **STILL, **options})
        context.set_default_timeout(LONGEST_WAIT * 1000)
        context.on("weberror", lambda error: complaints.append(str(error.error)))
        context.on(
            "console",
            lambda said: complaints.append(f"{said.text} ({said.location})") if said.type == "error" else None,
        )
        made.append(context)
        return context

    yield make
    for context in made:
        context.close()


def be(page: Page, name: str) -> None:
    """Chooses who one is, on the page that stands in for Twitch."""
    page.locator(f'button[value="{name}"]').click()


def sign_in(page: Page, name: str = "streamer", *, sandbox: bool = True) -> None:
    page.goto("/")
    if sandbox:
        page.get_by_role("complementary", name="Sandbox").wait_for()
    page.get_by_role("link", name="Sign in with Twitch").first.click()
    be(page, name)
    page.wait_for_url("**/dashboard**")


def account(page: Page) -> Locator:
    """The button of the menu that whoever is signed in has on every page."""
    return page.get_by_role("button", name="Account: ")


def sign_out(page: Page) -> None:
    account(page).click()
    page.get_by_role("button", name="Sign out", exact=True).click()


def come_in(page: Page, name: str = "streamer", *, connect: bool = False) -> None:
    """Signs in where that is not what a test is about: the same requests, without drawing the pages on the way."""
    asks = page.context.request
    to_twitch = asks.get(f"/api/auth/login{'?connect=channel' if connect else ''}", max_redirects=0).headers["location"]
    fields = {field: one[0] for field, one in parse_qs(urlsplit(to_twitch).query, keep_blank_values=True).items()}
    back = asks.post("/sandbox/twitch/oauth2/authorize", form={**fields, "user": name}, max_redirects=0)
    assert asks.get(back.headers["location"], max_redirects=0).headers["location"].endswith("/dashboard")


def open_channel(page: Page, name: str = "streamer") -> None:
    """To a channel with its reward. How a streamer goes all of the way is in test_first_run.py and test_keyboard.py."""
    come_in(page, name, connect=True)
    page.goto("/dashboard")
    page.get_by_role("button", name="Create the reward").click()
    page.get_by_role("heading", name="VIPs now").wait_for()


def barriers(page: Page) -> list[str]:
    """What axe finds on it, once whatever fades in has done so: half faded, nothing has contrast enough."""
    page.evaluate(
        """() => Promise.allSettled(document.getAnimations()
            .filter(one => one.effect.getTiming().iterations !== Infinity).map(one => one.finished))"""
    )
    return [violation["id"] for violation in Axe().run(page).response["violations"]]
