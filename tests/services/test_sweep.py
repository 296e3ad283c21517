"""One round of what is due: what it counts, and how little one's trouble matters to the others."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress
from datetime import datetime, timedelta

import pytest
from structlog.testing import capture_logs

from tests.house import HandClock, House, until
from vip_manager.domain.reasons import Trouble
from vip_manager.domain.redemption import RedemptionState
from vip_manager.domain.session import SessionState, VipSession
from vip_manager.ports import NotVip, StoreUnavailable, Taken, TwitchStatus
from vip_manager.services import sweep
from vip_manager.simulator.world import World

VIPS = "/helix/channels/vips"
SECOND = "secondstreamer"


async def vip_in_both(house: House, hours: float = 1) -> None:
    """viewer1 is VIP of the first streamer, viewer2 of the second, for the same time."""
    await house.open(hours=hours)
    await house.open(hours=hours, login=SECOND)
    await house.redeem("viewer1")
    await house.redeem("viewer2", SECOND)


async def ends(house: House, viewer: str, login: str) -> None:
    async def gone() -> bool:
        return viewer not in await house.vips(login)

    await until(gone, f"the VIP of {viewer} to end", seconds=5)


async def test_a_sweep_counts_what_it_did(house: House) -> None:
    await vip_in_both(house)
    await house.redeem("viewer3")
    house.clock.jump(2)
    for viewer in ("viewer4", "viewer5", "mod"):
        await house.redeemed(viewer)
    await house.fault("DELETE", VIPS, "status", status=503, broadcaster="1002")
    report = await house.services.sweep.run()
    assert (report.expired, report.failed, report.remaining) == (2, 1, 0)
    assert (report.recovered, report.refunded) == (3, 1)
    assert report.duration_ms > 0


async def test_a_sweep_with_nothing_to_do_counts_nothing(house: House) -> None:
    await house.open()
    await house.services.sweep.run()
    report = await house.services.sweep.run()
    assert (report.expired, report.failed, report.remaining, report.recovered, report.refunded) == (0, 0, 0, 0, 0)


async def test_what_a_sweep_has_no_time_for_remains_and_is_left_to_the_next(house: House) -> None:
    await house.open(hours=1)
    await house.redeem("viewer1")
    house.clock.jump(2)
    await house.fault("DELETE", VIPS, "pass", hold=True)
    report = await house.services.sweep.run(seconds=0.3)
    assert (report.expired, report.failed, report.remaining) == (0, 0, 1)
    assert "viewer1" in await house.vips()
    await house.heal_twitch()
    report = await house.services.sweep.run()
    assert (report.expired, report.remaining) == (1, 0)


async def test_what_is_not_taken_up_at_once_is_in_the_same_sweep(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweep, "_SORTED_TOGETHER", 1)
    monkeypatch.setattr(sweep, "_MOST_UNDER_WAY", 2)
    await vip_in_both(house)
    await house.redeem("viewer3")
    house.clock.jump(2)
    report = await house.services.sweep.run()
    assert (report.expired, report.failed, report.remaining) == (3, 0, 0)


async def test_a_sweep_tries_each_once_where_all_are_in_trouble(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweep, "_SORTED_TOGETHER", 1)
    await vip_in_both(house)
    house.clock.jump(2)
    await house.fault("DELETE", VIPS, "status", times=-1, status=503)
    report = await house.services.sweep.run()
    assert (report.expired, report.failed, report.remaining) == (0, 2, 0)


async def test_the_many_ends_of_one_channel_keep_no_other_waiting(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its own are the longest overdue, take up all the room that there is, and Twitch takes ten in ten seconds."""
    await house.open(hours=1)
    await house.open(hours=1, login=SECOND)
    for number in range(1, 8):
        await house.redeem(f"viewer{number}")
    house.clock.jump(0.01)
    await house.redeem("viewer8", SECOND)
    house.clock.jump(2)
    for _ in range(5):
        with suppress(NotVip):
            await house.services.twitch.remove_vip("1001", "3009")
    monkeypatch.setattr(sweep, "_SORTED_TOGETHER", 7)
    monkeypatch.setattr(sweep, "_MOST_UNDER_WAY", 8)
    report = await house.services.sweep.run(seconds=2)
    assert await house.vips(SECOND) == set()
    assert (report.expired, report.failed, report.remaining) == (6, 0, 2)


