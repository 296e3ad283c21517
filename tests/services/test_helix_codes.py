"""Every answer Twitch may give to a call that changes something, and what then becomes of it.

Points go back where VIP can't be given, and stay with the redemption while it may yet be; never both, never neither.
Codes: https://dev.twitch.tv/docs/api/reference/#add-channel-vip, #remove-channel-vip, #update-redemption-status.
"""

from datetime import timedelta
from typing import Any

import pytest

from tests.house import House
from vip_manager.domain.reasons import Refusal, Trouble
from vip_manager.domain.redemption import Redemption, RedemptionState
from vip_manager.domain.session import SessionState
from vip_manager.ports import TwitchStatus

VIPS = "/helix/channels/vips"
REDEMPTIONS = "/helix/channel_points/custom_rewards/redemptions"
TOKEN = "/oauth2/token"
LOST = {"do": "lose_answer"}
ALWAYS = -1


def status(code: int, message: str = "", **headers: str) -> dict[str, Any]:
    return {"do": "status", "status": code, "message": message, "headers": headers}


BUCKET_EMPTY = status(429, **{"Ratelimit-Remaining": "0"})
WINDOW_FULL = status(429, **{"Ratelimit-Remaining": "700"})


async def stored(house: House, redemption_id: str) -> Redemption:
    redemption = await house.services.store.redemptions.get(redemption_id)
    assert redemption is not None
    return redemption


async def later(house: House, hours: float = 0.3) -> None:
    """What was put off is due, and done."""
    house.clock.jump(hours)
    await house.services.sweep.run()


async def error_shown(house: House) -> str:
    """What the streamer sees beside the redemption."""
    pending = (await house.services.board.staff("1001")).pending
    return pending[0].error if pending else ""


@pytest.mark.parametrize(
    ("answer", "refusal"),
    [
        (status(400), Refusal.BLOCKED),
        (status(403), Refusal.DECLINED),
        (status(404), Refusal.USER_NOT_FOUND),
        (status(409), Refusal.FULL),
        (status(422), Refusal.ALREADY_VIP),
        (status(425), Refusal.NO_VIP_FEATURE),
        (status(410), Refusal.DECLINED),
    ],
    ids=lambda value: str(value.get("status")) if isinstance(value, dict) else str(value),
)
async def test_an_add_that_twitch_refuses_gives_the_points_back_and_says_why(
    house: House, answer: dict[str, Any], refusal: Refusal
) -> None:
    await house.open()
    await house.control("faults", method="POST", path=VIPS, times=ALWAYS, **answer)
    done = await house.redeem("viewer1")
    assert (done.state, done.refusal) == (RedemptionState.CANCELED, refusal)
    assert await house.on_twitch(done.id) is TwitchStatus.CANCELED
    assert await house.live("3001") is None
    assert (await house.entries())[1].detail["reason"] == refusal
    await house.heal_twitch()
    await later(house, 100)
    assert "viewer1" not in await house.vips()


@pytest.mark.parametrize(
    ("answer", "trouble"),
    [
        (BUCKET_EMPTY, Trouble.RATE_LIMITED),
        (WINDOW_FULL, Trouble.RATE_LIMITED),
        (status(500), Trouble.UNAVAILABLE),
        (status(502), Trouble.UNAVAILABLE),
        (status(503), Trouble.UNAVAILABLE),
        (status(504), Trouble.UNAVAILABLE),
        (status(408), Trouble.UNAVAILABLE),
        (status(302, Location="/elsewhere"), Trouble.UNAVAILABLE),
        (status(200), Trouble.UNAVAILABLE),
        ({"do": "cut"}, Trouble.UNAVAILABLE),
        (LOST, Trouble.UNAVAILABLE),
    ],
    ids=["429 bucket", "429 window", "500", "502", "503", "504", "408", "302", "200", "cut", "lost"],
)
async def test_an_add_that_may_work_later_keeps_the_points_and_says_what_it_waits_for(
    house: House, answer: dict[str, Any], trouble: Trouble
) -> None:
    await house.open(hours=24)
    await house.control("faults", method="POST", path=VIPS, **answer)
    waiting = await house.redeem("viewer1")
    assert waiting.state is RedemptionState.GRANTING
    assert await house.on_twitch(waiting.id) is TwitchStatus.UNFULFILLED
    assert await error_shown(house) == trouble
    await later(house)
    assert await house.on_twitch(waiting.id) is TwitchStatus.FULFILLED
    assert "viewer1" in await house.vips()
    session = await house.live("3001")
    assert session
    assert (session.state, session.hours, session.ours) == (SessionState.ACTIVE, 24, True)
    assert await error_shown(house) == ""


