"""Every page works under its policy without a complaint of the browser's, and what somebody slips in does not run."""

from collections.abc import Callable
from pathlib import Path

import httpx
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.house import environment
from tests.journeys.conftest import account, barriers, come_in, open_channel, sign_in, sign_out
from tests.product import Product
from tests.serving import serving
from vip_manager.simulator.app import create_simulator
from vip_manager.simulator.world import World

Person = Callable[..., BrowserContext]


def policy(product: Product, path: str) -> str:
    answer = httpx.get(f"{product.base}{path}", trust_env=False, follow_redirects=True)
    return answer.headers["Content-Security-Policy"]


def slip_in(page: Page) -> None:
    """What an injection would do, in each way in which a page could be made to run text."""
    page.evaluate(
        """() => {
            const script = document.createElement("script");
            script.textContent = "window.ran = 'inline'";
            document.body.append(script);
            const picture = document.createElement("img");
            picture.setAttribute("onerror", "window.ran = 'attribute'");
            picture.src = "data:,";
            document.body.append(picture);
            const link = document.createElement("a");
            link.href = "javascript:window.ran = 'address'";
            document.body.append(link);
            link.click();
            try { setTimeout("window.ran = 'text'"); } catch {}
            const elsewhere = document.createElement("script");
            elsewhere.src = "data:text/javascript,window.ran = 'data'";
            document.body.append(elsewhere);
            const frame = document.createElement("iframe");
            frame.srcdoc = "<script>parent.ran = 'frame'</script>";
            document.body.append(frame);
        }"""
    )
    page.wait_for_timeout(300)
    assert page.evaluate("window.ran") is None


def test_every_page_works_under_a_policy_that_runs_nothing_else(
    product: Product, person: Person, complaints: list[str]
) -> None:
    context = person()
    page = context.new_page()
    open_channel(page)
    page.get_by_role("button", name="Redeem", exact=True).click()
    expect(page.get_by_text("Viewer1").first).to_be_visible()
    for path in ("/dashboard/rewards", "/board/streamer", "/sandbox"):
        page.goto(path)
        expect(page.get_by_text("VIP for a day").or_(page.get_by_text("Viewer1")).first).to_be_visible()
        expect(account(page)).to_be_visible()
    page.goto("/api/auth/login")
    expect(page.get_by_role("heading", name="Who are you today?")).to_be_visible()
    assert page.locator("main").evaluate("main => getComputedStyle(main).maxWidth") == "736px", "its own styles"
    assert page.locator("img").first.evaluate("picture => picture.decode().then(() => picture.naturalWidth)") > 0
    assert complaints == []
    page.goto("/no/such/page")
    expect(page.get_by_role("heading").first).to_be_visible()
    expect(account(page)).to_be_visible()
    assert [one for one in complaints if "404" not in one] == [], (
        "the browser says of a missing page that it is missing"
    )

    for path in ("/", "/dashboard/", "/board/streamer", "/sandbox/", "/no/such/page"):
        scripts = policy(product, path).partition("script-src")[2].partition(";")[0]
        assert "unsafe" not in scripts
        assert "sha256-" in scripts
    page.goto("/board/streamer")
    expect(account(page)).to_be_visible()
    slip_in(page)

    other = context.new_page()
    other.goto("/")
    sign_out(other)
    expect(other.get_by_role("link", name="Sign in with Twitch").first).to_be_visible()
    assert not [one for one in context.cookies() if one["name"] == "vip"]


def test_a_page_that_is_not_up_to_date_says_so(product: Product, person: Person) -> None:
    """Signed in anew in another window: this page's token was for the session before."""
    context = person()
    page = context.new_page()
    come_in(page)
    page.goto("/")
    account(page).click()
    page.locator('input[name="token"][value]:not([value=""])').wait_for(state="attached")
    page.locator('input[name="token"]').evaluate("hidden => hidden.value = 'another'")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("alert").filter(has_text="Nothing was done")).to_be_visible()
    sign_out(page)
    expect(page.get_by_role("link", name="Sign in with Twitch").first).to_be_visible()


def test_a_simulated_twitch_on_another_port_signs_in_and_its_pictures_show(
    tmp_path: Path, built_page: None, chromium: Browser, complaints: list[str]
) -> None:
    with serving(create_simulator(World())) as twitch:
        product = Product(tmp_path, environment(twitch, tmp_path / "data"))
        product.start()
        context = chromium.new_context(base_url=product.base)
        context.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        try:
            page = context.new_page()
            sign_in(page, sandbox=False)
            picture = page.locator(f'img[src^="{twitch}/avatars/"]').first
            picture.wait_for()
            assert picture.evaluate("picture => picture.decode().then(() => picture.naturalWidth)") > 0
            assert complaints == []
        finally:
            context.close()
            product.stop()


def test_where_a_part_of_a_page_can_not_be_drawn_it_says_so_in_our_words(
    product: Product, person: Person, complaints: list[str]
) -> None:
    page = person().new_page()
    # What the line about the connection asks for while it is drawn.
    page.add_init_script("Object.defineProperty(navigator, 'onLine', { get() { throw new Error('on purpose') } })")
    page.goto("/")
    expect(page.get_by_role("heading", name="This page could not be drawn")).to_be_visible()
    assert barriers(page) == []
    assert all("on purpose" in said for said in complaints)
    with page.expect_navigation():
        page.get_by_role("button", name="Load it again").click()
