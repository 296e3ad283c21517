"""The overlay's secret link: who has its key sees what the board would show, and a new one ends it."""

import re

import pytest

from tests.house import House
from vip_manager.domain.audit import Action
from vip_manager.domain.channel import Channel
from vip_manager.services.access import Person
from vip_manager.services.overlays import Overlays
from vip_manager.store.sealing import FORMS, OVERLAYS, derived

STREAMER = Person("1001", "streamer", "Streamer", "", True, False)
VIEWER = Person("3001", "viewer1", "Viewer1", "", False, False)


def with_secrets(house: House, *secrets: str) -> Overlays:
    services = house.services
    keys = derived(secrets, OVERLAYS)
    return Overlays(services.store, services.clock, services.channels, services.board, keys)


async def test_while_the_board_is_on_anybody_sees_it(house: House) -> None:
    await house.open()
    await house.redeem("viewer1")
    for key in ("", "nonsense"):
        picture = await house.services.overlays.shown("1001", key)
        assert [vip.login for vip in picture.vips] == ["viewer1"]


async def test_while_it_is_off_the_key_does(house: House) -> None:
    await house.open()
    await house.redeem("viewer1")
    await house.redeem("viewer2")
    await house.services.visibility.hide_me(VIEWER, "1001")
    await house.services.visibility.turn_board(STREAMER, "1001", False)
    overlays = house.services.overlays
    key, number = await overlays.link("1001")
    assert number == 0
    picture = await overlays.shown("1001", key)
    assert [vip.login for vip in picture.vips] == ["viewer2"]
    assert not picture.off
    public = await house.services.board.public("1001")
    assert (public.off, public.vips) == (True, [])
    wrong = ("", "nonsense", key[:-1], key + "A", key.lower(), "\ud800", "x" * 10_000, "ü")
    for one in wrong:
        assert (await overlays.shown("1001", one)).off, one


async def test_a_key_is_long_and_plain_and_of_one_channel(house: House) -> None:
    await house.open()
    key, _ = await house.services.overlays.link("1001")
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", key)
    neighbour = await house.services.store.commit(Channel("2002", "2002", "other", "Other"))
    assert await house.services.overlays.number("2002", key) is None
    assert await house.services.overlays.number("nobody", key) is None
    other, _ = await house.services.overlays.link("2002")
    assert other != key
    await house.services.store.delete(neighbour)


async def test_a_new_link_ends_the_one_before_and_leaves_a_line(house: House) -> None:
    await house.open()
    overlays = house.services.overlays
    await house.services.visibility.turn_board(STREAMER, "1001", False)
    old, _ = await overlays.link("1001")
    assert not (await overlays.shown("1001", old)).off
    await overlays.renew(STREAMER, "1001")
    new, number = await overlays.link("1001")
    assert (number, await overlays.current("1001")) == (1, 1)
    assert (await overlays.shown("1001", old)).off
    assert not (await overlays.shown("1001", new)).off
    [line] = [one for one in await house.entries() if one.action is Action.OVERLAY_LINK]
    assert (line.actor_id, line.detail) == ("1001", {})
    assert not any(key in str(one) for one in await house.entries() for key in (old, new))
    assert (await house.services.board.staff("1001")).overlay_number == 1


async def test_a_link_outlives_a_new_root_secret_for_as_long_as_the_old_one_is_known(house: House) -> None:
    await house.open()
    key, _ = await with_secrets(house, "the first secret").link("1001")
    changed = with_secrets(house, "the second secret", "the first secret")
    assert await changed.number("1001", key) == 0
    assert (await changed.link("1001"))[0] != key
    assert await with_secrets(house, "the second secret").number("1001", key) is None


def test_no_other_use_of_the_root_secret_makes_the_same_keys() -> None:
    assert derived(["a secret"], OVERLAYS) != derived(["a secret"], FORMS)


@pytest.mark.parametrize("keys", [[], [""], ["a", ""]])
async def test_without_a_key_there_are_no_links(house: House, keys: list[str]) -> None:
    services = house.services
    with pytest.raises(ValueError, match="at least one key"):
        Overlays(services.store, services.clock, services.channels, services.board, keys)


async def test_a_channel_that_was_left_has_none(house: House) -> None:
    picture = await house.services.overlays.shown("4711", "key")
    assert not picture.known
