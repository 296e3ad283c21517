"""The edge by itself: what gets through it, as what, and what every answer carries."""

from collections.abc import Mapping
from typing import Any

import httpx
import pytest
import structlog.testing
from starlette.responses import RedirectResponse
from starlette.types import Message, Receive, Scope, Send

from vip_manager.web.edge import Edge
from vip_manager.web.outside import Outside

FORWARDED = {"X-Forwarded-For": "203.0.113.5"}
SIMULATOR = "/sandbox/twitch"
HERE = Outside(public_url="https://vip.test")
SANDBOX = Outside(public_url="http://localhost:3000", simulator_path=SIMULATOR)


class Inside:
    """Answers everything, and keeps the last scope that came through."""

    def __init__(self, headers: Mapping[str, str] | None = None, status: int = 200) -> None:
        self.scope: Scope | None = None
        self._status = status
        self._headers = [(name.lower().encode(), value.encode()) for name, value in (headers or {}).items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.scope = scope
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.accept"})
            await send({"type": "websocket.close", "code": 1000})
            return
        await send({"type": "http.response.start", "status": self._status, "headers": self._headers})
        await send({"type": "http.response.body", "body": b"through"})

    def heard(self, name: str) -> list[str]:
        assert self.scope is not None
        return [value.decode() for key, value in self.scope["headers"] if key == name.encode()]


async def ask(
    path: str, outside: Outside = HERE, headers: Any = None, inside: Inside | None = None, base: str = "http://vip.test"
) -> httpx.Response:
    transport = httpx.ASGITransport(Edge(inside or Inside(), outside), client=("10.0.0.1", 40_000))
    async with httpx.AsyncClient(transport=transport, base_url=base) as client:
        return await client.get(path, headers=headers)


async def opens(path: str, outside: Outside, headers: dict[str, str], inside: Inside | None = None) -> bool:
    """Whether a WebSocket comes through."""
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def send(message: Message) -> None:
        sent.append(message)

    scope: Scope = {
        "type": "websocket",
        "scheme": "ws",
        "path": path,
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
        "client": ("10.0.0.1", 40_000),
    }
    await Edge(inside or Inside(), outside)(scope, receive, send)
    if sent[0]["type"] == "websocket.accept":
        return True
    assert sent == [{"type": "websocket.close", "code": 1008}], "before it was accepted, which is a 403"
    return False


async def test_a_proxy_that_is_not_declared_is_told_of_once() -> None:
    for hops, headers, lines in ((0, FORWARDED, 1), (1, FORWARDED, 0), (0, {}, 0)):
        edge = Edge(Inside(), Outside(trusted_proxy_hops=hops))
        transport = httpx.ASGITransport(edge, client=("10.0.0.1", 40_000))
        async with httpx.AsyncClient(transport=transport, base_url="http://vip.test") as client:
            with structlog.testing.capture_logs() as said:
                for _ in range(3):
                    await client.get("/", headers=headers)
        assert len(said) == lines
        assert "203.0.113.5" not in str(said)


async def test_every_answer_closes_what_a_browser_leaves_open() -> None:
    for path in ("/", "/dashboard", "/api/health", "/assets/x.svg", "/assets/x.html", "/favicon.svg", "/nowhere"):
        headers = (await ask(path)).headers
        assert headers["Strict-Transport-Security"] == "max-age=31536000"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert "camera=()" in headers["Permissions-Policy"]
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert headers["X-Frame-Options"] == "DENY"
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]


@pytest.mark.parametrize("status", [200, 206, 304])
@pytest.mark.parametrize("name", ["core-C5Vc1VMx.js", "_board_.__login_._index-x.js", "x.css", "inter-x.woff2"])
async def test_parts_of_pages_are_kept_and_carry_no_more_than_such_files_need(name: str, status: int) -> None:
    headers = (await ask(f"/assets/{name}", inside=Inside(status=status))).headers
    assert headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["Strict-Transport-Security"] == "max-age=31536000"
    assert "Content-Security-Policy" not in headers


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/assets/x.js", 404),
        ("/assets/x.js", 500),
        ("/assets/x.js", 301),
        ("/assets/x.svg", 200),
        ("/assets/x.html", 200),
        ("/assets/x.js/", 200),
        ("/assets/x.js/y", 200),
        ("/assets/x.js%0a", 200),
        ("/assets/..%2fx.js", 200),
        ("/assets/", 200),
        ("//assets/x.js", 200),
        ("/x.js", 200),
        ("/board/x.js", 200),
        ("/api/assets/x.js", 200),
        ("/Assets/x.js", 200),
    ],
)
async def test_what_may_be_a_document_carries_a_policy_wherever_it_is(path: str, status: int) -> None:
    headers = (await ask(path, inside=Inside(status=status))).headers
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Frame-Options"] == "DENY"
    assert "immutable" not in headers.get("Cache-Control", "")


async def test_only_where_people_come_by_https_they_must_go_on_so() -> None:
    answer = await ask("/", Outside(public_url="http://localhost:3000"), {"X-Forwarded-Proto": "https"})
    assert "Strict-Transport-Security" not in answer.headers


