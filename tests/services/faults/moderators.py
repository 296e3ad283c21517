"""A VIP of ours is made moderator, whom Twitch lets be no VIP."""

from dataclasses import replace

from tests.services.faults.calls import (
    ADD,
    ANSWER_LOST,
    MODERATORS,
    VIPS,
    around,
    clock_off,
    in_turn,
    refused,
)
from tests.services.faults.endings import OVER, put_off, unavailable
from tests.services.faults.hands import (
    ban,
    fill_the_seats,
    free_the_seats,
    give,
    make_moderator,
    redeem,
    unmake_moderator,
)
from tests.services.faults.more_time import running
from tests.services.faults.outcome import Soon, Waits
from tests.services.faults.row import Play, Row, Step, nothing
from tests.services.faults.scene import Scene
from tests.services.faults.while_vip import AS_IT_WAS, LOST, caught_up
from vip_manager.domain.audit import Action
from vip_manager.domain.reasons import EndReason, Refusal, Trouble
from vip_manager.domain.redemption import RedemptionState
from vip_manager.domain.session import SessionState
from vip_manager.ports import TwitchStatus
from vip_manager.simulator.records import BY_HAND

ACTIVE, ASIDE, GRANTING = SessionState.ACTIVE, SessionState.ASIDE, SessionState.GRANTING
AS_MODERATOR = replace(AS_IT_WAS, vip="", session=ASIDE, log=(Action.MODDED,))
BACK = replace(AS_IT_WAS, log=(Action.GRANTED,), back=True)
POINTS_BACK = replace(
    AS_MODERATOR,
    status=TwitchStatus.CANCELED,
    here=RedemptionState.CANCELED,
    log=(Action.REDEEMED, Action.REFUSED, Action.REFUNDED),
    why=Refusal.MODERATOR,
)
GONE, EXPLAINED = "vipSessions aside", "auditLog modded, vipSessions aside"
OWED = "vipSessions granting"
GIVEN_BACK_TO_THEM = "auditLog granted, vipSessions active"

made = in_turn(make_moderator, Scene.hear_all)
unmade = in_turn(unmake_moderator, Scene.hear_all)
made_unheard = in_turn(make_moderator, Scene.lose_mail)
unmade_unheard = in_turn(unmake_moderator, Scene.lose_mail)


def known(scene: Scene) -> None:
    """That they are a moderator; and time goes by."""
    made(scene)
    scene.later(0.2)
    scene.opens()


def after_that(*plays: Play) -> Play:
    return in_turn(known, *plays)


def made_and_redeemed(scene: Scene) -> None:
    """Of the two events, the one that the badge was taken comes first."""
    make_moderator(scene)
    del scene.stage.mail[1:]
    scene.hear_all()
    redeem(scene)


