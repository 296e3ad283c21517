"""A board whose socket can't be had, is lost, or is let through by nobody: it goes on, and nobody sees a difference."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, WebSocketRoute, expect

from tests.journeys.conftest import barriers, open_channel
from tests.journeys.curtain import control
from tests.product import Product
from tests.sockets.raw import opened

SOON = 15_000
Person = Callable[..., BrowserContext]

WATCH_FOR_BANNERS = """
window.seen = [];
new MutationObserver(() => {
    const said = document.querySelector('.lost .notice')?.textContent;
    if (said && !window.seen.includes(said)) window.seen.push(said);
}).observe(document, { childList: true, subtree: true });
"""


@pytest.fixture
def product(tmp_path: Path, built_page: None) -> Iterator[Product]:
    with Product(tmp_path, {"MAX_SOCKETS": "10"}).running() as product:
        yield product


@pytest.fixture
def streamer(product: Product, person: Person, complaints: list[str]) -> Iterator[Page]:
    """At their settings, with one VIP. What a browser says of sockets that it did not get is no complaint of ours."""
    page = person().new_page()
    open_channel(page)
    redeem(product, "viewer1")
    yield page
    complaints.clear()


def redeem(product: Product, viewer: str) -> None:
    control(product, "redeem", channel="streamer", viewer=viewer)


class Wire:
    """Between a page and its socket: cut, it lets nothing through; `silent`, it says nothing either, nor `held`, until
    it is `let_go`."""

    def __init__(self, context: BrowserContext) -> None:
        self.cut = False
        self.silent = False
        self.held = False
        self._waiting: list[WebSocketRoute] = []
        self.tries = 0
        self._open: list[WebSocketRoute] = []
        self._servers: list[WebSocketRoute] = []
        context.route_web_socket("**/_event/**", self._try)

    def _try(self, route: WebSocketRoute) -> None:
        self.tries += 1
        if self.silent:
            return
        if self.cut:
            route.close(code=1011)
            return
        if self.held:
            self._waiting.append(route)
            return
        self._connect(route)

    def _connect(self, route: WebSocketRoute) -> None:
        self._servers.append(route.connect_to_server())
        self._open.append(route)

    def cut_now(self) -> None:
        self.cut = True
        while self._open:
            self._open.pop().close(code=1011)

    def time_out(self) -> None:
        """As Cloud Run does it, at the end of a request's time: the socket ends at either side, and whoever comes again
        is taken, once an instance is there."""
        self.held = True
        while self._servers:
            self._servers.pop().close()
        while self._open:
            self._open.pop().close(code=1011)

    def let_go(self, page: Page) -> None:
        """Once it has come again."""
        tries = 0
        while not self._waiting:
            page.wait_for_timeout(20)
            tries += 1
            assert tries < 250, "it has not come again"
        self.held = False
        while self._waiting:
            self._connect(self._waiting.pop())


def visitor(person: Person, path: str = "/board/streamer") -> tuple[Page, Wire, list[str]]:
    """A page that is about to be opened, its wire, and what is asked for by HTTP."""
    context = person()
    context.add_init_script(WATCH_FOR_BANNERS)
    wire = Wire(context)
    page = context.new_page()
    asked: list[str] = []
    page.on(
        "request", lambda request: asked.append(request.url) if request.url.endswith("/api/board/streamer") else None
    )
    return page, wire, asked


def sees(page: Page, viewer: str) -> None:
    expect(page.get_by_role("listitem").get_by_role("link", name=viewer, exact=True).first).to_be_visible(timeout=SOON)


def banners(page: Page) -> list[str]:
    found: list[str] = page.evaluate("window.seen")
    return found


@contextmanager
def no_room(product: Product) -> Iterator[None]:
    """But for who is signed in."""
    with ExitStack() as stack:
        for number in range(9):
            stack.enter_context(opened(product, token=f"visitor-{number}")).join()
        yield


def test_there_is_no_room_for_its_socket(product: Product, person: Person, streamer: Page) -> None:
    streamer.context.close()
    page = person().new_page()
    page.add_init_script(WATCH_FOR_BANNERS)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/api/board/" in request.url else None)
    with no_room(product):
        page.goto("/board/streamer")
        sees(page, "Viewer1")
        expect(page.get_by_role("complementary", name="Sandbox")).to_be_visible()
        expect(page.get_by_text("Would you rather not be shown here?")).to_have_count(0)
        redeem(product, "viewer2")
        sees(page, "Viewer2")
        # It is no picture: what needs no socket is done.
        page.get_by_role("button", name="QR code").click()
        code = page.get_by_role("img", name="QR code of this board")
        expect(code).to_be_visible()
        page.wait_for_function("document.querySelector('#qr-code img').naturalWidth > 0")
        with page.expect_download() as download:
            page.get_by_role("link", name="Download").click()
        assert download.value.suggested_filename == "vip-board.svg"
        assert b"<svg" in Path(download.value.path()).read_bytes()
        page.keyboard.press("Escape")
        assert barriers(page) == []
        page.goto("/board/streamer?viewer=@Viewer2")
        expect(page.get_by_role("region", name="The time of @viewer2")).to_contain_text(
            "@Viewer2 is VIP for", timeout=SOON
        )
        page.goto("/board/streamer?viewer=nobody")
        expect(page.get_by_text("@nobody is not shown as VIP here right now.")).to_be_visible(timeout=SOON)
        assert banners(page) == []
    # There is room again: the socket takes over, and nothing more is asked for.
    expect(page.get_by_text("Would you rather not be shown here?")).to_be_visible(timeout=45_000)
    redeem(product, "viewer3")
    sees(page, "Viewer3")
    asked.clear()
    page.wait_for_timeout(3500)
    assert asked == []
    assert banners(page) == []


def test_its_socket_is_lost_and_comes_back(product: Product, person: Person, streamer: Page) -> None:
    page, wire, asked = visitor(person)
    page.goto("/board/streamer")
    sees(page, "Viewer1")
    page.evaluate(
        """() => new MutationObserver(() => {
            if (document.querySelector('.skeleton')) window.seen.push('a skeleton');
        }).observe(document, { childList: true, subtree: true })"""
    )
    wire.cut_now()
    redeem(product, "viewer2")
    sees(page, "Viewer2")
    assert asked, "by HTTP"
    wire.cut = False
    expect(page.get_by_text("Would you rather not be shown here?")).to_be_visible(timeout=45_000)
    redeem(product, "viewer3")
    sees(page, "Viewer3")
    asked.clear()
    page.wait_for_timeout(3500)
    assert asked == [], "the socket is there"
    assert banners(page) == []


def test_nobody_sees_that_cloud_run_cuts_sockets(product: Product, person: Person, streamer: Page) -> None:
    """A board that was scrolled, and a dashboard on which something was typed."""
    board, board_wire, _ = visitor(person)
    board.set_viewport_size({"width": 390, "height": 300})
    board.goto("/board/streamer")
    sees(board, "Viewer1")
    streamer.context.add_init_script(WATCH_FOR_BANNERS)
    wire = Wire(streamer.context)
    streamer.set_viewport_size({"width": 1440, "height": 400})
    streamer.goto("/dashboard")
    streamer.get_by_role("button", name="More about Viewer1").wait_for()
    board.evaluate("scrollTo(0, 120)")
    streamer.get_by_role("button", name="Give VIP").last.click()
    dialog = streamer.get_by_role("dialog", name="Give VIP")
    typed = dialog.get_by_role("textbox").first
    typed.press_sequentially("viewer7")
    scrolled = [page.evaluate("scrollY") for page in (board, streamer)]
    assert min(scrolled) > 0
    board_wire.time_out()
    wire.time_out()
    redeem(product, "viewer2")
    for page, one in ((board, board_wire), (streamer, wire)):
        one.let_go(page)
    sees(board, "Viewer2")
    expect(streamer.get_by_role("button", name="More about Viewer2", include_hidden=True)).to_be_attached(timeout=SOON)
    expect(typed).to_have_value("viewer7")
    expect(typed).to_be_focused()
    assert [page.evaluate("scrollY") for page in (board, streamer)] == scrolled
    assert banners(board) == banners(streamer) == []
    dialog.get_by_role("button", name="Give VIP").click()
    expect(streamer.get_by_role("button", name="More about Viewer7")).to_be_visible(timeout=SOON)
    # Whoever loads it anew begins anew.
    streamer.get_by_role("button", name="Give VIP").first.click()
    dialog.wait_for()
    streamer.reload()
    streamer.get_by_role("button", name="More about Viewer7").wait_for()
    expect(dialog).to_have_count(0)


def test_nobody_hammers_for_a_socket_meanwhile(person: Person, streamer: Page) -> None:
    page, wire, _ = visitor(person)
    wire.cut = True
    page.goto("/board/streamer")
    sees(page, "Viewer1")
    page.wait_for_timeout(8000)
    # Reflex by itself would have tried some nine times.
    assert wire.tries <= 6


def test_something_in_between_says_nothing_at_all(product: Product, person: Person, streamer: Page) -> None:
    page, wire, _ = visitor(person)
    wire.silent = True
    page.goto("/board/streamer")
    sees(page, "Viewer1")
    redeem(product, "viewer2")
    sees(page, "Viewer2")
    assert banners(page) == []


def test_where_nothing_comes_either_way_it_says_so(product: Product, person: Person, streamer: Page) -> None:
    page, wire, _ = visitor(person)
    page.goto("/board/streamer")
    sees(page, "Viewer1")
    page.context.route("**/api/board/**", lambda route: route.abort())
    wire.cut_now()
    expect(page.get_by_text("Connection lost. Trying again")).to_be_visible(timeout=SOON)
    page.context.unroute("**/api/board/**")
    expect(page.get_by_text("Connection lost. Trying again")).to_be_hidden(timeout=SOON)
    redeem(product, "viewer2")
    sees(page, "Viewer2")


def test_it_is_turned_off_and_on_meanwhile(person: Person, streamer: Page) -> None:
    page, wire, _ = visitor(person)
    wire.cut = True
    page.goto("/board/streamer")
    sees(page, "Viewer1")
    streamer.goto("/dashboard/settings")
    switch = streamer.get_by_role("switch", name="Public board")
    switch.click()
    expect(page.get_by_role("heading", name="This board is off")).to_be_visible(timeout=SOON)
    switch.click()
    sees(page, "Viewer1")


def test_a_link_never_tells_who_is_hidden(product: Product, person: Person, streamer: Page) -> None:
    """By either way: somebody hidden, somebody else, and nobody are told in the same words."""
    hider = person().new_page()
    hider.goto("/api/auth/login?next=/board/streamer")
    hider.locator('button[value="viewer1"]').click()
    hider.get_by_role("button", name="Hide me").click()
    expect(hider.get_by_text("You are not shown on this board.")).to_be_visible()
    for cut in (False, True):
        page, wire, _ = visitor(person)
        wire.cut = cut
        for name in ("viewer1", "viewer9", "nobody"):
            page.goto(f"/board/streamer?viewer={name}")
            told = page.get_by_role("region", name=f"The time of @{name}")
            expect(told).to_have_text(f"@{name} is not shown as VIP here right now.", timeout=SOON)
        page.context.close()


def test_the_tab_and_other_programs_are_told_whose_it_is(product: Product, person: Person, streamer: Page) -> None:
    page = person().new_page()
    page.goto("/board/streamer")
    sees(page, "Viewer1")
    expect(page).to_have_title("VIPs of Streamer right now · VIP Manager")
    assert page.locator("title").count() == 1
    assert page.locator('meta[property="og:title"]').first.get_attribute("content") == "VIPs of Streamer right now"
    page.get_by_role("link", name="VIP Manager").first.click()
    expect(page).to_have_title("VIP Manager: VIP for channel points")
