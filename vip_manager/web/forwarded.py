"""What proxies in front of us say of a request, and what of it is believed.

Each proxy appends whom it heard the request from, so `X-Forwarded-For` is believed from the right, as many entries as
there are proxies of ours (TRUSTED_PROXY_HOPS); whatever stands left of those the client may have made up. Nothing else
is believed, and nothing of it reaches what is behind: engine.io, for one, takes `X-Forwarded-Host` at its word.
"""

import re
from ipaddress import ip_address

from starlette.types import Scope

from vip_manager.web.outside import Outside

_FOR = b"x-forwarded-for"
_SOCKET_SCHEMES = {"http": "ws", "https": "wss"}


def believed(scope: Scope, outside: Outside) -> Scope:
    """The scope as the program may take it: whom it is from, by which scheme, and no header of a proxy."""
    entries = b",".join(value for name, value in scope["headers"] if name.lower() == _FOR)
    client = _client(entries.decode("latin-1"), outside.trusted_proxy_hops)
    scheme = outside.scheme
    return {
        **scope,
        "client": (client, 0) if client else scope.get("client"),
        "scheme": scheme if scope["type"] == "http" else _SOCKET_SCHEMES[scheme],
        "headers": [(name, value) for name, value in scope["headers"] if not _is_a_proxys(name)],
    }


def undeclared(scope: Scope, outside: Outside) -> bool:
    """Whether it came by a proxy that we have not been told of: then all its visitors count as one address."""
    return not outside.trusted_proxy_hops and any(name.lower() == _FOR for name, _ in scope["headers"])


def _client(entries: str, hops: int) -> str:
    """An IP address in its canonical form; empty where fewer proxies spoke than there are, or none said an address."""
    addresses = [entry.strip() for entry in entries.split(",") if entry.strip()]
    if not hops or len(addresses) < hops:
        return ""
    # Some proxies add the port: 192.0.2.1:4711, [2001:db8::1]:4711.
    named = re.fullmatch(r"\[([0-9a-fA-F:.]+)\](?::\d+)?|([0-9.]+):\d+", addresses[-hops])
    try:
        return str(ip_address((named[1] or named[2]) if named else addresses[-hops]))
    except ValueError:
        return ""


def _is_a_proxys(name: bytes) -> bool:
    """Underscores count as hyphens: to what reads headers the way CGI did, they are."""
    if name[:1] not in b"fFxX":
        return False
    plain = name.lower().replace(b"_", b"-")
    return plain == b"forwarded" or plain.startswith(b"x-forwarded")
