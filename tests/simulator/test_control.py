from datetime import datetime
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from tests.simulator.conftest import Clock
from tests.simulator.driver import CLIENT_SECRET, Hand, Twitch, session_of, socket_to
from vip_manager.ports import SandboxRefused
from vip_manager.simulator.app import create_simulator
from vip_manager.simulator.control import ACTIONS
from vip_manager.simulator.remote import SandboxRemote

WITHOUT_WISH = {"drop-sockets", "reconnect-sockets", "storm", "reset"}


async def test_the_first_world_is_there_and_shows_no_secret(twitch: Twitch) -> None:
    hand = await twitch.sign_in()
    await twitch.code()
    answer = await twitch.client.get("control/world")
    for secret in (CLIENT_SECRET, hand.access, hand.refresh):
        assert secret not in answer.text
    world = answer.json()
    assert [user["login"] for user in world["users"]] == [
        "streamer",
        "secondstreamer",
        "mod",
        *(f"viewer{number}" for number in range(1, 10)),
        "permanentvip",
    ]
    channel = world["channels"][0]
    assert [one["login"] for one in channel["moderators"]] == ["mod"]
    assert [(one["login"], one["given_by"]) for one in channel["vips"]] == [("permanentvip", "hand")]
    assert (channel["vip_capacity"], channel["balances"]["viewer1"]) == (20, 1_000_000)


async def test_a_viewer_redeems_the_first_reward_that_can_be(twitch: Twitch) -> None:
    hand = await twitch.sign_in()
    paused = await hand.make_reward("Paused")
    await hand.rewards("PATCH", {"is_paused": True}, id=paused)
    await hand.make_reward("Ready")
    made = await twitch.control("redeem", channel="streamer", viewer="viewer1")
    assert (made["reward"], made["status"], made["viewer"]) == ("Ready", "UNFULFILLED", "viewer1")
    assert (await twitch.look("world"))["redemptions"] == [made]


async def test_a_redemption_that_cannot_be_is_refused_in_words(twitch: Twitch) -> None:
    async def refused(viewer: str = "viewer1", channel: str = "streamer", **more: Any) -> str:
        return await twitch.refused("redeem", channel=channel, viewer=viewer, **more)

    assert await refused() == "no_reward"
    hand = await twitch.sign_in()
    reward = await hand.make_reward(cost=2_000_000)
    assert await refused() == "not_enough_points"
    assert await refused(reward="Another") == "no_reward"
    assert await refused("streamer") == "own_channel"
    assert await refused("nobody") == "no_viewer"
    assert await refused(channel="nobody") == "no_channel"
    await hand.rewards("PATCH", {"is_paused": True, "cost": 5}, id=reward)
    assert await refused() == "reward_paused"
    await hand.rewards("PATCH", {"is_enabled": False}, id=reward)
    assert await refused() == "reward_disabled"
    await twitch.control("ban", channel="streamer", viewer="viewer1", banned=True)
    assert await refused() == "banned"
    assert await twitch.refused("redeem", channel="streamer") == "bad_request"


async def test_a_jump_moves_what_happens_and_no_token(twitch: Twitch, clock: Clock) -> None:
    hand = await twitch.sign_in()
    await hand.make_reward()
    jumped = await twitch.control("jump", seconds=86_400)
    assert jumped == {"now": "2026-03-02T10:00:00.000000Z", "offset_seconds": 86_400}
    made = await twitch.control("redeem", channel="streamer", viewer="viewer1")
    assert (datetime.fromisoformat(made["redeemed_at"]) - clock.real_now()).total_seconds() == 86_400
    assert (await hand.call("GET", "users")).status_code == 200
    assert (await twitch.control("jump", seconds=0.5))["offset_seconds"] == 86_400.5


@pytest.mark.parametrize("seconds", [0, -1, "5", True, None])
async def test_time_goes_forward_only(twitch: Twitch, seconds: Any) -> None:
    assert await twitch.refused("jump", seconds=seconds) == "bad_request"


