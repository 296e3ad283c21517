"""Users, moderators, streams and chat, as other people's libraries read and write them."""

from tests.simulator.clients.conftest import Curtain
from tests.simulator.clients.talking import Library


def test_users_are_found_by_id_and_unknown_ones_left_out(library: Library) -> None:
    assert sorted(library.ask("users", ids=["3001", "999999", "1002"])) == ["secondstreamer", "viewer1"]


def test_moderators_are_listed_page_by_page(library: Library, twitch: Curtain) -> None:
    for viewer in ("viewer1", "viewer2", "viewer3", "viewer4"):
        twitch.control("moderator", channel="streamer", viewer=viewer, moderator=True)
    before = twitch.requests("GET", "moderation/moderators")
    assert sorted(library.ask("moderators", page=2)) == ["mod", "viewer1", "viewer2", "viewer3", "viewer4"]
    assert twitch.requests("GET", "moderation/moderators") == before + 3


def test_a_moderator_learns_whose_chat_they_moderate(library: Library, twitch: Curtain) -> None:
    twitch.control("moderator", channel="secondstreamer", viewer="streamer", moderator=True)
    assert library.ask("moderated_channels") == ["secondstreamer"]


def test_only_those_who_are_live_have_a_stream(library: Library, twitch: Curtain) -> None:
    assert library.ask("streams", logins=["streamer", "secondstreamer"]) == []
    twitch.control("channel", channel="secondstreamer", live=True)
    found = library.ask("streams", logins=["streamer", "secondstreamer"])
    assert [(one["login"], one["type"]) for one in found] == [("secondstreamer", "live")]
    assert found[0]["id"].isdecimal()


def test_a_chat_message_is_sent(library: Library, twitch: Curtain) -> None:
    assert library.ask("say", text="Hello, chat") is True
    assert [(line["login"], line["text"]) for line in twitch.channel()["chat"]] == [("streamer", "Hello, chat")]


def test_an_announcement_is_sent_in_its_colour(library: Library, twitch: Curtain) -> None:
    assert library.ask("announce", text="We have VIPs for a day") is None
    said = [(line["text"], line["announcement"]) for line in twitch.channel()["chat"]]
    assert said == [("We have VIPs for a day", "purple")]
