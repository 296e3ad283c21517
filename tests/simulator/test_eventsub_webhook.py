import asyncio
import gc
import re
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.serving import serving
from tests.simulator.conftest import Clock, Start
from tests.simulator.driver import Twitch, session_of, socket_to, until
from tests.simulator.webhooks import MESSAGE, SECRET, Receiver, app_of, granted
from vip_manager.simulator.app import create_simulator
from vip_manager.simulator.eventsub.timings import Timings
from vip_manager.simulator.world import World

HASTY = Timings(answer=1.0, retries=(0.01, 0.01), webhook_failures=2)


@pytest.fixture
async def quick(start: Start) -> AsyncIterator[Twitch]:
    """One that loses patience with webhooks soon."""
    async with httpx.AsyncClient(base_url=start(timings=HASTY), timeout=10, trust_env=False) as client:
        yield Twitch(client)


async def test_a_webhook_is_pending_until_it_has_answered_its_challenge(twitch: Twitch, receiver: Receiver) -> None:
    app = await granted(twitch)
    answer = await app.hook(receiver.url + "/eventsub", "channel.vip.add")
    assert answer.status_code == 202
    body = answer.json()
    made = body["data"][0]
    assert (body["total"], body["total_cost"], body["max_total_cost"]) == (1, 0, 10_000)
    assert made["status"] == "webhook_callback_verification_pending"
    assert made["transport"] == {"method": "webhook", "callback": receiver.url + "/eventsub"}
    await app.becomes(made["id"], "enabled")
    (challenge,) = receiver.of("webhook_callback_verification")
    assert challenge.signed_with(SECRET)
    assert set(challenge.body) == {"challenge", "subscription"}
    assert challenge.body["subscription"] == made
    assert challenge.headers["twitch-eventsub-subscription-type"] == "channel.vip.add"


async def test_a_wrong_answer_to_the_challenge_ends_it_and_it_stays_listed(
    twitch: Twitch, receiver: Receiver, clock: Clock
) -> None:
    app = await granted(twitch)
    receiver.challenge_answer = "something else"
    made = (await app.hook(receiver.url + "/eventsub", "channel.vip.add")).json()["data"][0]["id"]
    await app.becomes(made, "webhook_callback_verification_failed")
    clock.passed += 9 * 86_400
    assert await app.status_of(made) == "webhook_callback_verification_failed"
    clock.passed += 86_401
    assert await app.status_of(made) == "gone"


async def test_a_webhook_that_nobody_serves_fails_its_challenge(twitch: Twitch) -> None:
    app = await granted(twitch)
    made = (await app.hook("http://127.0.0.1:9/", "channel.vip.add")).json()["data"][0]["id"]
    await app.becomes(made, "webhook_callback_verification_failed")


async def test_a_notification_carries_all_headers_and_a_signature_over_the_raw_body(
    twitch: Twitch, receiver: Receiver
) -> None:
    app = await granted(twitch)
    made = await app.hooked(receiver, "channel.vip.add")
    await twitch.control("vip", channel="streamer", viewer="viewer1", vip=True)
    (heard,) = await receiver.got(1)
    assert heard.signed_with(SECRET)
    assert not heard.signed_with(SECRET + "!")
    assert heard.headers["content-type"] == "application/json"
    assert heard.headers["twitch-eventsub-subscription-type"] == "channel.vip.add"
    assert heard.headers["twitch-eventsub-subscription-version"] == "1"
    assert (heard.kind, heard.retry) == ("notification", "0")
    assert re.fullmatch(r"2026-03-01T10:00:00\.\d{9}Z", heard.headers[MESSAGE + "timestamp"])
    assert set(heard.body) == {"subscription", "event"}
    assert heard.body["event"]["user_login"] == "viewer1"
    shown = heard.body["subscription"]
    assert (shown["id"], shown["status"]) == (made, "enabled")
    assert shown["transport"] == {"method": "webhook", "callback": receiver.url + "/eventsub"}


async def test_webhooks_are_stamped_with_real_time_whatever_the_worlds_time_is(
    twitch: Twitch, receiver: Receiver
) -> None:
    app = await granted(twitch)
    await app.hooked(receiver, "channel.vip.add")
    await twitch.control("jump", seconds=86_400)
    await twitch.control("vip", channel="streamer", viewer="viewer1", vip=True)
    (heard,) = await receiver.got(1)
    assert heard.headers[MESSAGE + "timestamp"].startswith("2026-03-01T10:00:00.")


