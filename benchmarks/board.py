"""How soon a change is seen by everybody who looks at a board: many pages with a socket each, and as many that poll.

`python -m benchmarks.board [SOCKETS] [POLLERS]` starts the product, has viewers redeem one after the other, and prints
for each when the last page of either kind had it, counted from Twitch's answer to the redemption. Clients and server
share this machine. A poller asks as the page does (assets/board_feed.jsx): every 1.3 s, more or less a tenth, with the
ETag that it knows.

How long the server waited for a core is printed too: where that is much, others had the machine, and the seconds above
say more of them than of the server.
"""

import asyncio
import json
import os
import random
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import aiohttp

from tests.product import Product
from tests.sockets.raw import cookie_of, event, opened
from vip_manager import page
from vip_manager.ui.pages.board.state import BoardPage
from vip_manager.ui.pages.dashboard.state import Dashboard

BOARD = "/board/streamer"
EVERY = 1.3
CHANGES = 8
WITHIN = 10.0
_BOOT = "reflex___state____state.hydrate_and_load"
_ENTER = f"{BoardPage.get_full_name()}.enter"


class Seen:
    """When each page first showed somebody."""

    def __init__(self) -> None:
        self.at: dict[str, dict[str, list[float]]] = {"sockets": {}, "pollers": {}}

    def note(self, kind: str, known: set[str], text: str) -> None:
        for number in range(1, CHANGES + 1):
            login = f'"viewer{number}"'
            if login not in known and login in text:
                known.add(login)
                self.at[kind].setdefault(login, []).append(time.monotonic())


async def socket_page(
    session: aiohttp.ClientSession, base: str, number: int, seen: Seen, joined: asyncio.Event
) -> None:
    known: set[str] = set()
    url = f"{base.replace('http', 'ws', 1)}/_event/?token=page-{number}&EIO=4&transport=websocket"
    async with session.ws_connect(url, origin=base, max_msg_size=0) as socket:
        await socket.receive_str()
        await socket.send_str("40/_event,")
        await socket.receive_str()
        for name in (_BOOT, _ENTER):
            sent = json.loads(event(name, path=BOARD).partition(",")[2])
            sent[1]["router_data"] |= {"pathname": "/board/[login]", "query": {"login": "streamer"}}
            await socket.send_str("42/_event," + json.dumps(sent))
        async for message in socket:
            if message.data == "2":
                await socket.send_str("3")
                continue
            if '"username"' in message.data:
                joined.set()
            seen.note("sockets", known, message.data)


async def poller(session: aiohttp.ClientSession, base: str, seen: Seen) -> None:
    known: set[str] = set()
    tag = ""
    await asyncio.sleep(random.random() * EVERY)
    while True:
        headers = {"If-None-Match": tag} if tag else {}
        async with session.get(f"{base}/api{BOARD}", headers=headers) as answer:
            if answer.status == 200:
                tag = answer.headers["ETag"]
                seen.note("pollers", known, await answer.text())
            elif answer.status != 304:
                raise RuntimeError(f"HTTP {answer.status}")
        await asyncio.sleep(EVERY * (0.9 + random.random() * 0.2))


async def measure(base: str, sockets: int, pollers: int, server: int) -> bool:
    """Whether everybody saw every change within two seconds."""
    seen = Seen()
    connector = aiohttp.TCPConnector(limit=0, force_close=False)
    async with aiohttp.ClientSession(connector=connector) as session, asyncio.TaskGroup() as pages:
        tasks: list[asyncio.Task[Any]] = []
        for number in range(sockets):
            joined = asyncio.Event()
            tasks.append(pages.create_task(socket_page(session, base, number, seen, joined)))
            await asyncio.wait_for(joined.wait(), WITHIN)
        tasks += [pages.create_task(poller(session, base, seen)) for _ in range(pollers)]
        await asyncio.sleep(2 * EVERY)
        burnt, waited, began = cpu_of(server), waits_of(server), time.monotonic()
        print("| change | last socket, s | last poller, s |\n|---|---|---|")
        well = True
        for number in range(1, CHANGES + 1):
            wish = {"channel": "streamer", "viewer": f"viewer{number}"}
            async with session.post(f"{base}/sandbox/twitch/control/redeem", json=wish) as answer:
                answer.raise_for_status()
            start, login = time.monotonic(), f'"viewer{number}"'
            while time.monotonic() - start < WITHIN:
                counts = [len(seen.at[kind].get(login, ())) for kind in ("sockets", "pollers")]
                if counts == [sockets, pollers]:
                    break
                await asyncio.sleep(0.02)
            else:
                raise RuntimeError(f"{login}: seen by {counts}")
            last = [max(seen.at[kind][login], default=start) - start for kind in ("sockets", "pollers")]
            well = well and max(last) <= 2
            print(f"| {number} | {last[0]:.2f} | {last[1]:.2f} |", flush=True)
        passed = time.monotonic() - began
        share, waits = (cpu_of(server) - burnt) / passed, (waits_of(server) - waited) / passed
        print(f"\nServer: {share:.0%} of a core, {memory_of(server):.0f} MB; without a core {waits:.0%} of the time.")
        for task in tasks:
            task.cancel()
    return well


def cpu_of(pid: int) -> float:
    """Seconds, of Linux' own account (proc(5))."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def waits_of(pid: int) -> float:
    """Seconds in which it could have run and had no core (Linux: Documentation/scheduler/sched-stats.rst)."""
    threads = Path(f"/proc/{pid}/task").iterdir()
    return sum(int((thread / "schedstat").read_text().split()[1]) for thread in threads) / 1e9


def memory_of(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


def main() -> int:
    sockets, pollers = (int(one) for one in [*sys.argv[1:], *("500", "500")[len(sys.argv) - 1 :]])
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 65536), most))
    page.build_where_changed()
    with (
        tempfile.TemporaryDirectory() as directory,
        Product(Path(directory), {"MAX_SOCKETS": str(sockets + 100)}).running() as product,
    ):
        prepare(product)
        return 0 if asyncio.run(measure(product.base, sockets, pollers, product.pid)) else 1


def prepare(product: Product) -> None:
    """A connected channel with its reward."""
    with opened(product, cookie=cookie_of(product, "streamer")) as dashboard:
        dashboard.join(event(_BOOT))
        form = {"title": "VIP", "cost": "1", "hours": "24"}
        dashboard.call(f"{Dashboard.get_full_name()}.create_reward", {"form": form})
        dashboard.until("is on the channel now")


if __name__ == "__main__":
    sys.exit(main())
