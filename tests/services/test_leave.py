"""A streamer leaves: from whatever moment, and however often it breaks off, all ends the same on both sides."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import pytest

from tests.house import HandClock, House
from vip_manager.domain.audit import Action
from vip_manager.domain.reasons import EndReason
from vip_manager.domain.redemption import RedemptionState
from vip_manager.domain.rules import WhenFull
from vip_manager.domain.session import SessionState
from vip_manager.domain.terms import InvalidInput, RewardTerms
from vip_manager.ports import TwitchStatus
from vip_manager.services.access import Person
from vip_manager.services.refused import Refused
from vip_manager.store.sqlite.store import SqliteStore

VIPS = "/helix/channels/vips"
REDEMPTIONS = "/helix/channel_points/custom_rewards/redemptions"
REWARDS = "/helix/channel_points/custom_rewards"


async def leave(house: House, person: Person, **wish: bool) -> bool:
    await house.services.departure.begin(person, person.id, "streamer", **wish)
    # What it has begun goes first, and this comes after it.
    await asyncio.sleep(0)
    return await house.services.departure.go_on(person.id)


async def rewards_on_twitch(house: House) -> list[Any]:
    channels = (await house.world())["channels"]
    return [reward for one in channels if one["login"] == "streamer" for reward in one["rewards"]]


async def evening(house: House) -> tuple[Person, dict[str, str]]:
    """Two who are VIP, one who waits for a yes, one of whom only Twitch knows, and a second reward."""
    streamer = await house.open(hours=24)
    await house.redeem("viewer1")
    await house.services.gift.by_hand(streamer, streamer.id, "viewer2", 5, "gift-1")
    await house.services.rewards.create_tier(streamer, streamer.id, RewardTerms("VIP for a week", 3000, 168))
    await house.rules(approval=True)
    waits = await house.redeem("viewer3")
    unheard = await house.redeemed("viewer4", reward="VIP for a week")
    return streamer, {"waits": waits.id, "unheard": unheard.id}


async def has_left(house: House, *, vips: set[str]) -> None:
    store = house.services.store
    channel, account = await house.channel(), await store.accounts.get("1001")
    assert channel.left
    assert channel.every_tier == ()
    assert channel.spare_rewards == ()
    assert account is None or account.tokens is None
    assert await store.sessions.live("1001") == []
    assert await store.redemptions.open("1001") == []
    assert await rewards_on_twitch(house) == []
    assert await house.vips() == {"permanentvip"} | vips
    assert all(one.expires_at <= house.clock.real() for one in await store.accounts.sign_ins("1001"))
    assert (await house.services.board.public("1001")).known is False


async def test_points_go_back_and_vips_stay(house: House) -> None:
    streamer, ids = await evening(house)
    farewell = await house.services.departure.farewell(streamer.id)
    assert (farewell.reachable, farewell.back, farewell.vips, farewell.rewards) == (True, 1, 2, 2)
    assert await leave(house, streamer)
    await has_left(house, vips={"viewer1", "viewer2"})
    for redemption_id in ids.values():
        assert await house.on_twitch(redemption_id) is TwitchStatus.CANCELED
    session = await house.services.store.sessions.last_ended("1001", "3001")
    assert session
    assert (session.state, session.end_reason, session.ended_by) == (SessionState.ENDED, EndReason.LEFT, "1001")
    lines = await house.actions()
    assert lines.index(Action.LEAVING) < lines.index(Action.REWARD_CLOSED) < lines.index(Action.REWARD_DELETED)
    assert lines[-2:] == [Action.LEFT, Action.TOKENS_WIPED]
    assert lines.count(Action.ENDED) == 2
    assert lines.count(Action.REFUNDED) == 2


async def test_vips_end_where_that_is_wanted(house: House) -> None:
    streamer, _ = await evening(house)
    assert await leave(house, streamer, end_vips=True)
    await has_left(house, vips=set())
    session = await house.services.store.sessions.last_ended("1001", "3001")
    assert session
    assert session.end_reason is EndReason.BY_HAND


async def test_the_name_has_to_be_typed(house: House) -> None:
    streamer = await house.open()
    for typed in ("", "secondstreamer", "streamer2"):
        with pytest.raises(InvalidInput):
            await house.services.departure.begin(streamer, streamer.id, typed)
    assert (await house.channel()).leaving is None
    await house.services.departure.begin(streamer, streamer.id, " @Streamer ")
    assert (await house.channel()).leaving


async def test_nothing_new_begins_while_it_goes_on(house: House) -> None:
    streamer = await house.open()
    await house.fault("GET", REWARDS, "status", status=503, times=-1)
    assert not await leave(house, streamer)
    told = await house.redeemed("viewer1")
    assert await house.services.intake.receive(told)
    await house.services.grant.redemption(told.id)
    assert await house.on_twitch(told.id) is TwitchStatus.CANCELED
    with pytest.raises(InvalidInput):
        await house.services.gift.by_hand(streamer, streamer.id, "viewer2", 5, "gift-1")
    with pytest.raises(InvalidInput):
        await house.services.channels.turn(streamer, streamer.id, on=True)
    with pytest.raises(InvalidInput):
        await house.services.rewards.create_tier(streamer, streamer.id, RewardTerms("Another", 3000, 168))
    assert await house.services.reconcile.catch_up(streamer.id) == 0
    await house.heal_twitch()
    house.clock.jump(1)
    await house.services.sweep.run()
    await has_left(house, vips=set())


async def test_who_is_vip_gets_no_more_hours_while_it_goes_on(house: House) -> None:
    streamer = await house.open(hours=24)
    await house.redeem("viewer1")
    session = await house.live("3001")
    assert session
    gift = house.services.gift
    await gift.add_time(streamer, streamer.id, session.id, 1, "gift-1")
    await house.fault("GET", REWARDS, "status", status=503, times=-1)
    assert not await leave(house, streamer)
    with pytest.raises(InvalidInput, match="leaving VIP Manager"):
        await gift.add_time(streamer, streamer.id, session.id, 2, "gift-2")
    with pytest.raises(InvalidInput, match="leaving VIP Manager"):
        await gift.by_hand(streamer, streamer.id, "viewer1", 2, "gift-3")
    store = house.services.store
    kept = await store.sessions.get(session.id)
    assert kept
    assert kept.hours == 25
    await house.heal_twitch()


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", REWARDS),
        ("PATCH", REWARDS),
        ("DELETE", REWARDS),
        ("GET", REDEMPTIONS),
        ("PATCH", REDEMPTIONS),
        ("POST", "/oauth2/revoke"),
    ],
)
async def test_the_sweep_goes_on_when_twitch_is_back(house: House, method: str, path: str) -> None:
    streamer, ids = await evening(house)
    await house.fault(method, path, "status", status=503, times=-1)
    assert not await leave(house, streamer)
    await house.heal_twitch()
    await house.services.sweep.run()
    account = await house.services.store.accounts.get("1001")
    assert account
    assert account.tokens, "not before its time"
    house.clock.jump(0.02)
    await house.services.sweep.run()
    await has_left(house, vips={"viewer1", "viewer2"})
    for redemption_id in ids.values():
        assert await house.on_twitch(redemption_id) is TwitchStatus.CANCELED


@pytest.mark.parametrize("path", [REWARDS, REDEMPTIONS, VIPS])
async def test_answers_that_are_lost(house: House, path: str) -> None:
    """What Twitch has done is not done twice: Twitch's own audit is judged after each test."""
    streamer, _ = await evening(house)
    for method in ("PATCH", "DELETE", "POST"):
        await house.fault(method, path, "lose_answer", times=2)
    done = await leave(house, streamer, end_vips=True)
    for _ in range(4):
        house.clock.jump(0.02)
        await house.services.sweep.run()
    assert done or (await house.channel()).left
    await has_left(house, vips=set())


