"""Signing in with Twitch, and connecting a channel."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import structlog

from vip_manager.domain.account import CHANNEL_SCOPES, Account, TokenPair
from vip_manager.domain.audit import Action
from vip_manager.domain.channel import Channel
from vip_manager.domain.chat import scopes_for
from vip_manager.ports import Clock, Conflict, Identity, Store, Twitch, TwitchError, TwitchUser, Unauthorized
from vip_manager.services.changes import Changes
from vip_manager.services.connections import Connections, Hearing
from vip_manager.services.journal import line
from vip_manager.services.reconcile import Reconcile

log = structlog.get_logger(__name__)

VALIDATED_FOR = timedelta(minutes=55)
"""Less than the hour that Twitch gives, for it is looked at every ten minutes."""


class ChannelNotAllowed(Exception):
    """This installation serves named channels only, and this is none of them."""


class ScopesMissing(Exception):
    """Twitch gave less than was asked: the channel can't be managed with it."""


class AccountService:
    """`allowed`: the Twitch ids or logins of the streamers who may connect; empty for everybody. `connected` is awaited
    with the channel's id when one has connected; it never raises."""

    def __init__(
        self,
        store: Store,
        twitch: Twitch,
        clock: Clock,
        changes: Changes,
        connections: Connections,
        reconcile: Reconcile,
        redirect_uri: str,
        allowed: Sequence[str] = (),
        connected: Callable[[str], Awaitable[None]] | None = None,
        *,
        by_webhook: bool = False,
    ) -> None:
        self._store = store
        self._twitch = twitch
        self._clock = clock
        self._changes = changes
        self._connections = connections
        self._reconcile = reconcile
        self._redirect_uri = redirect_uri
        self._connected = connected
        self._by_webhook = by_webhook
        self._named = bool(allowed)
        self._allowed = {one for one in allowed if one.isdecimal()}
        self._allowed_logins = [one for one in allowed if not one.isdecimal()]

    async def authorize_url(self, state: str, *, connect: bool, person_id: str = "") -> str:
        """Where the browser goes. Signing in asks for no scope; connecting for what managing a channel needs, and for
        what that person, if it is known who it is, has chosen to have said and heard in their chat. Raises StoreError
        where that can't be read."""
        scopes = CHANNEL_SCOPES if connect else frozenset[str]()
        channel = await self._store.channels.get(person_id) if connect and person_id else None
        if channel is not None:
            scopes |= scopes_for(channel.chat, by_webhook=self._by_webhook)
        return self._twitch.authorize_url(state=state, scopes=scopes, redirect_uri=self._redirect_uri)

    async def complete(self, code: str, *, connect: bool) -> Account:
        """The person whom Twitch sent back with that code.

        Raises Rejected (the code is used or old), TwitchError, ChannelNotAllowed, ScopesMissing.
        """
        tokens = await self._twitch.exchange_code(code, self._redirect_uri)
        identity = await self._twitch.identify(tokens.access_token)
        if connect and not identity.scopes >= CHANNEL_SCOPES:
            raise ScopesMissing
        if connect and self._named:
            await self.resolve_allowed()
            if identity.user_id not in self._allowed:
                raise ChannelNotAllowed
        account = await self._remember(identity, tokens, connect)
        account = await self._with_profile(account)
        if connect:
            await self._connect(account)
        return account

    async def resolve_allowed(self) -> None:
        """Turns the allowed logins into ids, once: whoever takes over a login later is not meant. Raises
        TwitchError."""
        if self._allowed_logins:
            found = await self._twitch.resolve_logins(self._allowed_logins)
            for login in self._allowed_logins:
                if login not in found:
                    log.warning("allowed channel unknown to Twitch", login=login)
            self._allowed.update(found.values())
            self._allowed_logins = []

    async def lost(self, user_id: str) -> None:
        """Twitch no longer takes this person's tokens. What is to do for the channel is kept until they sign in."""
        channel = await self._store.channels.get(user_id)
        if channel is None or channel.left or (await self._connections.current(user_id)).hearing is Hearing.RECONNECT:
            return
        self._connections.heard(user_id, Hearing.RECONNECT)
        now = self._clock.now()
        # The channel is written as it is, so that the line is kept with it or not at all.
        with suppress(Conflict):
            await self._store.commit(channel, line(user_id, now, Action.DISCONNECTED))
        self._changes.announce(user_id)

    async def validate_all(self) -> None:
        """Asks Twitch about every stored token, as it requires at start and hourly
        (https://dev.twitch.tv/docs/authentication/validate-tokens/), and what its owner is called by now."""
        for account in await self._store.accounts.all():
            if account.tokens is not None:
                await self._validate(account)

    async def validate_where_due(self, account: Account) -> None:
        """The same for one of them, an hour after the last time in whichever instance."""
        last = account.validated_at
        if account.tokens is not None and (last is None or self._clock.real() - last >= VALIDATED_FOR):
            await self._validate(account)

    async def _validate(self, account: Account) -> None:
        try:
            await self._twitch.validate(account.id)
            await self._call(await self._with_profile(account))
        except Unauthorized:
            log.warning("sign-in with Twitch has ended", user_id=account.id)
        except TwitchError as error:
            log.info("token not validated", user_id=account.id, error=str(error))

    async def _remember(self, identity: Identity, tokens: TokenPair, connect: bool) -> Account:
        """A sign-in without scopes must not replace a token that lets us act for the channel. Whoever comes back does
        so in the very commit that brings the tokens: whoever gives up the old ones must not take these."""
        while True:
            known = await self._store.accounts.get(identity.user_id)
            account = known or Account(identity.user_id, identity.login, identity.login)
            account = replace(account, login=identity.login, validated_at=self._clock.real())
            if connect or not account.may_manage:
                reconnect = account.reconnect and not connect
                account = replace(account, tokens=replace(tokens, scopes=identity.scopes), reconnect=reconnect)
            back = await self._come_back(account.id) if connect else []
            try:
                return await self._store.commit(account, *back)
            except Conflict:
                continue

    async def _come_back(self, user_id: str) -> list[Channel]:
        """Whoever has left, and whose data is not to be deleted, begins afresh."""
        channel = await self._store.channels.get(user_id)
        if channel is None or not channel.left or (channel.leaving and channel.leaving.delete_data):
            return []
        return [replace(channel, leaving=None)]

    async def _with_profile(self, account: Account) -> Account:
        try:
            found = await self._twitch.users(account.id, ids=[account.id])
        except TwitchError as error:
            log.info("profile not read", user_id=account.id, error=str(error))
            return account
        for user in found:
            return await self._refresh(account, user)
        return account

    async def _call(self, account: Account) -> None:
        """The channel by its owner's name: its board is found under that."""
        channel = await self._store.channels.get(account.id)
        if channel is None:
            return
        called = replace(channel, login=account.login, username=account.username, avatar_url=account.avatar_url)
        if called != channel:
            # Where it is changed at this moment, the next hour will do.
            with suppress(Conflict):
                await self._store.commit(called)
                self._changes.announce(account.id)
            await self._claim_name(account)

    async def _claim_name(self, account: Account) -> None:
        """Whoever had this name before, and was not heard of since, has it no more: it leads to one board."""
        for channel in await self._store.channels.all():
            if channel.id != account.id and channel.login.lower() == account.login.lower():
                with suppress(Conflict):
                    await self._store.commit(replace(channel, login=""))
                    self._changes.announce(channel.id)

    async def _refresh(self, account: Account, user: TwitchUser) -> Account:
        current = await self._store.accounts.get(account.id) or account
        refreshed = replace(current, login=user.login, username=user.username, avatar_url=user.avatar_url)
        if refreshed == current:
            return current
        try:
            return await self._store.commit(refreshed)
        except Conflict:
            return current

    async def _connect(self, account: Account) -> None:
        while True:
            known = await self._store.channels.get(account.id)
            channel = known or Channel(account.id, account.id, account.login, account.username)
            channel = replace(
                channel,
                login=account.login,
                username=account.username,
                avatar_url=account.avatar_url,
                catch_up_at=self._clock.now(),
            )
            entry = replace(
                line(channel.id, self._clock.now(), Action.CONNECTED), actor_id=account.id, actor_name=account.username
            )
            try:
                await self._store.commit(channel, entry)
                break
            except Conflict:
                continue
        await self._claim_name(account)
        await self._reconcile.resume(channel.id)
        if (await self._connections.current(channel.id)).hearing is Hearing.RECONNECT:
            self._connections.heard(channel.id, Hearing.CONNECTING)
        self._changes.announce(channel.id)
        if self._connected is not None:
            await self._connected(channel.id)
