"""Words for what happened in a channel, and why not: a template for each line of the audit log, refusal and trouble.

A line's template has {names}; `components/activity.py` fills them in, in the browser.
"""

from vip_manager.domain.audit import Action
from vip_manager.domain.reasons import EndReason, Refusal, Trouble
from vip_manager.domain.rules import Held
from vip_manager.domain.sentence import Sentence

REFUSALS: dict[Refusal, str] = {
    Refusal.ALREADY_VIP: "They are VIP already, not through VIP Manager. That is theirs to keep.",
    Refusal.MODERATOR: "They are a moderator of this channel. Twitch lets nobody be both.",
    Refusal.BROADCASTER: "It is their own channel.",
    Refusal.FULL: "The VIP seats on Twitch are full.",
    Refusal.NO_VIP_FEATURE: "Twitch has not opened VIPs for this channel yet. “Build a Community” comes first.",
    Refusal.BLOCKED: "They are banned or blocked in this channel.",
    Refusal.USER_NOT_FOUND: "Twitch knows nobody of that name.",
    Refusal.PAUSED: "The reward was off.",
    Refusal.TOO_OLD: "The redemption was found too late.",
    Refusal.GIVEN_BACK: "The points were given back by hand.",
    Refusal.DECLINED: "Twitch said no.",
    Refusal.STILL_VIP: "They are VIP already.",
    Refusal.NO_LONGER: "They have more time left than the reward gives.",
    Refusal.UNTIL_STREAM_ENDS: "They are VIP until the stream ends, and more hours change nothing.",
    Refusal.NOT_LIVE: "VIP lasts until the stream ends, and there was no stream.",
    Refusal.TOO_FAR_AHEAD: "They would have had more hours ahead of them than the channel allows.",
    Refusal.ON_BLOCK_LIST: "They are on the channel's block list.",
    Refusal.TOO_SOON: "They had redeemed too short a while before.",
    Refusal.WAITED_FOR_SEAT: "No VIP seat became free in time.",
    Refusal.NOT_APPROVED: "Nobody said yes in time.",
    Refusal.UNRECORDED: (
        "It was done on Twitch in a time of which the records are lost. If they are VIP by it, “Try again” puts that "
        "VIP on its clock, and ends it where the hours are over; if not, it makes them VIP. Leave it if you have made "
        "them permanent since."
    ),
}

TROUBLES: dict[Trouble, str] = {
    Trouble.UNAVAILABLE: "Twitch does not answer right now.",
    Trouble.RATE_LIMITED: "Twitch asks us to slow down.",
    Trouble.RECONNECT: "Twitch needs the channel's owner to sign in again.",
    Trouble.REJECTED: "Twitch said no to this.",
    Trouble.CLOCK: "This computer's clock and Twitch's differ by more than a minute.",
    Trouble.BROKEN: "Something went wrong here. It was written down.",
    Trouble.LAGGING: "Twitch has not caught up with itself yet.",
    Trouble.GONE: "Twitch knows no such viewer any more.",
    Trouble.FULL: "The VIP seats on Twitch are full.",
}

HELD: dict[Held, str] = {
    Held.SEAT: "waits for a seat",
    Held.APPROVAL: "waits for your yes",
}
"""What somebody does whose redemption is held."""

