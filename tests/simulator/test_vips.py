import pytest

from tests.simulator.conftest import Clock
from tests.simulator.driver import Twitch


async def test_an_added_vip_is_listed_and_a_removed_one_is_not(twitch: Twitch) -> None:
    hand = await twitch.sign_in()
    assert (await hand.vip("POST", "viewer1")).status_code == 204
    listed = (await hand.call("GET", "channels/vips", broadcaster_id="1001")).json()
    assert listed == {
        "data": [
            {"user_id": "3001", "user_login": "viewer1", "user_name": "Viewer1"},
            {"user_id": "4001", "user_login": "permanentvip", "user_name": "PermanentVip"},
        ],
        "pagination": {},
    }
    assert (await hand.vip("DELETE", "viewer1")).status_code == 204
    assert await twitch.vips() == ["permanentvip"]


async def test_the_list_is_paged_and_its_last_page_has_an_empty_pagination(twitch: Twitch) -> None:
    hand = await twitch.sign_in()
    for number in range(1, 4):
        await hand.vip("POST", f"viewer{number}")
    seen: list[str] = []
    cursor = ""
    for size in (3, 1):
        page = (await hand.call("GET", "channels/vips", broadcaster_id="1001", first=3, after=cursor)).json()
        assert len(page["data"]) == size
        seen += [one["user_login"] for one in page["data"]]
        cursor = page["pagination"].get("cursor", "")
    assert (seen, cursor) == (["viewer1", "viewer2", "viewer3", "permanentvip"], "")
    bad = await hand.call("GET", "channels/vips", broadcaster_id="1001", after="nonsense")
    assert bad.status_code == 400


async def test_a_filter_leaves_out_who_is_not_vip(twitch: Twitch) -> None:
    hand = await twitch.sign_in()
    asked = await hand.call("GET", "channels/vips", broadcaster_id="1001", user_id=["4001", "3001"])
    assert [one["user_id"] for one in asked.json()["data"]] == ["4001"]
    many = await hand.call("GET", "channels/vips", broadcaster_id="1001", user_id=[str(n) for n in range(101)])
    assert many.status_code == 400


@pytest.mark.parametrize(
    ("viewer", "status", "words"),
    [
        ("mod", 422, "moderator"),
        ("permanentvip", 422, "already a VIP"),
        ("9999", 404, "not found"),
        ("abc", 400, "not valid"),
        ("1001", 400, "own channel"),
    ],
)
async def test_an_add_is_refused_by_code_and_message(twitch: Twitch, viewer: str, status: int, words: str) -> None:
    hand = await twitch.sign_in()
    answer = await hand.vip("POST", viewer)
    assert (answer.status_code, answer.json()["status"]) == (status, status)
    assert words in answer.json()["message"]


async def test_a_full_channel_answers_409(twitch: Twitch) -> None:
    hand = await twitch.sign_in()
    await twitch.control("channel", channel="streamer", capacity=1)
    answer = await hand.vip("POST", "viewer1")
    assert (answer.status_code, answer.json()["error"]) == (409, "Conflict")


async def test_a_channel_without_the_vip_feature_answers_425(twitch: Twitch) -> None:
    hand = await twitch.sign_in()
    await twitch.control("channel", channel="streamer", community_unlocked=False)
    assert (await hand.vip("POST", "viewer1")).status_code == 425


async def test_a_banned_viewer_answers_400(twitch: Twitch) -> None:
    hand = await twitch.sign_in()
    await twitch.control("ban", channel="streamer", viewer="viewer1", banned=True)
    assert (await hand.vip("POST", "viewer1")).status_code == 400


async def test_removing_who_is_not_vip_answers_422(twitch: Twitch) -> None:
    hand = await twitch.sign_in()
    assert (await hand.vip("DELETE", "viewer1")).status_code == 422
    assert (await hand.vip("DELETE", "9999")).status_code == 404


async def test_the_eleventh_add_in_ten_seconds_answers_429_with_points_left(twitch: Twitch, clock: Clock) -> None:
    hand = await twitch.sign_in()
    added = [(await hand.vip("POST", f"viewer{number}")).status_code for number in range(1, 10)]
    assert added == [204] * 9
    clock.passed = 9.9
    assert (await hand.vip("POST", "permanentvip")).status_code == 422
    refused = await hand.vip("POST", "viewer1")
    assert refused.status_code == 429
    assert int(refused.headers["Ratelimit-Remaining"]) > 0
    removed = [(await hand.vip("DELETE", f"viewer{number}")).status_code for number in range(1, 10)]
    assert removed == [204] * 9
    clock.passed = 10.0
    assert (await hand.vip("POST", "viewer1")).status_code == 204


async def test_one_channels_window_is_not_anothers(twitch: Twitch) -> None:
    first, second = await twitch.sign_in(), await twitch.sign_in("secondstreamer")
    for _ in range(11):
        last = await first.vip("POST", "viewer1")
    assert last.status_code == 429
    assert (await second.vip("POST", "viewer1")).status_code == 204
    assert (await twitch.look("audit"))["too_many_requests"] == 1


async def test_only_ones_own_channel_may_be_changed(twitch: Twitch) -> None:
    hand = await twitch.sign_in()
    answer = await hand.vip("POST", "viewer1", broadcaster_id="1002")
    assert answer.status_code == 401
    assert answer.json()["message"].startswith("The ID in broadcaster_id must match")
    assert (await hand.vip("DELETE", "viewer1", broadcaster_id="1002")).status_code == 401


async def test_a_vip_may_take_off_their_own_badge(twitch: Twitch) -> None:
    hand = await twitch.sign_in("permanentvip")
    assert (await hand.vip("DELETE", "permanentvip", broadcaster_id="1001")).status_code == 204
    assert await twitch.vips() == []


async def test_the_scope_is_asked_for(twitch: Twitch) -> None:
    reader = await twitch.sign_in(scope="channel:read:vips")
    assert (await reader.call("GET", "channels/vips", broadcaster_id="1001")).status_code == 200
    answer = await reader.vip("POST", "viewer1")
    assert (answer.status_code, answer.json()["message"]) == (401, "Missing scope: channel:manage:vips")
