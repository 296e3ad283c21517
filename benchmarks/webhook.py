"""How many posts of Twitch the product takes, beside a route that checks the same signature and commits one row:
`python -m benchmarks.webhook`.

Measured is what stands between Twitch and its 2xx: every layer of the server, the signature, the channel, the commit of
the redemption and its line in the audit log. Each post is another redemption. So that no grant is measured with it,
Twitch (in the process that measures) does not answer meanwhile, and all redemptions of a channel are one viewer's, who
go one at a time. A real Twitch would answer, and the grants then share the core with the posts: how much of both goes
in a second `benchmarks.grant` measures.

Both sides run on the same server with the same options, over the same connections, in turns; the client shares the
machine with them.
"""

import asyncio
import itertools
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks import bare
from benchmarks.channels import KEY, Served, served
from benchmarks.posts import kept_busy, post, redemption, share
from benchmarks.rows import Row, table

CHANNELS = 10
LINES = 16
ROUNDS = 5
SECONDS = 2.0
VIEWER = 1_000_000


class Side:
    def __init__(self, port: int, requests: Iterator[bytes]) -> None:
        self.port = port
        self.requests = requests
        self.rates: list[float] = []
        self.slow: list[float] = []

    async def round(self, seconds: float = SECONDS) -> None:
        rate, took = await kept_busy(self.port, self.requests, LINES, seconds)
        self.rates.append(rate)
        self.slow.append(share(took, 0.99) * 1000)


def _posts(ids: tuple[str, ...], viewers: Iterator[int]) -> Iterator[bytes]:
    for number, (channel_id, viewer) in enumerate(zip(itertools.cycle(ids), viewers, strict=False)):
        yield post(KEY, redemption(number, channel_id, str(viewer)))


async def _beside(ours: Side, theirs: Side, what: str, reach: tuple[float, float]) -> list[Row]:
    for side in (ours, theirs):
        await side.round(1.0)
        side.rates.clear()
        side.slow.clear()
    for _ in range(ROUNDS):
        await ours.round()
        await theirs.round()
    return [
        Row(f"{what}: a second", "posts", share(ours.rates, 0.5), share(theirs.rates, 0.5), reach[0], more=True),
        Row(f"{what}: p99", "ms", share(ours.slow, 0.5), share(theirs.slow, 0.5), reach[1]),
    ]


async def _written_down(here: Served, theirs: Side) -> list[Row]:
    here.twitch.open.clear()
    ours = Side(here.product.port, _posts(here.channel_ids, itertools.repeat(VIEWER)))
    try:
        return await _beside(ours, theirs, "webhook, written down", (0.8, 1.5))
    finally:
        here.twitch.open.set()


async def rows() -> list[Row]:
    with (
        tempfile.TemporaryDirectory() as directory,
        bare.running("kept", key=KEY, file=f"{directory}/bare.db") as port,
    ):
        async with served(Path(directory), CHANNELS) as here:
            theirs = Side(port, _posts(here.channel_ids, itertools.count()))
            return await _written_down(here, theirs)


if __name__ == "__main__":
    print(table(asyncio.run(rows())))
