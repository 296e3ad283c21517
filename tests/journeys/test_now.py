"""The page that a live streamer looks at: finding people, keys, what can be undone, and clocks that are right."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.journeys.conftest import PHONE, barriers, open_channel
from tests.journeys.curtain import control
from tests.product import Product

Person = Callable[..., BrowserContext]
NARROW = {"width": 320, "height": 640}
"""What is left of 1280 pixels to who enlarges a page four times (WCAG 1.4.10)."""
AWRY = """hours => {
    const RealDate = Date;
    window.asleep = 0;
    const off = () => hours * 3600000 + window.asleep;
    window.Date = class extends RealDate {
        constructor(...given) { given.length ? super(...given) : super(RealDate.now() + off()); }
        static now() { return RealDate.now() + off(); }
    };
}"""
"""A browser whose clock is so many hours wrong, and that can be put to sleep."""
WAKES = """async () => {
    window.asleep = 3600000;
    document.dispatchEvent(new Event('visibilitychange'));
    for (let turn = 0; turn < 20; turn++) await new Promise(done => setTimeout(done));
    return document.querySelector('.clock-words').textContent;
}"""
"""What a clock says as soon as the page has drawn itself again, an hour later: long before its next second."""


def clock(page: Page, who: str) -> str:
    """What somebody's clock says."""
    row = page.get_by_role("listitem").filter(has=page.get_by_role("link", name=who, exact=True))
    return row.locator(".clock-words").inner_text().partition("(")[0].strip()


def names(page: Page) -> list[str]:
    every = page.get_by_role("button", name="More about").all()
    return [one.get_attribute("aria-label").removeprefix("More about ") for one in every]


@pytest.fixture
def now(product: Product, person: Person) -> Page:
    """Seven people are VIP, whose time ends in the order of their numbers."""
    page = person().new_page()
    open_channel(page)
    for number in range(1, 8):
        control(product, "redeem", channel="streamer", viewer=f"viewer{number}")
        expect(page.get_by_role("button", name=f"More about Viewer{number}")).to_be_visible()
    return page


def test_somebody_live_finds_ends_and_takes_back_by_keyboard(
    product: Product, person: Person, now: Page, complaints: list[str]
) -> None:
    _search(now)
    _keys(now)
    _undo(now)
    _lost(now)
    _clocks(person, now)
    _narrow(product, person, now)
    assert complaints == []


def _search(page: Page) -> None:
    assert names(page) == [f"Viewer{number}" for number in range(1, 8)]
    page.keyboard.press("/")
    search = page.get_by_role("searchbox", name="Search")
    expect(search).to_be_focused()
    search.fill("@VIEWER3")
    expect(page.get_by_role("button", name="More about")).to_have_count(1)
    expect(page.get_by_text("1 of 7")).to_be_visible()
    search.fill("g?")
    expect(page.get_by_text("Nobody of that name is VIP now.")).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert barriers(page) == []
    page.get_by_role("button", name="Show all of them").click()
    expect(page.get_by_role("button", name="More about")).to_have_count(7)
    order = page.get_by_role("combobox", name="Order")
    order.select_option("Newest first")
    assert names(page)[0] == "Viewer7"
    order.select_option("By name")
    assert names(page)[0] == "Viewer1"
    order.select_option("Ends first")


def _keys(page: Page) -> None:
    page.get_by_role("heading", name="VIPs now").click()
    page.keyboard.press("g")
    expect(page.get_by_role("dialog", name="Give VIP")).to_be_visible()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.keyboard.press("Control+g")
    page.keyboard.press("?")
    keys = page.get_by_role("dialog", name="Keyboard")
    expect(keys.get_by_role("button", name="Close")).to_be_focused()
    assert keys.get_by_role("definition").all_inner_texts() == ["Search who is VIP", "Give VIP", "Show these keys"]
    assert barriers(page) == []
    keys.get_by_role("switch", name="Use single keys").uncheck()
    expect(keys.get_by_role("definition")).to_have_count(3)
    assert barriers(page) == []
    keys.get_by_role("button", name="Close").click()
    expect(page.get_by_role("button", name="Give VIP")).not_to_have_attribute("aria-keyshortcuts", "g")
    page.keyboard.press("g")
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).not_to_be_focused()
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_role("button", name="Keyboard").click()
    keys.get_by_role("switch", name="Use single keys").check()
    page.keyboard.press("Escape")
    expect(keys).to_have_count(0)


