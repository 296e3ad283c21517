"""What becomes of a channel's subscriptions by webhook, whatever Twitch lists and answers."""

from collections import Counter
from typing import Any

import httpx
import pytest
import structlog

from tests.twitch.fakes import STREAMER, Call, FakeStore, ScriptedTwitch, ok, refusal, token_reply
from vip_manager.ports import (
    Malformed,
    RateLimited,
    Rejected,
    TwitchUnavailable,
    Unauthorized,
    WebhookSubscriptions,
)
from vip_manager.twitch.client import TwitchClient
from vip_manager.twitch.eventsub.messages import REDEMPTION_ADD, TYPES, VIP_ADD
from vip_manager.twitch.eventsub.webhook import Webhook

HERE = "https://vip.example/api/eventsub"
PENDING = "webhook_callback_verification_pending"
LIST, CREATE, DELETE = (f"{method} /helix/eventsub/subscriptions" for method in ("GET", "POST", "DELETE"))


def item(kind: str, status: str = "enabled", callback: str = HERE, channel: str = STREAMER, **more: Any) -> Any:
    return {
        "id": f"{kind} {status} {callback}",
        "type": kind,
        "version": "1",
        "status": status,
        "cost": 0,
        "condition": {"broadcaster_user_id": channel},
        "transport": {"method": "webhook", "callback": callback},
        "created_at": "2026-03-01T10:00:00Z",
    } | more


ALL = [item(kind) for kind in TYPES]


def made(call: Call) -> httpx.Response:
    return httpx.Response(202, json={"data": [item(call.body["type"], PENDING, id=f"new {call.body['type']}")]})


@pytest.fixture
def hooks(client: TwitchClient, twitch: ScriptedTwitch) -> WebhookSubscriptions:
    twitch.answers("POST /oauth2/token", token_reply("the-apps-own"))
    twitch.answers(CREATE, made)
    twitch.answers(DELETE, httpx.Response(204))
    return client.webhook_subscriptions(Webhook(HERE, ("the secret in use", "the one before")))


def created(twitch: ScriptedTwitch) -> list[str]:
    return [call.body["type"] for call in twitch.called(CREATE)]


def deleted(twitch: ScriptedTwitch) -> set[str]:
    return {dict(call.query)["id"] for call in twitch.called(DELETE)}


async def test_what_is_missing_is_made_with_the_secret_in_use(
    hooks: WebhookSubscriptions, twitch: ScriptedTwitch
) -> None:
    twitch.answers(LIST, ok())
    assert await hooks.subscribe(STREAMER) == {f"new {kind}" for kind in TYPES}
    assert sorted(created(twitch)) == sorted(TYPES)
    [one] = [call for call in twitch.called(CREATE) if call.body["type"] == VIP_ADD]
    assert one.token == "the-apps-own"
    assert one.body == {
        "type": VIP_ADD,
        "version": "1",
        "condition": {"broadcaster_user_id": STREAMER},
        "transport": {"method": "webhook", "callback": HERE, "secret": "the secret in use"},
    }
    assert [dict(call.query) for call in twitch.called(LIST)] == [{"user_id": STREAMER}]


async def test_where_all_stand_nothing_is_done(hooks: WebhookSubscriptions, twitch: ScriptedTwitch) -> None:
    twitch.answers(LIST, ok(*ALL[:3], cursor="next"), ok(*ALL[3:]))
    assert await hooks.subscribe(STREAMER) == frozenset()
    assert created(twitch) == []
    assert deleted(twitch) == set()


@pytest.mark.parametrize(
    "useless",
    [
        item(VIP_ADD, "webhook_callback_verification_failed"),
        item(VIP_ADD, "notification_failures_exceeded"),
        item(VIP_ADD, "authorization_revoked"),
        item(VIP_ADD, "a word of next year"),
        item(VIP_ADD, callback="https://old.example/api/eventsub"),
        item(VIP_ADD, PENDING, callback="https://old.example/api/eventsub"),
        item(VIP_ADD, PENDING),
        item(VIP_ADD, id="the very same again"),
        item(REDEMPTION_ADD, id="of one reward", condition={"broadcaster_user_id": STREAMER, "reward_id": "a reward"}),
    ],
    ids=lambda one: f"{one['status']} {one['id']}",
)
async def test_what_is_of_no_use_is_deleted(hooks: WebhookSubscriptions, twitch: ScriptedTwitch, useless: Any) -> None:
    twitch.answers(LIST, ok(useless, *ALL))
    kept = await hooks.subscribe(STREAMER)
    # Of two that are alike one goes, whichever.
    assert len(deleted(twitch)) == 1
    assert deleted(twitch) <= {useless["id"], item(useless["type"])["id"]}
    assert (created(twitch), kept) == ([], frozenset())


