"""kill -9 in the middle of a grant and of an expiry; the next start carries on rightly.

Twitch is a simulator in this process, so it outlives the product, and holds the very request at which the product dies:
after its effect, with the answer not sent. Deaths before an effect, and at all other steps, are in test_matrix.py.
"""

from pathlib import Path

import pytest

from tests.crash.books import read_books
from tests.crash.conftest import Twitch
from tests.house import House
from tests.house import until as wait_until
from tests.product import Product, until
from vip_manager.domain.redemption import RedemptionState
from vip_manager.domain.session import SessionState

VIPS = "/helix/channels/vips"
REDEMPTIONS = "/helix/channel_points/custom_rewards/redemptions"
AFTER_THE_EFFECT = {"do": "lose_answer", "then": "hold"}


async def _die_at(
    house: House,
    product: Product,
    twitch: Twitch,
    step: tuple[str, str],
    *,
    hours: float = 24,
    viewer: str = "viewer1",
) -> None:
    """A viewer redeems in a channel that was opened before; the product dies while Twitch holds that request of it, and
    is started again."""
    await house.start()
    await house.open(hours)
    await house.leave()
    product.start()
    until(lambda: twitch.look("world")["sockets"] == 1, "the product listens")
    method, path = step
    twitch.control("faults", method=method, path=path, **AFTER_THE_EFFECT)
    twitch.control("redeem", channel="streamer", viewer=viewer)
    until(twitch.holds, "Twitch holds the request")
    product.kill()
    twitch.heal()
    product.start()


@pytest.mark.parametrize("step", [("POST", VIPS), ("PATCH", REDEMPTIONS)], ids=["add", "fulfil"])
async def test_killed_in_the_middle_of_a_grant(
    house: House, product: Product, twitch: Twitch, step: tuple[str, str], tmp_path: Path
) -> None:
    await _die_at(house, product, twitch, step)
    until(lambda: bool(read_books(tmp_path / "data", "3001").lines("fulfilled")), "that it is settled is written down")
    assert twitch.redemption()["status"] == "FULFILLED"
    assert twitch.redemption()["times_settled"] == 1
    assert twitch.badge("viewer1") == {"added": 1, "removed": 0, "vip_now": True}
    assert product.stop() == 0
    await house.start()
    session = await house.live("3001")
    assert session is not None
    assert session.state is SessionState.ACTIVE
    assert [credit.hours for credit in session.credits] == [24]
    redemption = await house.services.store.redemptions.get(twitch.redemption()["id"])
    assert redemption is not None
    assert redemption.state is RedemptionState.FULFILLED


async def test_killed_in_the_middle_of_an_expiry(
    house: House, product: Product, twitch: Twitch, tmp_path: Path
) -> None:
    await _die_at(house, product, twitch, ("DELETE", VIPS), hours=0.0003)
    until(lambda: bool(read_books(tmp_path / "data", "3001").lines("ended")), "the end is written down")
    assert twitch.badge("viewer1") == {"added": 1, "removed": 1, "vip_now": False}
    assert product.stop() == 0
    await house.start()
    assert await house.live("3001") is None
    assert (await house.actions()).count("ended") == 1
    assert twitch.look("audit")["foreign_vips_removed_by_api"] == []


async def test_killed_in_the_middle_of_a_refund(house: House, product: Product, twitch: Twitch) -> None:
    await _die_at(house, product, twitch, ("PATCH", REDEMPTIONS), viewer="mod")
    until(lambda: twitch.redemption()["status"] == "CANCELED", "the points are back")
    assert twitch.redemption()["times_settled"] == 1

    async def settled() -> bool:
        redemption = await house.services.store.redemptions.get(twitch.redemption()["id"])
        return redemption is not None and redemption.state is RedemptionState.CANCELED

    await house.start()
    await wait_until(settled, "the refund is written down")
    assert (await house.actions()).count("refunded") == 1
