"""Takes a picture of every page in every state, at both sizes, dark and light: `make looks`.

They are to be looked at: one sheet a scene, with its four looks beside one another, in `.looks/`. It says too what axe
finds, what the console said, and which page is wider than its screen.
"""

import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import httpx
from playwright.sync_api import Browser, Page, sync_playwright

from docs.picture import control, still
from tests.journeys.conftest import PHONE, QUIET, SYSTEM_CHROMIUM, WIDE, barriers, be, sign_in
from tests.product import Product
from tests.receiver import HOST, Receiver, receiving
from vip_manager import page

FOLDER = Path(__file__).parent.parent / ".looks"
MODES = ("dark", "light")
SIZES = {"wide": WIDE, "phone": PHONE}
OPEN = ("dashboard", "rewards", "history", "insights", "overlay", "chat", "team", "settings", "health")
GAMES = {
    "night": "radial-gradient(60% 90% at 75% 30%, #35507c 0, transparent 60%), linear-gradient(#0a0f1d, #182236)",
    "day": "radial-gradient(22% 34% at 82% 22%, #fffbe0 30%, transparent 70%), linear-gradient(#8fd3ff 50%, #8cc94f 0)",
}
"""What lies under an overlay."""
OVERLAYS = {
    "card-dark-day": "",
    "card-clear-night": "theme=clear&corner=top-left&size=l",
    "list-light-night": "layout=list&theme=light&corner=top-right",
    "list-clear-day": "layout=list&theme=clear&show=time&size=s",
    "bar-gem-night": "layout=bar&theme=gem&corner=bottom&max=3",
    "bar-dark-day": "layout=bar&corner=top&avatars=0&show=bar",
}
MANY = 100


class Scene(NamedTuple):
    """`act` is done once the page is open, in each of its four looks."""

    name: str
    address: str
    act: Callable[[Page], None] = lambda shown: None


class Looks:
    """One streamer in one browser, and a page of hers for each look."""

    def __init__(self, browser: Browser, product: Product, wanted: str) -> None:
        self._browser = browser
        self._product = product
        self._wanted = wanted
        self._kept: dict[str, object] = {}
        self.complaints: list[str] = []

    def be(self, name: str, *steps: Callable[[Page], None]) -> None:
        """From now on the pages are theirs; nobody's where it is empty."""
        context = self._browser.new_context(base_url=self._product.base, viewport=WIDE)
        shown = context.new_page()
        if name:
            sign_in(shown, name)
        for step in steps:
            step(shown)
        self._kept = dict(context.storage_state())
        context.close()

    def take(self, *scenes: Scene) -> None:
        for scene in scenes:
            if self._wanted not in scene.name:
                continue
            files = [self._look(scene, size, mode) for size in SIZES for mode in MODES]
            self._sheet(scene.name, files)
            sys.stdout.write(f"{scene.name}\n")

    def _look(self, scene: Scene, size: str, mode: str) -> Path:
        file = FOLDER / f"{scene.name}-{size}-{mode}.png"
        context = self._browser.new_context(
            base_url=self._product.base, viewport=SIZES[size], color_scheme=mode, storage_state=self._kept
        )
        context.set_default_timeout(10_000)
        context.add_init_script(f"localStorage.setItem('theme', '{mode}')")
        shown = context.new_page()
        said: list[str] = []
        context.on("weberror", lambda error: said.append(str(error.error)))
        context.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
        try:
            shown.goto(scene.address)
            shown.wait_for_load_state("networkidle")
            scene.act(shown)
            still(shown)
            said += [f"axe: {one}" for one in barriers(shown)]
            if shown.evaluate("document.documentElement.scrollWidth > innerWidth"):
                said.append("wider than its screen")
            shown.screenshot(path=file, full_page=True)
        except Exception as error:
            said.append(f"{type(error).__name__}: {str(error).splitlines()[0]}")
            shown.screenshot(path=file)
        finally:
            context.close()
        self.complaints += [f"{file.stem}: {one}" for one in said]
        return file

    def _sheet(self, name: str, files: list[Path]) -> None:
        shown = self._browser.new_page(viewport={"width": 2000, "height": 900})
        wide, phone = ([one for one in files if f"-{size}-" in one.name] for size in SIZES)
        columns = [(wide, 50), *(([one], 22) for one in phone)]
        pictures = "".join(
            f'<div style="width:{share}%">{"".join(_picture(one) for one in column)}</div>' for column, share in columns
        )
        holder = FOLDER / "sheet.html"
        holder.write_text(f'<body style="margin:0;background:#777;display:flex;gap:1%;align-items:start">{pictures}')
        shown.goto(f"file://{holder}")
        shown.wait_for_load_state("networkidle")
        shown.screenshot(path=FOLDER / f"{name}.png", full_page=True)
        shown.close()


