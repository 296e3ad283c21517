"""No token, code or secret in any log line, message, traceback or repr, whatever goes wrong."""

import logging
import traceback
from collections.abc import Awaitable

import httpx
import pytest
import structlog

from tests.twitch.fakes import (
    CLIENT_SECRET,
    STREAMER,
    VIEWER,
    FakeClock,
    ScriptedTwitch,
    pair,
    refusal,
    signed_in,
    token_reply,
)
from vip_manager.ports import TwitchError, TwitchStatus
from vip_manager.twitch.wire import JsonObject

CODE = "the-code-of-the-sign-in"
SECRETS = [CLIENT_SECRET, CODE, "access-1", "refresh-1", "access-2", "refresh-2", "access-9"]

TROUBLE: list[httpx.Response | Exception] = [
    httpx.ConnectError("refused"),
    httpx.ReadTimeout("late"),
    httpx.LocalProtocolError("Illegal header value b'Bearer access-1'"),
    httpx.Response(200, content=b'{"access_token": "access-2", "refresh_token": "refresh-2"'),
    httpx.Response(200, json={"access_token": "access-2", "refresh_token": 5}),
    httpx.Response(200, json={"data": [{"id": "access-2"}]}),
    refusal(400),
    refusal(401),
    refusal(429),
    refusal(503),
    token_reply(),
]


@pytest.mark.parametrize("trouble", TROUBLE)
async def test_nothing_secret_is_ever_written(
    trouble: httpx.Response | Exception, twitch: ScriptedTwitch, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    store = signed_in()
    client = twitch.client(store, clock)
    for name in ("POST /oauth2/token", "GET /oauth2/validate", "POST /oauth2/revoke", "GET /helix/channels/vips"):
        twitch.answers(name, trouble)
    twitch.answers("POST /helix/channels/vips", trouble)
    twitch.answers("PATCH /helix/channel_points/custom_rewards/redemptions", trouble)
    written: list[str] = []

    async def tried(call: Awaitable[object]) -> None:
        try:
            await call
        except TwitchError:
            written.append(traceback.format_exc())

    with structlog.testing.capture_logs() as lines:
        await tried(client.exchange_code(CODE, "http://localhost:3000/cb"))
        await tried(client.identify("access-9"))
        await tried(client.revoke("access-9"))
        await tried(client.vips(STREAMER))
        await tried(client.add_vip(STREAMER, VIEWER))
        await tried(client.settle(STREAMER, "reward-1", "redemption-1", TwitchStatus.CANCELED))
        await tried(client.validate(STREAMER))
    await client.aclose()

    written += [repr(line) for line in lines] + [record.getMessage() for record in caplog.records]
    assert not [secret for secret in SECRETS for text in written if secret in text]


def test_nothing_secret_in_a_repr() -> None:
    reply = JsonObject.loads(b'{"access_token": "access-2"}', "POST /token")
    assert "access-" not in repr([pair(), signed_in().account(), reply])
