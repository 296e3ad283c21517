"""Our clock against Twitch's: where they differ too much, one of them is wrong, and hours would be lost or given
away."""

from datetime import datetime, timedelta

import structlog

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


async def agree_now(twitch: Twitch) -> bool:
    """By a fresh answer, whatever it says; False where there is none."""
    try:
        await twitch.knock()
    except TwitchError as error:
        log.warning("Twitch's clock can't be read", error=str(error))
        return False
    return agree(twitch)
