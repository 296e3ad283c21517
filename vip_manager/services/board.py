"""Computes what pages are told: two pictures a channel, and a third where an overlay may show what the board may not;
once a change, however many look."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Generic, TypeVar

import structlog

from vip_manager.domain.audit import Action
from vip_manager.domain.channel import Channel
from vip_manager.domain.redemption import Redemption
from vip_manager.domain.rules import Held
from vip_manager.domain.seats import Seats, sits
from vip_manager.domain.session import SessionState, VipSession
from vip_manager.domain.team import Member
from vip_manager.ports import Clock, Store, StoreUnavailable, TwitchUser
from vip_manager.services.activity import activity_line
from vip_manager.services.at_hand import READ_AGAIN, UNHEARD_OF, AtHand
from vip_manager.services.changes import Changes
from vip_manager.services.chat_picture import StaffChat
from vip_manager.services.connections import Connections, Hearing
from vip_manager.services.health import Health, Known
from vip_manager.services.hook_picture import StaffHook
from vip_manager.services.offers import lost_title, public_reward, reward_card, staff_reward, staff_tiers
from vip_manager.services.pictures import (
    HeldOne,
    HiddenViewer,
    JustOver,
    Pending,
    PublicPicture,
    PublicVip,
    Spare,
    StaffLeaving,
    StaffMember,
    StaffPicture,
    StaffRules,
    StaffVip,
)
from vip_manager.services.profiles import Profiles
from vip_manager.services.reach import Reach
from vip_manager.services.written import hours_text, millis

log = structlog.get_logger(__name__)

ACTIVITY_LINES = 30
HIDDEN_SHOWN = 100
QUIET = frozenset({Action.FULFILLED, Action.SIGNED_IN, Action.SIGNED_OUT})
"""In the log, and not on the dashboard: nothing that a streamer would look for."""
HOUR = 3_600_000
STALE_AFTER = timedelta(seconds=READ_AGAIN)
_OF_TOKENS = (Action.TOKEN_MADE, Action.TOKEN_REVOKED)
_WEARING = (SessionState.ACTIVE, SessionState.ENDING)

P = TypeVar("P", StaffPicture, PublicPicture)


@dataclass(slots=True)
class _Pictures(Generic[P]):
    """One kind of them, each by its channel, with the revision of which it is: those that there are, and those that are
    being made at this moment."""

    compute: Callable[[str], Awaitable[P]]
    stale_after: timedelta = timedelta.max
    kept: dict[str, tuple[int, P]] = field(default_factory=dict)
    making: dict[str, tuple[int, asyncio.Task[P]]] = field(default_factory=dict)

    async def made(self, channel_id: str, revision: int) -> P:
        """All who ask meanwhile wait for the same one, or hear of the same failure."""
        of, making = self.making.get(channel_id, (-1, None))
        if making is None or of != revision:
            making = asyncio.create_task(self._make(channel_id, revision))
            self.making[channel_id] = (revision, making)
        # Whoever goes away takes it from nobody else.
        return await asyncio.shield(making)

    async def _make(self, channel_id: str, revision: int) -> P:
        try:
            picture = await self.compute(channel_id)
            # A newer one may have been quicker, and shows who is hidden since.
            if revision >= self.kept.get(channel_id, (-1, None))[0]:
                self.kept[channel_id] = (revision, picture)
            return picture
        finally:
            if self.making.get(channel_id, (-1, None))[1] is asyncio.current_task():
                del self.making[channel_id]


class Board:
    def __init__(
        self,
        store: Store,
        clock: Clock,
        changes: Changes,
        connections: Connections,
        profiles: Profiles,
        reach: Reach,
        health: Health,
        at_hand: AtHand,
    ) -> None:
        self._store = store
        self._clock = clock
        self._changes = changes
        self._connections = connections
        self._profiles = profiles
        self._reach = reach
        self._health = health
        self._at_hand = at_hand
        self._staff = _Pictures(self._staff_picture, STALE_AFTER)
        self._public = _Pictures(self._public_picture)
        self._overlay = _Pictures(self._overlay_picture)

    async def staff(self, channel_id: str) -> StaffPicture:
        """The dashboard's picture. The caller has checked that the person may see it. Raises StoreError where there is
        none to show."""
        return await self._picture(channel_id, self._staff)

    async def public(self, channel_id: str) -> PublicPicture:
        """The board's picture of a channel. Raises StoreError where there is none to show."""
        return await self._picture(channel_id, self._public)

    async def overlay(self, channel_id: str) -> PublicPicture:
        """The same as if the board were on, for an overlay by a secret link: the caller has checked that it is by one.
        Raises StoreError."""
        picture = await self.public(channel_id)
        if not picture.off:
            return picture
        return await self._picture(channel_id, self._overlay)

    async def _picture(self, channel_id: str, pictures: _Pictures[P]) -> P:
        """The one that is kept, for as long as it is true or no other can be had."""
        now = millis(self._clock.now())
        revision = self._changes.revision(channel_id)
        known, picture = pictures.kept.get(channel_id, (-1, None))
        if picture is not None and self._reach.lost:
            return replace(picture, now=now, out_of_reach=True)
        if picture is not None and known == revision:
            age = timedelta(milliseconds=now - picture.now)
            if timedelta() <= age < min(pictures.stale_after, self._good_for(channel_id)):
                return replace(picture, now=now)
        try:
            return await pictures.made(channel_id, revision)
        except StoreUnavailable:
            self._reach.failed()
            if picture is None:
                raise
            return replace(picture, now=now, out_of_reach=True)

    async def channel_id(self, login: str) -> str | None:
        """Whose board that is."""
        channel = await self._store.channels.by_login(login)
        return channel.id if channel else None

    def _good_for(self, channel_id: str) -> timedelta:
        """How long a picture stands of which nothing was heard."""
        return timedelta.max if self._connections.up_to_date(channel_id) else timedelta(seconds=UNHEARD_OF)

    async def _staff_picture(self, channel_id: str) -> StaffPicture:
        now = self._clock.now()
        known = await self._at_hand.staff(channel_id)
        if known is None:
            return StaffPicture(now=millis(now), channel_id=channel_id)
        channel, account, live, opened = known.channel, known.account, known.live, known.opened
        connected = account is not None and account.may_manage
        connection = self._connections.of(channel_id)
        waiting = [one for one in opened if one.retry.attempts and not one.held]
        waiting.sort(key=lambda one: not one.retry.stuck)
        pending = [*known.undecided, *waiting]
        activity = [one for one in known.latest if one.action not in QUIET]
        profiles = self._profiles.of(channel_id, [one.user_id for one in live] + [one.id for one in channel.team])
        givers = {line.actor_id: line.actor_name for line in activity if line.actor_name}
        givers |= {member.id: member.username for member in channel.team}
        if account:
            givers[account.id] = account.username
        ours = {session.user_id for session in live}
        hidden = frozenset(one.id for one in channel.hidden)
        return StaffPicture(
            now=millis(now),
            channel_id=channel_id,
            login=channel.login,
            username=channel.username,
            avatar_url=channel.avatar_url,
            connected=connected,
            enabled=channel.enabled,
            connection=connection.hearing if connected else Hearing.RECONNECT,
            connection_error=connection.error,
            live_since=millis(channel.stream.live_since),
            reward=staff_reward(channel, connected),
            tiers=staff_tiers(channel, _seats(channel, connection.vip_ids, live, opened), live, now, connected),
            reward_lost=lost_title(activity),
            spare_rewards=[
                Spare(one.id, one.title, one.cost, hours_text(channel.vip_duration)) for one in channel.spare_rewards
            ],
            vips=[_staff_vip(session, channel, profiles.get(session.user_id), givers, hidden) for session in live],
            vips_now=sum(session.state is not SessionState.ASIDE for session in live),
            just_over=JustOver.among(activity, ours, now),
            pending=[Pending.of(one) for one in pending],
            activity=[activity_line(entry) for entry in activity[:ACTIVITY_LINES]],
            held=_held([one for one in opened if one.held]),
            rules=StaffRules.of(channel.rules),
            team=[_member(member, profiles.get(member.id)) for member in channel.team],
            seats=channel.seats,
            seats_typed=bool(channel.rules.seats) and channel.seats == channel.rules.seats,
            seats_free=_free(channel, connection.vip_ids, live),
            closed_for_full=channel.closed_for_full,
            today=known.today,
            refunds_today=known.refunds,
            permanent=-1 if connection.vip_ids is None else len(connection.vip_ids - ours),
            board_off=channel.board_off,
            overlay_number=channel.overlay_number,
            hidden=[
                HiddenViewer(one.id, one.login, one.username, one.own_wish)
                for one in channel.hidden[: -HIDDEN_SHOWN - 1 : -1]
            ],
            hidden_count=len(channel.hidden),
            leaving=StaffLeaving.of(channel.leaving, connected, now, len(opened)),
            hooks=[StaffHook.of(one, known.outbox) for one in channel.hooks],
            health=self._health.picture(
                Known(channel, account, connection, live, pending, known.latest, known.outbox), now
            ),
            chat=StaffChat.of(channel.chat, account, known.outbox, by_webhook=self._health.by_webhook),
            welcomed=channel.welcomed or (not channel.channel_point_reward_id and bool(live or opened)),
            tokens_mark=next((one.id for one in known.latest if one.action in _OF_TOKENS), ""),
        )

    async def _overlay_picture(self, channel_id: str) -> PublicPicture:
        return await self._public_picture(channel_id, also_off=True)

    async def _public_picture(self, channel_id: str, *, also_off: bool = False) -> PublicPicture:
        now = self._clock.now()
        found = await self._at_hand.public(channel_id)
        if found is None or found.channel.left:
            return PublicPicture(now=millis(now), known=False)
        channel, account, every = found.channel, found.account, found.live
        if channel.board_off and not also_off:
            return PublicPicture(now=millis(now), off=True)
        connected = account is not None and account.may_manage
        hidden = {one.id for one in channel.hidden}
        wearing = [one for one in every if _wears_badge(one)]
        live = [one for one in wearing if one.user_id not in hidden]
        seatless = [one for one in every if one.seatless and one.user_id not in hidden]
        profiles = self._profiles.of(channel_id, [session.user_id for session in (*live, *seatless)])
        return PublicPicture(
            now=millis(now),
            login=channel.login,
            username=channel.username,
            avatar_url=channel.avatar_url,
            live_since=millis(channel.stream.live_since),
            vips=[_public_vip(session, profiles.get(session.user_id)) for session in live],
            seatless=[_public_vip(session, profiles.get(session.user_id)) for session in seatless],
            not_shown=len(wearing) - len(live),
            reward=public_reward(channel, connected),
            rewards=[reward_card(tier, channel, connected) for tier in channel.made_tiers],
            seats=channel.seats,
            seats_free=_free(channel, self._connections.of(channel_id).vip_ids, every),
        )