class Cut(BaseException):
    """The process is gone."""


@pytest.mark.parametrize("end_vips", [False, True])
async def test_cut_after_any_commit_and_taken_up_again(
    house: House, monkeypatch: pytest.MonkeyPatch, end_vips: bool
) -> None:
    """Each start gets one commit further than the last one, and begins from what is on disk and on Twitch."""
    streamer, ids = await evening(house)
    commit = SqliteStore.commit
    left = 0

    async def cut_short(store: SqliteStore, first: Any, /, *rest: Any) -> Any:
        nonlocal left
        if left == 0:
            raise Cut
        done = await commit(store, first, *rest)
        left -= 1
        return done

    await house.services.departure.begin(streamer, streamer.id, "streamer", end_vips=end_vips)
    await house.services.departure.aclose()
    monkeypatch.setattr(SqliteStore, "commit", cut_short)
    for cuts in range(60):
        left = 1 if cuts % 2 else 0
        with suppress(Cut):
            if await house.services.departure.go_on("1001"):
                break
        house.clock.jump(0.02)
    assert cuts > 5
    monkeypatch.setattr(SqliteStore, "commit", commit)
    await has_left(house, vips=set() if end_vips else {"viewer1", "viewer2"})
    for redemption_id in ids.values():
        assert await house.on_twitch(redemption_id) is TwitchStatus.CANCELED
    assert (await house.actions()).count(Action.LEFT) == 1


