"""Where webhooks may be sent, and what their secret must be like.

Source: https://dev.twitch.tv/docs/eventsub/handling-webhook-events/. One departure: callbacks on this machine may be
plain http, on any port, so that a program under development can be reached.
"""

from typing import Any
from urllib.parse import urlsplit

import httpx

from vip_manager.simulator.helix.answers import HelixError

LOOPBACK = ("127.0.0.1", "localhost", "::1")
SHORTEST_SECRET = 10
LONGEST_SECRET = 100


def checked_callback(callback: Any) -> str:
    """Raises HelixError."""
    if not isinstance(callback, str) or not _reachable(callback):
        raise HelixError(
            400, "transport.callback must be an https address on port 443, or an http address of this machine"
        )
    return callback


def checked_secret(secret: Any) -> str:
    """Raises HelixError."""
    if (
        not isinstance(secret, str)
        or not secret.isascii()
        or not secret.isprintable()
        or not SHORTEST_SECRET <= len(secret) <= LONGEST_SECRET
    ):
        raise HelixError(400, "transport.secret must have 10 to 100 ASCII characters")
    return secret


def _reachable(callback: str) -> bool:
    if not callback.isascii() or any(ord(character) <= 32 for character in callback):
        return False
    try:
        parts = urlsplit(callback)
        port = parts.port
        # Raises for a host that can't be, as "xn--a", over which what sends the messages would stumble.
        host = httpx.URL(callback).host
    except (ValueError, httpx.InvalidURL):
        return False
    if not parts.hostname or not host or parts.username is not None or "\\" in callback or parts.fragment:
        return False
    if parts.scheme == "http":
        return parts.hostname in LOOPBACK and port != 0
    return parts.scheme == "https" and port in (None, 443)
