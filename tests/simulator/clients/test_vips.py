"""VIPs, as other people's libraries list, add and remove them; and what their exceptions make of Twitch's codes."""

import pytest

from tests.simulator.clients.conftest import Curtain
from tests.simulator.clients.talking import Library, Refusal
from tests.simulator.driver import IDS

FULL = {"twitchAPI": ("ValueError", None), "TwitchIO": ("HTTPException", 409), "twurple": ("HttpStatusCodeError", 409)}
LOCKED = {
    "twitchAPI": ("ValueError", None),
    "TwitchIO": ("HTTPException", 425),
    "twurple": ("HttpStatusCodeError", 425),
}
UNKNOWN = {
    "twitchAPI": ("TwitchResourceNotFound", None),
    "TwitchIO": ("HTTPException", 404),
    "twurple": ("HttpStatusCodeError", 404),
}
BANNED = {
    "twitchAPI": ("TwitchAPIException", None),
    "TwitchIO": ("HTTPException", 400),
    "twurple": ("HttpStatusCodeError", 400),
}
TOO_FAST = {"TwitchIO": ("HTTPException", 429), "twurple": ("HttpStatusCodeError", 429)}


def test_a_vip_is_added_and_removed(library: Library, twitch: Curtain) -> None:
    assert library.ask("add_vip", user=IDS["viewer1"]) is True
    assert twitch.vips() == ["permanentvip", "viewer1"]
    assert library.ask("vips_among", ids=[IDS["viewer1"], IDS["viewer2"]]) == ["viewer1"]
    assert library.ask("remove_vip", user=IDS["viewer1"]) is True
    assert twitch.vips() == ["permanentvip"]


def test_vips_are_listed_page_by_page(library: Library, twitch: Curtain) -> None:
    viewers = [f"viewer{number}" for number in range(1, 7)]
    for viewer in viewers:
        twitch.control("vip", channel="streamer", viewer=viewer, vip=True)
    assert sorted(library.ask("vips", page=3)) == ["permanentvip", *viewers]
    assert twitch.requests("GET", "channels/vips") == 3


@pytest.mark.parametrize("viewer", ["permanentvip", "mod"])
def test_who_is_vip_or_moderator_already_can_not_be_added(library: Library, name: str, viewer: str) -> None:
    if name == "twitchAPI":
        assert library.ask("add_vip", user=IDS[viewer]) is False
    else:
        assert refusal(library, "add_vip", viewer)[1] == 422


def test_who_is_no_vip_can_not_be_removed(library: Library, name: str) -> None:
    if name == "twitchAPI":
        assert library.ask("remove_vip", user=IDS["viewer1"]) is False
    else:
        assert refusal(library, "remove_vip", "viewer1")[1] == 422


def test_a_full_channel_takes_no_vip(library: Library, twitch: Curtain, name: str) -> None:
    twitch.control("channel", channel="streamer", capacity=1)
    assert refusal(library, "add_vip", "viewer1") == FULL[name]


def test_a_channel_without_vip_feature_takes_no_vip(library: Library, twitch: Curtain, name: str) -> None:
    twitch.control("channel", channel="streamer", community_unlocked=False)
    assert refusal(library, "add_vip", "viewer1") == LOCKED[name]


def test_somebody_unknown_can_not_be_vip(library: Library, name: str) -> None:
    assert refusal(library, "add_vip", "999999") == UNKNOWN[name]


def test_somebody_banned_can_not_be_vip(library: Library, twitch: Curtain, name: str) -> None:
    twitch.control("ban", channel="streamer", viewer="viewer1", banned=True)
    assert refusal(library, "add_vip", "viewer1") == BANNED[name]


def test_the_eleventh_vip_in_ten_seconds_is_too_many(library: Library, twitch: Curtain, name: str) -> None:
    ids = [twitch.control("viewer", login=f"somebody{number}")["id"] for number in range(11)]
    for user in ids[:10]:
        assert library.ask("add_vip", user=user) is True
    if name == "twitchAPI":
        # It waits until the points are full again, then says only that it was not done.
        assert library.ask("add_vip", user=ids[10]) is False
    else:
        assert refusal(library, "add_vip", ids[10]) == TOO_FAST[name]


def refusal(library: Library, do: str, viewer: str) -> tuple[str, int | None]:
    with pytest.raises(Refusal) as refused:
        library.ask(do, user=IDS.get(viewer, viewer))
    return refused.value.kind, refused.value.status
