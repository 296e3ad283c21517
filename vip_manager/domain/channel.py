"""A streamer's channel and what a redemption in it is worth."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from vip_manager.domain.chat import ChatSettings
from vip_manager.domain.gap import Gap
from vip_manager.domain.hook import Hook
from vip_manager.domain.leaving import Leaving
from vip_manager.domain.rules import Rules
from vip_manager.domain.stream import Stream
from vip_manager.domain.team import Member, Role


@dataclass(frozen=True, slots=True)
class Tier:
    """A reward that gives VIP for so many `hours`, for `cost` points. `id` is Twitch's of the reward, empty while it is
    being made; `paused` is what Twitch showed last. What was redeemed of it before `since`, by Twitch's clock, and
    fulfilled is none of ours; None: as of the channel."""

    id: str
    title: str
    cost: int
    hours: float
    paused: bool = False
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class SpareReward:
    """A reward of ours on Twitch that gives nothing here: an earlier installation made it."""

    id: str
    title: str
    cost: int


@dataclass(frozen=True, slots=True)
class Hidden:
    """A viewer who is not to be shown on the board; the names are those of when they asked, or somebody did for them:
    `by` is who it was, empty where that is not known."""

    id: str
    login: str
    username: str
    by: str = ""

    @property
    def own_wish(self) -> bool:
        """Then it is theirs alone to take back. What nobody can tell any more counts as that."""
        return self.by in ("", self.id)


@dataclass(frozen=True, slots=True)
class Channel:
    """`id` and `owner_id` are the broadcaster's Twitch id; `vip_duration` is in hours; `reward_cost` in points.

    `reward_paused` is what Twitch showed last. A redemption that is older than `refund_after` hours when VIP could be
    given is given back instead; 0: never. `tiers` are the rewards beside the first one. `seats_learned` is how many VIP
    seats Twitch had when it last refused one, 0: not known; `closed_for_full` that no seat was free when that was last
    looked at, and the rewards were paused by us for that: `closed_tiers` are the ids of those that are to be opened
    again. `catch_up_at` is when the next look at Twitch's lists of redemptions is due (None: at once),
    `caught_up_at` when, by Twitch's clock, the last one began that they were shown to: what was redeemed later, we may
    not have heard of. `board_off`: the public sees nothing of it; of the `hidden` it never sees more than that there is
    somebody. `leaving`: the streamer does, or has left, and has not come back since. `welcomed`: the way to a reward
    that works was gone to its end, or its test was skipped. `overlay_number` counts how often the overlay's secret link
    was made anew. `gap`: what came after a backup that was restored.
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
    closed_for_full: bool = False
    closed_tiers: tuple[str, ...] = ()
    catch_up_at: datetime | None = None
    caught_up_at: datetime | None = None
    team: tuple[Member, ...] = ()
    board_off: bool = False
    hidden: tuple[Hidden, ...] = ()
    leaving: Leaving | None = None
    welcomed: bool = False
    overlay_number: int = 0
    chat: ChatSettings = field(default_factory=ChatSettings)
    hooks: tuple[Hook, ...] = ()
    gap: Gap | None = None
    version: str = ""

    def role_of(self, user_id: str) -> Role | None:
        """None for whoever has no part in it. In one that was left nobody but its owner has."""
        if user_id == self.owner_id:
            return Role.OWNER
        member = None if self.left else self.member(user_id)
        return member.role if member else None

    def member(self, user_id: str) -> Member | None:
        """Whom the owner named, if that is somebody of the team."""
        return next((one for one in self.team if one.id == user_id), None)

    def hides(self, user_id: str) -> bool:
        return any(one.id == user_id for one in self.hidden)

    @property
    def every_tier(self) -> tuple[Tier, ...]:
        """The first one too, where there is one."""
        if not self.channel_point_reward_id:
            return self.tiers
        first = Tier(
            self.channel_point_reward_id, self.reward_title, self.reward_cost, self.vip_duration, self.reward_paused
        )
        return (first, *self.tiers)

    @property
    def made_tiers(self) -> tuple[Tier, ...]:
        """Those that are there on Twitch, the first one too."""
        return tuple(tier for tier in self.every_tier if tier.id)

    @property
    def reward_ids(self) -> tuple[str, ...]:
        """Of all rewards of ours on Twitch, also of those that give nothing here."""
        return (*(tier.id for tier in self.made_tiers), *(spare.id for spare in self.spare_rewards))

    @property
    def behind(self) -> bool:
        """Whether it was restored, and it is yet to be read on Twitch what it misses. All its work waits for that; to
        leave does not."""
        return self.gap is not None and self.gap.open and self.leaving is None

    @property
    def takes_redemptions(self) -> bool:
        """Whether VIP is given for what viewers redeem."""
        return self.enabled and self.leaving is None

    @property
    def left(self) -> bool:
        """Whether nothing of it is on Twitch any more, as far as that could be."""
        return self.leaving is not None and self.leaving.left_at is not None

    @property
    def shut(self) -> bool:
        """Whether none of its rewards is to be open on Twitch."""
        return not self.takes_redemptions or self.closed_for_full

    def tier(self, reward_id: str) -> Tier | None:
        return next((tier for tier in self.every_tier if tier.id and tier.id == reward_id), None)

    def redeems(self, reward_id: str) -> bool:
        """Whether that reward is one of ours that gives VIP here."""
        return self.tier(reward_id) is not None

    def with_tier(self, tier: Tier) -> "Channel":
        """As it is now, in its place; where the channel has none of that id, nothing changes."""
        return self._of(tier if one.id == tier.id else one for one in self.every_tier) if tier.id else self

    def with_new_tier(self, tier: Tier) -> "Channel":
        """It is there on Twitch, or to be made, in the place of the one that was to be made with that title."""
        others = [one for one in self.every_tier if (one.id != tier.id if one.id else one.title != tier.title)]
        return self._of([*others, tier])

    def without_tier(self, reward_id: str) -> "Channel":
        """Where it was the first one, the next that is there on Twitch takes its place."""
        return self._of(one for one in self.every_tier if one.id != reward_id)

    def without_planned(self, title: str = "") -> "Channel":
        """Without the ones that were to be made; or only the one of that title."""
        return self._of(one for one in self.every_tier if one.id or one.title != (title or one.title))

    def _of(self, tiers: Iterable[Tier]) -> "Channel":
        every = tuple(tiers)
        first = next((tier for tier in every if tier.id), None)
        if first is None:
            # The title of a first one that is to be made stays.
            title = "" if self.channel_point_reward_id else self.reward_title
            return replace(self, channel_point_reward_id="", reward_title=title, tiers=every)
        return replace(
            self,
            channel_point_reward_id=first.id,
            reward_title=first.title,
            reward_cost=first.cost,
            reward_paused=first.paused,
            vip_duration=first.hours,
            tiers=tuple(tier for tier in every if tier is not first),
        )

    @property
    def seats(self) -> int:
        """How many VIP seats the channel has, as far as it is known; 0: not known."""
        known = [seats for seats in (self.rules.seats, self.seats_learned) if seats]
        return min(known, default=0)
