"""A streamer's rules, from the page where they are set to what they do: a real browser, the running program."""

from collections.abc import Callable

import httpx
from playwright.sync_api import BrowserContext, Page, expect

from tests.journeys.conftest import PHONE, barriers, open_channel
from tests.journeys.test_journey import on_twitch
from tests.product import Product, until

Person = Callable[..., BrowserContext]


def control(product: Product, action: str, **wish: object) -> None:
    httpx.post(f"{product.base}/sandbox/twitch/control/{action}", json=wish, trust_env=False).raise_for_status()


def redeem(product: Product, viewer: str) -> None:
    control(product, "redeem", channel="streamer", viewer=viewer)


def settled(product: Product) -> dict[str, str]:
    """What became of each viewer's redemption on Twitch."""
    world = httpx.get(f"{product.base}/sandbox/twitch/control/world", trust_env=False).json()
    return {one["viewer"]: one["status"] for one in world["redemptions"]}


def rules(page: Page) -> None:
    page.get_by_role("link", name="Rewards", exact=True).click()
    expect(page.get_by_role("heading", name="Rewards and rules")).to_be_visible()


def now(page: Page) -> None:
    page.get_by_role("link", name="Now", exact=True).click()
    expect(page.get_by_role("heading", name="VIPs now")).to_be_visible()


def save(page: Page) -> None:
    expect(page.get_by_text("Not saved yet")).to_be_visible()
    page.get_by_role("button", name="Save the rules").press("Enter")
    expect(page.get_by_text("All is saved")).to_be_visible()
    expect(page.get_by_role("button", name="Save the rules")).to_be_focused()


def test_a_redemption_waits_for_the_yes_and_a_blocked_viewer_has_the_points_back(
    product: Product, person: Person, complaints: list[str]
) -> None:
    page = person().new_page()
    open_channel(page)
    rules(page)
    expect(page.get_by_text("Who redeems is VIP at once, if they can be.")).to_be_visible()
    page.get_by_label("Every redemption waits for your yes").check()
    page.get_by_label("Your yes within").fill("3")
    expect(page.get_by_text("Where nobody has said yes within 3 h, the points go back.")).to_be_visible()
    save(page)

    redeem(product, "viewer1")
    redeem(product, "viewer2")
    now(page)
    waiting = page.get_by_role("list", name="Needs your yes")
    expect(waiting.get_by_role("listitem")).to_have_count(2)
    assert barriers(page) == []
    assert "viewer1" not in on_twitch(product)
    page.get_by_role("button", name="Yes to Viewer1").press("Enter")
    expect(waiting.get_by_role("listitem")).to_have_count(1)
    expect(page.get_by_role("heading", name="Needs your yes")).to_be_focused()
    expect(page.get_by_role("button", name="End the VIP of Viewer1")).to_be_visible()
    assert "viewer1" in on_twitch(product)

    page.get_by_role("button", name="Give the points back to Viewer2").click()
    page.get_by_role("dialog").get_by_role("button", name="Give back").click()
    expect(waiting).to_have_count(0)
    expect(page.get_by_role("heading", name="VIPs now")).to_be_focused()
    until(lambda: settled(product) == {"viewer1": "FULFILLED", "viewer2": "CANCELED"}, "both are settled")

    rules(page)
    page.get_by_label("Twitch name").fill("@Viewer3")
    page.get_by_role("button", name="Block", exact=True).click()
    blocked = page.get_by_role("list", name="Block list")
    expect(blocked.get_by_text("Viewer3")).to_be_visible()
    assert barriers(page) == []
    redeem(product, "viewer3")
    now(page)
    expect(page.get_by_text("They are on the channel's block list.")).to_be_visible()
    until(lambda: settled(product)["viewer3"] == "CANCELED", "the points are back")
    rules(page)
    page.get_by_role("button", name="Take Viewer3 off the block list").click()
    expect(page.get_by_text("Nobody is on it.")).to_be_visible()
    assert complaints == []


def test_a_redemption_waits_for_a_seat_and_has_it_when_one_is_free(
    product: Product, person: Person, complaints: list[str]
) -> None:
    control(product, "channel", channel="streamer", capacity=2)
    page = person().new_page()
    open_channel(page)
    rules(page)
    page.get_by_label("A waiting list").check()
    page.get_by_label("VIP seats", exact=True).fill("many")
    expect(page.get_by_text("Type a whole number of seats, from 0 to 1,000.")).to_be_visible()
    page.get_by_role("button", name="Save the rules").click()
    expect(page.get_by_role("alert").get_by_text("VIP seats: Type a whole number of seats")).to_be_visible()
    page.get_by_label("VIP seats", exact=True).fill("2")
    save(page)
    now(page)
    redeem(product, "viewer1")
    expect(page.get_by_role("button", name="End the VIP of Viewer1")).to_be_visible()
    redeem(product, "viewer2")
    waiting = page.get_by_role("list", name="Waiting for a seat")
    expect(waiting.get_by_text("Viewer2")).to_be_visible()
    expect(page.get_by_text("waits for a seat").first).to_be_visible()
    page.get_by_role("button", name="End the VIP of Viewer1").click()
    page.get_by_role("dialog").get_by_role("button", name="End now").click()
    expect(page.get_by_role("button", name="End the VIP of Viewer2")).to_be_visible()
    expect(waiting).to_have_count(0)
    assert on_twitch(product) >= {"viewer2"}
    assert complaints == []


