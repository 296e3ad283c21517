"""Why a message did not get into the chat, in words."""

from vip_manager.domain.outbox import Why

NOT_SAID: dict[Why, str] = {
    Why.NO_PERMISSION: "Twitch did not allow it.",
    Why.REFUSED: "Twitch did not take the message, or did not show it.",
    Why.TOO_MANY: "There were more messages than Twitch takes, and it came too late.",
    Why.UNREACHABLE: "Twitch did not answer.",
    Why.SILENT: "VIP Manager was stopped while it was on its way. It may have arrived.",
    Why.TOO_LATE: "It came too late to be of use.",
    Why.BROKEN: "Something went wrong here. It was written down.",
}
