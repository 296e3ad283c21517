"""A house that listens to Twitch in the background, and what to wait for there."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

from tests.house import House, until
from vip_manager import background
from vip_manager.ports import TwitchStatus
from vip_manager.services.connections import Hearing
from vip_manager.services.reconcile import UNHEARD_OF_AFTER


@asynccontextmanager
async def listening(house: House) -> AsyncIterator[asyncio.Task[None]]:
    task = asyncio.create_task(background.Listeners(house.services).run())
    try:
        yield task
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def hears(house: House, channel_id: str = "1001") -> None:
    """Until Twitch is listened to, and what went before is caught up."""

    async def live() -> bool:
        channel = await house.channel(channel_id)
        heard = house.services.connections.of(channel_id).hearing is Hearing.LIVE
        after_this = house.clock.now() + UNHEARD_OF_AFTER
        return heard and channel.catch_up_at is not None and channel.catch_up_at > after_this

    await until(live, f"channel {channel_id} to be heard")


async def becomes_vip(house: House, viewer: str, channel: str = "streamer") -> None:
    async def vip() -> bool:
        return viewer in await house.vips(channel)

    await until(vip, f"{viewer} to become VIP")


async def ends(house: House, viewer: str, channel: str = "streamer") -> None:
    async def gone() -> bool:
        return viewer not in await house.vips(channel)

    await until(gone, f"the VIP of {viewer} to end")


async def redeems(house: House, viewer: str, channel: str = "streamer") -> None:
    await house.control("redeem", channel=channel, viewer=viewer)


def shows(house: House, connection: str) -> Callable[[], Awaitable[bool]]:
    """Whether the streamer's page says so of the connection to Twitch."""

    async def shown() -> bool:
        return (await house.services.board.staff("1001")).connection == connection

    return shown


async def deaf(house: House) -> None:
    await until(shows(house, "connecting"), "the page to say that nothing is heard")


async def counted_once(house: House, *redemption_ids: str) -> None:
    """Until each is FULFILLED; then each has its hours on a session, once."""

    async def fulfilled() -> bool:
        return all([await house.on_twitch(one) is TwitchStatus.FULFILLED for one in redemption_ids])

    await until(fulfilled, "all redemptions to be settled")
    credits = Counter(
        credit.id for session in await house.services.store.sessions.live("1001") for credit in session.credits
    )
    assert {one: credits[one] for one in redemption_ids} == dict.fromkeys(redemption_ids, 1)
    audit = await house.audit()
    assert all(one["times_settled"] <= 1 for one in audit["redemptions"])