def _picture(file: Path) -> str:
    return f'<img src="file://{file}" style="display:block;width:100%;margin-bottom:12px">'


def main(wanted: str = "") -> None:
    page.build_where_changed()
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir()
    with tempfile.TemporaryDirectory() as directory, _browser() as browser, ExitStack() as closing:
        elsewhere = closing.enter_context(receiving(Path(directory), [HOST, "discord.com"]))
        product = Product(Path(directory), {"EXPIRY_TICK_SECONDS": "1", **elsewhere.environment})
        product.start()
        looks = Looks(browser, product, wanted)
        try:
            for take in (_before, _new, _evening, _overlays, _chat, _many, _trouble, _curtain, _gone):
                take(looks, product)
                if take is _evening:
                    _told(looks, product, elsewhere)
        finally:
            product.stop()
    sys.stdout.write("\n".join(looks.complaints) or "nothing to complain of")
    sys.stdout.write("\n")


class _browser:
    def __enter__(self) -> Browser:
        self._playwright = sync_playwright().start()
        path = str(SYSTEM_CHROMIUM) if SYSTEM_CHROMIUM.exists() else None
        self._browser = self._playwright.chromium.launch(executable_path=path, args=QUIET)
        return self._browser

    def __exit__(self, *_: object) -> None:
        self._browser.close()
        self._playwright.stop()


def _before(looks: Looks, _: Product) -> None:
    looks.be("")
    looks.take(
        Scene("home", "/"),
        Scene("home-problem", "/?problem=denied"),
        Scene("home-sandbox-tab", "/", lambda shown: shown.get_by_role("button", name="Sandbox").click()),
        Scene("home-menu", "/", lambda shown: shown.get_by_role("button", name="Preferences").click()),
        Scene("signed-out", "/dashboard"),
        Scene("nothing-here", "/no-such-page"),
        Scene("board-unknown", "/board/nobody"),
        Scene("first-run-connect", "/dashboard"),
    )


def _connect(shown: Page) -> None:
    shown.get_by_role("link", name="Connect with Twitch").click()
    be(shown, "streamer")
    shown.get_by_role("button", name="Create the reward").wait_for()


def _reward(shown: Page) -> None:
    shown.goto("/dashboard")
    shown.get_by_role("button", name="Create the reward").click()
    shown.get_by_role("heading", name="VIPs now").wait_for()


def _tested(shown: Page) -> None:
    shown.goto("/dashboard/health")
    shown.get_by_role("button", name="Start the test").click()
    shown.get_by_text("All is well.").wait_for()


def _new(looks: Looks, _: Product) -> None:
    looks.be("streamer")
    looks.take(Scene("first-run-1", "/dashboard"), Scene("settings-unconnected", "/dashboard/settings"))
    looks.be("streamer", _connect)
    looks.take(Scene("first-run-2", "/dashboard"))
    looks.be("streamer", _reward)
    looks.take(Scene("first-run-3", "/dashboard"))
    looks.take(*(Scene(f"{name}-new", _address(name)) for name in OPEN), Scene("board-empty", "/board/streamer"))
    looks.be("streamer", _tested)
    looks.take(Scene("health-tested", "/dashboard/health", _tested))


def _address(name: str) -> str:
    return "/dashboard" if name == "dashboard" else f"/dashboard/{name}"


def _press(role: str, name: str) -> Callable[[Page], None]:
    return lambda shown: shown.get_by_role(role, name=name).first.click()  # type: ignore[arg-type]


def _without_socket(shown: Page) -> None:
    """As it is for whoever gets none."""
    shown.route_web_socket("**/_event/**", lambda socket: socket.close(code=1011))
    shown.reload()
    shown.get_by_role("heading", name="VIPs right now").wait_for()


