"""How things are, in words: of each part of a channel's health, and of each step of a dry run."""

from vip_manager.services.chat_picture import ChatIs
from vip_manager.services.dry_run import Check, Why
from vip_manager.services.health import EventsAre, HooksAre, RewardIs, SeatsAre, SignInIs, SweepIs, WorkIs

Said = tuple[str, str, str]
"""A tone (well, wait, bad, off or unknown), a word for how it is, and what that means, with what to do."""

SIGN_IN: dict[SignInIs, Said] = {
    SignInIs.WELL: ("well", "Accepted", "Twitch lets VIP Manager act for this channel."),
    SignInIs.SCOPES: (
        "bad",
        "Permission missing",
        "Twitch was not allowed all that it takes. The channel's owner has to sign in again and allow all three.",
    ),
    SignInIs.DEAD: (
        "bad",
        "Not accepted",
        "Twitch does not take the sign-in any more: the password was changed, or VIP Manager was disconnected there. "
        "The channel's owner has to sign in again. What is redeemed meanwhile is kept.",
    ),
    SignInIs.NONE: ("bad", "Not connected", "The channel's owner has to connect it first."),
}

EVENTS: dict[EventsAre, Said] = {
    EventsAre.WELL: ("well", "Heard", "Twitch tells us at once what happens in the channel."),
    EventsAre.CONNECTING: ("wait", "Connecting", "The line to Twitch is being made. That takes some seconds."),
    EventsAre.DEAF: (
        "bad",
        "Not heard",
        "Twitch tells us nothing at the moment. The line is made anew by itself, and what went by unheard is found "
        "then. If it lasts, look whether Twitch has trouble.",
    ),
    EventsAre.SIGN_IN: ("bad", "Not heard", "Twitch tells us nothing until the channel's owner has signed in again."),
}

REWARD: dict[RewardIs, Said] = {
    RewardIs.WELL: ("well", "On", "Viewers can redeem it, and what they redeem waits in its queue for our answer."),
    RewardIs.OFF: (
        "off",
        "Off",
        "It is turned off here, so nobody can redeem it. The switch stands above.",
    ),
    RewardIs.CLOSED: (
        "bad",
        "Paused on Twitch",
        "A reward was paused or switched off there, so nobody can redeem it. Open it again here, or on Twitch.",
    ),
    RewardIs.FULL: (
        "wait",
        "Paused, seats full",
        "No VIP seat is free, so it is paused, as the rules say. It opens by itself when there is one.",
    ),
    RewardIs.QUEUE: (
        "bad",
        "Queue off",
        "Its queue was switched off on Twitch, so points can't be given back. It is switched on again with the next "
        "look at Twitch.",
    ),
    RewardIs.LOST: ("bad", "Deleted on Twitch", "It is gone there. Create it again on the page “Now”."),
    RewardIs.NONE: ("off", "None yet", "There is no reward. Create it on the page “Now”."),
}

SWEEP: dict[SweepIs, Said] = {
    SweepIs.WELL: ("well", "On time", "Whoever's time is up loses VIP within moments."),
    SweepIs.LATE: (
        "bad",
        "Late",
        "Nobody has looked for too long whose time is up. If that does not pass, start VIP Manager anew, or see "
        "whether the scheduler calls it.",
    ),
    SweepIs.OVERDUE: (
        "bad",
        "Overdue",
        "Somebody is VIP past the end, because Twitch has not taken it away yet. It is tried again all the time.",
    ),
    SweepIs.CLOCK: (
        "bad",
        "Clocks differ",
        "Our clock and Twitch's differ by more than a minute, so nobody's VIP is ended. Set the clock of the computer "
        "on which VIP Manager runs.",
    ),
    SweepIs.RESTORED: (
        "wait",
        "Being compared",
        "The records were restored from a backup. Until they were compared with Twitch, nobody is made VIP here and "
        "nobody's VIP is ended. It is tried again all the time.",
    ),
}

SEATS: dict[SeatsAre, Said] = {
    SeatsAre.WELL: ("well", "Some free", "There is room for the next VIP."),
    SeatsAre.FULL: (
        "wait",
        "Full",
        "No seat is free for the next VIP. The rules say what happens with who redeems now.",
    ),
    SeatsAre.UNKNOWN: (
        "unknown",
        "Not known",
        "Twitch tells nobody how many VIP seats a channel has. Type it under Rewards, or it is learned when they are "
        "full.",
    ),
}

