"""The sandbox's Twitch alone on a port, for tests and for third-party Twitch clients."""

import sys
from pathlib import Path

import uvicorn

from vip_manager.simulator.app import create_simulator
from vip_manager.simulator.first_world import CLIENT_ID, CLIENT_SECRET
from vip_manager.simulator.world import World
from vip_manager.simulator.world_file import WorldFileError


def serve(port: int, world_file: Path | None, host: str = "127.0.0.1") -> None:
    """Runs until Ctrl-C. A file that is no world ends it with exit code 2, and says what is wrong where."""
    try:
        world = World(world_file)
    except WorldFileError as error:
        print(error, file=sys.stderr)  # noqa: T201
        raise SystemExit(2) from error
    at = f"{host}:{port}"
    print("The sandbox's Twitch is here:")  # noqa: T201
    print(f"  TWITCH_AUTH_URL=http://{at}/oauth2")  # noqa: T201
    print(f"  TWITCH_API_URL=http://{at}/helix")  # noqa: T201
    print(f"  TWITCH_EVENTSUB_WS_URL=ws://{at}/ws")  # noqa: T201
    print(f"  TWITCH_CLIENT_ID={CLIENT_ID} TWITCH_CLIENT_SECRET={CLIENT_SECRET}")  # noqa: T201
    print(f"  its world, readable and settable: http://{at}/control/world", flush=True)  # noqa: T201
    uvicorn.run(create_simulator(world), host=host, port=port, ws="websockets-sansio", log_level="warning")
