"""Users, streams, moderators and VIPs."""

from typing import Any

import httpx

from tests.simulator.driver import IDS, Hand
from tests.simulator.table.scenarios import Answers, Scene, provokes, refused_without_rights

MODERATORS = "/helix/moderation/moderators"
CHANNELS = "GET /helix/moderation/channels"
AUTHORIZATIONS = "GET /helix/authorization/users"
VIPS = "/helix/channels/vips"
OWN = {"broadcaster_id": "1001"}


def nameless(login: str) -> dict[str, str]:
    """Somebody deleted, as lists have them."""
    return {"user_id": IDS[login], "user_login": "", "user_name": ""}


@provokes("GET /helix/users", 200)
async def users(scene: Scene) -> Answers:
    hand, app = await scene.hand(), await scene.app()
    await scene.deleted("viewer1")
    gone = await app.call("GET", "users", login="viewer1", id=IDS["viewer1"])
    assert gone.json()["data"] == []
    return [await hand.call("GET", "users"), await app.call("GET", "users", login="nobody"), gone]


@provokes("GET /helix/users", 400)
async def bad_users(scene: Scene) -> Answers:
    hand, app = await scene.hand(), await scene.app()
    return [
        await app.call("GET", "users"),
        await hand.call("GET", "users", id="abc"),
        await hand.call("GET", "users", id=[str(n) for n in range(60)], login=[f"x{n}" for n in range(41)]),
    ]


@provokes(AUTHORIZATIONS, 200)
async def authorizations(scene: Scene) -> Answers:
    await scene.deleted("viewer1")
    answer = await (await scene.app()).call("GET", "authorization/users", user_id=["1001", "9999", IDS["viewer1"]])
    assert [one["user_id"] for one in answer.json()["data"]] == ["1001"]
    return answer


@provokes(AUTHORIZATIONS, 400)
async def bad_authorizations(scene: Scene) -> Answers:
    app = await scene.app()
    return [
        await app.call("GET", "authorization/users"),
        await app.call("GET", "authorization/users", user_id="abc"),
        await app.call("GET", "authorization/users", user_id=[str(n) for n in range(11)]),
    ]


@provokes(AUTHORIZATIONS, 401)
async def authorizations_for_a_user(scene: Scene) -> Answers:
    return await (await scene.hand()).call("GET", "authorization/users", user_id="1001")


@provokes("GET /helix/streams", 200)
async def streams(scene: Scene) -> Answers:
    await scene.twitch.control("channel", channel="secondstreamer", live=True)
    await scene.deleted("secondstreamer")
    app, hand = await scene.app(), await scene.hand()
    answers = [await app.call("GET", "streams"), await hand.call("GET", "streams")]
    assert [answer.json()["data"] for answer in answers] == [[], []]
    return answers


@provokes("GET /helix/streams", 400)
async def bad_streams(scene: Scene) -> Answers:
    hand = await scene.hand()
    wrong: list[dict[str, Any]] = [
        {"type": "rerun"},
        {"user_id": "abc"},
        {"user_id": [str(n) for n in range(101)]},
        {"first": "0"},
        {"after": "nonsense"},
        {"before": "nonsense"},
    ]
    return [await hand.call("GET", "streams", **params) for params in wrong]


@provokes(f"GET {VIPS}", 200)
async def vips(scene: Scene) -> Answers:
    hand = await scene.hand(scope="channel:read:vips")
    await scene.deleted("permanentvip")
    answers = [await hand.call("GET", "channels/vips", **OWN, **one) for one in ({}, {"user_id": "4001"})]
    assert [answer.json()["data"] for answer in answers] == [[nameless("permanentvip")]] * 2
    return answers


@provokes(f"GET {VIPS}", 400)
async def bad_vips(scene: Scene) -> Answers:
    hand = await scene.hand()
    return [
        await hand.call("GET", "channels/vips"),
        await hand.call("GET", "channels/vips", **OWN, user_id="abc"),
        await hand.call("GET", "channels/vips", **OWN, user_id=[str(n) for n in range(101)]),
        await hand.call("GET", "channels/vips", **OWN, first=101),
    ]


@provokes(f"GET {VIPS}", 401)
async def others_vips(scene: Scene) -> Answers:
    return await refused_without_rights(scene, "GET", "channels/vips", **OWN)