async def test_a_failing_webhook_gets_the_same_message_again_with_its_retry_counted(
    quick: Twitch, receiver: Receiver
) -> None:
    app = await granted(quick)
    made = await app.hooked(receiver, "channel.vip.add")
    receiver.answers.extend([500, 403])
    await quick.control("vip", channel="streamer", viewer="viewer1", vip=True)
    heard = await receiver.got(3)
    assert [one.retry for one in heard] == ["0", "1", "2"]
    assert len({one.id for one in heard}) == 1
    assert len({one.raw for one in heard}) == 1
    assert all(one.signed_with(SECRET) for one in heard)
    assert await app.status_of(made) == "enabled"


async def test_a_webhook_that_does_not_answer_in_time_has_failed(quick: Twitch, receiver: Receiver) -> None:
    app = await granted(quick)
    await app.hooked(receiver, "channel.vip.add")
    receiver.answers.append(0)
    await quick.control("vip", channel="streamer", viewer="viewer1", vip=True)
    assert [one.retry for one in await receiver.got(2)] == ["0", "1"]


async def test_redirects_are_failures_and_not_followed(quick: Twitch, receiver: Receiver) -> None:
    app = await granted(quick)
    await app.hooked(receiver, "channel.vip.add")
    receiver.answers.append(302)
    await quick.control("vip", channel="streamer", viewer="viewer1", vip=True)
    heard = await receiver.got(2)
    assert [one.retry for one in heard] == ["0", "1"]


async def test_a_webhook_that_fails_too_often_is_revoked_and_hears_nothing_more(
    quick: Twitch, receiver: Receiver
) -> None:
    app = await granted(quick)
    made = await app.hooked(receiver, "channel.vip.add")
    receiver.always = 500
    for viewer in ("viewer1", "viewer2"):
        await quick.control("vip", channel="streamer", viewer=viewer, vip=True)
    await app.becomes(made, "notification_failures_exceeded")
    receiver.always = 204
    (revoked, *_) = await receiver.got(1, "revocation")
    assert set(revoked.body) == {"subscription"}
    assert revoked.body["subscription"]["status"] == "notification_failures_exceeded"
    assert revoked.signed_with(SECRET)
    before = len(receiver.of("notification"))
    await app.hooked(receiver, "channel.vip.remove")
    await quick.control("vip", channel="streamer", viewer="viewer3", vip=True)
    await quick.control("vip", channel="streamer", viewer="viewer3", vip=False)
    newer = (await receiver.got(before + 1))[before:]
    assert [one.body["subscription"]["type"] for one in newer] == ["channel.vip.remove"]


async def test_a_revocation_that_nobody_takes_is_given_up(start: Start, receiver: Receiver) -> None:
    url = start(timings=Timings(retries=(0.01,), webhook_failures=1))
    async with httpx.AsyncClient(base_url=url, timeout=10, trust_env=False) as client:
        twitch = Twitch(client)
        app = await granted(twitch)
        made = await app.hooked(receiver, "channel.vip.add")
        receiver.always = 500
        await twitch.control("vip", channel="streamer", viewer="viewer1", vip=True)
        assert [one.retry for one in await receiver.got(2, "revocation")] == ["0", "1"]
        receiver.always = 204
        await app.hooked(receiver, "channel.vip.remove")
        await twitch.control("vip", channel="streamer", viewer="viewer1", vip=False)
        await receiver.got(3)
        assert len(receiver.of("revocation")) == 2
        assert await app.status_of(made) == "notification_failures_exceeded"


async def test_one_good_answer_forgives_the_failures_before_it(quick: Twitch, receiver: Receiver) -> None:
    app = await granted(quick)
    made = await app.hooked(receiver, "channel.vip.add")
    for number, viewer in enumerate(("viewer1", "viewer2", "viewer3"), 1):
        if viewer != "viewer2":
            receiver.answers.extend([500] * 3)
        await quick.control("vip", channel="streamer", viewer=viewer, vip=True)
        await receiver.got({1: 3, 2: 4, 3: 7}[number])
    assert await app.status_of(made) == "enabled"


async def test_a_deleted_webhook_is_not_tried_again(start: Start, receiver: Receiver) -> None:
    url = start(timings=Timings(retries=(0.2,)))
    async with httpx.AsyncClient(base_url=url, timeout=10, trust_env=False) as client:
        twitch = Twitch(client)
        app = await granted(twitch)
        made = await app.hooked(receiver, "channel.vip.add")
        receiver.always = 500
        await twitch.control("vip", channel="streamer", viewer="viewer1", vip=True)
        await receiver.got(1)
        assert (await app.call("DELETE", "eventsub/subscriptions", id=made)).status_code == 204
        assert (await app.call("DELETE", "eventsub/subscriptions", id=made)).status_code == 404
        await app.hooked(receiver, "channel.vip.remove")
        await twitch.control("vip", channel="streamer", viewer="viewer1", vip=False)
        # The other's second attempt comes after the deleted one's would have.
        heard = await receiver.got(3)
    assert [one.body["subscription"]["type"].rpartition(".")[2] for one in heard] == ["add", "remove", "remove"]


