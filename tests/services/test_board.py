"""What pages are told: the truth, once a change, and to the public nothing that is for the staff."""

import asyncio
from dataclasses import asdict, fields

import pytest

from tests.house import House, until
from vip_manager.domain.session import VipSession
from vip_manager.ports import StoreUnavailable, Unauthorized
from vip_manager.services.connections import Hearing
from vip_manager.services.pictures import PublicPicture, PublicVip, RewardCard
from vip_manager.services.written import millis

VIPS = "/helix/channels/vips"


def names(picture: type) -> set[str]:
    return {field.name for field in fields(picture)}


async def with_avatars(house: House) -> PublicPicture:
    async def all_known() -> bool:
        return all(vip.avatar_url for vip in (await house.services.board.public("1001")).vips)

    await until(all_known, "the avatars to be fetched")
    return await house.services.board.public("1001")


def test_a_public_picture_has_room_for_nothing_of_the_staffs() -> None:
    assert names(PublicPicture) == {
        "now",
        "out_of_reach",
        "known",
        "off",
        "login",
        "username",
        "avatar_url",
        "live_since",
        "vips",
        "seatless",
        "not_shown",
        "reward",
        "rewards",
        "seats",
        "seats_free",
    }
    person = {"user_id", "login", "username", "avatar_url"}
    assert names(PublicVip) == person | {"granted_at", "expires_at", "state", "clock", "left"}
    assert names(RewardCard) == {"id", "title", "cost", "hours", "open", "clock"}


async def test_the_public_picture_field_by_field(house: House) -> None:
    streamer = await house.open(hours=24)
    await house.services.gift.by_hand(streamer, streamer.id, "viewer1", 5, "gift-1")
    await house.redeem("viewer2")
    given, paid = await house.live("3001"), await house.live("3002")
    assert given
    assert paid
    picture = await with_avatars(house)
    channel = await house.channel()

    def row(session: VipSession) -> PublicVip:
        avatar = f"{house.base}/avatars/{session.user_id}.svg"
        since, until_ = millis(session.granted_at), millis(session.expires_at)
        return PublicVip(session.user_id, session.login, session.username, avatar, since, until_, "active")

    reward = RewardCard(channel.channel_point_reward_id, "VIP for a day", 500, "24", True)
    assert picture == PublicPicture(
        now=picture.now,
        known=True,
        login="streamer",
        username="Streamer",
        avatar_url=channel.avatar_url,
        vips=[row(given), row(paid)],
        reward=reward,
        rewards=[reward],
    )


async def test_the_public_is_not_told_of_troubles_givers_and_redemptions(house: House) -> None:
    streamer = await house.open(hours=1)
    await house.services.gift.by_hand(streamer, streamer.id, "viewer1", 1, "gift-1")
    done = await house.redeem("viewer2")
    house.clock.jump(2)
    await house.fault("DELETE", VIPS, "status", status=503, times=-1)
    await house.fault("POST", VIPS, "status", status=503, times=-1)
    waiting = await house.redeem("viewer3")
    await house.services.sweep.run()
    sessions = await house.services.store.sessions.live(streamer.id)
    assert {session.retry.error for session in sessions} == {"unavailable"}
    told = str(asdict(await house.services.board.public(streamer.id)))
    secrets = [session.id for session in sessions] + [done.id, waiting.id, "gift-1", "viewer3"]
    for secret in (*secrets, "unavailable", "manual", "granting"):
        assert secret not in told
    shown = (await house.services.board.public(streamer.id)).vips
    assert [(vip.login, vip.state) for vip in shown] == [("viewer1", "ending"), ("viewer2", "ending")]


async def test_who_is_not_vip_yet_is_not_on_the_board(house: House) -> None:
    streamer = await house.open()
    await house.fault("POST", VIPS, "status", status=503, times=-1)
    await house.redeem("viewer1")
    session = await house.live("3001")
    assert session
    assert (await house.services.board.public(streamer.id)).vips == []
    [shown] = (await house.services.board.staff(streamer.id)).vips
    assert (shown.state, shown.error) == ("granting", "unavailable")
    await house.fault("DELETE", VIPS, "status", status=503, times=-1)
    await house.services.expire.end_now(streamer, streamer.id, session.id)
    [shown] = (await house.services.board.staff(streamer.id)).vips
    assert (shown.state, shown.granted_at) == ("ending", 0)
    assert (await house.services.board.public(streamer.id)).vips == []


