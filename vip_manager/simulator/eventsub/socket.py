"""The EventSub WebSocket as clients reach it: welcome, keepalives, messages, and the rules that close it.

Twitch closes with 4001 when the client sends anything, with 4003 when no subscription was made in time, and with 4007
when a reconnect address is unknown or was used before. Pings are sent by the server below (uvicorn: every 20 s), which
closes with 1011 where no pong comes; 4002 is left to the control API.
"""

import asyncio
from collections.abc import Coroutine

from starlette.websockets import WebSocket, WebSocketDisconnect

from vip_manager.simulator.eventsub.sessions import CLOSE_REASONS, GONE, Close, HandOver, Line, Session, Sessions
from vip_manager.simulator.eventsub.timings import Timings
from vip_manager.simulator.simulation import simulation


async def socket(websocket: WebSocket) -> None:
    hub = simulation(websocket).hub
    await websocket.accept()
    invitation = websocket.query_params.get("id")
    if invitation is None:
        keepalive = _keepalive(websocket.query_params.get("keepalive_timeout_seconds"), hub.timings)
        session, line = hub.sockets.open(keepalive, str(websocket.url.replace(query="")))
    elif arrived := hub.sockets.arrive(invitation):
        session, line = arrived
    else:
        await websocket.close(4007, CLOSE_REASONS[4007][0])
        return
    status = GONE
    try:
        code = await _first(
            _hear(websocket),
            _speak(websocket, hub.sockets, session, line),
            _unused(session, hub.timings.unused),
        )
        if code is not None:
            reason, status = CLOSE_REASONS[code]
            await websocket.close(code, reason)
    except (WebSocketDisconnect, RuntimeError):
        # The other side left while we were writing.
        pass
    finally:
        hub.sockets.left(session, line, status)


async def _hear(websocket: WebSocket) -> int | None:
    message = await websocket.receive()
    return None if message["type"] == "websocket.disconnect" else 4001


async def _speak(websocket: WebSocket, sockets: Sessions, session: Session, line: Line) -> int:
    while True:
        try:
            item = await asyncio.wait_for(line.outbox.get(), line.silence)
        except TimeoutError:
            item = sockets.keepalive()
        if isinstance(item, Close):
            return item.code
        if isinstance(item, HandOver):
            sockets.hand_over(session)
        else:
            await websocket.send_text(item)


async def _unused(session: Session, seconds: float) -> int:
    try:
        await asyncio.wait_for(session.used.wait(), seconds)
    except TimeoutError:
        return 4003
    return await asyncio.Future()


async def _first(*ways: Coroutine[None, None, int | None]) -> int | None:
    """What ends first ends the socket."""
    tasks = [asyncio.ensure_future(way) for way in ways]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        return done.pop().result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _keepalive(asked: str | None, timings: Timings) -> float:
    """Numbers outside the bounds are clamped."""
    try:
        seconds = timings.keepalive if asked is None else int(asked)
    except ValueError:
        return timings.keepalive
    # Clamped while it may still be a whole number that no float can hold.
    return float(min(max(seconds, timings.keepalive_least), timings.keepalive_most))
