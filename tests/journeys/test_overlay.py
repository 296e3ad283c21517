"""A stream's overlay, as OBS shows it: nothing but who is VIP, through lost connections and restarts, for hours."""

import base64
import os
import re
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from playwright.sync_api import BrowserContext, Page, Route, WebSocketRoute, expect

from tests.journeys.conftest import MOVING, barriers, open_channel
from tests.product import Product

Person = Callable[..., BrowserContext]
HOUR = 3_600_000
FULL_HD = {"width": 1920, "height": 1080}
CHANGES = int(os.environ.get("OVERLAY_CHANGES", "120"))
"""Of whom an overlay shows; the nightly run has more."""
ROTATES = CHANGES * 10_000
"""Milliseconds of the page's time after that; with a thousand changes it is hours."""
RESTART = 20_000
"""Milliseconds that a server has to come back, and a page to hear of it."""

EMPTY = """([left, top, width, height]) => {
  const canvas = new OffscreenCanvas(width, height);
  return new Promise((done) => {
    const picture = new Image();
    picture.onload = () => {
      const paint = canvas.getContext("2d");
      paint.drawImage(picture, -left, -top);
      done(paint.getImageData(0, 0, width, height).data.every((one) => one === 0));
    };
    picture.src = window.taken;
  });
}"""


def control(product: Product, action: str, **wish: Any) -> None:
    answer = httpx.post(f"{product.base}/sandbox/twitch/control/{action}", json=wish, trust_env=False)
    answer.raise_for_status()


def redeem(product: Product, viewer: str) -> None:
    control(product, "redeem", channel="streamer", viewer=viewer)


@pytest.fixture
def streamer(person: Person) -> Page:
    page = person().new_page()
    open_channel(page)
    return page


@pytest.fixture
def heard() -> list[str]:
    """What the sockets of overlays were told."""
    return []


@pytest.fixture
def obs(person: Person, heard: list[str]) -> Callable[[str], Page]:
    """A browser of nobody's, as large as a stream's picture, with an overlay that has come alive."""

    def opened(address: str) -> Page:
        page = person(viewport=FULL_HD, **MOVING).new_page()
        page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: heard.append(str(frame))))
        page.goto(address)
        expect(page.locator(".ov")).to_be_attached()
        return page

    return opened


def seen(page: Page) -> str:
    return page.locator("body").inner_text().strip()


def arrival(page: Page, login: str) -> Any:
    return page.locator(f'[data-arrival="{login}"]')


def link_key(page: Page) -> str:
    """As it stands on the streamer's page."""
    page.goto("/dashboard/overlay")
    page.get_by_role("button", name="Show the key").click()
    found = re.search(r"key=([\w-]{43})", page.locator("[data-address]").inner_text())
    assert found
    return found[1]


def turn_board_off(page: Page) -> None:
    page.goto("/dashboard/settings")
    page.get_by_role("switch", name="Public board").click()
    expect(page.get_by_text("Off: whoever looks sees only that this board is off.")).to_be_visible()


@pytest.mark.usefixtures("streamer")
def test_who_becomes_vip_slides_in_and_takes_their_turn(
    product: Product, obs: Callable[[str], Page], complaints: list[str]
) -> None:
    redeem(product, "viewer1")
    page = obs("/overlay/streamer?seconds=3")
    expect(page.locator(".ov-one")).to_contain_text("Viewer1")
    expect(page.locator(".clock-words")).to_contain_text(re.compile(r"23\sh\s5\d\smin left"))
    before = time.monotonic()
    redeem(product, "viewer2")
    expect(arrival(page, "viewer2")).to_be_visible()
    assert time.monotonic() - before < 2
    assert arrival(page, "viewer2").locator("p").inner_text().split() == ["@Viewer2", "is", "VIP", "for", "24", "h"]
    redeem(product, "viewer3")
    redeem(product, "viewer4")
    for viewer in ("viewer3", "viewer4"):
        expect(arrival(page, viewer)).to_be_visible(timeout=10_000)
        expect(page.locator(".ov-panel")).to_have_count(1)
    expect(page.locator(".ov-new")).to_have_count(0, timeout=15_000)
    names = page.locator(".ov-name")
    first = names.inner_text()
    expect(names).not_to_have_text(first)
    assert barriers(page) == []
    assert complaints == []


