"""What can happen to a VIP session: its states, and every arrow between them."""

from collections.abc import Set
from enum import StrEnum

from vip_manager.domain.audit import Action
from vip_manager.domain.life import NOTHING, Hours, Life, Transition, Who


class SessionState(StrEnum):
    """GRANTING -> ACTIVE -> ENDING -> ENDED; GRANTING -> REFUSED; ENDING -> GRANTING when hours came in meanwhile.

    ASIDE: the badge is gone, since the viewer is a moderator now, or somebody else has the seat, or we are yet to learn
    why; the clock runs on.
    SESSION_LIFE has every arrow.
    """

    GRANTING = "granting"
    ACTIVE = "active"
    ASIDE = "aside"
    ENDING = "ending"
    ENDED = "ended"
    REFUSED = "refused"


class SessionMove(StrEnum):
    """What happens to a session. ASKED: an add goes out to Twitch; ADDED: Twitch has made the viewer VIP; OVER: its end
    has come; TAKEN: by the streamer, before its end; REMOVED: the badge is gone as it was to be; LOST: it is gone
    without us; SET_ASIDE: the same, and why is to be found out, or is known: MODERATOR; SEAT_TAKEN: its badge is to go
    for somebody else's redemption, and VACATED: it has; BACK: the badge may come back; STREAM: its clock runs or stands
    with the stream; LEFT: the streamer leaves, and whatever badge there is stays; TRIED_AGAIN: somebody wants it done
    now, not at the next try."""

    STARTED = "started"
    ASKED = "asked"
    BADGE_GONE = "badge_gone"
    ADDED = "added"
    CREDITED = "credited"
    DEBITED = "debited"
    REFUSED = "refused"
    OVER = "over"
    TAKEN = "taken"
    REMOVED = "removed"
    UNSEATED = "unseated"
    LOST = "lost"
    SET_ASIDE = "set_aside"
    MODERATOR = "moderator"
    SEAT_TAKEN = "seat_taken"
    VACATED = "vacated"
    BACK = "back"
    STREAM = "stream"
    PUT_ON_CLOCK = "put_on_clock"
    MADE_PERMANENT = "made_permanent"
    LEFT = "left"
    TRIED_AGAIN = "tried_again"
    PUT_OFF = "put_off"


def _one(
    before: SessionState | None,
    move: SessionMove,
    after: SessionState,
    who: set[Who],
    log: Set[Action],
    means: str,
    hours: Hours = Hours.AS_THEY_WERE,
    may_log: Set[Action] = NOTHING,
) -> Transition[SessionState, SessionMove]:
    return Transition(before, move, after, frozenset(who), frozenset(log), frozenset(may_log), means, hours)


_S, _M = SessionState, SessionMove
_PAID_OR_GIVEN = {Who.VIEWER, Who.STAFF}
_US_OR_TWITCH = {Who.PROGRAM, Who.ON_TWITCH}

