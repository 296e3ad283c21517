"""As many listeners as the channels that are followed need, kept alive.

A listener can't be given another channel: another one is made, and the old one is closed once the new one stands.
"""

import asyncio
import random
from collections.abc import Callable, Coroutine
from typing import Protocol

import structlog
from google.api_core import exceptions as google_errors

from vip_manager.store.firestore.listener import MOST_CHANNELS, Listener
from vip_manager.store.firestore.listening import Link, ListeningClient
from vip_manager.store.firestore.meter import Meter
from vip_manager.store.firestore.revision import COLLECTION, Revision, read

log = structlog.get_logger(__name__)

PROBE_AFTER = 10.0
"""Seconds in which nothing was heard, after which a document is read on the listeners' own connection. A connection
that has died without a word looks like one on which nothing happens, and gRPC's own pings need 40 s and more to tell.
Costs 6 reads a minute while something is followed and nothing happens, however many channels and listeners there are;
that the documents are read in turn also finds a listener that has gone deaf by itself."""
_PROBE_WITHIN = 3.0
_TOLD_WITHIN = 2.0
"""Seconds after which a listener must have told of what a probe has read."""
_STANDS_WITHIN = 20.0
"""Seconds. One that does not stand by then is made anew."""
_STEADY = 10.0
"""Seconds. One that stood for so long did not end because of how we make it: no long pause before the next."""
_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 10.0
_LOOKS_EVERY = 1.0


class Hears(Protocol):
    """Who is told, on the event loop, of channels that are followed."""

    def begins(self, channel_id: str, revision: Revision | None) -> None:
        """A listener stands, where none did: whatever was before may have been missed."""

    def heard(self, revision: Revision) -> None:
        """A change, ours or foreign; may be told twice."""

    def knows(self, revision: Revision) -> bool:
        """Whether that one has been heard of."""