@pytest.mark.usefixtures("streamer")
def test_there_is_nothing_on_it_but_who_is_vip(product: Product, obs: Callable[[str], Page]) -> None:
    page = obs("/overlay/streamer")
    assert seen(page) == ""
    assert all_empty(page, [0, 0, 1920, 1080])
    redeem(product, "viewer1")
    expect(arrival(page, "viewer1")).to_be_visible()
    expect(page.locator(".ov-one")).to_be_visible(timeout=15_000)
    # Above its corner, and beside it.
    assert all_empty(page, [0, 0, 1920, 800])
    assert all_empty(page, [900, 800, 1020, 280])
    assert not all_empty(page, [0, 800, 900, 280])
    assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "normal"


def all_empty(page: Page, part: list[int]) -> bool:
    """Whether nothing at all is painted there: what OBS lays over the game."""
    taken = page.screenshot(omit_background=True)
    page.evaluate("(taken) => { window.taken = taken }", f"data:image/png;base64,{base64.b64encode(taken).decode()}")
    empty: bool = page.evaluate(EMPTY, part)
    return empty


def test_while_the_board_is_off_the_link_alone_shows_it_until_there_is_a_new_one(
    product: Product, streamer: Page, obs: Callable[[str], Page], person: Person, heard: list[str]
) -> None:
    redeem(product, "viewer1")
    without = obs("/overlay/streamer")
    expect(without.locator(".ov-one")).to_contain_text("Viewer1")
    turn_board_off(streamer)
    expect(without.locator(".ov-one")).to_have_count(0, timeout=2000)
    key = link_key(streamer)
    wrong = obs(f"/overlay/streamer?key={key[:-1]}")
    told_in_public = heard.copy()
    heard.clear()
    by_key = person(viewport=FULL_HD).new_page()
    by_key.goto(f"/overlay/streamer?key={key}")
    expect(by_key.locator(".ov-one")).to_contain_text("Viewer1")
    redeem(product, "viewer2")
    expect(arrival(by_key, "viewer2")).to_be_visible()
    for page in (without, wrong):
        assert seen(page) == ""
    assert httpx.get(f"{product.base}/api/overlay/streamer", trust_env=False).status_code == 404
    streamer.get_by_role("button", name="Make a new link").click()
    dialog = streamer.get_by_role("dialog")
    expect(dialog).to_contain_text("Every overlay with it shows nothing any more")
    before = time.monotonic()
    dialog.get_by_role("button", name="Make a new link").click()
    expect(by_key.locator(".ov-panel")).to_have_count(0)
    assert time.monotonic() - before < 2
    redeem(product, "viewer3")
    expect(streamer.locator("[data-address]")).not_to_contain_text(key)
    assert seen(by_key) == ""
    assert heard
    assert "iewer" not in "".join(heard)
    again = obs(f"/overlay/streamer?key={link_key(streamer)}")
    expect(again.locator(".ov-one")).to_be_visible()
    assert not re.search("[Vv]iewer[23]", "".join(told_in_public))
    assert key not in product.output.read_text()