async def test_a_window_that_is_full_is_waited_out_and_an_empty_bucket_as_long_as_it_says(house: House) -> None:
    await house.open()
    waits = []
    for viewer, answer in (("viewer1", WINDOW_FULL), ("viewer2", BUCKET_EMPTY)):
        await house.control("faults", method="GET", path=VIPS, **answer)
        waiting = await house.redeem(viewer)
        assert waiting.retry.next_at
        waits.append(waiting.retry.next_at - house.clock.now())
    assert waits[0] > timedelta(seconds=8)
    assert waits[1] < timedelta(seconds=3)


async def test_an_add_with_a_token_that_has_just_died_is_made_with_a_new_one(house: House) -> None:
    await house.open()
    await house.fault("POST", VIPS, "status", status=401)
    assert (await house.redeem("viewer1")).state is RedemptionState.FULFILLED


@pytest.mark.parametrize("code", [401, 403], ids=["401 again and again", "403 and a dead token"])
async def test_an_add_that_needs_a_new_sign_in_keeps_the_points_until_then(house: House, code: int) -> None:
    await house.open(hours=24)
    await house.fault("POST", VIPS, "status", times=ALWAYS, status=code)
    await house.fault("GET", "/oauth2/validate", "status", times=2, status=401)
    waiting = await house.redeem("viewer1")
    assert waiting.state is RedemptionState.GRANTING
    assert await house.on_twitch(waiting.id) is TwitchStatus.UNFULFILLED
    picture = await house.services.board.staff("1001")
    assert (picture.connected, picture.connection, picture.pending[0].error) == (False, "reconnect", "reconnect")
    await later(house, 20)
    assert await house.on_twitch(waiting.id) is TwitchStatus.UNFULFILLED, "it waits as long as it takes"
    await house.heal_twitch()
    await house.connect()
    await house.services.sweep.run()
    assert await house.on_twitch(waiting.id) is TwitchStatus.FULFILLED
    assert "viewer1" in await house.vips()


@pytest.mark.parametrize("answer", [WINDOW_FULL, status(401)], ids=["429", "401 twice"])
async def test_a_no_for_now_does_not_deny_an_earlier_add_whose_answer_was_lost(
    house: House, answer: dict[str, Any]
) -> None:
    await house.open(hours=1)
    await house.fault("POST", VIPS, "lose_answer")
    waiting = await house.redeem("viewer1")
    assert "viewer1" in await house.vips(), "Twitch has done it"
    await house.control("faults", method="POST", path=VIPS, times=2, **answer)
    await later(house)
    await house.heal_twitch()
    await house.connect()
    await later(house)
    session = await house.live("3001")
    assert session
    assert session.state is SessionState.ACTIVE
    assert await house.on_twitch(waiting.id) is TwitchStatus.FULFILLED
    await later(house, 2)
    assert "viewer1" not in await house.vips(), "VIP for ever"


async def test_a_vip_given_by_hand_while_our_add_was_never_made_is_not_ours(house: House) -> None:
    await house.open(hours=1)
    told = await house.redeemed("viewer1")
    await house.services.intake.receive(told)
    # The look is answered; then the token is dead, and no other is to be had.
    await house.fault("POST", VIPS, "status", status=401)
    await house.fault("POST", TOKEN, "status", status=503, times=ALWAYS)
    waiting = await house.services.grant.redemption(told.id)
    assert waiting
    assert waiting.state is RedemptionState.GRANTING
    await house.control("expire-tokens", user="streamer")
    await house.services.grant.session(waiting.session_id)
    await house.control("vip", channel="streamer", viewer="viewer1", vip=True)
    await house.heal_twitch()
    await later(house)
    done = await stored(house, told.id)
    assert (done.state, done.refusal) == (RedemptionState.CANCELED, Refusal.ALREADY_VIP)
    await later(house, 3)
    assert "viewer1" in await house.vips()


