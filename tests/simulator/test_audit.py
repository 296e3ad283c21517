from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.types import ASGIApp

from tests.simulator.conftest import Start
from tests.simulator.driver import CLIENT_ID, IDS, Hand, Twitch
from vip_manager.simulator.app import create_simulator
from vip_manager.simulator.records import BY_HAND, Badge, Client, PointsChange
from vip_manager.simulator.simulation import Simulation
from vip_manager.simulator.world import World

VIEWER = IDS["viewer1"]


class Evening:
    """A channel where some redeemed, with the world itself at hand so that it can be made wrong."""

    def __init__(self, twitch: Twitch, sim: Simulation, hand: Hand, reward: str) -> None:
        self.twitch = twitch
        self.sim = sim
        self.world = world = sim.world
        self.hand = hand
        self.reward = reward
        self.channel = world.channel(hand.user_id)

    async def redeemed(self, viewer: str = "viewer1") -> str:
        return str((await self.twitch.control("redeem", channel="streamer", viewer=viewer))["id"])

    async def settle(self, redemption: str, status: str) -> httpx.Response:
        return await self.hand.redemptions("PATCH", {"status": status}, reward_id=self.reward, id=redemption)

    async def audit(self) -> Any:
        return await self.twitch.look("audit")

    async def problem(self) -> str:
        verdict = (await self.audit())["verdict"]
        assert verdict["ok"] is False
        [words] = verdict["problems"]
        return str(words)


@pytest.fixture
async def evening(serve: Callable[[ASGIApp], str], new_world: Callable[..., World]) -> AsyncIterator[Evening]:
    app = create_simulator(new_world())
    async with httpx.AsyncClient(base_url=serve(app), trust_env=False) as client:
        twitch = Twitch(client)
        hand = await twitch.sign_in()
        yield Evening(twitch, app.state.simulation, hand, await hand.make_reward())


async def test_a_sound_evening_has_no_problem(evening: Evening) -> None:
    granted, refunded, by_hand, _open = [await evening.redeemed(f"viewer{n}") for n in range(1, 5)]
    await evening.hand.vip("POST", "viewer1")
    await evening.settle(granted, "FULFILLED")
    await evening.settle(refunded, "CANCELED")
    assert (await evening.settle(refunded, "CANCELED")).status_code == 404
    await evening.twitch.control("settle", redemption_id=by_hand, status="CANCELED")
    await evening.hand.vip("DELETE", "viewer1")
    await evening.hand.vip("POST", "viewer2")
    await evening.twitch.control("points", channel="streamer", viewer="viewer1", points=77)
    await evening.twitch.control("vip", channel="streamer", viewer="permanentvip", vip=False)
    found = await evening.audit()
    assert found["verdict"] == {"ok": True, "problems": []}
    assert (found["open"], found["late_settlements"]) == (1, 1)
    assert found["settled_by"] == {"api": 2, "hand": 1}
    assert [(one["times_taken"], one["times_given_back"], one["times_settled"]) for one in found["redemptions"]] == [
        (1, 0, 1),
        (1, 1, 1),
        (1, 1, 1),
        (1, 0, 0),
    ]
    assert found["vips_by_api_now"] == {"streamer": ["viewer2"], "secondstreamer": []}


async def test_deleting_a_reward_or_skipping_the_queue_settles_soundly(evening: Evening) -> None:
    await evening.redeemed()
    await evening.hand.rewards("DELETE", id=evening.reward)
    await evening.hand.make_reward("Quick", should_redemptions_skip_request_queue=True)
    await evening.redeemed("viewer2")
    found = await evening.audit()
    assert found["verdict"]["ok"], found["verdict"]
    assert [one["status"] for one in found["redemptions"]] == ["FULFILLED", "FULFILLED"]


async def test_points_taken_twice_are_found(evening: Evening) -> None:
    await evening.redeemed()
    line = evening.channel.ledger[0]
    evening.channel.ledger.append(replace(line, balance=line.balance - 500))
    evening.channel.balances[VIEWER] -= 500
    assert "took its points twice" in await evening.problem()


async def test_points_that_were_never_taken_are_found(evening: Evening) -> None:
    await evening.redeemed()
    evening.channel.ledger.clear()
    evening.channel.balances.clear()
    assert "took its points never" in await evening.problem()