def _undo(page: Page) -> None:
    before = clock(page, "Viewer2")
    page.get_by_role("button", name="End the VIP of Viewer2").click()
    page.get_by_role("dialog").get_by_role("button", name="End now").click()
    expect(page.get_by_text("@Viewer2 is no longer VIP.")).to_be_visible()
    expect(page.get_by_role("button", name="More about Viewer2")).to_have_count(0)
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    page.keyboard.press("z")
    expect(page.get_by_text("@Viewer2 is VIP again.")).to_be_visible()
    expect(page.get_by_role("button", name="More about Viewer2")).to_be_visible()
    assert clock(page, "Viewer2") in (before, "23 h 58 min left")
    expect(page.get_by_role("button", name="Undo")).to_have_count(0)


def _lost(page: Page) -> None:
    """All can be read meanwhile, and nothing is done late."""
    hour = page.get_by_role("button", name="Give Viewer2 1 h more")
    before = clock(page, "Viewer2")
    hour.focus()
    page.context.set_offline(True)
    expect(page.get_by_text("Connection lost", exact=False).first).to_be_visible()
    assert barriers(page) == []
    expect(page.get_by_role("main").get_by_role("heading", name="VIPs now")).to_be_visible()
    expect(hour).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("g")
    page.get_by_role("button", name="End the VIP of Viewer2").click()
    expect(hour).not_to_be_focused()
    hour.focus()
    page.context.set_offline(False)
    expect(page.get_by_text("Connection lost", exact=False)).to_have_count(0)
    expect(hour).to_be_focused()
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert clock(page, "Viewer2") in (before, "23 h 58 min left", "23 h 57 min left")
    page.keyboard.press("g")
    expect(page.get_by_role("dialog", name="Give VIP")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(hour).to_be_focused()


def _clocks(person: Person, page: Page) -> None:
    state = page.context.storage_state()
    awry = []
    for hours, options in ((-5, {"color_scheme": "light"}), (7, {"viewport": PHONE})):
        context = person(storage_state=state, **options)
        context.add_init_script(f"({AWRY})({hours})")
        awry.append(context.new_page())
        awry[-1].goto("/dashboard")
        expect(awry[-1].get_by_role("button", name="More about Viewer1")).to_be_visible()
    page.get_by_role("button", name="Jump 1 h ahead").click()
    expect(page.get_by_text("The clocks are 1 h further.")).to_be_visible()
    for one in (page, *awry):
        expect(one.locator(".clock-words").first).to_contain_text("22 h 5")
    assert barriers(awry[0]) == []
    assert barriers(awry[1]) == []

    assert "21\u00a0h 5" in awry[1].evaluate(WAKES)
    expect(awry[1].locator("[aria-live] .clock, [role=status] .clock")).to_have_count(0)

    page.get_by_role("button", name="Jump 24 h ahead").click()
    # Of several that end at once the latest are shown; whose they are is nobody's choice.
    expect(page.locator(".brief").first).to_be_visible()
    again = page.locator(".brief").get_by_role("button", name="1 h more").first
    (who,) = re.findall(r"Give (\S+) ", again.get_attribute("aria-label") or "")
    over = page.locator(".brief", has_text=f"@{who}'s VIP is over")
    over.get_by_role("button", name=f"Give {who} 1 h more").click()
    expect(page.get_by_text(f"@{who} is VIP again.")).to_be_visible()
    expect(page.get_by_role("button", name=f"More about {who}")).to_be_visible()
    expect(over).to_have_count(0)
    expect(awry[0].locator(".brief").first).to_be_visible()
    # What comes from the server meanwhile sets the clock right again.
    awry[0].evaluate(
        "setInterval(() => { window.asleep += 11000; document.dispatchEvent(new Event('visibilitychange')) }, 400)"
    )
    expect(awry[0].locator(".brief")).to_have_count(0)


def _narrow(product: Product, person: Person, page: Page) -> None:
    """With people, somebody on the team and a redemption that waits, in the languages with the longest words."""
    page.goto("/dashboard/team")
    page.get_by_label("Twitch name").fill("viewer1")
    page.get_by_role("button", name="Add to the team").click()
    expect(page.get_by_role("button", name="Take Viewer1 off the team")).to_be_visible()
    control(product, "faults", method="POST", path="channels/vips", do="status", times=-1, status=503)
    control(product, "redeem", channel="streamer", viewer="viewer9")
    page.goto("/dashboard")
    expect(page.get_by_role("button", name="Try again for Viewer9")).to_be_visible()
    ways = ("", "/rewards", "/history", "/insights", "/team", "/settings", "/health")
    paths = ("/", "/board/streamer", "/sandbox?channel=streamer", *(f"/dashboard{way}" for way in ways))
    state = page.context.storage_state()
    for language in ("de-DE", "fr-FR"):
        narrow = person(storage_state=state, viewport=NARROW, locale=language).new_page()
        for path in paths:
            narrow.goto(path)
            expect(narrow.locator("footer")).to_be_attached()
            expect(narrow.locator(".skeleton")).to_have_count(0)
            beyond = narrow.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert beyond == 0, f"{path} goes {beyond} pixels beyond its side in {language}"
