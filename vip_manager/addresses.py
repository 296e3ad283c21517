"""What a `Host` or an `Origin` header names."""

from ipaddress import ip_address
from urllib.parse import urlsplit

_DEFAULT_PORTS = {"http": 80, "https": 443}


def host_name(netloc: str) -> str:
    """The name in `host:port`, in lower case; empty for what is no address."""
    try:
        parts = urlsplit(f"//{netloc}")
        return "" if "@" in parts.netloc or parts.netloc != netloc else parts.hostname or ""
    except ValueError:
        return ""


def origin_of(text: str) -> str:
    """An origin as browsers write it (RFC 6454), in lower case and without the scheme's own port; empty for none."""
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return ""
    if not parts.hostname or "@" in parts.netloc or parts.path or parts.query or parts.fragment:
        return ""
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}" + ("" if port in (None, _DEFAULT_PORTS.get(parts.scheme)) else f":{port}")


def is_this_machine(name: str) -> bool:
    """Whether it is a name, or an address, of the loopback interface."""
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False


def is_ip_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
