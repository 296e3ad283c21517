"""Whether all works for a channel, at a glance: from what is known anyway, and, where somebody asks, from Twitch."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from vip_manager.domain.account import CHANNEL_SCOPES, Account
from vip_manager.domain.audit import Action, AuditEntry, lost_reward
from vip_manager.domain.channel import Channel
from vip_manager.domain.outbox import Outbox
from vip_manager.domain.redemption import Redemption
from vip_manager.domain.seats import Seats, sits
from vip_manager.domain.session import SessionState, VipSession
from vip_manager.domain.terms import InvalidInput
from vip_manager.ports import RateLimits, Twitch
from vip_manager.services import clocks
from vip_manager.services.changes import Changes
from vip_manager.services.chat_picture import ChatIs, chat_is
from vip_manager.services.clocks import MOST_SKEW
from vip_manager.services.connections import Connection, Hearing
from vip_manager.services.rates import LOOKS
from vip_manager.services.reconcile import CATCH_UP_EVERY, Reconcile
from vip_manager.services.seats import SeatCount
from vip_manager.services.vitals import Queues, Vitals
from vip_manager.services.written import millis

LATE_BY = timedelta(minutes=1)
"""A sweep, or the end of a VIP, that is later than this needs somebody to look."""
_STAMPS_DIFFER = timedelta(seconds=3)
"""Twitch's clock is known by whole seconds, and as of the last answer."""


class SignInIs(StrEnum):
    """SCOPES: a permission is missing. DEAD: Twitch does not take it any more. NONE: nobody has connected it."""

    WELL = "well"
    SCOPES = "scopes"
    DEAD = "dead"
    NONE = "none"


class EventsAre(StrEnum):
    WELL = "well"
    CONNECTING = "connecting"
    DEAF = "deaf"
    SIGN_IN = "sign_in"


class RewardIs(StrEnum):
    """CLOSED: somebody paused it on Twitch. FULL: we did, for no seat is free. QUEUE: Twitch fulfils by itself what is
    redeemed. LOST: it was deleted there. NONE: never made."""

    WELL = "well"
    OFF = "off"
    CLOSED = "closed"
    FULL = "full"
    QUEUE = "queue"
    LOST = "lost"
    NONE = "none"


class SweepIs(StrEnum):
    """LATE: none comes, or catch-up does not. OVERDUE: somebody's VIP is over, and they have it still. CLOCK: ours and
    Twitch's differ. RESTORED: it waits until the records were compared with Twitch."""

    WELL = "well"
    LATE = "late"
    OVERDUE = "overdue"
    CLOCK = "clock"
    RESTORED = "restored"


class SeatsAre(StrEnum):
    WELL = "well"
    FULL = "full"
    UNKNOWN = "unknown"


class WorkIs(StrEnum):
    """WAITS: something is tried again by itself. STUCK: that may not be enough."""

    WELL = "well"
    WAITS = "waits"
    STUCK = "stuck"


class HooksAre(StrEnum):
    """FAILING: nothing arrives at one of them, or it was turned off for that. OFF: there is none that is on."""

    WELL = "well"
    OFF = "off"
    FAILING = "failing"


TROUBLES: dict[str, frozenset[StrEnum]] = {
    "sign_in": frozenset({SignInIs.SCOPES, SignInIs.DEAD, SignInIs.NONE}),
    "events": frozenset({EventsAre.DEAF, EventsAre.SIGN_IN}),
    "reward": frozenset({RewardIs.CLOSED, RewardIs.QUEUE, RewardIs.LOST}),
    "sweep": frozenset({SweepIs.LATE, SweepIs.OVERDUE, SweepIs.CLOCK}),
    "seating": frozenset(),
    "work": frozenset({WorkIs.STUCK}),
    "hooks": frozenset({HooksAre.FAILING}),
    "chat": frozenset({ChatIs.NOT_ALLOWED, ChatIs.FAILING}),
}
"""By the field of a HealthPicture: what does not pass by itself. That there is no reward yet is no trouble, but a step
that is still to come."""


@dataclass(frozen=True, slots=True)
class Scope:
    name: str
    granted: bool


