"""Whatever is posted, and however: without Twitch's signature nothing changes, and nothing ever breaks."""

import json
from typing import Any

import httpx
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.webhook.hook_house import HookHouse, Post, post
from vip_manager.store.sqlite.store import SqliteStore
from vip_manager.twitch.eventsub.messages import TYPES

PREFIX = "Twitch-Eventsub-Message-"
KINDS = st.sampled_from(["notification", "revocation", "webhook_callback_verification", "", "another"])

latin = st.text(st.characters(min_codepoint=33, max_codepoint=255, exclude_categories=["Cc"]), max_size=40)
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=12)
    | st.just("1001")
    | st.just("enabled"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
known = st.fixed_dictionaries(
    {
        "subscription": values
        | st.fixed_dictionaries(
            {"id": values | st.just("1"), "type": values | st.sampled_from(TYPES)},
            optional={"status": values, "condition": values | st.just({"broadcaster_user_id": "1001"})},
        )
    },
    optional={
        "challenge": values,
        "event": values
        | st.fixed_dictionaries(
            {"broadcaster_user_id": values | st.just("1001"), "user_id": values | st.just("3001")},
            optional={
                "id": values,
                "status": values | st.just("unfulfilled"),
                "redeemed_at": values | st.datetimes().map(lambda at: f"{at.isoformat()}Z"),
                "started_at": values | st.datetimes().map(lambda at: f"{at.isoformat()}Z"),
                "reward": values | st.fixed_dictionaries({"id": values, "cost": values}),
            },
        ),
    },
)
bodies = st.binary(max_size=300) | (values | known).map(lambda value: json.dumps(value).encode())
headers = st.dictionaries(
    st.sampled_from([PREFIX + name for name in ("Id", "Timestamp", "Type", "Signature", "Retry")]), latin, max_size=5
)

PATIENTLY = settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], database=None
)


async def test_nothing_that_is_not_signed_changes_anything(open_house: HookHouse) -> None:
    store = open_house.services.store
    assert isinstance(store, SqliteStore)
    before = await store.books()
    unsigned = post(b"")
    async with in_process(open_house) as client:
        for body, more, kind in examples(st.tuples(bodies, headers, KINDS)):
            forged = Post(kind, body, unsigned.id, unsigned.stamp, key="not the secret").headers | more
            sent = {name: value.encode("latin-1") for name, value in forged.items()}
            answer = await client.post("/api/eventsub", content=body, headers=sent)
            assert answer.status_code == 403, (body, more, kind)
    assert await store.books() == before


async def test_nothing_that_is_signed_breaks_anything(open_house: HookHouse) -> None:
    async with in_process(open_house) as client:
        for body, kind in examples(st.tuples(bodies, KINDS)):
            message = post(body, kind or "none")
            answer = await client.post("/api/eventsub", content=body, headers=message.headers)
            assert answer.status_code in (200, 204, 400), (body, kind)
    assert await open_house.wrong() == []


def in_process(house: HookHouse) -> httpx.AsyncClient:
    assert house.served.app is not None
    return httpx.AsyncClient(transport=httpx.ASGITransport(house.served.app), base_url="http://localhost")


def examples(strategy: st.SearchStrategy[Any]) -> list[Any]:
    """Made first and tried after that, for what tries them is asynchronous."""
    made: list[Any] = []

    @PATIENTLY
    @given(strategy)
    def make(one: Any) -> None:
        made.append(one)

    make()
    return made
