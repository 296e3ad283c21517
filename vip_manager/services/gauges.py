"""Figures that are not counted as they happen, but looked at now and then."""

import time
from collections.abc import Callable
from datetime import timedelta

from vip_manager import measures
from vip_manager.ports import Store
from vip_manager.services.connections import Connections

OFTEN = timedelta(minutes=1)
SELDOM = timedelta(minutes=5)
"""Where each look is billed: one read in Firestore for up to 1000 VIPs."""


class Gauges:
    """`every`: the shortest time, of real time, between two looks."""

    def __init__(
        self,
        store: Store,
        connections: Connections,
        every: timedelta,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._connections = connections
        self._every = every
        self._monotonic = monotonic
        self._again_at = 0.0

    async def where_due(self) -> None:
        """Raises StoreError."""
        if self._monotonic() < self._again_at:
            return
        self._again_at = self._monotonic() + self._every.total_seconds()
        measures.sessions_active.set(await self._store.sessions.count_vip())
        measures.deaf_channels.set(self._connections.deaf())
