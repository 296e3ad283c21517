"""All that a store holds of one channel: to be handed over, and deleted."""

from collections import Counter
from contextlib import aclosing

from tests.store.records import ACCESS_TOKEN, REFRESH_TOKEN, account, active, channel, later, line, redemption, session
from vip_manager.domain.account import SignIn
from vip_manager.domain.session import SessionState
from vip_manager.ports import Document, Store


async def held(store: Store, channel_id: str = "1001") -> list[Document]:
    async with aclosing(store.holdings.pages(channel_id)) as pages:
        return [one async for page in pages for one in page]


class HoldingsContract:
    async def test_all_of_one_channel_and_nothing_of_another(self, store: Store) -> None:
        await store.commit(account(), channel(), line("a1", at=later(hours=1)))
        await store.commit(active("s1", later(hours=5)), redemption("p1"), line("a2", at=later(hours=2)))
        await store.commit(session("s2", state=SessionState.ENDED), redemption("p2"))
        await store.commit(SignIn("digest", "1001", later(), later(hours=9)))
        await store.commit(account("2"), channel("2", login="other"), session("s3", channel_id="2"))
        await store.commit(redemption("p3", channel_id="2"), line("a3", channel_id="2"))
        found = await held(store)
        assert [(one.collection, one.id) for one in found[:2]] == [("users", "1001"), ("channels", "1001")]
        assert sorted((one.collection, one.id) for one in found[2:-2]) == [
            ("redemptions", "p1"),
            ("redemptions", "p2"),
            ("vipSessions", "s1"),
            ("vipSessions", "s2"),
        ]
        assert [(one.collection, one.id) for one in found[-2:]] == [("auditLog", "a2"), ("auditLog", "a1")]
        assert await held(store, "nobody") == []

    async def test_an_account_is_handed_over_without_its_tokens(self, store: Store) -> None:
        await store.commit(account())
        [found] = await held(store)
        assert found.fields["login"] == "streamer"
        assert not {"accessToken", "refreshToken", "expiresAt"} & set(found.fields)
        assert ACCESS_TOKEN not in str(found)
        assert REFRESH_TOKEN not in str(found)

    async def test_more_than_one_page(self, store: Store) -> None:
        known = await store.commit(channel())
        for start in range(0, 1200, 400):
            lines = [line(f"a{number:04}", at=later(seconds=number)) for number in range(start, start + 400)]
            known = await store.commit(known, *lines)
        await store.delete(known)
        sizes = []
        ids: list[str] = []
        async with aclosing(store.holdings.pages("1001")) as pages:
            async for page in pages:
                sizes.append(len(page))
                ids += [one.id for one in page]
        assert sizes == [500, 500, 200]
        assert ids == [f"a{number:04}" for number in reversed(range(1200))]
        erased = [await store.holdings.erase("1001") for _ in range(4)]
        assert erased == [500, 500, 200, 0]

    async def test_erasing_leaves_account_channel_and_everybody_else(self, store: Store) -> None:
        await store.commit(account(), channel(), line("a1"))
        await store.commit(active("s1", later(hours=5), user_id="7"), redemption("p1"), line("a2"))
        await store.commit(session("s3", channel_id="2", user_id="7"), redemption("p3", channel_id="2"))
        while await store.holdings.erase("1001"):
            pass
        assert Counter(one.collection for one in await held(store)) == {"users": 1, "channels": 1}
        assert await store.sessions.get("s1") is None
        assert await store.redemptions.get("p1") is None
        assert await store.audit.latest("1001", 9) == []
        assert await store.sessions.live_of("2", "7")
        assert await store.redemptions.get("p3")
        # Nothing is left of the claim to be live either.
        assert await store.commit(active("s9", later(hours=5), user_id="7"))
