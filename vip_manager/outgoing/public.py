"""Which addresses are of the public Internet: whoever types one must not reach what only this machine can."""

import ipaddress

_REFUSED = tuple(
    ipaddress.ip_network(one)
    for one in (
        "100.64.0.0/10",
        "168.63.129.16/32",
        "192.0.0.0/24",
        "192.88.99.0/24",
        "240.0.0.0/4",
        "::/96",
        "::ffff:0:0/96",
        "64:ff9b::/96",
        "64:ff9b:1::/48",
        "100::/64",
        "2001::/23",
        "2001:db8::/32",
        "2002::/16",
        "3fff::/20",
    )
)
"""Beside what Python knows: shared and reserved space, Azure's metadata, and IPv6 that has an IPv4 address in it."""
_UNICAST = ipaddress.ip_network("2000::/3")


def is_public(text: str) -> bool:
    """Whether it is a global unicast address (IANA's special-purpose registries)."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    if any(address.version == one.version and address in one for one in _REFUSED):
        return False
    if address.version == 6 and address not in _UNICAST:
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)
