"""What carries a message may lose, repeat and delay it; what was sent is noted, and can be sent again in a storm."""

import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from tests.simulator.driver import Twitch, notification, session_of, socket_to
from tests.simulator.webhooks import SECRET, Receiver, app_of
from vip_manager.simulator.eventsub.hub import MOST_AT_ONCE, REMEMBERED_MESSAGES, Hub
from vip_manager.simulator.eventsub.sessions import Session
from vip_manager.simulator.eventsub.subscriptions import ENABLED
from vip_manager.simulator.eventsub.timings import Timings
from vip_manager.simulator.world import World

Send = Callable[[str], None]
EVENT = {"user_id": "3001", "broadcaster_user_id": "1001"}


class Carrier:
    """Keeps each message back."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, str, int]] = []
        self.kept: list[Send] = []

    def carry(self, kind: str, broadcaster_id: str, user_id: str, messages: Sequence[Send]) -> None:
        self.asked.append((kind, broadcaster_id, user_id, len(messages)))
        self.kept.extend(messages)


class Notes:
    def __init__(self) -> None:
        self.lines: list[dict[str, Any]] = []

    def note(self, **details: Any) -> None:
        self.lines.append(details)


@pytest.fixture
def carrier() -> Carrier:
    return Carrier()


@pytest.fixture
def notes() -> Notes:
    return Notes()


@pytest.fixture
def hub(carrier: Carrier, notes: Notes) -> Hub:
    return Hub(World(), Timings(), carrier.carry, notes.note)


def listening(hub: Hub, *kinds: str) -> Session:
    session, _ = hub.sockets.open(10.0, "ws://here/ws")
    sent(session)
    for kind in kinds:
        hub.subscribe(session, "client", "1001", kind, {"broadcaster_user_id": "1001"}, 0)
    return session


def sent(session: Session) -> list[dict[str, Any]]:
    assert session.line is not None
    found = []
    while not session.line.outbox.empty():
        item = session.line.outbox.get_nowait()
        assert isinstance(item, str)
        found.append(json.loads(item))
    return found


def ids(frames: list[dict[str, Any]]) -> list[str]:
    return [one["metadata"]["message_id"] for one in frames]


async def test_whoever_carries_is_asked_once_for_each_event_that_somebody_wants(hub: Hub, carrier: Carrier) -> None:
    listening(hub, "channel.vip.add", "channel.vip.remove")
    listening(hub, "channel.vip.add")
    hub.publish("channel.vip.add", "1001", EVENT)
    hub.publish("stream.online", "1001", {})
    hub.publish("channel.vip.add", "1002", EVENT)
    assert carrier.asked == [("channel.vip.add", "1001", "3001", 2)]


async def test_an_event_without_a_user_is_carried_without_one(hub: Hub, carrier: Carrier) -> None:
    listening(hub, "stream.online")
    hub.publish("stream.online", "1001", {"id": "7"})
    assert carrier.asked == [("stream.online", "1001", "", 1)]


async def test_what_is_not_carried_is_lost(hub: Hub) -> None:
    session = listening(hub, "channel.vip.add")
    hub.publish("channel.vip.add", "1001", EVENT)
    assert sent(session) == []


async def test_what_is_carried_twice_arrives_twice_under_the_ids_given(hub: Hub, carrier: Carrier) -> None:
    session = listening(hub, "channel.vip.add")
    hub.publish("channel.vip.add", "1001", EVENT)
    for message_id in ("one", "one", "two"):
        carrier.kept[0](message_id)
    frames = sent(session)
    assert ids(frames) == ["one", "one", "two"]
    assert [one["payload"]["event"] for one in frames] == [EVENT] * 3


async def test_what_is_carried_late_finds_an_ended_subscription_gone(hub: Hub, carrier: Carrier) -> None:
    session = listening(hub, "channel.vip.add", "channel.vip.remove")
    hub.publish("channel.vip.add", "1001", EVENT)
    hub.publish("channel.vip.remove", "1001", EVENT)
    add, remove = hub.subscriptions.of_session(session.id)
    hub.unsubscribe(add)
    hub.revoke_one(remove, "version_removed")
    assert [one["metadata"]["message_type"] for one in sent(session)] == ["revocation"]
    for send in carrier.kept:
        send("late")
    assert sent(session) == []


async def test_each_message_on_a_socket_is_noted(hub: Hub, carrier: Carrier, notes: Notes) -> None:
    session = listening(hub, "channel.vip.add")
    hub.publish("channel.vip.add", "1001", EVENT)
    assert notes.lines == []
    carrier.kept[0]("one")
    (subscription,) = hub.subscriptions.of_session(session.id)
    assert notes.lines == [
        {
            "type": "channel.vip.add",
            "message_type": "notification",
            "broadcaster": "1001",
            "subscription": subscription.id,
            "message": "one",
            "transport": "websocket",
        }
    ]


async def test_a_storm_sends_each_message_again_under_its_id(hub: Hub, carrier: Carrier) -> None:
    session = listening(hub, "channel.vip.add")
    for number in range(2):
        hub.publish("channel.vip.add", "1001", EVENT)
        carrier.kept[number](f"id {number}")
    sent(session)
    assert hub.storm(3) == 6
    assert ids(sent(session)) == ["id 0", "id 1"] * 3


async def test_a_storm_remembers_the_last_messages_only_each_once(hub: Hub, carrier: Carrier) -> None:
    session = listening(hub, "channel.vip.add")
    hub.publish("channel.vip.add", "1001", EVENT)
    for number in range(REMEMBERED_MESSAGES + 5):
        carrier.kept[0](str(number))
        carrier.kept[0](str(number))
    sent(session)
    assert hub.storm(1) == REMEMBERED_MESSAGES
    assert ids(sent(session)) == [str(number) for number in range(5, REMEMBERED_MESSAGES + 5)]


async def test_a_storm_spares_other_users_and_ended_subscriptions(hub: Hub, carrier: Carrier) -> None:
    session = listening(hub, "channel.vip.add")
    hub.publish("channel.vip.add", "1001", EVENT)
    carrier.kept[0]("one")
    assert (hub.storm(1, "1002"), hub.storm(1, "1001")) == (0, 1)
    hub.revoke("1001")
    sent(session)
    assert hub.storm(1) == 0
    assert sent(session) == []


async def test_a_storm_has_an_end_however_much_is_remembered(hub: Hub, carrier: Carrier) -> None:
    session = listening(hub, "channel.vip.add")
    hub.publish("channel.vip.add", "1001", EVENT)
    for number in range(REMEMBERED_MESSAGES):
        carrier.kept[0](str(number))
    sent(session)
    assert hub.storm(100) == len(sent(session)) == MOST_AT_ONCE


async def test_what_was_sent_is_forgotten_with_the_world_that_its_webhook_was_of(carrier: Carrier) -> None:
    world = World()
    hub = Hub(world, Timings(), carrier.carry)
    hook = hub.subscriptions.add(
        "channel.vip.add", {"broadcaster_user_id": "1001"}, "client", 0, callback="http://127.0.0.1:9/", secret=SECRET
    )
    hook.status = ENABLED
    hub.publish("channel.vip.add", "1001", EVENT)
    carrier.kept[0]("one")
    assert len(hub._sent) == 1
    world.reset()
    hub.world_replaced()
    assert hub._sent == {}


async def test_a_storm_reaches_webhooks_and_sockets_with_the_same_ids_as_before(
    twitch: Twitch, serve: Callable[..., str]
) -> None:
    receiver = Receiver()
    receiver.url = serve(receiver.app())
    hand, app = await twitch.sign_in(), await app_of(twitch)
    await app.hooked(receiver, "channel.vip.add")
    async with socket_to(twitch) as socket:
        await hand.subscribe(await session_of(socket), "channel.vip.add")
        for viewer in ("viewer1", "viewer2"):
            await twitch.control("vip", channel="streamer", viewer=viewer, vip=True)
        first = [(await notification(socket))["metadata"]["message_id"] for _ in range(2)]
        hooked = [one.id for one in await receiver.got(2)]
        assert await twitch.control("storm", times=5) == {"sent": 20}
        again = [(await notification(socket))["metadata"]["message_id"] for _ in range(10)]
        everything = [one.id for one in await receiver.got(12)]
    assert again == first * 5
    assert sorted(everything) == sorted(hooked * 6)
    assert len(set(hooked + first)) == 4


async def test_a_storm_out_of_bounds_is_refused(twitch: Twitch) -> None:
    for times in (0, -1, 101):
        assert await twitch.refused("storm", times=times) == "bad_request"
    assert await twitch.refused("storm", times=True) == "bad_request"
    assert await twitch.refused("storm", user="nobody") == "no_user"
    assert await twitch.control("storm") == {"sent": 0}