@pytest.mark.parametrize(
    "others",
    [
        item(VIP_ADD, transport={"method": "websocket", "session_id": "s"}),
        item(VIP_ADD, transport={"method": "conduit", "conduit_id": "c"}),
        item("channel.follow"),
        item(VIP_ADD, channel="another channel", condition={"broadcaster_user_id": "4", "moderator_user_id": STREAMER}),
        {"id": "unreadable"},
        item(REDEMPTION_ADD, id="as live", condition={"broadcaster_user_id": STREAMER, "reward_id": ""})
        | {"status": "enabled", "transport": {"method": "websocket"}},
    ],
    ids=str,
)
async def test_what_is_not_meant_is_left_alone(
    hooks: WebhookSubscriptions, twitch: ScriptedTwitch, others: Any
) -> None:
    twitch.answers(LIST, ok(others, *ALL))
    assert await hooks.subscribe(STREAMER) == frozenset()
    assert deleted(twitch) == set()
    assert created(twitch) == []


async def test_a_condition_that_spells_out_what_is_empty_is_whole(
    hooks: WebhookSubscriptions, twitch: ScriptedTwitch
) -> None:
    spelled = [item(kind, condition={"broadcaster_user_id": STREAMER, "reward_id": ""}) for kind in TYPES]
    twitch.answers(LIST, ok(*spelled))
    assert await hooks.subscribe(STREAMER) == frozenset()
    assert created(twitch) == []


async def test_what_is_pending_is_waited_for(hooks: WebhookSubscriptions, twitch: ScriptedTwitch) -> None:
    twitch.answers(LIST, ok(item(VIP_ADD, PENDING), *(one for one in ALL if one["type"] != VIP_ADD)))
    assert await hooks.subscribe(STREAMER) == {item(VIP_ADD, PENDING)["id"]}
    assert created(twitch) == []


async def test_one_that_the_list_did_not_show_is_looked_for(
    hooks: WebhookSubscriptions, twitch: ScriptedTwitch
) -> None:
    twitch.answers(LIST, ok(*ALL[1:]), ok(*ALL))
    twitch.answers(CREATE, refusal(409, "subscription already exists"))
    assert await hooks.subscribe(STREAMER) == frozenset()
    assert created(twitch) == [ALL[0]["type"]]


async def test_one_that_the_list_never_shows_is_not_called_standing(
    hooks: WebhookSubscriptions, twitch: ScriptedTwitch
) -> None:
    twitch.answers(LIST, ok(*ALL[1:]))
    twitch.answers(CREATE, refusal(409, "subscription already exists"))
    assert len(await hooks.subscribe(STREAMER)) == 1
    assert len(created(twitch)) == 2


async def test_without_consent_the_account_is_marked(
    hooks: WebhookSubscriptions, twitch: ScriptedTwitch, store: FakeStore
) -> None:
    twitch.answers(LIST, ok())
    twitch.answers(CREATE, refusal(403, "subscription missing proper authorization"))
    with pytest.raises(Unauthorized):
        await hooks.subscribe(STREAMER)
    assert store.account().reconnect


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (refusal(429), RateLimited),
        (refusal(500), TwitchUnavailable),
        (refusal(503), TwitchUnavailable),
        (httpx.ReadError("broke"), TwitchUnavailable),
        (httpx.Response(202, json={"data": []}), Malformed),
        (httpx.Response(202, json={"data": [{"id": "1"}]}), Malformed),
    ],
    ids=str,
)
async def test_what_will_pass_leaves_the_account_as_it_is(
    hooks: WebhookSubscriptions, twitch: ScriptedTwitch, store: FakeStore, answer: Any, error: type[Exception]
) -> None:
    twitch.answers(LIST, ok())
    twitch.answers(CREATE, answer)
    with pytest.raises(error):
        await hooks.subscribe(STREAMER)
    assert not store.account().reconnect
    assert set(Counter(created(twitch)).values()) == {1}, "what may have been made is not asked for again at once"


