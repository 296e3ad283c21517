"""SIGTERM in the middle of a grant, while Twitch takes its time and a page is open: as systemd, Docker and Cloud Run
stop a program. It ends by itself well before they lose patience, and nothing is lost or done twice."""

import signal
from pathlib import Path

import pytest
from websockets.sync.client import connect

from tests.crash.books import read_books
from tests.crash.conftest import Twitch
from tests.house import House
from tests.patience import Patience
from tests.product import Product, until
from vip_manager.domain.redemption import RedemptionState

PATIENCE_OF_OTHERS = 8.0
TWITCH_TAKES = 1.0


@pytest.mark.parametrize(
    "step",
    [("POST", "/helix/channels/vips"), ("PATCH", "/helix/channel_points/custom_rewards/redemptions")],
    ids=["add", "fulfil"],
)
async def test_told_to_stop_in_the_middle_of_a_grant(
    house: House, product: Product, twitch: Twitch, step: tuple[str, str], tmp_path: Path
) -> None:
    await house.start()
    await house.open(24)
    await house.leave()
    product.start()
    until(lambda: twitch.look("world")["sockets"] == 1, "the product listens")
    method, path = step
    twitch.control("faults", method=method, path=path, do="delay", seconds=TWITCH_TAKES)
    with connect(f"ws://localhost:{product.port}/_event/?token=stopping&EIO=4&transport=websocket", proxy=None) as page:
        assert str(page.recv()).startswith("0{")
        twitch.control("redeem", channel="streamer", viewer="viewer1")
        until(lambda: twitch.look("faults")["faults"][0]["hits"] == 1, "Twitch has the request")
        patience = Patience(PATIENCE_OF_OTHERS)
        assert product.stop(signal.SIGTERM) == 0
        assert not patience.over
    assert "Traceback" not in product.output.read_text()
    product.start()
    until(lambda: bool(read_books(tmp_path / "data", "3001").lines("fulfilled")), "that it is settled is written down")
    assert product.stop(signal.SIGTERM) == 0
    assert twitch.redemption()["status"] == "FULFILLED"
    assert twitch.redemption()["times_settled"] == 1
    assert twitch.badge("viewer1") == {"added": 1, "removed": 0, "vip_now": True}
    await house.start()
    session = await house.live("3001")
    assert session is not None
    assert [credit.hours for credit in session.credits] == [24]
    redemption = await house.services.store.redemptions.get(twitch.redemption()["id"])
    assert redemption is not None
    assert redemption.state is RedemptionState.FULFILLED