def _evening(looks: Looks, product: Product) -> None:
    for number, viewer in enumerate(("mira", "jonas", "pixelpenguin", "kai", "a_very_long_name_of_25_ch")):
        control(product, "viewer", login=viewer)
        control(product, "redeem", channel="streamer", viewer=viewer)
        control(product, "jump", seconds=3600 * (1.3 + number))
    control(product, "redeem", channel="streamer", viewer="mod")
    control(product, "channel", channel="streamer", live=True)
    looks.take(
        *(Scene(name, _address(name)) for name in OPEN),
        Scene("board", "/board/streamer"),
        Scene("board-viewer", "/board/streamer?viewer=mira"),
        Scene("board-viewer-not-vip", "/board/streamer?viewer=nobody"),
        Scene("board-code", "/board/streamer", _press("button", "QR code")),
        Scene("board-without-socket", "/board/streamer", _without_socket),
    )
    looks.take(
        Scene("dashboard-give", "/dashboard", _press("button", "Give VIP")),
        Scene("dashboard-more", "/dashboard", _press("button", "More about")),
        Scene("dashboard-menu", "/dashboard", _press("button", "Account")),
        Scene("settings-leave", "/dashboard/settings", _press("button", "Leave VIP Manager")),
        Scene("not-yours", "/dashboard?channel=1002"),
    )


def _add_webhook(url: str, name: str) -> Callable[[Page], None]:
    def add(shown: Page) -> None:
        shown.goto("/dashboard/settings")
        shown.get_by_role("button", name="Add a webhook").click()
        shown.get_by_label("Address").fill(url)
        shown.get_by_label("Name", exact=True).fill(name)
        shown.get_by_role("button", name="Add it").click()
        shown.get_by_role("dialog").wait_for(state="detached")
        shown.get_by_role("button", name="Send a test to").first.wait_for()

    return add


def _told(looks: Looks, product: Product, elsewhere: Receiver) -> None:
    looks.take(Scene("webhook-new", "/dashboard/settings", _press("button", "Add a webhook")))
    log = _add_webhook(elsewhere.url("/in"), "")
    discord = _add_webhook(elsewhere.url("/api/webhooks/1/x", "discord.com"), "#vips")
    looks.be("streamer", log, discord)
    control(product, "redeem", channel="streamer", viewer="viewer7")
    looks.take(Scene("webhooks", "/dashboard/settings"), Scene("webhook-secret", "/dashboard/settings", _secret))
    elsewhere.always = 503
    for viewer in ("viewer7", "viewer8", "viewer9"):
        control(product, "redeem", channel="streamer", viewer=viewer)
    looks.take(Scene("webhooks-failing", "/dashboard/settings"), Scene("health-webhooks", "/dashboard/health"))
    elsewhere.always = 410
    control(product, "redeem", channel="streamer", viewer="viewer8")
    looks.take(
        Scene("webhooks-off", "/dashboard/settings"),
        Scene("webhook-removed", "/dashboard/settings", _press("button", "Remove the webhook")),
    )


def _secret(shown: Page) -> None:
    _press("button", "New signing secret")(shown)
    _press("button", "Make a new one")(shown)
    shown.locator("code[data-secret]").wait_for()


def _over(game: str) -> Callable[[Page], None]:
    def over(shown: Page) -> None:
        shown.locator(".ov-panel").first.wait_for()
        shown.evaluate("(game) => { document.documentElement.style.background = game }", GAMES[game])

    return over


def _announced(product: Product) -> Callable[[Page], None]:
    def announced(shown: Page) -> None:
        _over("day")(shown)
        viewer = f"guest_{time.monotonic_ns()}"[:20]
        control(product, "viewer", login=viewer)
        control(product, "redeem", channel="streamer", viewer=viewer)
        shown.locator(".ov-new").wait_for()

    return announced


def _overlays(looks: Looks, product: Product) -> None:
    looks.take(
        *(
            Scene(f"overlay-{name}", f"/overlay/streamer?{query}", _over(name.rpartition("-")[2]))
            for name, query in OVERLAYS.items()
        ),
        Scene("overlay-announced", "/overlay/streamer", _announced(product)),
    )


