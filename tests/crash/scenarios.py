"""What the program is doing when it dies."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from tests.crash.calm import pass_time
from tests.crash.steps import Steps
from tests.house import House
from vip_manager.domain.rules import WhenFull
from vip_manager.domain.session import VipSession
from vip_manager.domain.terms import InvalidInput
from vip_manager.ports import TwitchError
from vip_manager.services.access import Person

DAY = 24.0
GIFT = "a-gift-of-the-streamer"
ADD, REMOVE, SETTLE = "POST /channels/vips", "DELETE /channels/vips", "PATCH /channel_points/custom_rewards/redemptions"
STREAMER = Person("1001", "streamer", "Streamer", "", connected=True, reconnect=False)

Play = Callable[[House, Steps], Awaitable[None]]
Prepare = Callable[[House], Awaitable[None]]


async def _nothing(house: House) -> None:
    pass


@dataclass(frozen=True)
class Scenario:
    """`act` is the life in which the program dies, in a channel whose reward gives VIP for a day and that `arrange` has
    prepared. After the restart, when all is calm, the person who saw the program die does it `again`.

    Then: whether `viewer` is VIP by us (None: if a redemption was fulfilled); which `statuses` redemptions may have on
    Twitch; and for how many hours the badge is worn altogether: a day for each FULFILLED redemption and the `gift`
    hours, or, where somebody `cut_short` a VIP, any time up to that. `asks_twitch`: it changes something on Twitch.
    """

    title: str
    act: Play
    vip: bool | None
    arrange: Prepare = _nothing
    again: Prepare | None = None
    asks_twitch: bool = True
    viewer: str = "viewer1"
    statuses: frozenset[str] = frozenset({"FULFILLED"})
    gift: float = 0.0
    cut_short: bool = False


async def _granted(house: House) -> None:
    await house.redeem("viewer1")


async def _nearly_over(house: House) -> None:
    """Every VIP is, and the channel has just been caught up with: the sweep at the end has nothing else to do, so that
    the steps of two things that happen at once come in one order."""
    await _granted(house)
    await pass_time(house, DAY - 0.02)


async def _vip_for_a_while(house: House) -> None:
    """So long that a list without the badge is believed."""
    await _granted(house)
    await pass_time(house, 0.1)


async def _seats_taken(house: House) -> None:
    await house.control("channel", channel="streamer", capacity=1)


async def _redeem(viewer: str, house: House, steps: Steps) -> None:
    await house.redeem(viewer)


async def _past_the_end(house: House) -> None:
    ends = (await _session(house)).expires_at
    assert ends is not None
    await pass_time(house, (ends - house.clock.now()) / timedelta(hours=1) + 0.05)


async def _expire(house: House, steps: Steps) -> None:
    await _past_the_end(house)
    await house.services.sweep.run()


async def _extend_overdue(house: House, steps: Steps) -> None:
    await _past_the_end(house)
    await house.redeem("viewer1")


async def _extend_while_it_is_taken(house: House, steps: Steps) -> None:
    granting: list[asyncio.Task[object]] = []

    async def redeem() -> None:
        told = await house.redeemed("viewer1")
        await house.services.intake.receive(told)
        granting.append(asyncio.create_task(house.services.grant.redemption(told.id)))

    steps.meanwhile(REMOVE, redeem)
    await _expire(house, steps)
    await asyncio.gather(*granting)


async def _redeem_after_all(house: House) -> None:
    """Where the program died before the viewer came to it."""
    if len((await house.audit())["redemptions"]) < 2:
        await house.redeem("viewer1")


async def _extend_by_hand_while_it_is_taken(house: House, steps: Steps) -> None:
    session = await _session(house)
    granting: list[asyncio.Task[object]] = []

    async def extend() -> None:
        granting.append(asyncio.create_task(_more_hours(house, session.id)))

    steps.meanwhile(REMOVE, extend)
    await _expire(house, steps)
    await asyncio.gather(*granting)


async def _taken_back_on_twitch(house: House, steps: Steps) -> None:
    """The streamer rejects the redemption in Twitch's own queue at the moment when we are about to fulfil it."""
    told = await house.redeemed("viewer1")

    async def reject() -> None:
        await house.control("settle", redemption_id=told.id, status="CANCELED")

    steps.meanwhile(SETTLE, reject)
    await house.services.intake.receive(told)
    await house.services.grant.redemption(told.id)


async def _give(house: House, steps: Steps) -> None:
    await _give_again(house)


