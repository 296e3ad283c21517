"""How many visitors a second can have all that a board's first load asks for, beside the same files from nginx.

`python -m benchmarks.files` starts the product, has Chromium say what it fetches at `/board/{login}`, puts the same
bytes into a directory that nginx serves with one worker, and has `wrk` ask each in turn for one visitor's files after
the other's, on connections that stay open. Each visitor of ours comes from an address of their own, by a proxy's
header: they are counted. Then it asks for all of it as a browser does that was there before.

Needs `nginx`, `wrk` (Debian: nginx-light, wrk) and Chromium.
"""

import json
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from playwright.sync_api import Request, sync_playwright

from benchmarks.board import BOARD, prepare
from benchmarks.processes import cpu_of
from benchmarks.rows import Row, table
from benchmarks.weight import SYSTEM_CHROMIUM
from tests.product import Product, free_port, until
from vip_manager import page

ROUNDS = 5
SECONDS = 4
CONNECTIONS = 16
_TAKEN = {"Accept-Encoding": "gzip"}
"""Of the two forms that a page's files are kept in, the one that nginx-light knows too."""
_WORDS = re.compile(r"Requests/sec:\s+([\d.]+)")

_LUA = """
local paths, n = { %s }, 0
request = function()
  local visitor = math.floor(n / #paths)
  local path = paths[n %% #paths + 1]
  n = n + 1
  wrk.headers["X-Forwarded-For"] =
    "10." .. math.floor(visitor / 65536) %% 256 .. "." .. math.floor(visitor / 256) %% 256 .. "." .. visitor %% 256
  wrk.headers["Accept-Encoding"] = "gzip"
  return wrk.format("GET", path)
end
"""

_NGINX = """
worker_processes 1;
daemon off;
pid %(directory)s/nginx.pid;
error_log stderr error;
events { worker_connections 1024; }
http {
  types { text/html html; text/css css; text/javascript js; image/svg+xml svg; font/woff2 woff2; }
  default_type application/octet-stream;
  access_log off;
  sendfile on;
  tcp_nopush on;
  gzip_static on;
  open_file_cache max=1000;
  keepalive_requests 1000000000;
  client_body_temp_path %(directory)s/body;
  proxy_temp_path %(directory)s/proxy;
  fastcgi_temp_path %(directory)s/fastcgi;
  uwsgi_temp_path %(directory)s/uwsgi;
  scgi_temp_path %(directory)s/scgi;
  server { listen 127.0.0.1:%(port)d; root %(directory)s/files; expires max; }
}
"""


@dataclass(frozen=True, slots=True)
class File:
    path: str
    answer: httpx.Response

    @property
    def immutable(self) -> bool:
        return "immutable" in self.answer.headers.get("cache-control", "")


def rows() -> list[Row]:
    page.build_where_changed()
    with ExitStack() as closing:
        directory = Path(closing.enter_context(tempfile.TemporaryDirectory()))
        proxied = {"TRUSTED_PROXY_HOPS": "1"}
        product = closing.enter_context(Product(directory, proxied, cold=True).running())
        prepare(product)
        files = fetched(product)
        size = sum(int(one.answer.headers.get("content-length", 0)) for one in files)
        print(f"{len(files)} files, {size / 1000:.0f} kB:", " ".join(one.path for one in files), "\n", flush=True)
        beside = closing.enter_context(nginx(files, directory / "nginx"))
        script = directory / "visit.lua"
        script.write_text(_LUA % ", ".join(json.dumps(one.path) for one in files))
        ours, theirs, shares = [], [], []
        for _ in range(ROUNDS):
            burnt = cpu_of(product.pid)
            ours.append(asked(product.base, script) / len(files))
            shares.append((cpu_of(product.pid) - burnt) / SECONDS)
            theirs.append(asked(beside, script) / len(files))
        again = [one.path for one in files if not one.immutable and not kept(product, one)]
        print(f"{sum(one.immutable for one in files)} files are never asked for again, and others if they changed.")
        print(f"While visitors came, the server had {statistics.median(shares):.0%} of a core.\n", flush=True)
        return [
            Row(
                "visitors a second through a board's first load",
                "/s",
                statistics.median(ours),
                statistics.median(theirs),
                0.12,
                more=True,
            ),
            Row("of its files, sent again to who was there before", "files", len(again), None, 0),
        ]


def fetched(product: Product) -> list[File]:
    """What Chromium asks of us for a board, each once, in that order."""
    paths: dict[str, None] = {}

    def note(request: Request) -> None:
        parts = urlsplit(request.url)
        # The pictures of people are Twitch's to serve.
        if request.url.startswith(f"{product.base}/") and not parts.path.startswith("/sandbox/"):
            paths[parts.path + (f"?{parts.query}" if parts.query else "")] = None

    with sync_playwright() as playwright:
        path = str(SYSTEM_CHROMIUM) if SYSTEM_CHROMIUM.exists() else None
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        opened = browser.new_page()
        opened.on("request", note)
        opened.goto(product.base + BOARD)
        opened.wait_for_timeout(3000)
        browser.close()
    with httpx.Client(base_url=product.base, trust_env=False, headers=_TAKEN) as http:
        return [File(one, http.get(one).raise_for_status()) for one in paths]


def kept(product: Product, file: File) -> bool:
    """Whether a browser that has it is told that it will do."""
    tag = {"If-None-Match": file.answer.headers.get("etag", "")}
    return httpx.get(product.base + file.path, headers={**_TAKEN, **tag}, trust_env=False).status_code == 304


@contextmanager
def nginx(files: Sequence[File], directory: Path) -> Iterator[str]:
    """Where it is."""
    for file in files:
        there = directory / "files" / file.path.lstrip("/")
        there.parent.mkdir(parents=True, exist_ok=True)
        there.write_bytes(file.answer.content)
        if file.answer.headers.get("content-encoding") == "gzip":
            with httpx.stream("GET", str(file.answer.url), headers=_TAKEN, trust_env=False) as raw:
                there.with_name(there.name + ".gz").write_bytes(b"".join(raw.iter_raw()))
    port = free_port()
    settings = directory / "nginx.conf"
    settings.write_text(_NGINX % {"directory": directory, "port": port})
    # Its worker is somebody else where it is started by root.
    for one in (directory.parent, directory, *directory.rglob("*")):
        one.chmod(0o755)
    program = shutil.which("nginx") or "/usr/sbin/nginx"
    process = subprocess.Popen([program, "-c", str(settings), "-p", str(directory)])
    base = f"http://127.0.0.1:{port}"

    def answers() -> bool:
        try:
            return httpx.get(base + BOARD, trust_env=False).status_code == 200
        except httpx.ConnectError:
            return False

    try:
        until(answers, "nginx answers")
        yield base
    finally:
        process.terminate()
        process.wait()


def asked(base: str, script: Path) -> float:
    """Requests a second. Raises RuntimeError where one was not answered well."""
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", "-s", str(script), base]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = _WORDS.search(said)
    if found is None or "Non-2xx" in said or "Socket errors" in said:
        raise RuntimeError(said)
    return float(found[1])


def main() -> int:
    found = rows()
    print(table(found))
    return 0 if all(one.reached for one in found) else 1


if __name__ == "__main__":
    sys.exit(main())
