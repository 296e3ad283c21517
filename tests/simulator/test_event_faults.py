import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection

from tests.simulator.driver import IDS, Hand, Twitch, notification, session_of, socket_to, until

ADD = "channel.vip.add"
REMOVE = "channel.vip.remove"


class Ear:
    """A socket that hears of VIPs coming and going in a channel."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket

    async def next(self) -> tuple[str, str, str]:
        """Message id, event type, viewer's login."""
        heard = await notification(self._socket)
        metadata, event = heard["metadata"], heard["payload"]["event"]
        return metadata["message_id"], metadata["subscription_type"], event["user_login"]

    async def logins(self, count: int) -> list[str]:
        return [(await self.next())[2] for _ in range(count)]


async def ear(twitch: Twitch, hand: Hand, open_ones: AsyncExitStack) -> Ear:
    socket = await open_ones.enter_async_context(socket_to(twitch))
    session = await session_of(socket)
    for kind in (ADD, REMOVE):
        assert (await hand.subscribe(session, kind)).status_code == 202
    return Ear(socket)


@pytest.fixture
async def open_ones() -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as stack:
        yield stack


@pytest.fixture
async def hearing(twitch: Twitch, open_ones: AsyncExitStack) -> Ear:
    return await ear(twitch, await twitch.sign_in(), open_ones)


async def make_vip(twitch: Twitch, viewer: str, vip: bool = True, channel: str = "streamer") -> None:
    await twitch.control("vip", channel=channel, viewer=viewer, vip=vip)


async def rule(twitch: Twitch, do: str, **more: Any) -> None:
    await twitch.control("faults", do=do, **more)


async def shown(twitch: Twitch) -> Any:
    [only] = (await twitch.look("faults"))["faults"]
    return only


async def test_a_duplicate_has_the_same_message_id(twitch: Twitch, hearing: Ear) -> None:
    await rule(twitch, "duplicate", event=ADD)
    await make_vip(twitch, "viewer1")
    first, second = await hearing.next(), await hearing.next()
    assert first == second
    assert first[1:] == (ADD, "viewer1")
    await make_vip(twitch, "viewer2")
    await make_vip(twitch, "viewer3")
    assert await hearing.logins(2) == ["viewer2", "viewer3"]


async def test_twins_are_one_event_under_two_message_ids(twitch: Twitch, hearing: Ear) -> None:
    await rule(twitch, "twin", event=ADD)
    await make_vip(twitch, "viewer1")
    first, second = await hearing.next(), await hearing.next()
    assert first[0] != second[0]
    assert first[1:] == second[1:] == (ADD, "viewer1")


async def test_a_dropped_event_never_comes(twitch: Twitch, hearing: Ear) -> None:
    await rule(twitch, "drop")
    await make_vip(twitch, "viewer1")
    await make_vip(twitch, "viewer2")
    assert await hearing.logins(1) == ["viewer2"]
    assert (await shown(twitch))["hits"] == 1


async def test_a_late_event_comes_after_those_that_happened_after_it(twitch: Twitch, hearing: Ear) -> None:
    await rule(twitch, "late", seconds=1)
    for viewer in ("viewer1", "viewer2", "viewer3"):
        await make_vip(twitch, viewer)
    assert await hearing.logins(3) == ["viewer2", "viewer3", "viewer1"]


async def test_a_reordered_event_comes_right_behind_the_next_one(twitch: Twitch, hearing: Ear) -> None:
    await rule(twitch, "reorder", seconds=60)
    await make_vip(twitch, "viewer1")
    assert (await shown(twitch))["holding"] == 1
    await make_vip(twitch, "viewer2")
    await make_vip(twitch, "viewer3")
    assert await hearing.logins(3) == ["viewer2", "viewer1", "viewer3"]
    assert (await shown(twitch))["holding"] == 0


async def test_a_reordered_event_comes_by_itself_where_nothing_follows(twitch: Twitch, hearing: Ear) -> None:
    await rule(twitch, "reorder", seconds=0.05)
    await make_vip(twitch, "viewer1")
    assert await hearing.logins(1) == ["viewer1"]


async def test_every_socket_hears_a_reordered_event_behind_the_next_one(
    twitch: Twitch, open_ones: AsyncExitStack
) -> None:
    hand = await twitch.sign_in()
    ears = [await ear(twitch, hand, open_ones) for _ in range(3)]
    await rule(twitch, "reorder", seconds=60, times=3)
    await make_vip(twitch, "viewer1")
    await make_vip(twitch, "viewer2")
    assert [await one.logins(2) for one in ears] == [["viewer2", "viewer1"]] * 3


async def test_other_sockets_messages_of_the_same_event_are_no_next_one(
    twitch: Twitch, open_ones: AsyncExitStack
) -> None:
    hand = await twitch.sign_in()
    ears = [await ear(twitch, hand, open_ones) for _ in range(2)]
    await rule(twitch, "reorder", seconds=60, times=1)
    await make_vip(twitch, "viewer1")
    await make_vip(twitch, "viewer2")
    assert [await one.logins(2) for one in ears] == [["viewer2", "viewer1"], ["viewer1", "viewer2"]]


async def test_events_of_other_channels_bring_no_reordered_one(twitch: Twitch, hearing: Ear) -> None:
    await rule(twitch, "reorder", seconds=60, broadcaster=IDS["streamer"])
    other = await twitch.sign_in("secondstreamer")
    await make_vip(twitch, "viewer1")
    async with AsyncExitStack() as more:
        elsewhere = await ear(twitch, other, more)
        await make_vip(twitch, "viewer2", channel="secondstreamer")
        assert await elsewhere.logins(1) == ["viewer2"]
    assert (await shown(twitch))["holding"] == 1