def test_a_link_is_not_handed_on_before_its_key_is_there(streamer: Page) -> None:
    kept_back: list[str] = []

    def wire(page_side: WebSocketRoute) -> None:
        server = page_side.connect_to_server()

        def to_page(frame: str | bytes) -> None:
            if re.search(r'"link_key_rx_state_":"[^"]', str(frame)):
                kept_back.append(str(frame))
            else:
                page_side.send(frame)

        server.on_message(to_page)

    streamer.route_web_socket(re.compile("/_event"), wire)
    streamer.goto("/dashboard/overlay")
    address = streamer.get_by_role("region", name="Address for OBS")
    expect(address.get_by_role("button", name="Copy link")).to_be_visible()
    address.get_by_label("With the secret key").check()
    expect(streamer.locator("[data-address]")).to_have_count(0)
    expect(address.get_by_role("button", name="Copy link")).to_have_count(0)
    assert kept_back
    address.get_by_label("With the secret key").uncheck()
    expect(address.get_by_role("button", name="Copy link")).to_be_visible()


def test_a_number_beyond_its_bounds_becomes_the_nearest_within(streamer: Page) -> None:
    streamer.goto("/dashboard/overlay")
    seconds = streamer.get_by_label("Each person for")
    for typed, becomes in (("500", "120"), ("1", "3"), ("", "3"), ("20", "20")):
        seconds.fill(typed)
        seconds.blur()
        expect(seconds).to_have_value(becomes)
        expect(streamer.locator("[data-address]")).to_contain_text(f"seconds={becomes}")


@pytest.mark.usefixtures("streamer")
def test_a_restart_leaves_no_trace_on_the_stream(product: Product, obs: Callable[[str], Page]) -> None:
    redeem(product, "viewer1")
    page = obs("/overlay/streamer?layout=list")
    row = page.locator(".ov-row")
    expect(row).to_contain_text("Viewer1")
    product.stop()
    # Long enough for a banner, had there been one.
    for _ in range(5):
        page.wait_for_timeout(400)
        assert [line for line in seen(page).splitlines() if line] == seen_of_list(page)
    product.start()
    redeem(product, "viewer2")
    expect(arrival(page, "viewer2")).to_be_visible(timeout=RESTART)
    expect(row).to_have_count(2)
    assert "onnection" not in seen(page)


def seen_of_list(page: Page) -> list[str]:
    return [line for line in page.locator(".ov").inner_text().splitlines() if line]


@pytest.mark.usefixtures("streamer")
def test_where_no_socket_can_be_had_it_asks(product: Product, person: Person) -> None:
    page = person(viewport=FULL_HD).new_page()
    page.route_web_socket(re.compile("/_event"), lambda socket: socket.close())
    page.clock.install()
    redeem(product, "viewer1")
    page.goto("/overlay/streamer")
    expect(page.locator("main")).to_be_attached()
    assert seen(page) == ""
    page.clock.run_for(3000)
    expect(page.locator(".ov-one")).to_contain_text("Viewer1")
    redeem(product, "viewer2")
    page.clock.run_for(3000)
    expect(arrival(page, "viewer2")).to_be_visible()
    assert "onnection" not in seen(page)


def pictures(number: int, now: int) -> dict[str, Any]:
    """One after the other: each time somebody else is there, and somebody is not any more."""
    vips = [
        {
            "user_id": str(one),
            "login": f"viewer{one}",
            "username": f"Viewer{one}",
            "avatar_url": "",
            "granted_at": now,
            "expires_at": now + 9 * HOUR,
            "state": "active",
            "clock": "wall",
            "left": "",
        }
        for one in range(number, number + 6)
    ]
    reward = {"id": "", "title": "", "cost": 0, "hours": "", "open": False, "clock": "wall"}
    about = {"out_of_reach": False, "known": True, "off": False, "login": "streamer", "username": "Streamer"}
    return about | {"now": now, "vips": vips, "seatless": [], "not_shown": 0, "reward": reward, "rewards": []}


