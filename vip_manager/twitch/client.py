"""Twitch as the services see it: the port, put together from the rooms' parts."""

from collections.abc import AsyncGenerator, Callable, Sequence
from datetime import datetime, timedelta

import httpx

from vip_manager.domain.account import TokenPair
from vip_manager.domain.chat import listens
from vip_manager.ports import (
    ChannelEvent,
    Clock,
    Identity,
    Reward,
    Store,
    TwitchRedemption,
    TwitchStatus,
    TwitchUser,
)
from vip_manager.twitch.chat import Chat
from vip_manager.twitch.eventsub.connection import Patience
from vip_manager.twitch.eventsub.socket import Backoff, ChatHearing, EventSocket
from vip_manager.twitch.eventsub.subscriptions import Subscriptions
from vip_manager.twitch.eventsub.webhook import Webhook
from vip_manager.twitch.eventsub.webhook_subscriptions import HookSubscriptions
from vip_manager.twitch.helix import Helix
from vip_manager.twitch.http import Http, Timeouts
from vip_manager.twitch.oauth import OAuth
from vip_manager.twitch.pace import Pace
from vip_manager.twitch.redemptions import Redemptions
from vip_manager.twitch.rewards import Rewards
from vip_manager.twitch.streams import Streams
from vip_manager.twitch.tokens import NOT_KNOWN, Alone, OnReconnectNeeded, TokenKeeper, only_process
from vip_manager.twitch.users import Users
from vip_manager.twitch.vips import Vips


