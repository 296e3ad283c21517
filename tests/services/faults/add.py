"""Add VIP: the call that makes a badge."""

from dataclasses import replace

from tests.services.faults.calls import ADD, ALWAYS, ANSWER_LOST, TOKEN, around, clock_off, in_turn, refused
from tests.services.faults.endings import (
    GIVEN,
    TAKEN_BACK,
    TOO_LATE,
    TOO_LATE_UNASKED,
    after,
    given_back,
    in_time,
    put_off,
    signed_in,
    unavailable,
)
from tests.services.faults.hands import (
    accept,
    ban,
    delete_reward,
    fill_the_seats,
    give,
    give_like_us,
    lists_lag,
    lists_lag_no_more,
    lock_vips,
    make_moderator,
    redeem,
    refuse,
    take,
    take_and_give,
)
from tests.services.faults.outcome import Soon, Waits
from tests.services.faults.row import Play, Row, Step, Ways, nothing
from tests.services.faults.scene import Scene
from vip_manager.domain.audit import Action
from vip_manager.domain.reasons import Refusal, Trouble
from vip_manager.domain.redemption import RedemptionState
from vip_manager.domain.session import SessionState
from vip_manager.simulator.records import BY_HAND

GRANTING = RedemptionState.GRANTING
OUTCOME = "redemptions granted, auditLog granted, vipSessions active"
THEIRS = given_back(Refusal.ALREADY_VIP, vip=BY_HAND)


def said_or(status: int, happen: Play) -> Ways:
    """Twitch says so; or it does because that happens just then."""
    return {str(status): ADD.says(status), "just then": ADD.just_then(happen)[""]}


def lost(scene: Scene) -> None:
    """The badge is there, and the answer is not."""
    scene.mishap(ADD.method, ADD.path, "lose_answer", 1)
    redeem(scene)


def tried_again(scene: Scene) -> None:
    scene.later(0.1)


def full_soon_after(scene: Scene) -> None:
    redeem(scene)
    fill_the_seats(scene)
    scene.later(0.002)


