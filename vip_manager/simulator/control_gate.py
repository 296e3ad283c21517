"""Who may look behind the curtain: nobody but pages of this very address, and programs that call this machine by its
own name.

A page of another site could ask for our address under its own name (DNS rebinding: its name points to this machine
once the page is loaded) and would then read, as of its own origin, clients' secrets and the whole world. So the names
that are answered to are those of the loopback interface and, where people reach us by another one, that.
"""

from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from vip_manager.addresses import host_name, is_this_machine
from vip_manager.simulator.refusal import Refused
from vip_manager.simulator.surfaces import surface

_GUARDED = ("control", "units")


class ControlGate:
    """Pure ASGI. Answers 403 for a wrong `Host` or `Origin`; everything that is Twitch's own passes."""

    def __init__(self, app: ASGIApp, public_hosts: Iterable[str] = ()) -> None:
        """`public_hosts`: names without a port."""
        self._app = app
        self._public_hosts = frozenset(host.lower() for host in public_hosts if host)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and surface(scope["path"]) in _GUARDED:
            refusal = self._refusal(Headers(scope=scope))
            if refusal is not None:
                said = {"code": refusal.code, "message": refusal.message}
                await JSONResponse({"error": said}, refusal.status)(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _refusal(self, headers: Headers) -> Refused | None:
        host = _netloc(f"//{headers.get('host', '')}")
        name = host_name(host)
        if not (is_this_machine(name) or name in self._public_hosts):
            words = "Only localhost and the address that people use (PUBLIC_URL) lead behind the curtain."
            return Refused("wrong_host", words, 403)
        origin = headers.get("origin")
        if origin is not None and _netloc(origin) != host:
            return Refused("wrong_origin", "Another site's page may neither see nor move this world.", 403)
        return None


def _netloc(address: str) -> str:
    """Empty for what is no address, too."""
    try:
        return urlsplit(address).netloc.lower()
    except ValueError:
        return ""