async def test_time_goes_no_further_than_ten_years(twitch: Twitch) -> None:
    assert await twitch.refused("jump", seconds=10**400) == "too_far"


async def test_vip_by_hand_keeps_twitchs_rules(twitch: Twitch) -> None:
    async def refused(viewer: str, vip: bool) -> str:
        return await twitch.refused("vip", channel="streamer", viewer=viewer, vip=vip)

    await twitch.control("vip", channel="streamer", viewer="viewer1", vip=True)
    assert await refused("viewer1", True) == "no_change"
    assert await refused("viewer2", False) == "no_change"
    assert await refused("mod", True) == "moderator"
    await twitch.control("channel", channel="streamer", capacity=2)
    assert await refused("viewer2", True) == "no_vip_slot"
    await twitch.control("channel", channel="streamer", community_unlocked=False)
    assert await refused("viewer2", True) == "no_vip_feature"
    assert await refused("streamer", True) == "own_channel"
    await twitch.control("vip", channel="streamer", viewer="viewer1", vip=False)
    assert await twitch.vips() == ["permanentvip"]


async def test_a_moderator_and_a_banned_viewer_lose_vip(twitch: Twitch) -> None:
    made = await twitch.control("moderator", channel="streamer", viewer="permanentvip", moderator=True)
    assert made == {"viewer": "permanentvip", "vip": False, "moderator": True, "banned": False}
    banned = await twitch.control("ban", channel="streamer", viewer="permanentvip", banned=True)
    assert banned == {"viewer": "permanentvip", "vip": False, "moderator": False, "banned": True}
    assert (await twitch.control("ban", channel="streamer", viewer="permanentvip", banned=False))["banned"] is False


async def test_the_streamers_own_queue_settles_once(twitch: Twitch) -> None:
    hand = await twitch.sign_in()
    await hand.make_reward()
    made = (await twitch.control("redeem", channel="streamer", viewer="viewer1"))["id"]
    assert (await twitch.control("settle", redemption_id=made, status="CANCELED"))["settled_by"] == "hand"
    assert await twitch.refused("settle", redemption_id=made, status="FULFILLED") == "settled"
    assert await twitch.refused("settle", redemption_id="x", status="FULFILLED") == "no_redemption"
    assert await twitch.refused("settle", redemption_id=made, status="OPEN") == "bad_request"
    assert (await twitch.channel())["balances"]["viewer1"] == 1_000_000


async def test_a_new_viewer_can_be_made_and_named_once(twitch: Twitch) -> None:
    made = await twitch.control("viewer", login="NewOne", display_name="Neü")
    assert (made["login"], made["display_name"]) == ("newone", "Neü")
    assert await twitch.refused("viewer", login="newone") == "login_taken"
    assert await twitch.refused("viewer", login="no spaces") == "bad_login"
    await twitch.control("vip", channel="streamer", viewer="newone", vip=True)


async def test_points_can_be_given_and_taken_by_hand(twitch: Twitch) -> None:
    given = await twitch.control("points", channel="streamer", viewer="viewer1", points=50)
    assert given == {"viewer": "viewer1", "points": 50}
    assert (await twitch.channel())["balances"]["viewer1"] == 50
    hand = await twitch.sign_in()
    await hand.make_reward(cost=51)
    assert await twitch.refused("redeem", channel="streamer", viewer="viewer1") == "not_enough_points"
    assert (await twitch.look("audit"))["verdict"]["ok"]


@pytest.mark.parametrize("points", [-1, 1.5, True, "5", None, 10**40])
async def test_points_are_a_whole_number_from_nothing_on(twitch: Twitch, points: Any) -> None:
    assert await twitch.refused("points", channel="streamer", viewer="viewer1", points=points) == "bad_request"
    assert await twitch.refused("points", channel="streamer", viewer="streamer", points=1) == "own_channel"