class TwitchClient:
    """Implements `vip_manager.ports.Twitch`; what its methods promise stands there.

    `auth_url` and `api_url` are base addresses, `authorize_url` the whole address that the browser is sent to.
    `on_reconnect_needed` is called with a user's id after their account was marked; `sure` right before a badge is
    given or taken, which it may keep from happening; within `alone` one process refreshes a user's tokens, which count
    as read for `tokens_known_for` after they were.
    """

    def __init__(
        self,
        *,
        client_id: str,
        client_secret: str,
        auth_url: str,
        authorize_url: str,
        api_url: str,
        eventsub_ws_url: str,
        store: Store,
        clock: Clock,
        on_reconnect_needed: OnReconnectNeeded | None = None,
        sure: Callable[[], None] = lambda: None,
        alone: Alone = only_process,
        tokens_known_for: timedelta = NOT_KNOWN,
        transport: httpx.AsyncBaseTransport | None = None,
        timeouts: Timeouts | None = None,
        adds: Pace | None = None,
        removals: Pace | None = None,
        patience: Patience | None = None,
        backoff: Backoff | None = None,
    ) -> None:
        self._http = Http(clock, transport=transport, timeouts=timeouts)
        self._oauth = OAuth(
            self._http,
            clock,
            client_id=client_id,
            client_secret=client_secret,
            auth_url=auth_url,
            authorize_url=authorize_url,
        )
        self._tokens = TokenKeeper(self._oauth, store, clock, on_reconnect_needed, alone, tokens_known_for)
        self._helix = helix = Helix(self._http, self._tokens, self._oauth, client_id=client_id, api_url=api_url)
        self._users = Users(helix)
        self._streams = Streams(helix)
        # An idle Pace has a length of 0, so `or` would not take it.
        adds = Pace() if adds is None else adds
        removals = Pace() if removals is None else removals
        self._vips = Vips(helix, adds, removals, sure)
        self._rewards = Rewards(helix)
        self._redemptions = Redemptions(helix)
        self._chat = Chat(helix)
        self._store = store
        subscriptions = Subscriptions(helix, self._tokens)
        self._socket = EventSocket(
            eventsub_ws_url,
            subscribe=subscriptions.subscribe,
            validate=self._tokens.validate,
            chat=ChatHearing(
                lambda channel_id: self._listens(channel_id, by_webhook=False),
                subscriptions.hear_chat,
                subscriptions.leave_chat,
            ),
            patience=patience,
            backoff=backoff,
        )

    async def aclose(self) -> None:
        """Whoever listens to events closes that first."""
        await self._tokens.aclose()
        await self._http.aclose()

    def authorize_url(self, *, state: str, scopes: frozenset[str], redirect_uri: str) -> str:
        return self._oauth.authorize_url(state=state, scopes=scopes, redirect_uri=redirect_uri)

    async def exchange_code(self, code: str, redirect_uri: str) -> TokenPair:
        return await self._oauth.exchange_code(code, redirect_uri)

    async def identify(self, access_token: str) -> Identity:
        identity = await self._oauth.validate(access_token)
        # Whoever signs in, which is what this is asked for, is about to have other tokens.
        self._tokens.doubted(identity.user_id)
        return identity

    async def revoke(self, access_token: str) -> None:
        await self._oauth.revoke(access_token)

    async def validate(self, user_id: str) -> Identity:
        return await self._tokens.validate(user_id)

    async def users(self, as_user: str, *, ids: Sequence[str] = (), logins: Sequence[str] = ()) -> list[TwitchUser]:
        return await self._users.users(as_user, ids, logins)

    async def resolve_logins(self, logins: Sequence[str]) -> dict[str, str]:
        """Lower-case login -> user id, of those that exist; needs nobody's sign-in.

        Raises Rejected where Twitch does not take the client id and secret.
        """
        return await self._users.resolve_logins(logins)

    async def add_vip(self, channel_id: str, user_id: str) -> None:
        await self._vips.add(channel_id, user_id)

    async def remove_vip(self, channel_id: str, user_id: str) -> None:
        await self._vips.remove(channel_id, user_id)

    async def vips(self, channel_id: str, user_ids: Sequence[str] = ()) -> list[TwitchUser]:
        return await self._vips.all(channel_id, user_ids)

    async def moderators(self, channel_id: str, user_ids: Sequence[str] = ()) -> list[TwitchUser]:
        return await self._users.moderators(channel_id, user_ids)

    async def live_since(self, channel_id: str) -> datetime | None:
        return await self._streams.live_since(channel_id)

    async def rewards(self, channel_id: str) -> list[Reward]:
        return await self._rewards.ours(channel_id)

    async def reward(self, channel_id: str, reward_id: str) -> Reward:
        return await self._rewards.one(channel_id, reward_id)

    async def create_reward(self, channel_id: str, title: str, cost: int, prompt: str) -> Reward:
        return await self._rewards.create(channel_id, title, cost, prompt)

    async def update_reward(
        self,
        channel_id: str,
        reward_id: str,
        *,
        title: str | None = None,
        cost: int | None = None,
        prompt: str | None = None,
        enabled: bool | None = None,
        paused: bool | None = None,
        skips_queue: bool | None = None,
    ) -> Reward:
        return await self._rewards.update(
            channel_id,
            reward_id,
            title=title,
            cost=cost,
            prompt=prompt,
            enabled=enabled,
            paused=paused,
            skips_queue=skips_queue,
        )

    async def delete_reward(self, channel_id: str, reward_id: str) -> None:
        await self._rewards.delete(channel_id, reward_id)

    def redemptions(
        self, channel_id: str, reward_id: str, status: TwitchStatus, *, newest_first: bool = False
    ) -> AsyncGenerator[TwitchRedemption, None]:
        return self._redemptions.listed(channel_id, reward_id, status, newest_first=newest_first)

    async def redemption(self, channel_id: str, reward_id: str, redemption_id: str) -> TwitchRedemption:
        return await self._redemptions.one(channel_id, reward_id, redemption_id)

    async def settle(
        self, channel_id: str, reward_id: str, redemption_id: str, status: TwitchStatus
    ) -> TwitchRedemption:
        return await self._redemptions.settle(channel_id, reward_id, redemption_id, status)

    async def say(self, channel_id: str, text: str, reply_to: str = "") -> None:
        await self._chat.say(channel_id, text, reply_to)

    def hear_chat(self, channel_id: str) -> None:
        self._socket.hear_chat(channel_id)

    def events(self, channel_id: str) -> AsyncGenerator[ChannelEvent, None]:
        return self._socket.listen(channel_id)

    def webhook_subscriptions(self, webhook: Webhook) -> HookSubscriptions:
        """Implements `vip_manager.ports.WebhookSubscriptions`."""
        return HookSubscriptions(
            self._helix, self._tokens, webhook, lambda channel_id: self._listens(channel_id, by_webhook=True)
        )

    async def _listens(self, channel_id: str, *, by_webhook: bool) -> bool:
        """Whether what is said in the channel's chat is to be heard, and may be."""
        channel = await self._store.channels.get(channel_id)
        if channel is None or channel.leaving is not None or not channel.chat.answering:
            return False
        return listens(await self._store.accounts.get(channel_id), channel.chat, by_webhook=by_webhook)

    async def ping(self) -> None:
        await self._users.ping()

    async def knock(self) -> None:
        await self._users.knock()

    def skew(self) -> timedelta | None:
        return self._http.skew
