"""An outbox <-> its document."""

from vip_manager.domain.notice import Event, Notice
from vip_manager.domain.outbox import Outbox, Parcel, Standing
from vip_manager.domain.retry import Retry
from vip_manager.store.fields import Document, Fields


def write_outbox(outbox: Outbox) -> Document:
    return {
        "channelId": outbox.id,
        "begunAt": outbox.begun_at,
        "readUntil": outbox.read_until,
        "read": list(outbox.read),
        "parcels": [_write_parcel(one) for one in outbox.parcels],
        "toldSoon": list(outbox.told_soon),
        "soonAt": outbox.soon_at,
        "standings": [
            {
                "target": one.target,
                "arrivedAt": one.arrived_at,
                "failedAt": one.failed_at,
                "failures": one.failures,
                "error": one.error,
                "givenUp": one.given_up,
            }
            for one in outbox.standings
        ],
        "dueAt": outbox.due_at,
    }


def read_outbox(fields: Fields, version: str) -> Outbox:
    """Raises BrokenDocument."""
    return Outbox(
        id=fields.id,
        begun_at=fields.moment("begunAt"),
        read_until=fields.moment("readUntil"),
        read=tuple(fields.texts("read")),
        parcels=tuple(_read_parcel(fields.id, one) for one in fields.maps("parcels")),
        told_soon=tuple(fields.texts("toldSoon")),
        soon_at=fields.maybe_moment("soonAt"),
        standings=tuple(
            Standing(
                one.text("target"),
                one.maybe_moment("arrivedAt"),
                one.maybe_moment("failedAt"),
                one.integer("failures", 0),
                one.text("error", ""),
                one.integer("givenUp", 0),
            )
            for one in fields.maps("standings")
        ),
        version=version,
    )


def _write_parcel(parcel: Parcel) -> Document:
    notice = parcel.notice
    return {
        "target": parcel.target,
        "madeAt": parcel.made_at,
        "claimedAt": parcel.claimed_at,
        "attempts": parcel.retry.attempts,
        "nextAt": parcel.retry.next_at,
        "error": parcel.retry.error,
        "notice": {
            "id": notice.id,
            "event": notice.event.value,
            "at": notice.at,
            "userId": notice.user_id,
            "login": notice.login,
            "username": notice.username,
            "hours": notice.hours,
            "until": notice.until,
            "reason": notice.reason,
            "reward": notice.reward,
            "cost": notice.cost,
            "source": notice.source,
            "sessionId": notice.session_id,
            "redemptionId": notice.redemption_id,
        },
    }


def _read_parcel(channel_id: str, fields: Fields) -> Parcel:
    notice = fields.nested("notice")
    return Parcel(
        target=fields.text("target"),
        notice=Notice(
            id=notice.text("id"),
            event=notice.choice("event", Event),
            channel_id=channel_id,
            at=notice.moment("at"),
            user_id=notice.text("userId"),
            login=notice.text("login", ""),
            username=notice.text("username", ""),
            hours=notice.number("hours", 0.0),
            until=notice.maybe_moment("until"),
            reason=notice.text("reason", ""),
            reward=notice.text("reward", ""),
            cost=notice.integer("cost", 0),
            source=notice.text("source", ""),
            session_id=notice.text("sessionId", ""),
            redemption_id=notice.text("redemptionId", ""),
        ),
        made_at=fields.moment("madeAt"),
        claimed_at=fields.maybe_moment("claimedAt"),
        retry=Retry(fields.integer("attempts", 0), fields.maybe_moment("nextAt"), fields.text("error", "")),
    )