HAPPENED: dict[Action, tuple[str, str]] = {
    Action.SIGNED_IN: ("{who} signed in", "{actor} signed in"),
    Action.SIGNED_OUT: ("{who} signed out", "{actor} signed out"),
    Action.CONNECTED: ("The channel was connected", "{actor} connected the channel"),
    Action.DISCONNECTED: ("Twitch no longer lets us act: sign in again", "{actor} disconnected the channel"),
    Action.REWARD_CREATED: ("The reward “{reward}” was created", "{actor} created the reward “{reward}”"),
    Action.REWARD_CHANGED: (
        "On Twitch the reward is now “{reward}”, for {cost} points",
        "{actor} changed the reward “{reward}”",
    ),
    Action.REWARD_ADOPTED: ("The reward “{reward}” gives VIP now", "{actor} had the reward “{reward}” give VIP"),
    Action.REWARD_CLOSED: ("The reward “{reward}” was paused on Twitch", "{actor} paused the reward “{reward}”"),
    Action.REWARD_OPENED: ("The reward “{reward}” was opened on Twitch", "{actor} opened the reward “{reward}” again"),
    Action.REWARD_QUEUED: (
        "The queue of “{reward}” was off on Twitch. It is on again: without it points could not be given back",
        "The queue of “{reward}” was off on Twitch. It is on again: without it points could not be given back",
    ),
    Action.REWARD_DELETED: ("The reward “{reward}” was deleted", "{actor} deleted the reward “{reward}”"),
    Action.REWARD_STAYS: (
        "The reward “{reward}” is still on Twitch. Refuse what waits in its queue there, then delete it there",
        "The reward “{reward}” is still on Twitch. Refuse what waits in its queue there, then delete it there",
    ),
    Action.REWARD_LOST: (
        "The reward “{reward}” is gone on Twitch. Create it again",
        "The reward “{reward}” is gone on Twitch. Create it again",
    ),
    Action.TURNED_ON: ("The reward was turned on", "{actor} turned the reward on"),
    Action.TURNED_OFF: ("The reward was turned off", "{actor} turned the reward off"),
    Action.TIER_CREATED: ("The reward “{reward}” was created", "{actor} created the reward “{reward}”"),
    Action.TIER_CHANGED: (
        "On Twitch the reward is now “{reward}”, for {cost} points",
        "{actor} changed the reward “{reward}”",
    ),
    Action.FULL: (
        "All VIP seats are taken: the rewards are paused on Twitch",
        "All VIP seats are taken: the rewards are paused on Twitch",
    ),
    Action.SEATS_FREE: (
        "A VIP seat is free: the rewards are open again",
        "A VIP seat is free: the rewards are open again",
    ),
    Action.TESTED: ("The reward was tested, and all is well", "{actor} tested the reward, and all is well"),
    Action.TEST_SKIPPED: ("The test of the reward was skipped", "{actor} skipped the test of the reward"),
    Action.RULES_CHANGED: ("The rules were changed", "{actor} changed the rules"),
    Action.BLOCKED: ("{who} may not redeem any more", "{actor} put {who} on the block list"),
    Action.UNBLOCKED: ("{who} may redeem again", "{actor} took {who} off the block list"),
    Action.HIDDEN: ("{who} is not shown on the board", "{actor} hid {who} on the board"),
    Action.SHOWN: ("{who} is shown on the board again", "{actor} had {who} shown on the board again"),
    Action.BOARD_ON: ("The board was turned on", "{actor} turned the board on"),
    Action.BOARD_OFF: ("The board was turned off", "{actor} turned the board off"),
    Action.TOKEN_MADE: ("An API token was made: “{token}”", "{actor} made an API token: “{token}”"),
    Action.TOKEN_REVOKED: ("The API token “{token}” was revoked", "{actor} revoked the API token “{token}”"),
    Action.OVERLAY_LINK: (
        "The overlay got a new secret link. The old one has ended",
        "{actor} made a new secret link for the overlay. The old one has ended",
    ),
    Action.HOOK_ADDED: ("A webhook was added", "{actor} added a webhook"),
    Action.HOOK_CHANGED: ("A webhook was changed", "{actor} changed a webhook"),
    Action.HOOK_REMOVED: ("A webhook was removed", "{actor} removed a webhook"),
    Action.HOOK_STOPPED: (
        "A webhook was turned off, for nothing arrives there",
        "A webhook was turned off, for nothing arrives there",
    ),
    Action.CHAT_CHANGED: ("What is said in chat was changed", "{actor} changed what is said in chat"),
    Action.LEAVING: ("The channel is being left", "{actor} is leaving VIP Manager"),
    Action.LEFT: ("The channel has left VIP Manager", "{actor} has left VIP Manager"),
    Action.TOKENS_WIPED: (
        "The keys to the channel were given back to Twitch, and deleted here",
        "The keys to the channel were given back to Twitch, and deleted here",
    ),
    Action.TEAM_NAMED: ("{who} is a {role} now", "{actor} made {who} a {role}"),
    Action.TEAM_ROLE: ("{who} is a {role} now", "{actor} made {who} a {role}"),
    Action.TEAM_DISMISSED: ("{who} is not on the team any more", "{actor} took {who} off the team"),
    Action.TEAM_LEFT: ("{who} left the team", "{who} left the team"),
    Action.STREAM_BEGAN: ("The stream began", "The stream began"),
    Action.STREAM_ENDED: ("The stream ended", "The stream ended"),
    Action.HELD: ("{who} {held}", "{who} {held}"),
    Action.APPROVED: ("The redemption of {who} was approved", "{actor} said yes to {who}"),
    Action.REDEEMED: ("{who} redeemed “{reward}”", "{who} redeemed “{reward}”"),
    Action.GRANTED: ("{who} became VIP for {hours, duration}", "{actor} made {who} VIP for {hours, duration}"),
    Action.EXTENDED: ("{who} got {hours, duration} more", "{actor} gave {who} {hours, duration} more"),
    Action.REFUSED: ("{who} was not made VIP. {reason}", "{actor} could not make {who} VIP. {reason}"),
    Action.GIVE_BACK: (
        "{who} is to get the points back",
        "{actor} gives {who} the points back",
    ),
    Action.FULFILLED: ("The redemption of {who} is done", "The redemption of {who} is done"),
    Action.REFUNDED: ("{who} got the points back", "{actor} gave {who} the points back"),
    Action.POINTS_KEPT: (
        "{who} was not made VIP. {reason} The redemption had been settled on Twitch, so the points could not go back.",
        "{who} was not made VIP. {reason} {actor} had settled the redemption, so the points could not go back.",
    ),
    Action.TAKEN_BACK: (
        "{who} got the points back on Twitch: {hours, duration} taken off",
        "{actor} gave {who} the points back: {hours, duration} taken off",
    ),
    Action.REOPENED: (
        "The redemption of {who} is tried again",
        "{actor} had the redemption of {who} tried again",
    ),
    Action.TRIED_AGAIN: (
        "What waits for {who} is tried again",
        "{actor} had what waits for {who} tried again",
    ),
    Action.DISMISSED: (
        "The redemption of {who} stays as it is",
        "{actor} left the redemption of {who} as it is",
    ),
    Action.ENDED: ("{who} is no longer VIP", "{actor} ended the VIP of {who}"),
    Action.MODDED: (
        "{who} is a moderator now, and Twitch lets nobody be both. The clock runs on",
        "{who} is a moderator now, and Twitch lets nobody be both. The clock runs on",
    ),
    Action.SEAT_TAKEN: (
        "The seat of {who} went to {taker}. The clock runs on",
        "The seat of {who} went to {taker}. The clock runs on",
    ),
    Action.CLOCKED: (
        "{who} is VIP for {hours, duration} more",
        "{actor} put the VIP of {who} on a clock: {hours, duration}",
    ),
    Action.PUT_OFF: ("{who}: {error} It is tried again.", "{who}: {error} It is tried again."),
    Action.REPAIRED: ("The record of {who} was repaired", "{actor} repaired the record of {who}"),
    Action.RESTORED: (
        "The records were restored from a backup, and are compared with Twitch",
        "The records were restored from a backup, and are compared with Twitch",
    ),
}
"""What an audit line says: when the program did it by itself, and when somebody did."""

