"""What many channels cost one process: their dashboards are open, and something happens in each every ten seconds.

`python -m benchmarks.dashboards [CHANNELS]` writes channels into a store, each with VIPs, an owner's sign-in and an API
token; starts the product on it, opens each owner's dashboard, and has hours added by the personal API to a VIP of each
channel in turn, all the time. Each dashboard has to show each. The share of a core is the server's, with all that it
does: the API's calls, what is stored for them, both pictures, the sockets. What the driver and the dashboards need is
beside it.

The channels are not connected to the simulated Twitch, which is in the same process and would be measured with it.
"""

import asyncio
import hashlib
import json
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp

from benchmarks.board import waits_of
from benchmarks.crowd import Crowd, Seen
from benchmarks.processes import allow_many_files, cpu_of, memory_of
from benchmarks.rows import Row, shown
from tests.product import Product
from tests.sockets.raw import BOOT
from tests.store.records import account, active, channel
from vip_manager import page
from vip_manager.bootstrap.adapters import open_store
from vip_manager.domain.account import SignIn
from vip_manager.domain.api_token import ApiToken, TokenScope
from vip_manager.settings import Settings

CHANNELS = 500
EVERY = 10.0
ROUNDS = 3
VIPS = 8


@dataclass(frozen=True, slots=True)
class Owner:
    """`address` is where they are, by a proxy of ours."""

    number: int

    @property
    def id(self) -> str:
        return str(70_000 + self.number)

    @property
    def login(self) -> str:
        return f"streamer{self.number}"

    @property
    def secret(self) -> str:
        return f"secret-of-{self.number}"

    @property
    def token(self) -> str:
        return f"vip_{self.number:043d}"

    @property
    def address(self) -> str:
        return f"10.1.{self.number // 250}.{self.number % 250}"

    @property
    def viewer(self) -> str:
        return f"{self.id}9"


def rows(channels: int = CHANNELS) -> list[Row]:
    allow_many_files()
    page.build_where_changed()
    owners = [Owner(number) for number in range(channels)]
    ends = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=20)
    with tempfile.TemporaryDirectory() as directory:
        product = Product(Path(directory), {"TRUSTED_PROXY_HOPS": "1"}, cold=True)
        asyncio.run(_written(product, owners, ends))
        with product.running():
            crowd = Crowd(product.port, [_dashboard(one, product.port) for one in owners], '"session_id"')
            try:
                return asyncio.run(_measured(product, owners, ends, crowd))
            finally:
                crowd.leave()


async def _measured(product: Product, owners: Sequence[Owner], ends: datetime, crowd: Crowd) -> list[Row]:
    times = []
    async with aiohttp.ClientSession() as http:
        await _round(http, product, owners, ends, crowd, 1)
        waited = waits_of(product.pid)
        burnt, began = [cpu_of(one) for one in (product.pid, os.getpid(), crowd.pid)], time.monotonic()
        for number in range(2, ROUNDS + 2):
            sent, seen = await _round(http, product, owners, ends, crowd, number)
            times.append(seen.last - sent)
        passed = time.monotonic() - began
        waited = 100 * (waits_of(product.pid) - waited) / passed
    server, driver, dashboards = (
        100 * (cpu_of(one) - before) / passed
        for one, before in zip((product.pid, os.getpid(), crowd.pid), burnt, strict=True)
    )
    print(
        f"{len(owners) * ROUNDS / passed:.1f} changes a second, frames of {len(seen.frame):,} bytes. The driver had "
        f"{driver:.0f} % of a core, the dashboards {dashboards:.0f} %; the server {memory_of(product.pid):.0f} MB, and "
        f"{waited:.0f} % of the time it waited for a core that others had.\n",
        flush=True,
    )
    return [
        Row(f"{len(owners)} dashboards, a change of each every {EVERY:g} s: share of a core", "%", server, None, 25),
        Row("the last change of a round, on its dashboard", "ms", 1000 * max(times), None, 2000),
    ]


async def _round(
    http: aiohttp.ClientSession, product: Product, owners: Sequence[Owner], ends: datetime, crowd: Crowd, number: int
) -> tuple[float, Seen]:
    """When the last change was asked for, and who saw theirs: all have one more hour by the same mark."""
    until = round((ends + timedelta(hours=number)).timestamp() * 1000)
    wait = crowd.expect(f'"expires_at":{until}')
    began, calls = time.monotonic(), []
    for place, owner in enumerate(owners):
        await asyncio.sleep(began + place * EVERY / len(owners) - time.monotonic())
        sent = time.monotonic()
        calls.append(asyncio.create_task(_more(http, product, owner)))
    await asyncio.gather(*calls)
    return sent, await asyncio.to_thread(wait)


async def _more(http: aiohttp.ClientSession, product: Product, owner: Owner) -> None:
    url = f"{product.base}/api/v1/channels/{owner.login}/vips/{owner.viewer}"
    headers = {"Authorization": f"Bearer {owner.token}", "X-Forwarded-For": owner.address}
    async with http.patch(url, json={"add_hours": 1}, headers=headers) as answer:
        if answer.status != 200:
            raise RuntimeError(f"HTTP {answer.status}: {await answer.text()}")


def _dashboard(owner: Owner, port: int) -> dict[str, Any]:
    router = {"pathname": "/dashboard", "query": {}, "asPath": "/dashboard"}
    boot = {"event": {"name": BOOT, "payload": {}, "router_data": router}}
    return {
        "path": f"/_event/?token=page-{owner.number}&EIO=4&transport=websocket",
        "headers": {
            "Origin": f"http://localhost:{port}",
            "Cookie": f"vip={owner.secret}",
            "X-Forwarded-For": owner.address,
        },
        "says": [f"40/_event,{json.dumps(boot)}"],
    }


async def _written(product: Product, owners: Sequence[Owner], ends: datetime) -> None:
    now = datetime.now(UTC)
    later = now + timedelta(days=1)
    store = await open_store(Settings.read(product.environment))
    try:
        for one in owners:
            named = {"login": one.login, "username": one.login.title()}
            vips = [
                active(
                    f"{one.id}-{number}",
                    ends,
                    channel_id=one.id,
                    user_id=f"{one.id}{number}",
                    login=f"viewer{number}",
                    username=f"Viewer{number}",
                    created_at=now,
                    granted_at=now,
                )
                for number in range(10 - VIPS, 10)
            ]
            digest, of_token = (hashlib.sha256(text.encode()).hexdigest() for text in (one.secret, one.token))
            await store.commit(
                account(one.id, **named, tokens=None),
                channel(one.id, **named, catch_up_at=later, welcomed=True),
                SignIn(digest, one.id, now, later, now, "Chromium"),
                ApiToken(of_token, one.id, one.id, "Deck", TokenScope.WRITE, now),
                *vips,
            )
    finally:
        await store.close()


if __name__ == "__main__":
    sys.exit(shown(rows(*map(int, sys.argv[1:]))))
