"""No room for one more page: it says so, goes on trying without haste, and comes to life when there is."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.product import Product
from tests.sockets.raw import opened


@pytest.fixture
def product(tmp_path: Path, built_page: None) -> Iterator[Product]:
    with Product(tmp_path, {"MAX_SOCKETS": "10"}).running() as product:
        yield product


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
    expect(page.get_by_text("VIP Manager is full")).to_be_hidden()
    expect(page.get_by_role("link", name="Sign in with Twitch").first).to_be_visible()
    assert len(tries) <= 6
    complaints.clear()
