"""Viewers of many channels who redeem at a pace, and Twitch's posts about it: sent again where they are not taken."""

import asyncio
import itertools
import json
import random
import time
import uuid
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime

import aiohttp

from benchmarks.books import Books, Redeemed
from benchmarks.channels import KEY
from benchmarks.posts import Line, post, redemption
from tests.sockets.raw import BOOT

POOL = 400
"""Viewers of a channel who redeem."""
PERMANENT = 2
"""Of these, so many are VIP of a channel by the streamer's hand: they redeem too, and get their points back."""
PATIENCE = 10.0
"""Seconds after which Twitch takes a post for not answered."""
AGAIN_AFTER = (1.0, 2.0, 4.0, 8.0, 16.0)
"""Seconds until it is sent again, and again; after that Twitch gives it up. How often it tries it does not say."""


def viewer(channel_id: str, number: int) -> str:
    return f"{channel_id}{number:04d}"


class Drive:
    """`added` are seconds from a post to Twitch's call for the badge; `shown` to the frame of a page that has it;
    `answered` to the 2xx. `answers` counts what the posts were answered with."""

    def __init__(self, books: Books, channel_ids: Sequence[str], port: int, seed: int = 7) -> None:
        self._books = books
        # A channel's turn comes in each kind by itself: else the new ones would all meet in a few channels.
        self._channels = {fresh: itertools.cycle(channel_ids) for fresh in (True, False)}
        self._port = port
        self._random = random.Random(seed)
        self._free: list[Line] = []
        self._works: set[asyncio.Task[None]] = set()
        self._sent_at: dict[str, float] = {}
        self._looked_for: defaultdict[str, dict[str, float]] = defaultdict(dict)
        self.added: list[float] = []
        self.shown: list[float] = []
        self.answered: list[float] = []
        self.answers: Counter[str] = Counter()
        self.given_up: list[str] = []
        books.gave = self._gave
        books.refused = self._refused
        for channel_id in channel_ids:
            for number in range(PERMANENT):
                books.vips[channel_id][viewer(channel_id, number)] = None
                books.permanent.add((channel_id, viewer(channel_id, number)))

    def forget(self) -> None:
        """What was measured until now."""
        for one in (self.added, self.shown, self.answered):
            one.clear()
        self.answers.clear()

    async def go_on(self, rate: float, seconds: float, anybody: float) -> None:
        """So many redemptions a second, whether or not the ones before are done with: `anybody` a second are by any
        viewer, and the others by who is VIP and wants more hours. Until all are answered or given up."""
        began = time.perf_counter()
        for number in itertools.count():
            due = number / rate
            if due >= seconds:
                break
            if (wait := began + due - time.perf_counter()) > 0:
                await asyncio.sleep(wait)
            elif not number % 20:
                await asyncio.sleep(0)
            fresh = int((number + 1) * anybody / rate) > int(number * anybody / rate)
            work = asyncio.create_task(self._redeem(next(self._channels[fresh]), fresh))
            self._works.add(work)
            work.add_done_callback(self._works.discard)
        await asyncio.gather(*self._works)

    def _who(self, channel_id: str, fresh: bool) -> str:
        vips = [] if fresh else list(self._books.vips[channel_id])[PERMANENT:]
        return self._random.choice(vips) if vips else viewer(channel_id, self._random.randrange(POOL))

    async def _redeem(self, channel_id: str, fresh: bool) -> None:
        user_id = self._who(channel_id, fresh)
        body = redemption(0, channel_id, user_id)
        named = json.loads(body)["event"]["id"]
        self._books.redeem(Redeemed(named, channel_id, user_id, datetime.now(UTC).isoformat().replace("+00:00", "Z")))
        request, began = post(KEY, body), time.perf_counter()
        if user_id not in self._books.vips[channel_id]:
            self._sent_at.setdefault(user_id, began)
        for again in (*AGAIN_AFTER, None):
            if await self._taken(request):
                self.answered.append(time.perf_counter() - began)
                return
            if again:
                await asyncio.sleep(again)
        self.given_up.append(named)

    async def _taken(self, request: bytes) -> bool:
        try:
            line = await self._line()
        except OSError:
            self.answers["no connection"] += 1
            return False
        try:
            status = await asyncio.wait_for(line.ask(request), PATIENCE)
        except (TimeoutError, ConnectionError) as error:
            self.answers["no answer in time" if isinstance(error, TimeoutError) else "connection lost"] += 1
            line.close()
            return False
        self._free.append(line)
        self.answers[str(status)] += 1
        return 200 <= status < 300

    async def _line(self) -> Line:
        while self._free:
            if (line := self._free.pop()).open:
                return line
        return await Line.to(self._port)

    def _refused(self, channel_id: str, user_id: str) -> None:
        self._sent_at.pop(user_id, None)

    def _gave(self, channel_id: str, user_id: str) -> None:
        if sent := self._sent_at.pop(user_id, None):
            self.added.append(time.perf_counter() - sent)
            self._looked_for[channel_id][user_id] = sent

    async def watch(self, session: aiohttp.ClientSession, channel_id: str, base: str, inside: asyncio.Event) -> None:
        """One page of the channel's board, by which it is told when somebody is shown."""
        url, headers = page_of(channel_id, 0, base.replace("http", "ws", 1))
        wanted = self._looked_for[channel_id]
        async with session.ws_connect(url, origin=base, headers=headers, max_msg_size=0) as socket:
            await socket.receive_str()
            await socket.send_str(says(channel_id))
            async for message in socket:
                if message.data == "2":
                    await socket.send_str("3")
                    continue
                inside.set()
                now = time.perf_counter()
                for user_id in [one for one in wanted if f'"viewer{one}"' in message.data]:
                    self.shown.append(now - wanted.pop(user_id))


def page_of(channel_id: str, number: int, base: str) -> tuple[str, dict[str, str]]:
    """Where the socket of a page connects, and its headers: everybody is somewhere else, by a proxy of ours."""
    unique = (int(channel_id) * 100 + number) % 2**24
    address = f"10.{unique >> 16}.{unique >> 8 & 255}.{unique & 255}"
    return f"{base}/_event/?token={uuid.uuid4()}&EIO=4&transport=websocket", {"X-Forwarded-For": address}


def says(channel_id: str) -> str:
    """What a page of that channel's board sends first."""
    login = f"channel{channel_id}"
    router = {"pathname": "/board/[login]", "query": {"login": login}, "asPath": f"/board/{login}"}
    return "40/_event," + json.dumps({"event": {"name": BOOT, "payload": {}, "router_data": router}})