SESSION_LIFE = Life(
    "session",
    _one(
        None,
        _M.STARTED,
        _S.GRANTING,
        _PAID_OR_GIVEN,
        NOTHING,
        "the intent, after a look that showed no badge",
        Hours.CREDITED,
    ),
    _one(
        None,
        _M.PUT_ON_CLOCK,
        _S.ACTIVE,
        {Who.STAFF},
        {Action.CLOCKED},
        "a VIP of somebody else's hand, whom the streamer named: the badge is ours from now on",
        Hours.RUN,
    ),
    _one(
        _S.GRANTING,
        _M.ASKED,
        _S.GRANTING,
        {Who.PROGRAM},
        NOTHING,
        "an add goes out: until its answer a badge may be ours",
    ),
    _one(
        _S.GRANTING,
        _M.BADGE_GONE,
        _S.GRANTING,
        {Who.ON_TWITCH},
        NOTHING,
        "a badge that comes next is ours only by our next add",
    ),
    _one(
        _S.GRANTING,
        _M.ADDED,
        _S.ACTIVE,
        {Who.PROGRAM},
        {Action.GRANTED},
        "Twitch has made the viewer VIP, for us",
        Hours.RUN,
    ),
    _one(_S.GRANTING, _M.REFUSED, _S.REFUSED, _US_OR_TWITCH, {Action.REFUSED}, "no VIP, and never was by this session"),
    _one(
        _S.GRANTING,
        _M.UNSEATED,
        _S.REFUSED,
        {Who.PROGRAM},
        NOTHING,
        "no seat, and whoever has paid for it waits for one, or is to have somebody else's",
        may_log={Action.HELD, Action.PUT_OFF},
    ),
    _one(
        _S.GRANTING,
        _M.LOST,
        _S.ENDED,
        _US_OR_TWITCH,
        {Action.ENDED},
        "was VIP before, and Twitch gives no new badge for the hours that came in",
        may_log={Action.REFUSED},
    ),
    _one(
        _S.GRANTING,
        _M.TAKEN,
        _S.ENDING,
        {Who.STAFF},
        NOTHING,
        "ended before it was given: a line for each redemption that waits",
        may_log={Action.REFUSED},
    ),
    _one(_S.ACTIVE, _M.OVER, _S.ENDING, {Who.PROGRAM}, NOTHING, "claimed: whoever loses the race stops"),
    _one(_S.ACTIVE, _M.TAKEN, _S.ENDING, {Who.STAFF}, NOTHING, "claimed, before its end"),
    _one(_S.ACTIVE, _M.MADE_PERMANENT, _S.ENDED, {Who.STAFF}, {Action.ENDED}, "the badge stays, and is ours no more"),
    _one(
        _S.ENDING,
        _M.MADE_PERMANENT,
        _S.ENDED,
        {Who.STAFF},
        {Action.ENDED},
        "the same, of a badge that could not be taken",
    ),
    *(
        _one(
            state,
            _M.LEFT,
            _S.ENDED,
            {Who.STAFF},
            {Action.ENDED},
            "the streamer leaves: a badge that is there stays, and is ours no more",
        )
        for state in (_S.GRANTING, _S.ACTIVE, _S.ASIDE, _S.ENDING)
    ),
    _one(
        _S.ACTIVE,
        _M.SET_ASIDE,
        _S.ASIDE,
        {Who.ON_TWITCH},
        NOTHING,
        "Twitch shows us that the badge was taken; whether for a moderator's is looked for next",
    ),
    _one(
        _S.ASIDE,
        _M.MODERATOR,
        _S.ASIDE,
        {Who.ON_TWITCH},
        {Action.MODDED},
        "the viewer is a moderator, who can't be VIP: the clock runs on",
    ),
    _one(_S.ASIDE, _M.LOST, _S.ENDED, {Who.ON_TWITCH}, {Action.ENDED}, "no moderator: the badge was taken by a hand"),
    _one(_S.ASIDE, _M.OVER, _S.ENDED, {Who.PROGRAM}, {Action.ENDED}, "its end has come, and there is nothing to take"),
    _one(_S.ASIDE, _M.TAKEN, _S.ENDED, {Who.STAFF}, {Action.ENDED}, "before its end, and there is nothing to take"),
    _one(
        _S.ASIDE,
        _M.BACK,
        _S.GRANTING,
        _US_OR_TWITCH | {Who.STAFF},
        NOTHING,
        "a moderator no more, or there is a seat again, with time left: VIP comes back, and what is left is owed",
    ),
    _one(
        _S.ENDING,
        _M.BACK,
        _S.GRANTING,
        {Who.PROGRAM, Who.STAFF},
        NOTHING,
        "its badge was to go for somebody who is not to be VIP after all: it may be gone already",
    ),
    _one(
        _S.ACTIVE,
        _M.SEAT_TAKEN,
        _S.ENDING,
        {Who.PROGRAM},
        {Action.SEAT_TAKEN},
        "by the streamer's rules its seat goes to somebody who has redeemed",
    ),
    _one(
        _S.ENDING,
        _M.VACATED,
        _S.ASIDE,
        _US_OR_TWITCH,
        NOTHING,
        "the badge has gone, for somebody else: the clock runs on, and VIP comes back when there is a seat",
    ),
    _one(
        _S.GRANTING,
        _M.VACATED,
        _S.ASIDE,
        {Who.PROGRAM},
        {Action.HELD},
        "a seat was free for it, and is not any more: the clock runs on",
        Hours.RUN,
    ),
    _one(_S.ENDING, _M.TAKEN, _S.ENDING, {Who.STAFF}, NOTHING, "by the streamer, while its badge went for another"),
    *(
        _one(
            state,
            _M.STREAM,
            state,
            {Who.ON_TWITCH},
            NOTHING,
            "its clock runs, stands or has an end, as the channel is live or not; a line of the channel tells of that",
        )
        for state in (_S.ACTIVE, _S.ASIDE)
    ),
    _one(
        _S.ASIDE,
        _M.CREDITED,
        _S.GRANTING,
        _PAID_OR_GIVEN,
        NOTHING,
        "whether VIP can be given, Twitch says: what was left and what came is owed; a line where it was given by hand",
        Hours.CREDITED,
        may_log={Action.EXTENDED},
    ),
    _one(
        _S.GRANTING,
        _M.MODERATOR,
        _S.ASIDE,
        {Who.ON_TWITCH},
        NOTHING,
        "was VIP before, and is a moderator now: what is owed runs on, but for what was just paid, which goes back",
        Hours.RUN,
        may_log={Action.MODDED, Action.REFUSED},
    ),
    _one(_S.ENDING, _M.REMOVED, _S.ENDED, _US_OR_TWITCH, {Action.ENDED}, "the badge is gone, whoever was first"),
    _one(
        _S.ENDING, _M.LOST, _S.ENDED, {Who.ON_TWITCH}, {Action.ENDED}, "the same, where nothing says why it was ending"
    ),
    _one(
        _S.GRANTING,
        _M.CREDITED,
        _S.GRANTING,
        _PAID_OR_GIVEN,
        NOTHING,
        "more is owed; a line where it was given by hand",
        Hours.CREDITED,
        may_log={Action.EXTENDED},
    ),
    _one(_S.ACTIVE, _M.CREDITED, _S.ACTIVE, _PAID_OR_GIVEN, {Action.EXTENDED}, "it ends later", Hours.CREDITED),
    _one(
        _S.ENDING,
        _M.CREDITED,
        _S.GRANTING,
        _PAID_OR_GIVEN,
        NOTHING,
        "the extension wins: what was left and what came is owed; a line where it was given by hand",
        Hours.CREDITED,
        may_log={Action.EXTENDED},
    ),
    _one(
        _S.GRANTING,
        _M.DEBITED,
        _S.GRANTING,
        {Who.STAFF, Who.ON_TWITCH},
        NOTHING,
        "less is owed",
        Hours.TAKEN,
        may_log={Action.TAKEN_BACK, Action.REFUSED},
    ),
    *(
        _one(
            state,
            _M.DEBITED,
            state,
            {Who.STAFF, Who.ON_TWITCH},
            {Action.TAKEN_BACK},
            "it ends earlier, by exactly the hours of that redemption",
            Hours.TAKEN,
        )
        for state in (_S.ACTIVE, _S.ASIDE, _S.ENDING)
    ),
    *(
        _one(state, _M.TRIED_AGAIN, state, {Who.STAFF}, {Action.TRIED_AGAIN}, "at once, not at the next try")
        for state in (_S.GRANTING, _S.ENDING)
    ),
    *(
        _one(
            state,
            _M.PUT_OFF,
            state,
            {Who.PROGRAM},
            NOTHING,
            "can't be done now; a line the first time",
            may_log={Action.PUT_OFF},
        )
        for state in (_S.GRANTING, _S.ACTIVE, _S.ASIDE, _S.ENDING)
    ),
)
