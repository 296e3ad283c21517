"""What can happen to a redemption: its states, and every arrow between them."""

from collections.abc import Set
from enum import StrEnum

from vip_manager.domain.audit import Action
from vip_manager.domain.life import NOTHING, Hours, Life, Points, Transition, Who


class RedemptionState(StrEnum):
    """RECEIVED -> GRANTING -> GRANTED -> FULFILLED, or REFUNDING -> CANCELED; REDEMPTION_LIFE has every arrow.

    HELD: it waits by the streamer's choice, for a seat or for their yes, and Twitch still lists it as open. KEPT:
    no VIP was given, but somebody had settled it on Twitch, so the points could not go back. The streamer is asked what
    becomes of it.
    """

    RECEIVED = "received"
    HELD = "held"
    GRANTING = "granting"
    GRANTED = "granted"
    REFUNDING = "refunding"
    FULFILLED = "fulfilled"
    CANCELED = "canceled"
    KEPT = "kept"


class RedemptionMove(StrEnum):
    """What happens to a redemption. CREDITED: its hours run on a session that is ACTIVE. ADMITTED: what it was HELD for
    has come, or does not matter any more. TRIED_AGAIN: somebody wants it done now, not at the next try."""

    WRITTEN_DOWN = "written_down"
    HELD = "held"
    ADMITTED = "admitted"
    BEGUN = "begun"
    CREDITED = "credited"
    REFUSED = "refused"
    GIVING_BACK = "giving_back"
    FULFILLED = "fulfilled"
    CANCELED = "canceled"
    KEPT = "kept"
    REOPENED = "reopened"
    DISMISSED = "dismissed"
    TRIED_AGAIN = "tried_again"
    PUT_OFF = "put_off"


def _one(
    before: RedemptionState | None,
    move: RedemptionMove,
    after: RedemptionState,
    who: set[Who],
    log: Set[Action],
    means: str,
    hours: Hours = Hours.AS_THEY_WERE,
    points: Points = Points.HELD,
    may_log: Set[Action] = NOTHING,
) -> Transition[RedemptionState, RedemptionMove]:
    return Transition(before, move, after, frozenset(who), frozenset(log), frozenset(may_log), means, hours, points)


_S, _M = RedemptionState, RedemptionMove
_US_OR_TWITCH = {Who.PROGRAM, Who.ON_TWITCH}