class Listeners:
    """Costs nothing, no connection and no thread, while nothing is followed.

    A listener bills a read for each channel's document when it is made, and one for each change. A channel that is not
    followed any more stays with its listener (and bills its changes) until that one is made anew or is of no more use.
    """

    def __init__(self, connect: Callable[[], ListeningClient], hears: Hears, meter: Meter) -> None:
        self._connect = connect
        self._hears = hears
        self._meter = meter
        self._wanted: frozenset[str] = frozenset()
        self._begun: set[str] = set()
        """Those of the wanted whose every change since `begins` was or will be heard."""
        self._listeners: list[Listener] = []
        self._link: Link | None = None
        self._probing = False
        self._probed = 0.0
        self._probes = 0
        self._failures = 0
        self._not_before = 0.0
        self._wake = asyncio.Event()
        self._chores: set[asyncio.Task[None]] = set()
        self._keeper: asyncio.Task[None] | None = None

    def follow(self, channel_ids: frozenset[str]) -> None:
        self._wanted = channel_ids
        self._begun &= channel_ids
        for listener in self._listeners:
            if listener.standing:
                self._begin(listener)
        if channel_ids and self._keeper is None:
            self._keeper = asyncio.create_task(self._keep())
        self._wake.set()

    def followed(self, channel_id: str) -> bool:
        return channel_id in self._begun and any(
            listener.standing and channel_id in listener.channel_ids for listener in self._listeners
        )

    def suspect(self, channel_id: str) -> None:
        """Something should have been heard of it by now: finds out at once who is to blame."""
        if not self._probing:
            self._probing = True
            self._chore(self._probe(channel_id))

    async def close(self) -> None:
        self._wanted = frozenset()
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.gather(self._keeper, return_exceptions=True)
        self._leave_all()
        while self._chores:
            await asyncio.gather(*self._chores)

    # What the listeners say

    def _heard(self, listener: Listener, revisions: list[Revision], first: bool) -> None:
        if first or revisions:
            self._meter.looked_up(len(revisions))
        for revision in revisions:
            if revision.channel_id in self._begun:
                self._hears.heard(revision)
        self._begin(listener)
        if first:
            self._wake.set()

    def _begin(self, listener: Listener) -> None:
        for channel_id in sorted((listener.channel_ids & self._wanted) - self._begun):
            self._begun.add(channel_id)
            self._hears.begins(channel_id, listener.latest.get(channel_id))

    def _ended(self, listener: Listener) -> None:
        if listener not in self._listeners:  # let go a moment ago
            return
        now = asyncio.get_running_loop().time()
        self._listeners.remove(listener)
        # One whose stream is being opened again will be told what it missed; one that was never open will not.
        self._begun -= listener.channel_ids - self._covered(stood=True)
        if now >= self._not_before:  # several that end together are one failure
            steady = listener.stood_since is not None and now - listener.stood_since > _STEADY
            self._failures = 0 if steady else self._failures + 1
            pause = min(_FIRST_PAUSE * 2 ** min(self._failures, 10), _LONGEST_PAUSE)
            self._not_before = now + pause * random.uniform(0.5, 1)  # noqa: S311
        self._chore(listener.shut())
        self._wake.set()
        log.warning(
            "feed_listener_lost",
            channels=len(listener.channel_ids),
            pause_seconds=round(self._not_before - now, 1),
            error=f"{type(listener.error).__name__}: {listener.error}",
        )

    # Keeping them

    async def _keep(self) -> None:
        while True:
            self._wake.clear()
            try:
                self._arrange(asyncio.get_running_loop().time())
            except Exception:  # whatever it is: the next look may do better, and nobody else would look
                log.exception("feed_listeners_not_arranged")
            try:
                async with asyncio.timeout(_LOOKS_EVERY if self._wanted else None):
                    await self._wake.wait()
            except TimeoutError:
                pass

    def _arrange(self, now: float) -> None:
        for listener in list(self._listeners):
            if not listener.standing and now - listener.fell > _STANDS_WITHIN:
                listener.end(TimeoutError(f"did not stand within {_STANDS_WITHIN:g} s"))
        if not self._wanted:
            self._leave_all()
            return
        self._drop_superfluous()
        starting = any(listener.stood_since is None for listener in self._listeners)
        if self._not_before > now:
            asyncio.get_running_loop().call_later(self._not_before - now, self._wake.set)
        elif not starting:
            for channel_ids in self._missing():
                self._start(channel_ids)
        signs = [listener.last_sign for listener in self._listeners]
        if signs and now - max(*signs, self._probed) >= PROBE_AFTER:
            in_turn = sorted(self._wanted & self._covered())
            self._probes += 1
            self.suspect(in_turn[self._probes % len(in_turn)])

    def _drop_superfluous(self) -> None:
        """Of two that hear the same the older goes, once the newer one stands."""
        for listener in list(self._listeners):
            others = frozenset[str]().union(
                *(one.channel_ids for one in self._listeners if one is not listener and one.standing)
            )
            if not (listener.channel_ids & self._wanted) - others:
                self._listeners.remove(listener)
                self._chore(listener.shut())

    def _missing(self) -> list[frozenset[str]]:
        """What new listeners are to hear: the channels that nobody hears, and with them those of the smallest other
        listeners, where one can do the work of several."""
        missing = sorted(self._wanted - self._covered())
        full = [frozenset(missing[at : at + MOST_CHANNELS]) for at in range(0, len(missing), MOST_CHANNELS)]
        if not full:
            return []
        last = full.pop()
        for wanted in sorted((one.channel_ids & self._wanted for one in self._listeners), key=len):
            if len(last | wanted) <= MOST_CHANNELS:
                last |= wanted
        return [*full, last]

    def _start(self, channel_ids: frozenset[str]) -> None:
        if self._link is None:
            self._link = Link(self._connect())
        listener = Listener(self._link, channel_ids, self._heard, self._ended)
        self._listeners.append(listener)
        self._chore(listener.open())

    def _covered(self, *, stood: bool = False) -> frozenset[str]:
        heard = (one.channel_ids for one in self._listeners if not stood or one.stood_since is not None)
        return frozenset[str]().union(*heard)

    def _leave_all(self) -> None:
        shutting = [listener.shut() for listener in self._listeners]
        self._listeners.clear()
        link, self._link = self._link, None
        if link is not None:
            self._chore(_leave(link, shutting))

    # Whether the connection lives

    async def _probe(self, channel_id: str) -> None:
        link = self._link
        try:
            if link is None:
                return
            document = link.client.collection(COLLECTION).document(channel_id)
            found = await link.run(lambda: document.get(retry=None, timeout=_PROBE_WITHIN))
            self._meter.looked_up(1)
            if found.exists:
                asyncio.get_running_loop().call_later(_TOLD_WITHIN, self._compare, read(found))
        except (google_errors.DeadlineExceeded, google_errors.RetryError):
            if link is self._link:
                self._lose_connection(f"the connection did not answer within {_PROBE_WITHIN:g} s")
        except Exception as error:
            # An answer; or there is no connection, then gRPC makes it again and the listeners wait for that.
            if link is self._link:
                log.info("feed_probe_refused", error=f"{type(error).__name__}: {error}")
        finally:
            self._probed = asyncio.get_running_loop().time()
            self._probing = False

    def _compare(self, revision: Revision) -> None:
        if self.followed(revision.channel_id) and not self._hears.knows(revision):
            for listener in list(self._listeners):
                if revision.channel_id in listener.channel_ids:
                    listener.end(ConnectionError(f"it has not told of a change after {_TOLD_WITHIN:g} s"))

    def _lose_connection(self, why: str) -> None:
        link, self._link = self._link, None
        for listener in list(self._listeners):
            listener.end(ConnectionError(why))
        if link is not None:
            self._chore(_leave(link, []))

    def _chore(self, work: Coroutine[None, None, None]) -> None:
        chore = asyncio.create_task(_logged(work))
        self._chores.add(chore)
        chore.add_done_callback(self._chores.discard)


async def _logged(work: Coroutine[None, None, None]) -> None:
    try:
        await work
    except Exception:
        log.exception("feed_listener_chore_failed")


async def _leave(link: Link, shutting: list[Coroutine[None, None, None]]) -> None:
    await asyncio.gather(*shutting)
    await link.close()