async def _give_again(house: House) -> None:
    await house.services.gift.by_hand(STREAMER, "1001", "viewer1", DAY, GIFT)


async def _add_time(house: House, steps: Steps) -> None:
    await _add_time_again(house)


async def _add_time_again(house: House) -> None:
    await _more_hours(house, (await _session(house)).id)


async def _add_time_or_give_again(house: House) -> None:
    """A person whose viewer's VIP has ended meanwhile gives the hour anew."""
    await house.services.gift.by_hand(STREAMER, "1001", "viewer1", 1, GIFT)


async def _more_hours(house: House, session_id: str) -> None:
    await house.services.gift.add_time(STREAMER, "1001", session_id, 1, GIFT)


async def _end(house: House, steps: Steps) -> None:
    await _end_again(house)


async def _end_again(house: House) -> None:
    session = await house.live("3001")
    if session is not None:
        await house.services.expire.end_now(STREAMER, "1001", session.id)


async def _end_before_it_is_granted(house: House, steps: Steps) -> None:
    await house.fault("POST", "/channels/vips", "status", status=503)
    await house.redeem("viewer1")
    await _end_again(house)


async def _modded_and_back(house: House, steps: Steps) -> None:
    for moderator in (True, False):
        await house.control("moderator", channel="streamer", viewer="viewer1", moderator=moderator)
        await house.services.reconcile.look("1001", "3001", house.clock.now())


async def _unmodded(house: House) -> None:
    """Where the program died before the streamer came to it."""
    [channel] = [one for one in (await house.world())["channels"] if one["login"] == "streamer"]
    if any(one["login"] == "viewer1" for one in channel["moderators"]):
        await house.control("moderator", channel="streamer", viewer="viewer1", moderator=False)
    await house.services.reconcile.look("1001", "3001")


async def _give_back(house: House, steps: Steps) -> None:
    """Twitch does not hear that the redemption is fulfilled; the streamer gives the points back."""
    await house.fault("PATCH", "/channel_points/custom_rewards/redemptions", "status", status=503)
    await house.redeem("viewer1")
    await _give_back_again(house)


async def _give_back_again(house: House) -> None:
    for redemption in await house.services.store.redemptions.open("1001"):
        with suppress(InvalidInput, TwitchError):
            await house.services.dead_letters.give_back(STREAMER, "1001", redemption.id)


async def _wants_to_say_yes(house: House) -> None:
    await house.rules(approval=True, approval_hours=DAY)


async def _redeem_and_approve(house: House, steps: Steps) -> None:
    await house.redeem("viewer1")
    await _approve_again(house)


async def _approve_again(house: House) -> None:
    for redemption in await house.services.store.redemptions.open("1001"):
        with suppress(InvalidInput, TwitchError):
            await house.services.waiting.approve(STREAMER, "1001", redemption.id)


async def _wants_to_say_yes_soon(house: House) -> None:
    await house.rules(approval=True, approval_hours=0.01)


async def _redeem_and_hear_nothing(house: House, steps: Steps) -> None:
    await house.redeem("viewer1")
    await _hear_nothing(house)


async def _hear_nothing(house: House) -> None:
    await pass_time(house, 0.02)
    await house.services.sweep.run()


async def _has_a_waiting_list(house: House) -> None:
    await _seats_taken(house)
    await house.rules(when_full=WhenFull.WAIT)


async def _wait_for_a_seat(house: House, steps: Steps) -> None:
    await house.redeem("viewer1")
    await _seat_again(house)


async def _seat_again(house: House) -> None:
    """There are more seats by now, and the program looks."""
    await house.control("channel", channel="streamer", capacity=20)
    await house.services.reconcile.catch_up("1001")


async def _another_has_the_seat(house: House) -> None:
    await house.control("channel", channel="streamer", capacity=2)
    await house.rules(when_full=WhenFull.TAKE_SEAT, protected_hours=0.0, seats=2)
    await house.services.gift.by_hand(STREAMER, "1001", "viewer2", 1, GIFT)
    await pass_time(house, 0.1)


async def _is_vip_and_wants_more(house: House) -> None:
    await house.redeem("viewer1")
    await house.rules(approval=True)
    await house.redeem("viewer1")


async def _leave(house: House, steps: Steps) -> None:
    await _wish_to_leave(house)
    await house.services.departure.go_on("1001")


async def _wish_to_leave(house: House) -> None:
    """What it would begin at once is left to whoever goes on with it."""
    await house.services.departure.begin(STREAMER, "1001", "streamer", end_vips=True)
    await house.services.departure.aclose()


