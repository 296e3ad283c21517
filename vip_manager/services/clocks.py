"""Our clock against Twitch's: where they differ too much, one of them is wrong, and hours would be lost or given
away."""

from contextlib import suppress
from datetime import datetime, timedelta

import structlog

from vip_manager.domain.session import SessionState, VipSession
from vip_manager.ports import Twitch, TwitchError

log = structlog.get_logger(__name__)

MOST_SKEW = timedelta(seconds=60)


def agree(twitch: Twitch) -> bool:
    """As of Twitch's last answer; before the first there is nothing against it."""
    skew = twitch.skew()
    if skew is None or abs(skew) <= MOST_SKEW:
        return True
    log.error("our clock and Twitch's differ", seconds=skew.total_seconds())
    return False


def by_twitch(twitch: Twitch, at: datetime) -> datetime:
    """A moment of our clock as Twitch's stamps would have it."""
    return at + (twitch.skew() or timedelta())


async def known_for(twitch: Twitch, live: VipSession, now: datetime) -> bool:
    """Whether hours can be added to that session. Past its end, while it is being ended, and without its badge they run
    from now: by a clock that is wrong they would be too many or too few. Where Twitch does not answer, ours is
    believed."""
    if live.state not in (SessionState.ENDING, SessionState.ASIDE) and not live.due_to_end(now):
        return True
    return await right(twitch)


async def right(twitch: Twitch) -> bool:
    """By a fresh answer; where Twitch does not answer, our clock is believed."""
    with suppress(TwitchError):
        await twitch.knock()
    return agree(twitch)


async def agree_now(twitch: Twitch) -> bool:
    """By a fresh answer, whatever it says; False where there is none."""
    try:
        await twitch.knock()
    except TwitchError as error:
        log.warning("Twitch's clock can't be read", error=str(error))
        return False
    return agree(twitch)
