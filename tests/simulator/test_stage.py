"""One channel with all around it in one answer, and the journal in words."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.simulator.conftest import Start
from tests.simulator.driver import Twitch, frame, session_of, socket_to
from vip_manager.simulator import narration
from vip_manager.simulator.app import create_simulator
from vip_manager.simulator.simulation import Simulation
from vip_manager.simulator.stage import stage as show
from vip_manager.simulator.world import World


async def stage(twitch: Twitch, channel: str = "streamer") -> Any:
    answer = await twitch.client.get("control/stage", params={"channel": channel})
    assert answer.status_code == 200, answer.text
    return answer.json()


def texts(shown: Any, kind: str) -> list[str]:
    return [line["text"] for line in shown["journal"] if line["kind"] == kind]


async def test_the_stage_is_the_channel_that_was_asked_for(twitch: Twitch) -> None:
    await twitch.control("reward", channel="streamer", title="VIP", cost=500)
    await twitch.control("redeem", channel="streamer", viewer="viewer1")
    shown = await stage(twitch)
    assert shown["channel"]["id"] == "1001"
    assert [one["title"] for one in shown["rewards"]] == ["VIP"]
    assert [one["viewer"] for one in shown["redemptions"]] == ["viewer1"]
    assert {one["login"]: one["points"] for one in shown["viewers"]}["viewer1"] == 999_500
    assert (await stage(twitch, "secondstreamer"))["redemptions"] == []


@pytest.mark.parametrize("channel", ["nobodyatall", ""])
async def test_nobody_of_that_name_is_said_in_words(twitch: Twitch, channel: str) -> None:
    answer = await twitch.client.get("control/stage", params={"channel": channel})
    assert answer.status_code == 404
    assert answer.json()["error"]["message"].endswith(".")


async def test_looking_at_the_stage_leaves_no_line_in_the_journal(twitch: Twitch) -> None:
    for _ in range(2):
        assert (await stage(twitch))["journal"] == []


async def test_it_says_who_listens(twitch: Twitch) -> None:
    hand = await twitch.sign_in()
    async with socket_to(twitch) as socket:
        await hand.subscribe(await session_of(socket), "channel.vip.add")
        assert (await stage(twitch))["channel"]["sockets"] == 1
        assert (await stage(twitch, "secondstreamer"))["channel"]["sockets"] == 0


async def test_only_rules_that_still_meet_something_count(twitch: Twitch) -> None:
    once = await twitch.control("faults", method="GET", path="/users", do="status", status=503)
    always = await twitch.control("faults", method="GET", path="/streams", do="status", status=503, times=-1)
    assert (await stage(twitch))["faults"] == [once["id"], always["id"]]
    await twitch.client.get("helix/users")
    assert (await stage(twitch))["faults"] == [always["id"]]


async def test_the_verdict_counts_what_twitch_saw(twitch: Twitch) -> None:
    hand = await twitch.sign_in()
    reward = await hand.make_reward()
    for viewer in ("viewer1", "viewer2", "viewer3"):
        await twitch.control("redeem", channel="streamer", viewer=viewer)
    redemptions = (await stage(twitch))["redemptions"]
    for one, status in zip(redemptions, ("FULFILLED", "CANCELED"), strict=False):
        answer = await hand.redemptions("PATCH", {"status": status}, reward_id=reward, id=one["id"])
        assert answer.status_code == 200, answer.text
    found = (await stage(twitch))["audit"]
    counted = {name: found[name] for name in ("redemptions", "fulfilled", "given_back", "open", "ok")}
    assert counted == {"redemptions": 3, "fulfilled": 1, "given_back": 1, "open": 1, "ok": True}
    await hand.vip("DELETE", "permanentvip")
    found = (await stage(twitch))["audit"]
    assert (found["permanent_touched"], found["ok"]) == (1, False)
    assert found["problems"]


async def test_the_journal_says_in_words_who_did_what(twitch: Twitch) -> None:
    hand = await twitch.sign_in()
    reward = await hand.make_reward()
    await hand.vip("POST", "viewer1")
    await twitch.control("redeem", channel="streamer", viewer="viewer2")
    redemption = (await stage(twitch))["redemptions"][0]["id"]
    await hand.redemptions("PATCH", {"status": "CANCELED"}, reward_id=reward, id=redemption)
    await twitch.control("jump", seconds=3600 * 5)
    shown = await stage(twitch)
    effects = texts(shown, "effect")
    assert "Viewer1 becomes VIP" in effects
    assert "Viewer2 redeems “VIP for a day” for 500" in effects
    assert "Viewer2 gets 500 points back" in effects
    assert "time jumps 5.0 h ahead" in effects
    asked = texts(shown, "request")
    assert "make Viewer1 VIP" in asked
    assert "settle the redemption of Viewer2" in asked


async def test_each_line_of_the_journal_stands_at_the_worlds_time_when_it_happened(twitch: Twitch) -> None:
    await twitch.control("channel", channel="streamer", live=True)
    await twitch.control("jump", seconds=3600)
    await twitch.control("channel", channel="streamer", live=False)
    shown = await stage(twitch)
    moments = {line["text"]: datetime.fromisoformat(line["at"]) for line in shown["journal"]}
    before, after = moments["Streamer is live"], moments["Streamer goes offline"]
    assert timedelta(hours=1) <= after - before < timedelta(hours=1, minutes=1)
    assert timedelta() <= datetime.fromisoformat(shown["now"]) - after < timedelta(minutes=1)


async def test_a_fault_says_what_it_did_and_has_its_own_tone(twitch: Twitch) -> None:
    await twitch.control("faults", method="GET", path="/users", do="status", status=503)
    await twitch.client.get("helix/users")
    (line,) = [one for one in (await stage(twitch))["journal"] if one["kind"] == "fault"]
    assert line["tone"] == "fault"
    assert "error" in line["text"]


async def test_pictures_that_browsers_fetch_are_no_news(twitch: Twitch) -> None:
    await twitch.client.get("avatars/1001.svg")
    assert (await stage(twitch))["journal"] == []


async def test_faults_are_still_shown_when_much_else_has_happened_since(twitch: Twitch) -> None:
    await twitch.control("faults", method="GET", path="/users", do="status", status=503)
    await twitch.client.get("helix/users")
    for number in range(90):
        await twitch.control("channel", channel="streamer", capacity=number)
    shown = await stage(twitch)
    assert len(texts(shown, "fault")) == 1
    assert len(shown["journal"]) < 90


async def test_no_line_of_the_journal_is_left_without_words(twitch: Twitch) -> None:
    """Every effect that the control actions have: a bare name of an event would be no sentence."""
    hand = await twitch.sign_in()
    await hand.make_reward()
    async with socket_to(twitch) as socket:
        await hand.subscribe(await session_of(socket), "channel.vip.add")
        for on in (True, False):
            await twitch.control("vip", channel="streamer", viewer="viewer1", vip=on)
            await twitch.control("moderator", channel="streamer", viewer="viewer2", moderator=on)
            await twitch.control("ban", channel="streamer", viewer="viewer3", banned=on)
            await twitch.control("channel", channel="streamer", live=on)
        await frame(socket)
        await twitch.control("viewer", login="kai")
        await twitch.control("points", channel="streamer", viewer="kai", points=5)
        await twitch.control("lag", channel="streamer", seconds=5)
        await twitch.control("drop-sockets")
        await twitch.control("expire-tokens", user="streamer")
        await twitch.control("disconnect", user="streamer")
    for line in (await stage(twitch))["journal"]:
        assert " " in line["text"], line
        assert "channel." not in line["text"], line
        assert "somebody" not in line["text"] or line["kind"] != "effect", line


async def test_the_stage_shows_who_is_deleted_without_a_name_and_the_journal_says_so(twitch: Twitch) -> None:
    hand = await twitch.sign_in()
    await hand.make_reward()
    await twitch.control("redeem", channel="streamer", viewer="viewer1")
    await hand.vip("POST", "viewer1")
    await twitch.control("delete-user", user="viewer1")
    shown = await stage(twitch)
    [viewer] = [one for one in shown["viewers"] if one["login"] == "viewer1"]
    assert (viewer["display_name"], viewer["vip"]) == ("", "api")
    assert [(one["viewer"], one["viewer_name"]) for one in shown["redemptions"]] == [("viewer1", "")]
    effects = texts(shown, "effect")
    assert effects[0] == "the account of viewer1 is deleted"
    assert "deleted user becomes VIP" in effects
    assert "make deleted user VIP" in texts(shown, "request")
    await twitch.control("delete-user", user="viewer1", deleted=False)
    effects = texts(await stage(twitch), "effect")
    assert effects[0] == "the account of viewer1 is there again"
    assert "Viewer1 becomes VIP" in effects


async def test_a_deleted_streamers_stage_can_be_looked_at_and_is_offered_nowhere_else(twitch: Twitch) -> None:
    await twitch.control("delete-user", user="secondstreamer")
    assert [one["login"] for one in (await stage(twitch))["streamers"]] == ["streamer"]
    shown = await stage(twitch, "secondstreamer")
    assert (shown["channel"]["login"], shown["channel"]["display_name"]) == ("secondstreamer", "")
    assert [one["login"] for one in shown["streamers"]] == ["streamer", "secondstreamer"]


def test_what_has_no_words_yet_is_shown_as_it_is(new_world: Callable[..., World]) -> None:
    world = new_world()
    assert narration.sentence(world, {"kind": "effect", "what": "something new"}) == "something new"
    assert narration.sentence(world, {"kind": "request", "method": "PUT", "path": "/helix/odd"}) == "PUT /helix/odd"


async def test_whoever_shows_this_twitch_is_told_of_every_line(start: Start) -> None:
    heard: list[int] = []
    async with httpx.AsyncClient(base_url=start(told=lambda: heard.append(1)), timeout=10, trust_env=False) as client:
        twitch = Twitch(client)
        await twitch.control("jump", seconds=1)
        assert len(heard) == 1
        await stage(twitch)
        assert len(heard) == 1


def test_the_verdict_is_found_anew_only_where_the_world_has_changed(new_world: Callable[..., World]) -> None:
    sim: Simulation = create_simulator(new_world()).state.simulation
    streamer = sim.world.users["1001"]

    def verdict() -> Any:
        return show(sim, streamer, "")["audit"]

    first = verdict()
    sim.journal.request(method="GET", path="/helix/users", status=200)
    assert verdict() is first
    sim.world.limits_met["points"] = 3
    sim.changed("limit")
    assert (first["slowed_down"], verdict()["slowed_down"]) == (0, 3)
