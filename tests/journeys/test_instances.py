"""Pages of two instances: each shows what the other one did, and says when nobody can know."""

from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.instances.conftest import Fleet, Scheduler, fleet, stopped, until
from tests.journeys.conftest import WIDE, be

__all__ = ["fleet"]
LATE = 2.0
"""Seconds after which a change has to show everywhere (tests/patience.py)."""
OUT_OF_REACH = "What is stored is out of reach"


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    context = chromium.new_context(viewport=WIDE)
    context.set_default_timeout(30_000)
    yield context
    context.close()


def dashboards(fleet: Fleet, context: BrowserContext) -> list[Page]:
    """The streamer's, one of each instance: cookies are the same for all ports of a host."""
    page = context.new_page()
    page.goto(f"{fleet.address}/")
    page.get_by_role("link", name="Sign in with Twitch").first.click()
    be(page, "streamer")
    page.wait_for_url("**/dashboard**")
    page.close()
    pages = []
    for instance in fleet.instances:
        page = context.new_page()
        page.goto(f"{instance.base}/dashboard")
        expect(page.get_by_role("heading", name="VIPs now")).to_be_visible()
        pages.append(page)
    return pages


def shows(fleet: Fleet, page: Page, name: str) -> None:
    until(lambda: page.get_by_text(name).first.is_visible(), f"{name} on {page.url}", LATE, fleet)


def vip(fleet: Fleet, login: str) -> bool:
    channels = httpx.get(f"{fleet.twitch}/control/world", trust_env=False, timeout=10).json()["channels"]
    return any(one["login"] == login for channel in channels for one in channel["vips"])


def test_each_shows_what_the_other_did_and_says_when_the_store_is_away(fleet: Fleet, context: BrowserContext) -> None:
    fleet.open("streamer", hours=5)
    for instance in fleet.instances:
        instance.start()
    with Scheduler(fleet.address, every=1.0) as scheduler:
        until(lambda: len(scheduler.reports) > 0, "the first sweep", 30, fleet)
        pages = dashboards(fleet, context)
        board = context.new_page()
        board.goto(f"{fleet.instances[1].base}/board/streamer")
        for viewer in ("viewer1", "viewer2"):
            fleet.control("redeem", channel="streamer", viewer=viewer)
            until(lambda name=viewer: vip(fleet, name), f"{viewer} to become VIP", 20, fleet)
            for page in (*pages, board):
                shows(fleet, page, viewer.capitalize())
        with stopped(fleet.firestore):
            for page in pages:
                expect(page.get_by_text(OUT_OF_REACH)).to_be_visible(timeout=30_000)
                expect(page.get_by_text("Viewer1").first).to_be_visible()
            fleet.control("redeem", channel="streamer", viewer="viewer3")
        for page in pages:
            expect(page.get_by_text(OUT_OF_REACH)).to_have_count(0)
        recovered = until(lambda: vip(fleet, "viewer3"), "viewer3 to become VIP", 60, fleet)
        print(f"VIP {recovered:.1f} s after the store was back")
        for page in (*pages, board):
            shows(fleet, page, "Viewer3")
        fleet.instances[0].kill()
        fleet.control("redeem", channel="streamer", viewer="viewer4")
        until(lambda: vip(fleet, "viewer4"), "viewer4 to become VIP", 60, fleet)
        shows(fleet, pages[1], "Viewer4")
        expect(pages[0].get_by_text("Connection lost", exact=False).first).to_be_visible()
