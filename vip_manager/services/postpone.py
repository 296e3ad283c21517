"""Putting off what can't be done now, with the reason kept."""

from datetime import datetime

from vip_manager.domain.reasons import Trouble
from vip_manager.domain.retry import LONGEST_PAUSE, Retry
from vip_manager.ports import RateLimited, TwitchError, Unauthorized


def postponed(retry: Retry, now: datetime, error: TwitchError) -> Retry:
    """The next try after that error. Work that waits for a new sign-in is made due by the sign-in."""
    trouble = trouble_of(error)
    if isinstance(error, RateLimited):
        return retry.put_off(now, trouble, error.wait)
    if isinstance(error, Unauthorized):
        return retry.put_off(now, trouble, LONGEST_PAUSE)
    return retry.put_off(now, trouble)


def trouble_of(error: TwitchError) -> Trouble:
    if isinstance(error, RateLimited):
        return Trouble.RATE_LIMITED
    if isinstance(error, Unauthorized):
        return Trouble.RECONNECT
    return Trouble.UNAVAILABLE if error.temporary else Trouble.REJECTED
