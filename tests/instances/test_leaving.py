"""A channel is left in one instance, while another sweeps, listens and looks."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from tests.background.listening import hears, listening
from tests.house import House, until
from vip_manager import background
from vip_manager.domain.redemption import RedemptionState
from vip_manager.ports import TwitchStatus

REWARDS = "/channel_points/custom_rewards"
WITHOUT_NAMES = frozenset({"leases", "revisions"})
"""Bare numbers under the channel's id: an instance that tells of its last change a moment later makes one again."""


async def found(house: House) -> set[str]:
    """The collections in which something lies of the channel, or of those who were VIP there."""
    client = house.services.store._calls.client  # type: ignore[attr-defined]
    every = [one async for collection in client.collections() async for one in collection.stream()]
    of_channel = {one.reference.parent.id for one in every if "1001" in one.id or "1001" in str(one.to_dict())}
    of_viewers = {one.reference.parent.id for one in every if "300" in str(one.to_dict()) or "viewer" in one.id}
    return (of_channel - WITHOUT_NAMES) | of_viewers


async def rewards(house: House) -> list[Any]:
    return [one["rewards"] for one in (await house.world())["channels"] if one["login"] == "streamer"]


@pytest.mark.parametrize("deletes", [False, True])
async def test_leaving_in_one_while_the_other_sweeps(pair: tuple[House, House], deletes: bool) -> None:
    first, second = pair
    streamer = await first.open(hours=24)
    await first.redeem("viewer1")
    await first.services.gift.by_hand(streamer, "1001", "viewer2", 5, "gift-1")
    await first.rules(approval=True)
    waits, unheard = await first.redeem("viewer3"), await first.redeemed("viewer4")
    await first.fault("PATCH", REWARDS, "pass", hold=True)
    await first.services.departure.begin(streamer, "1001", "streamer", delete_data=deletes)
    await first.held()
    await second.services.sweep.run()
    assert not (await second.channel()).left
    await first.heal_twitch()

    async def done() -> bool:
        await second.services.sweep.run()
        channel = await second.services.store.channels.get("1001")
        account = await second.services.store.accounts.get("1001")
        return (account is None or account.tokens is None) and (channel is None if deletes else bool(channel))

    await until(done, "the channel to be left", 30)
    assert await first.services.departure.go_on("1001"), "nothing is under way any more"
    assert await first.vips() == {"permanentvip", "viewer1", "viewer2"}
    assert await rewards(first) == [[]]
    for redemption_id in (waits.id, unheard.id):
        assert await first.on_twitch(redemption_id) is TwitchStatus.CANCELED
    assert await second.services.store.sessions.live("1001") == []
    assert not (await second.services.board.public("1001")).known
    if deletes:
        assert await found(second) == set()
    await second.open()
    assert (await second.redeem("viewer5")).state in (RedemptionState.FULFILLED, RedemptionState.HELD)


async def test_the_other_listens_no_more_to_a_channel_that_is_deleted(
    pair: tuple[House, House], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(background, "LOOK_FOR_OTHERS", timedelta(seconds=0.2))
    first, second = pair
    streamer = await first.open()
    every, looks = second.services.store.channels.all, asyncio.Event()
    looks.set()

    async def when_all_is_over() -> object:
        await looks.wait()
        return await every()

    monkeypatch.setattr(second.services.store.channels, "all", when_all_is_over)
    async with listening(second):
        await hears(second)
        looks.clear()
        # Twitch takes its time to end what the tokens were for.
        await first.fault("POST", "/oauth2/revoke", "status", status=200, times=-1)
        await first.services.departure.begin(streamer, "1001", "streamer", delete_data=True)

        async def gone() -> bool:
            return await first.services.store.channels.get("1001") is None

        async def silent() -> bool:
            return ("eventsub", "1001") not in second.services.turns._locks

        await until(gone, "the channel to be deleted", 30)
        looks.set()
        await until(silent, "the other one to stop listening")
