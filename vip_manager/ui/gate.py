"""What a socket may send at all, before Reflex looks at it (or writes it, cookie and all, into its log)."""

from typing import Any

import reflex as rx
import structlog

log = structlog.get_logger(__name__)

_ROOT = "reflex___state____state"
INTERNAL = frozenset(
    {
        f"{_ROOT}.hydrate",
        f"{_ROOT}.hydrate_and_load",
        f"{_ROOT}.set_is_hydrated",
        f"{_ROOT}.reflex___state____on_load_internal_state.on_load_internal",
        f"{_ROOT}.reflex___state____update_vars_internal_state.update_vars_internal",
        f"{_ROOT}.reflex___state____frontend_event_exception_state.handle_frontend_exception",
    }
)
"""Reflex's own events that a page sends (Reflex 0.10.1)."""


def close(app: rx.App) -> None:
    """Lets through our guarded handlers (see `guard`) and Reflex's own few events; everything else is dropped."""
    sockets = app.event_namespace
    if sockets is None:
        raise RuntimeError("the app has no state")
    on_event = sockets.on_event

    async def allowed(sid: str, data: Any) -> None:
        name = data.get("name") if isinstance(data, dict) else None
        if not isinstance(name, str) or not _known(app, name):
            log.warning("unknown event dropped", sid=sid)
            return
        await on_event(sid, data)

    sockets.on_event = allowed  # type: ignore[method-assign]


def _known(app: rx.App, name: str) -> bool:
    if name in INTERNAL:
        return True
    registered = app._registration_context.event_handlers.get(name)
    return registered is not None and hasattr(registered.handler.fn, "_guarded")
