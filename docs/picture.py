"""Makes the README's pictures from the running program: `make picture`. Those of the rules are made beside them."""

import tempfile
from pathlib import Path

import httpx
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.journeys.conftest import PHONE, QUIET, SYSTEM_CHROMIUM, WIDE, open_channel
from tests.product import Product, until
from vip_manager import page

FOLDER = Path(__file__).parent / "images"
EVENING = ("mira", "jonas", "pixelpenguin", "kai", "tidewalker")
"""Viewers who redeem, an hour or more apart."""
DAYS = (3, 1, 4, 2, 0, 5, 6, 2, 3, 1, 4, 7, 5)
"""How many redeemed on each day before that."""
SHARP = 1.5
"""Pixels a picture has for each of the page's."""


def main() -> None:
    page.build_where_changed()
    with tempfile.TemporaryDirectory() as directory:
        product = Product(Path(directory), {"EXPIRY_TICK_SECONDS": "1"})
        product.start()
        try:
            with sync_playwright() as playwright:
                path = str(SYSTEM_CHROMIUM) if SYSTEM_CHROMIUM.exists() else None
                browser = playwright.chromium.launch(executable_path=path, args=QUIET)
                _take_all(browser, product)
                browser.close()
        finally:
            product.stop()


def _take_all(browser: Browser, product: Product) -> None:
    wide = _context(browser, product, viewport=WIDE)
    shown = wide.new_page()
    open_channel(shown)
    _days_before(product)
    _evening(shown, product)
    _take(shown, "dashboard")
    shown.goto("/dashboard/insights")
    expect(shown.get_by_role("heading", name="Top supporters")).to_be_visible()
    _take(shown, "insights")
    phone = _context(browser, product, viewport=PHONE, storage_state=wide.storage_state())
    for name, address in (("phone", "/dashboard"), ("board", "/board/streamer")):
        held = phone.new_page()
        held.goto(address)
        expect(held.get_by_text("tidewalker").first).to_be_visible()
        _take(held, name)


def _context(browser: Browser, product: Product, **options: object) -> BrowserContext:
    context: BrowserContext = browser.new_context(base_url=product.base, device_scale_factor=SHARP, **options)
    return context


def _days_before(product: Product) -> None:
    for viewer in EVENING:
        control(product, "viewer", login=viewer)
        control(product, "points", channel="streamer", viewer=viewer, points=500_000)
    for day, redemptions in enumerate(DAYS):
        for number in range(redemptions):
            viewer = EVENING[(day * number + number) % len(EVENING)]
            control(product, "redeem", channel="streamer", viewer=viewer)
        control(product, "jump", seconds=24 * 3600)
        _settled(product)
    control(product, "jump", seconds=48 * 3600)
    _settled(product)


def _settled(product: Product) -> None:
    """Twitch lets a channel make and unmake ten VIPs in ten seconds, so it takes its time."""

    def nothing_open() -> bool:
        found = httpx.get(f"{product.base}/sandbox/twitch/control/audit", trust_env=False).json()
        return bool(found["open"] == 0)

    until(nothing_open, "every redemption to be settled", 120)


def _evening(shown: Page, product: Product) -> None:
    shown.get_by_role("button", name="Skip the test").click()
    expect(shown.get_by_text("Nobody is VIP through VIP Manager right now")).to_be_visible(timeout=60_000)
    for number, viewer in enumerate(EVENING):
        control(product, "redeem", channel="streamer", viewer=viewer)
        expect(shown.get_by_role("button", name=f"More about {viewer}", exact=False)).to_be_visible()
        _settled(product)
        control(product, "jump", seconds=3600 * (1.4 + number))
    control(product, "redeem", channel="streamer", viewer="mod")
    expect(shown.get_by_text("moderator").first).to_be_visible(timeout=60_000)
    control(product, "channel", channel="streamer", live=True)


def _take(shown: Page, name: str) -> None:
    still(shown)
    shown.reload()
    still(shown)
    expect(shown.get_by_text("tidewalker").first).to_be_visible()
    still(shown)
    shown.screenshot(path=FOLDER / f"{name}.png")


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
