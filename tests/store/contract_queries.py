"""What every store must do: what it finds, and in which order. Part of contract.py."""

from dataclasses import replace
from datetime import timedelta

from tests.store.records import T0, account, channel, ids, later, line, redemption
from vip_manager.domain.account import SignIn
from vip_manager.domain.audit import Action
from vip_manager.domain.channel import Tier
from vip_manager.domain.redemption import RedemptionState
from vip_manager.domain.retry import Retry
from vip_manager.domain.team import Member, Role
from vip_manager.ports import Store


class QueryContract:
    async def test_a_channels_rewards_come_back_as_they_were(self, store: Store) -> None:
        tiers = (Tier("r2", "VIP for a week", 2000, 168.0, True, T0), Tier("", "VIP for a month", 9000, 720.0))
        wanted = channel(channel_point_reward_id="r1", tiers=tiers, closed_for_full=True, closed_tiers=("r1", "r2"))
        saved = await store.commit(wanted)
        assert await store.channels.get("1001") == saved
        assert (saved.tiers, saved.closed_tiers) == (tiers, ("r1", "r2"))

    async def test_a_channel_is_found_by_login_in_any_case(self, store: Store) -> None:
        saved = await store.commit(channel(login="Streamer"))
        assert await store.channels.by_login("sTREAMER") == saved
        assert await store.channels.by_login("stream") is None
        assert await store.channels.by_login("") is None

    async def test_a_login_belongs_to_the_channel_saved_last(self, store: Store) -> None:
        first = await store.commit(channel("1", login="name"))
        await store.commit(channel("2", login="name"))
        await store.commit(channel("3", login="name", enabled=False), line("a1"))
        saved = await store.commit(first)
        assert await store.channels.by_login("name") == saved

    async def test_all(self, store: Store) -> None:
        await store.commit(account("2"), account("1"), channel("2"), channel("1"))
        assert sorted(one.id for one in await store.accounts.all()) == ["1", "2"]
        assert sorted(one.id for one in await store.channels.all()) == ["1", "2"]

    async def test_channels_whose_catch_up_is_due(self, store: Store) -> None:
        for number, minutes in ((1, 3), (2, 1), (3, 2), (4, 4)):
            await store.commit(channel(str(number), catch_up_at=later(minutes=minutes)))
        await store.commit(channel("5", catch_up_at=None))
        assert ids(await store.channels.due(later(minutes=3), 10)) == ["5", "2", "3", "1"]
        assert ids(await store.channels.due(later(minutes=3), 2)) == ["5", "2"]

    async def test_old_sign_ins_are_forgotten(self, store: Store) -> None:
        for number in range(3):
            await store.commit(SignIn(f"d{number}", "1001", T0, later(hours=number)))
        assert await store.accounts.forget_sign_ins(later(hours=1)) == 1
        assert await store.accounts.sign_in("d0") is None
        assert await store.accounts.sign_in("d1") is not None

    async def test_a_persons_sign_ins_newest_first(self, store: Store) -> None:
        for number in (2, 1, 3):
            await store.commit(SignIn(f"d{number}", "1001", later(hours=number), later(hours=9)))
        await store.commit(SignIn("else", "1002", T0, later(hours=9)))
        assert [one.id for one in await store.accounts.sign_ins("1001")] == ["d3", "d2", "d1"]
        assert await store.accounts.sign_ins("1003") == []

    async def test_channels_that_named_somebody(self, store: Store) -> None:
        mod, other = Member("7", "mod", "Mod", Role.HELPER, T0), Member("8", "other", "Other", Role.MANAGER, T0)
        served = await store.commit(channel("2", login="Beta", team=(other, mod)))
        await store.commit(channel("1", login="alpha", team=(mod,)))
        await store.commit(channel("3", login="gamma"))
        assert ids(await store.channels.served_by("7")) == ["1", "2"]
        assert ids(await store.channels.served_by("8")) == ["2"]
        await store.commit(replace(served, team=(other,)))
        assert ids(await store.channels.served_by("7")) == ["1"]
        assert await store.channels.served_by("3") == []

    async def test_redemptions_of_a_session_oldest_first(self, store: Store) -> None:
        await store.commit(redemption("p2", session_id="s1", redeemed_at=later(hours=2)))
        await store.commit(redemption("p1", session_id="s1", redeemed_at=later(hours=1)))
        await store.commit(redemption("p3", session_id="s2"))
        assert ids(await store.redemptions.of_session("s1")) == ["p1", "p2"]

    async def test_open_redemptions_oldest_first(self, store: Store) -> None:
        for number, state in enumerate(RedemptionState):
            await store.commit(redemption(state.value, state=state, redeemed_at=later(minutes=-number)))
        await store.commit(redemption("elsewhere", channel_id="1002"))
        await store.commit(redemption("put-off", retry=Retry(1, later(hours=1)), redeemed_at=later(minutes=1)))
        expected = ["refunding", "granted", "granting", "held", "received", "put-off"]
        assert ids(await store.redemptions.open("1001")) == expected

    async def test_another_redemption_of_the_viewer_near_one(self, store: Store) -> None:
        earlier = {"received", "held", "granting", "granted", "fulfilled"}
        for state in RedemptionState:
            await store.commit(redemption(state.value, state=state, user_id=state.value))
            after = redemption("one", user_id=state.value, redeemed_at=later(hours=1))
            before = redemption("one", user_id=state.value, redeemed_at=later(hours=-1))
            assert (await store.redemptions.near(after, timedelta(hours=2)) is not None) is (state in earlier)
            counts = state in earlier - {"received"}
            assert (await store.redemptions.near(before, timedelta(hours=2)) is not None) is counts
            assert await store.redemptions.near(after, timedelta(hours=1)) is None
            assert await store.redemptions.near(replace(after, id=state.value), timedelta(hours=2)) is None
            assert await store.redemptions.near(replace(after, channel_id="1002"), timedelta(hours=2)) is None

    async def test_kept_redemptions_are_shown_until_they_are_dismissed(self, store: Store) -> None:
        for state in RedemptionState:
            await store.commit(redemption(state.value, state=state))
        kept = {"state": RedemptionState.KEPT}
        await store.commit(redemption("first", redeemed_at=later(hours=-1), **kept))
        await store.commit(redemption("elsewhere", channel_id="1002", **kept))
        await store.commit(redemption("dismissed", dismissed_at=T0, **kept))
        assert ids(await store.redemptions.undecided("1001")) == ["first", "kept"]

    async def test_redemptions_are_counted(self, store: Store) -> None:
        for number, state in enumerate(RedemptionState):
            await store.commit(redemption(f"p{number}", state=state))
        await store.commit(redemption("old", state=RedemptionState.CANCELED, redeemed_at=later(microseconds=-1)))
        await store.commit(redemption("elsewhere", channel_id="1002"))
        assert await store.redemptions.count_since("1001", T0) == (len(RedemptionState), 1)
        assert await store.redemptions.count_since("nobody", T0) == (0, 0)

    async def test_the_audit_log_is_read_newest_first(self, store: Store) -> None:
        await store.commit(channel(), line("a2", later(hours=1)), line("a3", later(hours=1)), line("a1"))
        await store.commit(channel("1002"), line("b1", channel_id="1002", action=Action.CONNECTED))
        assert [entry.id for entry in await store.audit.latest("1001", 10)] == ["a3", "a2", "a1"]
        assert [entry.id for entry in await store.audit.latest("1001", 1)] == ["a3"]
