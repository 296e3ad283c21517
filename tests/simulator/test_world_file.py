import asyncio
import json
import os
import re
import signal
import socket as sockets
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import httpx
import pytest

from tests.simulator.busy_world import busy, written
from tests.simulator.conftest import Start
from tests.simulator.driver import CLIENT_SECRET, Hand, Twitch, close_code, session_of, socket_to, until
from vip_manager.simulator import ledger
from vip_manager.simulator.alone import serve
from vip_manager.simulator.records import Badge
from vip_manager.simulator.world import World
from vip_manager.simulator.world_file import WorldFileError
from vip_manager.simulator.world_layout import Layout

JSON = {"Content-Type": "application/json"}


def without_addresses(world: Any) -> Any:
    """Pictures' addresses hold the port."""
    return {**world, "users": [{**user, "avatar_url": ""} for user in world["users"]]}


async def test_a_world_is_kept_across_restarts(tmp_path: Path, start: Start, new_world: Callable[..., World]) -> None:
    path = tmp_path / "sandbox" / "twitch.json"
    async with httpx.AsyncClient(base_url=start(new_world(path)), trust_env=False) as client:
        before = Twitch(client)
        hand = await before.sign_in()
        reward = await hand.make_reward()
        redemption = (await before.control("redeem", channel="streamer", viewer="viewer1"))["id"]
        await hand.vip("POST", "viewer1")
        await before.control("jump", seconds=3600)
        shown = without_addresses(await before.look("world"))
        audited = await before.look("audit")
    async with httpx.AsyncClient(base_url=start(new_world(path)), trust_env=False) as client:
        after = Twitch(client)
        assert without_addresses(await after.look("world")) == shown
        assert await after.look("audit") == audited
        same = Hand(after, "1001", hand.access, hand.refresh)
        body = {"status": "FULFILLED"}
        assert (await same.redemptions("PATCH", body, reward_id=reward, id=redemption)).status_code == 200
    assert path.stat().st_mode & 0o777 == 0o600
    assert json.loads(path.read_text())["offset_seconds"] == 3600
    assert [one.name for one in path.parent.iterdir()] == ["twitch.json"]


@pytest.mark.parametrize("content", ["", "{", "[]", "[" * 100_000, '{"format": 99}', '{"format": 1, "users": 3}'])
def test_a_file_that_is_no_world_is_refused_and_left_alone(tmp_path: Path, content: str) -> None:
    path = tmp_path / "twitch.json"
    path.write_text(content)
    with pytest.raises(WorldFileError, match=re.escape(str(path))):
        World(path)
    assert path.read_text() == content


def test_alone_it_says_what_is_wrong_in_the_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path / "mine.json", {"format": 1, "channels": [{"login": "anna", "vips": ["b"]}]})
    with pytest.raises(SystemExit) as ended:
        serve(0, path)
    assert ended.value.code == 2
    assert f"{path}: channels[0].vips[0]: there is nobody called “b”." in capsys.readouterr().err


def test_without_a_path_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    World().save()
    assert list(tmp_path.iterdir()) == []


