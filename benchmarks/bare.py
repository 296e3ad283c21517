"""The yardsticks, each a process of its own: `python -m benchmarks.bare NAME PORT` with BARE_KEY, BARE_FILE and
BARE_TWITCH in its environment.

- `kept`: a route that checks the signature of what is posted and commits it as one row of SQLite before it answers;
- `sent`: a route that checks the signature and sends the call that makes the viewer VIP.

Each is what somebody would write who does nothing else: Starlette on uvicorn, with the product's own options.
"""

import asyncio
import hashlib
import hmac
import json
import os
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.product import free_port
from vip_manager import page


def _good(request: Request, body: bytes) -> bool:
    name = "twitch-eventsub-message-"
    signed = (request.headers[f"{name}id"] + request.headers[f"{name}timestamp"]).encode() + body
    right = "sha256=" + hmac.new(os.environ["BARE_KEY"].encode(), signed, hashlib.sha256).hexdigest()
    return hmac.compare_digest(right, request.headers[f"{name}signature"])


def kept() -> Starlette:
    """SQLite as the product has it, on a thread of its own, so that nobody waits for the disk but who has to."""
    thread = ThreadPoolExecutor(1)

    def opened() -> sqlite3.Connection:
        connection = sqlite3.connect(os.environ["BARE_FILE"], isolation_level=None)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("CREATE TABLE IF NOT EXISTS messages (id TEXT PRIMARY KEY, body TEXT)")
        return connection

    connection = thread.submit(opened).result()

    async def hook(request: Request) -> Response:
        body = await request.body()
        if not _good(request, body):
            return Response(status_code=403)
        row = (json.loads(body)["event"]["id"], body.decode())
        await asyncio.get_running_loop().run_in_executor(
            thread, connection.execute, "INSERT INTO messages (id, body) VALUES (?, ?)", row
        )
        return Response(status_code=204)

    return Starlette(routes=[Route("/api/eventsub", hook, methods=["POST"])])


def sent() -> Starlette:
    twitch = httpx.AsyncClient(base_url=os.environ["BARE_TWITCH"], trust_env=False)

    async def hook(request: Request) -> Response:
        body = await request.body()
        if not _good(request, body):
            return Response(status_code=403)
        event = json.loads(body)["event"]
        channel_id = event["broadcaster_user_id"]
        answer = await twitch.post(
            "/channels/vips",
            params={"broadcaster_id": channel_id, "user_id": event["user_id"]},
            headers={"Authorization": f"Bearer token-{channel_id}", "Client-Id": "client"},
        )
        return Response(status_code=204 if answer.status_code == 204 else 502)

    return Starlette(routes=[Route("/api/eventsub", hook, methods=["POST"])])


@contextmanager
def running(name: str, **environment: str) -> Iterator[int]:
    """The port."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.bare", name, str(port)],
        cwd=page.ROOT,
        env={**os.environ, **{f"BARE_{key.upper()}": value for key, value in environment.items()}},
    )
    try:
        while not _listens(port):
            time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.wait(10)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


if __name__ == "__main__":
    uvicorn.run(
        {"kept": kept, "sent": sent}[sys.argv[1]],
        factory=True,
        host="127.0.0.1",
        port=int(sys.argv[2]),
        http="httptools",
        proxy_headers=False,
        server_header=False,
        access_log=False,
        log_config=None,
    )
