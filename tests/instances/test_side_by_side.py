"""Two instances in this process: what one is in the middle of, the other one knows."""

import asyncio
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest

from tests.house import House, until
from tests.instances.conftest import pass_time
from tests.services.undo_scene import undone_at_once
from vip_manager import background
from vip_manager.domain.chat import ChatLine
from vip_manager.domain.notice import Event
from vip_manager.domain.session import SessionState
from vip_manager.domain.team import Role
from vip_manager.ports import ChatCommand, RedemptionEvent, StoreUnavailable
from vip_manager.services.connections import Hearing

VIPS = "/channels/vips"
LATE = 2.0
"""Seconds after which a change has to show everywhere."""


async def refreshes(house: House) -> int:
    journal = (await house.http.get("control/journal", params={"kind": "request", "limit": 1000})).json()["journal"]
    return sum(str(line.get("path")).endswith("/oauth2/token") for line in journal)


async def test_tokens_that_both_find_dead_are_refreshed_once(pair: tuple[House, House]) -> None:
    first, second = pair
    await first.connect()
    before = await refreshes(first)
    await first.control("expire-tokens", user="streamer")
    lists = await asyncio.gather(*(house.services.twitch.vips("1001") for house in (first, second) for _ in range(3)))
    assert all([one.id for one in listed] == ["4001"] for listed in lists)
    assert await refreshes(first) - before == 1
    account = await second.services.store.accounts.get("1001")
    assert account
    assert account.may_manage


async def test_who_signs_out_at_one_is_told_at_the_other(pair: tuple[House, House]) -> None:
    first, second = pair
    streamer = await first.connect()
    told: asyncio.Queue[str] = asyncio.Queue()
    second.services.access.when_signed_out(told.put)
    second.services.changes.looked_at(frozenset({"1001"}))

    async def listens() -> bool:
        return second.services.connections.up_to_date("1001")

    async with asyncio.TaskGroup() as group:
        hears = background.hears(second.services, group)
        hearing = group.create_task(second.neighbours.hear(second.services.changes, hears))
        await until(listens, "the other one to listen")
        second.services.connections.heard("1001", Hearing.LIVE)
        await first.services.access.sign_out_everywhere("1001")
        first.services.connections.heard("1001", Hearing.CONNECTING, "unavailable")
        async with asyncio.timeout(LATE):
            assert await told.get() == streamer.sign_in_id
        hearing.cancel()
    assert not await second.services.access.alive(streamer.sign_in_id)


async def test_who_is_taken_off_the_team_at_one_is_out_at_the_other(pair: tuple[House, House]) -> None:
    first, second = pair
    streamer = await first.connect()
    await first.services.roster.name(streamer, "1001", "mod", Role.HELPER)
    second.services.changes.looked_at(frozenset({"1001"}))

    async def listens() -> bool:
        return second.services.connections.up_to_date("1001")

    async with asyncio.TaskGroup() as group, second.services.changes.subscribed() as changes:
        hearing = group.create_task(
            second.neighbours.hear(second.services.changes, background.hears(second.services, group))
        )
        await until(listens, "the other one to listen")
        assert [one.role for one in (await second.services.board.staff("1001")).team] == ["helper"]
        await first.services.roster.dismiss(streamer, "1001", "2001")
        async with asyncio.timeout(LATE):
            while (await second.services.board.staff("1001")).team:
                assert await changes.get() == "1001"
        hearing.cancel()
    assert await second.services.access.role("2001", "1001") is None


async def waits(house: House, lease: str) -> None:
    """Until that instance has asked for that turn and was told that the other one has it."""
    leases: Any = house.services.turns._shared.leases  # type: ignore[union-attr]
    refused = asyncio.Event()
    take = leases.take

    async def watched(name: str, *more: Any) -> bool:
        taken: bool = await take(name, *more)
        if name == lease and not taken:
            refused.set()
        return taken

    leases.take = watched
    async with asyncio.timeout(10):
        await refused.wait()
    leases.take = take


