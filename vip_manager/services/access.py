"""Who is asking, and may they."""

import hashlib
import secrets
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from vip_manager.domain.account import Account, SignIn
from vip_manager.domain.audit import Action, AuditEntry
from vip_manager.domain.team import ALLOWED, May, Role
from vip_manager.ports import Clock, Conflict, Store
from vip_manager.services.changes import Changes, Note

log = structlog.get_logger(__name__)

UNUSED_FOR = timedelta(days=7)
"""A browser that was not there for so long is signed out."""
SIGNED_IN_FOR = timedelta(days=30)
"""However often it is there: then it signs in again."""
SEEN_EVERY = timedelta(hours=1)
"""So often it is written down that a browser is there."""
_MOST_REMEMBERED = 50
"""Ended sign-ins of one person that other instances are told of: each is told at once, and once."""


class NotSignedIn(Exception):
    """Nobody is signed in, or not any more."""


class NotAllowed(Exception):
    """The person may not do that in this channel. `role` is the one they have there; None: they have no part in it."""

    def __init__(self, role: Role | None = None) -> None:
        super().__init__(role or "no part in the channel")
        self.role = role


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody signed in. `reconnect`: Twitch no longer takes their token; `connected`: we may act for their channel;
    `through`: the name of the API token by which they act, empty where they do it themselves, on a page."""

    id: str
    login: str
    username: str
    avatar_url: str
    connected: bool
    reconnect: bool
    sign_in_id: str = ""
    through: str = ""


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody who may act in a channel, in the role that they have there."""

    person: Person
    channel_id: str
    role: Role

    def may(self, act: May) -> bool:
        return act in ALLOWED[self.role]


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A browser that somebody is signed in with. `handle` names it on a page, and opens nothing; `here`: the one that
    asks."""

    handle: str
    browser: str
    since: datetime
    seen_at: datetime
    here: bool


Told = Callable[[str], Awaitable[None]]


class Access:
    """Signs in, recognises and signs out browsers by a random cookie whose hash alone is stored."""

    def __init__(self, store: Store, clock: Clock, cookie_name: str, changes: Changes) -> None:
        self._store = store
        self._clock = clock
        self._changes = changes
        self.cookie_name = cookie_name
        self._on_sign_out: list[Told] = []

    def when_signed_out(self, tell: Told) -> None:
        """`tell` is awaited with the sign-in's id whenever one has ended, here or in another instance."""
        self._on_sign_out.append(tell)

    async def sign_in(self, user_id: str, browser: str = "", cookie_header: str = "") -> str:
        """A new session; returns the cookie's value, 256 random bits. The one that this browser had before, by its
        `Cookie` header, ends: where it was the same person's they have not signed out, and no line says so."""
        before = await self._sign_in(cookie_header)
        if before is not None and before.user_id != user_id:
            await self._end([before])
            before = None
        value = secrets.token_urlsafe(32)
        while True:
            now = self._clock.real()
            over = [replace(before, expires_at=now)] if before and self._alive(before) else []
            sign_in = SignIn(_digest(value), user_id, now, now + UNUSED_FOR, now, browser)
            try:
                await self._store.commit(*over, sign_in, self._line(user_id, Action.SIGNED_IN))
                break
            except Conflict:
                if before is None:
                    raise
                before = await self._store.accounts.sign_in(before.id)
        for ended in over:
            await self._tell(ended.id)
        self._tell_others(over)
        return value

    async def sign_out(self, cookie_header: str) -> str | None:
        """Ends the session on the server; returns whose it was."""
        sign_in = await self._sign_in(cookie_header)
        if sign_in is None:
            return None
        await self._end([sign_in])
        return sign_in.user_id

    async def sign_out_one(self, person: Person, handle: str) -> bool:
        """Ends another session of that person; False where there is none of that name."""
        ended = [one for one in await self._live(person.id) if _handle(one) == handle]
        await self._end(ended)
        return bool(ended)

    async def sign_out_everywhere(self, user_id: str) -> int:
        """Ends every session of that person; says how many."""
        ended = await self._live(user_id)
        await self._end(ended)
        return len(ended)

    async def signed_in(self, person: Person) -> list[SignedIn]:
        """Where that person is signed in, the browser that asks first, then the one that was there last."""
        found = [_shown(one, person) for one in await self._live(person.id)]
        return sorted(found, key=lambda one: (one.here, one.seen_at), reverse=True)

    async def told(self, user_id: str, note: Note) -> None:
        """Another instance has ended sign-ins of that person."""
        ended = note.get(_ENDED)
        for sign_in_id in ended if isinstance(ended, list) else ():
            await self._tell(str(sign_in_id))

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
        """Whether that browser is still signed in. A page that is open counts as being there."""
        sign_in = await self._store.accounts.sign_in(sign_in_id)
        if sign_in is None or not self._alive(sign_in):
            return False
        await self._seen(sign_in)
        return True

    async def named(self, user_id: str) -> Person | None:
        """Somebody by their id, whether signed in now or not."""
        account = await self._store.accounts.get(user_id)
        return _person(account) if account else None

    async def by_whom(self, user_id: str, channel_id: str) -> Person | None:
        """Who did something in that channel, for its log; None where that is nobody. Whoever has no account any more is
        still known by their id, and by the name that the channel has for them, if it has one."""
        if not user_id:
            return None
        if found := await self.named(user_id):
            return found
        channel = await self._store.channels.get(channel_id)
        known = channel if channel and channel.id == user_id else channel and channel.member(user_id)
        return Person(user_id, known.login if known else "", known.username if known else "", "", False, False)

    async def sweep(self) -> int:
        """Forgets sessions that are over; says how many."""
        return await self._store.accounts.forget_sign_ins(self._clock.real())

    async def _sign_in(self, cookie_header: str) -> SignIn | None:
        value = _cookies(cookie_header).get(self.cookie_name)
        if not value:
            return None
        sign_in = await self._store.accounts.sign_in(_digest(value))
        return await self._seen(sign_in) if sign_in and self._alive(sign_in) else None

    def _alive(self, sign_in: SignIn) -> bool:
        return sign_in.expires_at > self._clock.real()

    async def _live(self, user_id: str) -> list[SignIn]:
        return [one for one in await self._store.accounts.sign_ins(user_id) if self._alive(one)]

    async def _seen(self, sign_in: SignIn) -> SignIn:
        """Its end moves on, but never beyond the absolute one."""
        now = self._clock.real()
        if now - (sign_in.seen_at or sign_in.created_at) < SEEN_EVERY:
            return sign_in
        ends = min(now + UNUSED_FOR, sign_in.created_at + SIGNED_IN_FOR)
        if ends <= now:
            return sign_in
        try:
            return await self._store.commit(replace(sign_in, seen_at=now, expires_at=ends))
        except Conflict:
            # Another tab was quicker; or it was ended this moment, which the next look finds.
            return sign_in

    async def _end(self, sign_ins: Sequence[SignIn]) -> None:
        """Ended now, and deleted by a later sweep: each change and its line are one commit."""
        for sign_in in sign_ins:
            current: SignIn | None = sign_in
            while current is not None and self._alive(current):
                try:
                    over = replace(current, expires_at=self._clock.real())
                    await self._store.commit(over, self._line(current.user_id, Action.SIGNED_OUT))
                    break
                except Conflict:
                    current = await self._store.accounts.sign_in(sign_in.id)
            await self._tell(sign_in.id)
        self._tell_others(sign_ins)

    def _tell_others(self, sign_ins: Sequence[SignIn]) -> None:
        if sign_ins:
            ids = [one.id for one in sign_ins]
            self._changes.note(sign_ins[0].user_id, lambda note: _with_ended(note, ids), here=False)

    async def _tell(self, sign_in_id: str) -> None:
        for tell in self._on_sign_out:
            try:
                await tell(sign_in_id)
            except Exception:
                log.exception("open pages not told of a sign-out")

    def _line(self, user_id: str, action: Action) -> AuditEntry:
        return AuditEntry(secrets.token_hex(12), user_id, self._clock.now(), action, actor_id=user_id)


_ENDED = "signedOut"


def _with_ended(note: Note, sign_in_ids: Sequence[str]) -> Note:
    """In the note of a person's own channel, whether they have one or not."""
    known = note.get(_ENDED)
    ended = [*(known if isinstance(known, list) else ()), *sign_in_ids]
    return {**note, _ENDED: ended[-_MOST_REMEMBERED:]}


def _handle(sign_in: SignIn) -> str:
    return sign_in.id[:16]


def _shown(sign_in: SignIn, person: Person) -> SignedIn:
    return SignedIn(
        handle=_handle(sign_in),
        browser=sign_in.browser,
        since=sign_in.created_at,
        seen_at=sign_in.seen_at or sign_in.created_at,
        here=sign_in.id == person.sign_in_id,
    )


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
