"""Hear of the redemption, and write it down."""

from dataclasses import replace

from tests.services.faults.calls import around, in_turn, refused
from tests.services.faults.endings import GIVEN, TAKEN_BACK
from tests.services.faults.hands import accept, delete_reward, redeem, redeem_unheard, refuse, switch_queue_off
from tests.services.faults.outcome import Ends, Soon, Waits
from tests.services.faults.row import Row, Step, nothing
from tests.services.faults.scene import Scene
from vip_manager.domain.audit import Action
from vip_manager.domain.reasons import EndReason
from vip_manager.domain.redemption import RedemptionState
from vip_manager.domain.session import SessionState
from vip_manager.ports import TwitchStatus
from vip_manager.services.connections import Hearing

UNHEARD_OF = Waits(None)
WRITTEN = "redemptions received, auditLog redeemed"
NEVER_HEARD = Ends("", TwitchStatus.CANCELED, None, None, ())


def accepted_unheard(scene: Scene) -> None:
    redeem_unheard(scene)
    accept(scene)
    scene.lose_mail()


def accepted_first(scene: Scene) -> None:
    event = scene.redeem(heard=False)
    accept(scene)
    scene.hear_all()
    scene.hear(event)


def refused_first(scene: Scene) -> None:
    event = scene.redeem(heard=False)
    refuse(scene)
    scene.hear_all()
    scene.hear(event)


def in_messages(scene: Scene, *ids: str) -> None:
    redeem_unheard(scene)
    scene.hear_messages(*ids)


def twice_at_once(scene: Scene) -> None:
    scene.hear_twice(scene.redeem(heard=False))


def twice(scene: Scene) -> None:
    scene.hear(scene.redeem())


def late(scene: Scene) -> None:
    event = scene.redeem(heard=False)
    scene.listen()
    scene.hear(event)


def again_when_it_is_over(scene: Scene) -> None:
    event = scene.redeem()
    scene.over()
    scene.hear(event)


def again_after_a_restart(scene: Scene) -> None:
    event = scene.redeem()
    scene.restart()
    scene.hear(event)


def not_taken(scene: Scene) -> None:
    scene.lose_the_line_over(scene.redeem(heard=False))


def line_back(scene: Scene) -> None:
    scene.listen()
    scene.calm()


ROWS = (
    Row(
        "the event is lost",
        {
            "open on Twitch": redeem_unheard,
            "accepted in Twitch's own queue": accepted_unheard,
            "accepted by Twitch as the queue was off": in_turn(switch_queue_off, redeem_unheard),
        },
        UNHEARD_OF,
        GIVEN,
        act=nothing,
    ),
    Row(
        "the event is lost, and refused in Twitch's own queue",
        {"": in_turn(redeem_unheard, refuse)},
        UNHEARD_OF,
        NEVER_HEARD,
        act=nothing,
    ),
    Row(
        "the event is lost, and the reward deleted",
        {"": in_turn(redeem_unheard, delete_reward)},
        UNHEARD_OF,
        replace(NEVER_HEARD, status=TwitchStatus.FULFILLED, log=(Action.REWARD_LOST,)),
        act=nothing,
    ),
    Row(
        "the event comes twice",
        {
            "under one message id": lambda scene: in_messages(scene, "1", "1"),
            "under two message ids": lambda scene: in_messages(scene, "1", "2"),
            "at once": twice_at_once,
            "one after the other": twice,
        },
        Soon.AT_ONCE,
        GIVEN,
        act=nothing,
    ),
    Row("the event comes late, after catching up", {"": late}, Soon.AT_ONCE, GIVEN, act=nothing),
    Row("the event comes again after a restart", {"": again_after_a_restart}, Soon.NEXT_START, GIVEN, act=nothing),
    Row(
        "the event comes again when the hours are over",
        {"": again_when_it_is_over},
        Soon.AT_ONCE,
        replace(
            GIVEN,
            vip="",
            session=SessionState.ENDED,
            log=(*GIVEN.log, Action.ENDED),
            why=EndReason.EXPIRED,
        ),
        act=nothing,
    ),
    Row(
        "accepted in Twitch's own queue, and that is heard",
        {"before the event": accepted_first, "without it": in_turn(redeem_unheard, accept, Scene.hear_all)},
        Soon.AT_ONCE,
        GIVEN,
        act=nothing,
    ),
    Row(
        "refused in Twitch's own queue, and that is heard first",
        {"": refused_first},
        Waits(RedemptionState.CANCELED, badge=True),
        TAKEN_BACK,
        act=nothing,
    ),
    Row("the reward's queue was off", {"": switch_queue_off}, Soon.AT_ONCE, GIVEN),
    Row(
        "the line to Twitch is down",
        {"": Scene.deaf},
        Waits(None, line=Hearing.CONNECTING),
        GIVEN,
        act=redeem_unheard,
        after=line_back,
    ),
    Row("the program is not running", {"": redeem_unheard}, Soon.NEXT_START, GIVEN, act=Scene.restart),
    Row("kill -9", around(WRITTEN), Soon.NEXT_START, GIVEN),
    Row(
        "the store does not take it",
        refused(WRITTEN),
        Waits(None, line=Hearing.CONNECTING),
        GIVEN,
        act=not_taken,
        after=line_back,
    ),
)

STEP = Step("hear", "An event tells of the redemption, or Twitch's list does; it is written down.", ROWS, act=redeem)