async def test_what_was_read_is_done_though_the_rest_can_not_be_read(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweep, "_SORTED_TOGETHER", 1)
    await vip_in_both(house)
    house.clock.jump(2)
    sessions = house.services.store.sessions
    everything = sessions.due

    async def due(now: datetime) -> AsyncGenerator[VipSession, None]:
        async for one in everything(now):
            yield one
            raise StoreUnavailable("out of reach")

    monkeypatch.setattr(sessions, "due", due)
    with pytest.raises(StoreUnavailable):
        await house.services.sweep.run()
    assert [await house.vips(), await house.vips(SECOND)] == [{"permanentvip"}, {"viewer2"}]
    monkeypatch.undo()
    assert (await house.services.sweep.run()).expired == 1


async def test_redemptions_that_hang_keep_no_end_waiting(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweep, "_MOST_UNDER_WAY", 2)
    monkeypatch.setattr(sweep, "_SORTED_TOGETHER", 1)
    await vip_in_both(house)
    house.clock.jump(2)
    assert await house.services.intake.receive(await house.redeemed("viewer4"))
    await house.fault("POST", VIPS, "pass", hold=True)
    report = await house.services.sweep.run(seconds=1.5)
    assert (report.expired, report.failed) == (2, 0)
    await house.heal_twitch()


async def test_an_end_that_is_found_while_its_channel_is_at_something_else_goes_beside_it(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweep, "_SORTED_TOGETHER", 1)
    await vip_in_both(house)
    house.clock.jump(2)
    # Begun with before the end is found that stands second.
    assert await house.services.intake.receive(await house.redeemed("viewer4", SECOND))
    await house.fault("POST", VIPS, "pass", hold=True)
    report = await house.services.sweep.run(seconds=1.5)
    assert report.expired == 2
    assert await house.vips(SECOND) == set()
    await house.heal_twitch()


async def test_the_ends_of_a_channel_go_at_once_and_only_so_many_in_one_sweep(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweep, "_MOST_IN_A_CHANNEL", 2)
    await house.open(hours=1)
    for viewer in ("viewer1", "viewer2", "viewer3"):
        await house.redeem(viewer)
    house.clock.jump(2)
    await house.fault("DELETE", VIPS, "pass", times=-1, hold=True)
    running = asyncio.create_task(house.services.sweep.run())

    async def both() -> bool:
        return [rule["holding"] for rule in await house.faults()] == [2]

    await until(both, "two ends to be on their way")
    await house.heal_twitch()
    report = await running
    assert (report.expired, report.remaining) == (2, 1)
    assert (await house.services.sweep.run()).expired == 1


async def test_where_next_to_nothing_can_be_begun_with_the_rest_is_not_read(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweep, "_SORTED_TOGETHER", 1)
    monkeypatch.setattr(sweep, "_MOST_IN_A_CHANNEL", 1)
    monkeypatch.setattr(sweep, "_MOST_PASSED_OVER", 2)
    await house.open(hours=1)
    for number in range(1, 6):
        await house.redeem(f"viewer{number}")
    house.clock.jump(2)
    read = await reading(house, monkeypatch)
    await house.fault("DELETE", VIPS, "pass", hold=True)
    await house.services.sweep.run(seconds=1.0)
    assert len(read) == 3
    await house.heal_twitch()


async def test_nothing_more_is_read_once_the_clocks_are_known_to_differ(
    house: House, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweep, "_SORTED_TOGETHER", 1)
    await vip_in_both(house, hours=0.05)
    await house.services.sweep.run()
    clock.wrong = timedelta(minutes=5)
    read = await reading(house, monkeypatch)
    report = await house.services.sweep.run()
    assert (report.expired, report.remaining, len(read)) == (0, 2, 1)
    clock.wrong = timedelta()


