"""What each switch breaks on Twitch, and what should come of it."""

from vip_manager.services.mishaps import Mishap

ANSWERS: dict[Mishap, tuple[str, str]] = {
    Mishap.DOWN: (
        "Twitch is down",
        "Every request gets 503, signing in too. What is redeemed now is kept, and done when Twitch is back.",
    ),
    Mishap.SLOW: ("Twitch is slow", "Each answer takes 2 seconds longer."),
    Mishap.LIMITED: ("Too many requests", "Every request gets 429. VIP Manager slows down, and loses nothing."),
    Mishap.LOST: (
        "Answers get lost",
        "Every second change is made, and its answer never comes. It must look, and do nothing twice.",
    ),
    Mishap.LOST_ADDS: ("“VIP given” gets lost", "Twitch gives the badge each time, and never says so."),
}
CHANNEL: dict[Mishap, tuple[str, str]] = {
    Mishap.FULL: (
        "No seat is free",
        "Twitch says so to each new VIP, who gets the points back. The seats stay as they are.",
    ),
    Mishap.LAG: ("The VIP list lags", "Twitch lists who was VIP 20 seconds ago."),
}
EVENTS: dict[Mishap, tuple[str, str]] = {
    Mishap.TWICE: ("Events come twice", "The same message again, under the same id."),
    Mishap.TWIN: ("Events have a twin", "One redemption, told under two message ids."),
    Mishap.LATE: ("Events are late", "Each comes 8 seconds after it happened."),
    Mishap.REORDERED: ("Events overtake one another", "Each waits until the next has gone, 5 seconds at most."),
    Mishap.DROPPED: (
        "Events are dropped",
        "None comes. The next catch-up finds what was missed: cut the socket to see one at once.",
    ),
}
ALL = {**ANSWERS, **CHANNEL, **EVENTS}

ONCE = (
    ("cut", "unplug", "Cut the socket", "VIP Manager connects again, and catches up with what it missed."),
    ("move", "shuffle", "Move the socket", "Twitch asks for another connection, as it does when it is updated."),
    ("tokens", "key_round", "Let the tokens die", "The next request is refused; a fresh token is fetched."),
    (
        "disconnect",
        "log_out",
        "Disconnect the app",
        "As in Twitch's settings. Nothing more can be done for this channel until its streamer signs in again; "
        "what is redeemed meanwhile is kept.",
    ),
)
"""By the name of the act: its icon, its label, and what comes of it."""
