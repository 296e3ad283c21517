"""A channel whose seats are all taken, and who wants one takes somebody's."""

from tests.house import House
from vip_manager.domain.rules import WhenFull
from vip_manager.domain.session import VipSession
from vip_manager.services.access import Person


async def session(house: House, viewer_id: str) -> VipSession:
    live = await house.live(viewer_id)
    assert live
    return live


async def full(house: House, *, protected: float = 1.0, wait: float = 2.0) -> Person:
    """Three seats: a permanent VIP's, viewer1's with ten hours, viewer2's with 24; both have had them for a while."""
    streamer = await house.open(hours=24)
    await house.rules(when_full=WhenFull.TAKE_SEAT, protected_hours=protected)
    await house.control("channel", channel="streamer", capacity=3)
    await house.services.gift.by_hand(streamer, streamer.id, "viewer1", 10 + wait, "gift-1")
    await house.redeem("viewer2")
    house.clock.jump(wait)
    return streamer