def test_a_few_lines_by_hand_are_a_world(tmp_path: Path) -> None:
    path = written(
        tmp_path / "mine.json",
        {
            "format": 1,
            "users": ["anna", {"login": "Bob", "display_name": "BOB"}, "streamer"],
            "channels": [
                {
                    "login": "anna",
                    "live": True,
                    "vips": ["bob", "carl"],
                    "moderators": ["dora"],
                    "bans": ["erik"],
                    "vip_capacity": 3,
                    "lag_seconds": 20,
                    "balances": {"bob": 700},
                    "rewards": [{"title": "VIP", "cost": 300}],
                },
                {"login": "streamer", "broadcaster_type": "partner"},
            ],
            "redemptions": [
                {"channel": "anna", "viewer": "bob", "reward": "vip"},
                {"channel": "anna", "viewer": "carl", "reward": "VIP", "status": "CANCELED"},
            ],
        },
    )
    world = World(path)
    ids = {user.login: user.id for user in world.users.values()}
    assert list(ids) == ["anna", "bob", "streamer", "dora", "erik", "carl"]
    assert ids["streamer"] == "1001", "known from the first world"
    anna = world.channels[ids["anna"]]
    assert anna.vips == {ids["bob"]: Badge("hand"), ids["carl"]: Badge("hand")}
    assert (anna.moderators, anna.bans) == ([ids["dora"]], [ids["erik"]])
    assert (anna.vip_capacity, anna.lag_seconds, anna.balances) == (3, 20, {ids["bob"]: 700})
    assert anna.live_since is not None
    assert anna.stream_id
    kinds = {user.login: user.broadcaster_type for user in world.users.values()}
    assert (kinds["anna"], kinds["bob"], kinds["streamer"]) == ("affiliate", "", "partner")
    assert world.users[ids["bob"]].display_name == "BOB"
    first, second = world.redemptions.values()
    assert (first.cost, first.status, second.status, second.times_settled) == (300, "UNFULFILLED", "CANCELED", 1)
    assert [(line.user_id, line.change, line.balance) for line in anna.ledger if line.user_id == ids["bob"]] == [
        (ids["bob"], 1000 - 1_000_000, 1000),
        (ids["bob"], -300, 700),
    ]
    assert "sandbox-client-id" in world.clients


def test_the_smallest_world_is_an_empty_one(tmp_path: Path) -> None:
    world = World(written(tmp_path / "empty.json", {"format": 1}))
    assert (world.users, world.channels) == ({}, {})
    assert World(written(tmp_path / "two.json", {"format": 1, "channels": [{"login": "aaa", "vips": ["bbb"]}]})).users


def test_badges_of_a_file_from_before_applications_were_written_down_load(tmp_path: Path) -> None:
    path = tmp_path / "twitch.json"
    busy(World(path)).save()
    old = json.loads(path.read_text()) | {"format": 1}
    channel = old["channels"][0]
    channel["vips"] = {user_id: badge["by"] for user_id, badge in channel["vips"].items()}
    for change in channel["vip_changes"]:
        for name in ("client_id", "actor_id", "origin_client_id"):
            del change[name]
    found = World(written(path, old)).channel("1001")
    assert found.vips == {"4001": Badge("hand")} | {f"300{number}": Badge("api") for number in range(1, 4)}
    assert [change.origin for change in found.vip_changes] == ["api"] * 3


async def test_one_reward_in_two_channels_is_refused(twitch: Twitch) -> None:
    rewards = [{"id": "r1", "title": "A"}]
    world = {"channels": [{"login": "anna", "rewards": rewards}, {"login": "bert", "rewards": rewards}]}
    put = await twitch.client.put("control/world", json=world)
    assert put.status_code == 400
    assert put.json()["error"]["message"].startswith("channels[1].rewards: ")


