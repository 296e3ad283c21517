"""What runs without being asked carries on: over a store's hiccup, an unreadable record, a clock that is set."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest

from tests.house import HandClock, House, Serve, one_server, until
from tests.listening import becomes_vip, ends, hears, listening, redeems
from vip_manager import background
from vip_manager.domain.account import Account
from vip_manager.domain.session import SessionState
from vip_manager.ports import StoreUnavailable, TwitchUnavailable, VipHint
from vip_manager.services.connections import Hearing
from vip_manager.simulator.app import create_simulator
from vip_manager.simulator.world import World

VIPS = "/helix/channels/vips"
SECOND = "secondstreamer"
SELDOM = 3600.0


@pytest.fixture(scope="module")
def serve() -> Iterator[Serve]:
    with one_server() as serve:
        yield serve


@pytest.fixture
def twitch_base(serve: Serve) -> str:
    return serve(create_simulator(World()))


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
async def house(twitch_base: str, tmp_path: Path, clock: HandClock) -> AsyncIterator[House]:
    house = House(twitch_base, tmp_path / "data", clock)
    await house.start()
    try:
        yield house
    finally:
        await house.close()


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background, "LISTEN_AGAIN_AFTER", timedelta(milliseconds=20))
    monkeypatch.setattr(background, "CLOCK_POLL", timedelta(milliseconds=5))


def in_background(house: House, tick_seconds: float) -> AbstractAsyncContextManager[None]:
    """All of it. The port that has to answer first is the simulator's."""
    return background.running(house.services, port=urlsplit(house.base).port or 0, tick_seconds=tick_seconds)


async def test_a_redemption_on_twitch_becomes_vip(house: House) -> None:
    await house.open()
    async with listening(house):
        await hears(house)
        await redeems(house, "viewer1")
        await becomes_vip(house, "viewer1")


async def test_what_happened_before_anybody_listened_is_caught_up(house: House) -> None:
    await house.open()
    await redeems(house, "viewer1")
    async with listening(house):
        await becomes_vip(house, "viewer1")


async def test_a_removal_by_hand_a_moment_after_the_grant_ends_the_claim(house: House) -> None:
    await house.open(hours=1)
    await house.redeem("viewer1")
    async with listening(house):
        await hears(house)
        await house.control("vip", channel="streamer", viewer="viewer1", vip=False)

        async def lost() -> bool:
            return await house.live("3001") is None

        await until(lost, "the claim to end")
        await house.control("vip", channel="streamer", viewer="viewer1", vip=True)
    house.clock.jump(2)
    await house.services.sweep.run()
    assert "viewer1" in await house.vips()


