"""What is posted to our webhook: whether Twitch has signed it, and what it says.

Source: https://dev.twitch.tv/docs/eventsub/handling-webhook-events/. Signed are the message's id, its timestamp and the
body's bytes; the other headers are not, so none of them is believed on its own.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from vip_manager.ports import Challenge, ChannelEvent, ChatCommand, Clock, Delivery, Forged, Malformed, Revoked, Stale
from vip_manager.twitch.eventsub.messages import about_chat, channel_of, parse_notification, parse_revocation
from vip_manager.twitch.wire import JsonObject

OLDEST = timedelta(minutes=10)
"""Twitch's own advice against messages that somebody has kept and sends again."""

ENABLED = "enabled"

_PREFIX = "twitch-eventsub-message-"
_WHERE = "EventSub webhook"


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where Twitch is to post, and the secrets that it signs with: the one that new subscriptions are made with, then
    those of before. 10 to 100 ASCII characters each."""

    callback: str
    secrets: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Signed:
    id: str
    type: str
    sent_at: datetime
    again: bool


class Receiver:
    """Implements `vip_manager.ports.WebhookReceiver`."""

    def __init__(self, webhook: Webhook, clock: Clock) -> None:
        self._keys = [secret.encode() for secret in webhook.secrets]
        self._clock = clock

    def read(self, headers: Mapping[str, str], body: bytes) -> Challenge | Delivery:
        signed = self._signed(headers, body)
        payload = JsonObject.loads(body, _WHERE)
        subscription = payload.object("subscription")
        subscription_id = subscription.id("id")
        match signed.type:
            case "webhook_callback_verification":
                channel_id = subscription.object("condition").text("broadcaster_user_id", default="")
                return Challenge(subscription_id, channel_id, payload.id("challenge"))
            case "notification":
                event: ChannelEvent | None = parse_notification(payload, self._by_domain_time(signed))
                if isinstance(event, ChatCommand):
                    event = replace(event, sent_at=signed.sent_at)
            case "revocation":
                event = _revocation(payload)
            case _:
                raise Malformed(f"{_WHERE}: a message of a type that is not known")
        channel_id = channel_of(event) if event else ""
        return Delivery(signed.id, subscription_id, channel_id, event)

    def _signed(self, headers: Mapping[str, str], body: bytes) -> _Signed:
        """Raises Forged, Stale."""
        message_id, stamp, kind, signature = (
            headers.get(_PREFIX + name, "") for name in ("id", "timestamp", "type", "signature")
        )
        if not (message_id and stamp and kind and signature):
            raise Forged("a header is missing")
        message = _bytes(message_id) + _bytes(stamp) + body
        # All are tried, whichever it is: how long it takes says nothing.
        good = [hmac.compare_digest(_signature(key, message), _bytes(signature)) for key in self._keys]
        if not any(good):
            raise Forged("the signature is wrong")
        return _Signed(message_id, kind, self._fresh(stamp), headers.get(_PREFIX + "retry", "0") != "0")

    def _fresh(self, stamp: str) -> datetime:
        sent_at = JsonObject({"timestamp": stamp}, _WHERE).time("timestamp")
        if abs(self._clock.real() - sent_at) > OLDEST:
            raise Stale(f"sent at {sent_at.isoformat(timespec='seconds')}, and it is not that time here")
        return sent_at

    def _by_domain_time(self, signed: _Signed) -> datetime | None:
        """When it happened, as near as a message tells. One that is sent again may be stamped anew, long after. Stamps
        are of real time, which domain time may run ahead of."""
        return None if signed.again else signed.sent_at + (self._clock.now() - self._clock.real())


def _revocation(payload: JsonObject) -> Revoked | None:
    """None where it is of a subscription that no channel's is, or on which nothing depends. One that stands can't have
    been revoked: its type's header was exchanged."""
    condition = payload.object("subscription").object("condition")
    if about_chat(payload) or not condition.text("broadcaster_user_id", default=""):
        return None
    revoked = parse_revocation(payload)
    if revoked.status == ENABLED:
        raise Malformed(f"{_WHERE}: a revocation of what stands")
    return revoked


def _signature(key: bytes, message: bytes) -> bytes:
    return b"sha256=" + hmac.new(key, message, hashlib.sha256).hexdigest().encode()


def _bytes(header: str) -> bytes:
    """As it was on the wire: servers read headers as Latin-1."""
    return header.encode("latin-1", "replace")
