"""The EventSub WebSocket: welcome, keepalives, notifications, and the rules that close it.

Twitch closes with 4001 when the client sends anything, and with 4003 when no subscription was made in time.
"""

import asyncio
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from vip_manager.simulator.eventsub import CLOSE_REASONS, Close, Hub, Session, Timings
from vip_manager.simulator.simulation import simulation

GONE = "websocket_disconnected"


async def socket(websocket: WebSocket) -> None:
    hub = simulation(websocket).hub
    await websocket.accept()
    session = hub.open(_keepalive(websocket.query_params.get("keepalive_timeout_seconds"), hub.timings))
    session.outbox.put_nowait(hub.frame("session_welcome", {"session": _welcome(session)}))
    status = GONE
    try:
        code = await _first(_hear(websocket), _speak(websocket, hub, session), _unused(session, hub.timings.unused))
        if code is not None:
            reason, status = CLOSE_REASONS.get(code, ("", GONE))
            await websocket.close(code, reason)
    except (WebSocketDisconnect, RuntimeError):
        # The other side left while we were writing.
        pass
    finally:
        hub.closed(session, status)


async def _hear(websocket: WebSocket) -> int | None:
    message = await websocket.receive()
    return None if message["type"] == "websocket.disconnect" else 4001


async def _speak(websocket: WebSocket, hub: Hub, session: Session) -> int | None:
    while True:
        try:
            item = await asyncio.wait_for(session.outbox.get(), session.keepalive)
        except TimeoutError:
            item = hub.frame("session_keepalive", {})
        if isinstance(item, Close):
            return item.code
        await websocket.send_text(item)


async def _unused(session: Session, seconds: float) -> int | None:
    try:
        await asyncio.wait_for(session.used.wait(), seconds)
    except TimeoutError:
        return 4003
    await asyncio.Event().wait()
    return None


async def _first(*ways: Any) -> int | None:
    """What ends first ends the session."""
    tasks = [asyncio.ensure_future(way) for way in ways]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        code: int | None = done.pop().result()
        return code
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _keepalive(asked: str | None, timings: Timings) -> float:
    """Numbers outside the bounds are clamped."""
    try:
        seconds = float(int(asked)) if asked is not None else timings.keepalive
    except ValueError:
        return timings.keepalive
    return min(max(seconds, timings.keepalive_least), timings.keepalive_most)


def _welcome(session: Session) -> dict[str, Any]:
    seconds = session.keepalive
    return {
        "id": session.id,
        "status": "connected",
        "connected_at": session.connected_at,
        "keepalive_timeout_seconds": int(seconds) if seconds.is_integer() else seconds,
        "reconnect_url": None,
    }