async def test_listeners_survive_a_hiccup_of_the_store_and_make_it_good(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.open()
    await house.open(login=SECOND)
    hiccups = 0
    get = house.services.store.accounts.get

    async def unsteady(user_id: str) -> Account | None:
        nonlocal hiccups
        if user_id == "1002" and hiccups < 3:
            hiccups += 1
            raise StoreUnavailable("database is locked")
        return await get(user_id)

    monkeypatch.setattr(house.services.store.accounts, "get", unsteady)
    async with listening(house) as task:
        await hears(house)
        await hears(house, "1002")
        assert (hiccups, task.done()) == (3, False)
        await redeems(house, "viewer1")
        await becomes_vip(house, "viewer1")


async def test_listeners_wait_for_a_store_that_is_out_of_reach_at_the_start(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.open()
    tries = 0
    every = house.services.store.channels.all

    async def late() -> object:
        nonlocal tries
        tries += 1
        if tries < 3:
            raise StoreUnavailable("database is locked")
        return await every()

    monkeypatch.setattr(house.services.store.channels, "all", late)
    async with listening(house):
        await hears(house)
    assert tries == 3


async def test_an_unreadable_account_does_not_keep_the_others_from_being_heard(house: House) -> None:
    await house.open()
    await house.open(login=SECOND)
    house.poison("users", "1001", "expiresAt", 5)
    async with listening(house) as task:
        await hears(house, "1002")
        house.services.changes.announce("1001")
        await redeems(house, "viewer1", SECOND)
        await becomes_vip(house, "viewer1", SECOND)
        assert not task.done()


async def test_a_listener_that_failed_listens_again(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    await house.open()
    receive = house.services.intake.receive
    failures = 0

    async def failing(told: object) -> bool:
        nonlocal failures
        if failures == 0:
            failures += 1
            raise KeyError("once")
        return await receive(told)  # type: ignore[arg-type]

    async with listening(house):
        await hears(house)
        monkeypatch.setattr(house.services.intake, "receive", failing)
        await redeems(house, "viewer1")
        await becomes_vip(house, "viewer1")
    assert failures == 1


async def test_a_follow_up_that_fails_does_not_stop_the_listening(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.open()
    grant = house.services.grant.redemption
    failed: list[str] = []

    async def failing(redemption_id: str) -> object:
        if not failed:
            failed.append(redemption_id)
            raise KeyError(redemption_id)
        return await grant(redemption_id)

    async with listening(house):
        await hears(house)
        monkeypatch.setattr(house.services.grant, "redemption", failing)
        await redeems(house, "viewer1")

        async def has_failed() -> bool:
            return bool(failed)

        await until(has_failed, "the follow-up to fail")
        await redeems(house, "viewer2")
        await becomes_vip(house, "viewer2")
        assert house.services.connections.of("1001").hearing is Hearing.LIVE


async def test_a_look_that_failed_makes_a_catch_up_due(house: House) -> None:
    await house.open(hours=24)
    await house.redeem("viewer1")
    async with listening(house):
        await hears(house)
        await house.fault("GET", VIPS, "status", status=500)
        await house.control("vip", channel="streamer", viewer="viewer1", vip=False)

        async def due() -> bool:
            at = (await house.channel()).catch_up_at
            return at is not None and at <= house.clock.now()

        await until(due, "a catch-up to be due")
    assert await house.live("3001")
    # Right after the grant the list may lag; a minute later it says what is true.
    await house.services.sweep.run()
    house.clock.jump(1.1 / 60)
    await house.services.sweep.run()
    assert await house.live("3001") is None


async def test_a_hint_that_the_store_could_not_take_makes_a_catch_up_due(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.open()
    await house.services.sweep.run()

    async def look(channel_id: str, user_id: str, removed_at: datetime | None = None) -> None:
        raise StoreUnavailable("database is locked")

    async def events(channel_id: str) -> AsyncIterator[object]:
        yield VipHint(channel_id, "3001")
        await asyncio.Event().wait()

    monkeypatch.setattr(house.services.reconcile, "look", look)
    monkeypatch.setattr(house.services.twitch, "events", events)

    async def due() -> bool:
        at = (await house.channel()).catch_up_at
        return at is not None and at <= house.clock.now()

    async with listening(house):
        await until(due, "a catch-up to be due")


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


async def test_hourly_work_goes_on_where_a_part_of_it_fails(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    streamer = await house.connect()
    cookie = await house.services.access.sign_in(streamer.id)
    await house.services.access.sign_out(f"vip={cookie}")
    done = []
    forget, validate = house.services.access.sweep, house.services.accounts.validate_all

    async def resolve_allowed() -> None:
        raise TwitchUnavailable("silence")

    async def validate_all() -> None:
        await validate()
        done.append("validated")

    async def sweep() -> int:
        forgotten = await forget()
        done.append("forgotten")
        return forgotten

    monkeypatch.setattr(house.services.accounts, "resolve_allowed", resolve_allowed)
    monkeypatch.setattr(house.services.accounts, "validate_all", validate_all)
    monkeypatch.setattr(house.services.access, "sweep", sweep)
    async with in_background(house, SELDOM):

        async def all_done() -> bool:
            return done == ["validated", "forgotten"]

        await until(all_done, "the hourly work to be done")


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