async def test_a_viewer_whose_id_twitch_will_not_even_look_up_gets_the_points_back(house: House) -> None:
    await house.open()
    await house.fault("GET", VIPS, "status", times=ALWAYS, status=400)
    done = await house.redeem("viewer1")
    assert (done.state, done.refusal) == (RedemptionState.CANCELED, Refusal.DECLINED)
    assert await house.on_twitch(done.id) is TwitchStatus.CANCELED


@pytest.mark.parametrize("code", [403, 404, 429, 500])
async def test_a_look_that_failed_decides_nothing(house: House, code: int) -> None:
    await house.open()
    await house.fault("GET", VIPS, "status", times=ALWAYS, status=code)
    waiting = await house.redeem("viewer1")
    assert waiting.state is RedemptionState.RECEIVED
    await house.heal_twitch()
    await later(house)
    assert await house.on_twitch(waiting.id) is TwitchStatus.FULFILLED


async def ending(house: House, answer: dict[str, Any], times: int = 1) -> None:
    """viewer1's hour is over, and Twitch answers the removal so."""
    await house.open(hours=1)
    await house.redeem("viewer1")
    await house.control("faults", method="DELETE", path=VIPS, times=times, **answer)
    await later(house, 2)


@pytest.mark.parametrize(
    ("answer", "trouble"),
    [
        (status(400), Trouble.REJECTED),
        (status(403), Trouble.REJECTED),
        (status(404), Trouble.GONE),
        (BUCKET_EMPTY, Trouble.RATE_LIMITED),
        (WINDOW_FULL, Trouble.RATE_LIMITED),
        (status(500), Trouble.UNAVAILABLE),
        (status(503), Trouble.UNAVAILABLE),
        (status(302), Trouble.UNAVAILABLE),
        (status(200), Trouble.UNAVAILABLE),
        ({"do": "cut"}, Trouble.UNAVAILABLE),
    ],
    ids=["400", "403", "404, and still listed", "429 bucket", "429 window", "500", "503", "302", "200", "cut"],
)
async def test_a_removal_that_was_not_confirmed_is_shown_and_tried_again(
    house: House, answer: dict[str, Any], trouble: Trouble
) -> None:
    await ending(house, answer)
    session = await house.live("3001")
    assert session
    assert session.state is SessionState.ENDING
    [vip] = (await house.services.board.staff("1001")).vips
    assert vip.error == trouble
    await later(house)
    assert await house.live("3001") is None
    assert "viewer1" not in await house.vips()
    assert (await house.actions()).count("ended") == 1


@pytest.mark.parametrize("code", [404, 422])
async def test_a_removal_of_somebody_who_is_not_vip_any_more_is_done(house: House, code: int) -> None:
    await house.open(hours=1)
    await house.redeem("viewer1")
    await house.control("vip", channel="streamer", viewer="viewer1", vip=False)
    await house.fault("DELETE", VIPS, "status", status=code)
    await later(house, 2)
    assert await house.live("3001") is None


async def test_a_removal_that_needs_a_new_sign_in_is_done_after_it(house: House) -> None:
    await ending(house, status(401), times=2)
    assert (await house.services.board.staff("1001")).connection == "reconnect"
    await house.heal_twitch()
    await house.connect()
    await house.services.sweep.run()
    assert "viewer1" not in await house.vips()


SETTLE_LATER = [
    (status(400), Trouble.REJECTED),
    (status(403), Trouble.REJECTED),
    (status(404), Trouble.UNAVAILABLE),
    (BUCKET_EMPTY, Trouble.RATE_LIMITED),
    (status(500), Trouble.UNAVAILABLE),
    (status(503), Trouble.UNAVAILABLE),
    (status(200), Trouble.UNAVAILABLE),
    (LOST, Trouble.UNAVAILABLE),
]
SETTLE_IDS = ["400", "403", "404, and still open", "429", "500", "503", "200 without it", "lost"]


