"""Two instances tell a webhook what happens: each thing once, whoever of them comes first, and whoever is gone."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Set
from datetime import timedelta

from tests.house import House
from tests.instances.conftest import pass_time
from vip_manager.domain.notice import Event

VIEWERS = ("viewer1", "viewer2", "viewer3", "viewer4")


class Elsewhere:
    """One place for both; `open`: it answers."""

    def __init__(self, *houses: House) -> None:
        self.got: list[str] = []
        self.open = asyncio.Event()
        self.open.set()
        for house in houses:
            house.outgoing = self

    async def post(self, url: str, headers: Mapping[str, str], content: bytes, gone: Set[int]) -> None:
        await self.open.wait()
        self.got.append(headers["webhook-id"])


async def both_tell(pair: tuple[House, House]) -> None:
    await asyncio.gather(*(house.services.herald.tend("1001") for house in pair for _ in range(2)))
    await asyncio.gather(*(house.services.herald.settled() for house in pair))


async def begun(pair: tuple[House, House]) -> Elsewhere:
    elsewhere = Elsewhere(*pair)
    streamer = await pair[0].open()
    events = [one.value for one in Event]
    await pair[0].services.hooks.add(streamer, "1001", "https://hooks.example/in", events)
    await both_tell(pair)
    return elsewhere


async def test_each_thing_is_told_once_by_one_of_them(pair: tuple[House, House]) -> None:
    elsewhere = await begun(pair)
    for number, viewer in enumerate(VIEWERS):
        await pair[number % 2].redeem(viewer)
        await both_tell(pair)
    await both_tell(pair)
    assert len(elsewhere.got) == len(VIEWERS)
    assert set(Counter(elsewhere.got).values()) == {1}


async def test_what_one_had_in_hand_when_it_was_gone_the_other_takes_up_a_minute_later(
    pair: tuple[House, House],
) -> None:
    elsewhere = await begun(pair)
    first, second = pair
    elsewhere.open.clear()
    await first.redeem("viewer1")
    await first.services.herald.tend("1001")
    await first.services.herald.aclose()
    elsewhere.open.set()
    await second.services.herald.sweep()
    await second.services.herald.settled()
    assert elsewhere.got == []
    await pass_time(second, timedelta(seconds=61))
    await second.services.herald.sweep()
    await second.services.herald.settled()
    assert len(elsewhere.got) == 1
