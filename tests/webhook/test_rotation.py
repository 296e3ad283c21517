"""The root secret is changed: at first both count, then everything is made anew, and the earlier one can go."""

import asyncio

from tests.house import until
from tests.webhook.hook_house import HookHouse, becomes
from vip_manager import commands
from vip_manager.twitch.eventsub.messages import TYPES

NEWER = "another root secret, long enough too"


async def rotate(house: HookHouse) -> None:
    """As the README says: the new one, with the earlier one beside it."""
    house.app_secret, house.app_secret_previous = NEWER, (house.app_secret,)
    await house.restart()


async def forget(house: HookHouse) -> None:
    house.app_secret_previous = ()
    await house.restart()


async def test_what_was_not_sealed_anew_is_lost_with_the_earlier_secret(open_house: HookHouse) -> None:
    await rotate(open_house)
    await forget(open_house)
    account = await open_house.services.store.accounts.get("1001")
    assert account is not None
    assert not account.may_manage


async def test_after_resealing_the_earlier_secret_can_go(open_house: HookHouse) -> None:
    await rotate(open_house)
    before = {one["id"] for one in await open_house.listed()}
    done = await commands.reseal(open_house.settings)
    assert (done.sealed, done.without, done.subscriptions) == (1, 0, len(TYPES))
    await open_house.services.sweep.run()
    await open_house.hears()
    assert not before & {one["id"] for one in await open_house.listed()}
    await forget(open_house)
    account = await open_house.services.store.accounts.get("1001")
    assert account is not None
    assert account.may_manage
    await open_house.control("redeem", channel="streamer", viewer="viewer1")
    await until(becomes(open_house, "viewer1"), "viewer1 to become VIP")


async def test_it_can_be_done_again_and_while_the_program_refreshes_tokens(open_house: HookHouse) -> None:
    await rotate(open_house)
    await open_house.control("expire-tokens", user="streamer")
    look = open_house.services.twitch.vips("1001")
    done, again, _ = await asyncio.gather(
        commands.reseal(open_house.settings), commands.reseal(open_house.settings), look
    )
    assert done.sealed == again.sealed == 1
    await forget(open_house)
    assert [one.login for one in await open_house.services.twitch.vips("1001")] == ["permanentvip"]
