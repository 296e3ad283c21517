"""The connection that listeners use. Google's asyncio client can't listen, so it is one of the threaded client."""

import asyncio
import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import grpc
from google.cloud.firestore_v1.client import Client as ThreadedClient

from vip_manager.store.firestore.client import CHANNEL_OPTIONS, Client

T = TypeVar("T")

_THREADS = 4
"""For what blocks: opening and closing listeners, and probes."""

_WAITS = json.dumps(
    {
        "methodConfig": [
            {"name": [{"service": "google.firestore.v1.Firestore", "method": "Listen"}], "waitForReady": True}
        ]
    }
)

_CHANNEL_OPTIONS = (
    *CHANNEL_OPTIONS,
    # The library opens a stream that broke again at once, and again: without a server that is half a processor lost.
    # This way gRPC holds the new stream back until there is a connection.
    ("grpc.service_config", _WAITS),
    # Otherwise a new client would be given the connection of the one before, which may be the dead one.
    ("grpc.use_local_subchannel_pool", 1),
)


class ListeningClient(ThreadedClient):
    """Opens no connection before the first listener, and a channel of its own then."""

    def __init__(self, beside: Client, emulator: str | None = None) -> None:
        """For the same database, as the same user. `emulator`, host:port, is another way to it than `beside` takes."""
        super().__init__(
            beside.project,
            credentials=beside._credentials,
            database=beside._database,
            client_options=beside._client_options,
        )
        self._emulator_host = emulator or beside._emulator_host
        self._opening = threading.Lock()

    def close(self) -> None:
        """Breaks what is still under way. A second time does nothing."""
        if self._firestore_api_internal is not None:
            self._transport.close()

    def _firestore_api_helper(self, transport: Any, client_class: Any, client_module: Any) -> Any:
        with self._opening:
            if self._firestore_api_internal is None:
                options = list(_CHANNEL_OPTIONS)
                if self._emulator_host is None:
                    channel = transport.create_channel(self._target, credentials=self._credentials, options=options)
                else:
                    channel = grpc.insecure_channel(self._emulator_host, options=options)
                self._transport = transport(host=self._target, channel=channel)
                self._firestore_api_internal = client_class(
                    transport=self._transport, client_options=self._client_options
                )
        return self._firestore_api_internal


class Link:
    """One connection and the threads on which one waits for it."""

    def __init__(self, client: ListeningClient) -> None:
        self.client = client
        self._executor = ThreadPoolExecutor(_THREADS, thread_name_prefix="firestore-listening")
        self._running: set[asyncio.Future[Any]] = set()

    async def run(self, work: Callable[[], T]) -> T:
        running = asyncio.get_running_loop().run_in_executor(self._executor, work)
        self._running.add(running)
        running.add_done_callback(self._running.discard)
        return await asyncio.shield(running)

    async def close(self) -> None:
        """Breaks what is still under way, and waits for its threads."""
        self.client.close()
        await asyncio.gather(*self._running, return_exceptions=True)
        self._executor.shutdown()
