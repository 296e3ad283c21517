import base64

import httpx
import pytest

from tests.simulator.conftest import Clock, Start
from tests.simulator.driver import CLIENT_ID, RATELIMIT, SCOPES, Hand, Twitch


@pytest.mark.parametrize(
    ("headers", "message"),
    [
        ({}, "OAuth token is missing"),
        ({"Authorization": "Bearer nonsense", "Client-Id": CLIENT_ID}, "Invalid OAuth token"),
        ({"Authorization": "OAuth {token}", "Client-Id": CLIENT_ID}, "OAuth token is missing"),
        ({"Authorization": "Bearer {token}"}, "Client ID is missing"),
        ({"Authorization": "Bearer {token}", "Client-Id": "other"}, "Client ID and OAuth token do not match"),
    ],
)
async def test_who_has_no_right_token_gets_401(twitch: Twitch, headers: dict[str, str], message: str) -> None:
    hand = await twitch.sign_in()
    filled = {name: value.replace("{token}", hand.access) for name, value in headers.items()}
    answer = await twitch.client.get("helix/users", headers=filled)
    assert answer.json() == {"error": "Unauthorized", "status": 401, "message": message}
    assert answer.status_code == 401
    assert all(name in answer.headers for name in RATELIMIT)


async def test_unknown_endpoints_answer_404_in_helixs_shape(twitch: Twitch) -> None:
    hand = await twitch.sign_in()
    assert (await hand.call("GET", "nonsense")).json()["status"] == 404
    for method in ("DELETE", "PUT", "OPTIONS"):
        answer = await hand.call(method, "users")
        assert (answer.status_code, answer.json()["error"]) == (404, "Not Found")
    bare = await twitch.client.get("helix/")
    assert bare.status_code == 404
    assert all(name in bare.headers for name in RATELIMIT)


async def test_a_missing_broadcaster_is_400_and_a_malformed_one_too(twitch: Twitch) -> None:
    hand = await twitch.sign_in()
    assert (await hand.call("GET", "channels/vips")).status_code == 400
    assert (await hand.call("GET", "channels/vips", broadcaster_id="x")).status_code == 400
    assert (await hand.call("GET", "channels/vips", broadcaster_id="1001", first=101)).status_code == 400


async def test_the_bucket_empties_a_user_at_a_time_and_refills(twitch: Twitch, clock: Clock) -> None:
    hand, other = await twitch.sign_in(), await twitch.sign_in("viewer1")
    for _ in range(800):
        last = await hand.call("GET", "users")
    assert (last.status_code, last.headers["Ratelimit-Remaining"]) == (200, "0")
    empty = await hand.call("GET", "users")
    assert empty.status_code == 429
    assert int(empty.headers["Ratelimit-Reset"]) == int(clock.real_now().timestamp()) + 60
    assert (await other.call("GET", "users")).headers["Ratelimit-Remaining"] == "799"
    clock.passed += 1
    assert (await hand.call("GET", "users")).status_code == 200


async def test_avatars_are_pictures_at_an_absolute_address(twitch: Twitch) -> None:
    hand = await twitch.sign_in()
    url = (await hand.call("GET", "users")).json()["data"][0]["profile_image_url"]
    assert url == f"{twitch.base}/avatars/1001.svg"
    picture = await twitch.client.get(url)
    assert picture.headers["content-type"].startswith("image/svg+xml")
    assert ">S</text>" in picture.text
    assert (await twitch.client.get("avatars/9.svg")).status_code == 404


async def test_avatars_follow_the_public_base(start: Start) -> None:
    url = start(public_base="/sandbox/twitch/")
    async with httpx.AsyncClient(base_url=url, trust_env=False) as client:
        own = (await (await Twitch(client).sign_in()).call("GET", "users")).json()["data"][0]
    assert own["profile_image_url"] == "/sandbox/twitch/avatars/1001.svg"


@pytest.mark.parametrize("path", ["helix", "mock"])
async def test_the_bare_path_answers_as_any_unknown_one(twitch: Twitch, path: str) -> None:
    answer = await twitch.client.get(path)
    assert (answer.status_code, answer.json()["status"]) == (404, 404)
    assert all(name in answer.headers for name in RATELIMIT)


@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"title": ' + b"9" * 5000 + b"}", b"\xff", b'["title"]', b""])
async def test_a_body_that_is_no_object_of_json_is_refused(twitch: Twitch, body: bytes) -> None:
    hand = await twitch.sign_in()
    answer = await twitch.client.post(
        "helix/channel_points/custom_rewards?broadcaster_id=1001", content=body, headers=as_json(hand)
    )
    assert (answer.status_code, answer.json()["status"]) == (400, 400)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("channel_points/custom_rewards?broadcaster_id=1001", rb'{"title": "\ud800", "cost": 1}'),
        ("chat/messages", rb'{"broadcaster_id": "1001", "sender_id": "1001", "message": "\ud800"}'),
        ("chat/announcements?broadcaster_id=1001&moderator_id=1001", rb'{"message": "\udfff"}'),
        ("eventsub/subscriptions", rb'{"type": "stream.online", "version": "1", "condition": {"\ud800": "1"}}'),
    ],
)
async def test_half_a_surrogate_pair_is_refused_and_changes_nothing(twitch: Twitch, path: str, body: bytes) -> None:
    hand = await twitch.sign_in(scope=f"{SCOPES} user:write:chat moderator:manage:announcements")
    before = await twitch.look("world/file")
    answer = await twitch.client.post(f"helix/{path}", content=body, headers=as_json(hand))
    assert (answer.status_code, answer.json()["status"]) == (400, 400)
    assert await twitch.look("world/file") == before
    for what in ("world", "journal", "stage?channel=streamer"):
        assert (await twitch.client.get(f"control/{what}")).status_code == 200


def as_json(hand: Hand) -> dict[str, str]:
    return {
        "Authorization": f"Bearer {hand.access}",
        "Client-Id": CLIENT_ID,
        "Content-Type": "application/json",
    }


@pytest.mark.parametrize("first", ["9" * 5000, "0", "-1", "1_0", "\u0663", "x", "1.5"])
async def test_a_page_size_that_is_no_small_number_is_refused(twitch: Twitch, first: str) -> None:
    hand = await twitch.sign_in()
    answer = await hand.call("GET", "channels/vips", broadcaster_id="1001", first=first)
    assert answer.status_code == 400


@pytest.mark.parametrize("cursor", [b"[" * 20_000, b"[[null], [null]]", b"[[[1]], [[1]]]", b"{}", b"\xff", b"9" * 5000])
async def test_a_cursor_that_nobody_gave_is_refused(twitch: Twitch, cursor: bytes) -> None:
    hand = await twitch.sign_in()
    after = base64.urlsafe_b64encode(cursor).decode()
    answer = await hand.call("GET", "channels/vips", broadcaster_id="1001", after=after)
    assert (answer.status_code, answer.json()["status"]) == (400, 400)


@pytest.mark.parametrize("status", [299, 420, 520, 599])
async def test_a_fault_may_have_a_status_without_a_name(twitch: Twitch, status: int) -> None:
    hand = await twitch.sign_in()
    await twitch.control("faults", path="/users", do="status", status=status)
    answer = await hand.call("GET", "users")
    assert (answer.status_code, answer.json()["status"]) == (status, status)
