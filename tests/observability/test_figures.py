"""What is counted is what was committed, in either store: no more where a commit was refused, no less after a retry."""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.house import HandClock, House, Serve, one_server
from tests.observability.conftest import Figures
from vip_manager.ports import StoreUnavailable
from vip_manager.simulator.app import create_simulator
from vip_manager.simulator.world import World

ADD = "vip_twitch_call_duration_seconds[POST /helix/channels/vips,{}]"


@pytest.fixture(scope="module")
def serve():  # type: ignore[no-untyped-def]
    with one_server() as serve:
        yield serve


@pytest.fixture
async def house(serve: Serve, tmp_path: Path):  # type: ignore[no-untyped-def]
    house = House(serve(create_simulator(World())), tmp_path / "data", HandClock())
    await house.start()
    try:
        await house.open()
        yield house
    finally:
        await house.close()


async def test_a_vip_comes_is_extended_and_goes(house: House, figures: Figures) -> None:
    await house.redeem("viewer1")
    await house.redeem("viewer1")
    house.clock.jump(hours=49)
    await house.services.sweep.run()
    now = figures()
    assert now["vip_redemptions_total"] == 2
    assert now["vip_grants_total[granted]"] == now["vip_grants_total[extended]"] == 1
    assert now["vip_removals_total[removed]"] == 1
    assert now["vip_redemption_to_vip_seconds"] == 2
    assert now[ADD.format("ok")] == 1
    assert now["vip_sweeps_total[done]"] == now["vip_sweep_duration_seconds"] == 1
    assert now["vip_sweep_lag_seconds"] == pytest.approx(3600, abs=60)
    assert "vip_errors_total" not in now


async def test_who_is_vip_is_looked_at_with_a_sweep(house: House, figures: Figures) -> None:
    await house.redeem("viewer1")
    await house.redeem("viewer2")
    await house.services.sweep.run()
    assert figures()["vip_sessions_active"] == 2


async def test_whoever_is_vip_already_is_not_ours_and_has_the_points_back(house: House, figures: Figures) -> None:
    await house.control("vip", channel="streamer", viewer="viewer1", vip=True)
    await house.redeem("viewer1")
    now = figures()
    assert now["vip_grants_total[not_ours]"] == now["vip_refunds_total"] == 1
    assert "vip_grants_total[granted]" not in now


async def test_twitchs_troubles_have_names_and_what_never_works_is_a_dead_letter(
    house: House, figures: Figures
) -> None:
    await house.fault("POST", "/helix/channels/vips", "status", times=1, status=429)
    await house.fault("POST", "/helix/channels/vips", "status", times=20, status=400)
    await house.redeem("viewer1")
    now = figures()
    assert now[ADD.format("rate_limited")] == 1
    assert now["vip_grants_total[put_off]"] == 1
    house.clock.jump(hours=1)
    await house.services.sweep.run()
    assert figures()[ADD.format("refused")] >= 1


async def test_a_dead_token_is_counted_once(house: House, figures: Figures) -> None:
    await house.control("disconnect", user="streamer")
    await house.redeem("viewer1")
    await house.services.sweep.run()
    assert figures()["vip_twitch_token_failures_total"] == 1


async def test_a_sweep_that_could_not_be_done_is_one_that_failed(
    house: House, figures: Figures, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def out_of_reach(*_: object) -> object:
        raise StoreUnavailable("out of reach")

    monkeypatch.setattr(house.services.store.sessions, "due", out_of_reach)
    with pytest.raises(StoreUnavailable):
        await house.services.sweep.run()
    assert figures()["vip_sweeps_total[failed]"] == 1


async def test_a_refused_commit_counts_nothing(house: House, figures: Figures) -> None:
    told = await house.redeemed("viewer1")
    assert await house.services.intake.receive(told)
    assert not await house.services.intake.receive(told)
    assert figures()["vip_redemptions_total"] == 1
    assert house.clock.ahead == timedelta()
