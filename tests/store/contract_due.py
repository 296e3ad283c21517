"""What every store must do: which work it finds for a sweep. Part of contract.py."""

from dataclasses import replace

from tests.store.records import T0, active, ids, later, redemption, session
from vip_manager.domain.reasons import EndReason
from vip_manager.domain.redemption import RedemptionState
from vip_manager.domain.retry import Retry
from vip_manager.domain.session import SessionState
from vip_manager.ports import Store


class DueContract:
    async def test_sessions_that_need_a_sweep(self, store: Store) -> None:
        waiting, tried = Retry(1, later(hours=5), "no"), Retry(1, later(hours=3), "no")
        for one in (
            active("running", later(hours=4, microseconds=1)),
            active("just-over", later(hours=4)),
            active("long-over", later(hours=1)),
            active("over-put-off", later(hours=1), retry=waiting),
            active("over-tried", later(hours=1), retry=tried),
            active("over-then-extended", later(hours=9), retry=tried),
            replace(active("no-end", T0), expires_at=None),
            session("granting", created_at=later(hours=2)),
            session("granting-put-off", retry=waiting),
            active("ending-by-hand", later(hours=9), state=SessionState.ENDING, end_reason=EndReason.BY_HAND),
            active("ending", later(hours=2.5), state=SessionState.ENDING, end_reason=EndReason.EXPIRED),
            active("ended", later(hours=1), state=SessionState.ENDED),
            active("refused", later(hours=1), state=SessionState.REFUSED),
        ):
            await store.commit(one)
        now = later(hours=4)
        expected = ["ending-by-hand", "long-over", "granting", "ending", "over-tried", "just-over"]
        assert ids(await store.sessions.due(now, 100)) == expected
        assert ids(await store.sessions.due(now, 2)) == expected[:2]
        assert await store.sessions.count_due(now) == len(expected)

    async def test_unfinished_work_is_due_after_the_clock_was_set_back(self, store: Store) -> None:
        await store.commit(session("s1", created_at=later(hours=1)))
        await store.commit(active("s2", later(hours=1)))
        await store.commit(active("s3", later(hours=1), state=SessionState.ENDING, end_reason=EndReason.EXPIRED))
        await store.commit(redemption("p1", received_at=later(hours=1)))
        assert sorted(ids(await store.sessions.due(T0, 10))) == ["s1", "s3"]
        assert ids(await store.sessions.due(T0, 1)) == ["s1"]
        assert await store.sessions.count_due(T0) == 2
        assert ids(await store.redemptions.due(T0, 10)) == ["p1"]

    async def test_a_session_put_off_is_due_when_its_time_has_come(self, store: Store) -> None:
        one = await store.commit(active("s1", T0))
        await store.commit(one.put_off(one.retry.put_off(T0, "no answer")))
        assert await store.sessions.due(later(seconds=4), 10) == []
        assert ids(await store.sessions.due(later(seconds=5), 10)) == ["s1"]

    async def test_a_put_off_head_does_not_hide_the_rest(self, store: Store) -> None:
        for number in range(5):
            await store.commit(active(f"bad{number}", T0, retry=Retry(9, later(days=1), "poisoned")))
        await store.commit(active("good", later(hours=1)))
        assert ids(await store.sessions.due(later(hours=2), 1)) == ["good"]

    async def test_redemptions_that_need_a_sweep(self, store: Store) -> None:
        for number, state in enumerate(RedemptionState):
            await store.commit(redemption(state.value, state=state, received_at=later(minutes=10 - number)))
        await store.commit(redemption("put-off", retry=Retry(1, later(hours=1), "no")))
        await store.commit(redemption("tried", retry=Retry(1, later(minutes=7.5), "no")))
        expected = ["refunding", "granted", "tried", "granting", "held", "received"]
        assert ids(await store.redemptions.due(later(minutes=30), 100)) == expected
        assert ids(await store.redemptions.due(later(minutes=30), 3)) == expected[:3]