async def _leave_again(house: House) -> None:
    """Where the program died before the wish was written down, the streamer has it once more."""
    if (await house.channel()).leaving is None:
        await _wish_to_leave(house)
    for _ in range(8):
        await pass_time(house, 0.02)
        await house.services.sweep.run()
    channel, account = await house.channel(), await house.services.store.accounts.get("1001")
    rewards = [one["rewards"] for one in (await house.world())["channels"] if one["login"] == "streamer"]
    assert (channel.left, channel.every_tier, rewards) == (True, (), [[]])
    assert account is not None
    assert account.tokens is None


async def _session(house: House) -> VipSession:
    session = await house.live("3001")
    assert session is not None, "viewer1 has no live session"
    return session


_refund = partial(Scenario, vip=False, statuses=frozenset({"CANCELED"}))

SCENARIOS = {
    "grant": Scenario("grant: a viewer redeems", partial(_redeem, "viewer1"), vip=True),
    "add-time": Scenario("add time: a VIP of ours redeems", partial(_redeem, "viewer1"), vip=True, arrange=_granted),
    "gift": Scenario("grant by hand", _give, vip=True, again=_give_again, gift=DAY),
    "add-hour": Scenario(
        "add time by hand", _add_time, vip=True, arrange=_granted, again=_add_time_again, gift=1, asks_twitch=False
    ),
    "refund-moderator": _refund("refund: the viewer is a moderator", partial(_redeem, "mod"), viewer="mod"),
    "refund-full": _refund("refund: no seat is free", partial(_redeem, "viewer1"), arrange=_seats_taken),
    "refund-vip": _refund(
        "refund: VIP by somebody else's hand", partial(_redeem, "permanentvip"), viewer="permanentvip"
    ),
    "refund-elsewhere": Scenario(
        "refund: rejected on Twitch while we fulfil",
        _taken_back_on_twitch,
        vip=None,
        statuses=frozenset({"CANCELED", "FULFILLED"}),
        cut_short=True,
    ),
    "expire": Scenario("expire", _expire, vip=False, arrange=_granted),
    "extend-overdue": Scenario("add time after the end, before the sweep", _extend_overdue, vip=True, arrange=_granted),
    "extend-expiring": Scenario(
        "add time while the badge is being taken",
        _extend_while_it_is_taken,
        vip=True,
        arrange=_nearly_over,
        again=_redeem_after_all,
    ),
    "add-hour-expiring": Scenario(
        "add time by hand while the badge is being taken",
        _extend_by_hand_while_it_is_taken,
        vip=True,
        arrange=_nearly_over,
        again=_add_time_or_give_again,
        gift=1,
    ),
    "end": Scenario("end by hand", _end, vip=False, arrange=_granted, again=_end_again, cut_short=True),
    "end-granting": Scenario(
        "end by hand before VIP was granted",
        _end_before_it_is_granted,
        vip=False,
        again=_end_again,
        statuses=frozenset({"CANCELED", "FULFILLED"}),
        cut_short=True,
    ),
    "moderator": Scenario(
        "made moderator while VIP, and unmade",
        _modded_and_back,
        vip=True,
        arrange=_vip_for_a_while,
        again=_unmodded,
        cut_short=True,
    ),
    "approve": Scenario(
        "the streamer says yes", _redeem_and_approve, vip=True, arrange=_wants_to_say_yes, again=_approve_again
    ),
    "unanswered": _refund(
        "nobody says yes in time", _redeem_and_hear_nothing, arrange=_wants_to_say_yes_soon, again=_hear_nothing
    ),
    "wait": Scenario(
        "waits for a seat, and has one", _wait_for_a_seat, vip=True, arrange=_has_a_waiting_list, again=_seat_again
    ),
    "take-seat": Scenario(
        "takes the seat of another", partial(_redeem, "viewer1"), vip=True, arrange=_another_has_the_seat
    ),
    "give-back": Scenario(
        "the points given back while VIP runs",
        _give_back,
        vip=None,
        again=_give_back_again,
        statuses=frozenset({"CANCELED", "FULFILLED"}),
        cut_short=True,
    ),
    "leave": Scenario(
        "the streamer leaves, and ends all VIPs",
        _leave,
        vip=False,
        arrange=_is_vip_and_wants_more,
        again=_leave_again,
        statuses=frozenset({"CANCELED", "FULFILLED"}),
        cut_short=True,
    ),
}
