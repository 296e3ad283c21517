"""EventSub over a WebSocket and over webhooks, as other people's receivers take it in."""

from datetime import UTC, datetime

import pytest

from tests.simulator.clients.conftest import LIBRARIES, Curtain
from tests.simulator.clients.talking import Library
from vip_manager.simulator.eventsub.timings import Timings

TITLE = "VIP for a day"
KINDS = ["channel.channel_points_custom_reward_redemption.add", "channel.vip.add", "channel.vip.remove"]

both_transports = pytest.mark.parametrize(
    ("name", "listen"),
    [
        *((name, "listen") for name in LIBRARIES),
        # twurple builds callbacks with https only, and no setting of its tells where a mocked Twitch should call.
        ("twitchAPI", "listen_by_webhook"),
        ("TwitchIO", "listen_by_webhook"),
    ],
)


@both_transports
def test_a_redemption_and_a_vips_coming_and_going_are_heard(listener: Library, twitch: Curtain, listen: str) -> None:
    listener.ask("make_reward", title=TITLE, cost=500)
    hear(listener, twitch, listen)
    made = twitch.control("redeem", channel="streamer", viewer="viewer1", reward=TITLE, input="please")
    assert listener.saw("redeemed") == {
        "event": "redeemed",
        "id": made["id"],
        "user": "viewer1",
        "broadcaster": "streamer",
        "reward": TITLE,
        "cost": 500,
        "input": "please",
        "status": "unfulfilled",
        "year": datetime.now(UTC).year,
    }
    give(twitch, "viewer1")
    assert listener.saw("vip added") == {"event": "vip added", "user": "viewer1", "broadcaster": "streamer"}
    twitch.control("vip", channel="streamer", viewer="viewer1", vip=False)
    assert listener.saw("vip removed") == {"event": "vip removed", "user": "viewer1", "broadcaster": "streamer"}
    assert listener.saw_nothing()


@both_transports
def test_each_subscription_that_twitch_ends_is_told_with_why(listener: Library, twitch: Curtain, listen: str) -> None:
    ids = hear(listener, twitch, listen)
    redeemed, added, removed = KINDS
    twitch.control("revoke", subscription=ids[removed], status="version_removed")
    assert listener.saw("revoked") == {"event": "revoked", "type": removed, "status": "version_removed"}
    twitch.control("revoke", subscription=ids[added], status="user_removed")
    assert listener.saw("revoked") == {"event": "revoked", "type": added, "status": "user_removed"}
    twitch.control("disconnect", user="streamer")
    assert listener.saw("revoked") == {"event": "revoked", "type": redeemed, "status": "authorization_revoked"}
    assert listener.saw_nothing()


def test_a_socket_that_is_moved_loses_and_doubles_nothing(listener: Library, twitch: Curtain, name: str) -> None:
    hear(listener, twitch, "listen")
    asked = twitch.requests("POST", "eventsub/subscriptions")
    give(twitch, "viewer1")
    assert listener.saw("vip added")["user"] == "viewer1"
    assert twitch.control("reconnect-sockets") == {"asked": 1}
    if name == "twurple":
        # The others stop reading their old socket before it is done, and with it goes what was sent there meanwhile.
        give(twitch, "viewer2")
        give(twitch, "viewer3")
        assert sorted(listener.saw("vip added")["user"] for _ in range(2)) == ["viewer2", "viewer3"]
    twitch.until_moved()
    give(twitch, "viewer4")
    assert listener.saw("vip added")["user"] == "viewer4"
    assert listener.saw_nothing()
    assert twitch.requests("POST", "eventsub/subscriptions") == asked


@pytest.mark.parametrize(
    ("name", "timings"),
    [
        # It takes a closed socket for a silent one: it comes back after twice the keepalive.
        ("twitchAPI", Timings(keepalive=1.0, keepalive_least=1.0)),
        ("TwitchIO", Timings()),
        ("twurple", Timings()),
    ],
)
def test_a_socket_that_broke_is_opened_and_subscribed_again(listener: Library, twitch: Curtain) -> None:
    hear(listener, twitch, "listen")
    asked = twitch.requests("POST", "eventsub/subscriptions")
    assert twitch.control("drop-sockets", code=4005) == {"dropped": 1}
    twitch.until(lambda: twitch.requests("POST", "eventsub/subscriptions") >= asked + len(KINDS))
    # Sockets are silent on a busy machine, and then opened again once more: each leaves its subscriptions ended.
    twitch.until(lambda: sorted(by_status(listener, "enabled")) == KINDS)
    assert {status for _, status in listed(listener, by_app=False)} == {"enabled", "websocket_network_timeout"}
    assert set(by_status(listener, "websocket_network_timeout")) == set(KINDS)
    give(twitch, "viewer1")
    assert listener.saw("vip added")["user"] == "viewer1"


def hear(listener: Library, twitch: Curtain, listen: str) -> dict[str, str]:
    """Listens, until the library itself reads that all is in order (a webhook is verified after the answer); the
    subscriptions' ids by type."""
    listener.ask(listen)
    by_app = listen == "listen_by_webhook"
    twitch.until(lambda: listed(listener, by_app=by_app) == [(kind, "enabled") for kind in KINDS])
    return {one["type"]: one["id"] for one in listener.ask("subscriptions", by_app=by_app)}


def listed(listener: Library, *, by_app: bool) -> list[tuple[str, str]]:
    return sorted((one["type"], one["status"]) for one in listener.ask("subscriptions", by_app=by_app))


def by_status(listener: Library, status: str) -> list[str]:
    return [kind for kind, one in listed(listener, by_app=False) if one == status]


def give(twitch: Curtain, viewer: str) -> None:
    twitch.control("vip", channel="streamer", viewer=viewer, vip=True)