async def reading(house: House, monkeypatch: pytest.MonkeyPatch) -> list[VipSession]:
    """The due sessions that are read from now on."""
    sessions = house.services.store.sessions
    read, everything = list[VipSession](), sessions.due

    async def due(now: datetime) -> AsyncGenerator[VipSession, None]:
        async for one in everything(now):
            read.append(one)
            yield one

    monkeypatch.setattr(sessions, "due", due)
    return read


async def test_an_end_that_was_read_before_it_moved_is_left_alone(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.open(hours=1)
    await house.redeem("viewer1")
    house.clock.jump(2)
    [read] = [one async for one in house.services.store.sessions.due(house.clock.now())]
    extended = await house.redeem("viewer1")
    assert extended.state is RedemptionState.FULFILLED
    assert await house.services.expire.due(read) is None
    assert "viewer1" in await house.vips()


async def test_an_end_that_was_read_before_something_else_changed_comes_all_the_same(house: House) -> None:
    await house.open(hours=1)
    await house.redeem("viewer1")
    house.clock.jump(2)
    [read] = [one async for one in house.services.store.sessions.due(house.clock.now())]
    await house.services.store.commit(read.renamed("viewer_one", "Viewer_One"))
    assert await house.services.expire.due(read) is SessionState.ENDED
    assert "viewer1" not in await house.vips()


async def test_a_removal_that_was_read_before_it_was_undone_is_not_asked_for(house: House) -> None:
    await house.open(hours=1)
    await house.redeem("viewer1")
    house.clock.jump(2)
    await house.fault("DELETE", VIPS, "status", status=503)
    assert (await house.services.sweep.run()).failed == 1
    house.clock.jump(1)
    [read] = [one async for one in house.services.store.sessions.due(house.clock.now())]
    assert read.state is SessionState.ENDING
    await house.redeem("viewer1")
    await house.fault("DELETE", VIPS, "status", status=503)
    assert await house.services.expire.due(read) is None
    assert "viewer1" in await house.vips()
    assert (await house.faults())[-1]["hits"] == 0


@pytest.mark.parametrize(
    ("trouble", "outcome"),
    [({"do": "silence"}, (0, 1)), ({"do": "delay", "hold": True}, (1, 0))],
    ids=["silent", "slow"],
)
async def test_a_channel_that_hangs_holds_up_no_other_and_is_left_to_the_sweep_that_has_it(
    house: House, trouble: dict[str, object], outcome: tuple[int, int]
) -> None:
    await vip_in_both(house)
    second = await house.connect(SECOND)
    await house.services.gift.by_hand(second, second.id, "viewer3", 3, "gift-1")
    house.clock.jump(2)
    await house.control("faults", method="DELETE", path=VIPS, broadcaster="1001", **trouble)
    first = asyncio.create_task(house.services.sweep.run())
    await house.held()
    await ends(house, "viewer2", SECOND)
    assert not first.done()
    house.clock.jump(1.01)

    async def swept() -> bool:
        report = await house.services.sweep.run()
        assert report.failed == 0
        return (report.expired, report.remaining) == (1, 1)

    await until(swept, "a later sweep to end what fell due meanwhile")
    [rule] = await house.faults()
    assert (rule["hits"], rule["holding"]) == (1, 1)
    await house.heal_twitch()
    report = await first
    assert (report.expired - 1, report.failed) == outcome
    house.clock.jump(1)
    await house.services.sweep.run()
    assert "viewer1" not in await house.vips()


async def test_a_channel_is_free_again_after_its_sweep_ran_out_of_time(house: House) -> None:
    await house.open(hours=1)
    await house.redeem("viewer1")
    house.clock.jump(2)
    await house.fault("DELETE", VIPS, "silence")
    await house.services.sweep.run(seconds=0.2)
    assert (await house.services.sweep.run()).expired == 1


async def test_a_burst_in_one_channel_does_not_keep_another_waiting(house: House) -> None:
    await house.open()
    await house.open(hours=1, login=SECOND)
    await house.redeem("viewer2", SECOND)
    await house.control("channel", channel="streamer", capacity=100)
    for number in range(11):
        await house.control("viewer", login=f"extra{number}")
        assert await house.services.intake.receive(await house.redeemed(f"extra{number}"))
    house.clock.jump(2)
    # Twitch takes ten adds in ten seconds; the eleventh has to wait for longer than this sweep may take.
    await house.services.sweep.run(seconds=1.5)
    assert len(await house.vips()) == 11
    assert await house.vips(SECOND) == set()


async def test_an_unreadable_session_does_not_stop_the_others(house: House) -> None:
    await vip_in_both(house)
    await house.redeem("viewer3")
    session = await house.live("3001")
    assert session
    told = await house.redeemed("viewer1")
    await house.services.intake.receive(told)
    house.poison("vipSessions", session.id, "credits", "nonsense")
    house.clock.jump(2)
    report = await house.services.sweep.run()
    assert (report.expired, report.failed) == (2, 1)
    assert await house.vips(SECOND) == set()
    assert await house.vips() == {"permanentvip", "viewer1"}
    waiting = await house.services.store.redemptions.get(told.id)
    assert waiting
    assert (waiting.state, waiting.retry.error) == (RedemptionState.RECEIVED, Trouble.BROKEN)


async def test_a_session_that_can_not_be_handled_is_put_off_and_the_others_go_on(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await vip_in_both(house)
    await house.redeem("viewer3")
    poisoned = await house.live("3001")
    assert poisoned
    end = house.services.expire.due

    async def due(session: VipSession, *, wait: bool = True) -> SessionState | None:
        if session.id == poisoned.id:
            raise KeyError(session.id)
        return await end(session)

    monkeypatch.setattr(house.services.expire, "due", due)
    house.clock.jump(2)
    report = await house.services.sweep.run()
    assert (report.expired, report.failed, report.remaining) == (2, 1, 0)
    after = await house.live("3001")
    assert after
    assert (after.retry.attempts, after.retry.error) == (1, Trouble.BROKEN)
    assert (await house.services.sweep.run()).failed == 0, "it is not due yet"
    monkeypatch.undo()
    house.clock.jump(1)
    assert (await house.services.sweep.run()).expired == 1


async def test_what_is_over_is_not_put_off_by_trouble_that_comes_after_its_end(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.open(hours=1)
    await house.redeem("viewer1")
    ending = await house.live("3001")
    assert ending
    end = house.services.expire.due

    async def due(session: VipSession, *, wait: bool = True) -> SessionState | None:
        await end(session)
        raise KeyError(session.id)

    monkeypatch.setattr(house.services.expire, "due", due)
    house.clock.jump(2)
    with capture_logs() as logs:
        assert (await house.services.sweep.run()).failed == 1
    assert [line["event"] for line in logs if line["log_level"] == "error"] == ["record could not be handled"]
    over = await house.services.store.sessions.get(ending.id)
    assert over
    assert (over.state, over.retry.attempts) == (SessionState.ENDED, 0)


async def test_a_redemption_that_can_not_be_handled_is_put_off_and_the_others_go_on(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.open()
    told = [await house.redeemed(f"viewer{number}") for number in (1, 2, 3)]
    for one in told:
        await house.services.intake.receive(one)
    grant = house.services.grant.redemption

    async def redemption(redemption_id: str, *, wait: bool = True) -> object:
        if redemption_id == told[0].id:
            raise KeyError(redemption_id)
        return await grant(redemption_id)

    monkeypatch.setattr(house.services.grant, "redemption", redemption)
    report = await house.services.sweep.run()
    assert report.failed == 1
    assert await house.vips() == {"permanentvip", "viewer2", "viewer3"}
    waiting = await house.services.store.redemptions.get(told[0].id)
    assert waiting
    assert (waiting.retry.attempts, waiting.retry.error) == (1, Trouble.BROKEN)


async def only_the_first_channels_vip_is_put_off(house: House) -> None:
    report = await house.services.sweep.run()
    assert (report.expired, report.failed) == (1, 1)
    assert await house.vips(SECOND) == set()
    session = await house.live("3001")
    assert session
    assert session.retry.error == Trouble.BROKEN


async def test_an_unreadable_account_does_not_stop_the_others(house: House) -> None:
    await vip_in_both(house, hours=0.05)
    await house.services.sweep.run()
    house.poison("users", "1001", "expiresAt", 5)
    house.clock.jump(0.06)
    await only_the_first_channels_vip_is_put_off(house)


async def test_a_redemption_that_twitch_lists_badly_does_not_hide_those_behind_it(
    house: House, twitch_world: World
) -> None:
    await house.open()
    told = [await house.redeemed(f"viewer{number}") for number in (1, 2, 3)]
    twitch_world.redemptions[told[0].id].redeemed_at = "long ago"
    house.clock.jump(0.5)
    assert (await house.services.sweep.run()).recovered == 2
    assert {"viewer2", "viewer3"} <= await house.vips()


@pytest.mark.parametrize("restarted", [False, True])
async def test_endings_wait_while_our_clock_is_ahead(house: House, clock: HandClock, restarted: bool) -> None:
    await house.open(hours=0.05)
    await house.redeem("viewer1")
    await house.services.sweep.run()
    clock.wrong = timedelta(minutes=5)
    if restarted:
        await house.restart()
    report = await house.services.sweep.run()
    assert (report.expired, report.remaining) == (0, 1)
    assert "viewer1" in await house.vips()
    clock.wrong = timedelta()
    house.clock.jump(0.06)
    assert (await house.services.sweep.run()).expired == 1
    assert "viewer1" not in await house.vips()


@pytest.mark.parametrize("status", [400, 401, 429, 500, 503])
async def test_endings_go_on_where_only_the_question_for_the_time_is_refused(house: House, status: int) -> None:
    await house.open(hours=1)
    await house.redeem("viewer1")
    house.clock.jump(2)
    await house.fault("GET", "/helix/users", "status", status=status, times=-1)
    assert (await house.services.sweep.run()).expired == 1
    assert "viewer1" not in await house.vips()


async def test_a_refusal_tells_the_time_too(house: House, clock: HandClock) -> None:
    await house.open(hours=0.05)
    await house.redeem("viewer1")
    clock.wrong = timedelta(minutes=5)
    await house.fault("GET", "/helix/users", "status", status=500, times=-1)
    assert (await house.services.sweep.run()).expired == 0
    assert "viewer1" in await house.vips()


async def test_endings_wait_while_twitch_can_not_say_the_time(house: House) -> None:
    await house.open(hours=1)
    await house.redeem("viewer1")
    house.clock.jump(2)
    await house.fault("*", "", "cut", times=-1)
    assert (await house.services.sweep.run()).expired == 0
    session = await house.live("3001")
    assert session
    assert session.state is SessionState.ACTIVE
    await house.heal_twitch()
    assert (await house.services.sweep.run()).expired == 1


async def test_grants_wait_while_our_clock_is_wrong_and_get_their_whole_time_after(
    house: House, clock: HandClock
) -> None:
    await house.open(hours=1)
    clock.wrong = -timedelta(hours=2)
    waiting = await house.redeem("viewer1")
    assert (waiting.state, waiting.retry.error) == (RedemptionState.GRANTING, Trouble.CLOCK)
    assert "viewer1" not in await house.vips()
    clock.wrong = timedelta()
    await house.services.sweep.run()
    assert "viewer1" in await house.vips()
    assert await house.on_twitch(waiting.id) is TwitchStatus.FULFILLED
    house.clock.jump(0.9)
    await house.services.sweep.run()
    assert "viewer1" in await house.vips(), "its hour began when it was given"


@pytest.mark.parametrize("ahead", [-2, 2])
async def test_a_grant_whose_answer_tells_that_our_clock_is_wrong_runs_by_the_right_one(
    house: House, clock: HandClock, ahead: int
) -> None:
    """Its answer is the first one after a start, so that nothing was known of the clock before."""
    await house.open(hours=1)
    await house.fault("POST", "/helix/channels/vips", "status", status=503)
    waiting = await house.redeem("viewer1")
    clock.wrong = timedelta(hours=ahead)
    await house.restart()
    await house.services.grant.redemption(waiting.id)
    clock.wrong = timedelta()
    await house.services.reconcile.resume("1001")
    await house.services.sweep.run()
    assert await house.on_twitch(waiting.id) is TwitchStatus.FULFILLED
    session = await house.live("3001")
    assert session
    assert session.expires_at
    assert abs(session.expires_at - house.clock.now() - timedelta(hours=1)) < timedelta(minutes=1)


async def test_vip_given_by_hand_while_a_grant_waited_for_the_clock_is_not_ours(house: House, clock: HandClock) -> None:
    await house.open(hours=1)
    clock.wrong = timedelta(minutes=10)
    waiting = await house.redeem("viewer1")
    await house.control("vip", channel="streamer", viewer="viewer1", vip=True)
    clock.wrong = timedelta()
    house.clock.jump(0.5)
    await house.services.sweep.run()
    assert await house.on_twitch(waiting.id) is TwitchStatus.CANCELED
    house.clock.jump(3)
    await house.services.sweep.run()
    assert "viewer1" in await house.vips()


async def test_a_store_out_of_reach_is_said_plainly_and_nothing_is_lost(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.open()
    await house.open(login=SECOND)
    told = [await house.redeemed("viewer1"), await house.redeemed("viewer3"), await house.redeemed("viewer2", SECOND)]
    for one in told:
        await house.services.intake.receive(one)

    async def live_of(channel_id: str, user_id: str) -> None:
        raise StoreUnavailable("database is locked")

    monkeypatch.setattr(house.services.store.sessions, "live_of", live_of)
    with pytest.raises(StoreUnavailable):
        await house.services.sweep.run()
    monkeypatch.undo()
    report = await house.services.sweep.run()
    assert report.failed == 0
    assert {await house.on_twitch(one.id) for one in told} == {TwitchStatus.FULFILLED}


async def test_an_unreadable_account_with_a_catch_up_due_does_not_stop_the_others(house: House) -> None:
    await vip_in_both(house)
    house.poison("users", "1001", "expiresAt", 5)
    house.clock.jump(2)
    await only_the_first_channels_vip_is_put_off(house)


async def test_a_grant_that_is_put_off_again_is_tried_and_counted_once(house: House) -> None:
    await house.open()
    await house.fault("POST", VIPS, "status", status=500, times=-1)
    await house.redeem("viewer1")
    house.clock.jump(0.01)
    report = await house.services.sweep.run()
    assert report.failed == 1
    [rule] = await house.faults()
    assert rule["hits"] == 2


async def test_a_catch_up_that_meets_another_instances_turn_is_put_off_and_done_later(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.open(hours=100)
    await house.redeem("viewer1")
    await house.control("vip", channel="streamer", viewer="viewer1", vip=False)
    house.clock.jump(1)

    def taken(*_: str, **__: object) -> None:
        raise Taken("another instance has it")

    with monkeypatch.context() as others, capture_logs() as logs:
        others.setattr(house.services.turns, "of", taken)
        await house.services.sweep.run()
    assert [log for log in logs if log["log_level"] == "error"] == []
    assert await house.live("3001")
    house.clock.jump(1)
    await house.services.sweep.run()
    await house.found_out()
    assert await house.live("3001") is None