async def test_points_given_back_twice_are_found_though_the_status_looks_well(evening: Evening) -> None:
    await evening.settle(await evening.redeemed(), "CANCELED")
    line = evening.channel.ledger[-1]
    evening.channel.ledger.append(replace(line, balance=line.balance + 500))
    evening.channel.balances[VIEWER] += 500
    assert "gave its points back twice" in await evening.problem()


async def test_a_refund_without_points_is_found(evening: Evening) -> None:
    redemption = await evening.redeemed()
    evening.world.redemptions[redemption].status = "CANCELED"
    evening.world.redemptions[redemption].times_settled = 1
    assert "did not come back" in await evening.problem()


async def test_points_given_back_for_what_was_fulfilled_are_found(evening: Evening) -> None:
    redemption = await evening.redeemed()
    await evening.settle(redemption, "CANCELED")
    evening.world.redemptions[redemption].status = "FULFILLED"
    assert "is FULFILLED, but its points came back" in await evening.problem()


async def test_a_redemption_settled_twice_is_found(evening: Evening) -> None:
    redemption = await evening.redeemed()
    await evening.settle(redemption, "FULFILLED")
    evening.world.redemptions[redemption].times_settled += 1
    assert "is FULFILLED and was settled twice" in await evening.problem()


async def test_a_redemption_settled_and_open_again_is_found(evening: Evening) -> None:
    redemption = await evening.redeemed()
    await evening.settle(redemption, "FULFILLED")
    evening.world.redemptions[redemption].status = "UNFULFILLED"
    assert "is UNFULFILLED and was settled once" in await evening.problem()


async def test_other_points_than_it_cost_are_found(evening: Evening) -> None:
    await evening.redeemed()
    line = evening.channel.ledger[0]
    evening.channel.ledger[0] = replace(line, change=-499, balance=line.balance + 1)
    evening.channel.balances[VIEWER] += 1
    assert "moved other points than the 500 it cost" in await evening.problem()


async def test_somebody_elses_points_are_found(evening: Evening) -> None:
    await evening.redeemed()
    line = evening.channel.ledger[0]
    evening.channel.ledger[0] = replace(line, user_id=IDS["viewer2"])
    evening.channel.balances = {IDS["viewer2"]: line.balance}
    assert "moved somebody else's points" in await evening.problem()


async def test_points_that_changed_on_no_account_are_found(evening: Evening) -> None:
    await evening.redeemed()
    evening.channel.balances[VIEWER] += 1
    assert "points of viewer1 at streamer's do not follow" in await evening.problem()


async def test_points_lost_by_somebody_who_never_redeemed_are_found(evening: Evening) -> None:
    evening.channel.balances[VIEWER] = 0
    assert "points of viewer1 at streamer's do not follow" in await evening.problem()


async def test_points_lost_before_the_first_redemption_are_found(evening: Evening) -> None:
    evening.channel.balances[VIEWER] = 600
    await evening.redeemed()
    assert "points of viewer1 at streamer's do not follow" in await evening.problem()


async def test_points_for_a_redemption_that_there_is_not_are_found(evening: Evening) -> None:
    evening.channel.ledger.append(PointsChange("2026-03-01T10:00:00Z", VIEWER, -500, 999_500, "redeemed", "ghost"))
    evening.channel.balances[VIEWER] = 999_500
    assert "redemption ghost, which there is not" in await evening.problem()


async def test_a_permanent_vip_taken_by_the_api_is_found(evening: Evening) -> None:
    await evening.hand.vip("DELETE", "permanentvip")
    assert await evening.problem() == "permanentvip was VIP of streamer by hand, and the API took it."


async def application(evening: Evening, client_id: str) -> Callable[..., Awaitable[int]]:
    """The streamer's VIPs, changed through another application than the usual one."""
    evening.world.clients[client_id] = Client(client_id, "its secret", "Another")
    wish = {"client_id": client_id, "client_secret": "its secret", "grant_type": "user_token", "user_id": "1001"}
    client = evening.twitch.client
    token = (await client.post("auth/authorize", data=wish | {"scope": "channel:manage:vips"})).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}", "Client-Id": client_id}

    async def vip(method: str, viewer: str) -> int:
        params = {"broadcaster_id": "1001", "user_id": IDS[viewer]}
        return (await client.request(method, "helix/channels/vips", params=params, headers=headers)).status_code

    return vip


