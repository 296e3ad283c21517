"""What a sweep has found to do, and how far it has come."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from vip_manager.domain.channel import Channel
from vip_manager.domain.redemption import Redemption
from vip_manager.domain.session import SessionState, VipSession
from vip_manager.services.side_by_side import Line, SideBySide


@dataclass
class SweepReport:
    """What a sweep did. `failed`: put off with an error; `remaining`: due and not reached; `recovered`: found by
    catch-up."""

    expired: int = 0
    failed: int = 0
    remaining: int = 0
    recovered: int = 0
    refunded: int = 0
    duration_ms: int = 0


@dataclass
class Work:
    """What is due in one channel. `leaving`: it is left, which stands in the place of a catch-up. `channel`: as it was
    found to be due itself. `ends`: those who are at their end and may still be joined by others."""

    ending: list[VipSession] = field(default_factory=list)
    granting: list[VipSession] = field(default_factory=list)
    redemptions: list[Redemption] = field(default_factory=list)
    catch_up: bool = False
    leaving: bool = False
    channel: Channel | None = None
    ends: Line[VipSession] | None = None
    places: int = 0
    taken_up: int = 0
    """Sessions, in all."""
    ends_taken_up: int = 0

    @property
    def ends_first(self) -> bool:
        """Whether there is an end with which it begins; in a channel that was restored a catch-up comes before it."""
        return bool(self.ending) and not (self.channel is not None and self.channel.behind)

    def add(self, session: VipSession) -> None:
        self.taken_up += 1
        self.ends_taken_up += session.state is not SessionState.GRANTING
        if session.state is SessionState.GRANTING:
            self.granting.append(session)
        elif self.ends is None:
            self.ending.append(session)
        else:
            self.ends.join(session)


@dataclass
class Round:
    """One sweep. `found`: what is not begun yet; `open`: what is, and may get more; `left`: whether something that is
    due may not be done; `granting`: how many are taken up, and `passed_over`: how many in a row were not; `overdue`:
    seconds, of the longest overdue end."""

    room: asyncio.Semaphore
    report: SweepReport = field(default_factory=SweepReport)
    found: defaultdict[str, Work] = field(default_factory=lambda: defaultdict(Work))
    open: dict[str, Work] = field(default_factory=dict)
    under_way: SideBySide = field(default_factory=SideBySide)
    clocks_agree: bool | None = None
    granting: int = 0
    passed_over: int = 0
    left: bool = False
    overdue: float = 0.0


def longest_overdue(sessions: Iterable[VipSession], now: datetime) -> float:
    """Seconds, of what is to end. What was tried and put off is counted as such."""
    ends = [one.expires_at for one in sessions if one.expires_at and not one.retry.attempts]
    return max(((now - at).total_seconds() for at in ends if at <= now), default=0.0)
