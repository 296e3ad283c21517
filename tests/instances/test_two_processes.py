"""Promises 1 to 5 with two processes at work, one of which is killed in the middle."""

import asyncio
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

from tests.instances.conftest import CHANNELS, HOURS, Fleet, Scheduler, until
from vip_manager.domain.books import Books
from vip_manager.domain.redemption import RedemptionState
from vip_manager.domain.session import SessionState
from vip_manager.services.verify import Verify
from vip_manager.simulator.moments import from_rfc3339

VIEWERS = [f"viewer{number}" for number in range(1, 10)]


def subscribed(fleet: Fleet) -> bool:
    return all(one.status == "enabled" for one in subscriptions(fleet)) and len(subscriptions(fleet)) == 16


def subscriptions(fleet: Fleet) -> list[Any]:
    return list(fleet.sim.world.webhooks.values())


def redeem(fleet: Fleet, pairs: list[tuple[str, str]]) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda pair: fleet.control("redeem", channel=pair[0], viewer=pair[1]), pairs))


def settled(fleet: Fleet) -> bool:
    return bool(fleet.audit()["open"] == 0)


def nobody_is_vip_by_us(fleet: Fleet) -> bool:
    return not any(fleet.audit()["vips_by_api_now"].values())


def books(fleet: Fleet) -> tuple[Books, list[str]]:
    """What is stored, and what is wrong with it."""

    async def read() -> tuple[Books, list[str]]:
        house = fleet.house()
        await house.start()
        try:
            store: Any = house.services.store
            found = (await Verify(store, store, house.clock).run()).left
            return await store.books(), [f"{one.place}: {one.problem}" for one in found]
        finally:
            await house.close()

    return asyncio.run(read())


def judged(fleet: Fleet) -> None:
    """When all is calm again."""
    audit = fleet.audit()
    assert audit["verdict"] == {"ok": True, "problems": []}
    stored, wrong = books(fleet)
    assert wrong == []
    credits = Counter(credit.id for session in stored.sessions if session.granted_at for credit in session.credits)
    by_id = {redemption.id: redemption for redemption in stored.redemptions}
    for one in audit["redemptions"]:
        assert one["status"] == "FULFILLED", one
        assert credits[one["id"]] == 1, one
        assert by_id[one["id"]].state is RedemptionState.FULFILLED
    assert len(credits) == len(audit["redemptions"])
    assert {session.state for session in stored.sessions} == {SessionState.ENDED}
    for session in stored.sessions:
        assert session.granted_at
        assert session.expires_at
        hours = sum(credit.hours for credit in session.credits)
        assert session.expires_at - session.granted_at >= timedelta(hours=hours) - timedelta(seconds=1)
        assert _taken_at(fleet, session.channel_id, session.user_id) >= session.expires_at - timedelta(seconds=1)


def _taken_at(fleet: Fleet, channel_id: str, user_id: str) -> datetime:
    """When the badge went for the last time."""
    changes = fleet.sim.world.channels[channel_id].vip_changes
    return max(from_rfc3339(one.at) for one in changes if one.user_id == user_id and not one.added)


def test_with_load_on_both_and_one_killed_nothing_is_lost_and_nothing_done_twice(fleet: Fleet) -> None:
    fleet.open(*CHANNELS)
    for instance in fleet.instances:
        instance.start()
    first = fleet.instances[0]
    pairs = [(channel, viewer) for _ in range(2) for viewer in VIEWERS for channel in CHANNELS]
    with Scheduler(fleet.address) as scheduler:
        until(lambda: subscribed(fleet), "all subscriptions to be enabled", 30, fleet)
        redeem(fleet, pairs[:12])
        first.kill()
        redeem(fleet, pairs[12:24])
        first.start()
        redeem(fleet, pairs[24:])
        recovered = until(lambda: settled(fleet), "all redemptions to be settled", 90, fleet)
        until(lambda: nobody_is_vip_by_us(fleet), "all VIPs to end", 90, fleet)
        print(f"settled {recovered:.1f} s after the last redemption, one instance killed before")
        until(lambda: scheduler.reports[-1]["remaining"] == 0, "nothing to remain", 10, fleet)
    assert set(scheduler.statuses) == {200}
    judged(fleet)
    assert HOURS > 0
