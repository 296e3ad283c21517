"""What a reward does right now, in a sentence."""

from vip_manager.domain.prospect import Prospect

PROSPECTS: dict[Prospect, tuple[str, str, str]] = {
    Prospect.OFF: ("circle_pause", "text-soft", "Off: nobody can redeem it."),
    Prospect.LEAVING: ("door_open", "text-soft", "Off: {channel} is leaving VIP Manager."),
    Prospect.SEATLESS: ("circle_pause", "text-soft", "Paused until a VIP seat is free. Then it opens by itself."),
    Prospect.PAUSED: ("circle_pause", "text-amber", "Paused on Twitch: nobody can redeem it until it is opened again."),
    Prospect.UNCONNECTED: (
        "unplug",
        "text-amber",
        "What is redeemed now is kept, and done when {channel} has signed in with Twitch again.",
    ),
    Prospect.GRANT: ("circle_check", "text-green", "Open: who redeems it now is VIP at once."),
    Prospect.APPROVAL: (
        "hourglass",
        "text-soft",
        "Open: who redeems it now waits for a yes, for {approval, number} h at most.",
    ),
    Prospect.WAIT: (
        "hourglass",
        "text-soft",
        "No VIP seat is free: who redeems it now waits in line, for {wait, number} h at most.",
    ),
    Prospect.TAKE_SEAT: (
        "arrow_left_right",
        "text-soft",
        "No VIP seat is free: who redeems it now gets that of the temporary VIP with the least time left.",
    ),
    Prospect.FULL: ("undo_2", "text-soft", "No VIP seat is free: who redeems it now gets the points back."),
    Prospect.NOT_LIVE: (
        "undo_2",
        "text-soft",
        "There is no stream that VIP could last for: who redeems it now gets the points back.",
    ),
}
"""Its icon, its tone, and what is said of it."""