async def test_done_again_it_changes_nothing(house: House) -> None:
    streamer, _ = await evening(house)
    assert await leave(house, streamer)
    lines, world = await house.actions(), await house.world()
    for _ in range(2):
        assert await house.services.departure.go_on(streamer.id)
        house.clock.jump(1)
        await house.services.sweep.run()
    assert await house.actions() == lines
    assert (await house.world())["channels"] == world["channels"]


async def test_whoever_was_being_made_vip_gets_the_points_and_no_badge(house: House) -> None:
    streamer = await house.open()
    await house.fault("POST", VIPS, "lose_answer", times=1)
    granting = await house.redeem("viewer1")
    assert granting.state is RedemptionState.GRANTING
    assert await leave(house, streamer)
    await has_left(house, vips=set())
    assert await house.on_twitch(granting.id) is TwitchStatus.CANCELED


async def test_whoever_is_over_is_taken_before_all_is_left(house: House, clock: HandClock) -> None:
    streamer = await house.open(hours=1)
    await house.redeem("viewer1")
    clock.jump(2)
    await house.fault("DELETE", VIPS, "status", status=503, times=2)
    assert not await leave(house, streamer)
    clock.jump(0.02)
    await house.services.sweep.run()
    clock.jump(0.02)
    await house.services.sweep.run()
    await has_left(house, vips=set())


async def test_what_was_paid_and_not_settled_is_brought_to_its_end(house: House) -> None:
    streamer = await house.open()
    await house.fault("PATCH", REDEMPTIONS, "status", status=503)
    granted = await house.redeem("viewer1")
    assert granted.state is RedemptionState.GRANTED
    assert await leave(house, streamer)
    await has_left(house, vips={"viewer1"})
    assert await house.on_twitch(granted.id) is TwitchStatus.FULFILLED


async def test_seats_and_moderators(house: House) -> None:
    """Somebody whose seat another has, and somebody who is a moderator now, have no badge to keep."""
    streamer = await house.open(hours=24)
    await house.rules(when_full=WhenFull.TAKE_SEAT, seats=2, protected_hours=0)
    await house.redeem("viewer1")
    house.clock.jump(2)
    await house.redeem("viewer2")
    assert await house.vips() == {"permanentvip", "viewer2"}
    assert await leave(house, streamer)
    await has_left(house, vips={"viewer2"})


async def dead_tokens(house: House) -> None:
    await house.control("disconnect", user="streamer")
    await house.services.accounts.validate_all()


async def test_dead_tokens_wait_for_a_sign_in(house: House) -> None:
    streamer, ids = await evening(house)
    await dead_tokens(house)
    assert not (await house.services.departure.farewell(streamer.id)).reachable
    assert not await leave(house, streamer)
    assert (await house.services.board.staff(streamer.id)).leaving.waits
    house.clock.jump(1)
    await house.services.sweep.run()
    assert not (await house.channel()).left
    await house.connect()
    await house.services.sweep.run()
    await has_left(house, vips={"viewer1", "viewer2"})
    for redemption_id in ids.values():
        assert await house.on_twitch(redemption_id) is TwitchStatus.CANCELED


async def test_leaving_without_twitch_says_nothing_that_is_not_so(house: House) -> None:
    streamer, ids = await evening(house)
    await dead_tokens(house)
    assert await leave(house, streamer, without_twitch=True, end_vips=True)
    store, channel = house.services.store, await house.channel()
    assert channel.left
    assert channel.every_tier == ()
    assert await store.sessions.live("1001") == []
    [waits] = await store.redemptions.open("1001")
    assert (waits.id, waits.state) == (ids["waits"], RedemptionState.REFUNDING)
    assert await house.on_twitch(waits.id) is TwitchStatus.UNFULFILLED
    assert await house.vips() == {"permanentvip", "viewer1", "viewer2"}
    house.clock.jump(24)
    lines = await house.actions()
    await house.services.sweep.run()
    assert await house.actions() == lines
    # Whoever comes back finds it done: the points go back after all.
    await house.connect()
    await house.services.sweep.run()
    assert await house.on_twitch(waits.id) is TwitchStatus.CANCELED


