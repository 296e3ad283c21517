"""Deletes all that is stored of a channel, or of a person who has none."""

from contextlib import suppress

import structlog

from vip_manager.domain.account import Account
from vip_manager.domain.terms import InvalidInput
from vip_manager.ports import Store, Twitch, TwitchError
from vip_manager.services.access import Access
from vip_manager.services.changes import Changes

log = structlog.get_logger(__name__)


class Forget:
    """Everything can be done again, from wherever it broke off."""

    def __init__(self, store: Store, twitch: Twitch, access: Access, changes: Changes) -> None:
        self._store = store
        self._twitch = twitch
        self._access = access
        self._changes = changes

    async def channel(self, channel_id: str) -> None:
        """One that has left. Its own record goes last: until then it says that there is something to delete. Raises
        StoreError."""
        await self._erase(channel_id)
        await self._account(channel_id)
        # The sign-ins that ended just now have left lines.
        await self._erase(channel_id)
        channel = await self._store.channels.get(channel_id)
        if channel is not None:
            await self._store.delete(channel)
        log.info("all data deleted", channel_id=channel_id)
        await self._changes.forget(channel_id)

    async def person(self, user_id: str) -> None:
        """Somebody without a channel. Their account goes last. Raises InvalidInput where they have one, StoreError."""
        if await self._store.channels.get(user_id) is not None:
            raise InvalidInput("channel", "You have a channel here. Leave with it first.")
        await self._erase(user_id)
        for channel in await self._store.channels.served_by(user_id):
            for token in await self._store.api_tokens.of_channel(channel.id):
                if token.user_id == user_id:
                    await self._store.delete(token)
        await self._account(user_id)
        await self._erase(user_id)
        log.info("account deleted", user_id=user_id)
        await self._changes.forget(user_id)

    async def _erase(self, channel_id: str) -> None:
        while await self._store.holdings.erase(channel_id):
            pass

    async def _account(self, user_id: str) -> None:
        await self._access.sign_out_everywhere(user_id)
        for sign_in in await self._store.accounts.sign_ins(user_id):
            await self._store.delete(sign_in)
        account = await self._store.accounts.get(user_id)
        if account is not None:
            await self._revoke(account)
            await self._store.delete(account)

    async def _revoke(self, account: Account) -> None:
        """Those of a sign-in. That Twitch is away keeps nobody's data here: without a copy they are of no use."""
        for token in (account.tokens.access_token, account.tokens.refresh_token) if account.tokens else ():
            with suppress(TwitchError):
                await self._twitch.revoke(token)
