"""Personal API tokens: made, shown once, listed, revoked; and who comes with one."""

import hashlib
import re
import secrets
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

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
from vip_manager.services.turns import Turns

log = structlog.get_logger(__name__)

PREFIX = "vip_"
"""How each begins, so that people and scanners know one when they see it."""
LONGEST_NAME = 40
USED_EVERY = timedelta(hours=1)
"""So often it is written down that a token is used."""
NAMELESS = "My token"
_FORM = re.compile(rf"{PREFIX}[A-Za-z0-9_-]{{43}}")
_RACES = 5


@dataclass(frozen=True, slots=True)
class Made:
    """`secret` is the token itself: it is told this once, and is stored nowhere."""

    token: ApiToken
    secret: str


@dataclass(frozen=True, slots=True)
class Listed:
    """`by` is the name of whoever made it, `mine` whether that is the one who asks; `works` is False where they are not
    on the channel's team now."""

    handle: str
    name: str
    scope: TokenScope
    made_at: datetime
    used_at: datetime | None
    by: str
    mine: bool
    works: bool


@dataclass(frozen=True, slots=True)
class TokenVisit(Visit):
    """Somebody's program, with the part that its maker has in the channel now."""

    token: ApiToken
    channel: Channel

    def may(self, act: May) -> bool:
        scoped = act is May.SEE or self.token.scope is TokenScope.WRITE
        return scoped and act in ALLOWED[self.role]


class NotInScope(Exception):
    """The token is to read only; its maker may."""


