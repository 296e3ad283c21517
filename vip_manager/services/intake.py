"""The one door: whatever tells of a redemption, it is written down here, once, before anything else happens."""

from dataclasses import dataclass

from vip_manager import tracing
from vip_manager.domain.audit import Action, AuditEntry
from vip_manager.domain.channel import Channel
from vip_manager.domain.reasons import Refusal
from vip_manager.domain.redemption import Redemption
from vip_manager.ports import Clock, Conflict, Store, TwitchRedemption, TwitchStatus
from vip_manager.services.access import Person
from vip_manager.services.changes import Changes
from vip_manager.services.journal import about_redemption


@dataclass(frozen=True, slots=True)
class Arrived:
    """A redemption that was written down just now, and its channel as it was read for that."""

    redemption: Redemption
    channel: Channel


class Intake:
    def __init__(self, store: Store, clock: Clock, changes: Changes) -> None:
        self._store = store
        self._clock = clock
        self._changes = changes

    async def receive(self, told: TwitchRedemption) -> Arrived | None:
        """Writes the redemption down under its own id, durably, where it is new and ours to handle.

        A duplicate, a redemption of somebody else's reward and one that was given back already leave nothing.
        """
        with tracing.step("intake"):
            return await self._receive(told)

    async def _receive(self, told: TwitchRedemption) -> Arrived | None:
        channel = await self._store.channels.get(told.channel_id)
        tier = channel.tier(told.reward_id) if channel else None
        if channel is None or tier is None or told.status is TwitchStatus.CANCELED:
            return None
        redemption = self._written(told, promised=tier.hours)
        kept = await self._keep(redemption, about_redemption(redemption, told.redeemed_at, Action.REDEEMED))
        return Arrived(kept, channel) if kept else None

    async def refuse(self, person: Person, told: TwitchRedemption) -> bool:
        """Writes down a redemption of a reward that gives nothing, with the decision that its points go back. Says
        whether it is new."""
        redemption = self._written(told).refunding(Refusal.GIVEN_BACK)
        kept = await self._keep(
            redemption,
            about_redemption(redemption, told.redeemed_at, Action.REDEEMED),
            about_redemption(redemption, self._clock.now(), Action.REFUSED, person, reason=Refusal.GIVEN_BACK),
        )
        return kept is not None

    async def _keep(self, redemption: Redemption, *entries: AuditEntry) -> Redemption | None:
        """None where it was written down before."""
        try:
            kept = await self._store.commit(redemption, *entries)
        except Conflict:
            return None
        self._changes.announce(redemption.channel_id, more=True)
        return kept

    def _written(self, told: TwitchRedemption, promised: float = 0.0) -> Redemption:
        return Redemption(
            id=told.id,
            channel_id=told.channel_id,
            reward_id=told.reward_id,
            reward_title=told.reward_title,
            cost=told.cost,
            user_id=told.user_id,
            login=told.login,
            username=told.username or told.login or told.user_id,
            redeemed_at=told.redeemed_at,
            received_at=self._clock.now(),
            promised=promised,
            trace=tracing.here(),
        )
