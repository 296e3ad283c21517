"""TwitchIO at a simulated Twitch: its three addresses are module and class variables, set before use.

Arguments: the simulator's address, and a free port for the library's own web adapter.
"""

import asyncio
import sys
from typing import Any, Literal

import aiohttp
import twitchio
import twitchio.eventsub.websockets
import twitchio.http
from twitchio import eventsub, web
from twitchio.authentication import OAuth, UserTokenPayload

from tests.simulator.clients.telling import serve_wishes, tell
from tests.simulator.driver import CLIENT_ID, CLIENT_SECRET


class Client(twitchio.Client):
    def __init__(self, base: str, port: int) -> None:
        twitchio.http.Route.BASE = f"{base}/helix/"
        twitchio.http.Route.ID_BASE = f"{base}/"
        twitchio.eventsub.websockets.WSS = f"{base.replace('http', 'ws', 1)}/ws"
        self.receiver = web.AiohttpAdapter[Any](port=port, eventsub_secret="a-secret-of-the-tests")
        super().__init__(client_id=CLIENT_ID, client_secret=CLIENT_SECRET, adapter=self.receiver)
        self.me = self.create_partialuser("0")
        self.authorized: asyncio.Queue[UserTokenPayload] = asyncio.Queue()

    async def event_oauth_authorized(self, payload: UserTokenPayload) -> None:
        await self.authorized.put(payload)

    async def event_custom_redemption_add(self, event: twitchio.ChannelPointsRedemptionAdd) -> None:
        tell(
            event="redeemed",
            id=event.id,
            user=event.user.name,
            broadcaster=event.broadcaster.name,
            reward=event.reward.title,
            cost=event.reward.cost,
            input=event.user_input,
            status=event.status,
            year=event.redeemed_at.year,
        )

    async def event_vip_add(self, event: twitchio.ChannelVIPAdd) -> None:
        tell(event="vip added", user=event.user.name, broadcaster=event.broadcaster.name)

    async def event_vip_remove(self, event: twitchio.ChannelVIPRemove) -> None:
        tell(event="vip removed", user=event.user.name, broadcaster=event.broadcaster.name)

    async def event_subscription_revoked(self, event: twitchio.SubscriptionRevoked) -> None:
        tell(event="revoked", type=event.type, status=event.status.value)