def _wears_badge(session: VipSession) -> bool:
    return session.granted_at is not None and session.state in _WEARING and not session.seatless


def _left(session: VipSession) -> str:
    return hours_text(session.left) if session.standing and session.left else ""


def _free(channel: Channel, vip_ids: frozenset[str] | None, live: list[VipSession]) -> int:
    """Seats for redemptions, as Twitch showed its VIPs last; -1 where that is not known."""
    if vip_ids is None:
        return -1
    free = _seats(channel, vip_ids, live).free(channel.rules)
    return -1 if free is None else free


def _seats(
    channel: Channel, vip_ids: frozenset[str] | None, live: list[VipSession], opened: Iterable[Redemption] = ()
) -> Seats:
    """As Twitch showed its VIPs last; where it has not, there are ours at least."""
    ours = {one.user_id for one in live if sits(one)}
    in_line = any(one.held and one.held_for is Held.SEAT for one in opened)
    return Seats(channel.seats, len((vip_ids or frozenset()) | ours), in_line)


def _held(held: list[Redemption]) -> list[HeldOne]:
    """In their order, each kind counted by itself."""
    places: Counter[str] = Counter()
    rows = []
    for one in held:
        held_for = one.held_for or ""
        places[held_for] += 1
        rows.append(
            HeldOne(
                redemption_id=one.id,
                login=one.login,
                username=one.username,
                reward_title=one.reward_title,
                cost=one.cost,
                redeemed_at=millis(one.redeemed_at),
                held_for=held_for,
                until=millis(one.held_until),
                place=places[held_for],
            )
        )
    return rows