async def test_who_comes_back_begins_afresh(house: House) -> None:
    streamer, _ = await evening(house)
    assert await leave(house, streamer)
    streamer = await house.open()
    await house.rules(approval=False)
    channel = await house.channel()
    assert channel.leaving is None
    assert [tier.title for tier in channel.made_tiers] == ["VIP for a day"]
    again = await house.redeem("viewer1")
    assert again.state is RedemptionState.CANCELED
    assert await house.on_twitch(again.id) is TwitchStatus.CANCELED
    with pytest.raises(Refused):
        await house.services.gift.by_hand(streamer, streamer.id, "viewer2", 1, "gift-2")
    assert (await house.redeem("viewer5")).state is RedemptionState.FULFILLED
    assert {"viewer1", "viewer2", "viewer5"} < await house.vips()
    assert (await house.services.board.public("1001")).known


async def nothing_is_stored(house: House) -> None:
    store: Any = house.services.store
    books = await store.books()
    assert [one.id for one in books.accounts if one.id == "1001"] == []
    assert (books.channels, books.sessions, books.redemptions, books.audit) == ([], [], [], [])
    assert [one for one in books.sign_ins if one.user_id == "1001"] == []
    assert await house.wrong() == []


async def test_all_data_is_deleted(house: House) -> None:
    streamer, _ = await evening(house)
    assert await leave(house, streamer, delete_data=True)
    await nothing_is_stored(house)
    assert await rewards_on_twitch(house) == []
    assert await house.vips() == {"permanentvip", "viewer1", "viewer2"}
    assert (await house.services.board.public("1001")).known is False
    assert await house.services.board.channel_id("streamer") is None
    await house.services.sweep.run()
    await house.open()
    assert (await house.redeem("viewer5")).state is RedemptionState.FULFILLED


async def test_what_is_deleted_can_not_be_read_in_the_files(house: House) -> None:
    streamer, _ = await evening(house)
    files = [house.settings.data_dir / name for name in ("vip.db", "vip.db-wal")]

    def names() -> set[bytes]:
        content = b"".join(file.read_bytes() for file in files if file.exists())
        return {name for name in (b"viewer1", b"Viewer3", b"Streamer", b"VIP for a week") if name in content}

    assert names()
    assert await leave(house, streamer, delete_data=True)
    assert names() == set()


Store = Callable[..., Awaitable[Any]]


@pytest.mark.parametrize("step", range(1, 9))
async def test_deleting_is_cut_and_goes_on(house: House, monkeypatch: pytest.MonkeyPatch, step: int) -> None:
    streamer, _ = await evening(house)
    assert await leave(house, streamer)
    holdings: Any = house.services.store.holdings
    left = step

    def counted(call: Store) -> Store:
        async def cut_short(*args: Any) -> Any:
            nonlocal left
            left -= 1
            if left == 0:
                raise Cut
            return await call(*args)

        return cut_short

    monkeypatch.setattr(type(holdings), "erase", counted(type(holdings).erase))
    monkeypatch.setattr(SqliteStore, "delete", counted(SqliteStore.delete))
    streamer = await house.sign_in("streamer")
    with suppress(Cut):
        await leave(house, streamer, delete_data=True)
    await asyncio.sleep(0)
    await house.services.sweep.run()
    await nothing_is_stored(house)


async def test_no_affiliate_any_more(house: House) -> None:
    """Twitch shows no rewards then, and settles nothing: what can't go back stays open, and nothing waits for it."""
    streamer, ids = await evening(house)
    await house.control("channel", channel="streamer", broadcaster_type="")
    done = await leave(house, streamer)
    for _ in range(3):
        house.clock.jump(0.3)
        await house.services.sweep.run()
    channel = await house.channel()
    assert done or channel.left
    assert await house.services.store.sessions.live("1001") == []
    assert [one.id for one in await house.services.store.redemptions.open("1001")] == [ids["waits"]]
    [line] = [one for one in await house.entries() if one.action is Action.LEFT]
    assert line.detail["without_twitch"]
