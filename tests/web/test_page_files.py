"""The page's files, from memory."""

import gzip
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from vip_manager import measures
from vip_manager.web.edge import Edge
from vip_manager.web.outside import Outside
from vip_manager.web.page_files import PageDocuments, PageFiles


@pytest.fixture
def http(tmp_path: Path) -> httpx.AsyncClient:
    built = tmp_path / "client"
    (built / "assets").mkdir(parents=True)
    (built / "assets" / "a-1.js").write_text("let a = 1")
    (built / "assets" / "a-1.js.gz").write_bytes(gzip.compress(b"let a = 1"))
    (built / "favicon.svg").write_text("<svg/>")
    (built / "index.html").write_text("a page")
    (tmp_path / "secret.js").write_text("a secret")
    app = PageFiles(PlainTextResponse("passed on", 418), built)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://here")


async def test_a_file_and_that_it_will_do_are_closed_each_in_its_way(tmp_path: Path) -> None:
    built = tmp_path / "client"
    (built / "assets").mkdir(parents=True)
    (built / "assets" / "a-1.js").write_text("let a = 1")
    passed_on = PlainTextResponse("passed on", 418)
    edge = Edge(passed_on)
    app = PageFiles(edge, built, edge.closing)
    # As it is when the program starts: how people reach us is known after all is put together.
    edge.outside = Outside("https://vip.test")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="https://vip.test") as http:
        sent = await http.get("/assets/a-1.js")
        kept = await http.get("/assets/a-1.js", headers={"If-None-Match": sent.headers["etag"]})
    assert (sent.status_code, kept.status_code) == (200, 304)
    for answer in (sent, kept):
        assert answer.headers["cache-control"].endswith("immutable")
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["strict-transport-security"]


async def test_files_are_counted_like_all_that_is_asked_for(
    http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: list[Any] = []
    monkeypatch.setattr(
        measures, "http_duration", SimpleNamespace(record=lambda seconds, asked: counted.append((seconds, asked)))
    )
    tag = (await http.get("/assets/a-1.js")).headers["etag"]
    await http.get("/assets/a-1.js", headers={"If-None-Match": tag})
    await http.get("/favicon.svg")
    assert [(asked["http_route"], asked["http_response_status_code"]) for _, asked in counted] == [
        ("/assets", 200),
        ("/assets", 304),
        ("/", 200),
    ]
    assert {asked["http_request_method"] for _, asked in counted} == {"GET"}
    assert all(0 <= seconds < 60 for seconds, _ in counted)


async def test_a_file_comes_in_the_form_that_is_taken(http: httpx.AsyncClient) -> None:
    packed = await http.get("/assets/a-1.js", headers={"Accept-Encoding": "gzip"})
    plain = await http.get("/assets/a-1.js", headers={"Accept-Encoding": "identity"})
    assert packed.text == plain.text == "let a = 1"
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.headers["vary"] == plain.headers["vary"] == "Accept-Encoding"
    assert packed.headers["content-type"] == "text/javascript; charset=utf-8"


async def test_who_has_it_is_told_that_it_will_do(http: httpx.AsyncClient) -> None:
    tag = (await http.get("/favicon.svg")).headers["etag"]
    again = await http.get("/favicon.svg", headers={"If-None-Match": f'"another", {tag}'})
    assert (again.status_code, again.content) == (304, b"")
    assert (await http.get("/favicon.svg", headers={"If-None-Match": '"another"'})).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/index.html",
        "/assets/",
        "/assets/none.js",
        "/assets/../index.html",
        "/assets/..%2findex.html",
        "/assets/%2e%2e/%2e%2e/secret.js",
        "/assets/..%5csecret.js",
        f"/assets/{'a' * 300}.js",
    ],
)
async def test_all_else_passes_on(http: httpx.AsyncClient, path: str) -> None:
    assert (await http.get(path)).status_code == 418


async def test_so_does_what_asks_in_another_way(http: httpx.AsyncClient) -> None:
    assert (await http.post("/assets/a-1.js")).status_code == 418
    assert (await http.get("/assets/a-1.js", headers={"Range": "bytes=0-1"})).status_code == 418


@pytest.fixture
def documents(tmp_path: Path) -> httpx.AsyncClient:
    """Who asks with a header `often` has come too often."""
    built = tmp_path / "client"
    for folder in ("", "dashboard/team", "Elsewhere"):
        (built / folder).mkdir(parents=True, exist_ok=True)
        (built / folder / "index.html").write_text(f"the page {folder}")
    (built / "index.html.gz").write_bytes(gzip.compress(b"the page "))
    (tmp_path / "index.html").write_text("a secret")

    def counted(inner: ASGIApp) -> ASGIApp:
        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            often = any(name == b"often" for name, _ in scope["headers"])
            await (PlainTextResponse("too often", 429) if often else inner)(scope, receive, send)

        return app

    app = PageDocuments(PlainTextResponse("passed on", 418), built, counted)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://here")


async def test_a_page_that_is_built_comes_from_memory_and_is_asked_for_anew(documents: httpx.AsyncClient) -> None:
    home = await documents.get("/", headers={"Accept-Encoding": "gzip"})
    assert (home.text, home.headers["content-encoding"]) == ("the page ", "gzip")
    assert home.headers["content-type"] == "text/html; charset=utf-8"
    assert (await documents.get("/dashboard/team/")).text == "the page dashboard/team"
    kept = await documents.get("/", headers={"If-None-Match": home.headers["etag"]})
    assert (kept.status_code, kept.content) == (304, b"")
    assert home.headers["cache-control"] == kept.headers["cache-control"] == "no-cache"


async def test_who_comes_too_often_gets_no_page(documents: httpx.AsyncClient) -> None:
    assert (await documents.get("/", headers={"often": "yes"})).status_code == 429


@pytest.mark.parametrize(
    "path",
    ["/dashboard", "/dashboard/", "/index.html", "/%2e%2e/", "/dashboard/team/%0a", "/Elsewhere/", f"/{'a' * 300}/"],
)
async def test_what_is_no_built_page_passes_on(documents: httpx.AsyncClient, path: str) -> None:
    assert (await documents.get(path)).status_code == 418


async def test_so_does_a_page_that_is_asked_for_in_another_way(documents: httpx.AsyncClient) -> None:
    assert (await documents.post("/")).status_code == 418
    assert (await documents.get("/", headers={"Range": "bytes=0-1"})).status_code == 418
