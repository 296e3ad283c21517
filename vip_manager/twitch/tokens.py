"""A user's tokens: fresh when asked for, one refresh at a time, saved before they are used."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from vip_manager import measures
from vip_manager.domain.account import Account, TokenPair
from vip_manager.ports import Clock, Conflict, Identity, NothingDone, Store, StoreError, Taken, Unauthorized
from vip_manager.twitch.oauth import EARLY, OAuth

log = structlog.get_logger(__name__)

ATTEMPTS = 10
"""To save an account that others change at the same time."""

OnReconnectNeeded = Callable[[str], Awaitable[None]]
Alone = Callable[[str], AbstractAsyncContextManager[object]]
"""Within it, nobody else refreshes the tokens of that user, in whichever process."""


NOT_KNOWN = timedelta()
KNOWN_FOR = timedelta(seconds=5)
"""So long a token that was just read is used without reading it again, where a read costs something: for the calls of
one piece of work. One that somebody has changed meanwhile Twitch refuses, or takes for as long as it lasts."""


def only_process(_: str) -> AbstractAsyncContextManager[object]:
    """For a store that no other process works on."""
    return nullcontext()


class TokenKeeper:
    """Every method raises Unauthorized where the user must sign in again; they are marked so in the store by then.

    TwitchUnavailable and RateLimited leave the account as it was. StoreErrors pass through. For `known_for` after they
    were read tokens count as read.
    """

    def __init__(
        self,
        oauth: OAuth,
        store: Store,
        clock: Clock,
        on_reconnect_needed: OnReconnectNeeded | None = None,
        alone: Alone = only_process,
        known_for: timedelta = NOT_KNOWN,
    ) -> None:
        self._oauth = oauth
        self._store = store
        self._clock = clock
        self._on_reconnect_needed = on_reconnect_needed
        self._alone = alone
        self._known_for = known_for
        self._known: dict[str, tuple[datetime, TokenPair]] = {}
        self._refreshing: dict[str, asyncio.Task[str]] = {}

    async def access_token(self, user_id: str) -> str:
        tokens = self._just_read(user_id)
        if tokens is None:
            _, tokens = await self._read(user_id)
        if tokens.expires_at - self._clock.real() > EARLY:
            return tokens.access_token
        return await self.refreshed(user_id, tokens.access_token)

    def doubted(self, user_id: str) -> None:
        """Where it depends on which scopes they have allowed last: the tokens are read again before they are used."""
        self._known.pop(user_id, None)

    async def refreshed(self, user_id: str, dead_token: str) -> str:
        """An access token other than the dead one; whoever asks while a refresh is under way shares its outcome."""
        token = await self._shared_refresh(user_id, dead_token)
        # The refresh that was under way may have been about an older token, and have ended with this very one.
        return token if token != dead_token else await self._shared_refresh(user_id, dead_token)

    async def validate(self, user_id: str) -> Identity:
        """Asks Twitch whose the stored token is, and notes when; refreshes it once where it is dead."""
        self.doubted(user_id)
        token = await self.access_token(user_id)
        try:
            identity = await self._oauth.validate(token)
        except Unauthorized:
            token = await self.refreshed(user_id, token)
            try:
                identity = await self._oauth.validate(token)
            except Unauthorized:
                await self._mark(user_id, token)
                raise
        if identity.user_id != user_id:
            await self._mark(user_id, token)
            raise Unauthorized(f"user {user_id}: the stored token is somebody else's")
        await self._note_validated(user_id)
        return identity

    async def refused(self, user_id: str) -> None:
        """Twitch refuses even a fresh token, for a missing scope for instance: the user must allow it again.

        The tokens stay: they still say who it is.
        """
        await self._mark(user_id, None)

    async def aclose(self) -> None:
        """Waits for the refreshes under way: what Twitch has handed out must be saved."""
        await asyncio.gather(*self._refreshing.values(), return_exceptions=True)

    async def _read(self, user_id: str) -> tuple[Account, TokenPair]:
        asked_at = self._clock.now()
        self._known.pop(user_id, None)
        account = await self._store.accounts.get(user_id)
        if account is None or account.tokens is None:
            raise Unauthorized(f"user {user_id} has no tokens: they must sign in")
        if self._known_for:
            self._known[user_id] = asked_at, account.tokens
            # The oldest stand first; thousands may be asked for in that time.
            while not self._counts(self._known[oldest := next(iter(self._known))]) and oldest != user_id:
                del self._known[oldest]
        return account, account.tokens

    def _just_read(self, user_id: str) -> TokenPair | None:
        known = self._known.get(user_id)
        return known[1] if known and self._counts(known) else None

    def _counts(self, known: tuple[datetime, TokenPair]) -> bool:
        return timedelta() <= self._clock.now() - known[0] < self._known_for

    async def _shared_refresh(self, user_id: str, dead_token: str) -> str:
        task = self._refreshing.get(user_id)
        if task is None:
            task = asyncio.create_task(self._refresh(user_id, dead_token))
            self._refreshing[user_id] = task
            task.add_done_callback(lambda done: self._forget(user_id, done))
        # A caller that is cancelled must not cancel it: the answer would be lost between Twitch and the store.
        return await asyncio.shield(task)

    def _forget(self, user_id: str, task: asyncio.Task[str]) -> None:
        self._refreshing.pop(user_id, None)
        if not task.cancelled():
            task.exception()  # Nobody may be left to look at it.

    async def _refresh(self, user_id: str, dead_token: str) -> str:
        try:
            async with self._alone(user_id):
                return await self._refresh_alone(user_id, dead_token)
        except Taken as error:
            raise NothingDone(f"user {user_id}: the tokens are being refreshed elsewhere: {error}") from error

    async def _refresh_alone(self, user_id: str, dead_token: str) -> str:
        account, tokens = await self._read(user_id)
        if tokens.access_token != dead_token:
            return tokens.access_token
        try:
            fresh = await self._oauth.refresh(tokens)
        except Unauthorized:
            changed = await self._mark(user_id, tokens.access_token)
            if changed is None:
                raise
            return changed.access_token
        return await self._save(account, tokens, fresh)

    async def _save(self, account: Account, old: TokenPair, fresh: TokenPair) -> str:
        for _ in range(ATTEMPTS):
            try:
                await self._store.commit(replace(account, tokens=fresh))
            except Conflict:
                account, stored = await self._read(account.id)
                if stored != old:  # Somebody else refreshed, or the user signed in again.
                    return stored.access_token
            else:
                self._known.pop(account.id, None)
                return fresh.access_token
        raise Conflict(f"user {account.id}: the new tokens could not be saved")

    async def _mark(self, user_id: str, dead_token: str | None) -> TokenPair | None:
        """Marks the account `reconnect`, without tokens where `dead_token` is given.

        Returns the stored tokens and marks nothing where they are other ones by now.
        """
        for _ in range(ATTEMPTS):
            account = await self._store.accounts.get(user_id)
            if account is None:
                return None
            if dead_token is not None and account.tokens and account.tokens.access_token != dead_token:
                return account.tokens
            tokens = account.tokens if dead_token is None else None
            marked = replace(account, tokens=tokens, reconnect=True)
            if marked == account:
                return None
            try:
                await self._store.commit(marked)
            except Conflict:
                continue
            self._known.pop(user_id, None)
            log.warning("reconnect_needed", user_id=user_id)
            measures.token_failures.add(1)
            await self._announce(user_id)
            return None
        raise Conflict(f"user {user_id}: the account could not be marked")

    async def _announce(self, user_id: str) -> None:
        if self._on_reconnect_needed is None:
            return
        try:
            await self._on_reconnect_needed(user_id)
        except Exception:
            # The mark is saved; whoever listens must not turn a dead token into another error.
            log.exception("reconnect_announcement_failed", user_id=user_id)

    async def _note_validated(self, user_id: str) -> None:
        try:
            account, _ = await self._read(user_id)
            await self._store.commit(replace(account, validated_at=self._clock.real()))
        except (Conflict, Unauthorized):
            pass  # Changed meanwhile; the next validation notes it.
        except StoreError as error:
            log.warning("validation_not_noted", user_id=user_id, error=str(error))
