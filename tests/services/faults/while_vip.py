"""While they are VIP: what hands do on Twitch."""

from dataclasses import replace
from functools import partial

from tests.services.faults.calls import VIPS, around, clock_off, in_turn, refused
from tests.services.faults.endings import GIVEN, OVER, after
from tests.services.faults.hands import ban, redeem, take, take_and_give
from tests.services.faults.more_time import running
from tests.services.faults.outcome import Soon, Waits
from tests.services.faults.row import Play, Row, Step, nothing
from tests.services.faults.scene import VIEWER_ID, Scene
from vip_manager.domain.audit import Action
from vip_manager.domain.reasons import EndReason, Trouble
from vip_manager.domain.redemption import RedemptionState
from vip_manager.domain.session import SessionState
from vip_manager.simulator.records import BY_HAND

ACTIVE, ASIDE = SessionState.ACTIVE, SessionState.ASIDE
LOST = replace(OVER, why=EndReason.REMOVED_ON_TWITCH)
AS_IT_WAS = replace(GIVEN, log=())
GONE = "vipSessions aside"
EXPLAINED = "vipSessions ended, auditLog ended"


def look_fails(scene: Scene) -> None:
    """Of a catch-up that misses the badge in Twitch's list."""
    VIPS.says(500, user=VIEWER_ID)(scene)
    scene.lose_mail()
    scene.later(0.2)


def caught_up(scene: Scene) -> None:
    """Not long ago: how the clocks stand is known."""
    scene.later(0.2)


def redeem_before_it_is_explained(scene: Scene) -> None:
    take(scene)
    scene.hear_all()
    redeem(scene)


def removal_heard_late(scene: Scene, meanwhile: Play = nothing) -> None:
    take(scene)
    [removal] = scene.stage.mail
    scene.lose_mail()
    scene.found_out()
    redeem(scene)
    meanwhile(scene)
    caught_up(scene)
    scene.hear(removal)


ROWS = (
    Row(
        "heard",
        {
            "taken by hand": in_turn(take, Scene.hear_all),
            "taken by hand and the look after it fails": in_turn(take, VIPS.says(500), Scene.hear_all),
            "banned": in_turn(ban, Scene.hear_all),
        },
        Waits(ASIDE),
        LOST,
    ),
    Row(
        "heard, and the end comes before it is known why",
        {
            "taken by hand": in_turn(Scene.nearly_over, take, Scene.hear_all),
            "banned": in_turn(Scene.nearly_over, ban, Scene.hear_all),
        },
        Waits(ASIDE),
        OVER,
        after=Scene.over,
    ),
    Row(
        "taken by hand, heard; then they redeem, before it is known why",
        {"": redeem_before_it_is_explained},
        Waits(RedemptionState.RECEIVED, Trouble.LAGGING),
        replace(
            GIVEN,
            log=(Action.REDEEMED, Action.PUT_OFF, Action.ENDED, Action.GRANTED, Action.FULFILLED),
            why=EndReason.REMOVED_ON_TWITCH,
        ),
    ),
    Row(
        "not heard",
        {
            "taken by hand": in_turn(take, Scene.lose_mail),
            "taken by hand and the look for it fails": in_turn(take, look_fails),
            "banned": in_turn(ban, Scene.lose_mail),
        },
        Waits(ACTIVE),
        LOST,
        after=Scene.calm_and_found_out,
    ),
    Row(
        "taken and given by hand, heard",
        {"": in_turn(take_and_give, Scene.hear_all)},
        Waits(ASIDE, badge=True),
        replace(LOST, vip=BY_HAND),
    ),
    Row(
        "taken and given by hand, not heard, which nobody can tell",
        {"": in_turn(take_and_give, Scene.lose_mail)},
        Waits(ACTIVE, badge=True),
        replace(AS_IT_WAS, vip=BY_HAND),
    ),
    Row(
        "taken by hand, and heard when they are VIP by us again",
        {"": removal_heard_late},
        Soon.AT_ONCE,
        after(replace(GIVEN, why=EndReason.REMOVED_ON_TWITCH), Action.ENDED, at=0),
    ),
    Row(
        "taken and given by hand, heard, while our clock is off",
        {way: in_turn(play, caught_up, take_and_give, Scene.hear_all) for way, play in clock_off().items()},
        Waits(ASIDE, badge=True),
        replace(LOST, vip=BY_HAND),
    ),
    Row(
        "taken by hand, and heard when they are VIP by us again, while our clock is off",
        {way: partial(removal_heard_late, meanwhile=play) for way, play in clock_off().items()},
        Soon.AT_ONCE,
        after(replace(GIVEN, why=EndReason.REMOVED_ON_TWITCH), Action.ENDED, at=0),
    ),
    Row("taken by hand; kill -9", around(GONE), Waits(ASIDE), LOST, act=in_turn(take, Scene.hear_all)),
    Row(
        "taken by hand; the store does not take it",
        refused(GONE),
        Waits(ACTIVE),
        LOST,
        act=in_turn(take, Scene.hear_all),
        after=Scene.calm_and_found_out,
    ),
    Row(
        "taken by hand; kill -9 when it is explained",
        around(EXPLAINED),
        Soon.NEXT_START,
        LOST,
        act=in_turn(take, Scene.hear_all, Scene.found_out),
    ),
    Row(
        "taken by hand; the store does not take the explanation",
        refused(EXPLAINED),
        Waits(ASIDE),
        LOST,
        act=in_turn(take, Scene.hear_all, caught_up),
    ),
)

STEP = Step("while VIP", "Hands do something on Twitch to a VIP of ours.", ROWS, arrange=running, act=nothing)
