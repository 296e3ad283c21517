"""Putting off what can't be done now, with the reason kept."""

from contextlib import suppress
from datetime import datetime

from vip_manager.domain.reasons import Trouble
from vip_manager.domain.redemption import Redemption
from vip_manager.domain.retry import LONGEST_PAUSE, Retry
from vip_manager.domain.session import VipSession
from vip_manager.ports import Conflict, RateLimited, Store, TwitchError, Unauthorized


def postponed(retry: Retry, now: datetime, error: TwitchError) -> Retry:
    """The next try after that error. Work that waits for a new sign-in is made due by the sign-in."""
    trouble = trouble_of(error)
    if isinstance(error, RateLimited):
        return retry.put_off(now, trouble, error.wait)
    if isinstance(error, Unauthorized):
        return retry.put_off(now, trouble, LONGEST_PAUSE)
    return retry.put_off(now, trouble)


async def put_off_as_broken(store: Store, record: Redemption | VipSession, now: datetime) -> None:
    """A record that nobody has thought of: as it stands now, if there is still something to do. Whoever else has
    changed it meanwhile could handle it. Raises StoreError."""
    read = store.sessions if isinstance(record, VipSession) else store.redemptions
    current = await read.get(record.id)
    if current is None or not (current.live if isinstance(current, VipSession) else current.open):
        return
    with suppress(Conflict):
        await store.commit(current.put_off(current.retry.put_off(now, Trouble.BROKEN)))


def trouble_of(error: TwitchError) -> Trouble:
    if isinstance(error, RateLimited):
        return Trouble.RATE_LIMITED
    if isinstance(error, Unauthorized):
        return Trouble.RECONNECT
    return Trouble.UNAVAILABLE if error.temporary else Trouble.REJECTED
