"""What the outside asks for and is told: API tokens and calls, and outboxes."""

from contextlib import aclosing

import pytest

from tests.store.every_kind import NOTICE
from tests.store.records import T0, channel, later, line, session
from vip_manager.domain.api_token import ApiCall, ApiToken, TokenScope
from vip_manager.domain.hook import Hook, HookForm
from vip_manager.domain.outbox import Outbox, Parcel
from vip_manager.ports import Conflict, Store


def token(token_id: str, channel_id: str = "1001", *, minutes: float = 0) -> ApiToken:
    return ApiToken(token_id, channel_id, "1001", "Stream Deck", TokenScope.WRITE, later(minutes=minutes))


def call(call_id: str, *, hours: float = 24) -> ApiCall:
    return ApiCall(call_id, "1001", "request", T0, later(hours=hours))


def outbox(channel_id: str, minutes: float) -> Outbox:
    return Outbox(channel_id, T0, T0, parcels=(Parcel("chat", NOTICE, later(minutes=minutes)),))


class OutsideContract:
    async def test_a_channels_tokens_the_newest_first(self, store: Store) -> None:
        for one in (token("a"), token("b", minutes=2), token("c", minutes=1), token("d", "2")):
            await store.commit(one)
        assert [one.id for one in await store.api_tokens.of_channel("1001")] == ["b", "c", "a"]
        assert (await store.api_tokens.get("d")) is not None
        await store.delete(await store.api_tokens.get("b") or token("b"))
        assert await store.api_tokens.get("b") is None

    async def test_a_call_is_made_once(self, store: Store) -> None:
        await store.commit(call("k"))
        with pytest.raises(Conflict):
            await store.commit(call("k"))

    async def test_calls_are_forgotten_when_they_are_over(self, store: Store) -> None:
        for number in range(3):
            await store.commit(call(f"k{number}", hours=number))
        assert await store.api_calls.forget(later(hours=2)) == 2
        assert await store.api_calls.get("k1") is None
        assert await store.api_calls.get("k2") is not None

    async def test_outboxes_that_are_due(self, store: Store) -> None:
        assert not await store.outboxes.any()
        for channel_id, minutes in (("1", 3), ("2", 1), ("3", 9)):
            await store.commit(outbox(channel_id, minutes))
        await store.commit(Outbox("4", T0, T0))
        assert await store.outboxes.any()
        assert [one.id for one in await store.outboxes.due(later(minutes=5), 9)] == ["2", "1"]
        assert [one.id for one in await store.outboxes.due(later(minutes=5), 1)] == ["2"]

    async def test_lines_since_a_moment(self, store: Store) -> None:
        await store.commit(channel(), *(line(f"a{number}", at=later(seconds=number)) for number in range(5)))
        await store.commit(
            session("s1"), line("b", at=later(seconds=2)), line("c", channel_id="2", at=later(seconds=9))
        )
        async with aclosing(store.audit.since("1001", later(seconds=2))) as lines:
            assert [one.id async for one in lines] == ["a2", "b", "a3", "a4"]

    async def test_more_lines_than_are_read_at_once(self, store: Store) -> None:
        known = await store.commit(channel())
        for start in range(0, 1200, 400):
            lines = [line(f"a{number:04}", at=later(seconds=number // 300)) for number in range(start, start + 400)]
            known = await store.commit(known, *lines)
        async with aclosing(store.audit.since("1001", later(seconds=1))) as found:
            assert [one.id async for one in found] == [f"a{number:04}" for number in range(300, 1200)]

    async def test_a_webhooks_address_is_stored_sealed_and_handed_to_nobody(self, store: Store) -> None:
        hooks = (Hook("h1", HookForm.JSON, T0, "https://example.org/secret-path"),)
        await store.commit(channel(hooks=hooks))
        stored = await store.channels.get("1001")
        assert stored is not None
        assert stored.hooks == hooks
        async with aclosing(store.holdings.pages("1001")) as pages:
            found = [one async for page in pages for one in page]
        assert "secret-path" not in str(found)
        [shown] = found[0].fields["hooks"]
        assert set(shown) == {"id", "form", "madeAt", "events", "on", "number", "stopped", "name"}

    async def test_they_are_erased_with_their_channel(self, store: Store) -> None:
        for one in (token("a"), call("k"), outbox("1001", 1), token("d", "2")):
            await store.commit(one)
        while await store.holdings.erase("1001"):
            pass
        assert await store.api_tokens.get("a") is None
        assert await store.api_calls.get("k") is None
        assert await store.outboxes.get("1001") is None
        assert await store.api_tokens.get("d")
