"""What a streamer has chosen for their channel. Who touches nothing gets: points back when it can't be, time added when
it can."""

from dataclasses import dataclass
from enum import StrEnum


class WhenVip(StrEnum):
    """What a redemption does for somebody who is VIP by us already. START_OVER: the full hours from now, unless they
    have more left."""

    ADD_TIME = "add_time"
    START_OVER = "start_over"
    REFUSE = "refuse"


class WhenFull(StrEnum):
    """What becomes of a redemption for which there is no VIP seat. WAIT: it is held, in order, until one is free.
    TAKE_SEAT: that of the temporary VIP with the least time left."""

    GIVE_BACK = "give_back"
    WAIT = "wait"
    TAKE_SEAT = "take_seat"


class VipClock(StrEnum):
    """What hours are counted by. WALL: they pass; STREAM: there are none, it ends with the stream; LIVE: they pass
    while the channel is live."""

    WALL = "wall"
    STREAM = "stream"
    LIVE = "live"


class Held(StrEnum):
    """What a redemption waits for by the streamer's choice."""

    SEAT = "seat"
    APPROVAL = "approval"


@dataclass(frozen=True, slots=True)
class Blocked:
    """A viewer who may not redeem; `id` is Twitch's, the names are those of when they were blocked."""

    id: str
    login: str
    username: str


@dataclass(frozen=True, slots=True)
class Rules:
    """All `…_hours` are hours.

    `most_hours_ahead`: more than that nobody gets ahead of them by redeeming again; 0: no limit. `seats`: how many VIPs
    Twitch lets the channel have, as the streamer typed it; 0: not known. `seats_kept_free` of them are not given by
    redemptions. A redemption is held for `wait_hours` or `approval_hours` at most. Nobody's seat is taken in the first
    `protected_hours`. `pause_hours` must lie between two redemptions of one viewer; 0: no pause. `close_when_full`: the
    rewards are paused on Twitch while no seat is free. `clock` is that of sessions that begin from now on.
    """

    when_vip: WhenVip = WhenVip.ADD_TIME
    most_hours_ahead: float = 0.0
    when_full: WhenFull = WhenFull.GIVE_BACK
    seats: int = 0
    seats_kept_free: int = 0
    wait_hours: float = 24.0
    protected_hours: float = 1.0
    close_when_full: bool = False
    clock: VipClock = VipClock.WALL
    approval: bool = False
    approval_hours: float = 2.0
    pause_hours: float = 0.0
    blocked: tuple[Blocked, ...] = ()

    def blocks(self, user_id: str) -> bool:
        return any(one.id == user_id for one in self.blocked)
