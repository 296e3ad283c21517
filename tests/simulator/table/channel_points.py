from typing import Any

import httpx

from tests.simulator.driver import Hand
from tests.simulator.table.scenarios import Answers, Scene, provokes, refused_without_rights

REWARDS = "/helix/channel_points/custom_rewards"
REDEMPTIONS = f"{REWARDS}/redemptions"
PATH = "channel_points/custom_rewards"
OWN = {"broadcaster_id": "1001"}
VIP = {"title": "VIP", "cost": 500}


@provokes(f"GET {REWARDS}", 200)
async def rewards(scene: Scene) -> Answers:
    return await (await scene.hand(scope="channel:read:redemptions")).rewards("GET")


@provokes(f"GET {REWARDS}", 400)
async def bad_rewards(scene: Scene) -> Answers:
    hand = await scene.hand()
    return [
        await hand.rewards("GET", broadcaster_id=""),
        await hand.rewards("GET", broadcaster_id="abc"),
        await hand.rewards("GET", id=[str(n) for n in range(51)]),
        await hand.rewards("GET", only_manageable_rewards="maybe"),
    ]


@provokes(f"GET {REWARDS}", 401)
async def others_rewards(scene: Scene) -> Answers:
    return await refused_without_rights(scene, "GET", PATH, **OWN)


@provokes(f"GET {REWARDS}", 403)
async def rewards_of_no_affiliate(scene: Scene) -> Answers:
    return await (await scene.hand("viewer1")).rewards("GET")


@provokes(f"GET {REWARDS}", 404)
async def unknown_rewards(scene: Scene) -> Answers:
    return await (await scene.hand()).rewards("GET", id="unknown")


@provokes(f"POST {REWARDS}", 200)
async def reward_made(scene: Scene) -> Answers:
    return await (await scene.hand()).rewards("POST", VIP)


@provokes(f"POST {REWARDS}", 400)
async def reward_not_made(scene: Scene) -> Answers:
    hand = await scene.hand()
    wrong: list[dict[str, Any]] = [
        {"title": "x" * 46},
        {"title": " "},
        {"cost": 0},
        {"cost": 10**15 + 1},
        {"prompt": "x" * 201},
        {"background_color": "#12345"},
        {"is_max_per_stream_enabled": True, "max_per_stream": 0},
        {"is_max_per_user_per_stream_enabled": True, "max_per_user_per_stream": 0},
        {"is_global_cooldown_enabled": True, "global_cooldown_seconds": 0},
        {"is_global_cooldown_enabled": True, "global_cooldown_seconds": 604_801},
    ]
    answers = [await hand.rewards("POST", VIP | one) for one in wrong]
    answers.append(await hand.rewards("POST", {"cost": 1}))
    for number in range(50):
        await hand.make_reward(f"Reward {number}")
    full = await hand.rewards("POST", VIP)
    await hand.rewards("DELETE", id=(await hand.rewards("GET")).json()["data"][0]["id"])
    taken = (await hand.rewards("GET")).json()["data"][0]["title"]
    return [*answers, full, await hand.rewards("POST", VIP | {"title": taken.upper()})]


@provokes(f"POST {REWARDS}", 401)
async def reward_made_elsewhere(scene: Scene) -> Answers:
    return await refused_without_rights(scene, "POST", PATH, VIP, **OWN)


@provokes(f"POST {REWARDS}", 403)
async def reward_of_no_affiliate(scene: Scene) -> Answers:
    return await (await scene.hand("viewer1")).rewards("POST", VIP)


@provokes(f"PATCH {REWARDS}", 200)
async def reward_changed(scene: Scene) -> Answers:
    hand = await scene.hand()
    return await hand.rewards("PATCH", {"is_paused": True}, id=await hand.make_reward())


@provokes(f"PATCH {REWARDS}", 400)
async def reward_not_changed(scene: Scene) -> Answers:
    hand = await scene.hand()
    mine, other = await hand.make_reward(), await hand.make_reward("Another")
    assert other != mine
    return [
        await hand.rewards("PATCH", {"title": "Another"}, id=mine),
        await hand.rewards("PATCH", {"cost": 0}, id=mine),
        await hand.rewards("PATCH", {}, id=mine),
        await hand.rewards("PATCH", {"cost": 5}),
    ]


@provokes(f"PATCH {REWARDS}", 401)
async def reward_changed_elsewhere(scene: Scene) -> Answers:
    mine = await (await scene.hand()).make_reward()
    return await refused_without_rights(scene, "PATCH", PATH, {"cost": 5}, **OWN, id=mine)


@provokes(f"PATCH {REWARDS}", 403)
async def others_reward_changed(scene: Scene) -> Answers:
    hand, viewer = await scene.hand(), await scene.hand("viewer1")
    foreign = await scene.dashboards_reward()
    return [await hand.rewards("PATCH", {"cost": 5}, id=foreign), await viewer.rewards("PATCH", {"cost": 5}, id="x")]


@provokes(f"PATCH {REWARDS}", 404)
async def unknown_reward_changed(scene: Scene) -> Answers:
    return await (await scene.hand()).rewards("PATCH", {"cost": 5}, id="unknown")


@provokes(f"DELETE {REWARDS}", 204)
async def reward_deleted(scene: Scene) -> Answers:
    hand = await scene.hand()
    return await hand.rewards("DELETE", id=await hand.make_reward())


@provokes(f"DELETE {REWARDS}", 400)
async def reward_not_deleted(scene: Scene) -> Answers:
    hand = await scene.hand()
    return [await hand.rewards("DELETE"), await hand.rewards("DELETE", broadcaster_id="", id="x")]


