"""Chat from being turned on to the answer, by keyboard where a streamer chooses; and for whoever may only look."""

from collections.abc import Callable

from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.journeys.conftest import PHONE, barriers, be, come_in, open_channel
from tests.journeys.curtain import control
from tests.journeys.frames import frames_to
from tests.journeys.test_doors import cookie_of
from tests.journeys.test_keyboard import press, tab_to
from tests.product import Product, until
from vip_manager.ui.pages.team.state import Team

Person = Callable[..., BrowserContext]
SCOPE = "Write in chat as you"
READING = "Read chat as you"


def said(stage: Page) -> Locator:
    return stage.get_by_role("list", name="Chat, newest first").get_by_role("listitem")


def line(page: Page, title: str) -> Locator:
    return page.get_by_role("group", name=title, exact=True)


def allow(page: Page, *asked: str) -> None:
    """What Twitch asks for beside the rest, and a yes."""
    page.get_by_role("link", name="Allow on Twitch").click()
    for scope in (SCOPE, READING):
        expect(page.get_by_text(scope)).to_have_count(int(scope in asked))
    be(page, "streamer")
    page.wait_for_url("**/dashboard/chat**")
    expect(page.get_by_role("link", name="Allow on Twitch")).to_have_count(0)


def test_turned_on_allowed_said_and_answered(product: Product, person: Person, complaints: list[str]) -> None:
    page = person().new_page()
    open_channel(page)
    page.goto("/dashboard/chat")
    press(page, page.get_by_role("switch", name="Say it in chat"))
    expect(page.get_by_text("Chat is on.")).to_be_visible()
    expect(page.get_by_text("Twitch has not allowed it yet")).to_be_visible()
    expect(page.get_by_role("button", name="Send a test message")).to_have_attribute("aria-disabled", "true")
    control(product, "redeem", channel="streamer", viewer="viewer9")
    until(lambda: "notice not delivered" in product.output.read_text(), "what may not be said is not tried any more")
    allow(page, SCOPE)

    page.get_by_role("button", name="Send a test message").click()
    expect(page.get_by_text("The test message is in your chat.")).to_be_visible()

    started = line(page, "When somebody becomes VIP")
    box = started.get_by_role("textbox")
    tab_to(page, box)
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("Hello @")
    press(page, started.get_by_role("button", name="{viewer}"))
    expect(box).to_be_focused()
    page.keyboard.type(", {hour} for {points}")
    expect(started.get_by_text("Hello @mira, {hour} for 5,000")).to_be_visible()
    press(page, page.get_by_role("button", name="Save the messages"))
    expect(page.get_by_text("Here is no variable {hour}.", exact=False)).to_be_visible()
    expect(box).to_be_focused()
    assert barriers(page) == []
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("Hello @{viewer}, {left} for {points}")
    press(page, page.get_by_role("button", name="Save the messages"))
    expect(page.get_by_text("The messages were saved. They count from now on.")).to_be_visible()

    page.get_by_role("switch", name="Answer !vip").click()
    allow(page, SCOPE, READING)
    stage = person().new_page()
    stage.goto("/sandbox?channel=streamer")
    control(product, "redeem", channel="streamer", viewer="viewer1")
    expect(said(stage).first).to_contain_text("Streamer: Hello @Viewer1, 24 h for 5,000")
    stage.get_by_label("Who writes").select_option("viewer1")
    stage.get_by_label("What they write").fill("!vip")
    stage.get_by_role("button", name="Say", exact=True).click()
    expect(said(stage).first).to_contain_text("Streamer: Your VIP lasts 24 h more.")
    expect(said(stage).filter(has_text="Viewer9")).to_have_count(0)
    expect(page.get_by_text("Last message", exact=False)).to_be_visible()
    assert complaints == []


def test_who_helps_sees_how_it_is_set_and_changes_nothing(
    product: Product, person: Person, complaints: list[str]
) -> None:
    page = person().new_page()
    open_channel(page)
    with frames_to(product, "/dashboard/team", cookie=cookie_of(page.context)) as frames:
        frames.call(f"{Team.get_full_name()}.name", form={"login": "mod", "role": "helper"})
    helper = person(viewport=PHONE).new_page()
    come_in(helper, "mod")
    helper.goto("/dashboard/chat?channel=1001")
    expect(helper.get_by_role("heading", name="Messages")).to_be_visible()
    expect(helper.get_by_text("The owner and managers choose what is said.")).to_be_visible()
    expect(helper.get_by_role("switch", name="Say it in chat")).to_have_count(0)
    expect(helper.get_by_role("button", name="Save the messages")).to_have_count(0)
    expect(line(helper, "When VIP ends soon").get_by_role("checkbox")).to_be_disabled()
    assert barriers(helper) == []
    assert complaints == []
