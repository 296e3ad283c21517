"""Webhooks that came with a written world, and not by way of Helix."""

from typing import Any

import httpx

from tests.simulator.conftest import Start
from tests.simulator.driver import CLIENT_ID, Twitch
from tests.simulator.webhooks import SECRET, granted
from vip_manager.simulator.eventsub.timings import Timings


def webhook(subscription_id: str, status: str, callback: str) -> dict[str, Any]:
    return {
        "id": subscription_id,
        "number": 1,
        "type": "channel.vip.add",
        "version": "1",
        "condition": {"broadcaster_user_id": "1001"},
        "client_id": CLIENT_ID,
        "created_at": "2026-03-01T09:00:00.000000Z",
        "cost": 0,
        "status": status,
        "callback": callback,
        "secret": SECRET,
    }


async def test_nobody_waits_for_the_challenge_of_a_webhook_that_came_with_a_written_world(twitch: Twitch) -> None:
    app = await granted(twitch)
    world = (await twitch.client.get("control/world/file")).json()
    world["webhooks"] = [webhook("one", "webhook_callback_verification_pending", "http://127.0.0.1:9/")]
    assert (await twitch.client.put("control/world", json=world)).status_code == 200
    assert await app.status_of("one") == "webhook_callback_verification_failed"
    kept = await twitch.client.put("control/world", json={})
    assert (kept.status_code, await app.status_of("one")) == (200, "webhook_callback_verification_failed")


async def test_a_callback_that_cannot_be_an_address_just_does_not_answer(start: Start) -> None:
    hasty = Timings(retries=(0.01,), webhook_failures=2)
    async with httpx.AsyncClient(base_url=start(timings=hasty), timeout=10, trust_env=False) as client:
        twitch = Twitch(client)
        app = await granted(twitch)
        world = (await client.get("control/world/file")).json()
        world["webhooks"] = [webhook("one", "enabled", "https://xn--a/")]
        assert (await client.put("control/world", json=world)).status_code == 200
        for viewer in ("viewer1", "viewer2"):
            await twitch.control("vip", channel="streamer", viewer=viewer, vip=True)
        await app.becomes("one", "notification_failures_exceeded")