async def test_sweeps_at_once_share_the_work_and_do_nothing_twice(pair: tuple[House, House]) -> None:
    first, second = pair
    await first.open(hours=1)
    for number in range(1, 9):
        await (first if number % 2 else second).redeem(f"viewer{number}")
    first.clock.jump(2)
    await first.control("jump", seconds=7200)
    reports = await asyncio.gather(first.services.sweep.run(), second.services.sweep.run(), first.services.sweep.run())
    assert sum(report.expired for report in reports) == 8
    assert sum(report.failed for report in reports) == 0
    assert await first.vips() == {"permanentvip"}
    ended = [action for action in await second.actions() if action == "ended"]
    assert len(ended) == 8


async def test_an_end_in_the_middle_of_the_others_add_waits_for_it(pair: tuple[House, House]) -> None:
    first, second = pair
    streamer = await first.open(hours=5)
    told = await first.redeemed("viewer1")
    await first.fault("POST", VIPS, "pass", hold=True)
    assert await first.services.intake.receive(told)
    adding = asyncio.create_task(first.services.grant.redemption(told.id))
    await first.held()
    session = await second.live("3001")
    assert session
    ending = asyncio.create_task(second.services.expire.end_now(streamer, "1001", session.id))
    await waits(second, "turn:1001:3001")
    await first.heal_twitch()
    done = await adding
    assert done
    ended = await ending
    assert ended.state is SessionState.ENDED
    assert "viewer1" not in await first.vips()


async def test_more_hours_in_the_middle_of_the_others_removal_win(pair: tuple[House, House]) -> None:
    first, second = pair
    await first.open(hours=1)
    await first.redeem("viewer1")
    first.clock.jump(2)
    await first.control("jump", seconds=7200)
    await first.fault("DELETE", VIPS, "pass", hold=True)
    sweeping = asyncio.create_task(first.services.sweep.run())
    await first.held()
    told = await second.redeemed("viewer1")
    assert await second.services.intake.receive(told)
    extending = asyncio.create_task(second.services.grant.redemption(told.id))
    await waits(second, "turn:1001:3001")
    await first.heal_twitch()
    await sweeping
    await extending
    for _ in range(3):
        await second.services.sweep.run()
        first.clock.jump(1 / 60)
        await first.control("jump", seconds=60)
    assert "viewer1" in await first.vips()
    session = await first.live("3001")
    assert session
    assert session.state is SessionState.ACTIVE
    assert session.expires_at
    assert session.expires_at - first.clock.now() > timedelta(minutes=50)


async def test_what_one_does_the_other_shows_within_two_seconds(pair: tuple[House, House]) -> None:
    first, second = pair
    await first.open(hours=5)
    changes, connections = second.services.changes, second.services.connections
    hearing = asyncio.create_task(second.neighbours.hear(changes, connections.told))
    try:
        changes.looked_at(frozenset({"1001"}))

        async def followed() -> bool:
            return connections.up_to_date("1001")

        await until(followed, "the channel to be followed")
        assert (await second.services.board.staff("1001")).vips == []
        first.services.connections.heard("1001", Hearing.LIVE)
        await first.redeem("viewer1")

        async def shown() -> bool:
            picture = await second.services.board.staff("1001")
            return [vip.state for vip in picture.vips] == ["active"] and picture.connection == "live"

        await until(shown, "the change to show", LATE)
    finally:
        hearing.cancel()
        with suppress(asyncio.CancelledError):
            await hearing


