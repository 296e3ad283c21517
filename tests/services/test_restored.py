"""A channel whose records were put back to an earlier moment: what Twitch tells of the time since is read first."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from tests.house import House
from tests.services.test_catch_up import REDEMPTIONS, time_goes_on
from vip_manager import recovery
from vip_manager.domain.audit import Action
from vip_manager.domain.reasons import EndReason, Refusal
from vip_manager.domain.redemption import RedemptionState
from vip_manager.domain.session import SessionState
from vip_manager.domain.terms import InvalidInput
from vip_manager.ports import TwitchError, TwitchStatus
from vip_manager.services.health import SweepIs
from vip_manager.services.rebuild import Rebuild
from vip_manager.services.restored import Restored

MINUTE = timedelta(minutes=1)
VIPS = "/helix/channels/vips"


async def backed_up(house: House, tmp_path: Path) -> Path:
    made = await asyncio.to_thread(recovery.back_up, house.settings, tmp_path / "backups", 9, clock=house.clock)
    return made.path


async def restored(house: House, backup: Path) -> recovery.Put:
    """By a person who knows when the program stopped, which is now."""
    await house.leave()
    put = await recovery.restore(house.settings, backup, house.clock.now(), clock=house.clock)
    await house.start()
    return put


async def test_more_time_that_was_redeemed_since_keeps_the_end_that_was_paid_for(house: House, tmp_path: Path) -> None:
    await house.open(hours=2)
    await house.redeem("viewer1")
    before = await house.live("3001")
    backup = await backed_up(house, tmp_path)
    await time_goes_on(house, 1)
    await house.redeem("viewer1")
    await time_goes_on(house, 1.5)
    # By the records its end is half an hour ago.
    await restored(house, backup)
    report = await house.services.sweep.run()
    live = await house.live("3001")
    assert before
    assert before.expires_at
    assert live
    assert live.expires_at
    assert abs(live.expires_at - before.expires_at - timedelta(hours=2)) < MINUTE
    assert (report.expired, await house.vips()) == (0, {"permanentvip", "viewer1"})
    await time_goes_on(house, 1.6)
    await house.services.sweep.run()
    assert "viewer1" not in await house.vips()


async def test_hours_are_not_given_for_what_is_over_by_now(house: House, tmp_path: Path) -> None:
    await house.open(hours=1)
    backup = await backed_up(house, tmp_path)
    done = await house.redeem("viewer1")
    await time_goes_on(house, 1.5)
    await house.services.sweep.run()
    assert "viewer1" not in await house.vips()
    await restored(house, backup)
    for _ in range(3):
        await house.services.sweep.run()
    assert "viewer1" not in await house.vips()
    known = await house.services.store.redemptions.get(done.id)
    assert known
    assert (known.state, known.refusal) == (RedemptionState.KEPT, Refusal.UNRECORDED)


async def test_a_vip_of_whom_no_record_tells_is_put_on_the_clock_when_the_streamer_says_so(
    house: House, tmp_path: Path
) -> None:
    streamer = await house.open(hours=24)
    backup = await backed_up(house, tmp_path)
    done = await house.redeem("viewer1")
    await time_goes_on(house, 3)
    await restored(house, backup)
    await house.services.sweep.run()
    assert await house.live("3001") is None
    tried = await house.services.dead_letters.try_all(streamer, "1001")
    assert tried.left == 0
    assert await house.live("3001") is None
    await house.services.dead_letters.try_again(streamer, "1001", done.id)
    live = await house.live("3001")
    assert live
    assert live.expires_at
    assert abs(live.expires_at - done.redeemed_at - timedelta(hours=24)) < MINUTE
    known = await house.services.store.redemptions.get(done.id)
    assert known
    assert known.state is RedemptionState.FULFILLED


async def test_who_is_no_vip_becomes_one_when_the_streamer_says_so(house: House, tmp_path: Path) -> None:
    streamer = await house.open(hours=1)
    backup = await backed_up(house, tmp_path)
    done = await house.redeem("viewer1")
    await time_goes_on(house, 2)
    await house.services.sweep.run()
    await restored(house, backup)
    await house.services.sweep.run()
    await house.services.dead_letters.try_again(streamer, "1001", done.id)
    assert "viewer1" in await house.vips()


@pytest.mark.parametrize(
    ("status", "state"),
    [("FULFILLED", RedemptionState.KEPT), ("CANCELED", RedemptionState.CANCELED)],
)
async def test_what_was_open_then_and_was_settled_since_is_not_given_again(
    house: House, tmp_path: Path, status: str, state: RedemptionState
) -> None:
    await house.open(hours=1)
    told = await house.redeemed("viewer1")
    assert await house.services.intake.receive(told)
    backup = await backed_up(house, tmp_path)
    await house.control("settle", redemption_id=told.id, status=status)
    await restored(house, backup)
    for _ in range(2):
        await house.services.sweep.run()
    known = await house.services.store.redemptions.get(told.id)
    assert known
    assert known.state is state
    assert "viewer1" not in await house.vips()


async def test_an_add_that_was_under_way_and_was_done_since_counts_from_the_backup(
    house: House, tmp_path: Path
) -> None:
    await house.open(hours=2)
    await house.fault("POST", VIPS, "lose_answer")
    redemption = await house.redeem("viewer1")
    assert redemption.state is RedemptionState.GRANTING
    backup, then = await backed_up(house, tmp_path), house.clock.now()
    await time_goes_on(house, 0.01)
    await house.services.sweep.run()
    assert await house.on_twitch(redemption.id) is TwitchStatus.FULFILLED
    await time_goes_on(house, 1)
    await restored(house, backup)
    await house.services.sweep.run()
    live = await house.live("3001")
    assert live
    assert live.expires_at
    assert live.state is SessionState.ACTIVE
    assert abs(live.expires_at - then - timedelta(hours=2)) < MINUTE


async def test_an_add_that_waited_and_was_done_since_is_not_done_again(house: House, tmp_path: Path) -> None:
    streamer = await house.open(hours=1)
    await house.fault("POST", VIPS, "status", status=429)
    redemption = await house.redeem("viewer1")
    assert redemption.state is RedemptionState.GRANTING
    backup = await backed_up(house, tmp_path)
    await time_goes_on(house, 0.1)
    await house.services.sweep.run()
    assert "viewer1" in await house.vips()
    await time_goes_on(house, 2)
    await house.services.sweep.run()
    await restored(house, backup)
    for _ in range(2):
        await house.services.sweep.run()
    assert "viewer1" not in await house.vips()
    known = await house.services.store.redemptions.get(redemption.id)
    assert known
    assert (known.state, known.refusal) == (RedemptionState.KEPT, Refusal.UNRECORDED)
    assert await house.live("3001") is None
    await house.services.dead_letters.try_again(streamer, "1001", redemption.id)
    assert "viewer1" in await house.vips()


async def test_the_end_of_a_vip_is_not_tried_again_by_hand_before_twitch_was_read(house: House, tmp_path: Path) -> None:
    streamer = await house.open(hours=1)
    await house.redeem("viewer1")
    live = await house.live("3001")
    assert live
    await time_goes_on(house, 2)
    await house.fault("DELETE", VIPS, "status", status=500)
    await house.services.sweep.run()
    backup = await backed_up(house, tmp_path)
    await restored(house, backup)
    for verb in (
        house.services.dead_letters.try_session(streamer, "1001", live.id),
        house.services.dead_letters.try_all(streamer, "1001"),
    ):
        with pytest.raises(InvalidInput, match="restored"):
            await verb
    assert "viewer1" in await house.vips()


async def test_a_second_restore_knows_when_the_program_stopped(house: House, tmp_path: Path) -> None:
    """The first one was no work of the program: whose end came between the two is VIP no longer."""
    await house.open(hours=1)
    await house.redeem("viewer1")
    backup = await backed_up(house, tmp_path)
    await house.leave()
    lost_at = house.clock.now()
    await recovery.restore(house.settings, backup, lost_at, clock=house.clock)
    await time_goes_on(house, 2)
    again = await recovery.restore(house.settings, backup, None, clock=house.clock)
    assert abs(again.until - lost_at) < MINUTE
    await house.start()
    await house.services.sweep.run()
    assert await house.vips() == {"permanentvip"}


async def test_whoever_is_vip_after_their_end_is_not_ours_any_more(house: House, tmp_path: Path) -> None:
    """They were made permanent, or given more by hand, in the time of which there are no records."""
    streamer = await house.open(hours=1)
    await house.redeem("viewer1")
    await house.redeem("viewer2")
    backup = await backed_up(house, tmp_path)
    live = await house.live("3001")
    assert live
    await house.services.expire.make_permanent(streamer, "1001", live.id)
    await time_goes_on(house, 2)
    await house.services.sweep.run()
    await restored(house, backup)
    for _ in range(2):
        await house.services.sweep.run()
    assert await house.vips() == {"permanentvip", "viewer1"}
    ended = await house.services.store.sessions.get(live.id)
    assert ended
    assert ended.end_reason is EndReason.GIVEN_ON_TWITCH


async def test_whose_end_came_while_the_program_was_down_is_vip_no_longer(house: House, tmp_path: Path) -> None:
    await house.open(hours=1)
    await house.redeem("viewer1")
    backup = await backed_up(house, tmp_path)
    await time_goes_on(house, 0.5)
    await house.leave()
    lost_at = house.clock.now()
    await time_goes_on(house, 1)
    await recovery.restore(house.settings, backup, lost_at, clock=house.clock)
    await house.start()
    report = await house.services.sweep.run()
    assert (report.expired, await house.vips()) == (1, {"permanentvip"})


async def test_nothing_is_ended_or_given_while_twitch_can_not_be_asked(house: House, tmp_path: Path) -> None:
    streamer = await house.open(hours=1)
    await house.redeem("viewer1")
    backup = await backed_up(house, tmp_path)
    await house.redeem("viewer1")
    await time_goes_on(house, 1.5)
    await restored(house, backup)
    told = await house.redeemed("viewer2")
    await house.fault("GET", REDEMPTIONS, "status", status=500)
    await house.services.sweep.run()
    assert (await house.channel()).behind
    picture = await house.services.board.staff("1001")
    assert picture.health.sweep == SweepIs.RESTORED
    assert await house.vips() == {"permanentvip", "viewer1"}
    await house.services.grant.redemption(told.id)
    assert await house.on_twitch(told.id) is TwitchStatus.UNFULFILLED
    with pytest.raises(InvalidInput, match="restored"):
        await house.services.gift.by_hand(streamer, "1001", "viewer3", 1, "gift")
    await time_goes_on(house, 0.03)
    await house.services.sweep.run()
    assert not (await house.channel()).behind
    assert await house.vips() == {"permanentvip", "viewer1", "viewer2"}


async def test_a_death_in_the_middle_of_it_changes_nothing(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.open(hours=4)
    await house.redeem("viewer1")
    backup = await backed_up(house, tmp_path)
    await house.redeem("viewer1")
    put = await restored(house, backup)
    assert put.marked.channels == 1

    async def dies(*_: object) -> None:
        raise TwitchError("cut short")

    with monkeypatch.context() as cut:
        cut.setattr(Rebuild, "_session", dies)
        await house.services.sweep.run()
    assert (await house.channel()).behind
    await house.restart()
    await house.services.sweep.run()
    await house.services.reconcile.heal("1001")
    live = await house.live("3001")
    assert live
    assert live.hours == 8


async def test_a_store_can_be_marked_by_itself_and_more_than_once(house: House) -> None:
    await house.open()
    marks, now = Restored(house.services.store, house.clock), house.clock.now()
    assert (await marks.mark(now - timedelta(hours=2), now - timedelta(hours=1))).channels == 1
    await marks.mark(now - timedelta(hours=1), now)
    gap = (await house.channel()).gap
    assert gap
    assert (gap.since, gap.until) == (now - timedelta(hours=2), now)
    assert (await house.actions())[-2:] == [Action.RESTORED] * 2
    await house.services.reconcile.catch_up("1001")
    assert not (await house.channel()).behind


async def test_a_restore_says_what_only_the_records_knew(house: House, tmp_path: Path) -> None:
    streamer = await house.open()
    backup = await backed_up(house, tmp_path)
    await house.redeem("viewer1")
    await house.services.gift.by_hand(streamer, "1001", "viewer2", 5, "gift")
    put = await restored(house, backup)
    assert put.lost is not None
    again, gift = put.lost
    assert again == "Of these Twitch tells again: 1 x fulfilled, 1 x granted, 1 x redeemed."
    assert gift.endswith("streamer: granted of Viewer2 by Streamer (5 h)")