@provokes(f"POST {VIPS}", 204)
async def vip_added(scene: Scene) -> Answers:
    return await (await scene.hand()).vip("POST", "viewer1")


@provokes(f"POST {VIPS}", 400)
async def vip_of_nobody_possible(scene: Scene) -> Answers:
    hand = await scene.hand()
    await scene.twitch.control("ban", channel="streamer", viewer="viewer1", banned=True)
    return [
        await hand.vip("POST", "abc"),
        await hand.vip("POST", "viewer1"),
        await hand.vip("POST", "1001"),
        await hand.vip("POST", "viewer2", broadcaster_id="abc"),
        await hand.call("POST", "channels/vips", **OWN),
    ]


@provokes(f"POST {VIPS}", 401)
async def vip_elsewhere(scene: Scene) -> Answers:
    return await refused_without_rights(scene, "POST", "channels/vips", **OWN, user_id="3001")


@provokes(f"POST {VIPS}", 404)
async def vip_unknown(scene: Scene) -> Answers:
    hand = await scene.hand()
    await scene.deleted("viewer1")
    return [await hand.vip("POST", "9999"), await hand.vip("POST", "viewer1")]


@provokes(f"POST {VIPS}", 409)
async def no_seat(scene: Scene) -> Answers:
    await scene.twitch.control("channel", channel="streamer", capacity=1)
    return await (await scene.hand()).vip("POST", "viewer1")


@provokes(f"POST {VIPS}", 422)
async def moderator_or_vip(scene: Scene) -> Answers:
    hand = await scene.hand()
    moderator, vip = await hand.vip("POST", "mod"), await hand.vip("POST", "permanentvip")
    assert moderator.json()["message"] != vip.json()["message"]
    return [moderator, vip]


@provokes(f"POST {VIPS}", 425)
async def no_community(scene: Scene) -> Answers:
    await scene.twitch.control("channel", channel="streamer", community_unlocked=False)
    return await (await scene.hand()).vip("POST", "viewer1")


async def eleventh(hand: Hand, method: str, path: str) -> httpx.Response:
    for _ in range(10):
        await hand.call(method, path, **OWN, user_id="3001")
    answer = await hand.call(method, path, **OWN, user_id="3001")
    assert int(answer.headers["Ratelimit-Remaining"]) > 0
    return answer


@provokes(f"POST {VIPS}", 429)
async def eleventh_vip_added(scene: Scene) -> Answers:
    return await eleventh(await scene.hand(), "POST", "channels/vips")


@provokes(f"DELETE {VIPS}", 204)
async def vip_removed(scene: Scene) -> Answers:
    hand, viewer = await scene.hand(), await scene.hand("viewer1")
    await hand.vip("POST", "viewer1")
    return [
        await hand.vip("DELETE", "permanentvip"),
        await viewer.vip("DELETE", "viewer1", broadcaster_id="1001"),
    ]


@provokes(f"DELETE {VIPS}", 400)
async def bad_vip_removed(scene: Scene) -> Answers:
    hand = await scene.hand()
    return [await hand.vip("DELETE", "abc"), await hand.call("DELETE", "channels/vips", user_id="4001")]


@provokes(f"DELETE {VIPS}", 401)
async def vip_removed_elsewhere(scene: Scene) -> Answers:
    return await refused_without_rights(scene, "DELETE", "channels/vips", **OWN, user_id="4001")


@provokes(f"DELETE {VIPS}", 404)
async def unknown_vip_removed(scene: Scene) -> Answers:
    hand, viewer = await scene.hand(), await scene.hand("viewer1")
    await scene.deleted("permanentvip", "secondstreamer")
    return [
        await hand.vip("DELETE", "9999"),
        await hand.vip("DELETE", "permanentvip"),
        await viewer.vip("DELETE", "viewer1", broadcaster_id="9999"),
        await viewer.vip("DELETE", "viewer1", broadcaster_id="1002"),
    ]


@provokes(f"DELETE {VIPS}", 422)
async def no_vip_removed(scene: Scene) -> Answers:
    return await (await scene.hand()).vip("DELETE", "viewer1")


@provokes(f"DELETE {VIPS}", 429)
async def eleventh_vip_removed(scene: Scene) -> Answers:
    return await eleventh(await scene.hand(), "DELETE", "channels/vips")


