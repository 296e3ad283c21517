"""What one does on the stage, and what it shows, whatever is broken."""

from playwright.sync_api import Page, expect

from tests.journeys.conftest import PHONE
from tests.journeys.curtain import Person, audit, control, left, right, stage
from tests.product import Product, until

__all__ = ["stage"]


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
    expect(right(stage).get_by_role("heading", name="Waiting")).to_have_count(0)
    expect(stage.get_by_text("1 redemption, 1 fulfilled")).to_be_visible()


def test_a_busy_evening_shows_how_far_it_is_and_ends_well(product: Product, stage: Page) -> None:
    stage.get_by_role("button", name="A busy evening").click()
    expect(stage.get_by_text("of 60 redemptions")).to_be_visible()
    stage.get_by_role("button", name="Stop").click()
    expect(stage.get_by_role("button", name="A busy evening")).to_be_visible()
    expect(stage.get_by_text("The evening was stopped:")).to_be_visible()
    expect(stage.get_by_role("switch", name="Live")).to_have_attribute("aria-checked", "false")
    control(product, "evening", channel="streamer", do="start", seconds=3, seed=1)
    expect(stage.get_by_text("60 redeemed, 0 refused. The next one")).to_be_visible()
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