def test_whose_seat_was_taken_is_told_everywhere_and_is_vip_again(product: Product, person: Person) -> None:
    control(product, "channel", channel="streamer", capacity=2)
    page = person().new_page()
    open_channel(page)
    rules(page)
    page.get_by_label("Take the seat of the temporary VIP").check()
    page.get_by_label("Protected for the first").fill("0")
    page.get_by_label("VIP seats", exact=True).fill("2")
    save(page)
    now(page)
    board = person().new_page()
    board.goto("/board/streamer")
    redeem(product, "viewer1")
    expect(board.get_by_text("Viewer1")).to_be_visible()
    redeem(product, "viewer2")
    expect(page.get_by_text("Seat taken; VIP again when one is free")).to_be_visible()
    expect(page.get_by_text("The seat of Viewer1 went to Viewer2. The clock runs on")).to_be_visible()
    expect(board.get_by_role("heading", name="Waiting for a seat again")).to_be_visible()
    expect(board.get_by_text("Viewer1")).to_be_visible()
    until(lambda: {"viewer1", "viewer2"} & on_twitch(product) == {"viewer2"}, "the seat has changed hands")
    page.get_by_role("button", name="End the VIP of Viewer2").click()
    page.get_by_role("dialog").get_by_role("button", name="End now").click()
    expect(page.get_by_text("Seat taken; VIP again when one is free")).to_have_count(0)
    expect(board.get_by_role("heading", name="Waiting for a seat again")).to_have_count(0)
    until(lambda: "viewer1" in on_twitch(product), "VIP is back")


def test_what_is_half_typed_stays_until_it_is_discarded_and_another_page_says_what_changed(
    product: Product, person: Person
) -> None:
    streamer = person()
    first = streamer.new_page()
    open_channel(first)
    rules(first)
    first.get_by_label("Start over, never shorter").check()
    expect(first.get_by_text("Not saved yet")).to_be_visible()
    first.get_by_role("link", name="Now", exact=True).click()
    asked = first.get_by_role("dialog", name="Leave without saving the rules?")
    expect(asked.get_by_role("button", name="Stay")).to_be_focused()
    asked.get_by_role("button", name="Stay").click()
    expect(first.get_by_label("Start over, never shorter")).to_be_checked()
    first.get_by_role("link", name="Now", exact=True).click()
    asked.get_by_role("button", name="Leave").click()
    expect(first.get_by_role("heading", name="Rewards and rules")).to_have_count(0)
    rules(first)
    expect(first.get_by_text("Not saved yet")).to_be_visible()
    expect(first.get_by_label("Start over, never shorter")).to_be_checked()
    second = streamer.new_page()
    second.goto("/dashboard/rewards")
    second.get_by_label("At least between two").fill("4")
    save(second)
    first.bring_to_front()
    expect(first.get_by_text("The rules were changed on another page")).to_be_visible()
    expect(first.get_by_label("Start over, never shorter")).to_be_checked()
    first.get_by_role("button", name="Show them as they are").click()
    expect(first.get_by_label("At least between two")).to_have_value("4")
    expect(first.get_by_label("Add the time to what is left")).to_be_checked()
    expect(first.get_by_text("All is saved")).to_be_visible()


def test_a_reward_is_shown_as_it_is_typed_and_says_what_it_does_right_now(
    product: Product, person: Person, complaints: list[str]
) -> None:
    page = person(viewport=PHONE).new_page()
    open_channel(page)
    page.goto("/dashboard/rewards")
    expect(page.get_by_text("Open: who redeems it now is VIP at once.")).to_be_visible()
    page.get_by_role("button", name="Add a reward").click()
    dialog = page.get_by_role("dialog")
    card = dialog.get_by_role("figure")
    dialog.get_by_label("Name").fill("VIP for a week")
    dialog.get_by_label("Cost").fill("20,000")
    dialog.get_by_label("VIP for").fill("168")
    expect(card.get_by_text("VIP for a week")).to_be_visible()
    expect(card.get_by_text("VIP for 168 h, for 20,000 points.")).to_be_visible()
    assert barriers(page) == []
    dialog.get_by_role("button", name="Add the reward").click()
    expect(page.get_by_text("Open: who redeems it now is VIP at once.")).to_have_count(2)
    page.get_by_role("switch", name="Reward can be redeemed").click()
    expect(page.get_by_text("Off: nobody can redeem it.")).to_have_count(2)
    page.get_by_label("Every redemption waits for your yes").check()
    expect(page.get_by_role("button", name="Save the rules")).to_be_in_viewport()
    page.evaluate("scrollTo(0, 0)")
    expect(page.get_by_role("button", name="Save the rules")).to_be_in_viewport()
    assert barriers(page) == []
    assert complaints == []


def test_a_permanent_vip_is_put_on_a_clock_after_two_warnings(product: Product, person: Person) -> None:
    page = person(viewport=PHONE).new_page()
    open_channel(page)
    page.get_by_role("button", name="Put one on a clock…").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Twitch name").fill("permanentvip")
    dialog.get_by_label("VIP for another").fill("1,5")
    dialog.get_by_role("button", name="Go on…").click()
    expect(dialog.get_by_text("1.5 h")).to_be_visible()
    dialog.get_by_role("button", name="Put on the clock").click()
    expect(dialog).to_have_count(0)
    expect(page.get_by_text("1 h 29 min left").or_(page.get_by_text("1 h 30 min left")).first).to_be_visible()
    control(product, "jump", seconds=5500)
    expect(page.get_by_text("Nobody is VIP through VIP Manager right now")).to_be_visible()
    until(lambda: "permanentvip" not in on_twitch(product), "VIP is gone on Twitch")
