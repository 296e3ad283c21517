"""VIPs and redemptions as programs are told of them. Times are RFC 3339 in UTC."""

from datetime import UTC, datetime
from typing import Any

from vip_manager.domain.channel import Channel
from vip_manager.domain.redemption import Redemption
from vip_manager.domain.rules import VipClock
from vip_manager.domain.session import SessionState, VipSession

Shape = dict[str, Any]


def vip(session: VipSession, channel: Channel, now: datetime) -> Shape:
    source, _, reward_id = session.redeemed_with.partition(":")
    tier = channel.tier(reward_id)
    return {
        "user_id": session.user_id,
        "user_login": session.login,
        "user_name": session.username or session.login,
        "state": session.state.value,
        "granted_at": moment(session.granted_at),
        "expires_at": moment(session.ended_at or session.expires_at),
        "hours_left": _hours_left(session, now),
        "clock": session.clock.value,
        "source": source,
        "reward": {"id": reward_id, "title": tier.title if tier else ""} if reward_id else None,
    }


def redemption(one: Redemption) -> Shape:
    return {
        "id": one.id,
        "user_id": one.user_id,
        "user_login": one.login,
        "user_name": one.username or one.login,
        "reward": {"id": one.reward_id, "title": one.reward_title},
        "cost": one.cost,
        "redeemed_at": moment(one.redeemed_at),
        "state": one.state.value,
        "hours": round(one.hours, 4),
        "held_for": one.held_for.value if one.held and one.held_for else None,
        "held_until": moment(one.held_until) if one.held else None,
        "refusal": one.refusal.value if one.refusal else None,
        "settled_at": moment(one.settled_at),
    }


def moment(at: datetime | None) -> str | None:
    """2026-03-29T18:14:03.120Z"""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z") if at else None


def _hours_left(session: VipSession, now: datetime) -> float | None:
    """None where it lasts until the stream ends."""
    if session.clock is VipClock.STREAM and session.live and session.expires_at is None:
        return None
    return 0.0 if session.state is SessionState.ENDED else round(session.hours_left(now), 4)
