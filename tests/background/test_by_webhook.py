"""Where events come by webhook nobody listens, and what was missed while nothing ran is caught up with at the start."""

from urllib.parse import urlsplit

from tests.background.listening import becomes_vip, redeems
from tests.house import House
from tests.services.neighbourhood import Door
from vip_manager import background
from vip_manager.services.neighbours import Neighbours


async def test_a_start_catches_up_with_every_channel_and_opens_no_socket(house: House) -> None:
    await house.open()
    await house.services.sweep.run()
    at = (await house.channel()).catch_up_at
    assert at is not None
    assert at > house.clock.now()
    await redeems(house, "viewer1")
    port = urlsplit(house.base).port or 0
    async with background.running(house.services, port=port, tick_seconds=0.1, sockets=False):
        await becomes_vip(house, "viewer1")
        assert (await house.control("reconnect-sockets"))["asked"] == 0


async def test_one_of_many_processes_that_come_and_go_leaves_each_channel_to_its_time(house: House) -> None:
    await house.open()
    await house.services.sweep.run()
    before = await house.channel()
    port = urlsplit(house.base).port or 0
    others = Neighbours(Door().instance("first"))
    async with background.running(house.services, port=port, tick_seconds=0, neighbours=others, sockets=False):
        await house.services.sweep.run()
    assert (await house.channel()).catch_up_at == before.catch_up_at
