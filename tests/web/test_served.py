"""The edge as it is served: the product in a process of its own, as if behind a proxy that speaks https for it."""

import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from tests.product import Product
from vip_manager import page
from vip_manager.server import LARGEST_FRAME
from vip_manager.web.openapi import PATHS

PUBLIC_URL = "https://vip.test"
CRON_SECRET = "the scheduler's, at least 16"


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory, built_page: None) -> Iterator[Product]:
    product = Product(
        tmp_path_factory.mktemp("served"),
        {
            "SANDBOX": "1",
            "PUBLIC_URL": PUBLIC_URL,
            "TRUSTED_PROXY_HOPS": "1",
            "CRON_SECRET": CRON_SECRET,
            "EVENTSUB_TRANSPORT": "webhook",
        },
        cold=True,
    )
    product.start()
    try:
        yield product
    finally:
        assert product.stop() == 0


def get(product: Product, path: str, **headers: str) -> httpx.Response:
    return httpx.get(f"{product.base}{path}", headers=headers, trust_env=False, timeout=5)


def socket_of(product: Product, origin: str | None, host: str = "vip.test", **headers: str) -> ClientConnection:
    """Of a page at that origin, reached by that name."""
    return connect(
        f"ws://{host}/_event/?token=a-token&EIO=4&transport=websocket",
        sock=socket.create_connection(("127.0.0.1", product.port), timeout=5),
        origin=origin,  # type: ignore[arg-type]
        additional_headers=headers,
        max_size=None,
        compression=None,
    )


def test_a_page_that_came_by_https_has_its_socket(product: Product) -> None:
    for origin, host in ((PUBLIC_URL, "vip.test"), (PUBLIC_URL, "localhost:8080")):
        with socket_of(product, origin, host) as page:
            assert str(page.recv(5)).startswith("0{")


@pytest.mark.parametrize(
    ("origin", "host", "headers"),
    [
        ("https://evil.test", "vip.test", {}),
        ("http://vip.test", "vip.test", {}),
        ("null", "vip.test", {}),
        ("https://evil.test", "evil.test", {}),
        ("https://evil.test", "vip.test", {"X-Forwarded-Host": "evil.test", "X-Forwarded-Proto": "https"}),
        ("https://evil.test", "vip.test", {"X_Forwarded_Host": "evil.test"}),
        ("https://evil.test", "vip.test", {"Forwarded": "host=evil.test;proto=https"}),
    ],
)
def test_another_sites_page_has_none(product: Product, origin: str | None, host: str, headers: dict[str, str]) -> None:
    with pytest.raises(InvalidStatus) as refused:
        socket_of(product, origin, host, **headers)
    assert refused.value.response.status_code == 403


def test_a_frame_that_is_too_large_ends_its_socket(product: Product) -> None:
    with socket_of(product, PUBLIC_URL) as page:
        page.recv(5)
        page.send("4" + "x" * LARGEST_FRAME)
        with pytest.raises(ConnectionClosed) as closed:  # noqa: PT012
            while True:
                page.recv(5)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1009


def test_a_message_in_pieces_is_as_bounded(product: Product) -> None:
    with socket_of(product, PUBLIC_URL) as page:
        page.recv(5)
        with pytest.raises(ConnectionClosed):  # noqa: PT012
            page.send("x" * 1000 for _ in range(1000))
            while True:
                page.recv(5)


def test_what_reflex_brings_along_is_closed(product: Product) -> None:
    for path in ("/ping", "/_health", "/_upload", "/_event/?EIO=4&transport=polling"):
        assert get(product, path).status_code == 404


def test_no_other_name_leads_into_the_sandbox(product: Product) -> None:
    for path in ("/", "/api/health", "/sandbox/twitch/control/world", "/sandbox/twitch/helix/users"):
        assert get(product, path, Host="rebound.test").status_code == 421
        assert get(product, path, Host="rebound.test", Origin="http://rebound.test").status_code == 421
    # What a browser asks before it asks.
    preflight = {"Host": "rebound.test", "Origin": "http://rebound.test", "Access-Control-Request-Method": "PUT"}
    answer = httpx.options(f"{product.base}/api/health", headers=preflight, trust_env=False)
    assert answer.status_code == 421


def test_heads_and_bodies_are_bounded(product: Product) -> None:
    for path in ("/", "/dashboard/", "/api/cron/expire", "/api/auth/login", "/nowhere"):
        answer = httpx.post(f"{product.base}{path}", content=b"x" * 70_000, trust_env=False)
        assert answer.status_code == 413
    assert httpx.put(
        f"{product.base}/sandbox/twitch/control/world", content=b"x" * 70_000, trust_env=False
    ).status_code not in (408, 413)
    assert get(product, "/", Cookie="x" * 66_000).status_code == 431


def test_every_page_carries_the_policy_whether_it_is_sent_or_was_kept(product: Product) -> None:
    for path in ("/", "/dashboard/", "/board/streamer", "/sandbox/", "/nowhere"):
        answer = get(product, path)
        policy = answer.headers["Content-Security-Policy"]
        assert re.search(r"script-src 'self' 'sha256-[^;]+;", policy)
        assert "unsafe-eval" not in policy
        assert answer.headers["Strict-Transport-Security"]
        if "etag" in answer.headers and answer.status_code == 200:
            kept = get(product, path, **{"If-None-Match": answer.headers["etag"]})
            assert (kept.status_code, kept.headers["Content-Security-Policy"]) == (304, policy)
    moved = get(
        product, "/dashboard", **{"X-Forwarded-Proto": "http", "X-Forwarded-Host": "evil.test", "Host": "vip.test"}
    )
    assert moved.headers["Location"] == "/dashboard/"


def test_parts_of_pages_are_kept_and_compressed_and_what_is_not_there_is_a_page(product: Product) -> None:
    for file in (page.BUILT / "assets").glob("*.*"):
        if file.suffix in (".js", ".css", ".woff2"):
            answer = get(product, f"/assets/{file.name}", **{"Accept-Encoding": "br"})
            assert answer.headers["Cache-Control"].endswith("immutable"), file.name
            assert answer.headers["Content-Type"].split(";")[0] in ("text/javascript", "text/css", "font/woff2")
            assert ("Content-Encoding" in answer.headers) == file.with_name(f"{file.name}.br").exists()
    for path in ("/", "/dashboard/", "/board/streamer", "/nowhere"):
        assert get(product, path, **{"Accept-Encoding": "br"}).headers["Content-Encoding"] == "br"
    missing = get(product, "/assets/none-C5Vc1VMx.js")
    assert (missing.status_code, missing.headers["Content-Type"]) == (404, "text/html; charset=utf-8")
    assert "Content-Security-Policy" in missing.headers
    assert "Cache-Control" not in missing.headers


def test_whatever_is_sent_the_answer_is_one_that_is_described(product: Product, tmp_path: Path) -> None:
    done = subprocess.run(
        [
            *(sys.executable, "-m", "schemathesis.cli", "run", f"{product.base}/api/openapi.json"),
            # Else the description's own route would be left out.
            *("--include-path-regex", "^/api/"),
            *("--checks", "all"),
            *("--phases", "examples,coverage,fuzzing"),
            *("--max-examples", "30"),
            *("--seed", "20261127"),
            *("--header", f"Authorization: Bearer {CRON_SECRET}"),
            *("--request-timeout", "5"),
            *("--no-color", "--generation-database", "none"),
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"Tested: {sum(map(len, PATHS.values()))}\n" in done.stdout
    said = product.output.read_text()
    assert "Traceback" not in said
    assert CRON_SECRET not in said
