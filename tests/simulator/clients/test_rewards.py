"""Rewards and redemptions, as other people's libraries make, change and settle them."""

import pytest

from tests.simulator.clients.conftest import Curtain
from tests.simulator.clients.talking import Library, Refusal
from tests.simulator.driver import IDS

TITLE = "VIP for a day"
BAD_REQUEST = {"twitchAPI": "TwitchAPIException", "TwitchIO": "HTTPException", "twurple": "HttpStatusCodeError"}
GONE = {"twitchAPI": "TwitchResourceNotFound", "TwitchIO": "HTTPException", "twurple": "HttpStatusCodeError"}


@pytest.fixture
def reward(library: Library) -> str:
    return str(library.ask("make_reward", title=TITLE, cost=500))


def test_a_reward_is_made_changed_listed_and_deleted(library: Library, twitch: Curtain, reward: str) -> None:
    twitch.control("reward", channel="streamer", title="Made by hand")
    assert library.ask("rewards", ours=False) == ["Made by hand", TITLE]
    assert library.ask("rewards", ours=True) == [TITLE]
    changed = {"title": "VIP for a week", "cost": 900, "paused": True}
    assert library.ask("change_reward", reward=reward, **changed) == changed
    assert library.ask("rewards", ours=True) == ["VIP for a week"]
    assert library.ask("delete_reward", reward=reward) is None
    assert library.ask("rewards", ours=False) == ["Made by hand"]


@pytest.mark.usefixtures("reward")
def test_a_title_is_taken_once(library: Library, name: str) -> None:
    with pytest.raises(Refusal, match="CREATE_CUSTOM_REWARD_DUPLICATE_REWARD") as refused:
        library.ask("make_reward", title=TITLE, cost=1)
    assert refused.value.kind == BAD_REQUEST[name]


def test_redemptions_are_listed_page_by_page(library: Library, twitch: Curtain, reward: str) -> None:
    made = {redeem(twitch, f"viewer{number % 9 + 1}") for number in range(45)}
    listed = library.ask("redemptions", reward=reward, status="UNFULFILLED", page=20)
    assert len(listed) == 45
    assert {one["id"] for one in listed} == made
    assert {one["status"] for one in listed} == {"UNFULFILLED"}
    assert {one["user"] for one in listed} == {IDS[f"viewer{number}"] for number in range(1, 10)}
    assert twitch.requests("GET", "custom_rewards/redemptions") == 3


@pytest.mark.parametrize("status", ["FULFILLED", "CANCELED"])
def test_a_redemption_is_settled_once(library: Library, twitch: Curtain, reward: str, name: str, status: str) -> None:
    redemption = redeem(twitch, "viewer1")
    assert library.ask("settle", reward=reward, redemption=redemption, status=status) == status
    assert library.ask("redemptions", reward=reward, status="UNFULFILLED", page=20) == []
    settled = {"id": redemption, "user": IDS["viewer1"], "status": status}
    assert library.ask("redemptions", reward=reward, status=status, page=20) == [settled]
    with pytest.raises(Refusal) as refused:
        library.ask("settle", reward=reward, redemption=redemption, status=status)
    assert refused.value.kind == GONE[name]
    assert refused.value.status in (404, None)


def redeem(twitch: Curtain, viewer: str) -> str:
    return str(twitch.control("redeem", channel="streamer", viewer=viewer, reward=TITLE)["id"])
