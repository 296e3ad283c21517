"""From sign-in to expiry, in a real browser against the running program."""

from collections.abc import Callable

import httpx
from playwright.sync_api import BrowserContext, Page, expect

from tests.journeys.conftest import barriers, be, come_in, open_channel, sign_in, sign_out
from tests.product import Product, until

Person = Callable[..., BrowserContext]


def redeem(page: Page, viewer: str) -> None:
    page.get_by_label("A viewer redeems").select_option(viewer)
    page.get_by_role("button", name="Redeem", exact=True).click()


def jump(page: Page, hours: str) -> None:
    page.get_by_label("Jump ahead").fill(hours)
    page.get_by_role("button", name="Jump", exact=True).click()


def on_twitch(product: Product, login: str = "streamer") -> set[str]:
    world = httpx.get(f"{product.base}/sandbox/twitch/control/world", trust_env=False).json()
    return {vip["login"] for one in world["channels"] if one["login"] == login for vip in one["vips"]}


def test_from_sign_in_to_expiry_with_everybody_watching(
    product: Product, person: Person, complaints: list[str]
) -> None:
    streamer = person()
    first = streamer.new_page()
    sign_in(first)
    first.get_by_role("link", name="Connect with Twitch").click()
    be(first, "streamer")
    first.get_by_role("button", name="Create the reward").click()
    first.get_by_role("heading", name="VIPs now").wait_for()
    second = streamer.new_page()
    second.goto("/dashboard")
    board = person().new_page()
    board.goto("/board/streamer")
    expect(board.get_by_role("heading", name="VIPs right now")).to_be_visible()
    expect(board.get_by_text("Viewer1")).to_have_count(0)

    redeem(first, "viewer1")
    for page in (first, second, board):
        expect(page.get_by_text("Viewer1", exact=False).first).to_be_visible()
        expect(page.get_by_text("23 h 59 min left").or_(page.get_by_text("24 h 0 min left")).first).to_be_visible()
    assert "viewer1" in on_twitch(product)

    redeem(first, "viewer1")
    expect(second.get_by_text("1 d 23 h left").or_(second.get_by_text("2 d 0 h left")).first).to_be_visible()

    jump(second, "47.9")
    expect(first.get_by_text("min left").first).to_be_visible()
    expect(board.get_by_text("5 min left").first).to_be_visible()
    jump(second, "0.2")
    expect(first.get_by_text("Nobody is VIP through VIP Manager right now")).to_be_visible()
    expect(second.get_by_text("Nobody is VIP through VIP Manager right now")).to_be_visible()
    expect(board.get_by_text("Viewer1")).to_have_count(0)
    assert "viewer1" not in on_twitch(product)
    assert "permanentvip" in on_twitch(product)
    assert complaints == []


def test_what_was_going_on_carries_on_after_kill_and_the_page_heals(product: Product, person: Person) -> None:
    page = person().new_page()
    open_channel(page)
    redeem(page, "viewer2")
    expect(page.get_by_role("link", name="Viewer2").or_(page.get_by_text("Viewer2")).first).to_be_visible()
    product.kill()
    expect(page.get_by_text("Connection lost", exact=False).first).to_be_visible()
    product.start()
    expect(page.get_by_text("Connection lost", exact=False)).to_have_count(0)
    jump(page, "25")
    expect(page.get_by_text("Nobody is VIP through VIP Manager right now")).to_be_visible()
    until(lambda: "viewer2" not in on_twitch(product), "VIP is gone on Twitch")


def test_points_go_back_and_the_page_says_why(product: Product, person: Person) -> None:
    page = person().new_page()
    open_channel(page)
    redeem(page, "mod")
    expect(page.get_by_text("a moderator of this channel").first).to_be_visible()
    world = httpx.get(f"{product.base}/sandbox/twitch/control/world", trust_env=False).json()
    assert [one["status"] for one in world["redemptions"]] == ["CANCELED"]


def test_giving_adding_ending_and_keeping_by_hand(product: Product, person: Person) -> None:
    page = person().new_page()
    open_channel(page)
    page.get_by_role("button", name="Give VIP").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Twitch name").fill("nobodyatall")
    dialog.get_by_label("For").fill("2")
    dialog.get_by_role("button", name="Give VIP").click()
    expect(dialog.get_by_role("alert")).to_be_visible()
    dialog.get_by_label("Twitch name").fill("@Viewer3")
    dialog.get_by_role("button", name="Give VIP").click()
    expect(dialog).to_be_hidden()
    expect(page.get_by_text("1 h 59 min left").or_(page.get_by_text("2 h 0 min left")).first).to_be_visible()
    assert "viewer3" in on_twitch(product)


def test_a_stranger_sees_no_dashboard_but_their_own(product: Product, person: Person) -> None:
    owner = person().new_page()
    open_channel(owner)
    redeem(owner, "viewer1")
    expect(owner.get_by_text("Viewer1").first).to_be_visible()
    stranger = person().new_page()
    come_in(stranger, "secondstreamer")
    stranger.goto("/dashboard?channel=1001")
    expect(stranger.get_by_role("heading", name="Not your channel")).to_be_visible()
    expect(stranger.get_by_text("Viewer1")).to_have_count(0)


