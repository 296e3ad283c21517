"""Who is asking, and may they."""

import hashlib
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from http.cookies import CookieError, SimpleCookie

from vip_manager.domain.account import Account, SignIn
from vip_manager.ports import Clock, Store

SIGNED_IN_FOR = timedelta(days=14)


class NotSignedIn(Exception):
    """Nobody is signed in, or not any more."""


class NotAllowed(Exception):
    """The person may not do that in this channel."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody signed in. `reconnect`: Twitch no longer takes their token; `connected`: we may act for their
    channel."""

    id: str
    login: str
    username: str
    avatar_url: str
    connected: bool
    reconnect: bool
    sign_in_id: str = ""


class Access:
    """Signs in, recognises and signs out browsers by a random cookie whose hash alone is stored."""

    def __init__(self, store: Store, clock: Clock, cookie_name: str) -> None:
        self._store = store
        self._clock = clock
        self.cookie_name = cookie_name
        self._on_sign_out: list[Callable[[str], Awaitable[None]]] = []

    def when_signed_out(self, tell: Callable[[str], Awaitable[None]]) -> None:
        """`tell` is called with the sign-in's id whenever one has ended here."""
        self._on_sign_out.append(tell)

    async def sign_in(self, user_id: str) -> str:
        """A new session; returns the cookie's value, 256 random bits."""
        value = secrets.token_urlsafe(32)
        now = self._clock.real()
        await self._store.commit(SignIn(_digest(value), user_id, now, now + SIGNED_IN_FOR))
        return value

    async def sign_out(self, cookie_header: str) -> str | None:
        """Ends the session on the server; returns whose it was."""
        sign_in = await self._sign_in(cookie_header)
        if sign_in is None:
            return None
        await self._store.delete(sign_in)
        for tell in self._on_sign_out:
            await tell(sign_in.id)
        return sign_in.user_id

    async def person(self, cookie_header: str) -> Person | None:
        """Who sends this `Cookie` header."""
        sign_in = await self._sign_in(cookie_header)
        if sign_in is None:
            return None
        account = await self._store.accounts.get(sign_in.user_id)
        return _person(account, sign_in) if account else None

    async def require(self, cookie_header: str, channel_id: str) -> Person:
        """The person, if they may act in that channel. Raises NotSignedIn, NotAllowed."""
        person = await self.person(cookie_header)
        if person is None:
            raise NotSignedIn
        if person.id != channel_id:
            raise NotAllowed
        return person

    async def sweep(self) -> int:
        """Forgets sessions that are over; says how many."""
        return await self._store.accounts.forget_sign_ins(self._clock.real())

    async def _sign_in(self, cookie_header: str) -> SignIn | None:
        try:
            morsel = SimpleCookie(cookie_header).get(self.cookie_name)
        except CookieError:
            return None
        if morsel is None or not morsel.value:
            return None
        sign_in = await self._store.accounts.sign_in(_digest(morsel.value))
        if sign_in is None or sign_in.expires_at <= self._clock.real():
            return None
        return sign_in


def _digest(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()


def _person(account: Account, sign_in: SignIn) -> Person:
    return Person(
        id=account.id,
        login=account.login,
        username=account.username,
        avatar_url=account.avatar_url,
        connected=account.may_manage,
        reconnect=account.reconnect,
        sign_in_id=sign_in.id,
    )
