"""One EventSub socket, from its welcome to its end.

Source: https://dev.twitch.tv/docs/eventsub/handling-websocket-events/. Nothing is ever sent on it: Twitch would close
it. It is lost when nothing, not even a keepalive, came for longer than its welcome promised.
"""

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException

from vip_manager.ports import Malformed
from vip_manager.twitch.eventsub.messages import Frame, Session, parse_frame, parse_session

if TYPE_CHECKING:
    from websockets.asyncio.client import ClientConnection

CLOSE_CODES = {
    4000: "an error of Twitch's own",
    4001: "something was sent on it",
    4002: "a ping was not answered",
    4003: "no subscription was made in time",
    4004: "the move to another server took too long",
    4005: "Twitch's network timed out",
    4006: "Twitch's network failed",
    4007: "the address to move to was wrong",
}

LOCAL = ("localhost", "127.0.0.1", "::1")
"""Not reached through a proxy of the environment."""

# It logs every frame at DEBUG, with the names of viewers.
logging.getLogger("websockets.client").setLevel(logging.INFO)


class Lost(Exception):
    """The socket is no more, or never was. The message says why, in a sentence for the log."""


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds: for the connection and its welcome; beyond the keepalive that was promised; for a polite goodbye."""

    welcome: float = 10.0
    grace: float = 5.0
    goodbye: float = 1.0


class Connection:
    def __init__(self, socket: "ClientConnection", session: Session, patience: Patience) -> None:
        self._socket = socket
        self._patience = patience
        self._goodbye: asyncio.Task[None] | None = None
        self.session = session

    @classmethod
    async def open(cls, url: str, patience: Patience) -> "Connection":
        """Connected and welcomed. Raises Lost."""
        # Where events come by webhook there is no such connection.
        from websockets.asyncio.client import connect

        try:
            socket = await connect(
                url,
                open_timeout=patience.welcome,
                close_timeout=patience.goodbye,
                proxy=None if urlsplit(url).hostname in LOCAL else True,
                ping_interval=None,  # Twitch pings; the keepalive is the watchdog
                compression=None,  # would cost more memory a channel than it saves on small messages
                logger=logging.getLogger("websockets.client"),
            )
        except InvalidStatus as error:
            raise Lost(f"Twitch refused the connection with {error.response.status_code}") from error
        except OSError as error:
            raise Lost(f"can't connect to Twitch: {error}") from error
        except (WebSocketException, ValueError) as error:  # may hold the address, which can be a session's own
            raise Lost(f"can't connect to Twitch: {type(error).__name__}") from None
        try:
            async with asyncio.timeout(patience.welcome):
                frame = parse_frame(await _receive(socket))
            if frame.type != "session_welcome":
                raise Lost(f"Twitch began with {frame.type} instead of a welcome")
            return cls(socket, parse_session(frame.payload), patience)
        except TimeoutError:
            await socket.close()
            raise Lost(f"no welcome within {patience.welcome:g} s") from None
        except Malformed as error:
            await socket.close()
            raise Lost(f"the welcome could not be read: {error}") from error
        except BaseException:
            await socket.close()
            raise

    async def next(self) -> Frame:
        """Safe to cancel: no message is lost by it. Raises Lost, and Malformed, after which it can be read on."""
        silence = self.session.keepalive + self._patience.grace
        try:
            async with asyncio.timeout(silence):
                raw = await _receive(self._socket)
        except TimeoutError:
            raise Lost(f"nothing was heard from Twitch for {silence:g} s") from None
        return parse_frame(raw)

    async def last(self) -> Frame | None:
        """What is still to come of a connection that is left for another; None at its end. Raises Malformed.

        The other side answers a goodbye behind all that it had sent before: what is on its way is not lost, be the new
        connection ever so much faster.
        """
        try:
            if self._goodbye is None:
                with suppress(TimeoutError):
                    async with asyncio.timeout(0):  # bites only where there is something to wait for
                        return parse_frame(await _receive(self._socket))
                self._goodbye = asyncio.create_task(self._socket.close())
            return parse_frame(await _receive(self._socket))
        except Lost:
            await self.close()
            return None

    async def close(self) -> None:
        await self._socket.close()
        if self._goodbye is not None:
            await self._goodbye


async def _receive(socket: "ClientConnection") -> bytes:
    try:
        return await socket.recv(decode=False)  # what is no UTF-8 is one bad message, and no reason to hang up
    except ConnectionClosed as error:
        raise Lost(_why_closed(error)) from error


def _why_closed(error: ConnectionClosed) -> str:
    if error.rcvd is None:
        return "the connection broke"
    why = CLOSE_CODES.get(error.rcvd.code, error.rcvd.reason or "no reason given")
    return f"Twitch closed the connection: {error.rcvd.code}, {why}"