@pytest.mark.usefixtures("streamer")
def test_where_it_can_not_be_drawn_nothing_is_seen_and_it_tries_again(person: Person) -> None:
    page = person(viewport=FULL_HD).new_page()
    page.route_web_socket(re.compile("/_event"), lambda socket: socket.close())
    page.clock.install()
    told: list[dict[str, Any]] = [pictures(1, page.evaluate("Date.now()")) | {"vips": None}]
    page.route("**/api/overlay/**", lambda route: route.fulfill(json=told[-1]))
    page.goto("/overlay/streamer")
    with page.expect_response("**/api/overlay/**"):
        page.clock.run_for(3000)
    page.clock.run_for(3000)
    expect(page.locator(".ov")).to_have_count(0)
    assert seen(page) == ""
    told.append(pictures(1, page.evaluate("Date.now()")))
    for _ in range(5):
        page.clock.run_for(3000)
    expect(page.locator(".ov-one")).to_contain_text("Viewer")


@pytest.mark.usefixtures("streamer")
@pytest.mark.parametrize("corner", ["top-left", "bottom-right"])
def test_a_list_is_never_cut_off(person: Person, corner: str) -> None:
    page = person(viewport=FULL_HD).new_page()
    page.route_web_socket(re.compile("/_event"), lambda socket: socket.close())
    page.clock.install()
    told = pictures(1, page.evaluate("Date.now()"))
    page.route("**/api/overlay/**", lambda route: route.fulfill(json=told))
    page.goto(f"/overlay/streamer?layout=list&max=20&size=3&corner={corner}")
    page.clock.run_for(3000)
    expect(page.locator(".ov-list")).to_be_visible()
    told["vips"].append(told["vips"][0] | {"user_id": "0", "login": "new", "granted_at": page.evaluate("Date.now()")})
    page.clock.run_for(3000)
    expect(arrival(page, "new")).to_be_visible()
    for part in (page.locator(".ov-list"), arrival(page, "new")):
        box = part.bounding_box()
        assert box
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= FULL_HD["height"]


COUNTED = """() => {
  const active = window.timers;
  return [document.querySelectorAll("*").length, active.size, document.getElementsByTagName("style").length];
}"""
COUNT = """
window.timers = new Set();
for (const [set, clear] of [["setTimeout", "clearTimeout"], ["setInterval", "clearInterval"]]) {
  const [begin, end] = [window[set], window[clear]];
  window[set] = (run, ...more) => {
    const id = begin((...given) => { if (set === "setTimeout") window.timers.delete(id); run(...given); }, ...more);
    window.timers.add(id);
    return id;
  };
  window[clear] = (id) => { window.timers.delete(id); return end(id); };
}
"""


@pytest.fixture
def many(person: Person) -> tuple[Page, list[int]]:
    """An overlay without a socket, which hears of somebody new whenever it asks; and how often it did."""
    page = person(viewport=FULL_HD).new_page()
    page.route_web_socket(re.compile("/_event"), lambda socket: socket.close())
    asked: list[int] = []

    def answer(route: Route) -> None:
        asked.append(len(asked))
        now = page.evaluate("Date.now()")
        route.fulfill(json=pictures(len(asked), now), headers={"ETag": f'"{len(asked)}"'})

    page.route("**/api/overlay/**", answer)
    page.clock.install()
    page.add_init_script(COUNT)
    return page, asked


@pytest.mark.usefixtures("streamer")
def test_long_hours_and_many_changes_leave_nothing_behind(many: tuple[Page, list[int]]) -> None:
    page, asked = many
    page.goto("/overlay/streamer?layout=list&max=4&seconds=3")
    expect(page.locator("main")).to_be_attached()
    counts: list[list[int]] = []
    while len(asked) < CHANGES:
        page.clock.run_for(2500)
        if len(asked) > 30 * (len(counts) + 1):
            counts.append(page.evaluate(COUNTED))
    page.clock.run_for(ROTATES)
    counts.append(page.evaluate(COUNTED))
    (elements, timers, styles), *_, last = counts
    assert last[0] <= elements + 40
    assert last[1] <= timers + 4
    assert last[2] == styles
