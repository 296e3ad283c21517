"""From nothing to a reward that is known to work, and what the page of health says when something breaks."""

from collections.abc import Callable

import httpx
from playwright.sync_api import BrowserContext, Page, expect

from tests.journeys.conftest import MOVING, barriers, be, sign_in
from tests.journeys.test_doors import world
from tests.product import Product

Person = Callable[..., BrowserContext]


NBSP = "\u00a0"


def control(product: Product, do: str, action: str, /, **wish: object) -> None:
    url = f"{product.base}/sandbox/twitch/control/{action}"
    httpx.request(do, url, json=wish or None, trust_env=False).raise_for_status()


def in_both_modes(page: Page) -> list[str]:
    found = barriers(page)
    page.evaluate("document.documentElement.classList.replace('dark', 'light')")
    found += barriers(page)
    page.evaluate("document.documentElement.classList.replace('light', 'dark')")
    return found


def test_from_nothing_to_a_reward_that_works_and_back_to_it(
    product: Product, person: Person, complaints: list[str]
) -> None:
    page = person(**MOVING).new_page()
    sign_in(page)
    expect(page.get_by_role("heading", name="Three steps to your first VIP")).to_be_visible()
    current = page.locator("li[aria-current=step]")
    expect(current.get_by_role("heading")).to_have_text("Connect your channel")
    assert in_both_modes(page) == []
    page.get_by_role("link", name="Connect with Twitch").focus()
    page.keyboard.press("Enter")
    be(page, "streamer")

    expect(current.get_by_role("heading")).to_have_text("Create the VIP reward")
    page.get_by_label("Name").fill("VIP for two days")
    page.get_by_label("Cost").fill("12000")
    page.get_by_label("VIP for").fill("48")
    preview = page.get_by_role("figure")
    for seen in ("VIP for two days", "12,000", "48 h"):
        expect(preview).to_contain_text(seen)
    assert in_both_modes(page) == []
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="VIPs now")).to_be_visible()
    expect(current.get_by_role("heading")).to_have_text("Test it")
    page.get_by_role("button", name="Test the reward").click()
    confetti = page.locator("canvas[data-confetti]")
    expect(page.locator("li[data-step][data-state=passed]")).to_have_count(6)
    expect(page.get_by_text("All is well. Viewers can redeem the reward.")).to_be_visible()
    expect(confetti).to_have_count(1)
    expect(confetti).to_have_attribute("data-confetti", "over")
    assert in_both_modes(page) == []

    page.reload()
    expect(page.get_by_role("heading", name="VIPs now")).to_be_visible()
    expect(page.get_by_role("heading", name="Three steps to your first VIP")).to_have_count(0)
    expect(confetti).to_have_count(0)

    page.get_by_role("link", name="Health").click()
    expect(page.get_by_text("All works.")).to_be_visible()
    start = page.get_by_role("button", name="Start the test")
    start.press("Enter")
    expect(page.locator("li[data-step][data-state=passed]")).to_have_count(6)
    expect(start).to_be_focused()
    expect(confetti).to_have_count(0)

    control(product, "POST", "faults", method="POST", path="channels/vips", do="status", times=-1, status=503)
    control(product, "POST", "redeem", channel="streamer", viewer="viewer1")
    again = page.get_by_role("button", name="Try again for Viewer1")
    expect(again).to_have_count(1)
    expect(page.get_by_text("Not all is done yet.")).to_be_visible()
    assert in_both_modes(page) == []
    control(product, "DELETE", "faults")
    again.press("Enter")
    expect(again).to_have_count(0)
    expect(page.get_by_role("heading", name="Health", exact=True)).to_be_focused()
    expect(page.get_by_text("All works.")).to_be_visible()

    control(product, "POST", "disconnect", user="streamer")
    page.get_by_role("button", name="Look again").click()
    expect(page.get_by_role("link", name="Sign in with Twitch again")).to_be_visible()
    page.get_by_role("button", name="Start the test").or_(page.get_by_role("button", name="Test again")).click()
    expect(page.locator("li[data-step][data-state=skipped]")).to_have_count(3)
    assert in_both_modes(page) == []
    page.get_by_role("link", name="Sign in with Twitch again").click()
    be(page, "streamer")
    page.wait_for_url("**/dashboard/health/")
    expect(page.get_by_text("All works.")).to_be_visible()

    other = person().new_page()
    sign_in(other, "secondstreamer")
    other.get_by_role("link", name="Connect with Twitch").click()
    be(other, "secondstreamer")
    other.get_by_role("button", name="Create the reward").click()
    other.get_by_role("button", name="Skip the test").click()
    expect(other.get_by_role("heading", name="Three steps to your first VIP")).to_have_count(0)
    expect(other.get_by_role("heading", name="VIPs now")).to_be_visible()
    assert complaints == []


def test_a_new_reward_is_named_in_the_language_of_its_maker(
    product: Product, person: Person, complaints: list[str]
) -> None:
    page = person(locale="de-DE").new_page()
    page.goto("/dashboard")
    page.get_by_role("link", name="Mit Twitch anmelden").first.click()
    be(page, "streamer")
    page.get_by_role("link", name="Mit Twitch verbinden").click()
    be(page, "streamer")
    title, cost, hours = (page.get_by_label(name, exact=True) for name in ("Name", "Preis", "VIP für"))
    expect(title).to_have_value("VIP für einen Tag")
    preview = page.get_by_role("figure")
    expect(preview).to_contain_text("VIP für einen Tag")
    cost.fill("abc")
    hours.fill("viele")
    expect(preview.get_by_text("abc")).to_have_count(0)
    expect(preview.get_by_text("sobald Twitch zustimmt")).to_have_count(0)
    cost.fill("12 500")
    hours.fill("1,5")
    expect(preview).to_contain_text("12.500")
    expect(preview.get_by_text("sobald Twitch zustimmt")).to_have_text("VIP für 1,5 Std., sobald Twitch zustimmt.")
    assert f"1,5{NBSP}Std." in preview.inner_text()
    page.get_by_role("button", name="Belohnung erstellen").click()
    page.get_by_role("button", name="Test überspringen").click()
    channel = next(one for one in world(product)["channels"] if one["rewards"])
    assert [one["title"] for one in channel["rewards"]] == ["VIP für einen Tag"]

    page.goto("/dashboard/rewards")
    page.get_by_role("button", name="Neue Belohnung").click()
    form = page.get_by_role("dialog")
    says = form.locator("figcaption p").last
    assert "Punkte" not in says.inner_text()
    form.get_by_label("Preis").fill("5.000")
    form.get_by_label("VIP für").fill("viele")
    seen = form.get_by_role("figure")
    expect(seen).to_contain_text("5.000")
    assert "VIP für" not in seen.inner_text()
    form.get_by_label("VIP für").fill("2")
    expect(says.get_by_text("VIP für 2 Std., 5.000 Punkte.")).to_be_visible()
    form.get_by_label("Preis").fill("abc")
    expect(says.get_by_text("VIP für 2 Std.")).to_be_hidden()
    assert complaints == []
