"""The dialog in which a streamer leaves, and what is asked for by it."""

from typing import Any

import pytest

from tests.ui.conftest import call
from tests.ui.fakes import Fakes
from vip_manager.services.leave import Farewell
from vip_manager.ui.pages.settings import leave


@pytest.mark.parametrize(
    ("farewell", "anyway"),
    [
        (Farewell(reachable=True, back=1, vips=2, rewards=1), False),
        (Farewell(reachable=True, back=1, vips=2, rewards=1, drags=True), True),
        (Farewell(reachable=False, back=1, vips=2, rewards=1), True),
    ],
)
async def test_whoever_was_told_that_not_all_can_be_done_leaves_anyway(
    services: Fakes, visit: Any, monkeypatch: pytest.MonkeyPatch, farewell: Farewell, anyway: bool
) -> None:
    async def told(_: str) -> Farewell:
        return farewell

    monkeypatch.setattr(services, "farewell", told)
    page = await visit(leave.LeavePage, "vip=anna", "http://localhost:3000/dashboard/settings")
    await call(page, "weigh")
    assert page.farewell == farewell
    await call(page, "leave", {"login": "anna"})
    [begun] = [one for one in services.done if one[0] == "begin"]
    assert ("without_twitch", anyway) in begun


def test_it_says_what_stays_elsewhere() -> None:
    for part in (leave._what_happens(), leave._what_can_not(), leave._only_data()):
        assert "its team, among those hidden on its board" in str(part)


def test_it_offers_to_leave_anyway_where_twitch_drags() -> None:
    assert "Twitch has not done all of it yet" in str(leave.leave())
    assert "Twitch has not done all that was asked of it" in str(leave.leave_dialog())
