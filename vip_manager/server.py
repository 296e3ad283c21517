"""Starts the product: `python -m vip_manager.server`. Builds the page where its inputs changed, then serves the one
port."""

import asyncio
import gc
import os
import signal
import socket
import sys
from contextlib import nullcontext

from vip_manager import lean, page
from vip_manager.settings import Settings, SettingsError, load

BAD_SETTINGS = 2

LARGEST_FRAME = 64 * 1024
"""Bytes of one message on a page's socket; pages send a few hundred."""

# Reflex decides by these, when it is imported, that the page is built already and served by this process, and what a
# socket may cost (reflex_base/environment.py; internal names, so the version is pinned and a test starts the product).
SERVING = {
    "REFLEX_ENV_MODE": "prod",
    "REFLEX_TELEMETRY_ENABLED": "false",
    "REFLEX_CHECK_LATEST_VERSION": "false",
    "__REFLEX_SKIP_COMPILE": "true",
    "__REFLEX_MOUNT_FRONTEND_COMPILED_APP": "true",
    "REFLEX_SOCKET_MAX_HTTP_BUFFER_SIZE": str(LARGEST_FRAME),
    "REFLEX_SOCKET_TIMEOUT": "30",
}


def main() -> int:
    """0 after a clean stop, 2 for settings that can't be used, or that don't fit the data, 1 for what else keeps it
    from starting, such as a store that is out of reach."""
    # Next to nothing of what comes now goes again: to look for garbage would be a quarter of the start.
    gc.disable()
    os.chdir(page.ROOT)
    try:
        settings = load()
    except SettingsError as error:
        return _refuse(str(error), BAD_SETTINGS)
    if taken := _port_taken(settings.port):
        return _refuse(taken, 1)
    if not _built():
        return 1
    os.environ.update(SERVING)
    lean.load()
    return _serve(settings)


def _built() -> bool:
    _say("Preparing the page (about 15 seconds the first time) ...")
    try:
        page.build_where_changed()
    except page.BuildFailed as error:
        _refuse(f"The page could not be built. This is what the build said:\n\n{error}", 1)
        return False
    return True


def _serve(settings: Settings) -> int:
    # Imported here: Reflex reads the environment when it is imported, and a bad setting is told in a moment.
    import uvicorn

    from vip_manager import open_files
    from vip_manager.bootstrap.adapters import open_world
    from vip_manager.connection import BoundedConnection, BoundedSocket
    from vip_manager.peers import MOST_OF_PEER, Peers
    from vip_manager.ports import StoreError, StoreUnavailable
    from vip_manager.simulator.world_file import WorldFileError
    from vip_manager.store.local_secret import BadLocalSecret
    from vip_manager.store.lock import DataDirLock

    open_files.allow_all()
    # With a proxy in front, it is the one who connects, for everybody.
    counted = None if settings.trusted_proxy_hops else Peers(open_files.of_address(MOST_OF_PEER))

    class Connection(BoundedConnection):
        peers = counted

    class Socket(BoundedSocket):
        peers = counted

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            if self.started:
                # What is there by now stays, and little of what comes goes in circles: garbage is looked for less.
                gc.freeze()
                gc.set_threshold(10_000, 20, 20)
                gc.enable()
                _say(_welcome(settings))

    server = Server(
        uvicorn.Config(
            "vip_manager.vip_manager:app",
            factory=True,
            host="0.0.0.0",  # noqa: S104
            port=settings.port,
            http=Connection,
            ws=Socket,
            ws_max_size=LARGEST_FRAME,
            ws_per_message_deflate=False,
            proxy_headers=False,
            server_header=False,
            access_log=False,
            log_config=None,
            timeout_graceful_shutdown=8,
        )
    )
    # uvicorn raises the signal again once it has stopped; by then there is nothing left to do for it.
    for stop in (signal.SIGINT, signal.SIGTERM):
        signal.signal(stop, lambda *_: None)
    try:
        with nullcontext() if settings.google_cloud_project else DataDirLock(settings.data_dir):
            asyncio.run(_look_at_store(settings))
            open_world(settings)
            server.run()
    except StoreUnavailable as error:
        return _refuse(str(error), 1)
    except (StoreError, BadLocalSecret, WorldFileError) as error:
        return _refuse(str(error), BAD_SETTINGS)
    except OSError as error:
        return _refuse(f"DATA_DIR can't be used: {error}", BAD_SETTINGS)
    return 0 if server.started else 1


async def _look_at_store(settings: Settings) -> None:
    """Raises StoreError where the program could not work with it."""
    from vip_manager.bootstrap.adapters import open_store

    await (await open_store(settings)).close()


def _port_taken(port: int) -> str:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("0.0.0.0", port))  # noqa: S104
        except OSError as error:
            return f"Port {port} can't be used ({error.strerror}). Another one: PORT=4000 make run"
    return ""


def _welcome(settings: Settings) -> str:
    lines = ["", f"  VIP Manager is ready:  {settings.public_url}", ""]
    if settings.sandbox:
        lines += [
            "  This is the sandbox: a Twitch of its own, built in. Nothing leaves this machine.",
            '  Choose "Sign in with Twitch" and be "streamer"; then let a viewer redeem.',
            "  To use the real Twitch, see README.md.",
            "",
        ]
    return "\n".join([*lines, "  Ctrl-C stops it. What was going on carries on with the next start.", ""])


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201


def _refuse(message: str, code: int) -> int:
    print(message, file=sys.stderr, flush=True)  # noqa: T201
    return code


if __name__ == "__main__":
    sys.exit(main())