def test_saying_no_on_twitch_is_told_in_words(product: Product, person: Person) -> None:
    page = person().new_page()
    page.goto("/")
    page.get_by_role("link", name="Sign in with Twitch").first.click()
    page.get_by_role("button", name="Deny").click()
    expect(page.get_by_role("alert").first).to_be_visible()


def test_signing_out_closes_every_page_of_that_browser(product: Product, person: Person) -> None:
    context = person()
    first = context.new_page()
    open_channel(first)
    second = context.new_page()
    second.goto("/dashboard")
    expect(second.get_by_role("heading", name="VIPs now")).to_be_visible()
    first.bring_to_front()
    sign_out(first)
    expect(first.get_by_role("link", name="Sign in with Twitch").first).to_be_visible()
    expect(second.get_by_role("heading", name="VIPs now")).to_have_count(0)


def test_another_browser_is_signed_out_from_here_and_all_of_them_at_once(
    product: Product, person: Person, complaints: list[str]
) -> None:
    here, phone, third = (person().new_page() for _ in range(3))
    for page in (here, phone, third):
        come_in(page)
    here.goto("/dashboard/settings")
    browsers = here.get_by_role("list", name="Where you are signed in").get_by_role("listitem")
    expect(browsers).to_have_count(3)
    expect(browsers.first.get_by_text("this browser")).to_be_visible()
    assert barriers(here) == []
    phone.goto("/dashboard/settings")
    phone.get_by_role("list", name="Where you are signed in").get_by_role("listitem").first.wait_for()
    third.goto("/dashboard/settings")
    third.get_by_role("list", name="Where you are signed in").get_by_role("listitem").first.wait_for()
    here.get_by_role("button", name="Sign out Chrome").first.click()
    expect(browsers).to_have_count(2)
    signed_out = [page.get_by_text("Sign in to see your dashboard") for page in (phone, third)]
    until(lambda: any(one.is_visible() for one in signed_out), "the other browser to be signed out", 3)
    assert not all(one.is_visible() for one in signed_out)
    here.get_by_role("button", name="Sign out everywhere").click()
    for page in (here, phone, third):
        expect(page.get_by_text("Sign in to see your dashboard")).to_be_visible()
        expect(browsers).to_have_count(0)
    assert complaints == []


def test_a_team_and_what_the_public_sees_are_kept_in_their_places(
    product: Product, person: Person, complaints: list[str]
) -> None:
    page = person().new_page()
    open_channel(page)
    redeem(page, "viewer1")
    expect(page.get_by_text("Viewer1").first).to_be_visible()
    board = person().new_page()
    board.goto("/board/streamer")
    expect(board.get_by_role("listitem").filter(has_text="Viewer1")).to_be_visible()
    expect(board.get_by_role("listitem").filter(has_text="VIP for a day")).to_contain_text("5,000 points")
    ways = page.get_by_role("navigation", name="The channel's pages")

    ways.get_by_role("link", name="Team").click()
    page.get_by_role("radio", name="Manager").check()
    page.get_by_label("Twitch name").fill("@viewer2")
    page.get_by_role("button", name="Add to the team").click()
    members = page.get_by_role("list", name="Members").get_by_role("listitem")
    expect(members.filter(has_text="Viewer2")).to_contain_text("Manager")
    page.get_by_role("button", name="Make Viewer2 a helper").click()
    expect(members.filter(has_text="Viewer2")).to_contain_text("Helper")
    page.get_by_role("button", name="Take Viewer2 off the team").click()
    dialog = page.get_by_role("dialog", name="Take them off the team?")
    expect(dialog).to_contain_text("@Viewer2 sees nothing of this channel any more")
    assert barriers(page) == []
    dialog.get_by_role("button", name="Take off the team").click()
    expect(members).to_have_count(1)

    ways.get_by_role("link", name="Settings").click()
    expect(page.get_by_role("heading", name="Settings")).to_be_visible()
    page.get_by_label("Twitch name").fill("viewer1")
    page.get_by_role("button", name="Hide", exact=True).click()
    expect(board.get_by_text("Nobody here to see")).to_be_visible()
    page.get_by_role("button", name="Show Viewer1 again").click()
    expect(board.get_by_role("listitem").filter(has_text="Viewer1")).to_be_visible()
    page.get_by_role("switch", name="Reward can be redeemed").click()
    expect(board.get_by_text("Closed at the moment. Look in again later.")).to_be_visible()
    assert barriers(board) == []
    page.get_by_role("switch", name="Public board").click()
    expect(board.get_by_role("heading", name="This board is off")).to_be_visible()
    expect(board.get_by_text("Viewer1")).to_have_count(0)
    assert complaints == []


def test_an_unknown_board_says_so(product: Product, person: Person) -> None:
    page = person().new_page()
    page.goto("/board/nobodyatall")
    expect(page.get_by_text("nobodyatall", exact=False).first).to_be_visible()
