"""What pages weigh: bytes as they come over the wire to Chromium, headers included, to somebody who comes for the first
time. `python -m benchmarks.weight` starts the product, walks its pages and prints a table; with the address of a
sandbox that has run for nobody yet, such as `http://localhost:3000`, it looks at that one. kB are 1000 bytes.

Over HTTP/1.1 and without TLS: over HTTP/2 headers weigh less. What goes over a page's socket is not counted.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from benchmarks.rows import Row
from benchmarks.start import BARE, answers, bare_app
from tests.product import Product, free_port, until
from vip_manager import page

SYSTEM_CHROMIUM = Path("/usr/bin/chromium")

STREAMER = "streamer"

PAGES = {
    "home": ("/", 180),
    "a channel's board": (f"/board/{STREAMER}", 190),
    "dashboard": ("/dashboard", 270),
    "dashboard: rewards": ("/dashboard/rewards", 270),
    "dashboard: team": ("/dashboard/team", 270),
    "dashboard: settings": ("/dashboard/settings", 270),
}
"""Where each is, and the most kB that it may weigh. The dashboard is that of a channel with its reward; on the others
nobody is signed in."""
ROWS = ("home", "a channel's board", "dashboard")


class Scales:
    """Counts what comes to a page that was opened by nobody before."""

    def __init__(self, opened: Page) -> None:
        self.bytes = self.requests = self.open = 0
        network = opened.context.new_cdp_session(opened)
        network.send("Network.enable")
        network.on("Network.requestWillBeSent", self._sent)
        network.on("Network.loadingFinished", self._came)
        network.on("Network.loadingFailed", self._failed)

    def _sent(self, event: dict[str, Any]) -> None:
        # A redirect goes on under the same id, and its answer is told of here alone.
        if "redirectResponse" in event:
            self.bytes += int(event["redirectResponse"]["encodedDataLength"])
        else:
            self.open += 1
        self.requests += 1

    def _came(self, event: dict[str, Any]) -> None:
        self.bytes += int(event["encodedDataLength"])
        self.open -= 1

    def _failed(self, event: dict[str, Any]) -> None:
        raise AssertionError(f"not loaded: {event}")


def weighed(context: BrowserContext, path: str) -> tuple[int, int]:
    """Bytes and requests, until nothing more comes for two seconds."""
    opened = context.new_page()
    scales = Scales(opened)
    opened.goto(path)
    before = -1
    while scales.open or before != scales.requests:
        before = scales.requests
        opened.wait_for_timeout(2000)
    return scales.bytes, scales.requests


def signed_in(browser: Browser, base: str) -> Any:
    """The cookies of a streamer whose channel is connected and has its reward."""
    with browser.new_context(base_url=base) as context:
        opened = context.new_page()
        opened.goto("/")
        opened.get_by_role("complementary", name="Sandbox").wait_for()
        opened.get_by_role("link", name="Sign in with Twitch").first.click()
        opened.locator(f'button[value="{STREAMER}"]').click()
        opened.get_by_role("link", name="Connect with Twitch").click()
        opened.locator(f'button[value="{STREAMER}"]').click()
        opened.get_by_role("button", name="Create the reward").click()
        opened.get_by_role("heading", name="VIPs now").wait_for()
        return context.storage_state()


def rows() -> list[Row]:
    """Each page beside a bare Reflex page with one button (benchmarks/start.py), which is what there is no less of."""
    page.build_where_changed()
    with ExitStack() as closing:
        bare = closing.enter_context(bare_served())
        product = Product(Path(closing.enter_context(tempfile.TemporaryDirectory())), {}, cold=True)
        closing.enter_context(product.running())
        with chromium() as browser:
            with browser.new_context(base_url=bare) as context:
                yardstick = weighed(context, "/")[0] / 1000
            return [
                Row(f"page weight, {name}", "kB", weight / 1000, yardstick, round(most / yardstick, 2))
                for name, weight, _, most in all_weighed(browser, product.base, ROWS)
            ]


@contextmanager
def bare_served() -> Iterator[str]:
    """Its files as Reflex itself serves them."""
    directory, port = bare_app(), free_port()
    command, environment = [sys.executable, "serve.py"], {**os.environ, **BARE, "PORT": str(port)}
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, cwd=directory, env=environment, stdin=quiet, stdout=quiet, stderr=quiet) as process:
        try:
            until(lambda: answers(port), "the bare app answers")
            yield f"http://localhost:{port}"
        finally:
            process.terminate()


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        path = str(SYSTEM_CHROMIUM) if SYSTEM_CHROMIUM.exists() else None
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-quic"])
        yield browser
        browser.close()


def all_weighed(browser: Browser, base: str, names: Collection[str] = PAGES) -> Iterator[tuple[str, int, int, int]]:
    """Of each page: its name, bytes, requests, and the most kB."""
    state = signed_in(browser, base)
    for name in names:
        where, most = PAGES[name]
        kept = state if where.startswith("/dashboard") else None
        with browser.new_context(base_url=base, storage_state=kept) as context:
            weight, requests = weighed(context, where)
        yield name, weight, requests, most


def main() -> int:
    """1 where a page is too heavy."""
    with ExitStack() as closing:
        if len(sys.argv) > 1:
            base = sys.argv[1].rstrip("/")
        else:
            page.build_where_changed()
            product = Product(Path(closing.enter_context(tempfile.TemporaryDirectory())), {})
            base = closing.enter_context(product.running()).base
        print("| page | kB | requests | at most, kB |\n|---|---|---|---|")
        heavy = 0
        for name, weight, requests, most in all_weighed(closing.enter_context(chromium()), base):
            heavy += weight > most * 1000
            much = ", too heavy" * (weight > most * 1000)
            print(f"| {name} | {weight / 1000:.1f} | {requests} | {most}{much} |", flush=True)
    return int(heavy > 0)


if __name__ == "__main__":
    sys.exit(main())