ROWS = (
    Row("nothing done", ADD.change_fails(), unavailable(GRANTING), put_off(GIVEN)),
    Row("", ADD.on_the_way(ANSWER_LOST), unavailable(GRANTING, badge=True), put_off(GIVEN)),
    Row("", ADD.too_many(), Waits(GRANTING, Trouble.RATE_LIMITED), put_off(GIVEN)),
    Row("401 once", ADD.token_died(), Soon.AT_ONCE, GIVEN),
    Row(
        "until they sign in again, within the day",
        {**ADD.tokens_died(), **ADD.token_lacks()},
        Waits(GRANTING, Trouble.RECONNECT),
        signed_in(GIVEN),
        after=in_time,
    ),
    Row(
        "until they sign in again, a day later",
        {"401 and no fresh token": ADD.tokens_died()["401 and no fresh token"], **ADD.token_lacks()},
        Waits(GRANTING, Trouble.RECONNECT),
        signed_in(replace(TOO_LATE, session=SessionState.REFUSED)),
        after=Scene.sign_in,
    ),
    Row(
        "401 of this call alone, for a day: the points go back without a sign-in",
        {"": ADD.says(401, ALWAYS)},
        Waits(GRANTING, Trouble.RECONNECT),
        replace(TOO_LATE_UNASKED, session=SessionState.REFUSED),
        after=Scene.sign_in,
    ),
    Row("banned", said_or(400, ban), Soon.AT_ONCE, given_back(Refusal.BLOCKED)),
    Row("no such viewer", ADD.answers(404), Soon.AT_ONCE, given_back(Refusal.USER_NOT_FOUND)),
    Row("no seat is free", said_or(409, fill_the_seats), Soon.AT_ONCE, given_back(Refusal.FULL)),
    Row("no VIPs here yet", said_or(425, lock_vips), Soon.AT_ONCE, given_back(Refusal.NO_VIP_FEATURE)),
    Row("422, a moderator", ADD.just_then(make_moderator), Soon.AT_ONCE, given_back(Refusal.MODERATOR)),
    Row("422, made VIP by hand just then", ADD.just_then(give), Soon.AT_ONCE, THEIRS),
    Row("neither moderator nor VIP", ADD.answers(422), Soon.AT_ONCE, given_back(Refusal.ALREADY_VIP)),
    Row("another no", ADD.answers(403, 410), Soon.AT_ONCE, given_back(Refusal.DECLINED)),
    Row(
        "done, the answer lost; then a no",
        {str(status): in_turn(lost, ADD.says(status), tried_again) for status in (400, 403, 404, 409, 425)},
        Soon.AT_ONCE,
        put_off(GIVEN),
        act=nothing,
    ),
    Row(
        "done, the answer lost; then 429",
        {"": in_turn(lost, ADD.says(429), tried_again)},
        Waits(GRANTING, Trouble.RATE_LIMITED, badge=True),
        put_off(GIVEN),
        act=nothing,
    ),
    Row(
        "done, the answer lost; then 401, until they sign in again",
        {"": in_turn(lost, ADD.says(401, ALWAYS), tried_again)},
        Waits(GRANTING, Trouble.RECONNECT, badge=True),
        after(put_off(GIVEN), Action.DISCONNECTED, Action.CONNECTED, at=2),
        act=nothing,
        after=Scene.sign_in,
    ),
    Row(
        "done, the answer lost; then taken by hand",
        {"": in_turn(lost, take)},
        unavailable(GRANTING),
        put_off(GIVEN),
        act=Scene.hear_all,
    ),
    Row(
        "done, the answer lost; then taken and given by hand",
        {"": in_turn(lost, take_and_give)},
        unavailable(GRANTING, badge=True),
        put_off(THEIRS),
        act=Scene.hear_all,
    ),
    Row(
        "nothing done; then made VIP by hand, which nobody can tell from an answer lost",
        {"": in_turn(ADD.says(503), redeem)},
        unavailable(GRANTING, badge=True),
        put_off(replace(GIVEN, vip=BY_HAND)),
        act=give_like_us,
    ),
    Row(
        "nothing done; then refused in Twitch's own queue",
        {"503": in_turn(ADD.says(503), redeem)},
        Soon.AT_ONCE,
        put_off(given_back(Refusal.GIVEN_BACK)),
        act=in_turn(refuse, Scene.hear_all_later),
    ),
    Row(
        "done, the answer lost; then refused in Twitch's own queue",
        {"": lost},
        Waits(RedemptionState.CANCELED, badge=True),
        put_off(TAKEN_BACK),
        act=in_turn(refuse, Scene.hear_all_later),
    ),
    Row(
        "not sent; then made VIP by hand",
        {
            **ADD.on_the_way({"no connection": "refuse"}),
            "401 and no token to be had": in_turn(ADD.token_died()[""], TOKEN.says(503)),
        },
        unavailable(GRANTING, badge=True),
        put_off(THEIRS),
        act=in_turn(redeem, give),
    ),
    Row(
        "turned away; then made VIP by hand",
        ADD.answers(429),
        Waits(GRANTING, Trouble.RATE_LIMITED, badge=True),
        put_off(THEIRS),
        act=in_turn(redeem, give),
    ),
    Row(
        "nothing done; then no seat is free, which is believed after a minute",
        ADD.answers(503),
        Waits(GRANTING, Trouble.LAGGING),
        put_off(given_back(Refusal.FULL)),
        act=full_soon_after,
    ),
    Row("our clock is off", clock_off(), Waits(GRANTING, Trouble.CLOCK), put_off(GIVEN)),
    Row(
        "nothing done; then our clock is off",
        {way: in_turn(ADD.says(503), redeem, play, Scene.sweep) for way, play in clock_off().items()},
        Waits(GRANTING, Trouble.CLOCK),
        put_off(GIVEN),
        act=nothing,
    ),
    Row(
        "done, the answer lost; then no list shows it, no seat is free, and our clock is off",
        {
            way: in_turn(lists_lag, lost, fill_the_seats, play, Scene.sweep, lists_lag_no_more)
            for way, play in clock_off().items()
        },
        Waits(GRANTING, Trouble.CLOCK, badge=True),
        put_off(GIVEN),
        act=nothing,
    ),
    Row("accepted in Twitch's own queue just then", ADD.just_then(accept), Soon.AT_ONCE, GIVEN),
    Row(
        "refused in Twitch's own queue just then",
        ADD.just_then(refuse),
        Waits(RedemptionState.CANCELED, badge=True),
        TAKEN_BACK,
    ),
    Row(
        "the reward deleted just then",
        ADD.just_then(delete_reward),
        Waits(RedemptionState.FULFILLED, badge=True),
        after(GIVEN, Action.REWARD_LOST, at=3),
    ),
    Row("kill -9", {**ADD.killed(204), **around(OUTCOME)}, Soon.NEXT_START, GIVEN),
    Row("the store does not take the outcome", refused(OUTCOME), Waits(GRANTING, badge=True), GIVEN),
)

STEP = Step("add VIP", "The look has shown none: POST channels/vips.", ROWS, act=redeem)
