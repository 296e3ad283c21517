"""Personal API tokens: what other programs of the staff's act with, each in its maker's place."""

import hashlib
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from vip_manager.domain.api_token import MOST_TOKENS, ApiToken, TokenScope
from vip_manager.domain.audit import Action, AuditEntry
from vip_manager.domain.channel import Channel
from vip_manager.domain.team import ALLOWED, May
from vip_manager.domain.terms import InvalidInput
from vip_manager.ports import Clock, Conflict, Store
from vip_manager.services.access import Access, NotAllowed, NotSignedIn, Person, Visit
from vip_manager.services.changes import Changes
from vip_manager.services.channels import stays
from vip_manager.services.journal import line

PREFIX = "vip_"
"""Tells people, and whoever searches a repository for secrets, what it is."""
LONGEST_NAME = 50
_USED_EVERY = timedelta(hours=1)
"""So often it is written down that a token is in use."""


class NotMade(Exception):
    """The message says why, in words."""


@dataclass(frozen=True, slots=True)
class Made:
    """`secret` is the token itself, which is told this once and stored nowhere."""

    secret: str
    token: ApiToken


@dataclass(frozen=True, slots=True)
class Listed:
    """A token as a page shows it. `by` is the name of whoever made it, `mine` whether that is the one who asks; `works`
    is False where they are not on the channel's team now."""

    handle: str
    name: str
    scope: TokenScope
    made_at: datetime
    used_at: datetime | None
    by: str
    mine: bool
    works: bool


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls, with which token."""

    visit: Visit
    token: ApiToken

    def check(self, act: May) -> None:
        """Raises NotAllowed."""
        if not self.visit.may(act) or (self.token.scope is TokenScope.READ and act is not May.SEE):
            raise NotAllowed(self.visit.role)


class ApiTokenService:
    def __init__(self, store: Store, clock: Clock, access: Access, changes: Changes) -> None:
        self._store = store
        self._clock = clock
        self._access = access
        self._changes = changes

    async def make(self, person: Person, channel_id: str, name: object, scope: object) -> Made:
        """A new one of theirs. The caller has checked that the person has a part in the channel.
        Raises InvalidInput."""
        called, may = parse_name(name), parse_scope(scope)
        return await self._make(channel_id, person.id, called, may, person)

    async def make_for_owner(self, login: str, name: str, *, read_only: bool) -> str:
        """By whoever runs the program, for the owner of that channel. Raises NotMade."""
        channel = await self._of_login(login)
        scope = TokenScope.READ if read_only else TokenScope.WRITE
        try:
            return (await self._make(channel.id, channel.owner_id, parse_name(name), scope, None)).secret
        except InvalidInput as refused:
            raise NotMade(str(refused.sentence)) from refused

    async def revoke_all(self, login: str) -> int:
        """Of the owner's and everybody else's; says how many. Raises NotMade."""
        tokens = await self._store.api_tokens.of_channel((await self._of_login(login)).id)
        for token in tokens:
            await self._end(token, None)
        return len(tokens)

    async def listed(self, visit: Visit) -> list[Listed]:
        """Their own, the newest first; to whoever may change the team, everybody's."""
        channel = await self._store.channels.get(visit.channel_id)
        found = []
        for token in await self._store.api_tokens.of_channel(visit.channel_id):
            mine = token.user_id == visit.person.id
            if not mine and not visit.may(May.TEAM):
                continue
            maker = visit.person if mine else await self._access.by_whom(token.user_id, visit.channel_id)
            by = maker.username if maker and maker.username else token.user_id
            works = channel is not None and channel.role_of(token.user_id) is not None
            found.append(Listed(token.handle, token.name, token.scope, token.made_at, token.used_at, by, mine, works))
        return found

    async def revoke(self, person: Person, channel_id: str, handle: str) -> str:
        """Says what it was called. Raises NotAllowed for another's, unless they may change the team; InvalidInput where
        there is none such."""
        for token in await self._store.api_tokens.of_channel(channel_id):
            if token.handle == handle:
                role = await self._access.role(person.id, channel_id)
                if token.user_id != person.id and (role is None or May.TEAM not in ALLOWED[role]):
                    raise NotAllowed(role)
                await self._end(token, person)
                return token.name
        raise InvalidInput("token", "It is revoked already.")

    async def caller(self, token: str) -> Caller:
        """Who has that token, as what they are in the channel now. Raises NotSignedIn where it opens nothing."""
        found = await self._store.api_tokens.get(digest(token)) if token.startswith(PREFIX) else None
        if found is None:
            raise NotSignedIn
        channel = await self._store.channels.get(found.channel_id)
        role = channel.role_of(found.user_id) if channel and not channel.left else None
        # Whoever has deleted their account calls nowhere.
        person = await self._access.named(found.user_id)
        if role is None or person is None:
            raise NotSignedIn
        return Caller(Visit(person, found.channel_id, role), await self._used(found))

    async def sweep(self) -> int:
        """Forgets calls whose keys don't count any more; says how many."""
        return await self._store.api_calls.forget(self._clock.real())

    async def _of_login(self, login: str) -> Channel:
        channel = await self._store.channels.by_login(login.removeprefix("@").lower())
        if channel is None:
            raise NotMade(f"No channel named {login} uses VIP Manager.")
        return channel

    async def _make(self, channel_id: str, user_id: str, name: str, scope: TokenScope, person: Person | None) -> Made:
        channel = await self._store.channels.get(channel_id)
        if channel is None:
            raise InvalidInput("channel", "No such channel uses VIP Manager.")
        stays(channel)
        there = [one for one in await self._store.api_tokens.of_channel(channel_id) if one.user_id == user_id]
        if len(there) >= MOST_TOKENS:
            raise InvalidInput("name", "There are {most, number} tokens already. Revoke one.", most=MOST_TOKENS)
        token = PREFIX + secrets.token_urlsafe(32)
        made = ApiToken(digest(token), channel_id, user_id, name, scope, self._clock.real())
        await self._store.commit(made, self._line(made, Action.TOKEN_MADE, person))
        self._changes.announce(channel_id)
        return Made(token, made)

    async def _end(self, token: ApiToken, person: Person | None) -> None:
        # The line first: a token without one would have ended by nobody; one that is there twice harms nothing.
        current: ApiToken | None = token
        while current is not None:
            try:
                current = await self._store.commit(current, self._line(token, Action.TOKEN_REVOKED, person))
                break
            except Conflict:
                current = await self._store.api_tokens.get(token.id)
        if current is not None:
            await self._store.delete(current)
            self._changes.announce(token.channel_id)

    async def _used(self, token: ApiToken) -> ApiToken:
        now = self._clock.real()
        if token.used_at and now - token.used_at < _USED_EVERY:
            return token
        try:
            return await self._store.commit(replace(token, used_at=now))
        except Conflict:
            # Another call was quicker; or it was revoked this moment, which the next call finds.
            return token

    def _line(self, token: ApiToken, action: Action, person: Person | None) -> AuditEntry:
        return line(token.channel_id, self._clock.now(), action, person, name=token.name, scope=token.scope.value)


def parse_name(value: object) -> str:
    """Raises InvalidInput."""
    name = " ".join(str(value).split())
    if not 1 <= len(name) <= LONGEST_NAME or not name.isprintable():
        raise InvalidInput("name", "Give it a name of 1 to {most, number} characters.", most=LONGEST_NAME)
    return name


def parse_scope(value: object) -> TokenScope:
    """Raises InvalidInput."""
    scope = next((one for one in TokenScope if one == value), None)
    if scope is None:
        raise InvalidInput("scope", "Choose what it may do: look, or also give and end VIP.")
    return scope


def digest(token: str) -> str:
    """What is stored of it. It has 256 random bits: nothing slower is needed."""
    return hashlib.sha256(token.encode()).hexdigest()
