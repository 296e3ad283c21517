"""Words for what goes wrong, whatever the page: what happened, and what to do."""

import structlog

from vip_manager.domain.sentence import Sentence
from vip_manager.domain.terms import InvalidInput
from vip_manager.ports import (
    ChannelPointsUnavailable,
    NotOurs,
    RateLimited,
    Rejected,
    RewardTitleTaken,
    SandboxRefused,
    StoreError,
    Taken,
    TooManyRewards,
    TwitchUnavailable,
    Unauthorized,
)
from vip_manager.services.access import NotAllowed, NotSignedIn
from vip_manager.services.container import NotRunning
from vip_manager.services.refused import Refused
from vip_manager.services.sandbox import TwitchIsReal
from vip_manager.ui.happened_words import REFUSALS
from vip_manager.ui.language import message

log = structlog.get_logger(__name__)

SOMETHING = "Something went wrong here, and it was noted. Try again in a moment."
STORE_DOWN = "What is stored can't be read right now. Nothing is lost; try again in a moment."
STALE = "This page shows what was so before. It is tried again all the time; nothing is lost."
REAL = "Twitch is real here; there is nothing to play with."
TOO_OFTEN = "That was too much at once, and not all of it was done. Wait a moment, then look what is missing."
FULL = "VIP Manager is full: too many pages are open at once. Trying again…"
"""`assets/shell.jsx` knows it by its first words."""
ON_A_CLOCK = "They are on a clock of VIP Manager already. Add time there, or end it."
REWARD_LOST = "The reward was deleted on Twitch. Create it again."

SIGN_IN_PROBLEMS: dict[str, str] = {
    "denied": "You said no on Twitch, so nothing was connected. Sign in whenever you like.",
    "state": "That sign-in had begun in another window, or too long ago. Start it again here.",
    "code": "Twitch did not take that sign-in. It may have been used already. Start it again.",
    "twitch": "Twitch does not answer right now. Try again in a minute.",
    "not_allowed": "This VIP Manager is for invited channels only, and yours is not among them yet.",
    "busy": "Those were too many sign-ins at once. Wait a minute, then start it again.",
    "unknown": "The sign-in did not work. Try again in a moment.",
    "has_channel": "You have a channel here. Leave with it first, under Settings.",
    "signed_out": "You are signed out. Sign in to go on.",
}

FORM_PROBLEMS: dict[str, str] = {
    "wrong_origin": "A page of another site asked for it. If it was you, do it from here.",
    "wrong_token": "That page was not up to date. Try once more from here.",
    "store_unavailable": "It could not be saved. Try again in a moment.",
}
"""By the code of what was refused, where a browser had posted a form."""


def problem_title(code: str) -> str:
    """The headline above `sign_in_problem`."""
    return message("Nothing was done") if code in FORM_PROBLEMS else message("You are not signed in")


def sign_in_problem(code: str) -> str:
    """The sentence for `/?problem=<code>`; nothing where there was no problem."""
    return {**SIGN_IN_PROBLEMS, **FORM_PROBLEMS}.get(code, SIGN_IN_PROBLEMS["unknown"]) if code else ""


NOT_YOURS = "That channel is not yours to manage."
NOT_YOUR_PART = "That is not among what you may do in this channel. Its owner can change that."


def of_error(error: Exception) -> Sentence:
    """A calm sentence for whatever came up. What nobody has foreseen is logged, without what was typed."""
    match error:
        case InvalidInput():
            return error.sentence
        case NotSignedIn():
            return Sentence("You are signed out. Sign in to go on.")
        case NotAllowed():
            return Sentence(NOT_YOURS if error.role is None else NOT_YOUR_PART)
        case Refused():
            return Sentence(REFUSALS[error.refusal])
        case SandboxRefused():
            return Sentence(str(error))
        case TwitchIsReal():
            return Sentence(REAL)
    for kind, sentence in _SENTENCES:
        if isinstance(error, kind):
            return Sentence(sentence)
    log.error("page_handler_failed", error=type(error).__name__, exc_info=error)
    return Sentence(SOMETHING)


_SENTENCES: tuple[tuple[type[Exception], str], ...] = (
    (Unauthorized, "Twitch no longer accepts our key for this channel. Its owner has to sign in with Twitch again."),
    (RateLimited, "Twitch asks us to slow down. Try again in a minute."),
    (TwitchUnavailable, "Twitch does not answer right now. Try again in a minute."),
    (RewardTitleTaken, "The channel has a reward of that name already. Choose another name."),
    (TooManyRewards, "The channel has as many rewards as Twitch allows. Delete one on Twitch first."),
    (ChannelPointsUnavailable, "Twitch gives channel points to affiliates and partners only."),
    (NotOurs, "That reward was made elsewhere, so Twitch does not let us change it."),
    (Rejected, "Twitch said no to this."),
    (Taken, "Another change of that is under way. Try again in a moment."),
    (StoreError, "What was asked could not be saved. Try again in a moment."),
    (NotRunning, "The server is starting. Try again in a moment."),
)
