"""How patient the simulated EventSub is. Twitch documents those of the WebSocket; those of the webhook are ours."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Timings:
    """Seconds, of real time. Tests shorten them."""

    unused: float = 10.0
    """A socket without a subscription is closed after these."""
    keepalive: float = 10.0
    keepalive_least: float = 10.0
    keepalive_most: float = 600.0
    reconnect_grace: float = 30.0
    """From session_reconnect to the end of the old socket."""
    answer: float = 10.0
    """A webhook that has not answered by then has failed."""
    retries: tuple[float, ...] = (1.0, 5.0, 25.0)
    """The pauses before each further attempt to deliver one message to a webhook."""
    webhook_failures: int = 5
    """Messages in a row given up by then end a webhook's subscription with notification_failures_exceeded."""
    socket_listed: float = 60.0
    """How long an ended subscription stays listed, over a socket and by webhook (Manage subscriptions)."""
    webhook_listed: float = 10 * 24 * 3600.0