class Wishes:
    def __init__(self, client: Client) -> None:
        self.client = client

    async def sign_in(self, scopes: list[str]) -> str:
        url = self.client.receiver.get_authorization_url(scopes=twitchio.Scopes(scopes))
        tell(event="open", url=url)
        given = await self.client.authorized.get()
        added = await self.client.add_token(given.access_token, given.refresh_token)
        assert added.user_id is not None
        assert added.login is not None
        self.client.me = self.client.create_partialuser(added.user_id, added.login)
        return added.login

    async def validate(self) -> dict[str, Any]:
        try:
            # Not by the client's own session, which would refresh a dead token first.
            async with aiohttp.ClientSession() as session:
                asking = OAuth(client_id=CLIENT_ID, session=session)
                found = await asking.validate_token(self._tokens()["token"])
        except twitchio.HTTPException as error:
            if error.status == 401:
                return {"valid": False}
            raise
        names = ("login", "user_id", "client_id")
        return {"valid": True, "scopes": sorted(found.scopes), **{name: getattr(found, name) for name in names}}

    async def refresh(self) -> bool:
        before = self._tokens()
        fresh = await self.client.http.refresh_token(before["refresh"])
        await self.client.add_token(fresh.access_token, fresh.refresh_token)
        return bool(before["token"] != self._tokens()["token"])

    async def revoke(self) -> bool:
        try:
            await self.client.http.revoke_token(self._tokens()["token"])
        except twitchio.HTTPException as error:
            # Its revoke_token wants JSON of an endpoint that answers 200 with nothing; by then the token is revoked.
            if error.extra != {"message": ""}:
                raise
        return True

    async def users_as_app(self, logins: list[str]) -> dict[str, str]:
        found = await self.client.fetch_users(logins=logins)
        return {user.id: str(user.display_name) for user in found}

    async def users(self, ids: list[str | int]) -> list[str]:
        return [str(user.name) for user in await self.client.fetch_users(ids=ids, token_for=self.client.me)]

    async def moderators(self, page: int) -> list[str]:
        return [str(one.name) async for one in self.client.me.fetch_moderators(first=page)]

    async def moderated_channels(self) -> list[str]:
        return [str(one.name) async for one in self.client.me.fetch_moderated_channels()]

    async def streams(self, logins: list[str | int]) -> list[dict[str, Any]]:
        found = self.client.fetch_streams(user_logins=logins)
        return [{"login": one.user.name, "type": one.type, "id": one.id} async for one in found]

    async def vips(self, page: int) -> list[str]:
        return [str(one.name) async for one in self.client.me.fetch_vips(first=page)]

    async def vips_among(self, ids: list[str | int]) -> list[str]:
        return [str(one.name) async for one in self.client.me.fetch_vips(user_ids=ids)]

    async def add_vip(self, user: str) -> bool:
        await self.client.me.add_vip(user)
        return True

    async def remove_vip(self, user: str) -> bool:
        await self.client.me.remove_vip(user)
        return True

    async def make_reward(self, title: str, cost: int) -> str:
        return (await self.client.me.create_custom_reward(title, cost)).id

    async def change_reward(self, reward: str, title: str, cost: int, paused: bool) -> dict[str, Any]:
        changed = await self.client.me.update_custom_reward(reward, title=title, cost=cost, paused=paused)
        return {"title": changed.title, "cost": changed.cost, "paused": changed.paused}

    async def rewards(self, ours: bool) -> list[str]:
        return sorted(one.title for one in await self.client.me.fetch_custom_rewards(manageable=ours))

    async def delete_reward(self, reward: str) -> None:
        await self.client.me.delete_custom_reward(reward)

    async def redemptions(
        self, reward: str, status: Literal["CANCELED", "FULFILLED", "UNFULFILLED"], page: int
    ) -> list[dict[str, str]]:
        owner = (await self.client.me.fetch_custom_rewards(ids=[reward]))[0]
        # It calls the page's size "First", which Twitch doesn't know: its pages have always 20.
        found = owner.fetch_redemptions(status=status, first=page)
        return [{"id": one.id, "user": one.user.id, "status": one.status} async for one in found]

    async def settle(self, reward: str, redemption: str, status: Literal["CANCELED", "FULFILLED"]) -> str:
        # What its listed redemptions' own fulfill() sends is the broadcaster's id in place of the redemption's.
        settled = await self.client.http.patch_custom_reward_redemption(
            broadcaster_id=self.client.me.id,
            token_for=self.client.me.id,
            reward_id=reward,
            id=redemption,
            status=status,
        )
        return str(settled["data"][0]["status"])

    async def say(self, text: str) -> bool:
        me = self.client.me
        return (await me.send_message(text, sender=me, token_for=me)).sent

    async def announce(self, text: str) -> None:
        me = self.client.me
        await me.send_announcement(moderator=me, message=text, color="purple", token_for=me)

    async def listen(self) -> None:
        for payload in self._subscriptions():
            await self.client.subscribe_websocket(payload, token_for=self.client.me)

    async def listen_by_webhook(self) -> None:
        for payload in self._subscriptions():
            await self.client.subscribe_webhook(payload)

    async def subscriptions(self, by_app: bool) -> list[dict[str, str]]:
        found = await self.client.fetch_eventsub_subscriptions(token_for=None if by_app else self.client.me)
        return [{"id": one.id, "type": one.type, "status": one.status} async for one in found.subscriptions]

    def _subscriptions(self) -> list[eventsub.SubscriptionPayload]:
        me = self.client.me.id
        return [
            eventsub.ChannelPointsRedeemAddSubscription(broadcaster_user_id=me),
            eventsub.ChannelVIPAddSubscription(broadcaster_user_id=me),
            eventsub.ChannelVIPRemoveSubscription(broadcaster_user_id=me),
        ]

    def _tokens(self) -> Any:
        return self.client.tokens[self.client.me.id]


async def _listening(port: int) -> None:
    """It is ready before its adapter is."""
    while True:
        try:
            _, writer = await asyncio.open_connection("localhost", port)
        except OSError:
            await asyncio.sleep(0.01)
        else:
            writer.close()
            return


async def main(base: str, port: int) -> None:
    client = Client(base, port)
    running = asyncio.create_task(client.start(load_tokens=False, save_tokens=False))
    await client.wait_until_ready()
    await _listening(port)
    try:
        await serve_wishes(Wishes(client))
    finally:
        await client.close()
        await running


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
