from typing import Any

import httpx

from tests.simulator.driver import IDS, Hand
from tests.simulator.table.scenarios import Answers, Scene, provokes

MESSAGES = "POST /helix/chat/messages"
ANNOUNCEMENTS = "POST /helix/chat/announcements"


async def say(hand: Hand, text: Any = "Hello", sender: str | None = None, **more: Any) -> httpx.Response:
    """With `text` None or a field "" it is left out."""
    body = {"broadcaster_id": "1001", "sender_id": sender or hand.user_id, "message": text, **more}
    return await hand.call("POST", "chat/messages", {name: value for name, value in body.items() if value})


@provokes(MESSAGES, 200)
async def said(scene: Scene) -> Answers:
    banned, bot = (
        await scene.hand("viewer1", "user:write:chat"),
        await scene.hand("viewer2", "user:write:chat user:bot"),
    )
    await scene.twitch.control("ban", channel="streamer", viewer="viewer1", banned=True)
    app = await scene.app()
    await scene.hand("streamer", "channel:bot")
    sent, dropped, by_app = await say(bot), await say(banned), await say(app, "  ", IDS["viewer2"])
    flags = [answer.json()["data"][0]["is_sent"] for answer in (sent, dropped, by_app)]
    assert flags == [True, False, False]
    return [sent, dropped, by_app]


@provokes(MESSAGES, 400)
async def not_understood(scene: Scene) -> Answers:
    hand = await scene.hand("viewer1", "user:write:chat")
    await scene.deleted("viewer2", "secondstreamer")
    return [
        await say(hand, None),
        await say(hand, broadcaster_id="1002"),
        await say(await scene.app(), sender=IDS["viewer2"]),
        await say(hand, broadcaster_id=""),
        await say(hand, broadcaster_id="abc"),
        await say(hand, broadcaster_id="9999"),
        await say(hand, sender_id=""),
        await say(hand, reply_parent_message_id="unknown"),
        await say(hand, for_source_only=True),
    ]


@provokes(MESSAGES, 401)
async def said_as_somebody_else(scene: Scene) -> Answers:
    unscoped, hand = await scene.hand("viewer1", ""), await scene.hand("viewer1", "user:write:chat")
    return [await say(unscoped), await say(hand, sender=IDS["viewer2"])]


@provokes(MESSAGES, 403)
async def bot_not_let_in(scene: Scene) -> Answers:
    app = await scene.app()
    unknown = await say(app, sender=IDS["viewer1"])
    await scene.hand("viewer1", "user:write:chat user:bot")
    return [unknown, await say(app, sender=IDS["viewer1"])]


@provokes(MESSAGES, 422)
async def said_too_much(scene: Scene) -> Answers:
    return await say(await scene.hand("viewer1", "user:write:chat"), "x" * 501)


@provokes(MESSAGES, 429)
async def said_too_fast(scene: Scene) -> Answers:
    viewer, moderator = await scene.hand("viewer1", "user:write:chat"), await scene.hand("mod", "user:write:chat")
    await say(viewer)
    at_once = await say(viewer)
    for _ in range(19):
        scene.clock.passed += 1
        await say(viewer)
    scene.clock.passed += 1
    for _ in range(100):
        await say(moderator)
    return [at_once, await say(viewer), await say(moderator)]


async def announce(hand: Hand, text: str = "Hello", colour: str = "", **params: Any) -> httpx.Response:
    where = {"broadcaster_id": "1001", "moderator_id": hand.user_id, **params}
    return await hand.call("POST", "chat/announcements", {"message": text, "color": colour}, **where)


@provokes(ANNOUNCEMENTS, 204)
async def announced(scene: Scene) -> Answers:
    own, moderator = (
        await scene.hand("streamer", "moderator:manage:announcements"),
        await scene.hand("mod", "moderator:manage:announcements"),
    )
    return [await announce(own, "x" * 600), await announce(moderator, colour="purple")]


@provokes(ANNOUNCEMENTS, 400)
async def nothing_announced(scene: Scene) -> Answers:
    hand = await scene.hand("mod", "moderator:manage:announcements")
    await scene.deleted("secondstreamer")
    return [
        await announce(hand, broadcaster_id="1002"),
        await announce(hand, ""),
        await announce(hand, colour="red"),
        await announce(hand, broadcaster_id=""),
        await announce(hand, broadcaster_id="9999"),
        await announce(hand, moderator_id="abc"),
    ]


@provokes(ANNOUNCEMENTS, 401)
async def announced_by_nobody(scene: Scene) -> Answers:
    unscoped, viewer, hand = (
        await scene.hand("mod", ""),
        await scene.hand("viewer1", "moderator:manage:announcements"),
        await scene.hand("mod", "moderator:manage:announcements"),
    )
    return [await announce(unscoped), await announce(viewer), await announce(hand, moderator_id="1001")]


@provokes(ANNOUNCEMENTS, 429)
async def announced_too_fast(scene: Scene) -> Answers:
    hand = await scene.hand("mod", "moderator:manage:announcements")
    await announce(hand)
    scene.clock.passed += 1.9
    return await announce(hand)
