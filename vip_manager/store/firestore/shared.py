"""What the instances that share a Firestore database need of each other."""

import os
import secrets
import socket

from vip_manager.store.firestore.calls import Calls
from vip_manager.store.firestore.feed import FirestoreFeed
from vip_manager.store.firestore.leases import FirestoreLeases
from vip_manager.store.firestore.listening import ListeningClient
from vip_manager.store.firestore.meter import Meter
from vip_manager.store.firestore.touched import Touches


class FirestoreShared:
    """ports.Shared. Made on the event loop; `calls` and its `meter` stay the caller's, to be closed after this.

    Nothing goes to Firestore, and there is no thread, before something is asked of it.
    """

    def __init__(
        self, calls: Calls, meter: Meter, touches: Touches | None = None, *, listen_at: str | None = None
    ) -> None:
        """`touches` are the store's; `listen_at`, host:port of an emulator, is where listeners go instead of where
        `calls` does."""
        self._instance = _name()
        self._leases = FirestoreLeases(calls)
        self._feed = FirestoreFeed(
            calls,
            meter,
            touches or Touches(),
            self._instance,
            lambda: ListeningClient(calls.client, emulator=listen_at),
        )

    @property
    def instance(self) -> str:
        return self._instance

    @property
    def leases(self) -> FirestoreLeases:
        return self._leases

    @property
    def feed(self) -> FirestoreFeed:
        return self._feed

    async def aclose(self) -> None:
        """Leases stay until they are given up or have run out. A second time does nothing."""
        await self._feed.close()


def _name() -> str:
    """Where it runs, for people who read it; the rest keeps it apart from any other, also one that was here before."""
    place = os.environ.get("K_REVISION") or socket.gethostname() or "instance"
    return f"{place}-{secrets.token_hex(6)}"