def _member(member: Member, profile: TwitchUser | None) -> StaffMember:
    """By the name that they have now, as far as that is known."""
    shown = profile if profile and profile.login else member
    return StaffMember(
        member.id, shown.login, shown.username, shown.avatar_url or member.avatar_url, member.role, millis(member.since)
    )


def _staff_vip(
    session: VipSession,
    channel: Channel,
    profile: TwitchUser | None,
    givers: dict[str, str],
    hidden: frozenset[str],
) -> StaffVip:
    source, _, reward_id = session.redeemed_with.partition(":")
    tier = channel.tier(reward_id)
    return StaffVip(
        session_id=session.id,
        user_id=session.user_id,
        login=session.login,
        username=session.username,
        avatar_url=profile.avatar_url if profile else "",
        state=session.state,
        granted_at=millis(session.granted_at),
        expires_at=millis(session.expires_at),
        moderator=session.moderator,
        owed=hours_text(round(session.owed, 1)) if session.owed else "",
        clock=session.clock,
        left=_left(session),
        mark=millis(session.expires_at) or round(session.left * HOUR),
        source=source,
        reward_title=tier.title if tier else "",
        given_by=next((givers.get(credit.by, "") for credit in session.credits if credit.by), ""),
        error=session.retry.error,
        seat_taken=session.seatless,
        hidden=session.user_id in hidden,
    )


def _public_vip(session: VipSession, profile: TwitchUser | None) -> PublicVip:
    return PublicVip(
        user_id=session.user_id,
        login=session.login,
        username=session.username,
        avatar_url=profile.avatar_url if profile else "",
        granted_at=millis(session.granted_at),
        expires_at=millis(session.expires_at),
        state=session.state,
        clock=session.clock,
        left=_left(session),
    )