@provokes(f"DELETE {REWARDS}", 401)
async def reward_deleted_elsewhere(scene: Scene) -> Answers:
    mine = await (await scene.hand()).make_reward()
    return await refused_without_rights(scene, "DELETE", PATH, **OWN, id=mine)


@provokes(f"DELETE {REWARDS}", 403)
async def others_reward_deleted(scene: Scene) -> Answers:
    hand, viewer = await scene.hand(), await scene.hand("viewer1")
    foreign = await scene.dashboards_reward()
    return [await hand.rewards("DELETE", id=foreign), await viewer.rewards("DELETE", id="x")]


@provokes(f"DELETE {REWARDS}", 404)
async def unknown_reward_deleted(scene: Scene) -> Answers:
    return await (await scene.hand()).rewards("DELETE", id="unknown")


@provokes(f"GET {REDEMPTIONS}", 200)
async def redemptions(scene: Scene) -> Answers:
    hand = await scene.hand()
    reward = await hand.make_reward()
    made = await scene.redeemed()
    await scene.deleted("viewer1")
    answers = [
        await hand.redemptions("GET", reward_id=reward, status="UNFULFILLED", sort="NEWEST", first=50),
        await hand.redemptions("GET", reward_id=reward, id=made),
    ]
    assert [one["user_name"] for answer in answers for one in answer.json()["data"]] == ["", ""]
    return answers


@provokes(f"GET {REDEMPTIONS}", 400)
async def bad_redemptions(scene: Scene) -> Answers:
    hand = await scene.hand()
    reward = await hand.make_reward()
    wrong: list[dict[str, Any]] = [
        {},
        {"status": "fulfilled"},
        {"status": "FULFILLED", "sort": "UP"},
        {"status": "FULFILLED", "first": 51},
        {"status": "FULFILLED", "after": "nonsense"},
        {"status": "FULFILLED", "reward_id": ""},
        {"id": [str(n) for n in range(51)]},
    ]
    return [await hand.redemptions("GET", **{"reward_id": reward, **params}) for params in wrong]


@provokes(f"GET {REDEMPTIONS}", 401)
async def others_redemptions(scene: Scene) -> Answers:
    params = {**OWN, "reward_id": await (await scene.hand()).make_reward(), "status": "FULFILLED"}
    return await refused_without_rights(scene, "GET", f"{PATH}/redemptions", **params)


@provokes(f"GET {REDEMPTIONS}", 403)
async def redemptions_of_others_reward(scene: Scene) -> Answers:
    hand, viewer = await scene.hand(), await scene.hand("viewer1")
    foreign = await scene.dashboards_reward()
    return [
        await hand.redemptions("GET", reward_id=foreign, status="FULFILLED"),
        await viewer.redemptions("GET", reward_id="x", status="FULFILLED"),
    ]


@provokes(f"GET {REDEMPTIONS}", 404)
async def unknown_redemptions(scene: Scene) -> Answers:
    hand = await scene.hand()
    reward = await hand.make_reward()
    old = await scene.redeemed()
    await settle(hand, reward, old)
    scene.clock.passed += 4 * 24 * 3600
    hand = await scene.hand()
    return [
        await hand.redemptions("GET", reward_id="unknown", status="FULFILLED"),
        await hand.redemptions("GET", reward_id=reward, id="unknown"),
        await hand.redemptions("GET", reward_id=reward, id=old),
    ]


async def settle(hand: Hand, reward: str, redemption: str, status: str = "FULFILLED", **more: Any) -> httpx.Response:
    return await hand.redemptions("PATCH", {"status": status}, **{"reward_id": reward, "id": redemption, **more})


@provokes(f"PATCH {REDEMPTIONS}", 200)
async def redemption_settled(scene: Scene) -> Answers:
    hand = await scene.hand()
    reward = await hand.make_reward()
    of_gone = await scene.redeemed("viewer2")
    await scene.deleted("viewer2")
    return [
        await settle(hand, reward, await scene.redeemed()),
        await settle(hand, reward, await scene.redeemed(), "CANCELED"),
        await settle(hand, reward, of_gone, "CANCELED"),
    ]


@provokes(f"PATCH {REDEMPTIONS}", 400)
async def redemption_not_settled(scene: Scene) -> Answers:
    hand = await scene.hand()
    reward = await hand.make_reward()
    made = await scene.redeemed()
    return [
        await settle(hand, reward, made, "UNFULFILLED"),
        await settle(hand, reward, ""),
        await settle(hand, "", made),
        await settle(hand, reward, made, id=[str(n) for n in range(51)]),
    ]


@provokes(f"PATCH {REDEMPTIONS}", 401)
async def redemption_settled_elsewhere(scene: Scene) -> Answers:
    reward = await (await scene.hand()).make_reward()
    params = {**OWN, "reward_id": reward, "id": await scene.redeemed()}
    return await refused_without_rights(scene, "PATCH", f"{PATH}/redemptions", {"status": "FULFILLED"}, **params)


@provokes(f"PATCH {REDEMPTIONS}", 403)
async def others_redemption_settled(scene: Scene) -> Answers:
    hand = await scene.hand()
    foreign = await scene.dashboards_reward()
    return await settle(hand, foreign, await scene.redeemed())


@provokes(f"PATCH {REDEMPTIONS}", 404)
async def settled_again(scene: Scene) -> Answers:
    hand = await scene.hand()
    reward = await hand.make_reward()
    made = await scene.redeemed()
    await settle(hand, reward, made)
    return [
        await settle(hand, reward, made),
        await settle(hand, reward, "unknown"),
        await settle(hand, "unknown", made),
    ]
