"""Who asked not to be shown is in nothing that the public is told; and a board that is off tells nothing at all."""

import json
from dataclasses import asdict, replace

import pytest

from tests.house import House, until
from vip_manager.domain.audit import Action
from vip_manager.domain.channel import Hidden
from vip_manager.domain.rules import WhenFull
from vip_manager.domain.terms import InvalidInput
from vip_manager.services.access import Person
from vip_manager.services.pictures import PublicPicture
from vip_manager.services.refused import Refused
from vip_manager.services.visibility import MOST_HIDDEN, MOST_OF_ALL

VIEWER = Person("3001", "viewer1", "Viewer1", "", False, False)
STRANGER = Person("4711", "stranger", "Stranger", "", False, False)


async def shown(house: House) -> str:
    """All that the public is told, once the avatars of whoever is shown are there."""

    async def all_known() -> bool:
        return all(vip.avatar_url for vip in (await house.services.board.public("1001")).vips)

    await until(all_known, "the avatars to be fetched")
    return json.dumps(asdict(await house.services.board.public("1001")))


async def test_a_hidden_viewer_is_counted_and_nothing_else(house: House) -> None:
    await house.open()
    await house.redeem("viewer1")
    await house.redeem("viewer2")
    assert "viewer1" in await shown(house)
    await house.services.visibility.hide_me(VIEWER, "1001")
    session = await house.live("3001")
    assert session
    assert session.granted_at
    told = await shown(house)
    for secret in ("viewer1", "Viewer1", "3001", str(round(session.granted_at.timestamp() * 1000))):
        assert secret not in told
    picture = await house.services.board.public("1001")
    assert ([vip.login for vip in picture.vips], picture.not_shown) == (["viewer2"], 1)
    staff = await house.services.board.staff("1001")
    assert {vip.login: vip.hidden for vip in staff.vips} == {"viewer1": True, "viewer2": False}
    assert ([one.user_id for one in staff.hidden], staff.hidden_count) == (["3001"], 1)
    await house.services.visibility.show_me(VIEWER, "1001")
    picture = await house.services.board.public("1001")
    assert (len(picture.vips), picture.not_shown) == (2, 0)
    [line] = [one for one in await house.entries() if one.action is Action.HIDDEN]
    assert (line.actor_id, line.actor_name, line.subject_id) == ("3001", "", "3001")


async def test_whoever_waits_for_a_seat_again_can_be_hidden_too(house: House) -> None:
    await house.open(hours=24)
    await house.rules(when_full=WhenFull.TAKE_SEAT, seats=2, protected_hours=0)
    await house.redeem("viewer1")
    house.clock.jump(2)
    await house.redeem("viewer2")
    assert [one.login for one in (await house.services.board.public("1001")).seatless] == ["viewer1"]
    await house.services.visibility.hide_me(VIEWER, "1001")
    picture = await house.services.board.public("1001")
    assert (picture.seatless, picture.not_shown) == ([], 0)
    assert "viewer1" not in await shown(house)


async def test_twice_is_once(house: House) -> None:
    await house.open()
    for _ in range(2):
        await house.services.visibility.hide_me(VIEWER, "1001")
    assert [one.id for one in (await house.channel()).hidden] == ["3001"]
    for _ in range(2):
        await house.services.visibility.show_me(VIEWER, "1001")
    actions = await house.actions()
    assert (actions.count(Action.HIDDEN), actions.count(Action.SHOWN)) == (1, 1)


async def test_nobody_shows_somebody_else_by_their_own_wish(house: House) -> None:
    await house.open()
    await house.services.visibility.hide_me(VIEWER, "1001")
    await house.services.visibility.show_me(STRANGER, "1001")
    assert (await house.channel()).hides("3001")
    with pytest.raises(InvalidInput):
        await house.services.visibility.hide_me(VIEWER, "4711")