WORK: dict[WorkIs, Said] = {
    WorkIs.WELL: ("well", "None", "Nothing waits for another try, or for a decision."),
    WorkIs.WAITS: ("wait", "Tried again", "What did not work is tried again by itself. Nothing is lost."),
    WorkIs.STUCK: ("bad", "Needs you", "Some of it may not work by itself. Try it again, or decide."),
}

CHAT: dict[ChatIs, Said] = {
    ChatIs.OFF: ("off", "Off", "Nothing is said in your chat. You can turn it on under Chat."),
    ChatIs.WELL: ("well", "Well", "What you have chosen is said in your chat."),
    ChatIs.NOT_ALLOWED: (
        "bad",
        "Not allowed",
        "Twitch has not allowed it yet, so what you have turned on is not done. VIP itself goes on as before.",
    ),
    ChatIs.FAILING: (
        "bad",
        "Failing",
        "The last message did not arrive. The page “Chat” says why. VIP itself goes on as before.",
    ),
}

HOOKS: dict[HooksAre, Said] = {
    HooksAre.OFF: ("off", "None on", "Nothing is sent anywhere. You can add a webhook under Settings."),
    HooksAre.WELL: ("well", "Well", "What happens is sent to each of your webhooks, as you have chosen."),
    HooksAre.FAILING: (
        "bad",
        "Failing",
        "One of them or more does not get what is sent. Settings say why. VIP itself goes on as before.",
    ),
}

STORE: dict[str, Said] = {
    "well": ("well", "Reachable", "What happens is written down, and survives a crash."),
    "lost": (
        "bad",
        "Out of reach",
        "What is stored can't be read or written right now. It is tried again all the time; what Twitch tells "
        "meanwhile is found later.",
    ),
}

SCOPES: dict[str, tuple[str, str]] = {
    "channel:manage:redemptions": (
        "Manage channel-point redemptions",
        "to make the reward, and to give points back when VIP can't be given.",
    ),
    "channel:manage:vips": ("Manage VIPs", "to give VIP, and to take it away when the hours are up."),
    "moderation:read": ("See moderators", "because Twitch lets nobody be moderator and VIP at once."),
}
"""What is asked of Twitch, and what for."""

CHECKS: dict[Check, str] = {
    Check.KEY: "Twitch accepts the sign-in, with all three permissions",
    Check.REWARD: "The reward is on Twitch, is ours, and can be redeemed",
    Check.EVENTS: "Twitch tells us what happens in the channel",
    Check.SEATS: "VIPs can be read, and whoever redeems can get a seat",
    Check.CLOCK: "Our clock and Twitch's agree",
    Check.STORE: "What happens is stored",
}

WHY: dict[Why, str] = {
    Why.DEAD: "Twitch does not take the sign-in any more. The channel's owner has to sign in with Twitch again.",
    Why.SCOPES: "A permission is missing. The channel's owner has to sign in again, and allow all three.",
    Why.NO_REWARD: "There is no reward yet. Create it first.",
    Why.GONE: "It was deleted on Twitch. Create it again.",
    Why.FOREIGN: "It was made by another program, so Twitch does not let us change it. Create one here.",
    Why.OFF: "It is turned off here. Turn it on, then test again.",
    Why.PAUSED: "It is paused or switched off on Twitch. Open it again, then test again.",
    Why.QUEUE: "Its queue is off on Twitch, so points could not be given back. Press “Look again” under Health.",
    Why.DEAF: "Nothing comes from Twitch. The line is made anew by itself; test again in a minute.",
    Why.FULL: "All VIP seats are taken. End somebody's VIP, or raise the number of seats under Rewards.",
    Why.UNCOUNTED: "How many seats there are, Twitch does not tell.",
    Why.LINE: "All VIP seats are taken right now. Who redeems waits for one, as the rules say.",
    Why.TAKES: "All VIP seats are taken right now. Who redeems takes somebody's, as the rules say.",
    Why.CLOCK: "They differ by more than a minute. Set the clock of the computer on which VIP Manager runs.",
    Why.STORE: "It could not be written and read again. See whether the disk is full, or the database out of reach.",
    Why.DOWN: "Twitch does not answer right now. Test again in a minute.",
    Why.SLOW: "Twitch took too long to answer. Test again in a minute.",
    Why.LIMITED: "Twitch asks us to slow down. Test again in a minute.",
    Why.REJECTED: "Twitch said no to this.",
    Why.BROKEN: "Something went wrong here. It was written down.",
}
