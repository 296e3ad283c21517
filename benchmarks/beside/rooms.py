"""A bare Socket.IO server with one room, on the same uvicorn with the same options as the product's.
`python -m benchmarks.beside.rooms PORT`: who connects is in the room; what is posted to `/emit` goes to it."""

import json
import sys

import socketio  # type: ignore[import-untyped]
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route

from benchmarks.processes import allow_many_files
from vip_manager.server import LARGEST_FRAME

NAMESPACE = "/_event"
sio = socketio.AsyncServer(
    async_mode="asgi",
    cors_allowed_origins=[],
    max_http_buffer_size=LARGEST_FRAME,
    ping_interval=25,
    ping_timeout=30,
    transports=["websocket"],
)


@sio.on("connect", namespace=NAMESPACE)  # type: ignore[untyped-decorator]
async def connect(sid: str, environ: dict[str, object], auth: object = None) -> None:
    await sio.enter_room(sid, "board", namespace=NAMESPACE)


async def emit(request: Request) -> Response:
    await sio.emit("event", json.loads(await request.body()), room="board", namespace=NAMESPACE)
    return Response(status_code=204)


def main() -> None:
    allow_many_files()
    uvicorn.run(
        Starlette(
            routes=[
                Route("/emit", emit, methods=["POST"]),
                Mount("/_event", socketio.ASGIApp(sio, socketio_path="")),
            ]
        ),
        host="127.0.0.1",
        port=int(sys.argv[1]),
        http="httptools",
        ws="websockets-sansio",
        ws_max_size=LARGEST_FRAME,
        ws_per_message_deflate=False,
        ws_ping_interval=None,
        proxy_headers=False,
        server_header=False,
        access_log=False,
        log_config=None,
    )


if __name__ == "__main__":
    main()
