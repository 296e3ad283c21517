"""The stage: Twitch's side and ours in one window, in step; and who may see it."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import PHONE, WIDE, account, barriers, be, come_in, sign_out
from tests.journeys.curtain import Person, left, right, stage
from tests.journeys.frames import STAGE, frames_to
from tests.product import Product

__all__ = ["stage"]
REAL = "Twitch is real here; there is nothing to play with."


def test_a_redemption_on_the_left_is_a_vip_on_the_right_and_for_everybody(
    product: Product, person: Person, stage: Page, complaints: list[str]
) -> None:
    stranger = person().new_page()
    stranger.goto("/sandbox")
    stage.get_by_role("button", name="Redeem as Viewer1").click()
    for page in (stage, stranger):
        expect(right(page).get_by_text("Viewer1").first).to_be_visible()
        expect(left(page).get_by_text("995,000")).to_be_visible()
        expect(page.get_by_text("1 redemption, 1 fulfilled")).to_be_visible()
    expect(right(stage).get_by_text("became VIP for 24 h")).to_be_visible()
    expect(right(stranger).get_by_text("became VIP")).to_have_count(0)
    expect(right(stranger).get_by_role("link", name="Sign in as Streamer")).to_be_visible()

    stranger.get_by_role("button", name="Jump to the moment at which the next VIP ends").click()
    for page in (stage, stranger):
        expect(right(page).get_by_text("Nobody yet.")).to_be_visible()
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
    come_in(page)
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
    expect(account(other)).to_be_visible()
    leaving = stage.context.new_page()
    leaving.goto("/dashboard")
    sign_out(leaving)
    for page in (stage, other):
        expect(account(page)).to_have_count(0)
    expect(right(stage).get_by_text("as anybody sees it")).to_be_visible()
    expect(right(stage).get_by_text("Viewer1")).to_be_visible()
    expect(right(stage).get_by_text("became VIP")).to_have_count(0)
    expect(stage.get_by_role("status").get_by_text("You are signed out.")).to_be_visible()
    stage.get_by_role("button", name="Jump to the moment at which the next VIP ends").click()
    expect(right(stage).get_by_text("Nobody yet.")).to_be_visible()


def test_all_components_are_shown_and_open_to_everybody(
    product: Product, person: Person, complaints: list[str]
) -> None:
    for mode in ("dark", "light"):
        for size in (WIDE, PHONE):
            page = person(viewport=size, color_scheme=mode).new_page()
            page.add_init_script(f"localStorage.setItem('theme', '{mode}')")
            page.goto("/sandbox/components")
            expect(page.get_by_role("heading", name="Components", exact=True)).to_be_visible()
            expect(page.get_by_text("17 h 19 min left").first).to_be_visible()
            expect(page.locator("html")).to_have_class(re.compile(mode))
            assert barriers(page) == [], f"{mode} {size}"
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{mode} {size}"
    page.goto("/sandbox")
    page.get_by_role("link", name="The components of these pages").click()
    page.get_by_role("button", name="A question…").click()
    asked = page.get_by_role("dialog", name="End this VIP now?")
    expect(asked.get_by_role("button", name="Cancel")).to_be_focused()
    assert barriers(page) == []
    asked.get_by_role("button", name="Cancel").click()
    expect(asked).to_have_count(0)
    page.get_by_role("button", name="Say something").click()
    expect(page.get_by_role("status").get_by_text("@Mira is VIP.")).to_be_visible()
    assert complaints == []


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
    with product.running():
        yield product


def test_where_twitch_is_real_the_page_says_so_and_no_frame_moves_anything(real: Product, chromium: Any) -> None:
    page = chromium.new_page()
    page.goto(f"{real.base}/sandbox")
    expect(page.get_by_text(REAL)).to_be_visible()
    expect(page.get_by_role("button", name="A busy evening")).to_have_count(0)
    page.goto(f"{real.base}/sandbox/components")
    expect(page.get_by_text(REAL)).to_be_visible()
    expect(page.get_by_role("heading", name="Buttons")).to_have_count(0)
    page.close()
    with frames_to(real, "/sandbox") as frames:
        frames.call(f"{STAGE}.redeem", login="viewer1")
        frames.call(f"{STAGE}.jump", step="24h")
        heard = frames.answers()
    assert REAL in heard
    answer = httpx.get(f"{real.base}/sandbox/twitch/control/world", trust_env=False)
    assert answer.status_code == 404
