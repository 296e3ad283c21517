"""pyTwitchAPI (PyPI twitchAPI) at a simulated Twitch, by its own documented settings.

Arguments: the simulator's address, and a free port for the library's own receivers.
"""

# mypy: allow-untyped-calls
# Some of the library's methods have no annotations.

import asyncio
import sys
from typing import Any

from twitchAPI.eventsub.webhook import EventSubWebhook
from twitchAPI.eventsub.websocket import EventSubWebsocket
from twitchAPI.helper import first
from twitchAPI.oauth import UserAuthenticator, revoke_token, validate_token
from twitchAPI.object.eventsub import (
    ChannelPointsCustomRewardRedemptionAddEvent,
    ChannelVIPAddEvent,
    ChannelVIPRemoveEvent,
)
from twitchAPI.twitch import Twitch
from twitchAPI.type import AuthScope, AuthType, CustomRewardRedemptionStatus

from tests.simulator.clients.telling import serve_wishes, tell
from tests.simulator.driver import CLIENT_ID, CLIENT_SECRET


class Client:
    def __init__(self, base: str, port: int) -> None:
        self.auth = f"{base}/oauth2/"
        self.base = base
        self.port = port
        self.twitch = Twitch(CLIENT_ID, CLIENT_SECRET, base_url=f"{base}/helix/", auth_base_url=self.auth)
        self.me = ""
        self.receivers: list[EventSubWebsocket | EventSubWebhook] = []

    async def sign_in(self, scopes: list[str]) -> str:
        wanted = [AuthScope(scope) for scope in scopes]
        receiver = UserAuthenticator(
            self.twitch,
            wanted,
            url=f"http://localhost:{self.port}",
            host="127.0.0.1",
            port=self.port,
            auth_base_url=self.auth,
        )

        async def shown(url: str) -> None:
            tell(event="open", url=url)

        token, refresh = await receiver.authenticate(use_browser=False, auth_url_callback=shown)
        await self.twitch.set_user_authentication(token, wanted, refresh)
        user = await first(self.twitch.get_users())
        assert user is not None
        self.me = user.id
        return user.login

    async def validate(self) -> dict[str, Any]:
        found = await validate_token(self._token(), auth_base_url=self.auth)
        if found.get("status") == 401:
            return {"valid": False}
        scopes = sorted(scope.value for scope in found["scopes"])
        return {"valid": True, "scopes": scopes, **{name: found[name] for name in ("login", "user_id", "client_id")}}

    async def refresh(self) -> bool:
        before = self._token()
        await self.twitch.refresh_used_token()
        return before != self._token()

    async def revoke(self) -> bool:
        return await revoke_token(CLIENT_ID, self._token(), auth_base_url=self.auth)

    async def users_as_app(self, logins: list[str]) -> dict[str, str]:
        app = Twitch(CLIENT_ID, CLIENT_SECRET, base_url=self.twitch.base_url, auth_base_url=self.auth)
        await _become_app(app)
        return {user.id: user.display_name async for user in app.get_users(logins=logins)}

    async def users(self, ids: list[str]) -> list[str]:
        return [user.login async for user in self.twitch.get_users(user_ids=ids)]

    async def moderators(self, page: int) -> list[str]:
        return [one.user_login async for one in self.twitch.get_moderators(self.me, first=page)]

    async def moderated_channels(self) -> list[str]:
        return [one.broadcaster_login async for one in self.twitch.get_moderated_channels(self.me)]

    async def streams(self, logins: list[str]) -> list[dict[str, Any]]:
        found = self.twitch.get_streams(user_login=logins)
        return [{"login": one.user_login, "type": one.type, "id": one.id} async for one in found]

    async def vips(self, page: int) -> list[str]:
        return [one.user_login async for one in self.twitch.get_vips(self.me, first=page)]

    async def vips_among(self, ids: list[str]) -> list[str]:
        return [one.user_login async for one in self.twitch.get_vips(self.me, user_ids=ids)]

    async def add_vip(self, user: str) -> bool:
        return await self.twitch.add_channel_vip(self.me, user)

    async def remove_vip(self, user: str) -> bool:
        return await self.twitch.remove_channel_vip(self.me, user)

    async def make_reward(self, title: str, cost: int) -> str:
        return (await self.twitch.create_custom_reward(self.me, title, cost)).id

    async def change_reward(self, reward: str, title: str, cost: int, paused: bool) -> dict[str, Any]:
        changed = await self.twitch.update_custom_reward(self.me, reward, title=title, cost=cost, is_paused=paused)
        return {"title": changed.title, "cost": changed.cost, "paused": changed.is_paused}

    async def rewards(self, ours: bool) -> list[str]:
        found = await self.twitch.get_custom_reward(self.me, only_manageable_rewards=ours)
        return sorted(one.title for one in found)

    async def delete_reward(self, reward: str) -> None:
        await self.twitch.delete_custom_reward(self.me, reward)

    async def redemptions(self, reward: str, status: str, page: int) -> list[dict[str, str]]:
        found = self.twitch.get_custom_reward_redemption(
            self.me, reward, status=CustomRewardRedemptionStatus(status), first=page
        )
        return [{"id": one.id, "user": one.user_id, "status": one.status.value} async for one in found]

    async def settle(self, reward: str, redemption: str, status: str) -> str:
        settled = await self.twitch.update_redemption_status(
            self.me, reward, redemption, CustomRewardRedemptionStatus(status)
        )
        return settled.status.value

    async def say(self, text: str) -> bool:
        return (await self.twitch.send_chat_message(self.me, self.me, text)).is_sent

    async def announce(self, text: str) -> None:
        await self.twitch.send_chat_announcement(self.me, self.me, text, "purple")

    async def listen(self) -> None:
        receiver = EventSubWebsocket(
            self.twitch,
            connection_url=f"{self.base.replace('http', 'ws', 1)}/ws",
            subscription_url=f"{self.base}/helix/",
            revocation_handler=_revoked,
        )
        receiver.start()
        self.receivers.append(receiver)
        await self._subscribe(receiver)

    async def listen_by_webhook(self) -> None:
        await _become_app(self.twitch)
        # The constructor insists on https, which a loopback address has none of; the attribute is public.
        receiver = EventSubWebhook(
            "https://localhost", self.port, self.twitch, host_binding="127.0.0.1", revocation_handler=_revoked
        )
        receiver.callback_url = f"http://127.0.0.1:{self.port}"
        receiver.wait_for_subscription_confirm_timeout = 10
        receiver.start()
        self.receivers.append(receiver)
        await self._subscribe(receiver)

    async def subscriptions(self, by_app: bool) -> list[dict[str, str]]:
        kind = AuthType.APP if by_app else AuthType.USER
        found = await self.twitch.get_eventsub_subscriptions(target_token=kind)
        return [{"id": one.id, "type": one.type, "status": one.status} async for one in found]

    async def close(self) -> None:
        for receiver in self.receivers:
            await receiver.stop()
        await self.twitch.close()

    async def _subscribe(self, receiver: EventSubWebsocket | EventSubWebhook) -> None:
        await receiver.listen_channel_points_custom_reward_redemption_add(self.me, _redeemed)
        await receiver.listen_channel_vip_add(self.me, _vip_added)
        await receiver.listen_channel_vip_remove(self.me, _vip_removed)

    def _token(self) -> str:
        token = self.twitch.get_user_auth_token()
        assert token is not None
        return token