async def test_a_disconnect_revokes_what_needed_the_users_permission(twitch: Twitch, receiver: Receiver) -> None:
    app = await granted(twitch)
    vip = await app.hooked(receiver, "channel.vip.add")
    online = await app.hooked(receiver, "stream.online")
    await twitch.control("disconnect", user="streamer")
    (revoked,) = await receiver.got(1, "revocation")
    assert revoked.body["subscription"]["id"] == vip
    assert revoked.body["subscription"]["status"] == "authorization_revoked"
    assert [await app.status_of(one) for one in (vip, online)] == ["authorization_revoked", "enabled"]
    assert (await app.hook(receiver.url + "/eventsub", "channel.vip.add")).status_code == 403


@pytest.mark.parametrize("status", ["authorization_revoked", "user_removed", "version_removed"])
async def test_a_users_webhooks_end_with_the_status_asked_for(twitch: Twitch, receiver: Receiver, status: str) -> None:
    app = await granted(twitch)
    made = await app.hooked(receiver, "channel.vip.add")
    assert await twitch.control("revoke", user="streamer", status=status) == {"revoked": 1}
    (revoked,) = await receiver.got(1, "revocation")
    assert revoked.headers["twitch-eventsub-subscription-type"] == "channel.vip.add"
    assert revoked.body["subscription"]["status"] == status
    assert await app.status_of(made) == status


async def test_one_webhook_can_be_revoked_by_its_id(twitch: Twitch, receiver: Receiver) -> None:
    app = await granted(twitch)
    one, other = [await app.hooked(receiver, f"channel.vip.{verb}") for verb in ("add", "remove")]
    status = "notification_failures_exceeded"
    assert await twitch.control("revoke", subscription=one, status=status) == {"revoked": 1}
    assert [await app.status_of(each) for each in (one, other)] == [status, "enabled"]
    assert await twitch.refused("revoke", subscription=one) == "no_subscription"


async def test_granting_and_disconnecting_is_told_to_the_clients_webhooks(twitch: Twitch, receiver: Receiver) -> None:
    app = await app_of(twitch)
    own = {"client_id": "sandbox-client-id"}
    for verb in ("grant", "revoke"):
        await app.hooked(receiver, f"user.authorization.{verb}", condition=own)
    assert (
        await app.hook("http://localhost/", "user.authorization.grant", condition={"client_id": "x"})
    ).status_code == 403
    await twitch.sign_in("viewer1", scope="")
    await receiver.got(1)
    await twitch.control("disconnect", user="viewer1")
    await twitch.control("disconnect", user="viewer2")
    heard = await receiver.got(2)
    assert [one.body["subscription"]["type"] for one in heard] == [
        "user.authorization.grant",
        "user.authorization.revoke",
    ]
    event = {"client_id": "sandbox-client-id", "user_id": "3001", "user_login": "viewer1", "user_name": "Viewer1"}
    assert [one.body["event"] for one in heard] == [event, event]


async def test_a_rename_is_told_as_user_update(twitch: Twitch, receiver: Receiver) -> None:
    app = await granted(twitch)
    await app.hooked(receiver, "user.update", condition={"user_id": "3001"})
    await twitch.control("rename", user="viewer2", login="somebody")
    renamed = await twitch.control("rename", user="viewer1", login="Fresh_Name", display_name="FRESH")
    assert renamed == {"id": "3001", "login": "fresh_name", "display_name": "FRESH"}
    (heard,) = await receiver.got(1)
    assert heard.body["event"] == {
        "user_id": "3001",
        "user_login": "fresh_name",
        "user_name": "FRESH",
        "email": "",
        "email_verified": False,
        "description": "",
    }