@dataclass(frozen=True, slots=True)
class HealthPicture:
    """Times are milliseconds since 1970 (UTC), 0 where there is none, or none is known.

    `validated_at`: when Twitch was last asked whether it takes the sign-in. `by_webhook`: how events come. `heard_at`
    is when the last one came since `since`, this process's start; `redeemed_at` of when the newest redemption is that
    was written down. `queue`: "on", "off", or "" where this process has not asked Twitch since, or another one has
    asked later. `swept_at` is of this process; `every`: seconds between two sweeps, 0 where a scheduler calls;
    `overdue` VIPs should have ended by now, the first of them at `overdue_since`. `skew`: seconds that Twitch's clock
    is ahead of ours, 0 where not `skew_known`. `seats` 0 and `seats_used`, `seats_free` -1: not known. `refused_at`:
    when Twitch had none, in this process. `failed` counts what waits for another try or a decision: redemptions, and
    sessions that are of none of these, `failed_sessions` by their ids. `troubles` counts the parts that do not get well
    by themselves. `alone`: there is no other process that may have seen what this one has not.
    """

    sign_in: str = SignInIs.NONE
    validated_at: int = 0
    scopes: list[Scope] = field(default_factory=list)
    events: str = EventsAre.CONNECTING
    by_webhook: bool = False
    heard_at: int = 0
    redeemed_at: int = 0
    since: int = 0
    reward: str = RewardIs.NONE
    queue: str = ""
    sweep: str = SweepIs.WELL
    swept_at: int = 0
    every: int = 0
    caught_up_at: int = 0
    catch_up_at: int = 0
    overdue: int = 0
    overdue_since: int = 0
    skew: int = 0
    skew_known: bool = False
    seating: str = SeatsAre.UNKNOWN
    seats: int = 0
    seats_used: int = -1
    seats_free: int = -1
    refused_at: int = 0
    work: str = WorkIs.WELL
    hooks: str = HooksAre.OFF
    chat: str = ChatIs.OFF
    failed: int = 0
    failed_sessions: list[str] = field(default_factory=list)
    troubles: int = 0
    alone: bool = True


@dataclass(frozen=True, slots=True)
class Known:
    """What is stored of a channel, as somebody has just read it: `live` sessions, `pending` redemptions (put off, or
    undecided), and the audit log's `latest` lines, newest first. `outbox` where the outside is told."""

    channel: Channel
    account: Account | None
    connection: Connection
    live: Sequence[VipSession]
    pending: Sequence[Redemption]
    latest: Sequence[AuditEntry]
    outbox: Outbox | None = None


class Health:
    """`tick`: real time between two sweeps of this process; none where a scheduler calls for them."""

    def __init__(
        self,
        twitch: Twitch,
        reconcile: Reconcile,
        changes: Changes,
        seats: SeatCount,
        vitals: Vitals,
        rates: RateLimits,
        *,
        by_webhook: bool,
        tick: timedelta,
    ) -> None:
        self._twitch = twitch
        self._reconcile = reconcile
        self._changes = changes
        self._seats = seats
        self._vitals = vitals
        self._rates = rates
        self._by_webhook = by_webhook
        self._tick = tick

    @property
    def by_webhook(self) -> bool:
        """How events come."""
        return self._by_webhook

    async def look(self, channel_id: str) -> None:
        """Asks Twitch about the sign-in, the rewards, the VIPs and what was redeemed, once, and mends what it can.
        Raises InvalidInput where that was done too often, TwitchError, StoreError."""
        await not_too_often(self._rates, channel_id)
        try:
            await self._twitch.validate(channel_id)
            await self._reconcile.heal(channel_id)
        finally:
            self._changes.announce_here(channel_id)

    def picture(self, known: Known, now: datetime) -> HealthPicture:
        """Reads nothing, and asks nobody."""
        channel, connection = known.channel, known.connection
        account = known.account
        skew = self._twitch.skew()
        late = [one.expires_at for one in known.live if one.expires_at and _overdue(one, now)]
        used = (
            None if connection.vip_ids is None else len(connection.vip_ids | {s.user_id for s in known.live if sits(s)})
        )
        free = None if used is None else Seats(channel.seats, used).free(channel.rules)
        queue = self._queue_on(known)
        redeemed = next((one.at for one in known.latest if one.action is Action.REDEEMED), None)
        covered = {one.session_id for one in known.pending}
        sessions = [one.id for one in known.live if one.retry.error and one.id not in covered]
        states: dict[str, StrEnum] = {
            "sign_in": _sign_in(account),
            "events": _events(connection, account),
            "reward": _reward(known, queue),
            "sweep": self._sweep(channel, skew, bool(late), now),
            "seating": SeatsAre.UNKNOWN if free is None else SeatsAre.WELL if free else SeatsAre.FULL,
            "work": _work(known),
            "hooks": _hooks(known),
            "chat": chat_is(channel.chat, account, known.outbox, by_webhook=self._by_webhook),
        }
        return HealthPicture(
            **states,
            validated_at=millis(self._vitals.in_domain(account.validated_at) if account else None),
            scopes=_scopes(account),
            by_webhook=self._by_webhook,
            heard_at=millis(self._vitals.heard_at(channel.id)),
            redeemed_at=millis(redeemed),
            since=millis(self._vitals.started_at),
            queue="" if queue is None else "on" if queue else "off",
            swept_at=millis(self._vitals.swept_at),
            every=round(self._tick.total_seconds()),
            caught_up_at=millis(channel.caught_up_at),
            catch_up_at=millis(channel.catch_up_at),
            overdue=len(late),
            overdue_since=millis(min(late, default=None)),
            skew=round(skew.total_seconds()) if skew is not None else 0,
            skew_known=skew is not None,
            seats=channel.seats,
            seats_used=-1 if used is None else used,
            seats_free=-1 if free is None else free,
            refused_at=millis(self._seats.refused_at(channel.id)),
            failed=len(known.pending) + len(sessions),
            failed_sessions=sessions,
            troubles=sum(state in TROUBLES[part] for part, state in states.items()),
            alone=self._vitals.alone,
        )

    def _queue_on(self, known: Known) -> bool | None:
        """Whether all rewards of the channel have it on; None where nobody here has seen them since somebody else
        has."""
        channel = known.channel
        seen = self._vitals.queues(channel.id)
        if seen is None or (not self._vitals.alone and self._seen_since(seen, known)):
            return None
        states = [seen.on[tier.id] for tier in channel.made_tiers if tier.id in seen.on]
        return all(states) if states else None

    def _seen_since(self, seen: Queues, known: Known) -> bool:
        """By another process: it has looked at Twitch's lists, or switched a queue on."""
        looked_at = known.channel.caught_up_at
        mended_at = next((one.at for one in known.latest if one.action is Action.REWARD_QUEUED), None)
        looked = looked_at is not None and looked_at - clocks.by_twitch(self._twitch, seen.seen_at) > _STAMPS_DIFFER
        return looked or (mended_at is not None and mended_at - seen.seen_at > _STAMPS_DIFFER)

    def _sweep(self, channel: Channel, skew: timedelta | None, overdue: bool, now: datetime) -> SweepIs:
        if skew is not None and abs(skew) > MOST_SKEW:
            return SweepIs.CLOCK
        if self._tick and self._vitals.rests_for > max(4 * self._tick, LATE_BY):
            return SweepIs.LATE
        if channel.behind:
            return SweepIs.RESTORED
        if overdue:
            return SweepIs.OVERDUE
        due = channel.catch_up_at
        return SweepIs.LATE if due is not None and now - due > CATCH_UP_EVERY else SweepIs.WELL


