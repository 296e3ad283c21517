"""After the root secret was changed: what an earlier one sealed or signs is made anew with the one in use, so that the
earlier one can go."""

from dataclasses import dataclass, replace

from vip_manager.domain.account import Account
from vip_manager.ports import Clock, Conflict, Store, WebhookSubscriptions


@dataclass(frozen=True, slots=True)
class Resealed:
    """How many people's Twitch tokens are sealed anew; how many others have none that open, and sign in again before
    we act for them; how many subscriptions were ended, to be made anew."""

    sealed: int
    without: int
    subscriptions: int


class Reseal:
    """`webhooks`: None where events come over sockets, which nothing signs. It can be done again, and beside running
    programs that know both secrets."""

    def __init__(self, store: Store, clock: Clock, webhooks: WebhookSubscriptions | None) -> None:
        self._store = store
        self._clock = clock
        self._webhooks = webhooks

    async def run(self) -> Resealed:
        """Raises StoreError, TwitchError; what is sealed by then stays so."""
        accounts = await self._store.accounts.all()
        done = [await self._seal(account) for account in accounts]
        for channel in await self._store.channels.all():
            if channel.hooks:
                await self._anew(channel.id)
        ended = await self._end_subscriptions() if self._webhooks else 0
        return Resealed(sum(done), sum(account.reconnect for account in accounts), ended)

    async def _seal(self, account: Account) -> bool:
        """Whatever is written is sealed with the secret in use."""
        current: Account | None = account
        while current is not None and current.tokens is not None:
            try:
                await self._store.commit(current)
                return True
            except Conflict:
                current = await self._store.accounts.get(account.id)
        return False

    async def _end_subscriptions(self) -> int:
        """The running program makes them again at each channel's catch-up, which finds what went by meanwhile too."""
        assert self._webhooks is not None
        ended = await self._webhooks.clean_up(_none)
        for channel in await self._store.channels.all():
            await self._due(channel.id)
        return ended

    async def _anew(self, channel_id: str) -> None:
        """The addresses of its webhooks are sealed. One that does not open any more stays empty, and is shown so."""
        while (channel := await self._store.channels.get(channel_id)) is not None:
            try:
                await self._store.commit(channel)
                return
            except Conflict:
                continue

    async def _due(self, channel_id: str) -> None:
        while (channel := await self._store.channels.get(channel_id)) is not None:
            try:
                await self._store.commit(replace(channel, catch_up_at=self._clock.now()))
                return
            except Conflict:
                continue


async def _none(_: str) -> bool:
    return False
