"""What a written world says of points, and what the audit makes of it."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.simulator.busy_world import busy, written
from tests.simulator.conftest import Start
from tests.simulator.driver import Twitch
from vip_manager.simulator.world import World


async def test_a_world_from_before_there_was_a_ledger_is_taken_over_soundly(tmp_path: Path, start: Start) -> None:
    def redemption(number: int, status: str, settled: int) -> dict[str, Any]:
        return {
            "id": f"redemption-{number}",
            "channel_id": "1001",
            "user_id": "3001",
            "reward_id": "gone",
            "reward_title": "VIP",
            "reward_prompt": "",
            "cost": 500,
            "status": status,
            "redeemed_at": f"2026-03-01T10:00:0{number}.000000Z",
            "user_input": "",
            "times_settled": settled,
            "late_settlements": 0,
            "settled_by": "api" if settled else "",
        }

    born = "2020-01-01T00:00:00Z"
    people = (("1001", "streamer", "affiliate"), ("3001", "viewer1", ""))
    change = {"at": "2026-03-01T10:00:00.000000Z", "user_id": "3001", "added": True, "by": "api", "origin": "api"}
    old = {
        "format": 1,
        "offset_seconds": 3600,
        "clients": [{"id": "sandbox-client-id", "secret": "sandbox-client-secret", "name": "VIP Manager sandbox"}],
        "users": [
            {"id": id_, "login": login, "display_name": login, "created_at": born, "broadcaster_type": kind}
            for id_, login, kind in people
        ],
        "channels": [
            {
                "id": "1001",
                "moderators": [],
                "vips": {"3001": "api"},
                "bans": [],
                "vip_capacity": 20,
                "community_unlocked": True,
                "live_since": None,
                "stream_id": "",
                "rewards": {},
                "balances": {"3001": 999_000},
                "vip_changes": [change],
            }
        ],
        "redemptions": [redemption(1, "FULFILLED", 1), redemption(2, "CANCELED", 1), redemption(3, "UNFULFILLED", 0)],
        "grants": [{"client_id": "sandbox-client-id", "user_id": "1001", "scopes": ["channel:manage:vips"]}],
        "codes": [],
        "access_tokens": [],
        "refresh_tokens": [],
    }
    world = World(written(tmp_path / "old.json", old))
    async with httpx.AsyncClient(base_url=start(world), trust_env=False) as client:
        audit = await Twitch(client).look("audit")
    assert audit["verdict"] == {"ok": True, "problems": []}
    assert [one["times_given_back"] for one in audit["redemptions"]] == [0, 1, 0]


@pytest.fixture
def edited(tmp_path: Path) -> dict[str, Any]:
    """A saved world in which somebody has changed points by hand, of one who has redeemed and of one who never has."""
    path = tmp_path / "edited.json"
    busy(World(path)).save()
    saved: dict[str, Any] = json.loads(path.read_text())
    saved["channels"][0]["balances"] |= {"3001": 5, "3009": 6}
    return saved


async def test_points_changed_by_hand_in_a_world_that_is_put_are_no_wrong(
    twitch: Twitch, edited: dict[str, Any]
) -> None:
    assert (await twitch.client.put("control/world", json=edited)).status_code == 200
    balances = (await twitch.channel())["balances"]
    assert (balances["viewer1"], balances["viewer9"]) == (5, 6)
    assert (await twitch.look("audit"))["verdict"] == {"ok": True, "problems": []}


async def test_points_that_a_saved_file_has_lost_are_found_after_the_restart_too(
    tmp_path: Path, start: Start, edited: dict[str, Any]
) -> None:
    path = written(tmp_path / "twitch.json", edited)
    for _ in range(2):
        world = World(path)
        async with httpx.AsyncClient(base_url=start(world), trust_env=False) as client:
            problems = (await Twitch(client).look("audit"))["verdict"]["problems"]
        assert [words.split(" at ")[0] for words in problems] == ["The points of viewer1", "The points of viewer9"]
        world.save()


async def test_points_in_a_file_from_before_the_ledger_told_everything_are_no_wrong(
    tmp_path: Path, start: Start, edited: dict[str, Any]
) -> None:
    path = written(tmp_path / "twitch.json", edited | {"format": 1})
    for _ in range(2):
        world = World(path)
        async with httpx.AsyncClient(base_url=start(world), trust_env=False) as client:
            assert (await Twitch(client).look("audit"))["verdict"] == {"ok": True, "problems": []}
        world.save()


async def test_points_that_a_written_world_begins_with_are_told_in_its_ledger(twitch: Twitch, tmp_path: Path) -> None:
    world = {
        "channels": [
            {"login": "anna", "balances": {"bob": 700, "cleo": 5}, "rewards": [{"title": "VIP", "cost": 300}]},
        ],
        "redemptions": [{"channel": "anna", "viewer": "bob", "reward": "VIP"}],
    }
    assert (await twitch.client.put("control/world", json=world)).status_code == 200
    assert (await twitch.look("audit"))["verdict"] == {"ok": True, "problems": []}
    taken = (await twitch.client.get("control/world/file")).json()
    assert [(line["change"], line["balance"], line["why"]) for line in taken["channels"][0]["ledger"]] == [
        (-999_000, 1000, "set"),
        (-300, 700, "redeemed"),
        (-999_995, 5, "set"),
    ]