async def not_too_often(rates: RateLimits, channel_id: str) -> None:
    """Twitch is asked for somebody who presses a button. Raises InvalidInput."""
    if await rates.hit(LOOKS, channel_id) is not None:
        raise InvalidInput("look", "Twitch was asked several times just now. Wait a minute, then look again.")


def _overdue(session: VipSession, now: datetime) -> bool:
    over = session.expires_at is not None and now - session.expires_at > LATE_BY
    return over and session.state in (SessionState.ACTIVE, SessionState.ENDING)


def _sign_in(account: Account | None) -> SignInIs:
    if account is None or (account.tokens is None and not account.reconnect):
        return SignInIs.NONE
    if account.tokens is not None and not account.tokens.scopes >= CHANNEL_SCOPES:
        return SignInIs.SCOPES
    return SignInIs.WELL if account.may_manage else SignInIs.DEAD


def _scopes(account: Account | None) -> list[Scope]:
    granted = account.tokens.scopes if account and account.tokens else frozenset[str]()
    return [Scope(one, one in granted) for one in sorted(CHANNEL_SCOPES)]


def _events(connection: Connection, account: Account | None) -> EventsAre:
    if account is None or not account.may_manage or connection.hearing is Hearing.RECONNECT:
        return EventsAre.SIGN_IN
    if connection.hearing is Hearing.LIVE:
        return EventsAre.WELL
    return EventsAre.DEAF if connection.error else EventsAre.CONNECTING


def _reward(known: Known, queue: bool | None) -> RewardIs:
    channel = known.channel
    if not channel.channel_point_reward_id:
        return RewardIs.LOST if lost_reward(known.latest) else RewardIs.NONE
    if not channel.takes_redemptions:
        return RewardIs.OFF
    if channel.closed_for_full:
        return RewardIs.FULL
    if any(tier.paused for tier in channel.made_tiers):
        return RewardIs.CLOSED
    return RewardIs.QUEUE if queue is False else RewardIs.WELL


def _work(known: Known) -> WorkIs:
    retries = [*(one.retry for one in known.live), *(one.retry for one in known.pending)]
    if any(one.undecided for one in known.pending) or any(one.stuck for one in retries):
        return WorkIs.STUCK
    return WorkIs.WAITS if known.pending or any(one.error for one in retries) else WorkIs.WELL


FAILS_AFTER = 3
"""Failures in a row of a webhook: fewer pass by themselves."""


def _hooks(known: Known) -> HooksAre:
    hooks, outbox = known.channel.hooks, known.outbox
    on = [one for one in hooks if one.on]
    failing = [one for one in on if outbox and outbox.standing(one.id).failures >= FAILS_AFTER]
    if failing or any(one.stopped or not one.url for one in hooks):
        return HooksAre.FAILING
    return HooksAre.WELL if on else HooksAre.OFF
