"""Why something was refused, and why a VIP session ended. The words for people are in `ui/happened_words.py`."""

from enum import StrEnum


class Refusal(StrEnum):
    """Why a viewer was not made VIP (and, where they paid, got the points back). UNRECORDED: it was done on Twitch in a
    time of which the records are lost, and whether VIP was given for it nobody knows."""

    ALREADY_VIP = "already_vip"
    MODERATOR = "moderator"
    BROADCASTER = "broadcaster"
    FULL = "full"
    NO_VIP_FEATURE = "no_vip_feature"
    BLOCKED = "blocked"
    USER_NOT_FOUND = "user_not_found"
    PAUSED = "paused"
    TOO_OLD = "too_old"
    GIVEN_BACK = "given_back"
    DECLINED = "declined"
    STILL_VIP = "still_vip"
    NO_LONGER = "no_longer"
    UNTIL_STREAM_ENDS = "until_stream_ends"
    NOT_LIVE = "not_live"
    TOO_FAR_AHEAD = "too_far_ahead"
    ON_BLOCK_LIST = "on_block_list"
    TOO_SOON = "too_soon"
    WAITED_FOR_SEAT = "waited_for_seat"
    NOT_APPROVED = "not_approved"
    UNRECORDED = "unrecorded"


class EndReason(StrEnum):
    """Why a session is over, or its badge is being taken. SEAT_TAKEN: for somebody else's redemption; the clock runs
    on. LEFT: the streamer has left, and whoever is VIP keeps it."""

    EXPIRED = "expired"
    BY_HAND = "by_hand"
    MADE_PERMANENT = "made_permanent"
    REMOVED_ON_TWITCH = "removed_on_twitch"
    GIVEN_ON_TWITCH = "given_on_twitch"
    SEAT_TAKEN = "seat_taken"
    LEFT = "left"


class Trouble(StrEnum):
    """Why something that ought to be done is not done yet. It is tried again."""

    UNAVAILABLE = "unavailable"
    RATE_LIMITED = "rate_limited"
    RECONNECT = "reconnect"
    REJECTED = "rejected"
    LAGGING = "lagging"
    GONE = "gone"
    FULL = "full"
    CLOCK = "clock"
    BROKEN = "broken"


REFUSED_BY_TWITCH = frozenset({Trouble.REJECTED, Trouble.GONE, Trouble.FULL, Trouble.BROKEN})
"""Troubles that waiting alone does not mend, for a streamer who will not be there to see to them."""

PASSING = frozenset(
    {Trouble.UNAVAILABLE, Trouble.RATE_LIMITED, Trouble.RECONNECT, Trouble.CLOCK, Trouble.LAGGING, Trouble.FULL}
)
"""Troubles that are nobody's record's, or pass: all that wait for them are done when they have passed."""