async def test_all_but_redemptions_can_be_done_without(hooks: WebhookSubscriptions, twitch: ScriptedTwitch) -> None:
    twitch.answers(LIST, ok())
    twitch.answers(CREATE, lambda call: made(call) if call.body["type"] == REDEMPTION_ADD else refusal(400))
    assert await hooks.subscribe(STREAMER) == {f"new {REDEMPTION_ADD}"}
    twitch.answers(CREATE, lambda call: refusal(400) if call.body["type"] == REDEMPTION_ADD else made(call))
    with pytest.raises(Rejected):
        await hooks.subscribe(STREAMER)


async def test_an_old_token_of_the_program_is_renewed(hooks: WebhookSubscriptions, twitch: ScriptedTwitch) -> None:
    twitch.answers("POST /oauth2/token", token_reply("old"), token_reply("new"))
    twitch.answers(LIST, lambda call: ok(*ALL) if call.token == "new" else refusal(401))
    assert await hooks.subscribe(STREAMER) == frozenset()


async def test_one_that_is_gone_already_is_unsubscribed(hooks: WebhookSubscriptions, twitch: ScriptedTwitch) -> None:
    twitch.answers(DELETE, refusal(404))
    await hooks.unsubscribe("an id")
    twitch.answers(LIST, ok(item(VIP_ADD, "authorization_revoked"), *ALL))
    assert await hooks.subscribe(STREAMER) == frozenset()


async def test_one_that_can_not_be_deleted_keeps_nothing_from_being_made(
    hooks: WebhookSubscriptions, twitch: ScriptedTwitch
) -> None:
    twitch.answers(DELETE, refusal(500))
    twitch.answers(LIST, ok(item(VIP_ADD, "notification_failures_exceeded")))
    assert len(await hooks.subscribe(STREAMER)) == len(TYPES)


async def test_the_clean_up_asks_of_each_channel_and_leaves_what_is_not_ours_to_judge(
    hooks: WebhookSubscriptions, twitch: ScriptedTwitch
) -> None:
    old = item(VIP_ADD, callback="https://old.example/api/eventsub")
    unwanted = item(VIP_ADD, id="unwanted", condition={"broadcaster_user_id": "gone"})
    socket = item(VIP_ADD, id="socket", transport={"method": "websocket", "session_id": "s"})
    of_nobody = item("user.authorization.revoke", id="of nobody", condition={"client_id": "ours"})
    twitch.answers(LIST, ok(*ALL, old, cursor="next"), ok(unwanted, socket, of_nobody))

    async def keep(channel_id: str) -> bool:
        return channel_id == STREAMER

    assert await hooks.clean_up(keep) == 2
    assert deleted(twitch) == {old["id"], "unwanted"}


async def test_in_doubt_nothing_is_cleaned_up(hooks: WebhookSubscriptions, twitch: ScriptedTwitch) -> None:
    twitch.answers(LIST, ok(*ALL))

    async def keep(_: str) -> bool:
        raise TwitchUnavailable("no way to tell")

    with pytest.raises(TwitchUnavailable):
        await hooks.clean_up(keep)
    assert deleted(twitch) == set()


@pytest.mark.parametrize(("cost", "level"), [(0, "info"), (7_999, "info"), (8_000, "warning"), (10_000, "warning")])
async def test_near_the_limit_the_log_warns(
    hooks: WebhookSubscriptions, twitch: ScriptedTwitch, cost: int, level: str
) -> None:
    body = {"data": ALL, "total": 8, "total_cost": cost, "max_total_cost": 10_000, "pagination": {}}
    twitch.answers(LIST, httpx.Response(200, json=body))

    async def keep(_: str) -> bool:
        return True

    with structlog.testing.capture_logs() as logs:
        assert await hooks.clean_up(keep) == 0
    [line] = [line for line in logs if line["event"] == "eventsub_subscriptions"]
    assert (line["log_level"], line["total"], line["total_cost"]) == (level, 8, cost)