@pytest.mark.parametrize(
    ("wrong", "place"),
    [
        ({"users": "anna"}, "users: "),
        ({"users": [1]}, "users[0]: "),
        ({"users": ["anna", "ANNA"]}, "users[1].login: "),
        ({"users": ["a b"]}, "users[0].login: "),
        ({"users": [{"login": "anna", "colour": 5}]}, "users[0].colour: "),
        ({"users": [{"login": "anna", "id": "x"}]}, "users[0].id: "),
        ({"users": [{"login": "anna", "id": "7"}, {"login": "bob", "id": "7"}]}, "users[1].id: "),
        ({"users": [{"login": "anna", "age": 5}]}, "users[0].age: "),
        ({"users": [{"login": "anna", "deleted": "yes"}]}, "users[0].deleted: "),
        ({"users": [{"login": "anna", "created_at": "yesterday"}]}, "users[0].created_at: "),
        ({"users": [{"login": "anna", "display_name": "\ud800"}]}, "users[0].display_name: "),
        ({"channels": [{}]}, "channels[0].login: "),
        ({"channels": [{"id": "12345"}]}, "channels[0].id: "),
        ({"channels": [{"login": "anna"}, {"login": "anna"}]}, "channels[1]: "),
        ({"channels": [{"login": "anna", "vips": ["bob", "9"]}]}, "channels[0].vips[1]: "),
        ({"channels": [{"login": "anna", "vips": {"bob": "magic"}}]}, "channels[0].vips.bob: "),
        ({"channels": [{"login": "anna", "vips": {"bob": {"by": "api", "client_id": 5}}}]}, "channels[0].vips.bob.cl"),
        ({"channels": [{"login": "anna", "vips": ["bob"], "moderators": ["bob"]}]}, "channels[0]: "),
        ({"channels": [{"login": "anna", "vips": ["bob"], "bans": ["bob"]}]}, "channels[0]: "),
        ({"channels": [{"login": "anna", "vips": ["anna"]}]}, "channels[0]: "),
        ({"channels": [{"login": "anna", "vip_capacity": -1}]}, "channels[0].vip_capacity: "),
        ({"channels": [{"login": "anna", "vip_capacity": True}]}, "channels[0].vip_capacity: "),
        ({"channels": [{"login": "anna", "lag_seconds": 9999}]}, "channels[0].lag_seconds: "),
        ({"channels": [{"login": "anna", "live": "yes"}]}, "channels[0].live: "),
        ({"channels": [{"login": "anna", "broadcaster_type": "star"}]}, "channels[0].broadcaster_type: "),
        ({"channels": [{"login": "anna", "balances": {"bob": -1}}]}, "channels[0].balances.bob: "),
        ({"channels": [{"login": "anna", "rewards": [{"cost": 5}]}]}, "channels[0].rewards[0].title: "),
        ({"channels": [{"login": "anna", "rewards": [{"title": "A", "cost": 0}]}]}, "channels[0].rewards[0].cost: "),
        ({"channels": [{"login": "anna", "rewards": [{"title": "A"}, {"title": "a"}]}]}, "channels[0].rewards[1]: "),
        ({"redemptions": [{"channel": "anna", "viewer": "bob", "reward": "A"}]}, "redemptions[0].reward_id: "),
        ({"redemptions": [{"channel": "anna", "channel_id": "anna"}]}, "redemptions[0].channel_id: "),
        ({"grants": [{"client_id": "nobody", "user": "anna", "scopes": []}]}, "grants[0].client_id: "),
        ({"grants": [{"client_id": [], "user": "anna", "scopes": []}]}, "grants[0].client_id: "),
        ({"codes": 5}, "codes: "),
        ({"clients": [{"id": "another", "name": "Another"}]}, "clients[0].secret: "),
        ({"offset_seconds": -1}, "offset_seconds: "),
        ({"offset_seconds": 10**12}, "offset_seconds: "),
        ({"weather": "fine"}, "weather: "),
        ({"format": 3}, "format: "),
    ],
)
async def test_what_no_world_can_be_is_refused_with_its_place_and_changes_nothing(
    twitch: Twitch, wrong: dict[str, Any], place: str
) -> None:
    before = (await twitch.client.get("control/world/file")).text
    answer = await twitch.client.put("control/world", content=json.dumps(wrong), headers=JSON)
    assert answer.status_code == 400, answer.text
    error = answer.json()["error"]
    assert error["code"] == "bad_world"
    assert error["message"].startswith(place)
    assert error["message"].endswith(".")
    assert (await twitch.client.get("control/world/file")).text == before


def test_any_damage_to_a_file_is_named_or_harmless(tmp_path: Path) -> None:
    path = tmp_path / "twitch.json"
    world = busy(World(path))
    world.save()
    good = json.loads(path.read_text())
    dice = Random(5)
    refusals = []
    for _ in range(200):
        bad = json.loads(json.dumps(good))
        damage(bad, dice)
        try:
            World(written(path, bad)).save()
        except WorldFileError as error:
            refusals.append(str(error))
    assert 50 < len(refusals) < 200
    assert all(str(path) in words for words in refusals)


