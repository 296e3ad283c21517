"""What runs by the clock carries on: over a sweep that failed, a channel that hangs, a clock that is set."""

import time
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest
from structlog.testing import capture_logs

from tests.background.listening import becomes_vip, ends, hears, redeems
from tests.house import HandClock, House, until
from vip_manager import background
from vip_manager.domain.session import SessionState
from vip_manager.ports import StoreError, StoreUnavailable, TwitchUnavailable

VIPS = "/helix/channels/vips"
SECOND = "secondstreamer"
SELDOM = 3600.0


def in_background(house: House, tick_seconds: float) -> AbstractAsyncContextManager[None]:
    """All of it. The port that has to answer first is the simulator's."""
    return background.running(house.services, port=urlsplit(house.base).port or 0, tick_seconds=tick_seconds)


async def test_the_clock_ends_what_is_overdue_at_once_and_then_at_every_tick(house: House) -> None:
    await house.open(hours=1)
    await house.redeem("viewer1")
    house.clock.jump(2)
    async with in_background(house, 0.1):
        await ends(house, "viewer1")
        await redeems(house, "viewer2")
        await becomes_vip(house, "viewer2")
        house.clock.jump(2)
        await ends(house, "viewer2")


async def test_the_clock_goes_on_after_a_sweep_that_failed(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    await house.open(hours=1)
    await house.redeem("viewer1")
    house.clock.jump(2)
    run = house.services.sweep.run
    errors: list[Exception] = [StoreUnavailable("database is locked"), KeyError("a fault of this program")]

    async def unsteady() -> object:
        if errors:
            raise errors.pop()
        return await run()

    monkeypatch.setattr(house.services.sweep, "run", unsteady)
    async with in_background(house, 0.1):
        await ends(house, "viewer1")
    assert not errors


async def test_the_clock_goes_on_where_the_channels_can_not_be_listed(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.open(hours=1)
    await house.redeem("viewer1")
    house.clock.jump(2)
    every = house.services.store.channels.all
    refusals = 0

    async def damaged() -> object:
        nonlocal refusals
        refusals += 1
        raise StoreError("database disk image is malformed")

    async def refused() -> bool:
        return refusals > 3

    monkeypatch.setattr(house.services.store.channels, "all", damaged)
    async with in_background(house, 0.1):
        await until(refused, "the store to be asked")
        monkeypatch.setattr(house.services.store.channels, "all", every)
        await ends(house, "viewer1")
        await hears(house)


async def test_a_background_that_ended_is_said_when_it_ends(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(listeners: background.Listeners) -> None:
        raise KeyError("a fault of this program")

    monkeypatch.setattr(background.Listeners, "run", broken)
    running = in_background(house, SELDOM)
    with capture_logs() as lines:
        await running.__aenter__()

        async def said() -> bool:
            return any(line["event"] == "the background has ended" for line in lines)

        await until(said, "the log to say it")
    with pytest.raises(ExceptionGroup):
        await running.__aexit__(None, None, None)


async def test_a_channel_that_hangs_does_not_stop_the_clock_for_the_others(house: House) -> None:
    await house.open(hours=1)
    await house.open(hours=1, login=SECOND)
    await house.redeem("viewer1")
    house.clock.jump(0.5)
    await house.redeem("viewer2", SECOND)
    await house.fault("DELETE", VIPS, "silence", broadcaster="1001")
    house.clock.jump(0.51)
    async with in_background(house, 0.1):
        await house.held()
        house.clock.jump(1)
        await ends(house, "viewer2", SECOND)
        assert any(rule["holding"] for rule in await house.faults())
        await house.heal_twitch()


@pytest.mark.parametrize("seconds", [-7200, 7200])
async def test_a_clock_that_is_set_makes_every_job_due(
    house: House, monkeypatch: pytest.MonkeyPatch, seconds: float
) -> None:
    await house.open(hours=1)
    await house.redeem("viewer1")
    on_the_wall = SimpleNamespace(time=time.time, monotonic=time.monotonic)
    monkeypatch.setattr(background, "time", on_the_wall)
    async with in_background(house, SELDOM):
        await hears(house)
        house.clock.jump(2)
        on_the_wall.time = lambda: time.time() + seconds
        await ends(house, "viewer1")


async def test_what_was_put_off_by_a_wrong_clock_is_due_when_it_is_set_right(
    house: House, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.open(hours=1)
    on_the_wall = SimpleNamespace(time=time.time, monotonic=time.monotonic)
    monkeypatch.setattr(background, "time", on_the_wall)
    clock.wrong = timedelta(days=2)
    waiting = await house.redeem("viewer1")
    assert waiting.retry.next_at
    clock.wrong = timedelta()
    assert waiting.retry.next_at > clock.now() + timedelta(days=1)
    await house.services.sweep.run()
    assert "viewer1" not in await house.vips()
    async with in_background(house, SELDOM):
        await hears(house)
        on_the_wall.time = lambda: time.time() - 2 * 86_400
        await becomes_vip(house, "viewer1")


async def test_a_small_correction_of_the_clock_is_none_of_our_business(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    readings = 0

    def a_second_off() -> float:
        nonlocal readings
        readings += 1
        return time.time() + (1 if readings > 1 else 0)

    monkeypatch.setattr(background, "time", SimpleNamespace(time=a_second_off, monotonic=time.monotonic))
    resumed: list[object] = []

    async def resume_all() -> None:
        resumed.append(None)

    monkeypatch.setattr(house.services.reconcile, "resume_all", resume_all)
    async with in_background(house, SELDOM):

        async def read_often() -> bool:
            return readings > 5

        await until(read_often, "the clock to be read")
    assert not resumed


async def test_sign_ins_that_are_over_are_forgotten_by_the_hour(house: House) -> None:
    streamer = await house.connect()
    cookie = await house.services.access.sign_in(streamer.id)
    person = await house.services.access.person(f"vip={cookie}")
    assert person
    await house.services.access.sign_out(f"vip={cookie}")
    async with in_background(house, SELDOM):

        async def forgotten() -> bool:
            return await house.services.store.accounts.sign_in(person.sign_in_id) is None

        await until(forgotten, "the sign-in to be forgotten")


async def test_streamers_allowed_by_login_are_found_when_twitch_answers_again(twitch_base: str, tmp_path: Path) -> None:
    house = House(twitch_base, tmp_path / "data", HandClock(), {"ALLOWED_CHANNELS": "streamer"})
    await house.start()
    try:
        await house.fault("POST", "/oauth2/token", "status", status=503)
        with pytest.raises(TwitchUnavailable):
            await house.services.accounts.resolve_allowed()
        assert (await house.connect()).connected
    finally:
        await house.close()


async def test_leaving_the_background_ends_it_in_the_middle_of_its_work(house: House) -> None:
    await house.open(hours=1)
    await house.redeem("viewer1")
    house.clock.jump(2)
    await house.fault("DELETE", VIPS, "silence")
    async with in_background(house, SELDOM):
        await house.held()
    session = await house.live("3001")
    assert session
    assert session.state is SessionState.ENDING
    await house.heal_twitch()
    await house.services.sweep.run()
    assert "viewer1" not in await house.vips()
