"""Makes the README's picture from the running program: `make picture`. Those of the rules are made beside it."""

import tempfile
from pathlib import Path

import httpx
from playwright.sync_api import Page, expect, sync_playwright

from tests.journeys.conftest import QUIET, SYSTEM_CHROMIUM, WIDE, open_channel
from tests.product import Product
from vip_manager import page

PICTURE = Path(__file__).parent / "images" / "dashboard.png"
EVENING = ("mira", "jonas", "pixelpenguin", "kai", "tidewalker")
"""Viewers who redeem, an hour or more apart."""


def main() -> None:
    page.build_where_changed()
    with tempfile.TemporaryDirectory() as directory:
        product = Product(Path(directory), {"EXPIRY_TICK_SECONDS": "1"})
        product.start()
        try:
            _take(product)
        finally:
            product.stop()


def _take(product: Product) -> None:
    with sync_playwright() as playwright:
        path = str(SYSTEM_CHROMIUM) if SYSTEM_CHROMIUM.exists() else None
        browser = playwright.chromium.launch(executable_path=path, args=QUIET)
        context = browser.new_context(base_url=product.base, viewport=WIDE, device_scale_factor=1.5)
        shown = context.new_page()
        open_channel(shown)
        for number, viewer in enumerate(EVENING):
            control(product, "viewer", login=viewer)
            control(product, "redeem", channel="streamer", viewer=viewer)
            expect(shown.locator("li", has_text=viewer).first).to_be_visible()
            control(product, "jump", seconds=3600 * (1.4 + number))
        control(product, "redeem", channel="streamer", viewer="mod")
        expect(shown.get_by_text("moderator").first).to_be_visible()
        still(shown)
        shown.reload()
        expect(shown.get_by_text("tidewalker").first).to_be_visible()
        still(shown)
        shown.screenshot(path=PICTURE)
        browser.close()


def control(product: Product, action: str, **wish: object) -> None:
    httpx.post(f"{product.base}/sandbox/twitch/control/{action}", json=wish, trust_env=False).raise_for_status()


def still(shown: Page) -> None:
    """Pictures and fonts are there, and nothing moves but what never stops."""
    shown.wait_for_load_state("networkidle")
    shown.evaluate(
        """() => Promise.allSettled(document.getAnimations()
            .filter(one => one.effect.getTiming().iterations !== Infinity).map(one => one.finished))"""
    )


if __name__ == "__main__":
    main()