REDEMPTION_LIFE = Life(
    "redemption",
    _one(None, _M.WRITTEN_DOWN, _S.RECEIVED, {Who.VIEWER}, {Action.REDEEMED}, "we hear of it, by whatever way"),
    _one(
        None,
        _M.REFUSED,
        _S.REFUNDING,
        {Who.STAFF},
        {Action.REDEEMED, Action.REFUSED},
        "its reward is being done away with",
    ),
    _one(
        _S.RECEIVED,
        _M.HELD,
        _S.HELD,
        {Who.PROGRAM},
        {Action.HELD},
        "by the streamer's rules it waits, for a seat or for their yes",
    ),
    _one(
        _S.HELD,
        _M.HELD,
        _S.HELD,
        {Who.PROGRAM},
        NOTHING,
        "looked at on Twitch, and waits on",
    ),
    _one(
        _S.HELD,
        _M.ADMITTED,
        _S.RECEIVED,
        _US_OR_TWITCH | {Who.STAFF},
        NOTHING,
        "a seat may be free, the streamer has said yes, or somebody has accepted it on Twitch: decided anew",
        may_log={Action.APPROVED},
    ),
    _one(
        _S.HELD,
        _M.REFUSED,
        _S.REFUNDING,
        {Who.PROGRAM, Who.STAFF},
        {Action.REFUSED},
        "it has waited for as long as it may; or the streamer says no",
    ),
    _one(
        _S.HELD,
        _M.CANCELED,
        _S.CANCELED,
        {Who.ON_TWITCH},
        {Action.REFUNDED},
        "given back there while it was held",
        points=Points.BACK,
    ),
    _one(
        _S.RECEIVED,
        _M.BEGUN,
        _S.GRANTING,
        {Who.PROGRAM},
        NOTHING,
        "the intent, together with a session that is GRANTING",
        Hours.CREDITED,
    ),
    _one(
        _S.RECEIVED,
        _M.CREDITED,
        _S.GRANTED,
        {Who.PROGRAM},
        {Action.EXTENDED},
        "the viewer's session is ACTIVE: it ends later",
        Hours.CREDITED,
    ),
    _one(
        _S.RECEIVED,
        _M.REFUSED,
        _S.REFUNDING,
        {Who.PROGRAM, Who.STAFF},
        {Action.REFUSED},
        "no VIP for this viewer, here and now; or the streamer gives the points back",
    ),
    _one(
        _S.RECEIVED,
        _M.CANCELED,
        _S.CANCELED,
        {Who.ON_TWITCH},
        {Action.REFUNDED},
        "given back there while it waited here",
        points=Points.BACK,
    ),
    _one(
        _S.GRANTING,
        _M.CREDITED,
        _S.GRANTED,
        {Who.PROGRAM},
        NOTHING,
        "its session has become ACTIVE; no line where that was written down before",
        may_log={Action.GRANTED},
    ),
    _one(
        _S.GRANTING,
        _M.REFUSED,
        _S.REFUNDING,
        _US_OR_TWITCH | {Who.STAFF},
        {Action.REFUSED},
        "Twitch does not add VIP, or the streamer ends it, or gives the points back, before it was given",
        Hours.TAKEN,
    ),
    _one(
        _S.GRANTING,
        _M.ADMITTED,
        _S.RECEIVED,
        {Who.PROGRAM},
        NOTHING,
        "Twitch says that its seats are full, and by the streamer's rules somebody else's is taken: decided anew",
        Hours.TAKEN,
        may_log={Action.PUT_OFF},
    ),
    _one(
        _S.GRANTING,
        _M.HELD,
        _S.HELD,
        {Who.PROGRAM},
        {Action.HELD},
        "Twitch says that its seats are full",
        Hours.TAKEN,
    ),
    _one(
        _S.GRANTED,
        _M.GIVING_BACK,
        _S.GRANTED,
        {Who.STAFF},
        {Action.GIVE_BACK},
        "the streamer gives the points back; the hours go when Twitch has taken them back",
    ),
    _one(
        _S.GRANTED,
        _M.FULFILLED,
        _S.FULFILLED,
        _US_OR_TWITCH,
        {Action.FULFILLED},
        "Twitch has it as FULFILLED",
        points=Points.SPENT,
    ),
    _one(
        _S.GRANTED,
        _M.CANCELED,
        _S.CANCELED,
        {Who.ON_TWITCH, Who.STAFF},
        {Action.TAKEN_BACK},
        "given back before it was FULFILLED, there or here: exactly its hours go",
        Hours.TAKEN,
        Points.BACK,
    ),
    _one(
        _S.REFUNDING,
        _M.CANCELED,
        _S.CANCELED,
        _US_OR_TWITCH,
        {Action.REFUNDED},
        "Twitch has it as CANCELED",
        points=Points.BACK,
    ),
    _one(
        _S.REFUNDING,
        _M.KEPT,
        _S.KEPT,
        {Who.ON_TWITCH},
        {Action.POINTS_KEPT},
        "accepted there, or gone with its reward: the points can't go back",
        points=Points.SPENT,
    ),
    _one(
        _S.KEPT,
        _M.REOPENED,
        _S.RECEIVED,
        {Who.STAFF},
        {Action.REOPENED},
        "tried again: VIP for points that can't go back, if it can be",
    ),
    _one(
        _S.KEPT,
        _M.DISMISSED,
        _S.KEPT,
        {Who.STAFF},
        {Action.DISMISSED},
        "left as it is, and shown no longer",
        points=Points.SPENT,
    ),
    *(
        one
        for state in (_S.RECEIVED, _S.HELD, _S.GRANTING, _S.GRANTED, _S.REFUNDING)
        for one in (
            _one(
                state,
                _M.PUT_OFF,
                state,
                {Who.PROGRAM},
                NOTHING,
                "can't be done now; a line the first time",
                may_log={Action.PUT_OFF},
            ),
            _one(state, _M.TRIED_AGAIN, state, {Who.STAFF}, {Action.TRIED_AGAIN}, "at once, not at the next try"),
        )
    ),
)