ROWS = (
    Row("heard", {"": nothing}, Soon.AT_ONCE, AS_MODERATOR, act=made),
    Row("not heard", {"": nothing}, Waits(ACTIVE), AS_MODERATOR, act=made_unheard),
    Row(
        "heard, and the look after it fails",
        {**MODERATORS.read_fails(), **MODERATORS.answers(429, 400, 403), "the VIPs are not shown": VIPS.says(500)},
        Waits(ASIDE),
        AS_MODERATOR,
        act=made,
    ),
    Row("heard, and 401 once", MODERATORS.token_died(), Soon.AT_ONCE, AS_MODERATOR, act=made),
    Row("heard, while our clock is off", clock_off(), Waits(ASIDE), AS_MODERATOR, act=in_turn(caught_up, made)),
    Row(
        "kill -9",
        {
            "before it is written that the badge is gone": around(GONE)["before the commit"],
            "after that": around(GONE)["after it"],
            **{f"{way} that tells why": play for way, play in around(EXPLAINED).items()},
        },
        Soon.NEXT_START,
        AS_MODERATOR,
        act=made,
    ),
    Row("the store does not take that the badge is gone", refused(GONE), Soon.AT_ONCE, AS_MODERATOR, act=made),
    Row("the store does not take why", refused(EXPLAINED), Waits(ASIDE), AS_MODERATOR, act=made),
    Row(
        "their hours are over while they are moderator",
        {"heard": made, "not heard": made_unheard},
        Soon.AT_ONCE,
        replace(OVER, log=(Action.MODDED, *OVER.log)),
        act=Scene.over,
    ),
    Row("they redeem", {"": known}, Soon.AT_ONCE, POINTS_BACK, act=redeem),
    Row(
        "they redeem before it is known why the badge is gone",
        MODERATORS.answers(500, 504),
        Waits(RedemptionState.RECEIVED, Trouble.LAGGING),
        replace(POINTS_BACK, log=(Action.REDEEMED, Action.PUT_OFF, Action.MODDED, Action.REFUSED, Action.REFUNDED)),
        act=made_and_redeemed,
    ),
    Row(
        "they redeem before any of it is heard",
        {"": made_unheard},
        Soon.AT_ONCE,
        replace(POINTS_BACK, log=(Action.REDEEMED, Action.MODDED, Action.REFUSED, Action.REFUNDED)),
        act=redeem,
    ),
    Row("unmade again, heard", {"": known}, Soon.AT_ONCE, BACK, act=unmade),
    Row("unmade again, not heard", {"": known}, Waits(ASIDE), BACK, act=unmade_unheard),
    Row(
        "unmade again while the program is not running",
        {"": after_that(unmade_unheard)},
        Soon.NEXT_START,
        BACK,
        act=Scene.restart,
    ),
    Row(
        "unmade again, and VIP is not given back to them",
        {way: in_turn(known, play) for way, play in ADD.answers(503).items()},
        unavailable(GRANTING),
        put_off(BACK, at=0),
        act=unmade,
    ),
    Row(
        "unmade again, and VIP given back",
        {way: in_turn(known, play) for way, play in ADD.on_the_way(ANSWER_LOST).items()},
        unavailable(GRANTING, badge=True),
        put_off(BACK, at=0),
        act=unmade,
    ),
    Row(
        "unmade again with no seat free, until there is one",
        {"": after_that(fill_the_seats)},
        Waits(GRANTING, Trouble.FULL),
        BACK,
        act=unmade,
        after=in_turn(free_the_seats, Scene.calm),
    ),
    Row(
        "unmade again, while our clock is off",
        {way: in_turn(known, play) for way, play in clock_off().items()},
        Waits(ASIDE),
        BACK,
        act=unmade,
    ),
    Row(
        "unmade again; kill -9",
        {
            way: in_turn(known, play)
            for way, play in {**ADD.killed(204), **around(OWED), **around(GIVEN_BACK_TO_THEM)}.items()
        },
        Soon.NEXT_START,
        BACK,
        act=unmade,
    ),
    Row(
        "unmade again, and made VIP by hand",
        {"heard": after_that(unmake_moderator, give), "not heard": after_that(unmake_moderator, give, Scene.lose_mail)},
        Waits(ASIDE, badge=True),
        replace(LOST, vip=BY_HAND, why=EndReason.GIVEN_ON_TWITCH),
        act=nothing,
    ),
    Row(
        "banned while they are moderator",
        {"": known},
        Waits(ASIDE),
        replace(LOST, log=(Action.ENDED, Action.REFUSED), why=(EndReason.REMOVED_ON_TWITCH, Refusal.BLOCKED)),
        act=ban,
        after=in_turn(Scene.hear_all, Scene.calm),
    ),
    Row(
        "made and unmade, not heard, which nobody can tell from VIP taken by hand",
        {"": in_turn(made_unheard, unmade_unheard)},
        Waits(ACTIVE),
        LOST,
        act=nothing,
        after=Scene.calm_and_found_out,
    ),
    Row(
        "made and unmade, before a look shows them as moderator",
        {
            "at once": in_turn(make_moderator, unmake_moderator, Scene.hear_all),
            "the look after it fails": in_turn(MODERATORS.says(500, times=2), made, unmade),
        },
        Waits(ASIDE),
        LOST,
        act=nothing,
        after=Scene.calm_and_found_out,
    ),
)

STEP = Step(
    "made moderator",
    "A VIP of ours is made moderator: Twitch takes the badge, and the clock runs on.",
    ROWS,
    arrange=running,
    act=nothing,
)
