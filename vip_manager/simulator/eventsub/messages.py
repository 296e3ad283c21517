"""One message of EventSub, as a frame of a socket or as a request to a webhook.

Sources: https://dev.twitch.tv/docs/eventsub/websocket-reference/ and .../handling-webhook-events/.
"""

import hashlib
import hmac
import json
from dataclasses import dataclass
from typing import Any, Literal

from vip_manager.simulator.records import Subscription


@dataclass(frozen=True, slots=True)
class Message:
    """What a subscription is told. The id stays the same however often it is sent; `payload` is as of the event."""

    id: str
    type: Literal["notification", "revocation", "webhook_callback_verification"]
    subscription: Subscription
    payload: dict[str, Any]


def frame(
    message_id: str, message_type: str, stamp: str, payload: dict[str, Any], subscription: Subscription | None = None
) -> str:
    metadata = {"message_id": message_id, "message_type": message_type, "message_timestamp": stamp}
    if subscription is not None:
        metadata |= {"subscription_type": subscription.type, "subscription_version": subscription.version}
    return json.dumps({"metadata": metadata, "payload": payload})


def webhook_request(message: Message, stamp: str, retry: int) -> tuple[dict[str, str], bytes]:
    """The headers and the body; signed over id, timestamp and the body's bytes."""
    body = json.dumps(message.payload, ensure_ascii=False).encode()
    subscription = message.subscription
    signed = hmac.new(subscription.secret.encode(), message.id.encode() + stamp.encode() + body, hashlib.sha256)
    headers = {
        "Content-Type": "application/json",
        "Twitch-Eventsub-Message-Id": message.id,
        "Twitch-Eventsub-Message-Retry": str(retry),
        "Twitch-Eventsub-Message-Type": message.type,
        "Twitch-Eventsub-Message-Signature": f"sha256={signed.hexdigest()}",
        "Twitch-Eventsub-Message-Timestamp": stamp,
        "Twitch-Eventsub-Subscription-Type": subscription.type,
        "Twitch-Eventsub-Subscription-Version": subscription.version,
    }
    return headers, body