class Tokens:
    """No token is kept in memory, nor whether one is good: what is revoked opens nothing from that moment, in any
    instance."""

    def __init__(self, store: Store, clock: Clock, changes: Changes, turns: Turns, access: Access) -> None:
        self._store = store
        self._clock = clock
        self._changes = changes
        self._turns = turns
        self._access = access

    async def make(self, person: Person, channel_id: str, name: str, scope: object) -> Made:
        """The caller has checked that the person has a part in the channel. Raises InvalidInput, StoreError."""
        return await self._make(person, channel_id, parse_name(name), parse_scope(scope), by=person)

    async def make_for_owner(self, channel_id: str, name: str, scope: TokenScope) -> Made:
        """Like `make`, by whoever runs the program."""
        channel = await self._store.channels.get(channel_id)
        if channel is None or channel.left:
            raise InvalidInput("channel", "That channel has left VIP Manager.")
        owner = await self._access.by_whom(channel.owner_id, channel_id)
        assert owner is not None
        return await self._make(owner, channel_id, parse_name(name), scope, by=None)

    async def listed(self, person: Person, channel_id: str) -> list[Listed]:
        """The person's own; the owner sees everybody's. The newest first. Raises StoreError."""
        channel = await self._store.channels.get(channel_id)
        tokens = await self._of_channel(channel_id)
        if channel is None:
            return []
        every = person.id == channel.owner_id
        return [await self._listed(one, channel, person) for one in tokens if every or one.user_id == person.id]

    async def revoke(self, person: Person, channel_id: str, handle: str) -> ApiToken:
        """One's own; anybody's for who may do that (May.TEAM). Raises InvalidInput, StoreError."""
        found = next((one for one in await self._of_channel(channel_id) if one.handle == handle), None)
        role = await self._access.role(person.id, channel_id)
        anybodys = role is not None and May.TEAM in ALLOWED[role]
        if found is None or not (found.user_id == person.id or anybodys):
            raise InvalidInput("handle", "That token has been revoked already.")
        await self._revoke(found, person)
        return found

    async def revoke_all(self, channel_id: str, name: str = "") -> int:
        """All of a channel, or those of that name, by whoever runs the program; says how many."""
        found = [one for one in await self._of_channel(channel_id) if not name or one.name == name]
        for one in found:
            await self._revoke(one, None)
        return len(found)

    async def visit(self, bearer: str) -> TokenVisit:
        """Who comes with that token. Raises NotSignedIn where it is none (any more), StoreError."""
        token = await self._store.api_tokens.get(digest(bearer)) if _FORM.fullmatch(bearer) else None
        if token is None or token.revoked_at is not None:
            raise NotSignedIn
        channel = await self._store.channels.get(token.channel_id)
        role = channel.role_of(token.user_id) if channel and not channel.left else None
        person = await self._access.named(token.user_id) if role else None
        if channel is None or role is None or person is None:
            raise NotSignedIn
        token = await self._used(token)
        return TokenVisit(replace(person, through=token.name), channel.id, role, token, channel)

    async def _make(self, maker: Person, channel_id: str, name: str, scope: TokenScope, *, by: Person | None) -> Made:
        secret = PREFIX + secrets.token_urlsafe(32)
        async with self._turns.here("api tokens", channel_id, maker.id):
            for _ in range(_RACES):
                channel = await self._store.channels.get(channel_id)
                if channel is None:
                    raise InvalidInput("channel", "There is no such channel here.")
                stays(channel)
                theirs = [one for one in await self._of_channel(channel_id) if one.user_id == maker.id]
                if len(theirs) >= MOST_TOKENS:
                    raise InvalidInput(
                        "name",
                        "One person has at most {most, number} tokens in a channel. Revoke one first.",
                        most=MOST_TOKENS,
                    )
                now = self._clock.real()
                token = ApiToken(digest(secret), channel_id, maker.id, name, scope, now)
                with suppress(Conflict):
                    # With the channel, as it is: whoever leaves meanwhile leaves no token behind.
                    await self._store.commit(token, channel, self._line(token, Action.TOKEN_MADE, by))
                    self._changes.announce(channel_id)
                    log.info("api token made", channel_id=channel_id, user_id=maker.id, scope=scope)
                    return Made(token, secret)
        raise Conflict("the channel is changing too fast")

    async def _revoke(self, token: ApiToken, by: Person | None) -> None:
        """First it opens nothing any more, in one commit with its line; then it is gone."""
        current: ApiToken | None = token
        for _ in range(_RACES):
            if current is None or current.revoked_at is not None:
                break
            over = replace(current, revoked_at=self._clock.real())
            try:
                current = await self._store.commit(over, self._line(current, Action.TOKEN_REVOKED, by))
                log.info("api token revoked", channel_id=token.channel_id, user_id=token.user_id)
            except Conflict:
                # It was used at this very moment; or revoked.
                current = await self._store.api_tokens.get(token.id)
        if current is not None and current.revoked_at is None:
            raise Conflict("the token is changing too fast")
        if current is not None:
            await self._store.delete(current)
        self._changes.announce(token.channel_id)

    async def _of_channel(self, channel_id: str) -> list[ApiToken]:
        return [one for one in await self._store.api_tokens.of_channel(channel_id) if one.revoked_at is None]

    async def _used(self, token: ApiToken) -> ApiToken:
        now = self._clock.real()
        if token.used_at is not None and now - token.used_at < USED_EVERY:
            return token
        with suppress(Conflict):
            return await self._store.commit(replace(token, used_at=now))
        # It was used elsewhere at this moment, or it was revoked, which the next look finds.
        return token

    async def _listed(self, token: ApiToken, channel: Channel, person: Person) -> Listed:
        by = await self._access.by_whom(token.user_id, channel.id)
        return Listed(
            handle=token.handle,
            name=token.name,
            scope=token.scope,
            made_at=token.made_at,
            used_at=token.used_at,
            by=by.username if by else "",
            mine=token.user_id == person.id,
            works=channel.role_of(token.user_id) is not None,
        )

    def _line(self, token: ApiToken, action: Action, by: Person | None) -> AuditEntry:
        return line(token.channel_id, self._clock.now(), action, by, token=token.name, scope=token.scope)


def require(visit: TokenVisit, act: May) -> None:
    """Raises NotAllowed, NotInScope."""
    if act not in ALLOWED[visit.role]:
        raise NotAllowed(visit.role)
    if not visit.may(act):
        raise NotInScope


def parse_name(name: str) -> str:
    """Raises InvalidInput."""
    plain = " ".join("".join(one if one.isprintable() else " " for one in name).split())
    if len(plain) > LONGEST_NAME:
        raise InvalidInput("name", "The name has at most {most, number} characters.", most=LONGEST_NAME)
    return plain or NAMELESS


def parse_scope(scope: object) -> TokenScope:
    """Raises InvalidInput."""
    found = next((one for one in TokenScope if one == scope), None)
    if found is None:
        raise InvalidInput("scope", "Choose what the token is for: to look, or also to give and end VIP.")
    return found


def digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