async def test_a_channel_that_nobody_connected_has_no_board(house: House) -> None:
    assert await house.services.board.channel_id("streamer") is None
    assert not (await house.services.board.public("1001")).known
    assert not (await house.services.board.staff("1001")).connected
    await house.connect()
    assert await house.services.board.channel_id("Streamer") == "1001"
    assert (await house.services.board.public("1001")).known


async def test_what_the_dashboard_counts(house: House) -> None:
    streamer = await house.open(hours=1)
    picture = await house.services.board.staff(streamer.id)
    assert (picture.today, picture.refunds_today, picture.permanent) == (0, 0, -1)
    await house.services.sweep.run()
    for viewer in ("viewer1", "viewer2", "mod"):
        await house.redeem(viewer)
    picture = await house.services.board.staff(streamer.id)
    assert (picture.today, picture.refunds_today, picture.permanent) == (3, 1, 1)
    assert [vip.login for vip in picture.vips] == ["viewer1", "viewer2"]
    session = await house.live("3001")
    assert session
    await house.services.expire.make_permanent(streamer, streamer.id, session.id)
    assert (await house.services.board.staff(streamer.id)).permanent == 2
    house.clock.jump(2)
    await house.services.sweep.run()
    picture = await house.services.board.staff(streamer.id)
    assert (picture.vips, picture.permanent) == ([], 2)
    house.clock.jump(23)
    picture = await house.services.board.staff(streamer.id)
    assert (picture.today, picture.refunds_today) == (0, 0), "a day is over"


async def test_the_dashboard_shows_who_gave_what(house: House) -> None:
    streamer = await house.open(hours=24)
    await house.services.gift.by_hand(streamer, streamer.id, "viewer1", 5, "gift-1")
    await house.redeem("viewer2")
    by_hand, by_reward = (await house.services.board.staff(streamer.id)).vips
    assert (by_hand.source, by_hand.given_by, by_hand.reward_title) == ("manual", "Streamer", "")
    assert (by_reward.source, by_reward.given_by, by_reward.reward_title) == ("reward", "", "VIP for a day")
    assert by_hand.state == by_reward.state == "active"


async def test_a_redemption_that_waits_is_shown_with_its_reason(house: House) -> None:
    streamer = await house.open()
    await house.fault("GET", VIPS, "status", status=503, times=-1)
    waiting = await house.redeem("viewer1")
    [pending] = (await house.services.board.staff(streamer.id)).pending
    assert (pending.redemption_id, pending.login, pending.cost) == (waiting.id, "viewer1", 500)
    assert (pending.state, pending.error, pending.next_at) == (
        "received",
        "unavailable",
        millis(waiting.retry.next_at),
    )


async def test_the_dashboard_says_whether_twitch_is_heard(house: House) -> None:
    streamer = await house.open()

    async def connection() -> tuple[str, str, bool]:
        picture = await house.services.board.staff(streamer.id)
        return picture.connection, picture.connection_error, picture.connected

    assert await connection() == ("connecting", "", True)
    house.services.connections.heard(streamer.id, Hearing.LIVE)
    assert await connection() == ("live", "", True)
    house.services.connections.heard(streamer.id, Hearing.CONNECTING, "unavailable")
    assert await connection() == ("connecting", "unavailable", True)
    await house.control("disconnect", user="streamer")
    with pytest.raises(Unauthorized):
        await house.services.twitch.vips(streamer.id)
    assert await connection() == ("reconnect", "", False)
    assert not (await house.services.board.staff(streamer.id)).reward.open, "nobody would become VIP"
    assert not (await house.services.board.public(streamer.id)).reward.open
    await house.connect()
    assert await connection() == ("connecting", "", True)


async def test_signing_in_again_while_twitch_is_heard_leaves_it_live(house: House) -> None:
    streamer = await house.open()
    house.services.connections.heard(streamer.id, Hearing.LIVE)
    await house.connect()
    assert (await house.services.board.staff(streamer.id)).connection == "live"


