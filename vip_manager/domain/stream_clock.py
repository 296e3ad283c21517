"""How a clock stands that counts by the stream."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from vip_manager.domain.stream import GRACE, Stream


@dataclass(frozen=True, slots=True)
class Face:
    """Its end, None where it stands or ends with the stream only; the hours that are `left` while it stands; and since
    when it is so."""

    expires_at: datetime | None
    left: float
    clock_at: datetime


def live_hours(face: Face, stream: Stream) -> Face:
    """Hours that count while live, now that this is known of the stream."""
    clock_at, ends = face.clock_at, face.expires_at
    off_at = max(stream.off_at or clock_at, clock_at)
    if stream.live_since is None:
        if ends is None or ends <= off_at:
            return face
        return Face(None, (ends - off_at) / timedelta(hours=1), off_at)
    if ends is None:
        began = max(stream.live_since, clock_at)
        return Face(began + timedelta(hours=face.left), 0.0, began)
    if clock_at < stream.live_since and off_at < ends:
        # It began in an earlier stream, and nobody stopped it when that was over.
        return Face(ends + max(stream.live_since - off_at, timedelta()), 0.0, stream.live_since)
    return replace(face, left=0.0)


def until_stream_ends(face: Face, stream: Stream, granted_at: datetime) -> Face:
    """VIP until the stream ends, given at that moment, now that this is known of the stream."""
    return Face(_end(face.expires_at, stream, granted_at), 0.0, face.clock_at)


def _end(known: datetime | None, stream: Stream, granted_at: datetime) -> datetime | None:
    off_at = max(stream.surely_off_at or granted_at, granted_at)
    if stream.live_since is None:
        return off_at + GRACE
    if known and known < stream.live_since:
        return known
    return off_at + GRACE if stream.live_since - off_at > GRACE else None