def damage(value: Any, dice: Random) -> None:
    """Something, somewhere in it, is something else from now on."""
    while True:
        key = dice.choice(list(value) if isinstance(value, dict) else range(len(value)))
        inner = value[key]
        if not isinstance(inner, dict | list) or not inner or dice.random() < 0.2:
            value[key] = dice.choice([None, -1, "", "x", [], {}, [{}], {"x": []}, True, 1.5, 10**30, "\ud800"])
            return
        value = inner


async def test_a_world_can_be_taken_away_as_a_file_and_brought_back(twitch: Twitch) -> None:
    hand = await twitch.sign_in()
    await twitch.code()
    await hand.make_reward()
    await twitch.control("redeem", channel="streamer", viewer="viewer1")
    await hand.vip("POST", "viewer1")
    taken = await twitch.client.get("control/world/file")
    for secret in (hand.access, hand.refresh, CLIENT_SECRET):
        assert secret not in taken.text
    assert "tokens" not in taken.text
    shown, audited = await twitch.look("world"), await twitch.look("audit")
    await twitch.control("viewer", login="newone")
    await twitch.control("settle", redemption_id=shown["redemptions"][0]["id"], status="CANCELED")
    await hand.vip("DELETE", "permanentvip")
    put = await twitch.client.put("control/world", content=taken.content, headers=JSON)
    assert put.status_code == 200, put.text
    assert (await twitch.look("world"), await twitch.look("audit")) == (shown, audited)
    assert (await hand.vip("DELETE", "viewer1")).status_code == 204, "who was signed in is so still"
    assert (await twitch.token(grant_type="refresh_token", refresh_token=hand.refresh)).status_code == 200


async def test_another_world_has_none_of_the_people_who_are_not_in_it(twitch: Twitch) -> None:
    gone, stays = await twitch.sign_in(), await twitch.sign_in("secondstreamer")
    async with socket_to(twitch) as socket:
        await gone.subscribe(await session_of(socket), "channel.vip.add")
        put = await twitch.client.put(
            "control/world", json={"users": ["secondstreamer"], "channels": [{"login": "fresh", "vips": ["viewer1"]}]}
        )
        assert await close_code(socket) == 4000
    assert put.json()["users"] == {"secondstreamer": "1002", "fresh": "5001", "viewer1": "3001"}
    assert (await gone.call("GET", "users")).status_code == 401
    assert (await stays.call("GET", "users")).status_code == 200
    assert [one["login"] for one in (await twitch.look("world"))["channels"]] == ["fresh"]
    assert await twitch.vips("fresh") == ["viewer1"]


async def test_time_goes_forward_in_another_world_too(twitch: Twitch) -> None:
    await twitch.control("jump", seconds=3600)
    for offset, then in ((None, 3600), (60, 3600), (7200, 7200)):
        wish = {} if offset is None else {"offset_seconds": offset}
        assert (await twitch.client.put("control/world", json=wish)).status_code == 200
        assert (await twitch.look("world"))["offset_seconds"] == then


async def test_the_first_world_can_be_had_again(twitch: Twitch) -> None:
    first = await twitch.look("world")
    hand = await twitch.sign_in()
    await hand.make_reward()
    await hand.vip("DELETE", "permanentvip")
    await twitch.control("viewer", login="newone")
    await twitch.control("jump", seconds=60)
    async with socket_to(twitch) as socket:
        await session_of(socket)
        await twitch.control("reset")
        assert await close_code(socket) == 4000
    again = await twitch.look("world")
    assert again["offset_seconds"] == 60
    assert again | {"now": "", "offset_seconds": 0, "sockets": 0} == first | {"now": "", "sockets": 0}
    assert (await hand.call("GET", "users")).status_code == 401
    assert (await twitch.look("audit"))["verdict"]["ok"]
    assert await twitch.refused("reset", really=True) == "bad_request"