async def test_the_staff_hides_and_shows(house: House) -> None:
    streamer = await house.open()
    visibility = house.services.visibility
    assert (await visibility.hide(streamer, "1001", "@Viewer2")).id == "3002"
    with pytest.raises(Refused):
        await visibility.hide(streamer, "1001", "nobody_at_all")
    [line] = [one for one in await house.entries() if one.action is Action.HIDDEN]
    assert (line.actor_name, line.subject_name) == ("Streamer", "Viewer2")
    await visibility.show(streamer, "1001", "3002")
    await visibility.hide(streamer, "1001", "viewer2")
    with pytest.raises(InvalidInput):
        await visibility.show_named(streamer, "1001", "viewer3")
    await visibility.show_named(streamer, "1001", "Viewer2")
    assert (await house.channel()).hidden == ()


async def test_only_the_viewer_takes_back_their_own_wish(house: House) -> None:
    streamer = await house.open()
    visibility = house.services.visibility
    await visibility.hide_me(VIEWER, "1001")
    await visibility.hide(streamer, "1001", "viewer1")
    with pytest.raises(InvalidInput, match="Viewer1 asked not to be shown"):
        await visibility.show(streamer, "1001", "3001")
    with pytest.raises(InvalidInput, match="Only they can change that"):
        await visibility.show_named(streamer, "1001", "viewer1")
    assert [one.own_wish for one in (await house.services.board.staff("1001")).hidden] == [True]
    await visibility.show_me(VIEWER, "1001")
    await visibility.hide(streamer, "1001", "viewer1")
    assert [(one.by, one.own_wish) for one in (await house.channel()).hidden] == [("1001", False)]
    await visibility.hide_me(VIEWER, "1001")
    with pytest.raises(InvalidInput, match="Only they"):
        await visibility.show(streamer, "1001", "3001")
    actions = await house.actions()
    assert (actions.count(Action.HIDDEN), actions.count(Action.SHOWN)) == (3, 1)


async def test_where_nobody_knows_who_asked_it_counts_as_their_own_wish(house: House) -> None:
    streamer = await house.open()
    await fill(house, 1)
    with pytest.raises(InvalidInput, match="N10000 asked"):
        await house.services.visibility.show(streamer, "1001", "10000")


async def fill(house: House, count: int) -> None:
    many = tuple(Hidden(str(number), f"n{number}", f"N{number}") for number in range(10_000, 10_000 + count))
    await house.services.store.commit(replace(await house.channel(), hidden=many))


async def test_a_full_list_takes_only_who_is_or_was_vip(house: House) -> None:
    streamer = await house.open()
    await house.redeem("viewer1")
    await fill(house, MOST_HIDDEN)
    with pytest.raises(InvalidInput, match="only who is VIP on this channel"):
        await house.services.visibility.hide_me(STRANGER, "1001")
    with pytest.raises(InvalidInput, match="Viewer2 was not yet"):
        await house.services.visibility.hide(streamer, "1001", "viewer2")
    await house.services.visibility.hide_me(VIEWER, "1001")
    assert (await house.channel()).hides("3001")
    staff = await house.services.board.staff("1001")
    assert (staff.hidden[0].user_id, len(staff.hidden), staff.hidden_count) == ("3001", 100, MOST_HIDDEN + 1)
    await fill(house, MOST_OF_ALL)
    with pytest.raises(InvalidInput):
        await house.services.visibility.hide_me(VIEWER, "1001")


async def test_a_board_that_is_off_tells_nothing(house: House) -> None:
    streamer = await house.open()
    await house.redeem("viewer1")
    for _ in range(2):
        await house.services.visibility.turn_board(streamer, "1001", on=False)
    picture = await house.services.board.public("1001")
    assert picture == PublicPicture(now=picture.now, off=True)
    assert (await house.services.board.staff("1001")).board_off
    await house.services.visibility.turn_board(streamer, "1001", on=True)
    assert [vip.login for vip in (await house.services.board.public("1001")).vips] == ["viewer1"]
    actions = await house.actions()
    assert (actions.count(Action.BOARD_OFF), actions.count(Action.BOARD_ON)) == (1, 1)