def _chat_on(shown: Page) -> None:
    shown.goto("/dashboard/chat")
    shown.get_by_role("switch", name="Say it in chat").click()
    shown.get_by_text("Chat is on.").wait_for()


def _chat_allowed(shown: Page) -> None:
    shown.goto("/dashboard/chat")
    shown.get_by_role("link", name="Allow on Twitch").click()
    be(shown, "streamer")
    shown.get_by_role("button", name="Send a test message").click()
    shown.get_by_text("The test message is in your chat.").wait_for()


def _writes(text: str, *, save: bool = False) -> Callable[[Page], None]:
    def writes(shown: Page) -> None:
        shown.get_by_role("textbox", name="Message: When somebody becomes VIP").fill(text)
        if save:
            shown.get_by_role("button", name="Save the messages").click()
            shown.locator("#chat-lines-error").wait_for()

    return writes


def _chat(looks: Looks, product: Product) -> None:
    looks.be("streamer", _chat_on)
    looks.take(Scene("chat-not-allowed", "/dashboard/chat"), Scene("health-chat-not-allowed", "/dashboard/health"))
    looks.be("streamer", _chat_allowed)
    looks.take(
        Scene("chat-on", "/dashboard/chat"),
        Scene("chat-unsaved", "/dashboard/chat", _writes("Welcome @{viewer}, for {left}")),
        Scene("chat-wrong", "/dashboard/chat", _writes("Welcome {somebody}", save=True)),
        Scene("chat-empty", "/dashboard/chat", _writes("", save=True)),
    )
    fault = {"do": "status", "status": 403, "path": "/chat/messages", "times": -1}
    httpx.post(f"{product.base}/sandbox/twitch/control/faults", json=fault, trust_env=False).raise_for_status()
    control(product, "redeem", channel="streamer", viewer="viewer9")
    looks.take(Scene("chat-failing", "/dashboard/chat", lambda shown: shown.locator("[data-how=failing]").wait_for()))
    httpx.delete(f"{product.base}/sandbox/twitch/control/faults", trust_env=False)


def _trouble(looks: Looks, product: Product) -> None:
    fault = {"do": "status", "status": 503, "path": "/channels/vips", "times": -1}
    httpx.post(f"{product.base}/sandbox/twitch/control/faults", json=fault, trust_env=False).raise_for_status()
    for viewer in ("viewer1", "viewer2", "viewer3"):
        control(product, "redeem", channel="streamer", viewer=viewer)
    pages = ("dashboard", "health", "rewards")
    looks.take(*(Scene(f"{name}-twitch-down", _address(name)) for name in pages))
    httpx.delete(f"{product.base}/sandbox/twitch/control/faults", trust_env=False)
    control(product, "channel", channel="streamer", capacity=3)
    control(product, "redeem", channel="streamer", viewer="viewer4")
    looks.take(Scene("health-full", "/dashboard/health", _press("button", "Start the test")))
    control(product, "channel", channel="streamer", capacity=100)
    control(product, "disconnect", user="streamer")
    looks.take(*(Scene(f"{name}-reconnect", _address(name)) for name in (*pages, "settings")))


def _many(looks: Looks, product: Product) -> None:
    control(product, "channel", channel="streamer", capacity=MANY)
    for number in range(MANY // 2):
        control(product, "viewer", login=f"visitor_{number}")
        control(product, "redeem", channel="streamer", viewer=f"visitor_{number}")
    pages = ("dashboard", "history", "insights")
    looks.take(*(Scene(f"{name}-many", _address(name)) for name in pages), Scene("board-many", "/board/streamer"))


def _curtain(looks: Looks, _: Product) -> None:
    looks.take(Scene("sandbox", "/sandbox?channel=streamer"), Scene("components", "/sandbox/components"))


def _gone(looks: Looks, product: Product) -> None:
    def lost(shown: Page) -> None:
        shown.context.set_offline(True)
        shown.get_by_text("Connection lost").first.wait_for()

    looks.take(Scene("dashboard-lost", "/dashboard", lost), Scene("board-lost", "/board/streamer", lost))


if __name__ == "__main__":
    main(*sys.argv[1:2])
