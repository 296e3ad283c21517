"""Why the API refuses something, in English; its code is the Refusal itself."""

from vip_manager.domain.reasons import Refusal

WORDS: dict[Refusal, str] = {
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
    Refusal.UNRECORDED: "It was done on Twitch in a time of which the records are lost.",
}
