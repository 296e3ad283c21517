"""People are known by their id; their names are those that Twitch has for them now."""

from dataclasses import replace

from tests.house import House
from vip_manager.domain.session import SessionState, VipSession
from vip_manager.ports import TwitchStatus

VIPS = "/helix/channels/vips"


async def session_of(house: House) -> VipSession:
    session = await house.live("3001")
    assert session
    return session


async def renamed(house: House, user: str = "viewer1") -> None:
    await house.control("rename", user=user, login=f"{user}_again", display_name="Another")


async def test_catch_up_learns_a_viewers_new_name(house: House) -> None:
    await house.open()
    await house.redeem("viewer1")
    await renamed(house)
    await house.services.reconcile.catch_up("1001")
    session = await session_of(house)
    assert (session.state, session.login, session.username) == (SessionState.ACTIVE, "viewer1_again", "Another")
    [vip] = (await house.services.board.staff("1001")).vips
    assert (vip.login, vip.username) == ("viewer1_again", "Another")


async def test_a_second_redemption_under_a_new_name_is_the_same_viewers(house: House) -> None:
    await house.open(hours=24)
    await house.redeem("viewer1")
    await renamed(house)
    await house.redeem("viewer1_again")
    assert (await session_of(house)).hours == 48


async def test_whoever_takes_over_the_old_name_is_somebody_else(house: House) -> None:
    streamer = await house.open(hours=24)
    await house.redeem("viewer1")
    await renamed(house)
    await house.control("rename", user="viewer2", login="viewer1")
    await house.services.gift.by_hand(streamer, streamer.id, "viewer1", 5, "gift-1")
    assert (await session_of(house)).hours == 24
    other = await house.live("3002")
    assert other
    assert (other.hours, other.login) == (5, "viewer1")
    house.clock.jump(30)
    await house.services.sweep.run()
    assert not await house.vips() & {"viewer1", "viewer1_again"}


async def test_a_streamers_new_name_leads_to_the_board(house: House) -> None:
    await house.open()
    await renamed(house, "streamer")
    await house.services.accounts.validate_all()
    assert (await house.channel()).username == "Another"
    assert await house.services.board.channel_id("streamer_again") == "1001"
    assert await house.services.board.channel_id("streamer") is None
    account = await house.services.store.accounts.get("1001")
    assert account
    assert (account.login, account.username) == ("streamer_again", "Another")


async def deleted(house: House, user: str, gone: bool = True) -> None:
    await house.control("delete-user", user=user, deleted=gone)


async def test_a_deleted_viewer_keeps_the_last_name_and_is_shown_while_twitch_knows_nobody(house: House) -> None:
    await house.open(hours=1)
    await house.redeem("viewer1")
    await deleted(house, "viewer1")
    await house.services.reconcile.catch_up("1001")
    assert ((await session_of(house)).login, (await session_of(house)).username) == ("viewer1", "Viewer1")
    house.clock.jump(2)
    await house.services.sweep.run()
    [vip] = (await house.services.board.staff("1001")).vips
    assert (vip.state, vip.error, vip.username) == ("ending", "gone", "Viewer1")
    await deleted(house, "viewer1", False)
    house.clock.jump(0.3)
    await house.services.sweep.run()
    assert "viewer1" not in await house.vips()
    assert await house.live("3001") is None


async def test_a_deleted_viewers_redemption_gets_the_points_back_and_keeps_nobody_waiting(house: House) -> None:
    await house.open()
    gone = await house.redeemed("viewer1")
    waiting = await house.redeemed("viewer2")
    await deleted(house, "viewer1")
    await house.services.sweep.run()
    assert await house.on_twitch(gone.id) is TwitchStatus.CANCELED
    assert await house.on_twitch(waiting.id) is TwitchStatus.FULFILLED


async def test_a_deleted_streamer_is_asked_to_sign_in_and_work_is_kept(house: House) -> None:
    await house.open(hours=1)
    await house.redeem("viewer1")
    await deleted(house, "streamer")
    await house.services.accounts.validate_all()
    house.clock.jump(2)
    await house.services.sweep.run()
    assert (await session_of(house)).state is SessionState.ENDING
    assert not (await house.services.board.staff("1001")).connected
    await deleted(house, "streamer", False)
    await house.connect()
    await house.services.sweep.run()
    assert await house.live("3001") is None


async def test_a_board_is_of_who_has_the_name_now(house: House) -> None:
    await house.open()
    account = await house.services.store.accounts.get("1001")
    assert account
    await house.services.store.commit(replace(account, tokens=None, reconnect=True))
    await house.control("rename", user="streamer", login="streamer_again", display_name="A")
    await house.control("rename", user="secondstreamer", login="streamer", display_name="B")
    other = await house.connect("streamer")
    for _ in range(4):
        house.clock.jump(0.02)
        await house.services.sweep.run()
        await house.services.accounts.validate_all()
        assert await house.services.board.channel_id("streamer") == other.id


async def test_a_redemption_that_waited_does_not_bring_an_old_name_back(house: House) -> None:
    await house.open()
    await house.redeem("viewer1")
    waiting = await house.redeemed("viewer1")
    await house.services.intake.receive(waiting)
    await house.control("rename", user="viewer1", login="viewer1_again", display_name="Another")
    await house.services.reconcile.catch_up("1001")
    await house.services.grant.redemption(waiting.id)
    assert (await session_of(house)).username == "Another"
