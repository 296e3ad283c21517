"""What every endpoint of Helix answers alike."""

from tests.simulator.driver import CLIENT_ID
from tests.simulator.table.scenarios import Answers, Scene, provokes
from vip_manager.simulator.helix.table import TABLE

ANY = "ANY /helix/…"


@provokes(ANY, 401)
async def no_right_token(scene: Scene) -> Answers:
    hand = await scene.hand()
    wrong = [
        {},
        {"Authorization": "Bearer unknown", "Client-Id": CLIENT_ID},
        {"Authorization": f"Bearer {hand.access}"},
        {"Authorization": f"Bearer {hand.access}", "Client-Id": "another"},
    ]
    return [
        await scene.client.request(method, f"helix{path}", headers=headers)
        for method, path in TABLE
        for headers in wrong
    ]


@provokes(ANY, 404)
async def no_such_endpoint(scene: Scene) -> Answers:
    hand = await scene.hand()
    return [
        await hand.call("GET", "nonsense"),
        *[await hand.call("PUT", path.removeprefix("/")) for _, path in TABLE],
    ]


@provokes(ANY, 429)
async def empty_bucket(scene: Scene) -> Answers:
    hand = await scene.hand()
    for _ in range(800):
        await hand.call("GET", "users")
    return [await hand.call("GET", "users"), await hand.vip("POST", "viewer1")]
