"""Records to put into stores, with everything filled in that a test does not care about."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from vip_manager.domain.account import CHANNEL_SCOPES, Account, TokenPair
from vip_manager.domain.audit import Action, AuditEntry
from vip_manager.domain.channel import Channel
from vip_manager.domain.redemption import Redemption
from vip_manager.domain.session import Credit, SessionState, VipSession

T0 = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)

ACCESS_TOKEN = "clear-access-token-0123456789"
REFRESH_TOKEN = "clear-refresh-token-0123456789"


def later(**amount: float) -> datetime:
    return T0 + timedelta(**amount)


def account(user_id: str = "1001", **fields: Any) -> Account:
    tokens = TokenPair(ACCESS_TOKEN, REFRESH_TOKEN, later(hours=4), CHANNEL_SCOPES)
    return Account(**{"id": user_id, "login": "streamer", "username": "Streamer", "tokens": tokens, **fields})


def channel(channel_id: str = "1001", **fields: Any) -> Channel:
    return Channel(**{"id": channel_id, "owner_id": channel_id, "login": "streamer", "username": "Streamer", **fields})


def session(session_id: str, **fields: Any) -> VipSession:
    """A session of a viewer of its own, in channel 1001."""
    return VipSession(
        **{
            "id": session_id,
            "channel_id": "1001",
            "user_id": f"viewer-{session_id}",
            "login": "viewer1",
            "username": "Viewer1",
            "redeemed_with": "reward:r1",
            "created_at": T0,
            **fields,
        }
    )


def active(session_id: str, expires_at: datetime, **fields: Any) -> VipSession:
    credit = Credit(f"credit-{session_id}", "reward:r1", 24.0, T0)
    known = {"granted_at": T0, "expires_at": expires_at, "ours": True, "credits": (credit,)}
    return session(session_id, **{"state": SessionState.ACTIVE, **known, **fields})


def redemption(redemption_id: str, **fields: Any) -> Redemption:
    return Redemption(
        **{
            "id": redemption_id,
            "channel_id": "1001",
            "reward_id": "r1",
            "reward_title": "VIP for a day",
            "cost": 5000,
            "user_id": "2001",
            "login": "viewer1",
            "username": "Viewer1",
            "redeemed_at": T0,
            "received_at": T0,
            **fields,
        }
    )


def line(entry_id: str, at: datetime = T0, **fields: Any) -> AuditEntry:
    return AuditEntry(**{"id": entry_id, "channel_id": "1001", "at": at, "action": Action.GRANTED, **fields})


def ids(records: Sequence[VipSession] | Sequence[Redemption] | Sequence[Channel]) -> list[str]:
    return [record.id for record in records]