@pytest.mark.parametrize("path", ["/overlay/streamer", "/overlay/a_1/"])
async def test_the_overlay_may_be_framed(path: str) -> None:
    headers = (await ask(path)).headers
    assert "X-Frame-Options" not in headers
    assert "frame-ancestors" not in headers["Content-Security-Policy"]
    assert "default-src 'none'" in headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    "path",
    [
        "/overlay",
        "/overlay/",
        "/overlays/x",
        "/overlay/..%2fdashboard",
        "/overlay/a%2f..%2f..%2fdashboard",
        "/overlay/%0a",
        "/dashboard/overlay/x",
        "//overlay/x",
        "/overlay/x/y",
        "/Overlay/x",
        "/api/overlay/x",
    ],
)
async def test_nothing_that_is_named_like_the_overlay_may_be_framed(path: str) -> None:
    headers = (await ask(path)).headers
    assert headers["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]


async def test_answers_of_the_api_are_not_kept_unless_they_say_so_and_load_nothing() -> None:
    answer = await ask("/api/ready")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; base-uri 'none'")
    kept = await ask("/api/board/x", inside=Inside({"Cache-Control": "public, max-age=2"}))
    assert kept.headers.get_list("Cache-Control") == ["public, max-age=2"]
    assert "Cache-Control" not in (await ask("/apiary")).headers


async def test_the_simulators_pages_keep_their_own_policy() -> None:
    inside = Inside({"Content-Security-Policy": "default-src 'none'; style-src 'sha256-x'"})
    answer = await ask(f"{SIMULATOR}/oauth2/authorize", SANDBOX, inside=inside, base="http://localhost:3000")
    assert answer.headers.get_list("Content-Security-Policy") == ["default-src 'none'; style-src 'sha256-x'"]
    bare = await ask(f"{SIMULATOR}/avatars/1.svg", SANDBOX, base="http://localhost:3000")
    assert bare.headers["Content-Security-Policy"].startswith("default-src 'none'; base-uri 'none'")


FORGED = {
    "X-Forwarded-For": "203.0.113.9",
    "X-Forwarded-Proto": "gopher",
    "X-Forwarded-Host": "evil.test",
    "X-Forwarded-Port": "1",
    "X-Forwarded-Prefix": "/evil",
    "X-Forwarded": "for=203.0.113.9",
    "Forwarded": "for=203.0.113.9;host=evil.test;proto=http",
    "X_Forwarded_Host": "evil.test",
    "X-Forwarded_Proto": "gopher",
}


@pytest.mark.parametrize("kind", ["http", "websocket"])
async def test_forged_headers_of_a_proxy_change_nothing_and_go_nowhere(kind: str) -> None:
    inside = Inside()
    if kind == "http":
        await ask("/x", HERE, FORGED, inside)
    else:
        assert await opens("/_event/", HERE, {**FORGED, "Host": "vip.test", "Origin": "https://vip.test"}, inside)
    assert inside.scope is not None
    assert inside.scope["client"] == ("10.0.0.1", 40_000)
    assert inside.scope["scheme"] == {"http": "https", "websocket": "wss"}[kind]
    assert inside.heard("host") == ["vip.test"]
    assert not [name for name, _ in inside.scope["headers"] if b"forward" in name]


@pytest.mark.parametrize(
    ("hops", "entries", "client"),
    [
        (1, ["203.0.113.9"], "203.0.113.9"),
        (1, ["198.51.100.1, 203.0.113.9"], "203.0.113.9"),
        (1, ["198.51.100.1", "203.0.113.9"], "203.0.113.9"),
        (2, ["6.6.6.6, 203.0.113.9, 192.0.2.1"], "203.0.113.9"),
        (2, ["6.6.6.6", "203.0.113.9,192.0.2.1"], "203.0.113.9"),
        (1, ["6.6.6.6, 2001:DB8:0:0::1"], "2001:db8::1"),
        (1, ["[2001:db8::1]:4711"], "2001:db8::1"),
        (1, ["[2001:db8::1]"], "2001:db8::1"),
        (1, ["[2001:db8::9]:1, 203.0.113.9:4711"], "203.0.113.9"),
        (1, ["203.0.113.9:4711"], "203.0.113.9"),
        (1, [" , 203.0.113.9 , "], "203.0.113.9"),
        (0, ["203.0.113.9"], "10.0.0.1"),
        (2, ["203.0.113.9"], "10.0.0.1"),
        (1, [], "10.0.0.1"),
        (1, ["6.6.6.6, unknown"], "10.0.0.1"),
        (1, ["6.6.6.6, _hidden:1"], "10.0.0.1"),
        (1, ["6.6.6.6, \xff"], "10.0.0.1"),
        (1, ["203.0.113.9.evil.test"], "10.0.0.1"),
    ],
)
async def test_as_many_entries_are_believed_as_there_are_proxies(hops: int, entries: list[str], client: str) -> None:
    headers = [(b"X-Forwarded-For", entry.encode("latin-1")) for entry in entries]
    inside = Inside()
    await ask("/", Outside(public_url="https://vip.test", trusted_proxy_hops=hops), headers, inside)
    assert inside.scope is not None
    assert inside.scope["client"][0] == client


async def test_a_sockets_client_is_told_by_the_same_rule() -> None:
    inside = Inside()
    headers = {"Host": "vip.test", "Origin": "https://vip.test", "X-Forwarded-For": "6.6.6.6, 203.0.113.9"}
    assert await opens("/_event/", Outside(public_url="https://vip.test", trusted_proxy_hops=1), headers, inside)
    assert inside.scope is not None
    assert inside.scope["client"] == ("203.0.113.9", 0)


@pytest.mark.parametrize(
    ("host", "origin", "through"),
    [
        ("vip.test", "https://vip.test", True),
        ("vip.test:443", "https://vip.test", True),
        ("VIP.test", "https://vip.test", True),
        ("inner.test:8080", "https://vip.test", True),
        ("inner.test:8080", "https://inner.test:8080", True),
        ("vip.test", "http://vip.test", False),
        ("vip.test", "https://vip.test:8443", False),
        ("vip.test", "https://evil.test", False),
        ("vip.test", "https://vip.test.evil.test", False),
        ("vip.test", "https://vip.test@evil.test", False),
        ("vip.test", "https://evil.test/https://vip.test", False),
        ("vip.test", "null", False),
        ("vip.test", None, True),
        ("vip.test", "", False),
        ("", "https://", False),
        ("vip.test@evil.test", "https://evil.test", False),
    ],
)
async def test_a_socket_opens_for_no_page_but_our_own(host: str, origin: str | None, through: bool) -> None:
    headers = {"Host": host} | ({} if origin is None else {"Origin": origin})
    assert await opens("/_event/", HERE, headers) is through


async def test_the_simulated_twitch_takes_callers_that_are_no_pages() -> None:
    assert await opens(f"{SIMULATOR}/ws", SANDBOX, {"Host": "127.0.0.1:3000"})
    assert not await opens(f"{SIMULATOR}/ws", HERE, {"Host": "vip.test"})
    assert not await opens("/elsewhere", HERE, {"Host": "vip.test", "Origin": "https://vip.test"})


@pytest.mark.parametrize(
    ("host", "through"),
    [
        ("localhost:3000", True),
        ("LOCALHOST", True),
        ("app.localhost:3000", True),
        ("127.0.0.1:3000", True),
        ("[::1]:3000", True),
        ("192.168.1.5:3000", True),
        ("[2001:db8::1]:3000", True),
        ("rebound.test:3000", False),
        ("localhost.rebound.test", False),
        ("127.0.0.1.rebound.test", False),
        ("localhost@rebound.test", False),
        ("[", False),
        ("", False),
    ],
)
@pytest.mark.parametrize("path", ["/", "/api/health", f"{SIMULATOR}/helix/users", f"{SIMULATOR}/control/world"])
async def test_the_sandbox_answers_to_no_name_that_another_site_could_lend_us(
    path: str, host: str, through: bool
) -> None:
    answer = await ask(path, SANDBOX, {"Host": host, "Origin": f"http://{host}"}, base="http://localhost:3000")
    assert answer.status_code == (200 if through else 421)
    assert through or "wrong_host" in answer.text or "PUBLIC_URL" in answer.text
    assert await opens(f"{SIMULATOR}/ws", SANDBOX, {"Host": host}) is through


async def test_where_twitch_is_real_any_name_will_do() -> None:
    """A load balancer asks by an address of its own, and cookies are bound to ours."""
    assert (await ask("/api/health", HERE, {"Host": "10.1.2.3.internal.test"})).status_code == 200


async def test_a_public_sandbox_has_its_name() -> None:
    public = Outside(public_url="https://sandbox.test", simulator_path=SIMULATOR)
    assert (await ask("/", public, {"Host": "Sandbox.test"})).status_code == 200
    assert (await ask("/", public, {"Host": "other.test"})).status_code == 421


@pytest.mark.parametrize(
    "path", ["/ping", "/_health", "/_upload", "/_upload/x", "/_event/", "/_all_routes", "/%5fhealth"]
)
async def test_what_reflex_adds_and_we_do_not_need_is_not_there(path: str) -> None:
    inside = Inside()
    answer = await ask(path, inside=inside)
    assert (answer.status_code, answer.headers["X-Frame-Options"]) == (404, "DENY")
    assert inside.scope is None


@pytest.mark.parametrize(
    ("location", "sent"),
    [
        ("https://evil.test/dashboard/", "/dashboard/"),
        ("https://evil.test//evil.test/?a=b#c", "/evil.test/?a=b#c"),
        ("/dashboard/?channel=1", "/dashboard/?channel=1"),
    ],
)
async def test_the_way_to_the_same_page_never_leads_to_another_host(location: str, sent: str) -> None:
    edge = Edge(RedirectResponse(location, status_code=307), HERE)
    transport = httpx.ASGITransport(edge, client=("10.0.0.1", 40_000))
    async with httpx.AsyncClient(transport=transport, base_url="http://vip.test") as client:
        answer = await client.get("/dashboard", headers={"Host": "evil.test"})
    assert answer.headers["location"] == sent
