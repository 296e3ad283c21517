"""twitch-cli's layout, asked as its clients ask (twurple with TWURPLE_MOCK_API_PORT, pyTwitchAPI with base URLs)."""

from typing import Any

import httpx
import pytest

from tests.simulator.driver import CLIENT_ID, CLIENT_SECRET, RATELIMIT, REDIRECT, Hand, Twitch, session_of, socket_to
from vip_manager.simulator.surfaces import surface

CLIENT = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}


async def minted(twitch: Twitch, scope: str = "channel:manage:vips") -> dict[str, Any]:
    """As pyTwitchAPI mocks a sign-in: everything in the query, no body."""
    wish = {**CLIENT, "grant_type": "user_token", "user_id": "1001", "scope": scope}
    answer = await twitch.client.post("auth/authorize", params=wish)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def ask(twitch: Twitch, method: str, path: str, token: str, **options: Any) -> httpx.Response:
    headers = {"Authorization": f"Bearer {token}", "Client-Id": CLIENT_ID}
    answer = await twitch.client.request(method, path, headers=headers, **options)
    assert all(name in answer.headers for name in RATELIMIT)
    return answer


async def test_a_minted_token_has_its_scopes_and_can_be_refreshed_validated_and_revoked(twitch: Twitch) -> None:
    tokens = await minted(twitch, "channel:manage:vips moderation:read")
    assert tokens["scope"] == ["channel:manage:vips", "moderation:read"]
    renewed = await twitch.client.post(
        "auth/token",
        params={**CLIENT, "grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]},
    )
    token = renewed.json()["access_token"]
    valid = await twitch.client.get("auth/validate", headers={"Authorization": f"OAuth {token}"})
    assert (valid.json()["login"], valid.json()["scopes"]) == ("streamer", tokens["scope"])
    assert (await twitch.client.post("auth/revoke", data={**CLIENT, "token": token})).status_code == 200
    assert (await ask(twitch, "GET", "mock/users", token)).status_code == 401


async def test_minting_counts_as_the_users_grant(twitch: Twitch) -> None:
    await minted(twitch)
    app = (await twitch.client.post("auth/token", params={**CLIENT, "grant_type": "client_credentials"})).json()
    asked = await ask(twitch, "GET", "mock/authorization/users?user_id=1001", app["access_token"])
    assert asked.json()["data"][0]["scopes"] == ["channel:manage:vips"]


async def test_twitchs_own_layout_mints_nothing(twitch: Twitch) -> None:
    wish = {**CLIENT, "grant_type": "user_token", "user_id": "1001", "scope": ""}
    assert (await twitch.client.post("oauth2/authorize", params=wish)).status_code == 400


async def test_the_page_is_there_too_and_its_form_leads_back_to_it(twitch: Twitch) -> None:
    ask_for = {"client_id": CLIENT_ID, "redirect_uri": REDIRECT, "response_type": "code", "scope": ""}
    page = await twitch.client.get("auth/authorize", params=ask_for)
    assert (page.status_code, 'action="authorize"' in page.text) == (200, True)
    chosen = await twitch.client.post("auth/authorize", data={**ask_for, "user": "viewer1"})
    assert chosen.headers["location"].startswith(f"{REDIRECT}?code=")


async def test_helix_is_the_same_below_mock(twitch: Twitch) -> None:
    token = (await minted(twitch))["access_token"]
    add = await ask(twitch, "POST", "mock/channels/vips?broadcaster_id=1001&user_id=3001", token)
    assert add.status_code == 204
    again = await ask(twitch, "POST", "helix/channels/vips?broadcaster_id=1001&user_id=3001", token)
    assert again.status_code == 422
    listed = await ask(twitch, "GET", "mock/channels/vips?broadcaster_id=1001", token)
    assert listed.json()["pagination"] == {}
    assert [one["user_id"] for one in listed.json()["data"]] == ["3001", "4001"]
    assert (await ask(twitch, "GET", "mock/nonsense", token)).status_code == 404


async def test_subscriptions_stand_by_themselves_in_that_layout(twitch: Twitch) -> None:
    token = (await minted(twitch))["access_token"]
    async with socket_to(twitch) as socket:
        wish = {
            "type": "channel.vip.add",
            "version": "1",
            "condition": {"broadcaster_user_id": "1001"},
            "transport": {"method": "websocket", "session_id": await session_of(socket)},
        }
        made = await ask(twitch, "POST", "eventsub/subscriptions", token, json=wish)
        assert made.status_code == 202
        for path in ("eventsub/subscriptions", "mock/eventsub/subscriptions", "helix/eventsub/subscriptions"):
            assert (await ask(twitch, "GET", path, token)).json()["total"] == 1
        gone = await ask(twitch, "DELETE", f"eventsub/subscriptions?id={made.json()['data'][0]['id']}", token)
        assert gone.status_code == 204
        assert (await ask(twitch, "PATCH", "eventsub/subscriptions", token)).status_code == 404


async def test_units_say_which_clients_and_users_there_are(twitch: Twitch) -> None:
    clients = (await twitch.client.get("units/clients")).json()
    assert clients["data"] == [
        {"ID": CLIENT_ID, "Secret": CLIENT_SECRET, "Name": "VIP Manager sandbox", "IsExtension": False}
    ]
    users = (await twitch.client.get("units/users")).json()
    assert users["total"] == len(users["data"]) == 13
    assert (users["data"][0]["id"], users["data"][0]["login"]) == ("1001", "streamer")


async def test_faults_and_the_journal_meet_that_layout_as_well(twitch: Twitch) -> None:
    token = (await minted(twitch))["access_token"]
    await twitch.control("faults", path="/channels/vips", do="status", status=503)
    answer = await ask(twitch, "GET", "mock/channels/vips?broadcaster_id=1001", token)
    assert (answer.status_code, answer.json()["error"]) == (503, "Service Unavailable")


async def test_a_channel_nobody_knows_leaves_no_trace_in_the_world(twitch: Twitch) -> None:
    hand: Hand = await twitch.sign_in("viewer1", "user:write:chat moderator:manage:announcements")
    before = len((await twitch.look("world"))["channels"])
    body = {"broadcaster_id": "9999", "sender_id": "3001", "message": "Hello"}
    assert (await hand.call("POST", "chat/messages", body)).status_code == 400
    assert (
        await hand.call("POST", "chat/announcements", {"message": "x"}, broadcaster_id="9999", moderator_id="3001")
    ).status_code == 400
    assert len((await twitch.look("world"))["channels"]) == before


@pytest.mark.parametrize(
    ("path", "face"),
    [
        ("/helix/users", "helix"),
        ("/sandbox/twitch/helix/eventsub/subscriptions", "helix"),
        ("/mock/users", "helix"),
        ("/3/eventsub/subscriptions", "helix"),
        ("/oauth2/token", "oauth"),
        ("/3/auth/validate", "oauth"),
        ("/ws", "socket"),
        ("/units/users", "units"),
        ("/sandbox/twitch/control/world", "control"),
        ("/avatars/1001.svg", "avatars"),
        ("/", "nowhere"),
    ],
)
def test_a_path_says_which_face_it_is(path: str, face: str) -> None:
    assert surface(path) == face
