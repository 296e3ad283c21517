"""A streamer's channel and what a redemption in it is worth."""

from dataclasses import dataclass, field
from datetime import datetime

from vip_manager.domain.rules import Rules
from vip_manager.domain.stream import Stream


@dataclass(frozen=True, slots=True)
class Tier:
    """A reward that gives VIP for so many `hours`, for `cost` points. `id` is Twitch's of the reward, empty while it is
    being made; `paused` is what Twitch showed last."""

    id: str
    title: str
    cost: int
    hours: float
    paused: bool = False


@dataclass(frozen=True, slots=True)
class SpareReward:
    """A reward of ours on Twitch that gives nothing here: an earlier installation made it."""

    id: str
    title: str
    cost: int


@dataclass(frozen=True, slots=True)
class Channel:
    """`id` and `owner_id` are the broadcaster's Twitch id; `vip_duration` is in hours; `reward_cost` in points.

    `reward_paused` is what Twitch showed last. A redemption that is older than `refund_after` hours when VIP could be
    given is given back instead; 0: never. `tiers` are the rewards beside the first one. `seats_learned` is how many VIP
    seats Twitch had when it last refused one, 0: not known; `full` that no seat was free when that was last looked at,
    and `closed_for_full` that the rewards were paused by us for that. `catch_up_at` is when the next look at Twitch's
    lists of redemptions is due (None: at once), `caught_up_at` when, by Twitch's clock, the last one began that they
    were shown to: what was redeemed later, we may not have heard of.
    """

    id: str
    owner_id: str
    login: str
    username: str
    avatar_url: str = ""
    channel_point_reward_id: str = ""
    reward_title: str = ""
    reward_cost: int = 0
    reward_paused: bool = False
    vip_duration: float = 24.0
    enabled: bool = True
    refund_after: float = 24.0
    spare_rewards: tuple[SpareReward, ...] = ()
    tiers: tuple[Tier, ...] = ()
    rules: Rules = field(default_factory=Rules)
    stream: Stream = field(default_factory=Stream)
    seats_learned: int = 0
    full: bool = False
    closed_for_full: bool = False
    catch_up_at: datetime | None = None
    caught_up_at: datetime | None = None
    version: str = ""

    @property
    def every_tier(self) -> tuple[Tier, ...]:
        """The first one too, where there is one."""
        if not self.channel_point_reward_id:
            return self.tiers
        first = Tier(
            self.channel_point_reward_id, self.reward_title, self.reward_cost, self.vip_duration, self.reward_paused
        )
        return (first, *self.tiers)

    def tier(self, reward_id: str) -> Tier | None:
        return next((tier for tier in self.every_tier if tier.id and tier.id == reward_id), None)

    def redeems(self, reward_id: str) -> bool:
        """Whether that reward is one of ours that gives VIP here."""
        return self.tier(reward_id) is not None

    @property
    def seats(self) -> int:
        """How many VIP seats the channel has, as far as it is known; 0: not known."""
        known = [seats for seats in (self.rules.seats, self.seats_learned) if seats]
        return min(known, default=0)
