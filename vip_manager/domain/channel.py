"""A streamer's channel and what a redemption in it is worth."""

from dataclasses import dataclass
from datetime import datetime


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
    given is given back instead; 0: never. `catch_up_at` is when the next look at Twitch's lists of redemptions is
    due (None: at once), `caught_up_at` when, by Twitch's clock, the last one began that they were shown to: what was
    redeemed later, we may not have heard of.
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
    catch_up_at: datetime | None = None
    caught_up_at: datetime | None = None
    version: str = ""

    def redeems(self, reward_id: str) -> bool:
        """Whether that reward is the one of ours that gives VIP here."""
        return bool(reward_id) and reward_id == self.channel_point_reward_id