async def test_webhooks_outlive_a_restart_and_sockets_subscriptions_do_not(
    start: Start, new_world: Callable[..., World], receiver: Receiver, tmp_path: Path
) -> None:
    file = tmp_path / "world.json"
    async with httpx.AsyncClient(base_url=start(new_world(file)), timeout=10, trust_env=False) as client:
        twitch = Twitch(client)
        hand, app = await twitch.sign_in(), await app_of(twitch)
        made = await app.hooked(receiver, "channel.vip.add")
        receiver.challenge_answer = "no"
        failed = (await app.hook(receiver.url + "/eventsub", "channel.vip.remove")).json()["data"][0]["id"]
        await app.becomes(failed, "webhook_callback_verification_failed")
        async with socket_to(twitch) as socket:
            session = await session_of(socket)
            assert (await hand.subscribe(session, "channel.vip.add")).status_code == 202
    async with httpx.AsyncClient(base_url=start(new_world(file)), timeout=10, trust_env=False) as client:
        twitch = Twitch(client)
        app.twitch = hand.twitch = twitch
        assert [one["id"] for one in (await app.listed())["data"]] == [made, failed]
        assert (await hand.call("GET", "eventsub/subscriptions")).json()["data"] == []
        await twitch.control("vip", channel="streamer", viewer="viewer1", vip=True)
        (heard,) = await receiver.got(1)
        assert heard.signed_with(SECRET)


async def test_a_challenge_that_a_restart_cut_short_has_failed(
    start: Start, new_world: Callable[..., World], tmp_path: Path
) -> None:
    file = tmp_path / "world.json"
    lines: list[asyncio.StreamWriter] = []
    silent = await asyncio.start_server(lambda _, writer: lines.append(writer), "127.0.0.1", 0)
    async with silent, httpx.AsyncClient(base_url=start(new_world(file)), timeout=10, trust_env=False) as client:
        app = await granted(Twitch(client))
        port = silent.sockets[0].getsockname()[1]
        made = (await app.hook(f"http://127.0.0.1:{port}/", "channel.vip.add")).json()["data"][0]["id"]
        assert await app.status_of(made) == "webhook_callback_verification_pending"
        async with httpx.AsyncClient(base_url=start(new_world(file)), timeout=10, trust_env=False) as later:
            app.twitch = Twitch(later)
            assert await app.status_of(made) == "webhook_callback_verification_failed"

        async def called() -> bool:
            return bool(lines)

        await until(called)
        lines[0].close()
        await lines[0].wait_closed()


async def test_the_secret_is_shown_nowhere(twitch: Twitch, receiver: Receiver) -> None:
    app = await granted(twitch)
    await app.hooked(receiver, "channel.vip.add", secret="a very secret secret")
    await twitch.control("vip", channel="streamer", viewer="viewer1", vip=True)
    await receiver.got(1)
    shown = [await twitch.client.get(f"control/{what}") for what in ("world", "world/file", "journal", "audit")]
    assert [one.status_code for one in shown] == [200] * 4
    assert not any("very secret" in one.text for one in [*shown, await app.call("GET", "eventsub/subscriptions")])
    assert all(b"very secret" not in one.raw for one in receiver.arrived)


async def test_what_is_unanswered_or_to_be_repeated_does_not_outlive_the_server(
    new_world: Callable[..., World], receiver: Receiver
) -> None:
    app = create_simulator(new_world(), timings=Timings(answer=60.0, retries=(60.0,)))

    async def serve_until(twitch: Twitch, answer: int, viewer: str) -> None:
        receiver.answers.append(answer)
        before = len(receiver.of("notification"))
        await twitch.control("vip", channel="streamer", viewer=viewer, vip=True)
        await receiver.got(before + 1)

    for round_, answer in enumerate((0, 500)):
        threads = threading.active_count()
        with serving(app) as url:
            async with httpx.AsyncClient(base_url=url, timeout=10, trust_env=False) as client:
                twitch = Twitch(client)
                if round_ == 0:
                    await (await granted(twitch)).hooked(receiver, "channel.vip.add")
                await serve_until(twitch, answer, f"viewer{round_ + 1}")
        # The same app is served again, on another loop.
        assert threading.active_count() == threads
    gc.collect()


async def test_the_journal_tells_of_each_attempt_and_its_answer(quick: Twitch, receiver: Receiver) -> None:
    app = await granted(quick)
    made = await app.hooked(receiver, "channel.vip.add")
    receiver.answers.extend([500, 204])
    await quick.control("vip", channel="streamer", viewer="viewer1", vip=True)
    message = (await receiver.got(2))[0].id

    async def attempts() -> list[Any]:
        lines = (await quick.look("journal"))["journal"]
        return [one for one in lines if one["kind"] == "event" and one["message"] == message]

    async def both() -> bool:
        return len(await attempts()) == 2

    await until(both)
    second, first = await attempts()
    assert [(one["retry"], one["answer"]) for one in (first, second)] == [(0, 500), (1, 204)]
    assert {one["subscription"] for one in (first, second)} == {made}
    assert {(one["type"], one["transport"]) for one in (first, second)} == {("channel.vip.add", "webhook")}
