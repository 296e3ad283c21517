"""What is deliberately not there, and what one gets instead."""

from tests.simulator.driver import CLIENT_ID, REDIRECT
from tests.simulator.table.scenarios import APP, Answers, Scene, provokes

ASK = {"client_id": CLIENT_ID, "redirect_uri": REDIRECT, "scope": ""}


@provokes("GET /oauth2/authorize?response_type=token", 400)
async def implicit_flow(scene: Scene) -> Answers:
    kinds = ("token", "id_token", "token id_token")
    return [await scene.client.get("oauth2/authorize", params={**ASK, "response_type": kind}) for kind in kinds]


@provokes("GET /oauth2/authorize?scope=openid", 400)
async def openid(scene: Scene) -> Answers:
    return await scene.client.get("oauth2/authorize", params={**ASK, "response_type": "code", "scope": "openid"})


@provokes("GET /oauth2/authorize?force_verify=false", 200)
async def always_a_page(scene: Scene) -> Answers:
    await scene.hand(scope="channel:manage:vips")
    again = {**ASK, "response_type": "code", "scope": "channel:manage:vips", "force_verify": "false"}
    return await scene.client.get("oauth2/authorize", params=again)


@provokes("POST /oauth2/token?code_verifier", 400)
async def pkce(scene: Scene) -> Answers:
    form = {"client_id": CLIENT_ID, "grant_type": "authorization_code", "redirect_uri": REDIRECT}
    form |= {"code": await scene.twitch.code(), "code_verifier": "x" * 43}
    answer = await scene.client.post("oauth2/token", data=form)
    assert answer.json()["message"] == "missing client secret"
    return answer


@provokes("POST /oauth2/token (a refresh after Disconnect)", 400)
async def refresh_after_disconnect(scene: Scene) -> Answers:
    hand = await scene.hand()
    await scene.twitch.control("disconnect", user="streamer")
    return await scene.twitch.token(grant_type="refresh_token", refresh_token=hand.refresh)


@provokes("POST /oauth2/device", 404)
async def device(scene: Scene) -> Answers:
    return await scene.client.post("oauth2/device", data={"client_id": CLIENT_ID, "scopes": ""})


@provokes("POST /oauth2/token?grant_type=…:device_code", 400)
async def device_code(scene: Scene) -> Answers:
    form = {**APP, "grant_type": "urn:ietf:params:oauth:grant-type:device_code", "device_code": "x"}
    return await scene.client.post("oauth2/token", data=form)


@provokes("GET /oauth2/keys", 404)
async def keys(scene: Scene) -> Answers:
    return await scene.client.get("oauth2/keys")


@provokes("GET /oauth2/userinfo", 404)
async def userinfo(scene: Scene) -> Answers:
    return await scene.client.get("oauth2/userinfo")


@provokes("GET /oauth2/.well-known/openid-configuration", 404)
async def discovery(scene: Scene) -> Answers:
    return await scene.client.get("oauth2/.well-known/openid-configuration")


@provokes("GET /helix/eventsub/conduits", 404)
async def conduits(scene: Scene) -> Answers:
    app = await scene.app()
    return [await app.call(method, "eventsub/conduits") for method in ("GET", "POST", "PATCH", "DELETE")]


@provokes("POST /helix/eventsub/subscriptions (method conduit)", 400)
async def conduit_transport(scene: Scene) -> Answers:
    body = {
        "type": "channel.vip.add",
        "version": "1",
        "condition": {"broadcaster_user_id": "1001"},
        "transport": {"method": "conduit", "conduit_id": "x"},
    }
    return await (await scene.app()).call("POST", "eventsub/subscriptions", body)


@provokes("GET /mock/users (Client-Id of under 30 characters)", 200)
async def short_client_id(scene: Scene) -> Answers:
    hand = await scene.hand()
    headers = {"Authorization": f"Bearer {hand.access}", "Client-Id": CLIENT_ID}
    assert len(CLIENT_ID) < 30
    return await scene.client.get("mock/users", headers=headers)


@provokes("GET /units/videos", 404)
async def other_units(scene: Scene) -> Answers:
    kinds = ("categories", "streams", "subscriptions", "tags", "teams", "videos")
    return [await scene.client.get(f"units/{kind}") for kind in kinds]
