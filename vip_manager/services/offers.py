"""The rewards of a channel, as pages are told of them."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime

from vip_manager.domain.audit import AuditEntry, lost_reward
from vip_manager.domain.channel import Channel, Tier
from vip_manager.domain.prospect import prospect
from vip_manager.domain.seats import Seats
from vip_manager.domain.session import VipSession
from vip_manager.services.pictures import RewardCard, StaffReward, StaffTier
from vip_manager.services.written import hours_text


def reward_card(tier: Tier, channel: Channel, connected: bool) -> RewardCard:
    return RewardCard(
        id=tier.id,
        title=tier.title,
        cost=tier.cost,
        hours=hours_text(tier.hours),
        open=channel.takes_redemptions and connected and not tier.paused,
        clock=channel.rules.clock,
    )


def public_reward(channel: Channel, connected: bool) -> RewardCard:
    first = channel.tier(channel.channel_point_reward_id)
    return reward_card(first, channel, connected) if first else RewardCard()


def staff_reward(channel: Channel, connected: bool) -> StaffReward:
    first = channel.tier(channel.channel_point_reward_id)
    if first is None:
        return StaffReward()
    return StaffReward(
        **asdict(reward_card(first, channel, connected)),
        closed_on_twitch=_closed_on_twitch(first, channel, connected),
        refund_after=hours_text(channel.refund_after),
    )


def staff_tiers(
    channel: Channel, seats: Seats, live: list[VipSession], now: datetime, connected: bool
) -> list[StaffTier]:
    return [
        StaffTier(
            **asdict(reward_card(tier, channel, connected)),
            closed_on_twitch=_closed_on_twitch(tier, channel, connected),
            default=tier.id == channel.channel_point_reward_id,
            comes=prospect(tier, channel, seats, live, now, connected=connected),
        )
        for tier in channel.made_tiers
    ]


def _closed_on_twitch(tier: Tier, channel: Channel, connected: bool) -> bool:
    """By somebody there, not by us because all seats are taken."""
    by_us = channel.closed_for_full and tier.id in channel.closed_tiers
    return connected and channel.enabled and tier.paused and not by_us


def lost_title(activity: Iterable[AuditEntry]) -> str:
    """Of the reward that was deleted on Twitch, where nothing has come or gone since; the latest line comes first."""
    lost = lost_reward(activity)
    return str(lost.detail.get("reward", "")) if lost else ""
