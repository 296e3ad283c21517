"""The stage: Twitch's side and ours in one window, in step, whatever is broken."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.journeys.conftest import PHONE, be, open_channel, sign_in
from tests.journeys.frames import STAGE, frames_to
from tests.product import Product, until

Person = Callable[..., BrowserContext]
REAL = "Twitch is real here; there is nothing to play with."


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


def test_a_redemption_on_the_left_is_a_vip_on_the_right_and_for_everybody(
    product: Product, person: Person, stage: Page, complaints: list[str]
) -> None:
    stranger = person().new_page()
    stranger.goto("/sandbox")
    stage.get_by_role("button", name="Redeem as Viewer1").click()
    for page in (stage, stranger):
        expect(right(page).get_by_text("Viewer1").first).to_be_visible(timeout=3000)
        expect(left(page).get_by_text("995,000")).to_be_visible(timeout=3000)
        expect(page.get_by_text("1 redemption, 1 fulfilled")).to_be_visible(timeout=3000)
    expect(right(stage).get_by_text("became VIP for 24 h")).to_be_visible()
    expect(right(stranger).get_by_text("became VIP")).to_have_count(0)
    expect(right(stranger).get_by_role("link", name="Sign in as Streamer")).to_be_visible()

    stranger.get_by_role("button", name="Jump to the moment at which the next VIP ends").click()
    for page in (stage, stranger):
        expect(right(page).get_by_text("Nobody yet.")).to_be_visible(timeout=3000)
        expect(page.get_by_text("ahead of real time")).to_be_visible()
    assert complaints == []


def test_who_has_not_signed_in_is_led_to_it_and_back(product: Product, person: Person) -> None:
    page = person().new_page()
    page.goto("/sandbox?channel=secondstreamer")
    page.get_by_role("link", name="Sign in as SecondStreamer").click()
    page.locator('button[value="secondstreamer"]').click()
    page.wait_for_url("**/sandbox**channel=secondstreamer")
    expect(page.get_by_text("One thing is missing: the reward")).to_be_visible()


def test_who_has_not_connected_yet_is_told_so_and_nothing_else(product: Product, person: Person) -> None:
    page = person().new_page()
    sign_in(page)
    page.goto("/sandbox?channel=streamer")
    expect(right(page).get_by_text("Not connected yet")).to_be_visible()
    expect(right(page).get_by_text("connecting to Twitch")).to_have_count(0)
    expect(right(page).get_by_text("One thing is missing")).to_have_count(0)
    right(page).get_by_role("link", name="Connect as Streamer").click()
    be(page, "streamer")
    expect(page.get_by_text("One thing is missing: the reward")).to_be_visible()


def test_who_signs_out_in_another_tab_sees_on_the_stage_what_anybody_sees(product: Product, stage: Page) -> None:
    stage.get_by_role("button", name="Redeem as Viewer1").click()
    expect(right(stage).get_by_text("became VIP for 24 h")).to_be_visible()
    other = stage.context.new_page()
    other.goto("/sandbox?channel=secondstreamer")
    expect(other.get_by_role("button", name="Sign out")).to_be_visible()
    leaving = stage.context.new_page()
    leaving.goto("/dashboard")
    leaving.get_by_role("button", name="Sign out").click()
    for page in (stage, other):
        expect(page.get_by_role("button", name="Sign out")).to_have_count(0)
    expect(right(stage).get_by_text("as anybody sees it")).to_be_visible()
    expect(right(stage).get_by_text("Viewer1")).to_be_visible()
    expect(right(stage).get_by_text("became VIP")).to_have_count(0)
    expect(stage.get_by_role("status").get_by_text("You are signed out.")).to_be_visible()
    stage.get_by_role("button", name="Jump to the moment at which the next VIP ends").click()
    expect(right(stage).get_by_text("Nobody yet.")).to_be_visible()


def test_the_keyboards_focus_stays_on_the_button_that_was_pressed(product: Product, stage: Page) -> None:
    jump = stage.get_by_role("button", name="Jump 10 minutes ahead")
    jump.focus()
    stage.keyboard.press("Enter")
    expect(stage.get_by_text("10 min ahead of real time")).to_be_visible()
    expect(jump).to_be_focused()
    end = stage.get_by_role("button", name="Jump to the moment at which the next VIP ends")
    expect(end).to_have_attribute("aria-disabled", "true")
    stage.get_by_role("button", name="Redeem as Viewer1").click()
    expect(right(stage).get_by_text("Viewer1").first).to_be_visible()
    end.focus()
    stage.keyboard.press("Enter")
    expect(right(stage).get_by_text("Nobody yet.")).to_be_visible()
    expect(end).to_be_focused()
    stage.get_by_role("button", name="A busy evening").focus()
    stage.keyboard.press("Enter")
    expect(stage.get_by_role("button", name="Stop")).to_be_focused()
    stage.keyboard.press("Enter")
    expect(stage.get_by_role("button", name="A busy evening")).to_be_focused()


def test_a_switch_stays_where_it_is_while_redemptions_come_in(product: Product, stage: Page) -> None:
    switch = stage.get_by_role("switch", name="Events come twice")
    switch.scroll_into_view_if_needed()
    tops = []
    for number in range(1, 25):
        control(product, "redeem", channel="streamer", viewer="viewer3")
        expect(
            stage.get_by_text(f"{number} {'redemption' if number == 1 else 'redemptions'}, {number} fulfilled")
        ).to_have_count(1)
        tops.append(switch.evaluate("one => Math.round(one.getBoundingClientRect().top)"))
    assert len(set(tops)) == 1, tops


def test_what_is_redeemed_while_twitch_is_down_waits_and_is_done_when_it_is_back(product: Product, stage: Page) -> None:
    stage.get_by_role("switch", name="Twitch is down").click()
    expect(stage.get_by_text("Broken on purpose:")).to_be_visible()
    stage.get_by_role("button", name="Redeem as Viewer2").click()
    expect(right(stage).get_by_role("heading", name="Waiting")).to_be_visible()
    stage.get_by_role("button", name="All healthy again").click()
    expect(stage.get_by_text("Broken on purpose:")).to_have_count(0)
    expect(right(stage).get_by_role("heading", name="Waiting")).to_have_count(0, timeout=30_000)
    expect(stage.get_by_text("1 redemption, 1 fulfilled")).to_be_visible()


def test_a_busy_evening_shows_how_far_it_is_and_ends_well(product: Product, stage: Page) -> None:
    stage.get_by_role("button", name="A busy evening").click()
    expect(stage.get_by_text("of 60 redemptions")).to_be_visible()
    stage.get_by_role("button", name="Stop").click()
    expect(stage.get_by_role("button", name="A busy evening")).to_be_visible()
    expect(stage.get_by_text("The evening was stopped:")).to_be_visible()
    expect(stage.get_by_role("switch", name="Live")).to_have_attribute("aria-checked", "false")
    control(product, "evening", channel="streamer", do="start", seconds=3, seed=1)
    expect(stage.get_by_text("60 redeemed, 0 refused. The next one")).to_be_visible(timeout=20_000)
    until(lambda: audit(product)["open"] == 0, "every redemption to be settled")
    expect(stage.get_by_text("0 open")).to_be_visible()
    expect(stage.get_by_text("Healthy")).to_be_visible()
    expect(stage.get_by_text("no permanent VIP touched, never told to slow down")).to_be_visible()


def test_hands_on_twitch_reach_the_viewer_they_are_laid_on(product: Product, stage: Page) -> None:
    stage.get_by_role("button", name="More about Viewer4").click()
    dialog = stage.get_by_role("dialog")
    dialog.get_by_role("switch", name="VIP").click()
    expect(dialog.get_by_text("Made by hand.")).to_be_visible()
    dialog.get_by_label("Points from now on").fill("10")
    dialog.get_by_role("button", name="Set").click()
    expect(dialog.get_by_text("10 points")).to_be_visible()
    stage.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    stage.get_by_role("button", name="Redeem as Viewer4").click()
    expect(left(stage).get_by_role("alert").get_by_text("Viewer4 has 10 points", exact=False)).to_be_visible()
    name = left(stage).get_by_label("Add a viewer")
    name.fill("no name at all")
    left(stage).get_by_role("button", name="Add", exact=True).click()
    expect(name).to_have_attribute("aria-invalid", "true")
    expect(left(stage).get_by_role("alert").get_by_text("A Twitch name has letters")).to_be_visible()


def test_the_journal_is_filtered_and_stands_still(product: Product, stage: Page) -> None:
    stage.get_by_role("button", name="Redeem as Viewer5").click()
    journal = stage.get_by_role("list", name="Twitch's journal, newest first")
    expect(journal.get_by_text("Viewer5 becomes VIP")).to_be_visible()
    stage.get_by_role("button", name="Requests", exact=True).click()
    expect(journal.get_by_text("make Viewer5 VIP")).to_be_visible()
    expect(journal.get_by_text("Viewer5 becomes VIP")).to_have_count(0)
    stage.get_by_role("button", name="Faults", exact=True).click()
    expect(stage.get_by_text("No faults so far.")).to_be_visible()
    stage.get_by_role("button", name="Everything").click()
    stage.get_by_role("button", name="Pause").click()
    expect(stage.get_by_role("button", name="Go on")).to_be_visible()
    stage.get_by_role("button", name="Redeem as Viewer6").click()
    expect(right(stage).get_by_text("Viewer6").first).to_be_visible()
    expect(journal.get_by_text("Viewer6")).to_have_count(0)
    stage.get_by_role("button", name="Go on").click()
    expect(journal.get_by_text("Viewer6 becomes VIP")).to_be_visible()


def test_on_a_phone_the_lower_sections_are_folded_and_nothing_is_too_wide(product: Product, person: Person) -> None:
    page = person(viewport=PHONE).new_page()
    page.goto("/sandbox")
    expect(page.get_by_role("button", name="Redeem as Viewer1")).to_be_visible()
    expect(page.get_by_role("switch", name="Twitch is down")).to_be_hidden()
    page.get_by_role("heading", name="Break things").click()
    expect(page.get_by_role("switch", name="Twitch is down")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


@pytest.fixture
def real(tmp_path: Path, built_page: None) -> Iterator[Product]:
    """The program as it runs with a Twitch application; Twitch itself is out of reach."""
    nowhere = "127.0.0.1:9"
    product = Product(
        tmp_path / "real",
        {
            "TWITCH_CLIENT_ID": "a-client",
            "TWITCH_CLIENT_SECRET": "a-secret",
            "APP_SECRET": "a root secret of the tests, long enough",
            "TWITCH_AUTH_URL": f"http://{nowhere}/oauth2",
            "TWITCH_API_URL": f"http://{nowhere}/helix",
            "TWITCH_EVENTSUB_WS_URL": f"ws://{nowhere}/ws",
        },
    )
    product.output.parent.mkdir()
    product.start()
    try:
        yield product
    finally:
        product.stop()


def test_where_twitch_is_real_the_page_says_so_and_no_frame_moves_anything(real: Product, chromium: Any) -> None:
    page = chromium.new_page()
    page.goto(f"{real.base}/sandbox")
    expect(page.get_by_text(REAL)).to_be_visible()
    expect(page.get_by_role("button", name="A busy evening")).to_have_count(0)
    page.close()
    with frames_to(real, "/sandbox") as frames:
        frames.call(f"{STAGE}.redeem", login="viewer1")
        frames.call(f"{STAGE}.jump", step="24h")
        heard = frames.quiet()
    assert REAL in heard
    answer = httpx.get(f"{real.base}/sandbox/twitch/control/world", trust_env=False)
    assert answer.status_code == 404
