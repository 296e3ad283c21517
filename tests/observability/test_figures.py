"""What is counted is what was committed, in either store: no more where a commit was refused, no less after a retry."""

from collections.abc import AsyncGenerator
from contextlib import nullcontext
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from starlette.types import Message, Receive, Scope, Send

from tests.house import HandClock, House, Serve
from tests.observability.conftest import Figures
from tests.store.records import T0
from tests.store.records import redemption as a_redemption
from vip_manager.domain.audit import Action
from vip_manager.domain.redemption import RedemptionState
from vip_manager.domain.session import VipSession
from vip_manager.ports import StoreUnavailable
from vip_manager.services.journal import about_redemption
from vip_manager.simulator.app import create_simulator
from vip_manager.simulator.world import World
from vip_manager.store.tally import tally
from vip_manager.twitch.http import _outcome
from vip_manager.web.edge import Edge

ADD = "vip_twitch_call_duration_seconds[POST /helix/channels/vips,{}]"


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


@pytest.mark.parametrize(("held_at", "counted"), [(None, 1), (T0, 0)])
async def test_what_waited_for_a_yes_is_not_late(figures: Figures, held_at: datetime | None, counted: int) -> None:
    redemption = replace(a_redemption("r1"), state=RedemptionState.GRANTED, held_at=held_at)
    tally([redemption, about_redemption(redemption, T0, Action.GRANTED)])
    assert figures().get("vip_redemption_to_vip_seconds", 0) == counted
    assert figures()["vip_grants_total[granted]"] == 1


@pytest.mark.parametrize(
    ("status", "outcome"), [(204, "ok"), (401, "unauthorized"), (410, "refused"), (502, "unavailable")]
)
def test_an_answer_of_twitch_has_one_outcome(status: int, outcome: str) -> None:
    assert _outcome(status) == outcome


@pytest.mark.parametrize(("breaks", "status"), [(False, "499"), (True, "500")])
async def test_whoever_goes_away_is_no_error_of_ours(figures: Figures, breaks: bool, status: str) -> None:
    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        raise RuntimeError("a fault")

    async def gone() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        raise AssertionError(message)

    headers = [] if breaks else [(b"content-length", b"100")]
    scope = {"type": "http", "method": "POST", "path": "/api/eventsub", "headers": headers, "client": ("10.0.0.1", 1)}
    with pytest.raises(RuntimeError) if breaks else nullcontext():
        await Edge(broken)(scope, gone, send)
    assert figures()[f"http_server_request_duration_seconds[POST,/api,{status}]"] == 1


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
    async def out_of_reach(*_: object) -> AsyncGenerator[VipSession, None]:
        found: list[VipSession] = []
        for one in found:
            yield one
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
