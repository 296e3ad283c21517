"""Behind the curtain, as the tests of the sandbox's page find it."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.journeys.conftest import open_channel
from tests.product import Product

Person = Callable[..., BrowserContext]


def control(product: Product, action: str, **wish: object) -> None:
    httpx.post(f"{product.base}/sandbox/twitch/control/{action}", json=wish, trust_env=False).raise_for_status()


def audit(product: Product) -> Any:
    return httpx.get(f"{product.base}/sandbox/twitch/control/audit", trust_env=False).json()


def left(page: Page) -> Any:
    return page.locator("details", has=page.get_by_role("heading", name="Twitch, as viewers see it"))


def right(page: Page) -> Any:
    return page.locator("details", has=page.get_by_role("heading", name="VIP Manager, what it made of it"))


@pytest.fixture
def stage(person: Person) -> Page:
    """The streamer on the stage, with a channel that has its reward."""
    page = person().new_page()
    open_channel(page)
    page.get_by_role("link", name="Behind the curtain").click()
    expect(page.get_by_role("heading", name="Behind the curtain")).to_be_visible()
    return page
