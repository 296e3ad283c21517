"""What happens outside shows on the open page, and what it leaves to decide is decided there."""

from collections.abc import Callable
from typing import Any

import httpx
from playwright.sync_api import BrowserContext, Page, expect

from tests.journeys.conftest import barriers, open_channel
from tests.product import Product

Person = Callable[..., BrowserContext]
SETTLE = "/channel_points/custom_rewards/redemptions"


def control(product: Product, action: str, **wish: Any) -> Any:
    answer = httpx.post(f"{product.base}/sandbox/twitch/control/{action}", json=wish, trust_env=False)
    assert answer.status_code == 200, answer.text
    return answer.json()


def heal(product: Product) -> None:
    httpx.delete(f"{product.base}/sandbox/twitch/control/faults", trust_env=False)


def redeems(product: Product, page: Page, viewer: str) -> Any:
    made = control(product, "redeem", channel="streamer", viewer=viewer)
    expect(page.get_by_text(viewer.capitalize(), exact=False).first).to_be_visible()
    return made


def test_made_moderator_and_back_the_clock_runs_on_before_everybodys_eyes(
    product: Product, person: Person, complaints: list[str]
) -> None:
    page = person().new_page()
    open_channel(page)
    redeems(product, page, "viewer1")
    board = person().new_page()
    board.goto("/board/streamer")
    expect(board.get_by_text("Viewer1")).to_be_visible()
    control(product, "moderator", channel="streamer", viewer="viewer1", moderator=True)
    expect(page.get_by_text("Moderator now, so not VIP", exact=False)).to_be_visible()
    expect(board.get_by_text("Viewer1")).to_have_count(0)
    assert barriers(page) == []
    control(product, "moderator", channel="streamer", viewer="viewer1", moderator=False)
    expect(page.get_by_text("Moderator now, so not VIP", exact=False)).to_have_count(0)
    expect(board.get_by_text("Viewer1")).to_be_visible()
    assert complaints == []


def test_points_that_twitch_kept_ask_for_a_decision_and_points_that_wait_can_be_given_back(
    product: Product, person: Person, complaints: list[str]
) -> None:
    page = person().new_page()
    open_channel(page)
    control(product, "faults", method="PATCH", path=SETTLE, do="status", status=403, times=-1)
    made = redeems(product, page, "mod")
    expect(page.get_by_text("is to get the points back")).to_be_visible()
    control(product, "settle", redemption_id=made["id"], status="FULFILLED")
    expect(page.get_by_text("Needs you")).to_be_visible()
    redeems(product, page, "viewer1")
    expect(page.get_by_role("button", name="Give the points back to Viewer1")).to_be_visible()
    assert barriers(page) == []

    page.get_by_role("button", name="Leave the redemption of Mod as it is").click()
    expect(page.get_by_text("Needs you")).to_have_count(0)

    page.get_by_role("button", name="Give the points back to Viewer1").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("VIP ends now", exact=False)).to_be_visible()
    dialog.get_by_role("button", name="Give back").click()
    expect(page.get_by_text("@Viewer1 gets the points back as soon as Twitch answers.")).to_be_visible()
    expect(page.get_by_text("is to get the points back")).to_be_visible()
    heal(product)
    page.get_by_role("button", name="Try again for Viewer1").click()
    expect(page.get_by_role("heading", name="Waiting")).to_have_count(0)
    expect(page.get_by_text("Nobody is VIP through VIP Manager right now")).to_be_visible()
    assert complaints == []


def test_what_is_late_goes_back_by_the_streamers_own_limit(product: Product, person: Person) -> None:
    page = person().new_page()
    open_channel(page)
    page.get_by_role("button", name="Edit").click()
    dialog = page.get_by_role("dialog")
    limit = dialog.get_by_label("Give the points back instead, if older than")
    limit.fill("soon")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_role("alert")).to_contain_text("Type the hours as a number")
    limit.fill("1.5")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_have_count(0)
    page.get_by_role("button", name="Edit").click()
    expect(limit).to_have_value("1.5")
    dialog.get_by_role("button", name="Cancel").click()
    control(product, "faults", event="channel.", do="drop", times=-1)
    control(product, "redeem", channel="streamer", viewer="viewer1")
    page.get_by_label("Jump ahead").fill("2")
    page.get_by_role("button", name="Jump", exact=True).click()
    expect(page.get_by_text("The redemption was found too late.", exact=False)).to_be_visible()
    expect(page.get_by_text("got the points back", exact=False)).to_be_visible()
