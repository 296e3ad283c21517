"""Webhooks in words: what one is told of, and why nothing arrived there."""

from vip_manager.domain.notice import Event
from vip_manager.domain.outbox import Why

EVENTS: dict[Event, tuple[str, str]] = {
    Event.STARTED: ("Somebody becomes VIP", "VIP started"),
    Event.EXTENDED: ("Somebody's VIP is extended", "VIP extended"),
    Event.ENDS_SOON: ("VIP ends soon", "VIP ends soon"),
    Event.ENDED: ("VIP is over", "VIP ended"),
    Event.REFUSED: ("VIP can't be given, and the points go back", "VIP refused"),
}
"""To choose it, and in short, of what was chosen."""

NOT_DELIVERED: dict[Why, str] = {
    Why.UNREACHABLE: "No good answer came from there: none in time, an error, or a certificate that can't be trusted.",
    Why.REFUSED: "They said no to it.",
    Why.GONE: "There is nothing at that address any more.",
    Why.FORBIDDEN: "The address leads into a private network, where VIP Manager posts nothing.",
    Why.NO_PERMISSION: "They did not allow it.",
    Why.TOO_MANY: "They asked us to wait.",
    Why.SILENT: "VIP Manager was stopped while it was on its way. It may have arrived.",
    Why.TOO_LATE: "It came too late to be of use.",
    Why.BROKEN: "Something went wrong here. It was written down.",
}
