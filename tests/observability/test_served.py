"""`/metrics` as an operator has it, of a program as a person starts it."""

import re
from collections.abc import Iterator

import httpx
import pytest

from tests.deploy.monitoring import named_metrics
from tests.figures_page import instruments, name
from tests.product import Product, until
from tests.sockets.raw import BOOT, cookie_of, event, opened
from vip_manager.ui.pages.dashboard.state import Dashboard

TOKEN = "a bearer of this test, 0123456789"
AUTHORIZED = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory, built_page: None) -> Iterator[Product]:
    product = Product(tmp_path_factory.mktemp("figures"), {"METRICS_TOKEN": TOKEN, "EXPIRY_TICK_SECONDS": "1"})
    with product.running():
        yield product


def get(product: Product, path: str = "/metrics", **headers: str) -> httpx.Response:
    return httpx.get(f"{product.base}{path}", headers=headers, trust_env=False, timeout=10)


def figures(product: Product) -> dict[str, float]:
    """By name and labels, as they stand there."""
    text = get(product, **AUTHORIZED).text
    return {name: float(value) for name, value in re.findall(r"^(\w+(?:\{.*\})?) (\S+)$", text, re.MULTILINE)}


def test_it_is_for_whoever_has_the_token(product: Product) -> None:
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": TOKEN}):
        refused = get(product, **headers)
        assert (refused.status_code, refused.json()["error"]["code"]) == (401, "unauthorized")
        assert refused.headers["WWW-Authenticate"] == "Bearer"
    answer = get(product, **AUTHORIZED)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/plain; version=")
    assert answer.headers["Cache-Control"] == "no-store"
    assert figures(product)['vip_auth_failures_total{door="metrics"}'] >= 3


def test_every_instrument_is_there_before_anything_has_happened(product: Product) -> None:
    until(lambda: "vip_sweep_duration_seconds_count" in figures(product), "the first sweep")
    cookie_of(product, "streamer")
    until(lambda: "vip_twitch_call_duration_seconds_count" in get(product, **AUTHORIZED).text, "a call to Twitch")
    names = {re.split(r"[{\s]", one)[0] for one in figures(product)}
    families = {re.sub(r"_(bucket|count|sum)$", "", name) for name in names}
    # Its first is with the first VIP.
    assert {name(one) for one in instruments()} - families <= {"vip_redemption_to_vip_seconds"}
    assert "process_resident_memory_bytes" in names


def test_figures_name_no_person_no_channel_and_no_address_that_was_typed(product: Product) -> None:
    cookie_of(product, "streamer")
    for path in (
        "/board/streamer",
        "/api/board/nobodyatall",
        "/whatever/it/is",
        "/api/nothing/here",
        "/overlay/x?key=s",
    ):
        get(product, path)
    text = get(product, **AUTHORIZED).text
    routes = set(re.findall(r'http_route="([^"]*)"', text))
    assert routes <= {"/", "/api", "/api/auth/callback", "/api/auth/login", "/api/board/{login}", "/api/health"} | {
        "/board",
        "/overlay",
        "/metrics",
        "/assets",
        "/dashboard",
    }
    # But for the figures themselves, which may have any digits.
    named = re.sub(r" \S+$", "", text, flags=re.MULTILINE)
    assert not re.search(r"streamer|1001|nobodyatall|whatever", named)


def test_an_answer_is_timed_by_its_route(product: Product) -> None:
    labels = '{http_request_method="GET",http_response_status_code="404",http_route="/api"}'
    name = f"http_server_request_duration_seconds_count{labels}"
    before = figures(product).get(name, 0)
    get(product, "/api/no-such-thing")
    assert figures(product)[name] == before + 1


def test_an_id_goes_with_an_answer(product: Product) -> None:
    made = get(product, "/api/health").headers["X-Request-Id"]
    assert re.fullmatch("[0-9a-f]{32}", made)
    assert get(product, "/api/health", **{"X-Request-Id": "my-own-id-1"}).headers["X-Request-Id"] == "my-own-id-1"
    # Not of whoever is no proxy of ours.
    told = get(product, "/api/health", traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
    assert told.headers["X-Request-Id"] != "0af7651916cd43dd8448eb211c80319c"


def test_what_alerts_and_the_dashboard_ask_for_is_there(product: Product) -> None:
    until(lambda: "vip_sweep_duration_seconds_count" in figures(product), "the first sweep")
    with opened(product, cookie=cookie_of(product, "streamer")) as page:
        page.join(event(BOOT))
        page.call(f"{Dashboard.get_full_name()}.enter")
        form = {"title": "VIP for a day", "cost": "500", "hours": "24"}
        page.call(f"{Dashboard.get_full_name()}.create_reward", {"form": form})
        page.until("is on the channel now")
        wish = {"channel": "streamer", "viewer": "viewer1"}
        httpx.post(f"{product.base}/sandbox/twitch/control/redeem", json=wish, trust_env=False).raise_for_status()
        until(lambda: "vip_redemption_to_vip_seconds_count" in figures(product), "somebody to be VIP")
        # Prometheus itself tells whether it reached anybody.
        assert named_metrics() - {re.split(r"[{\s]", one)[0] for one in figures(product)} == {"up"}
