"""Who is asking, and may they."""

import hashlib
import secrets
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta

import structlog

from vip_manager.domain.account import Account, SignIn
from vip_manager.domain.audit import Action, AuditEntry
from vip_manager.domain.team import ALLOWED, May, Role
from vip_manager.ports import Clock, Conflict, Store

log = structlog.get_logger(__name__)

SIGNED_IN_FOR = timedelta(days=14)


class NotSignedIn(Exception):
    """Nobody is signed in, or not any more."""


class NotAllowed(Exception):
    """The person may not do that in this channel. `role` is the one they have there; None: they have no part in it."""

    def __init__(self, role: Role | None = None) -> None:
        super().__init__(role or "no part in the channel")
        self.role = role


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


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody who may act in a channel, in the role that they have there."""

    person: Person
    channel_id: str
    role: Role

    def may(self, act: May) -> bool:
        return act in ALLOWED[self.role]


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
        entry = AuditEntry(secrets.token_hex(12), user_id, self._clock.now(), Action.SIGNED_IN, actor_id=user_id)
        await self._store.commit(SignIn(_digest(value), user_id, now, now + SIGNED_IN_FOR), entry)
        return value

    async def sign_out(self, cookie_header: str) -> str | None:
        """Ends the session on the server; returns whose it was."""
        sign_in = await self._sign_in(cookie_header)
        if sign_in is None:
            return None
        entry = AuditEntry(
            secrets.token_hex(12), sign_in.user_id, self._clock.now(), Action.SIGNED_OUT, actor_id=sign_in.user_id
        )
        # Ended now, and deleted by the next sweep: a change and its line are one commit.
        await self._store.commit(replace(sign_in, expires_at=self._clock.real()), entry)
        for tell in self._on_sign_out:
            try:
                await tell(sign_in.id)
            except Exception:
                log.exception("open pages not told of a sign-out")
        return sign_in.user_id

    async def sign_out_everywhere(self, user_id: str) -> None:
        """Ends every session of that person, in whichever browser."""
        now = self._clock.real()
        for sign_in in await self._store.accounts.sign_ins(user_id):
            if sign_in.expires_at > now:
                entry = AuditEntry(
                    secrets.token_hex(12), user_id, self._clock.now(), Action.SIGNED_OUT, actor_id=user_id
                )
                with suppress(Conflict):
                    await self._store.commit(replace(sign_in, expires_at=now), entry)
            for tell in self._on_sign_out:
                try:
                    await tell(sign_in.id)
                except Exception:
                    log.exception("open pages not told of a sign-out")

    async def person(self, cookie_header: str) -> Person | None:
        """Who sends this `Cookie` header."""
        sign_in = await self._sign_in(cookie_header)
        if sign_in is None:
            return None
        account = await self._store.accounts.get(sign_in.user_id)
        return _person(account, sign_in.id) if account else None

    async def require(self, cookie_header: str, channel_id: str, act: May) -> Visit:
        """Whoever sends this `Cookie` header, if they may do that in the channel. Raises NotSignedIn, NotAllowed."""
        person = await self.person(cookie_header)
        if person is None:
            raise NotSignedIn
        role = await self.role(person.id, channel_id)
        if role is None or act not in ALLOWED[role]:
            raise NotAllowed(role)
        return Visit(person, channel_id, role)

    async def role(self, user_id: str, channel_id: str) -> Role | None:
        """What part that person has in the channel."""
        if user_id == channel_id:
            return Role.OWNER
        channel = await self._store.channels.get(channel_id)
        return channel.role_of(user_id) if channel else None

    async def alive(self, sign_in_id: str) -> bool:
        """Whether that browser is still signed in."""
        sign_in = await self._store.accounts.sign_in(sign_in_id)
        return sign_in is not None and sign_in.expires_at > self._clock.real()

    async def named(self, user_id: str) -> Person | None:
        """Somebody by their id, whether signed in now or not."""
        account = await self._store.accounts.get(user_id)
        return _person(account) if account else None

    async def sweep(self) -> int:
        """Forgets sessions that are over; says how many."""
        return await self._store.accounts.forget_sign_ins(self._clock.real())

    async def _sign_in(self, cookie_header: str) -> SignIn | None:
        value = _cookies(cookie_header).get(self.cookie_name)
        if not value:
            return None
        sign_in = await self._store.accounts.sign_in(_digest(value))
        if sign_in is None or sign_in.expires_at <= self._clock.real():
            return None
        return sign_in


def _cookies(header: str) -> dict[str, str]:
    """As browsers send them. The standard library's parser gives up at the first that another program made oddly."""
    pairs = (pair.partition("=") for pair in header.split(";"))
    return {name.strip(): value.strip() for name, _, value in pairs}


def _digest(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()


def _person(account: Account, sign_in_id: str = "") -> Person:
    return Person(
        id=account.id,
        login=account.login,
        username=account.username,
        avatar_url=account.avatar_url,
        connected=account.may_manage,
        reconnect=account.reconnect,
        sign_in_id=sign_in_id,
    )
