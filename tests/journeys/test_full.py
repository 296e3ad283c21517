"""No room for one more page: it says so, goes on trying without haste, and comes to life when there is."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.journeys.conftest import open_channel
from tests.journeys.curtain import control
from tests.product import Product
from tests.sockets.raw import opened


@pytest.fixture
def product(tmp_path: Path, built_page: None) -> Iterator[Product]:
    product = Product(tmp_path, {"MAX_SOCKETS": "10"})
    product.start()
    try:
        yield product
    finally:
        product.stop()


def test_a_page_for_which_there_is_no_room(
    product: Product, person: Callable[..., BrowserContext], complaints: list[str]
) -> None:
    page = person().new_page()
    tries: list[str] = []
    page.on("websocket", lambda socket: tries.append(socket.url))
    with ExitStack() as stack:
        for number in range(9):
            stack.enter_context(opened(product, token=f"visitor-{number}")).join()
        page.goto("/dashboard")
        expect(page.get_by_text("VIP Manager is full")).to_be_visible()
        assert len(tries) <= 2, "each takes three seconds"
    expect(page.get_by_text("VIP Manager is full")).to_be_hidden(timeout=15_000)
    expect(page.get_by_role("link", name="Sign in with Twitch").first).to_be_visible()
    assert len(tries) <= 6
    complaints.clear()


def redeem(product: Product, viewer: str) -> None:
    control(product, "redeem", channel="streamer", viewer=viewer)


def test_a_board_goes_on_without_a_socket(
    product: Product, person: Callable[..., BrowserContext], complaints: list[str]
) -> None:
    """Neither is it said that there is no room, nor that the connection is lost: what it shows is true."""
    streamer = person().new_page()
    open_channel(streamer)
    redeem(product, "viewer1")
    streamer.context.close()
    with ExitStack() as stack:
        for number in range(9):
            stack.enter_context(opened(product, token=f"visitor-{number}")).join()
        page = person().new_page()
        page.goto("/board/streamer")
        expect(page.get_by_role("link", name="Viewer1").first).to_be_visible(timeout=20_000)
        redeem(product, "viewer2")
        expect(page.get_by_role("link", name="Viewer2").first).to_be_visible(timeout=20_000)
        expect(page.get_by_text("VIP Manager is full")).to_have_count(0)
        expect(page.get_by_text("Connection lost")).to_have_count(0)
        page.goto("/board/streamer?viewer=viewer2")
        expect(page.get_by_label("The time of @viewer2").get_by_text("Viewer2")).to_be_visible(timeout=20_000)
        page.goto("/board/streamer?viewer=nobody")
        expect(page.get_by_text("@nobody is not shown as VIP here right now.")).to_be_visible(timeout=20_000)
    redeem(product, "viewer3")
    expect(page.get_by_role("link", name="Viewer3").first).to_be_visible(timeout=20_000)
    complaints.clear()
