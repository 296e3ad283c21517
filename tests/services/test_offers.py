"""What the staff is told of each reward: what it does right now, and that it is gone."""

from datetime import UTC, datetime

import pytest

from tests.house import House
from vip_manager.domain.audit import Action, AuditEntry
from vip_manager.domain.prospect import Prospect
from vip_manager.domain.rules import VipClock, WhenFull
from vip_manager.services.offers import lost_title

AT = datetime(2026, 3, 1, tzinfo=UTC)


def lines(*actions: Action) -> list[AuditEntry]:
    return [AuditEntry(str(n), "1", AT, action, detail={"reward": f"VIP {n}"}) for n, action in enumerate(actions)]


@pytest.mark.parametrize(
    ("latest_first", "title"),
    [
        ((), ""),
        ((Action.REWARD_LOST,), "VIP 0"),
        ((Action.GRANTED, Action.REWARD_LOST, Action.REWARD_CREATED), "VIP 1"),
        ((Action.REWARD_CREATED, Action.REWARD_LOST), ""),
        ((Action.REWARD_DELETED, Action.REWARD_LOST), ""),
    ],
)
def test_a_reward_is_lost_until_another_comes_or_goes(latest_first: tuple[Action, ...], title: str) -> None:
    assert lost_title(lines(*latest_first)) == title


async def test_the_picture_says_what_a_reward_does_right_now(house: House) -> None:
    streamer = await house.open()

    async def comes() -> str:
        (tier,) = (await house.services.board.staff(streamer.id)).tiers
        return tier.comes

    assert await comes() == Prospect.GRANT
    await house.rules(when_full=WhenFull.WAIT, seats=1)
    assert await comes() == Prospect.GRANT
    house.services.connections.saw_vips(streamer.id, frozenset({"permanent"}))
    assert await comes() == Prospect.WAIT
    await house.rules(clock=VipClock.STREAM)
    assert await comes() == Prospect.NOT_LIVE
    await house.services.channels.turn(streamer, streamer.id, False)
    assert await comes() == Prospect.OFF