async def test_half_a_letter_is_no_text(twitch: Twitch) -> None:
    wish = '{"login": "newone", "display_name": "\\ud83d"}'
    answer = await twitch.client.post("control/viewer", content=wish, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "bad_request")


async def test_every_action_refuses_an_empty_or_foreign_wish_in_words(twitch: Twitch) -> None:
    for name in sorted(ACTIONS.keys() - WITHOUT_WISH):
        assert await twitch.refused(name), name
        foreign = await twitch.client.post(f"control/{name}", json={}, headers={"Origin": "http://elsewhere"})
        assert foreign.json()["error"]["code"] == "wrong_origin", name


async def test_bodies_that_are_no_json_object_are_refused(twitch: Twitch) -> None:
    for content, kind, status in (("[1]", "application/json", 400), ("{", "application/json", 400), ("a=1", "", 415)):
        answer = await twitch.client.post("control/jump", content=content, headers={"Content-Type": kind})
        assert (answer.status_code, answer.json()["error"]["code"]) == (status, "bad_request")


async def test_the_audit_tells_our_vips_from_others(twitch: Twitch) -> None:
    hand = await twitch.sign_in()
    await hand.vip("POST", "viewer1")
    await hand.vip("DELETE", "viewer1")
    clean = await twitch.look("audit")
    assert clean["vip_by_api"]["streamer"] == {"viewer1": {"added": 1, "removed": 1, "vip_now": False}}
    assert clean["foreign_vips_removed_by_api"] == []
    await hand.vip("DELETE", "permanentvip")
    found = (await twitch.look("audit"))["foreign_vips_removed_by_api"]
    assert [(one["channel"], one["viewer"]) for one in found] == [("streamer", "permanentvip")]


async def test_the_remote_asks_and_passes_refusals_on_in_plain_words(twitch: Twitch) -> None:
    hand = await twitch.sign_in()
    await hand.make_reward("VIP")
    async with SandboxRemote(twitch.base) as remote:
        await remote.redeem("streamer", "viewer1")
        await remote.redeem("streamer", "viewer2", "vip")
        await remote.jump(60)
        world = await remote.world()
        assert {one["viewer"] for one in world["redemptions"]} == {"viewer1", "viewer2"}
        assert world["offset_seconds"] == 60
        assert "permanentvip" in await remote.viewers()
        assert (await remote.audit())["open"] == 2
        await remote.act("delete-user", user="permanentvip")
        assert "permanentvip" not in await remote.viewers()
        with pytest.raises(SandboxRefused, match="nobody called"):
            await remote.redeem("streamer", "nobody")
        with pytest.raises(SandboxRefused):
            await remote.act("nonsense")


async def test_the_remote_says_when_nobody_answers() -> None:
    async with SandboxRemote("http://127.0.0.1:9", timeout=1) as remote:
        with pytest.raises(SandboxRefused, match="does not answer"):
            await remote.world()


async def test_everything_works_below_a_prefix(serve: Any, new_world: Any) -> None:
    url = serve(Starlette(routes=[Mount("/sandbox/twitch", create_simulator(new_world()))])) + "/sandbox/twitch"
    async with httpx.AsyncClient(base_url=url, trust_env=False) as client:
        twitch = Twitch(client)
        ask = {"client_id": "sandbox-client-id", "redirect_uri": "http://localhost:1/", "response_type": "code"}
        page = (await client.get("oauth2/authorize", params=ask)).text
        assert 'action="authorize"' in page
        assert 'src="../avatars/1001.svg"' in page
        hand: Hand = await twitch.sign_in()
        avatar = (await hand.call("GET", "users")).json()["data"][0]["profile_image_url"]
        assert avatar == f"{url}/avatars/1001.svg"
        assert (await client.get(avatar)).status_code == 200
        async with socket_to(twitch) as socket:
            assert (await hand.subscribe(await session_of(socket), "channel.vip.add")).status_code == 202