GRANTED_FOR_STREAM = ("{who} is VIP until the stream ends", "{actor} made {who} VIP until the stream ends")
"""A GRANTED line of no hours."""

SAID_NO = ("{who} was not made VIP. {reason}", "{actor} gives {who} the points back, instead of VIP")
"""A REFUSED line because the points are given back by hand."""

FOUND = (
    "{who} redeemed, and it was done on Twitch, in a time of which the records are lost",
    "{who} redeemed, and it was done on Twitch, in a time of which the records are lost",
)
"""A REFUSED line of a redemption that is UNRECORDED."""

ASKED = (
    "Whether {who} was made VIP is in no record: it waits for a decision",
    "Whether {who} was made VIP is in no record: it waits for a decision",
)
"""A POINTS_KEPT line of the same."""

ENDED: dict[EndReason, tuple[str, str]] = {
    EndReason.EXPIRED: ("The time of {who} is up", "The time of {who} is up"),
    EndReason.BY_HAND: ("The VIP of {who} was ended", "{actor} ended the VIP of {who}"),
    EndReason.SEAT_TAKEN: ("The seat of {who} went to somebody else", "The seat of {who} went to somebody else"),
    EndReason.MADE_PERMANENT: ("{who} is VIP for good", "{actor} made {who} VIP for good"),
    EndReason.LEFT: (
        "{who} keeps VIP: it is not VIP Manager's any more",
        "{who} keeps VIP: {actor} has left VIP Manager",
    ),
    EndReason.REMOVED_ON_TWITCH: ("{who} lost VIP on Twitch", "{who} lost VIP on Twitch"),
    EndReason.GIVEN_ON_TWITCH: (
        "{who} has VIP by another hand on Twitch now, and keeps it",
        "{who} has VIP by another hand on Twitch now, and keeps it",
    ),
}


def approved(username: str, state: str) -> Sentence:
    """Somebody said yes, and this is what the redemption (its state) has come to."""
    match state:
        case "granted" | "fulfilled":
            return Sentence("@{who} is VIP.", {"who": username})
        case "held":
            return Sentence("@{who} waits for a VIP seat now.", {"who": username})
        case _:
            return Sentence("@{who} becomes VIP as soon as it can be.", {"who": username})


def refused(template: str, username: str, refusal: Refusal) -> Sentence:
    """`template` has a {who} and a {reason}."""
    return Sentence(template, {"who": username, "reason": Sentence(REFUSALS[refusal])})


def retired(given_back: int) -> Sentence:
    """A reward was deleted, and so many redemptions of it had been open."""
    if not given_back:
        return Sentence("The reward is gone.")
    return Sentence("The reward is gone. Redemptions given back: {count, number}.", {"count": given_back})
