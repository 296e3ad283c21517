import httpx
import pytest

from tests.simulator.conftest import Clock
from tests.simulator.driver import IDS, Hand, Twitch

SCOPE = "channel:manage:moderators channel:manage:vips"


async def moderator(hand: Hand, method: str, user: str) -> httpx.Response:
    return await hand.call(method, "moderation/moderators", broadcaster_id="1001", user_id=IDS.get(user, user))


async def moderators(twitch: Twitch) -> list[str]:
    return [one["login"] for one in (await twitch.channel())["moderators"]]


async def test_moderators_are_listed_without_the_broadcaster(twitch: Twitch) -> None:
    hand = await twitch.sign_in()
    answer = await hand.call("GET", "moderation/moderators", broadcaster_id="1001")
    assert [one["user_id"] for one in answer.json()["data"]] == [IDS["mod"]]
    none = await hand.call("GET", "moderation/moderators", broadcaster_id="1001", user_id="3001")
    assert none.json() == {"data": [], "pagination": {}}
    assert (await hand.call("GET", "moderation/moderators", broadcaster_id="1002")).status_code == 401


async def test_a_moderator_is_added_and_removed(twitch: Twitch) -> None:
    hand = await twitch.sign_in(scope=SCOPE)
    assert (await moderator(hand, "POST", "viewer1")).status_code == 204
    assert await moderators(twitch) == ["mod", "viewer1"]
    assert (await moderator(hand, "DELETE", "mod")).status_code == 204
    assert await moderators(twitch) == ["viewer1"]


@pytest.mark.parametrize(
    ("method", "user", "status", "words"),
    [
        ("POST", "mod", 400, "already a moderator"),
        ("POST", "permanentvip", 422, "is a VIP"),
        ("POST", "9999", 400, "not found"),
        ("DELETE", "viewer1", 400, "not a moderator"),
    ],
)
async def test_a_change_is_refused_by_code_and_message(
    twitch: Twitch, method: str, user: str, status: int, words: str
) -> None:
    hand = await twitch.sign_in(scope=SCOPE)
    answer = await moderator(hand, method, user)
    assert (answer.status_code, words in answer.json()["message"]) == (status, True)
    assert await moderators(twitch) == ["mod"]
    assert await twitch.vips() == ["permanentvip"]


async def test_additions_and_removals_have_windows_of_their_own(twitch: Twitch, clock: Clock) -> None:
    hand = await twitch.sign_in(scope=SCOPE)
    added = [(await moderator(hand, "POST", "viewer1")).status_code for _ in range(11)]
    assert added == [204] + [400] * 9 + [429]
    assert (await moderator(hand, "DELETE", "viewer1")).status_code == 204
    assert (await hand.vip("POST", "viewer1")).status_code == 204
    clock.passed += 10
    assert (await moderator(hand, "POST", "viewer2")).status_code == 204


async def test_a_moderator_sees_the_channels_page_by_page(twitch: Twitch) -> None:
    hand = await twitch.sign_in("mod", scope="user:read:moderated_channels")

    async def page(**more: object) -> httpx.Response:
        return await hand.call("GET", "moderation/channels", user_id="2001", first=1, **more)

    first = (await page()).json()
    assert first["data"] == [
        {"broadcaster_id": "1001", "broadcaster_login": "streamer", "broadcaster_name": "Streamer"}
    ]
    second = (await page(after=first["pagination"]["cursor"])).json()
    assert ([one["broadcaster_id"] for one in second["data"]], second["pagination"]) == (["1002"], {})
