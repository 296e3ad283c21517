"""Makes the pictures of docs/rules.md from the running program: `make picture`."""

import tempfile
from pathlib import Path

from playwright.sync_api import Locator, Page, expect, sync_playwright

from docs.picture import control, still
from tests.journeys.conftest import QUIET, SYSTEM_CHROMIUM, WIDE, open_channel
from tests.product import Product
from vip_manager import page

FOLDER = Path(__file__).parent / "pictures"
OVER_THE_PAGE = ".sticky, .sandbox, .notices { visibility: hidden }"
"""What follows the reader over the page has no place in a picture of one part of it."""
SEATS = 4
"""That of the streamer's own VIP is one of them."""


def main() -> None:
    page.build_where_changed()
    FOLDER.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as directory,
        Product(Path(directory), {"EXPIRY_TICK_SECONDS": "1"}).running() as product,
    ):
        _take_all(product)


def _take_all(product: Product) -> None:
    with sync_playwright() as playwright:
        path = str(SYSTEM_CHROMIUM) if SYSTEM_CHROMIUM.exists() else None
        browser = playwright.chromium.launch(executable_path=path, args=QUIET)
        shown = browser.new_context(base_url=product.base, viewport=WIDE, device_scale_factor=1.5).new_page()
        open_channel(shown)
        shown.goto("/dashboard/rewards")
        _tiers(shown)
        _rules(shown)
        _waiting(shown, product)
        browser.close()


def _tiers(shown: Page) -> None:
    for title, cost, hours in (("VIP for a stream", "2,000", "4"), ("VIP for a week", "25,000", "168")):
        shown.get_by_role("button", name="Add a reward").click()
        dialog = shown.get_by_role("dialog")
        for label, value in (("Name", title), ("Cost", cost), ("VIP for", hours)):
            dialog.get_by_label(label).fill(value)
        dialog.get_by_role("button", name="Add the reward").click()
        expect(dialog).to_have_count(0)
    shown.reload()
    _take(shown, shown.locator("section", has=shown.get_by_role("heading", name="Rewards", exact=True)), "tiers")


def _rules(shown: Page) -> None:
    """Each section with the rule that is worth a picture, and all of them saved."""
    shown.get_by_label("Nobody gets further ahead than").fill("72")
    _section(shown, "When somebody who is VIP redeems again", "when-vip", "more than 72 h")
    shown.get_by_label("Take the seat of").check()
    _section(shown, "When all VIP seats are taken", "full", "first 1 h")
    shown.get_by_label("A waiting list").check()
    shown.get_by_label("VIP seats", exact=True).fill(str(SEATS))
    _section(shown, "How many seats there are", "seats", f"{SEATS} seats")
    shown.get_by_label("Hours that only count").check()
    _section(shown, "What the hours are", "clock", "stands still")
    shown.get_by_label("Hours as they pass").check()
    shown.get_by_label("Every redemption waits").check()
    _section(shown, "Approval", "approval", "within 2 h")
    shown.get_by_label("At least between two").fill("6")
    _section(shown, "Pause between two redemptions", "pause", "within 6 h")
    shown.get_by_role("button", name="Save the rules").click()
    expect(shown.get_by_text("All is saved")).to_be_visible()
    for viewer in ("viewer8", "viewer9"):
        shown.get_by_label("Twitch name").fill(viewer)
        shown.get_by_role("button", name="Block", exact=True).click()
        expect(shown.get_by_role("button", name=f"Take {viewer.title()} off")).to_be_visible()
    _section(shown, "Block list", "block-list", "Viewer9")


def _waiting(shown: Page, product: Product) -> None:
    control(product, "channel", channel="streamer", capacity=SEATS)
    viewers = ("mira", "jonas", "kai", "tidewalker", "pixelpenguin", "lou")
    for viewer in viewers:
        control(product, "viewer", login=viewer)
        control(product, "redeem", channel="streamer", viewer=viewer, reward="VIP for a day")
    shown.goto("/dashboard")
    for viewer in viewers[:4]:
        shown.get_by_role("button", name=f"Yes to {viewer}").click()
        expect(shown.get_by_role("button", name=f"Yes to {viewer}")).to_have_count(0)
    expect(shown.get_by_role("list", name="Waiting for a seat").get_by_role("listitem")).to_have_count(1)
    shown.reload()
    still(shown)
    first = shown.locator("section", has=shown.get_by_role("list", name="Needs your yes")).bounding_box()
    last = shown.locator("section", has=shown.get_by_role("heading", name="VIPs now")).bounding_box()
    height = last["y"] + last["height"] - first["y"]
    shown.screenshot(path=FOLDER / "rules-waiting.png", clip={**first, "height": height}, style=OVER_THE_PAGE)
    shown.get_by_role("button", name="Put one on a clock").click()
    shown.get_by_label("Twitch name").fill("permanentvip")
    shown.get_by_label("VIP for another").fill("168")
    _take(shown, shown.get_by_role("dialog"), "permanent")


def _section(shown: Page, name: str, file: str, says: str) -> None:
    section = shown.get_by_role("group", name=name, exact=True)
    expect(section.get_by_text(says, exact=False).first).to_be_visible()
    shown.evaluate("document.activeElement?.blur()")
    _take(shown, section, file)


def _take(shown: Page, what: Locator, file: str) -> None:
    expect(what).to_be_visible()
    still(shown)
    what.screenshot(path=FOLDER / f"rules-{file}.png", style=OVER_THE_PAGE)


if __name__ == "__main__":
    main()
