"""Who may do what how often: the one table of it, for HTTP and for what pages send.

The numbers are far above what a fast person with many tabs does, and far below what costs anybody else anything. Not
counted are `/api/eventsub` and `/api/cron/expire`: whoever could use up their number would have redemptions lost and
VIP never end. Both look who calls before they do any work. Nor is `/api/health`: a process that answers is up. Nor are
the pages' own files below `/assets/`: a page that lacks one of them stays blank, and they cost next to nothing.
"""

import ipaddress

from vip_manager.ports import Rate

SIGN_IN = Rate("sign-in", 60, 60)
CALLBACK = Rate("sign-in-callback", 60, 60)
API = Rate("api", 600, 60)
API_TOKEN = Rate("api-token", 300, 60)
"""Calls with one personal token, from wherever."""
API_REFUSED = Rate("api-refused", 120, 60)
"""Calls with a token that is none: a program that asks every second is told so, whoever tries more is not."""
DOWNLOADS = Rate("downloads-of-person", 10, 60)
"""All that is stored of a channel, or much of it, is read for each."""
LOOKS = Rate("looks-of-channel", 10, 60)
"""Times that somebody has Twitch asked whether all is well, or the reward tested."""
RETRIES = Rate("retries-of-channel", 5, 60)
"""Times that somebody has all tried again that did not work. Each thing that is tried leaves a line in the log."""
HOOK_TESTS = Rate("webhook-tests-of-channel", 10, 60)
"""Tries of a webhook, each a post to an address that somebody typed."""
CHAT_TESTS = Rate("chat-tests-of-channel", 5, 60)
"""Messages that somebody sends to see whether they arrive."""
REPORTS = Rate("reports-of-channel", 12, 60)
"""Insights that are made anew: half a year of records is read for one."""
BOARDS = Rate("boards", 60_000, 60)
"""The boards' JSON: half a thousand pages behind one address may ask for it every second or two, and it costs next to
nothing."""
BOARD_GUESSES = Rate("board-guesses", 600, 60)
"""Of them, names that lead nowhere yet: the store is read for each."""
PAGES = Rate("pages", 1200, 60)
"""A whole event may sit behind one address."""
SOCKETS = Rate("sockets", 300, 60)
"""Sockets opened: after a restart each tab tries several times."""
ADDRESS_EVENTS = Rate("events-of-address", 3000, 60)
PERSON_EVENTS = Rate("events-of-person", 1800, 60)
PAGE_ERRORS = Rate("page-errors", 10, 60)
"""What a browser says went wrong in it. Each is a line in the log."""

UNCOUNTED = frozenset({"/api/eventsub", "/api/cron/expire", "/api/health"})
FILES = "/assets/"
_SIGN_IN_ROUTES = {"/api/auth/login": SIGN_IN, "/api/auth/callback": CALLBACK}


def of_path(path: str) -> Rate | None:
    """By address; None is not counted."""
    path = path.rstrip("/") or "/"
    if path in UNCOUNTED or path.startswith(FILES):
        return None
    if path in _SIGN_IN_ROUTES:
        return _SIGN_IN_ROUTES[path]
    if path.startswith(("/api/board/", "/api/overlay/")):
        return BOARDS
    return API if f"{path}/".startswith(("/api/", "/metrics/")) else PAGES


def walked(path: str) -> bool:
    """Whether a browser walks through that route, so that a refusal must be a page."""
    return path.rstrip("/") in _SIGN_IN_ROUTES


def network(address: str) -> str:
    """What counts as one address: in IPv6 a /64, as anybody who has one address there has them all."""
    found = _parsed(address)
    if found is None:
        return address[:100]
    return str(found if found.version == 4 else ipaddress.ip_network((found, 64), strict=False))


def socket_address(address: str) -> str:
    """The same of whoever opens a page's socket; empty, which has no number, for this very machine. What comes from
    there is a tool of whoever runs it, or everybody, by a proxy that nobody has told us of (TRUSTED_PROXY_HOPS)."""
    return "" if loopback(address) else network(address)


def loopback(address: str) -> bool:
    """Whether this very machine calls, as the sandbox calls its own Twitch."""
    found = _parsed(address)
    return found is not None and found.is_loopback


def _parsed(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return None
    return (found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None) or found