async def moderator(scene: Scene, method: str, user: str = "", **params: Any) -> httpx.Response:
    hand = await scene.hand(scope="channel:manage:moderators")
    who = {"user_id": IDS.get(user, user)} if user else {}
    return await hand.call(method, "moderation/moderators", **{**OWN, **who, **params})


@provokes(f"GET {MODERATORS}", 200)
async def moderators(scene: Scene) -> Answers:
    await scene.deleted("mod")
    everybody = await moderator(scene, "GET")
    assert everybody.json()["data"] == [nameless("mod")]
    return [everybody, await moderator(scene, "GET", "viewer1")]


@provokes(f"GET {MODERATORS}", 400)
async def bad_moderators(scene: Scene) -> Answers:
    return [
        await moderator(scene, "GET", broadcaster_id=""),
        await moderator(scene, "GET", "abc"),
        await moderator(scene, "GET", user_id=[str(n) for n in range(101)]),
    ]


@provokes(f"GET {MODERATORS}", 401)
async def others_moderators(scene: Scene) -> Answers:
    return await refused_without_rights(scene, "GET", "moderation/moderators", **OWN)


@provokes(f"POST {MODERATORS}", 204)
async def moderator_added(scene: Scene) -> Answers:
    return await moderator(scene, "POST", "viewer1")


@provokes(f"POST {MODERATORS}", 400)
async def no_moderator_added(scene: Scene) -> Answers:
    await scene.twitch.control("ban", channel="streamer", viewer="viewer1", banned=True)
    await scene.deleted("viewer2")
    users = ("mod", "viewer1", "viewer2", "9999", "abc", "1001", "")
    return [await moderator(scene, "POST", user) for user in users]


@provokes(f"POST {MODERATORS}", 401)
async def moderator_added_elsewhere(scene: Scene) -> Answers:
    return await refused_without_rights(scene, "POST", "moderation/moderators", **OWN, user_id="3001")


@provokes(f"POST {MODERATORS}", 422)
async def vip_as_moderator(scene: Scene) -> Answers:
    return await moderator(scene, "POST", "permanentvip")


@provokes(f"POST {MODERATORS}", 429)
async def eleventh_moderator_added(scene: Scene) -> Answers:
    return await eleventh(await scene.hand(scope="channel:manage:moderators"), "POST", "moderation/moderators")


@provokes(f"DELETE {MODERATORS}", 204)
async def moderator_removed(scene: Scene) -> Answers:
    return await moderator(scene, "DELETE", "mod")


@provokes(f"DELETE {MODERATORS}", 400)
async def no_moderator_removed(scene: Scene) -> Answers:
    await scene.deleted("mod")
    return [await moderator(scene, "DELETE", user) for user in ("viewer1", "mod", "9999", "abc", "")]


@provokes(f"DELETE {MODERATORS}", 401)
async def moderator_removed_elsewhere(scene: Scene) -> Answers:
    return await refused_without_rights(scene, "DELETE", "moderation/moderators", **OWN, user_id="2001")


@provokes(f"DELETE {MODERATORS}", 429)
async def eleventh_moderator_removed(scene: Scene) -> Answers:
    return await eleventh(await scene.hand(scope="channel:manage:moderators"), "DELETE", "moderation/moderators")


async def moderated(scene: Scene, **params: Any) -> httpx.Response:
    hand = await scene.hand("mod", "user:read:moderated_channels")
    return await hand.call("GET", "moderation/channels", **params)


@provokes(CHANNELS, 200)
async def moderated_channels(scene: Scene) -> Answers:
    await scene.deleted("secondstreamer")
    answer = await moderated(scene, user_id="2001")
    found = [(one["broadcaster_id"], one["broadcaster_login"]) for one in answer.json()["data"]]
    assert found == [("1001", "streamer"), ("1002", "")]
    return answer


@provokes(CHANNELS, 400)
async def bad_moderated_channels(scene: Scene) -> Answers:
    return [
        await moderated(scene),
        await moderated(scene, user_id="abc"),
        await moderated(scene, user_id=2001, first=0),
    ]


@provokes(CHANNELS, 401)
async def others_moderated_channels(scene: Scene) -> Answers:
    unscoped = await (await scene.hand("mod")).call("GET", "moderation/channels", user_id="2001")
    return [unscoped, await moderated(scene, user_id="1001")]
