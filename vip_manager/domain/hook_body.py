"""What a webhook is sent, and how it is signed: by the Standard Webhooks specification
(https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md)."""

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from vip_manager.domain.channel import Channel
from vip_manager.domain.hook import Hook, HookForm
from vip_manager.domain.notice import Event, Notice

_MARKDOWN = re.compile(r"([\\`*_~|>#\[\]()<@:.!+-])")

_SAID = {
    Event.STARTED: "**{who}** is VIP now{until}.",
    Event.EXTENDED: "**{who}** stays VIP{until}.",
    Event.ENDS_SOON: "The VIP of **{who}** ends soon{until}.",
    Event.ENDED: "**{who}** is not VIP any more.",
    Event.REFUSED: "**{who}** redeemed VIP, and could not get it.",
}


def body(hook: Hook, channel: Channel, notice: Notice, *, test: bool = False) -> bytes:
    made = _discord(notice, test) if hook.form is HookForm.DISCORD else _json(channel, notice, test)
    return json.dumps(made, ensure_ascii=False, separators=(",", ":")).encode()


def _json(channel: Channel, notice: Notice, test: bool) -> dict[str, Any]:
    return {
        "id": notice.id,
        "event": notice.event.value,
        "created_at": _written(notice.at),
        "channel": {"id": channel.id, "login": channel.login, "name": channel.username},
        "viewer": {"id": notice.user_id, "login": notice.login, "name": notice.username},
        "hours": notice.hours,
        "until": _written(notice.until) if notice.until else None,
        "reason": notice.reason or None,
        "reward": {"title": notice.reward, "cost": notice.cost} if notice.reward else None,
        "source": notice.source or None,
        **({"test": True} if test else {}),
    }


def _discord(notice: Notice, test: bool) -> dict[str, Any]:
    until = f" until <t:{int(notice.until.timestamp())}:f>" if notice.until else ""
    said = _SAID[notice.event].format(who=escaped(notice.username or notice.login), until=until)
    return {"content": f"Test: {said}" if test else said, "allowed_mentions": {"parse": []}}


def escaped(name: str) -> str:
    """So that Discord shows it as it is."""
    return _MARKDOWN.sub(r"\\\1", " ".join(name.split()))


def _written(moment: datetime) -> str:
    """RFC 3339, UTC."""
    return moment.isoformat().replace("+00:00", "Z")


def secret(key: str, hook: Hook) -> str:
    """What the receiver checks with. It is made of ours, and nowhere stored."""
    made = hmac.new(key.encode(), f"{hook.id}.{hook.number}".encode(), hashlib.sha256).digest()
    return f"whsec_{base64.b64encode(made).decode()}"


def headers(keys: Sequence[str], hook: Hook, message_id: str, now: datetime, content: bytes) -> dict[str, str]:
    """`keys`: the one in use, and earlier ones that receivers may know still. `message_id` stays the same however often
    it is sent."""
    stamp = str(int(now.timestamp()))
    signed = b".".join([message_id.encode(), stamp.encode(), content])
    return {
        "content-type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": stamp,
        "webhook-signature": " ".join(_signature(secret(key, hook), signed) for key in keys),
    }


def _signature(shared: str, signed: bytes) -> str:
    raw = base64.b64decode(shared.removeprefix("whsec_"))
    return "v1," + base64.b64encode(hmac.new(raw, signed, hashlib.sha256).digest()).decode()
