from typing import Any

import httpx

from tests.simulator.driver import CLIENT_ID, REDIRECT
from tests.simulator.table.scenarios import APP, Answers, Scene, provokes

ASK = {"client_id": CLIENT_ID, "redirect_uri": REDIRECT, "response_type": "code", "scope": "channel:manage:vips"}
AUTHORIZE = "/oauth2/authorize"
TOKEN = "POST /oauth2/token"
REVOKE = "POST /oauth2/revoke"


async def ask(scene: Scene, **fields: str) -> httpx.Response:
    return await scene.client.get("oauth2/authorize", params=ASK | fields)


@provokes(f"GET {AUTHORIZE}", 200)
async def the_page(scene: Scene) -> Answers:
    await scene.twitch.code()
    return [await ask(scene), await ask(scene, force_verify="true"), await ask(scene, scope="")]


@provokes(f"GET {AUTHORIZE}", 400)
async def no_page(scene: Scene) -> Answers:
    return [await ask(scene, client_id="nobody"), await ask(scene, redirect_uri="https://elsewhere.example/")]


@provokes(f"POST {AUTHORIZE}", 302)
async def chosen_or_denied(scene: Scene) -> Answers:
    chosen, denied = await scene.twitch.choose(user="viewer1"), await scene.twitch.choose(deny="1")
    assert "code=" in chosen.headers["location"]
    assert "error=access_denied" in denied.headers["location"]
    return [chosen, denied]


@provokes(f"POST {AUTHORIZE}", 400)
async def nobody_chosen(scene: Scene) -> Answers:
    await scene.deleted("viewer2")
    return [
        await scene.twitch.choose(user="nobody"),
        await scene.twitch.choose(user="viewer2"),
        await scene.twitch.choose(user="viewer1", client_id="nobody"),
        await scene.twitch.choose(user="viewer1", redirect_uri="https://elsewhere.example/"),
    ]


@provokes(TOKEN, 200)
async def tokens(scene: Scene) -> Answers:
    code = await scene.twitch.code()
    by_code = await scene.twitch.token(grant_type="authorization_code", code=code, redirect_uri=REDIRECT)
    refresh = by_code.json()["refresh_token"]
    return [
        by_code,
        await scene.twitch.token(grant_type="refresh_token", refresh_token=refresh),
        await scene.twitch.token(grant_type="client_credentials"),
    ]


@provokes(TOKEN, 400)
async def no_tokens(scene: Scene) -> Answers:
    token = scene.twitch.token
    code, late = await scene.twitch.code(), await scene.twitch.code()
    elsewhere = await token(grant_type="authorization_code", code=code, redirect_uri="http://localhost:1/")
    hand = await scene.hand()
    await token(grant_type="authorization_code", code=code, redirect_uri=REDIRECT)
    again = await token(grant_type="authorization_code", code=code, redirect_uri=REDIRECT)
    for _ in range(49):
        await token(grant_type="refresh_token", refresh_token=hand.refresh)
    too_many = await token(grant_type="refresh_token", refresh_token=hand.refresh)
    scene.clock.passed += 601
    gone = await scene.hand("viewer1")
    await scene.deleted("viewer1")
    return [
        elsewhere,
        await token(grant_type="refresh_token", refresh_token=gone.refresh),
        again,
        too_many,
        await token(grant_type="authorization_code", code=late, redirect_uri=REDIRECT),
        await token(grant_type="refresh_token", refresh_token="unknown"),
        await token(grant_type="password"),
        await token(grant_type=""),
        await token(client_id="nobody", grant_type="client_credentials"),
        await token(client_id="", grant_type="client_credentials"),
        await token(client_secret="", grant_type="client_credentials"),
        await scene.client.post("oauth2/token", headers={"Content-Type": "multipart/form-data"}, content=b"x"),
    ]


@provokes(TOKEN, 403)
async def wrong_secret(scene: Scene) -> Answers:
    return await scene.twitch.token(client_secret="wrong", grant_type="client_credentials")


@provokes("GET /oauth2/validate", 200)
async def valid(scene: Scene) -> Answers:
    user, app = await scene.hand(), await scene.app()
    return [
        await scene.client.get("oauth2/validate", headers={"Authorization": f"OAuth {user.access}"}),
        await scene.client.get("oauth2/validate", headers={"Authorization": f"Bearer {app.access}"}),
    ]


@provokes("GET /oauth2/validate", 401)
async def invalid(scene: Scene) -> Answers:
    return [
        await scene.client.get("oauth2/validate"),
        await scene.client.get("oauth2/validate", headers={"Authorization": "OAuth unknown"}),
    ]


async def revoke(scene: Scene, **fields: Any) -> httpx.Response:
    return await scene.client.post("oauth2/revoke", data=fields)


@provokes(REVOKE, 200)
async def revoked(scene: Scene) -> Answers:
    answer = await revoke(scene, client_id=CLIENT_ID, token=(await scene.hand()).access)
    assert answer.content == b""
    return answer


@provokes(REVOKE, 400)
async def not_revoked(scene: Scene) -> Answers:
    return [
        await revoke(scene, client_id=CLIENT_ID, token="unknown"),
        await revoke(scene, client_id=CLIENT_ID),
        await revoke(scene, token="unknown"),
    ]


@provokes(REVOKE, 404)
async def no_such_client(scene: Scene) -> Answers:
    return await revoke(scene, client_id="nobody", token=(await scene.hand()).access)


@provokes("ANY /oauth2/…", 404)
async def nothing_else(scene: Scene) -> Answers:
    return [await scene.client.get("oauth2/nonsense"), await scene.client.get("oauth2/token")]


@provokes("POST /auth/authorize", 200)
async def minted(scene: Scene) -> Answers:
    wish = {**APP, "grant_type": "user_token", "user_id": "1001", "scope": "channel:manage:vips"}
    return await scene.client.post("auth/authorize", params=wish)


@provokes("POST /auth/authorize", 400)
async def not_minted(scene: Scene) -> Answers:
    wish = {**APP, "grant_type": "user_token", "user_id": "1001"}
    await scene.deleted("viewer1")
    return [
        await scene.client.post("auth/authorize", params=wish | wrong)
        for wrong in (
            {"user_id": "9999"},
            {"user_id": "3001"},
            {"user_id": ""},
            {"client_id": "nobody"},
            {"client_secret": ""},
        )
    ]


@provokes("POST /auth/authorize", 403)
async def not_minted_for_a_stranger(scene: Scene) -> Answers:
    wish = {**APP, "grant_type": "user_token", "user_id": "1001", "client_secret": "wrong"}
    return await scene.client.post("auth/authorize", params=wish)


@provokes("GET /units/clients", 200)
async def clients(scene: Scene) -> Answers:
    return await scene.client.get("units/clients")


@provokes("GET /units/users", 200)
async def users(scene: Scene) -> Answers:
    await scene.deleted("viewer1")
    answer = await scene.client.get("units/users")
    assert "viewer1" not in [one["login"] for one in answer.json()["data"]]
    return answer