async def test_a_vip_of_another_application_taken_by_the_api_is_found(evening: Evening) -> None:
    other = await application(evening, "other")
    assert await other("POST", "viewer1") == 204
    assert (await evening.hand.vip("DELETE", "viewer1")).status_code == 204
    assert await evening.problem() == "viewer1 was VIP of streamer by another application, and the API took it."
    [foreign] = (await evening.audit())["foreign_vips_removed_by_api"]
    assert foreign["given_by"] == "another application"


async def test_each_application_may_take_the_vips_that_it_gave(evening: Evening) -> None:
    other = await application(evening, "other")
    assert await other("POST", "viewer1") == 204
    assert (await evening.hand.vip("POST", "viewer2")).status_code == 204
    assert await other("DELETE", "viewer1") == 204
    assert (await evening.hand.vip("DELETE", "viewer2")).status_code == 204
    assert (await evening.audit())["verdict"]["ok"]


async def test_a_vip_who_takes_off_the_own_badge_is_no_wrong(evening: Evening) -> None:
    themselves = await evening.twitch.sign_in("permanentvip")
    assert (await themselves.vip("DELETE", "permanentvip", "1001")).status_code == 204
    assert (await evening.audit())["verdict"] == {"ok": True, "problems": []}
    [change] = evening.channel.vip_changes
    assert (change.by, change.actor_id, change.client_id) == ("api", IDS["permanentvip"], CLIENT_ID)


async def test_a_badge_of_which_nobody_knows_the_application_counts_as_of_the_one_that_takes_it(
    evening: Evening,
) -> None:
    evening.channel.vips[VIEWER] = Badge("api")
    assert (await evening.hand.vip("DELETE", "viewer1")).status_code == 204
    assert (await evening.audit())["verdict"]["ok"]


async def test_a_badge_that_twitch_never_gives_is_found(evening: Evening) -> None:
    evening.channel.vips[IDS["mod"]] = Badge(BY_HAND)
    assert await evening.problem() == "mod is VIP and moderator of streamer at once."


async def test_429s_are_told_by_the_limit_that_was_met(evening: Evening) -> None:
    for _ in range(12):
        await evening.hand.vip("DELETE", "viewer1")
    found = await evening.audit()
    assert found["too_many_requests"] == 2
    assert found["limits_met"] == {"DELETE /channels/vips": 2}
    while evening.sim.limits.spend(CLIENT_ID, evening.hand.user_id).allowed:
        pass
    assert (await evening.hand.call("GET", "users")).status_code == 429
    assert (await evening.audit())["limits_met"] == {"DELETE /channels/vips": 2, "points": 1}
    assert found["verdict"]["ok"]


async def test_a_429_of_a_fault_is_none_that_was_provoked(evening: Evening) -> None:
    await evening.twitch.control("faults", path="/users", do="status", status=429)
    assert (await evening.hand.call("GET", "users")).status_code == 429
    assert (await evening.audit())["too_many_requests"] == 0


async def test_the_audit_reaches_across_restarts(tmp_path: Path, start: Start, new_world: Callable[..., World]) -> None:
    path = tmp_path / "twitch.json"
    async with httpx.AsyncClient(base_url=start(new_world(path)), trust_env=False) as client:
        twitch = Twitch(client)
        hand = await twitch.sign_in()
        reward = await hand.make_reward()
        made = (await twitch.control("redeem", channel="streamer", viewer="viewer1"))["id"]
        for _ in range(3):
            await hand.redemptions("PATCH", {"status": "CANCELED"}, reward_id=reward, id=made)
        await hand.vip("DELETE", "permanentvip")
        for _ in range(11):
            await hand.vip("DELETE", "viewer1")
        before = await twitch.look("audit")
    assert before["late_settlements"] == before["too_many_requests"] == 2
    assert not before["verdict"]["ok"]
    async with httpx.AsyncClient(base_url=start(new_world(path)), trust_env=False) as client:
        assert await Twitch(client).look("audit") == before
