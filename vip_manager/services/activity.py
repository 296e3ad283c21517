"""A line of the audit log, as pages are told of it."""

from datetime import datetime

from vip_manager.domain.audit import AuditEntry
from vip_manager.domain.session import API
from vip_manager.services.pictures import ActivityLine
from vip_manager.services.written import hours_text, millis


def activity_line(entry: AuditEntry) -> ActivityLine:
    detail = entry.detail
    hours = detail.get("hours")
    until = detail.get("until")
    return ActivityLine(
        id=entry.id,
        at=millis(entry.at),
        action=entry.action,
        actor=entry.actor_name,
        login=str(detail.get("login", "")),
        username=entry.subject_name,
        hours=hours_text(hours) if hours is not None else "",
        until=millis(datetime.fromisoformat(until)) if until else 0,
        reason=str(detail.get("reason") or ""),
        reward_title=str(detail.get("reward", "")),
        cost=int(detail.get("cost", 0)),
        error=str(detail.get("error", "")),
        held_for=str(detail.get("held_for") or ""),
        taker=str(detail.get("taker", "")),
        role=str(detail.get("role", "")),
        token=str(detail.get("token", "")),
        through=API in (detail.get("through"), detail.get("source")),
        request=str(detail.get("request", "")),
    )