async def test_two_events_of_requests_at_once_are_put_out_of_order(twitch: Twitch, hearing: Ear) -> None:
    await rule(twitch, "reorder", seconds=60)
    await asyncio.gather(make_vip(twitch, "viewer1"), make_vip(twitch, "viewer2"))
    assert sorted(await hearing.logins(2)) == ["viewer1", "viewer2"]


async def test_events_of_one_batch_are_put_out_of_order_too(twitch: Twitch, open_ones: AsyncExitStack) -> None:
    hand = await twitch.sign_in()
    socket = await open_ones.enter_async_context(socket_to(twitch))
    kind = "channel.channel_points_custom_reward_redemption.update"
    assert (await hand.subscribe(await session_of(socket), kind)).status_code == 202
    reward = await hand.make_reward()
    viewers = ["viewer1", "viewer2", "viewer3", "viewer4"]
    made = [(await twitch.control("redeem", channel="streamer", viewer=one))["id"] for one in viewers]
    await rule(twitch, "reorder", seconds=60)
    answer = await hand.redemptions("PATCH", {"status": "FULFILLED"}, reward_id=reward, id=made)
    assert len(answer.json()["data"]) == 4
    assert await Ear(socket).logins(4) == ["viewer2", "viewer1", "viewer3", "viewer4"]
    assert (await shown(twitch))["holding"] == 0


@pytest.mark.parametrize("do", ["late", "reorder"])
async def test_deleting_a_rule_lets_the_messages_come_that_it_holds(twitch: Twitch, hearing: Ear, do: str) -> None:
    await rule(twitch, do, seconds=3600, times=2)
    for viewer in ("viewer1", "viewer2"):
        await make_vip(twitch, viewer)
    made = await shown(twitch)
    assert made["holding"] == 2
    await twitch.client.delete("control/faults", params={"id": made["id"]})
    assert await hearing.logins(2) == ["viewer1", "viewer2"]
    await make_vip(twitch, "viewer3")
    assert await hearing.logins(1) == ["viewer3"]


async def test_deleting_another_rule_leaves_a_late_message_where_it_is(twitch: Twitch, hearing: Ear) -> None:
    await rule(twitch, "late", seconds=3600)
    other = await twitch.control("faults", do="drop", event=REMOVE)
    await make_vip(twitch, "viewer1")
    await twitch.client.delete("control/faults", params={"id": other["id"]})
    await make_vip(twitch, "viewer2")
    assert await hearing.logins(1) == ["viewer2"]
    assert (await shown(twitch))["holding"] == 1


async def test_an_event_rule_may_mean_one_viewer_and_the_beginning_of_a_type(twitch: Twitch, hearing: Ear) -> None:
    await rule(twitch, "drop", event="channel.vip.", user=IDS["viewer1"], times=-1)
    for viewer, vip in (("viewer1", True), ("viewer2", True), ("viewer1", False), ("viewer2", False)):
        await make_vip(twitch, viewer, vip)
    assert [(await hearing.next())[1:] for _ in range(2)] == [(ADD, "viewer2"), (REMOVE, "viewer2")]
    assert (await shown(twitch))["hits"] == 2


async def test_an_event_rule_of_another_channel_leaves_this_one_alone(twitch: Twitch, hearing: Ear) -> None:
    await rule(twitch, "drop", broadcaster=IDS["secondstreamer"], times=-1)
    await make_vip(twitch, "viewer1")
    assert await hearing.logins(1) == ["viewer1"]


async def test_the_same_seed_loses_the_same_events_again(twitch: Twitch, hearing: Ear) -> None:
    runs = []
    for _ in range(2):
        await twitch.client.delete("control/faults")
        await rule(twitch, "drop", event=ADD, times=-1, probability=0.5, seed=11)
        for number in range(1, 10):
            await make_vip(twitch, f"viewer{number}")
        await twitch.client.delete("control/faults")
        await make_vip(twitch, "viewer1", False)
        heard = []
        while (one := await hearing.next())[1] == ADD:
            heard.append(one[2])
        runs.append(heard)
        for number in range(2, 10):
            await make_vip(twitch, f"viewer{number}", False)
            await hearing.next()
    assert runs[0] == runs[1]
    assert 0 < len(runs[0]) < 9


async def test_a_rule_for_requests_leaves_events_alone_and_the_other_way_round(twitch: Twitch, hearing: Ear) -> None:
    await twitch.control("faults", do="status", path="/nowhere", times=-1)
    await rule(twitch, "drop", times=-1)
    await make_vip(twitch, "viewer1")
    request_rule, event_rule = (await twitch.look("faults"))["faults"]
    assert (request_rule["hits"], event_rule["hits"]) == (0, 1)
    assert "path" in request_rule
    assert "event" not in request_rule
    assert event_rule["event"] == ""
    assert "path" not in event_rule


async def test_the_journal_tells_the_fault_and_each_message_that_went_out(twitch: Twitch, hearing: Ear) -> None:
    await rule(twitch, "twin", event=ADD)
    await make_vip(twitch, "viewer1")
    await hearing.next()
    await hearing.next()

    async def told() -> bool:
        return len((await twitch.look("journal?kind=event"))["journal"]) == 2

    await until(told)
    faults = (await twitch.look("journal?kind=fault"))["journal"]
    assert [(one["do"], one["event"], one["broadcaster"], one["user"]) for one in faults] == [
        ("twin", ADD, IDS["streamer"], IDS["viewer1"])
    ]
    events = (await twitch.look("journal?kind=event"))["journal"]
    assert {one["type"] for one in events} == {ADD}
    assert len({one["message"] for one in events}) == 2
