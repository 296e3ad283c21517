"""Makes the audit log's lines. They are committed together with what they tell of."""

import secrets
from datetime import datetime
from typing import Any, Protocol

from vip_manager import tracing
from vip_manager.domain.audit import Action, AuditEntry
from vip_manager.domain.redemption import Redemption
from vip_manager.domain.session import API, VipSession
from vip_manager.services.access import Person


def new_id() -> str:
    return secrets.token_hex(12)


def _asked() -> dict[str, str]:
    request_id = tracing.request_id()
    return {"request": request_id} if request_id else {}


def line(channel_id: str, at: datetime, action: Action, by: Person | None = None, **detail: Any) -> AuditEntry:
    """About the channel as a whole."""
    return AuditEntry(new_id(), channel_id, at, action, detail={**detail, **_through(by), **_asked()}, **_actor(by))


class Named(Protocol):
    """Somebody by their id on Twitch, and what they are called."""

    @property
    def id(self) -> str: ...

    @property
    def login(self) -> str: ...

    @property
    def username(self) -> str: ...


def about_person(
    channel_id: str, subject: Named, at: datetime, action: Action, by: Person, **detail: Any
) -> AuditEntry:
    return AuditEntry(
        new_id(),
        channel_id,
        at,
        action,
        subject_id=subject.id,
        subject_name=subject.username,
        detail={"login": subject.login, **detail, **_through(by), **_asked()},
        **_actor(by),
    )


def about_redemption(
    redemption: Redemption, at: datetime, action: Action, by: Person | None = None, **detail: Any
) -> AuditEntry:
    return AuditEntry(
        new_id(),
        redemption.channel_id,
        at,
        action,
        subject_id=redemption.user_id,
        subject_name=redemption.username,
        detail={
            "login": redemption.login,
            "reward": redemption.reward_title,
            "cost": redemption.cost,
            "redemption_id": redemption.id,
            **detail,
            **_through(by),
            **_asked(),
        },
        **_actor(by),
    )


def about_session(
    session: VipSession, at: datetime, action: Action, by: Person | None = None, **detail: Any
) -> AuditEntry:
    ends = session.expires_at or session.runs_until
    until = {"until": ends.isoformat()} if ends else {}
    return AuditEntry(
        new_id(),
        session.channel_id,
        at,
        action,
        subject_id=session.user_id,
        subject_name=session.username,
        detail={"login": session.login, "session_id": session.id, **until, **detail, **_through(by), **_asked()},
        **_actor(by),
    )


def _actor(by: Person | None) -> dict[str, str]:
    return {"actor_id": by.id, "actor_name": by.username} if by else {}


def _through(by: Person | None) -> dict[str, str]:
    return {"through": API, "token": by.through} if by and by.through else {}
