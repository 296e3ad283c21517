"""The whole way without a pointer: from the door to a dialog and back, and always one sees where one is."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.journeys.conftest import PHONE
from tests.journeys.curtain import control
from tests.product import Product, until

Person = Callable[..., BrowserContext]

_FOCUSED = """() => {
    const one = document.activeElement;
    if (!one || one === document.body) return null;
    const box = one.getBoundingClientRect();
    const style = getComputedStyle(one);
    return {
        what: one.outerHTML.slice(0, 200),
        seen: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2 && box.width > 0 && box.height > 0,
    };
}"""
MOST_STOPS = 80
"""Between one end of a page and the other."""


def stop(page: Page) -> Any:
    """Where Tab has come to: seen, or nowhere, which is the browser's own bar."""
    found = page.evaluate(_FOCUSED)
    assert found is None or found["seen"], f"nobody sees that this has the focus: {found['what']}"
    return found


def tab_to(page: Page, goal: Locator) -> None:
    expect(goal).to_be_visible()
    for _ in range(MOST_STOPS):
        if goal.evaluate("one => one === document.activeElement"):
            return
        page.keyboard.press("Tab")
        stop(page)
    raise AssertionError(f"Tab never comes to {goal}")


def press(page: Page, goal: Locator) -> None:
    tab_to(page, goal)
    page.keyboard.press("Enter")


def leave(page: Page) -> int:
    """Goes on to the page's end and out of it, by so many stops: nothing on it keeps the focus."""
    for stops in range(MOST_STOPS):
        page.keyboard.press("Tab")
        if stop(page) is None:
            return stops
    raise AssertionError("Tab never leaves the page")


def all_around(page: Page) -> int:
    leave(page)
    return leave(page)


def somewhere(page: Page) -> None:
    """What was pressed is done, and the keyboard goes on from there."""
    expect(page.locator("main :focus, main:focus")).to_have_count(1)


def _a_vip(product: Product, page: Page) -> None:
    control(product, "redeem", channel="streamer", viewer="viewer1")
    hour = page.get_by_role("button", name="Give Viewer1 1 h more")
    press(page, hour)
    expect(page.get_by_text("@Viewer1 has 1 h more.")).to_be_visible()
    expect(hour).to_be_enabled()
    expect(hour).to_be_focused()
    press(page, page.get_by_role("button", name="End the VIP of Viewer1"))
    press(page, page.get_by_role("dialog").get_by_role("button", name="End now"))
    expect(page.get_by_role("button", name="End the VIP of Viewer1")).to_have_count(0)
    expect(page.get_by_role("heading", name="VIPs now")).to_be_focused()


def be_streamer(page: Page) -> None:
    press(page, page.locator('button[value="streamer"]'))
    page.wait_for_url("**/dashboard**")


def test_with_the_keyboard_alone(product: Product, person: Person, complaints: list[str]) -> None:
    page = person().new_page()
    page.goto("/")
    expect(page.get_by_role("complementary", name="Sandbox")).to_be_visible()
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    press(page, page.get_by_role("link", name="Sign in with Twitch").first)
    be_streamer(page)
    press(page, page.get_by_role("link", name="Connect with Twitch"))
    be_streamer(page)
    press(page, page.get_by_role("button", name="Create the reward"))
    expect(page.get_by_role("heading", name="VIPs now")).to_be_visible()
    somewhere(page)
    press(page, page.get_by_role("button", name="Test the reward"))
    expect(page.get_by_text("All is well. Viewers can redeem the reward.")).to_be_visible()
    somewhere(page)
    _a_vip(product, page)

    page.goto("/dashboard/team")
    press(page, page.get_by_role("button", name="Choose from your moderators"))
    choice = page.get_by_role("list", name="Your moderators").get_by_role("button").first
    expect(choice).to_be_visible()
    title = page.get_by_role("heading", name="Add somebody")
    expect(title).to_be_focused()
    press(page, choice)
    expect(page.get_by_role("button", name="Take Mod off the team")).to_be_visible()
    expect(title).to_be_focused()
    account = page.get_by_role("button", name="Account: Streamer")
    press(page, account)
    press(page, page.get_by_role("button", name="Colours: dark"))
    expect(page.locator("html")).to_have_class("light")
    page.keyboard.press("Escape")
    expect(account).to_be_focused()
    expect(page.get_by_role("button", name="Sign out", exact=True)).to_have_count(0)

    ways = page.get_by_role("navigation", name="The channel's pages")
    for name, path in (
        ("Rewards", "/dashboard/rewards"),
        ("History", "/dashboard/history"),
        ("Insights", "/dashboard/insights"),
        ("Team", "/dashboard/team"),
        ("Health", "/dashboard/health"),
        ("Settings", "/dashboard/settings"),
    ):
        press(page, ways.get_by_role("link", name=name))
        page.wait_for_url(f"**{path}**")
        expect(ways.get_by_role("link", name=name)).to_have_attribute("aria-current", "page")

    opener = page.get_by_role("button", name="Leave VIP Manager…")
    press(page, opener)
    dialog = page.get_by_role("dialog", name="Leave VIP Manager?")
    expect(dialog.get_by_role("button", name="Cancel")).to_be_focused()
    for _ in range(12):
        page.keyboard.press("Tab")
        stop(page)
        outside = page.evaluate("document.activeElement !== document.body && !document.activeElement.closest('dialog')")
        assert not outside, "what lies below the dialog can't be reached"
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(opener).to_be_focused()
    assert all_around(page) > 12
    assert complaints == []

    phone = page.context.new_page()
    phone.set_viewport_size(PHONE)
    phone.goto("/dashboard/team")
    press(phone, phone.get_by_role("button", name="More pages"))
    press(phone, phone.get_by_role("link", name="Settings"))
    phone.wait_for_url("**/dashboard/settings**")
    until(lambda: phone.get_by_role("heading", name="Language and looks").is_visible(), "the settings")
    assert all_around(phone) > 12
