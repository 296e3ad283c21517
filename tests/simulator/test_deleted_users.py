"""Users whose accounts are deleted: what Twitch still knows of them, and what nobody can do with them any more."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.simulator.busy_world import written
from tests.simulator.conftest import Start
from tests.simulator.driver import CLIENT_ID, IDS, REDIRECT, Twitch, notification, session_of, socket_to
from tests.simulator.webhooks import Receiver, app_of, granted
from vip_manager.simulator.world import World
from vip_manager.simulator.world_file import WorldFileError

GONE = IDS["viewer1"]
NAMELESS = {"user_id": GONE, "user_login": "", "user_name": ""}


async def delete(twitch: Twitch, user: str = "viewer1", **more: Any) -> None:
    await twitch.control("delete-user", user=user, **more)


def of_gone(answer: httpx.Response) -> list[dict[str, Any]]:
    return [one for one in answer.json()["data"] if one["user_id"] == GONE]


async def test_who_is_deleted_is_missing_from_the_users_until_they_are_restored(twitch: Twitch) -> None:
    hand = await twitch.sign_in()

    async def found() -> list[str]:
        asked = {"id": [GONE, IDS["viewer2"]], "login": ["viewer1", "viewer3"]}
        return [one["login"] for one in (await hand.call("GET", "users", **asked)).json()["data"]]

    assert await twitch.control("delete-user", user="viewer1") == {"user": "viewer1", "deleted": True}
    assert await found() == ["viewer2", "viewer3"]
    assert "viewer1" not in (await twitch.client.get("units/users")).text
    assert await twitch.control("delete-user", user="viewer1", deleted=False) == {"user": "viewer1", "deleted": False}
    assert await found() == ["viewer1", "viewer2", "viewer3"]


async def test_what_is_so_already_is_no_change(twitch: Twitch) -> None:
    assert await twitch.refused("delete-user", user="viewer1", deleted=False) == "no_change"
    await delete(twitch)
    assert await twitch.refused("delete-user", user="viewer1", deleted=True) == "no_change"
    assert await twitch.refused("delete-user", user="viewer1", deleted="yes") == "bad_request"
    assert await twitch.refused("delete-user", user="nobody") == "no_user"


async def test_the_login_stays_taken(twitch: Twitch) -> None:
    await delete(twitch)
    assert await twitch.refused("viewer", login="viewer1") == "login_taken"
    assert await twitch.refused("rename", user="viewer2", login="viewer1") == "login_taken"


@pytest.mark.parametrize(("action", "path"), [("vip", "channels/vips"), ("moderator", "moderation/moderators")])
async def test_a_badge_stays_listed_by_its_id_without_names(twitch: Twitch, action: str, path: str) -> None:
    hand = await twitch.sign_in()
    await twitch.control(action, channel="streamer", viewer="viewer1", **{action: True})
    await delete(twitch)
    assert of_gone(await hand.call("GET", path, broadcaster_id="1001")) == [NAMELESS]
    asked = await hand.call("GET", path, broadcaster_id="1001", user_id=GONE)
    assert asked.json()["data"] == [NAMELESS]
    await twitch.control("delete-user", user="viewer1", deleted=False)
    [back] = of_gone(await hand.call("GET", path, broadcaster_id="1001"))
    assert back == {"user_id": GONE, "user_login": "viewer1", "user_name": "Viewer1"}


async def test_the_badge_is_out_of_the_apis_reach_and_taken_by_hand_alone(twitch: Twitch) -> None:
    hand = await twitch.sign_in()
    await hand.vip("POST", "viewer1")
    await twitch.control("channel", channel="streamer", capacity=2)
    await delete(twitch)
    assert [(await hand.vip(method, "viewer1")).status_code for method in ("POST", "DELETE")] == [404, 404]
    assert (await hand.vip("POST", "viewer2")).status_code == 409, "the badge holds its seat"
    found = await twitch.look("audit")
    assert found["vips_by_api_now"]["streamer"] == ["viewer1"]
    assert found["verdict"] == {"ok": True, "problems": []}
    taken = await twitch.control("vip", channel="streamer", viewer="viewer1", vip=False)
    assert taken == {"viewer": "viewer1", "vip": False, "moderator": False, "banned": False}
    assert await twitch.vips() == ["permanentvip"]
    found = await twitch.look("audit")
    assert found["vip_by_api"]["streamer"] == {"viewer1": {"added": 1, "removed": 0, "vip_now": False}}
    assert found["verdict"] == {"ok": True, "problems": []}


async def test_redemptions_are_listed_without_names_and_settled_as_ever(twitch: Twitch) -> None:
    hand = await twitch.sign_in()
    reward = await hand.make_reward()
    kept, given_back, by_hand = [
        (await twitch.control("redeem", channel="streamer", viewer="viewer1"))["id"] for _ in range(3)
    ]
    await delete(twitch)
    found = (await hand.redemptions("GET", reward_id=reward, status="UNFULFILLED")).json()["data"]
    assert {one["id"]: {name: one[name] for name in NAMELESS} for one in found} == dict.fromkeys(
        (kept, given_back, by_hand), NAMELESS
    )
    for redemption, status in ((kept, "FULFILLED"), (given_back, "CANCELED")):
        answer = await hand.redemptions("PATCH", {"status": status}, reward_id=reward, id=redemption)
        assert [(one["status"], one["user_id"], one["user_name"]) for one in answer.json()["data"]] == [
            (status, GONE, "")
        ]
    await twitch.control("settle", redemption_id=by_hand, status="CANCELED")
    assert (await twitch.channel())["balances"]["viewer1"] == 999_500
    assert (await twitch.look("audit"))["verdict"]["ok"]


async def test_by_hand_they_are_given_nothing(twitch: Twitch) -> None:
    await (await twitch.sign_in()).make_reward()
    await delete(twitch)
    where = {"channel": "streamer", "viewer": "viewer1"}
    assert await twitch.refused("redeem", **where) == "deleted"
    assert await twitch.refused("vip", **where, vip=True) == "deleted"
    assert await twitch.refused("moderator", **where, moderator=True) == "deleted"
    assert await twitch.refused("ban", **where, banned=True) == "deleted"
    assert await twitch.refused("rename", user="viewer1", login="other") == "deleted"


async def test_roles_and_bans_are_taken_by_hand_as_ever(twitch: Twitch) -> None:
    await twitch.control("ban", channel="streamer", viewer="viewer1", banned=True)
    await delete(twitch)
    await delete(twitch, "mod")
    await twitch.control("ban", channel="streamer", viewer="viewer1", banned=False)
    await twitch.control("moderator", channel="streamer", viewer="mod", moderator=False)
    channel = await twitch.channel()
    assert (channel["banned"], channel["moderators"]) == ([], [])


async def test_nobody_signs_in_as_somebody_deleted(twitch: Twitch) -> None:
    waiting = await twitch.code("viewer1")
    await delete(twitch)
    ask = {"client_id": CLIENT_ID, "redirect_uri": REDIRECT, "response_type": "code"}
    page = (await twitch.client.get("oauth2/authorize", params=ask)).text
    assert 'value="viewer2"' in page
    assert 'value="viewer1"' not in page
    assert (await twitch.choose(user="viewer1")).status_code == 400
    spent = await twitch.token(grant_type="authorization_code", code=waiting, redirect_uri=REDIRECT)
    assert spent.status_code == 400


async def test_the_page_names_no_channel_of_somebody_deleted(twitch: Twitch) -> None:
    ask = {"client_id": CLIENT_ID, "redirect_uri": REDIRECT, "response_type": "code"}
    assert "Moderator of Streamer and SecondStreamer" in (await twitch.client.get("oauth2/authorize", params=ask)).text
    await delete(twitch, "secondstreamer")
    page = (await twitch.client.get("oauth2/authorize", params=ask)).text
    assert "Moderator of Streamer<" in page
    assert "SecondStreamer" not in page


async def test_what_a_deleted_streamer_had_allowed_is_gone_for_good(twitch: Twitch) -> None:
    hand, app = await twitch.sign_in(), await app_of(twitch)

    async def is_signed_out() -> bool:
        refreshed = await twitch.token(grant_type="refresh_token", refresh_token=hand.refresh)
        return ((await hand.call("GET", "users")).status_code, refreshed.status_code) == (401, 400)

    await delete(twitch, "streamer")
    assert await is_signed_out()
    asked = await app.call("GET", "authorization/users", user_id=["1001", GONE])
    assert [one["user_id"] for one in asked.json()["data"]] == [GONE]
    await twitch.control("delete-user", user="streamer", deleted=False)
    assert await is_signed_out()
    [own] = (await app.call("GET", "authorization/users", user_id="1001")).json()["data"]
    assert (own["user_login"], own["has_authorized"]) == ("streamer", False)
    assert (await (await twitch.sign_in()).vip("DELETE", "permanentvip")).status_code == 204


async def test_a_sockets_subscriptions_end_as_the_user_is_removed(twitch: Twitch) -> None:
    hand = await twitch.sign_in()
    async with socket_to(twitch) as socket:
        await hand.subscribe(await session_of(socket), "channel.vip.add")
        await delete(twitch, "streamer")
        ended = await notification(socket)
    assert ended["metadata"]["message_type"] == "revocation"
    assert ended["payload"]["subscription"]["status"] == "user_removed"


async def test_webhooks_hear_that_the_user_is_no_more(twitch: Twitch, receiver: Receiver) -> None:
    app = await granted(twitch)
    about = [await app.hooked(receiver, kind) for kind in ("channel.vip.add", "stream.online")]
    await app.hooked(receiver, "user.authorization.revoke", condition={"client_id": CLIENT_ID})
    await delete(twitch, "streamer")
    ended = await receiver.got(2, "revocation")
    assert {one.body["subscription"]["id"]: one.body["subscription"]["status"] for one in ended} == dict.fromkeys(
        about, "user_removed"
    )
    [told] = await receiver.got(1)
    assert told.body["event"] == {"client_id": CLIENT_ID, "user_id": "1001", "user_login": None, "user_name": None}


async def test_channels_hear_nothing_of_it_and_no_name_of_what_happens_later(twitch: Twitch) -> None:
    hand = await twitch.sign_in()
    await twitch.control("vip", channel="streamer", viewer="viewer1", vip=True)
    async with socket_to(twitch) as socket:
        session = await session_of(socket)
        for kind in ("channel.vip.remove", "channel.vip.add", "channel.moderator.remove"):
            await hand.subscribe(session, kind)
        await delete(twitch)
        await twitch.control("delete-user", user="viewer1", deleted=False)
        await delete(twitch)
        await twitch.control("vip", channel="streamer", viewer="viewer1", vip=False)
        heard = await notification(socket)
    assert heard["metadata"]["subscription_type"] == "channel.vip.remove"
    assert {name: heard["payload"]["event"][name] for name in NAMELESS} == NAMELESS


async def test_a_deleted_streamers_channel_stands_still(twitch: Twitch) -> None:
    await twitch.control("vip", channel="secondstreamer", viewer="viewer1", vip=True)
    await twitch.control("reward", channel="secondstreamer", title="Wave", cost=1)
    made = await twitch.control("redeem", channel="secondstreamer", viewer="viewer1")
    await twitch.control("channel", channel="secondstreamer", live=True)
    viewer, mod = await twitch.sign_in("viewer1"), await twitch.sign_in("mod", scope="user:read:moderated_channels")
    await delete(twitch, "secondstreamer")
    assert (await viewer.call("GET", "streams")).json()["data"] == []
    assert (await viewer.vip("DELETE", "viewer1", broadcaster_id="1002")).status_code == 404
    moderated = (await mod.call("GET", "moderation/channels", user_id="2001")).json()["data"]
    assert moderated[1] == {"broadcaster_id": "1002", "broadcaster_login": "", "broadcaster_name": ""}
    where = {"channel": "secondstreamer", "viewer": "viewer1"}
    assert await twitch.refused("redeem", **where) == "deleted"
    assert await twitch.refused("vip", **where, vip=False) == "deleted"
    assert await twitch.refused("channel", channel="secondstreamer", live=False) == "deleted"
    assert await twitch.refused("settle", redemption_id=made["id"], status="FULFILLED") == "deleted"
    await twitch.control("delete-user", user="secondstreamer", deleted=False)
    assert [one["user_id"] for one in (await viewer.call("GET", "streams")).json()["data"]] == ["1002"]
    await twitch.control("settle", redemption_id=made["id"], status="FULFILLED")


async def test_when_they_are_restored_all_is_as_it_was(twitch: Twitch) -> None:
    hand = await twitch.sign_in()
    await hand.make_reward()
    await twitch.control("redeem", channel="streamer", viewer="viewer1")
    await twitch.control("moderator", channel="secondstreamer", viewer="viewer1", moderator=True)
    await hand.vip("POST", "viewer1")
    before = await twitch.look("world"), await twitch.look("audit")
    await delete(twitch)
    assert (await twitch.look("audit")) == before[1]
    await twitch.control("delete-user", user="viewer1", deleted=False)
    assert (await twitch.look("world"), await twitch.look("audit")) == before
    assert (await hand.vip("DELETE", "viewer1")).status_code == 204


async def test_it_is_kept_across_restarts(tmp_path: Path, start: Start, new_world: Callable[..., World]) -> None:
    path = tmp_path / "twitch.json"
    async with httpx.AsyncClient(base_url=start(new_world(path)), trust_env=False) as client:
        twitch = Twitch(client)
        hand = await twitch.sign_in()
        await hand.vip("POST", "viewer1")
        await delete(twitch)
        await delete(twitch, "secondstreamer")
    async with httpx.AsyncClient(base_url=start(new_world(path)), trust_env=False) as client:
        twitch = Twitch(client)
        users = (await twitch.look("world"))["users"]
        assert [one["login"] for one in users if one["deleted"]] == ["secondstreamer", "viewer1"]
        hand = await twitch.sign_in()
        assert (await hand.vip("DELETE", "viewer1")).status_code == 404
        taken = (await client.get("control/world/file")).content
        await twitch.control("delete-user", user="viewer1", deleted=False)
        put = await client.put("control/world", content=taken, headers={"Content-Type": "application/json"})
        assert put.status_code == 200, put.text
        assert (await hand.vip("DELETE", "viewer1")).status_code == 404


async def test_it_can_be_written_in_a_world(tmp_path: Path, start: Start, new_world: Callable[..., World]) -> None:
    users = [{"login": "bob", "deleted": True}, "anna"]
    path = written(
        tmp_path / "mine.json", {"format": 1, "users": users, "channels": [{"login": "anna", "vips": ["bob"]}]}
    )
    async with httpx.AsyncClient(base_url=start(new_world(path)), trust_env=False) as client:
        twitch = Twitch(client)
        world = await twitch.look("world")
        assert {one["login"]: one["deleted"] for one in world["users"]} == {"bob": True, "anna": False}
        assert await twitch.vips("anna") == ["bob"]
        assert (await twitch.choose(user="bob")).status_code == 400


async def test_who_is_deleted_in_another_world_is_signed_in_no_longer(twitch: Twitch) -> None:
    gone, stays = await twitch.sign_in("viewer1"), await twitch.sign_in()
    put = await twitch.client.put("control/world", json={"users": ["streamer", {"login": "viewer1", "deleted": True}]})
    assert put.status_code == 200, put.text
    assert (await gone.call("GET", "users")).status_code == 401
    assert (await stays.call("GET", "users")).status_code == 200


@pytest.mark.parametrize("allowed", ["grants", "codes", "access_tokens", "refresh_tokens"])
def test_somebody_deleted_allows_nothing_in_a_written_world(tmp_path: Path, allowed: str) -> None:
    row = {"client_id": CLIENT_ID, "user": "bob"}
    path = written(tmp_path / "mine.json", {"users": [{"login": "bob", "deleted": True}], "format": 1, allowed: [row]})
    with pytest.raises(WorldFileError, match=rf"{allowed}\[0\].user_id: .*is deleted"):
        World(path)