@pytest.mark.parametrize(("answer", "trouble"), SETTLE_LATER, ids=SETTLE_IDS)
@pytest.mark.parametrize(("viewer", "settled"), [("viewer1", TwitchStatus.FULFILLED), ("mod", TwitchStatus.CANCELED)])
async def test_a_settlement_that_was_not_confirmed_is_shown_and_made_good_once(
    house: House, answer: dict[str, Any], trouble: Trouble, viewer: str, settled: TwitchStatus
) -> None:
    await house.open(hours=24)
    await house.control("faults", method="PATCH", path=REDEMPTIONS, **answer)
    waiting = await house.redeem(viewer)
    assert waiting.open
    assert await error_shown(house) == trouble
    await later(house)
    assert await house.on_twitch(waiting.id) is settled
    done = await stored(house, waiting.id)
    assert done.state is (RedemptionState.FULFILLED if viewer == "viewer1" else RedemptionState.CANCELED)
    session = await house.live("3001")
    assert (session.hours if session else 0) == (24 if viewer == "viewer1" else 0)


async def test_a_settlement_that_needs_a_new_sign_in_is_made_after_it(house: House) -> None:
    await house.open()
    await house.fault("PATCH", REDEMPTIONS, "status", times=2, status=401)
    waiting = await house.redeem("mod")
    assert (waiting.state, waiting.retry.error) == (RedemptionState.REFUNDING, Trouble.RECONNECT)
    await house.connect()
    await house.services.sweep.run()
    assert await house.on_twitch(waiting.id) is TwitchStatus.CANCELED


@pytest.mark.parametrize("code", [400, 404])
@pytest.mark.parametrize("by_hand", [TwitchStatus.FULFILLED, TwitchStatus.CANCELED])
async def test_a_refund_that_somebody_was_faster_with_is_believed_as_it_is(
    house: House, code: int, by_hand: TwitchStatus
) -> None:
    await house.open()
    await house.fault("PATCH", REDEMPTIONS, "status", status=500)
    waiting = await house.redeem("mod")
    await house.control("settle", redemption_id=waiting.id, status=by_hand)
    await house.fault("PATCH", REDEMPTIONS, "status", status=code)
    await later(house)
    done = await stored(house, waiting.id)
    canceled = by_hand is TwitchStatus.CANCELED
    assert done.state is (RedemptionState.CANCELED if canceled else RedemptionState.KEPT)


async def test_a_fresh_redemption_that_twitch_does_not_list_yet_is_not_given_up(house: House) -> None:
    await house.open()
    await house.fault("PATCH", REDEMPTIONS, "status", status=404)
    await house.fault("GET", REDEMPTIONS, "status", status=404)
    waiting = await house.redeem("mod")
    assert (waiting.state, waiting.retry.error) == (RedemptionState.REFUNDING, Trouble.UNAVAILABLE)
    await later(house)
    assert await house.on_twitch(waiting.id) is TwitchStatus.CANCELED


async def test_a_redemption_that_went_with_its_reward_is_over(house: House) -> None:
    await house.open()
    await house.fault("PATCH", REDEMPTIONS, "status", status=500)
    waiting = await house.redeem("mod")
    await house.delete_reward()
    await later(house)
    assert (await stored(house, waiting.id)).state is RedemptionState.KEPT


async def test_a_redemption_settled_so_long_ago_that_twitch_forgot_it_is_over(house: House) -> None:
    await house.open()
    await house.fault("PATCH", REDEMPTIONS, "status", times=2, status=404)
    await house.fault("GET", REDEMPTIONS, "status", times=ALWAYS, status=404)
    waiting = await house.redeem("mod")
    assert waiting.open
    await later(house, 25)
    assert (await stored(house, waiting.id)).state is RedemptionState.KEPT


async def test_an_odd_404_on_the_rewards_does_not_lose_the_reward(house: House) -> None:
    await house.open()
    reward_id = (await house.channel()).channel_point_reward_id
    await house.fault("GET", "/helix/channel_points/custom_rewards", "status", times=ALWAYS, status=404)
    await later(house)
    assert (await house.channel()).channel_point_reward_id == reward_id