async def test_a_picture_is_made_once_a_change_however_many_look(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    streamer = await house.open()
    await house.redeem("viewer1")
    await with_avatars(house)
    made = 0
    live = house.services.store.sessions.live

    async def counted(channel_id: str) -> list[VipSession]:
        nonlocal made
        made += 1
        return await live(channel_id)

    monkeypatch.setattr(house.services.store.sessions, "live", counted)
    board = house.services.board
    house.services.changes.announce(streamer.id)
    first = await board.staff(streamer.id), await board.public(streamer.id)
    assert made == 2
    house.clock.jump(20 / 3600)
    later = await board.staff(streamer.id), await board.public(streamer.id)
    assert made == 2
    assert later[0].now - first[0].now >= 20_000
    assert later[1].now - first[1].now >= 20_000
    assert later[0].vips is first[0].vips
    house.services.changes.announce("1002")
    await board.staff(streamer.id)
    assert made == 2, "another channel's change"
    house.services.changes.announce(streamer.id)
    await board.staff(streamer.id)
    await board.public(streamer.id)
    assert made == 4
    house.clock.jump(31 / 3600)
    await board.staff(streamer.id)
    assert made == 5, "what is counted over a day changes by itself"
    house.services.changes.announce(streamer.id)
    await asyncio.gather(*(board.public(streamer.id) for _ in range(20)))
    assert made == 6, "all at once"


async def test_an_older_picture_that_took_longer_is_not_kept(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    streamer = await house.open()
    await house.redeem("viewer1")
    await with_avatars(house)
    live, asked, go_on = house.services.store.sessions.live, asyncio.Event(), asyncio.Event()

    async def slow(channel_id: str) -> list[VipSession]:
        found = await live(channel_id)
        asked.set()
        await go_on.wait()
        return found

    board = house.services.board
    monkeypatch.setattr(house.services.store.sessions, "live", slow)
    house.services.changes.announce(streamer.id)
    older = asyncio.create_task(board.public(streamer.id))
    await asked.wait()
    monkeypatch.setattr(house.services.store.sessions, "live", live)
    await house.redeem("viewer2")
    newer = await board.public(streamer.id)
    go_on.set()
    assert [one.login for one in (await older).vips] == ["viewer1"]

    async def away(*_: object) -> None:
        raise StoreUnavailable("away")

    monkeypatch.setattr(type(house.services.store.channels), "get", away)
    house.services.changes.announce(streamer.id)
    shown = await board.public(streamer.id)
    assert shown.out_of_reach
    assert shown.vips == newer.vips
    monkeypatch.undo()


async def test_many_who_ask_at_once_hear_of_the_same_failure(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """However long the store takes to fail, they wait for it once."""
    streamer = await house.open()
    tries = 0

    async def away(*_: object) -> None:
        nonlocal tries
        tries += 1
        raise StoreUnavailable("away")

    monkeypatch.setattr(type(house.services.store.channels), "get", away)
    asked = [house.services.board.overlay(streamer.id) for _ in range(5)]
    found = await asyncio.gather(*asked, return_exceptions=True)
    assert [type(one) for one in found] == [StoreUnavailable] * 5
    assert tries == 1
    monkeypatch.undo()


async def test_what_changed_is_in_the_next_picture(house: House) -> None:
    streamer = await house.open(hours=24)
    assert (await house.services.board.public(streamer.id)).vips == []
    await house.redeem("viewer1")
    [before] = (await house.services.board.public(streamer.id)).vips
    await house.redeem("viewer1")
    [after] = (await house.services.board.public(streamer.id)).vips
    assert after.expires_at == before.expires_at + 24 * 3_600_000
    session = await house.live("3001")
    assert session
    await house.services.expire.end_now(streamer, streamer.id, session.id)
    assert (await house.services.board.public(streamer.id)).vips == []
    await house.services.channels.turn(streamer, streamer.id, False)
    assert not (await house.services.board.public(streamer.id)).reward.open


async def test_twitch_that_answers_again_is_no_longer_said_to_be_silent(house: House) -> None:
    streamer = await house.open()
    house.services.connections.heard(streamer.id, Hearing.LIVE)
    await house.fault("PATCH", "/helix/channel_points/custom_rewards/redemptions", "status", status=500)
    granted = await house.redeem("viewer1")
    assert (await house.services.board.staff(streamer.id)).connection_error == "unavailable"
    await house.services.dead_letters.try_again(streamer, streamer.id, granted.id)
    assert (await house.services.board.staff(streamer.id)).connection_error == ""