async def test_one_socket_a_channel_and_the_other_takes_over(
    pair: tuple[House, House], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(background, "LISTEN_AGAIN_AFTER", timedelta(seconds=0.2))
    first, second = pair
    await first.open(hours=5)
    listening = [asyncio.create_task(background.Listeners(house.services).run()) for house in pair]
    try:

        async def one_hears() -> bool:
            return await sockets(first) == 1 and hears(first) + hears(second) == 1

        await until(one_hears, "one of them to listen")
        owner, other = (first, second) if hears(first) else (second, first)
        task = listening[pair.index(owner)]
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

        async def taken_over() -> bool:
            return hears(other)

        await until(taken_over, "the other to take over")
        assert await sockets(first) == 1
        await first.control("redeem", channel="streamer", viewer="viewer1")

        async def vip() -> bool:
            return "viewer1" in await first.vips()

        await until(vip, "the viewer to become VIP")
    finally:
        for task in listening:
            task.cancel()
        await asyncio.gather(*listening, return_exceptions=True)


def hears(house: House) -> bool:
    return house.services.connections.of("1001").hearing is Hearing.LIVE


async def sockets(house: House) -> int:
    """That Twitch has open."""
    return int((await house.world())["sockets"])


async def test_an_event_that_reaches_both_is_taken_once(pair: tuple[House, House]) -> None:
    first, second = pair
    await first.open(hours=5)
    told = await first.redeemed("viewer1")

    async def hear(house: House) -> None:
        async with asyncio.TaskGroup() as follow_ups:
            await house.services.events.heard(RedemptionEvent(told, added=True), follow_ups.create_task)

    await asyncio.gather(*(hear(house) for house in (first, second, first, second)))
    session = await first.live("3001")
    assert session
    assert [credit.id for credit in session.credits] == [told.id]


async def test_what_can_not_be_written_down_is_said_and_taken_when_it_comes_again(pair: tuple[House, House]) -> None:
    first, _ = pair
    await first.open(hours=5)
    told = await first.redeemed("viewer1")
    store: Any = first.services.store

    async def away(*_: object, **__: object) -> None:
        raise StoreUnavailable("out of reach")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store.calls, "commit", away)
        with pytest.raises(StoreUnavailable):
            await first.services.events.heard(RedemptionEvent(told, added=True), asyncio.create_task)
    async with asyncio.TaskGroup() as follow_ups:
        await first.services.events.heard(RedemptionEvent(told, added=True), follow_ups.create_task)
    assert "viewer1" in await first.vips()


async def test_what_one_saw_of_the_queue_is_no_more_known_once_the_other_has_looked(pair: tuple[House, House]) -> None:
    first, second = pair
    streamer = await first.open()
    reward_id = (await first.channel()).channel_point_reward_id
    await first.services.twitch.update_reward("1001", reward_id, skips_queue=True)
    await first.fault("PATCH", "channel_points/custom_rewards", "status", status=400)

    async def seen(house: House) -> tuple[str, str]:
        house.services.changes.announce_here("1001")
        health = (await house.services.board.staff("1001")).health
        assert not health.alone
        return health.reward, health.queue

    await first.services.health.look(streamer.id)
    assert (await seen(first), await seen(second)) == (("queue", "off"), ("well", ""))
    await pass_time(first, timedelta(minutes=1))
    await second.services.health.look(streamer.id)
    assert (await seen(first), await seen(second)) == (("well", ""), ("well", "on"))
    # What it sees by itself it knows again.
    await first.services.health.look(streamer.id)
    assert await seen(first) == ("well", "on")


async def test_what_is_undone_at_both_at_once_goes_on_once(
    pair: tuple[House, House], monkeypatch: pytest.MonkeyPatch
) -> None:
    await undone_at_once(*pair, monkeypatch)


async def test_what_both_know_of_is_said_in_chat_once_and_a_question_that_reaches_both_is_answered_once(
    pair: tuple[House, House],
) -> None:
    first, _ = pair
    streamer = await first.open()
    await first.services.chat.save(streamer, streamer.id, [ChatLine(Event.STARTED, True, "{viewer}: {points}")], 10)
    await first.services.chat.turn(streamer, streamer.id, True)
    await first.services.chat.turn_answers(streamer, streamer.id, True)
    await first.connect(person_id=streamer.id)
    await first.services.herald.tend(streamer.id)
    await first.redeem("viewer1")
    await asyncio.gather(*(house.services.herald.tend(streamer.id) for house in pair))
    for house in pair:
        await house.services.herald.settled()
    wrote = await first.control("say", channel="streamer", viewer="viewer1", text="!vip")
    asked = ChatCommand(streamer.id, wrote["id"], "3001", "viewer1", "Viewer1")

    async def hear(house: House) -> None:
        async with asyncio.TaskGroup() as follow_ups:
            await house.services.events.heard(asked, follow_ups.create_task)

    await asyncio.gather(*(hear(house) for house in pair))
    [chat] = [one["chat"] for one in (await first.world())["channels"] if one["login"] == "streamer"]
    assert [one["text"] for one in chat] == ["Viewer1: 500", "!vip", "Your VIP lasts 24 h more."]
