from typing import Any

import httpx

from tests.simulator.driver import CLIENT_ID, Hand, session_of, socket_to
from tests.simulator.table.scenarios import Answers, Scene, provokes

PATH = "eventsub/subscriptions"
SUBSCRIPTIONS = f"/helix/{PATH}"
ONLINE = "stream.online"


async def subscribe(hand: Hand, kind: str, transport: Any, **condition: str) -> httpx.Response:
    where = condition or {"broadcaster_user_id": "1001"}
    body = {"type": kind, "version": "1", "condition": where, "transport": transport}
    return await hand.call("POST", PATH, body)


def over(session: str) -> dict[str, str]:
    return {"method": "websocket", "session_id": session}


def webhook(callback: str = "https://app.example/eventsub", secret: str = "0123456789") -> dict[str, str]:
    return {"method": "webhook", "callback": callback, "secret": secret}


@provokes(f"GET {SUBSCRIPTIONS}", 200)
async def listed(scene: Scene) -> Answers:
    hand, app = await scene.hand(), await scene.app()
    return [await hand.call("GET", PATH), await app.call("GET", PATH, status="enabled")]


@provokes(f"GET {SUBSCRIPTIONS}", 400)
async def two_filters(scene: Scene) -> Answers:
    return await (await scene.hand()).call("GET", PATH, status="enabled", type=ONLINE)


@provokes(f"POST {SUBSCRIPTIONS}", 202)
async def subscribed(scene: Scene) -> Answers:
    hand = await scene.hand()
    async with socket_to(scene.twitch) as socket:
        return await subscribe(hand, "channel.vip.add", over(await session_of(socket)))


@provokes(f"POST {SUBSCRIPTIONS}", 400)
async def not_subscribed(scene: Scene) -> Answers:
    hand, other, app = await scene.hand(), await scene.hand("secondstreamer"), await scene.app()
    await scene.deleted("viewer1")
    async with socket_to(scene.twitch) as socket:
        session = over(await session_of(socket))
        await subscribe(hand, "channel.vip.add", session)
        return [
            await subscribe(hand, ONLINE, session, broadcaster_user_id="3001"),
            await subscribe(app, "user.update", webhook(), user_id="3001"),
            await subscribe(hand, "channel.vip.nonsense", session),
            await subscribe(hand, "channel.vip.remove", session, broadcaster_user_id="9999"),
            await subscribe(hand, "channel.vip.remove", over("gone")),
            await subscribe(other, "channel.vip.add", session, broadcaster_user_id="1002"),
            await subscribe(hand, "user.authorization.revoke", session, client_id=CLIENT_ID),
            await subscribe(app, "channel.vip.add", webhook("http://app.example/eventsub")),
            await subscribe(app, "channel.vip.add", webhook("https://app.example:8443/eventsub")),
            await subscribe(app, "channel.vip.add", webhook(secret="x" * 9)),
            await subscribe(app, "channel.vip.add", webhook(secret="x" * 101)),
            await subscribe(app, "channel.vip.add", webhook(secret="ü" * 10)),
        ]


@provokes(f"POST {SUBSCRIPTIONS}", 401)
async def subscribed_with_the_wrong_kind_of_token(scene: Scene) -> Answers:
    hand, app = await scene.hand(), await scene.app()
    async with socket_to(scene.twitch) as socket:
        return [
            await subscribe(app, ONLINE, over(await session_of(socket))),
            await subscribe(hand, ONLINE, webhook()),
        ]


@provokes(f"POST {SUBSCRIPTIONS}", 403)
async def subscribed_to_what_was_not_granted(scene: Scene) -> Answers:
    unscoped, app = await scene.hand(scope=""), await scene.app()
    async with socket_to(scene.twitch) as socket:
        return [
            await subscribe(unscoped, "channel.vip.add", over(await session_of(socket))),
            await subscribe(app, "channel.vip.add", webhook()),
        ]


@provokes(f"POST {SUBSCRIPTIONS}", 409)
async def subscribed_twice(scene: Scene) -> Answers:
    hand = await scene.hand()
    async with socket_to(scene.twitch) as socket:
        session = over(await session_of(socket))
        await subscribe(hand, "channel.vip.add", session)
        return await subscribe(hand, "channel.vip.add", session)


@provokes(f"POST {SUBSCRIPTIONS}", 429)
async def subscribed_too_often(scene: Scene) -> Answers:
    hand = await scene.hand()
    async with socket_to(scene.twitch) as a, socket_to(scene.twitch) as b, socket_to(scene.twitch) as c:
        for socket in (a, b, c):
            assert (await subscribe(hand, ONLINE, over(await session_of(socket)))).status_code == 202
        async with socket_to(scene.twitch) as fourth:
            return await subscribe(hand, ONLINE, over(await session_of(fourth)))


@provokes(f"DELETE {SUBSCRIPTIONS}", 204)
async def unsubscribed(scene: Scene) -> Answers:
    hand = await scene.hand()
    async with socket_to(scene.twitch) as socket:
        made = await subscribe(hand, "channel.vip.add", over(await session_of(socket)))
        return await hand.call("DELETE", PATH, id=made.json()["data"][0]["id"])


@provokes(f"DELETE {SUBSCRIPTIONS}", 400)
async def unsubscribed_from_nothing(scene: Scene) -> Answers:
    return await (await scene.hand()).call("DELETE", PATH)


@provokes(f"DELETE {SUBSCRIPTIONS}", 404)
async def unsubscribed_from_the_unknown(scene: Scene) -> Answers:
    return await (await scene.hand()).call("DELETE", PATH, id="unknown")