async def test_a_replaced_world_is_kept(tmp_path: Path, start: Start, new_world: Callable[..., World]) -> None:
    path = tmp_path / "twitch.json"
    async with httpx.AsyncClient(base_url=start(new_world(path)), trust_env=False) as client:
        await client.put("control/world", json={"channels": [{"login": "anna", "vips": ["bob"]}]})
    assert [user.login for user in new_world(path).users.values()] == ["anna", "bob"]


def test_the_file_has_a_record_a_line(tmp_path: Path) -> None:
    path = tmp_path / "twitch.json"
    world = busy(World(path))
    world.save()
    lines = [line.strip().removesuffix(",") for line in path.read_text().splitlines()]
    records = [json.loads(line) for line in lines if line.startswith("{") and line.endswith("}")]
    assert [one["id"] for one in records if "reward_title" in one] == ["r1", "r2", "r3"]
    assert [one["login"] for one in records if "login" in one] == [user.login for user in world.users.values()]
    assert sum("change" in one for one in records) == len(world.channel("1001").ledger)
    assert sum("added" in one for one in records) == len(world.channel("1001").vip_changes)


def test_lines_that_are_kept_are_those_that_would_be_made_anew() -> None:
    world = busy(World())
    layout = Layout()
    channel = world.channel("1001")

    def settle() -> None:
        world.redemptions["r1"].status = "CANCELED"

    def give_back() -> None:
        ledger.give_back(channel, world.redemptions["r1"], "2026-03-01T11:00:00Z")

    def rename() -> None:
        world.users["3001"].display_name = "Ünïcode"

    def allow() -> None:
        world.grants[0].scopes.append("moderation:read")

    def pause() -> None:
        channel.rewards["reward-1"].is_paused = True

    def half_a_letter() -> None:
        world.users["3002"].display_name = "\ud83d"

    def end_of_history() -> None:
        channel.vip_changes.pop()

    def other_history() -> None:
        channel.ledger[:] = channel.ledger[:2]

    def another_world() -> None:
        world.become(World())

    def nothing() -> None:
        pass

    changes = (nothing, settle, give_back, rename, allow, pause, half_a_letter, end_of_history, other_history)
    for change in (*changes, another_world):
        change()
        laid = b"".join(layout.text(world.state()))
        assert laid == b"".join(Layout().text(world.state())), change.__name__
        read = json.loads(laid)
        assert [one["id"] for one in read["users"]] == list(world.users), change.__name__
        assert [one["status"] for one in read["redemptions"]] == [one.status for one in world.redemptions.values()]


async def test_alone_it_prints_its_addresses_and_remembers_what_it_answered(tmp_path: Path) -> None:
    path = tmp_path / "twitch.json"
    with sockets.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    program = (
        "import sys; from pathlib import Path; from vip_manager.simulator.alone import serve;"
        "serve(int(sys.argv[1]), Path(sys.argv[2]))"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program, str(port), str(path)], stdout=subprocess.PIPE, text=True, env=dict(os.environ)
    )
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:

            async def answers() -> bool:
                try:
                    return (await client.get("control/world")).status_code == 200
                except httpx.TransportError:
                    return False

            await until(answers, seconds=30)
            answered: list[str] = []

            async def redeem_on() -> None:
                twitch = Twitch(client)
                await twitch.control("reward", channel="streamer", title="Wave", cost=1)
                while True:
                    made = await twitch.control("redeem", channel="streamer", viewer="viewer1")
                    answered.append(made["id"])

            async def many() -> bool:
                return len(answered) > 50

            redeeming = asyncio.create_task(redeem_on())
            await until(many)
            process.send_signal(signal.SIGKILL)
            with pytest.raises(httpx.TransportError):
                await redeeming
        printed, _ = process.communicate(timeout=10)
    finally:
        process.kill()
        process.wait()
    assert f"TWITCH_API_URL=http://127.0.0.1:{port}/helix" in printed
    world = World(path)
    assert set(answered) <= world.redemptions.keys()
    assert world.channel("1001").points("3001") == 1_000_000 - len(world.redemptions)
