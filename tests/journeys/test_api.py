"""A streamer makes a token on the page of the settings, and a program of theirs gives VIP with it: everybody sees it at
once; and nobody ever sees the token again."""

import subprocess
import time
from collections.abc import Callable

from playwright.sync_api import BrowserContext, Page, expect

from tests.journeys.conftest import barriers, open_channel
from tests.product import Product

Person = Callable[..., BrowserContext]
SOON = 2_000
"""Milliseconds in which every page has it."""


def make_token(page: Page, name: str) -> str:
    """On the page of the settings."""
    page.get_by_label("What it is for").fill(name)
    page.get_by_role("radio", name="Look, and give and end VIP").check()
    page.get_by_role("button", name="Make a token").click()
    shown = page.locator("code[data-secret]")
    shown.wait_for()
    return shown.inner_text()


def curl(product: Product, token: str, *more: str) -> int:
    """The answer's status."""
    command = ["curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}", "-H", f"Authorization: Bearer {token}", *more]
    done = subprocess.run(
        [*command, f"{product.base}/api/v1/channels/streamer/vips"], capture_output=True, text=True, check=True
    )
    return int(done.stdout)


def test_a_program_gives_vip_with_a_token_that_was_made_in_the_browser(product: Product, person: Person) -> None:
    context = person()
    page = context.new_page()
    open_channel(page)
    dashboard = context.new_page()
    dashboard.goto("/dashboard")
    dashboard.get_by_role("heading", name="VIPs now").wait_for()
    page.goto("/dashboard/settings")
    token = make_token(page, "Stream Deck")
    assert barriers(page) == []
    given = time.monotonic()
    body = ("-X", "POST", "-H", "Content-Type: application/json", "-d", '{"user_login": "viewer4", "hours": 2}')
    assert curl(product, token, *body) == 201
    expect(dashboard.get_by_text("Through the API by Streamer")).to_be_visible(timeout=SOON)
    assert time.monotonic() - given < SOON / 1000 + 1
    expect(dashboard.get_by_text("Through the API", exact=True)).to_be_visible()

    # It is told once: not after the page was opened anew, and not in another browser.
    page.reload()
    row = page.get_by_role("list", name="Tokens for other programs").get_by_role("listitem")
    expect(row).to_contain_text("last used")
    assert token not in page.content()
    expect(page.locator("code[data-secret]")).to_have_count(0)

    other = person(storage_state=context.storage_state()).new_page()
    other.goto("/dashboard/settings")
    there = other.get_by_role("list", name="Tokens for other programs")
    expect(there).to_contain_text("Stream Deck")
    row.get_by_role("button", name="Revoke the token Stream Deck").click()
    dialog = page.get_by_role("dialog", name="Revoke this token?")
    expect(dialog).to_contain_text("can see and change nothing in this channel any more")
    dialog.get_by_role("button", name="Revoke it").click()
    expect(page.get_by_text("The token “Stream Deck” opens nothing any more.")).to_be_visible()
    expect(there).to_have_count(0, timeout=SOON)
    assert curl(product, token) == 401
