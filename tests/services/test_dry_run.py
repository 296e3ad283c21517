"""A test of all that the reward needs: what each step finds, and what it leaves."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.house import HandClock, House
from vip_manager.domain.rules import WhenFull
from vip_manager.domain.terms import InvalidInput
from vip_manager.ports import StoreUnavailable, TwitchUser
from vip_manager.services.access import Person
from vip_manager.services.connections import Hearing
from vip_manager.services.dry_run import SAID, Check, DryRun, Passed, Result, Why
from vip_manager.services.seats import SeatCount


async def at_once(seconds: float) -> None:
    """A pause that nobody has to wait for, but which ends where patience does."""
    import asyncio

    await asyncio.sleep(0)


def dry_run(house: House, **changed: Any) -> DryRun:
    one = house.services
    return DryRun(
        changed.get("store", one.store),
        one.twitch,
        one.clock,
        one.connections,
        one.channels,
        None,
        SeatCount(one.store, one.twitch, one.clock, one.connections, one.channels),
        one.rates,
        patience=timedelta(seconds=changed.get("seconds", 2)),
        sleep=at_once,
    )


@pytest.fixture
async def streamer(house: House) -> Person:
    streamer = await house.open()
    house.services.connections.heard(streamer.id, Hearing.LIVE)
    return streamer


async def tried(run: DryRun, streamer: Person) -> tuple[dict[Check, Why | Result | None], list[Passed]]:
    """Why each step failed, that it was skipped, or what it says though it passed; and what came of all."""
    found: dict[Check, Why | Result | None] = {}
    ends = []
    async for step in run.run(streamer, streamer.id):
        if isinstance(step, Passed):
            ends.append(step)
        else:
            assert (step.result is Result.FAILED) == (step.why not in {None, *SAID})
            found[step.check] = Result.SKIPPED if step.result is Result.SKIPPED else step.why
    assert list(found) == list(Check)
    return found, ends


def but(**found: Why | Result | None) -> dict[Check, Why | Result | None]:
    """As where all is well, but for these."""
    well: dict[Check, Why | Result | None] = dict.fromkeys(Check) | {Check.SEATS: Why.UNCOUNTED}
    return well | {Check(name): why for name, why in found.items()}


async def test_where_all_is_well_it_passes_once_for_the_first_time(house: House, streamer: Person) -> None:
    assert not (await house.channel()).welcomed
    assert await tried(dry_run(house), streamer) == (but(), [Passed(first=True)])
    assert (await house.channel()).welcomed
    assert await tried(dry_run(house), streamer) == (but(), [Passed(first=False)])
    assert (await house.actions()).count("tested") == 1
    await house.restart()
    assert (await house.channel()).welcomed


async def test_nothing_is_redeemed_and_nobody_becomes_vip(house: House, streamer: Person) -> None:
    before = await house.world()
    await tried(dry_run(house), streamer)
    after = await house.world()
    assert (after["redemptions"], await house.vips()) == (before["redemptions"], {"permanentvip"})
    assert await house.services.store.sessions.live(streamer.id) == []


async def test_skipped_it_is_over_too(house: House, streamer: Person) -> None:
    await house.services.dry_run.skip(streamer, streamer.id)
    await house.services.dry_run.skip(streamer, streamer.id)
    assert (await house.services.board.staff(streamer.id)).welcomed
    assert (await house.actions()).count("test_skipped") == 1
    assert (await tried(dry_run(house), streamer))[1] == [Passed(first=False)]


async def test_without_the_key_nothing_that_needs_it_is_tried(house: House, streamer: Person) -> None:
    await house.control("disconnect", user="streamer")
    found, ends = await tried(dry_run(house), streamer)
    skipped = dict.fromkeys(("reward", "events", "seats"), Result.SKIPPED)
    assert (found, ends) == (but(key=Why.DEAD, **skipped), [])


async def test_a_permission_that_is_missing(house: House, streamer: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    identity = await house.services.twitch.validate(streamer.id)

    async def less(user_id: str) -> object:
        return replace(identity, scopes=identity.scopes - {"moderation:read"})

    monkeypatch.setattr(type(house.services.twitch), "validate", lambda _, user_id: less(user_id))
    found, ends = await tried(dry_run(house), streamer)
    assert (found[Check.KEY], ends) == (Why.SCOPES, [])


async def test_twitch_down_and_twitch_slow(house: House, streamer: Person) -> None:
    await house.fault("GET", "oauth2/validate", "status", times=-1, status=503)
    found, _ = await tried(dry_run(house), streamer)
    assert found[Check.KEY] == Why.DOWN
    await house.heal_twitch()
    await house.fault("GET", "channels/vips", "silence", times=-1)
    found, _ = await tried(dry_run(house, seconds=0.3), streamer)
    assert found == but(seats=Why.SLOW)


@pytest.mark.parametrize(
    ("change", "why"),
    [({"paused": True}, Why.PAUSED), ({"enabled": False}, Why.PAUSED), ({"skips_queue": True}, Why.QUEUE)],
)
async def test_a_reward_that_is_otherwise_on_twitch(
    house: House, streamer: Person, change: dict[str, Any], why: Why
) -> None:
    reward_id = (await house.channel()).channel_point_reward_id
    await house.services.twitch.update_reward(streamer.id, reward_id, **change)
    found, ends = await tried(dry_run(house), streamer)
    assert (found, ends) == (but(reward=why), [])


async def test_a_reward_that_is_off_gone_or_never_made(house: House, streamer: Person) -> None:
    await house.services.channels.turn(streamer, streamer.id, False)
    assert (await tried(dry_run(house), streamer))[0] == but(reward=Why.OFF)
    await house.delete_reward()
    assert (await tried(dry_run(house), streamer))[0] == but(reward=Why.GONE)
    await house.services.reconcile.catch_up(streamer.id)
    assert (await tried(dry_run(house), streamer))[0] == but(reward=Why.NO_REWARD)


async def test_events_that_do_not_come_in_time(house: House, streamer: Person) -> None:
    house.services.connections.heard(streamer.id, Hearing.CONNECTING)
    found, ends = await tried(dry_run(house, seconds=0.3), streamer)
    assert (found, ends) == (but(events=Why.DEAF), [])
    house.services.connections.heard(streamer.id, Hearing.RECONNECT)
    assert (await tried(dry_run(house), streamer))[0] == but(events=Why.DEAD)


async def test_seats_that_are_full_and_seats_that_are_free(house: House, streamer: Person) -> None:
    await house.rules(seats=1)
    found, ends = await tried(dry_run(house), streamer)
    assert (found, ends) == (but(seats=Why.FULL), [])
    await house.rules(seats=2)
    assert (await tried(dry_run(house), streamer))[0] == but(seats=None)


async def test_all_seats_may_be_taken_where_the_rules_have_people_wait_or_take_one(
    house: House, streamer: Person
) -> None:
    await house.rules(seats=1, when_full=WhenFull.WAIT)
    assert await tried(dry_run(house), streamer) == (but(seats=Why.LINE), [Passed(first=True)])
    await house.rules(seats=2, when_full=WhenFull.TAKE_SEAT, protected_hours=1)
    done = await house.redeem("viewer1")
    # Who is VIP for good gives no seat, nor does who is protected: the next to redeem would be refused.
    assert (await tried(dry_run(house), streamer))[0] == but(seats=Why.FULL)
    house.clock.jump(1.1)
    assert (await tried(dry_run(house), streamer))[0] == but(seats=Why.TAKES)
    await house.services.expire.end_now(streamer, streamer.id, done.session_id)
    assert (await tried(dry_run(house), streamer))[0] == but(seats=None)


async def test_a_seat_that_was_left_just_now_is_free_though_twitch_lists_it_still(
    house: House, streamer: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.rules(seats=2)
    done = await house.redeem("viewer1")
    listed = await house.services.twitch.vips(streamer.id)
    assert "viewer1" in {one.login for one in listed}
    await house.services.expire.end_now(streamer, streamer.id, done.session_id)

    async def behind(*_: object) -> list[TwitchUser]:
        return listed

    monkeypatch.setattr(house.services.twitch, "vips", behind)
    assert (await tried(dry_run(house), streamer))[0] == but(seats=None)


async def test_clocks_that_differ(house: House, streamer: Person, clock: HandClock) -> None:
    clock.wrong += timedelta(seconds=90)
    found, ends = await tried(dry_run(house), streamer)
    clock.wrong = timedelta()
    assert (found, ends) == (but(clock=Why.CLOCK), [])


async def test_a_store_that_takes_nothing(house: House, streamer: Person) -> None:
    class Full:
        async def commit(self, *records: object) -> None:
            raise StoreUnavailable("the disk is full")

    found, ends = await tried(dry_run(house, store=Full()), streamer)
    assert (found, ends) == (but(store=Why.STORE), [])


async def test_it_is_not_started_all_the_time(house: House, streamer: Person) -> None:
    for _ in range(10):
        await tried(dry_run(house), streamer)
    with pytest.raises(InvalidInput, match="several times"):
        await tried(dry_run(house), streamer)


async def test_who_was_at_work_before_there_was_a_test_is_not_asked_for_one(house: House, streamer: Person) -> None:
    house.poison("channels", streamer.id, "welcomed", None)
    house.services.changes.announce(streamer.id)
    assert (await house.services.board.staff(streamer.id)).welcomed