async def _become_app(twitch: Twitch) -> None:
    """It closes its connection before it reads the token, and succeeds only where that came along with the headers."""
    for _ in range(100):
        try:
            await twitch.authenticate_app([])
        except RuntimeError as error:
            if "Connection closed" not in str(error):
                raise
        else:
            return
    raise RuntimeError("It never read its app token in time.")


async def _redeemed(came: ChannelPointsCustomRewardRedemptionAddEvent) -> None:
    event = came.event
    tell(
        event="redeemed",
        id=event.id,
        user=event.user_login,
        broadcaster=event.broadcaster_user_login,
        reward=event.reward.title,
        cost=event.reward.cost,
        input=event.user_input,
        status=event.status,
        year=event.redeemed_at.year,
    )


async def _vip_added(came: ChannelVIPAddEvent) -> None:
    tell(event="vip added", user=came.event.user_login, broadcaster=came.event.broadcaster_user_login)


async def _vip_removed(came: ChannelVIPRemoveEvent) -> None:
    tell(event="vip removed", user=came.event.user_login, broadcaster=came.event.broadcaster_user_login)


async def _revoked(came: dict[str, Any]) -> None:
    tell(event="revoked", type=came["subscription"]["type"], status=came["subscription"]["status"])


async def main(base: str, port: int) -> None:
    client = Client(base, port)
    try:
        await serve_wishes(client)
    finally:
        await client.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
