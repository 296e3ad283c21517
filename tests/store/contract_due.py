"""What every store must do: which work it finds for a sweep. Part of contract.py."""

from contextlib import aclosing
from dataclasses import replace
from datetime import datetime

from tests.store.records import T0, active, ids, later, redemption, session
from vip_manager.domain.reasons import EndReason
from vip_manager.domain.redemption import RedemptionState
from vip_manager.domain.retry import Retry
from vip_manager.domain.session import SessionState
from vip_manager.ports import Store


async def due(store: Store, now: datetime) -> list[str]:
    return [one.id async for one in store.sessions.due(now)]


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
        assert await due(store, now) == expected
        assert await store.sessions.count_due(now) == len(expected)

    async def test_unfinished_work_is_due_after_the_clock_was_set_back(self, store: Store) -> None:
        await store.commit(session("s1", created_at=later(hours=1)))
        await store.commit(active("s2", later(hours=1)))
        await store.commit(active("s3", later(hours=1), state=SessionState.ENDING, end_reason=EndReason.EXPIRED))
        await store.commit(redemption("p1", received_at=later(hours=1)))
        assert sorted(await due(store, T0)) == ["s1", "s3"]
        assert await store.sessions.count_due(T0) == 2
        assert ids(await store.redemptions.due(T0, 10)) == ["p1"]

    async def test_a_session_put_off_is_due_when_its_time_has_come(self, store: Store) -> None:
        one = await store.commit(active("s1", T0))
        await store.commit(one.put_off(one.retry.put_off(T0, "no answer")))
        assert await due(store, later(seconds=4)) == []
        assert await due(store, later(seconds=5)) == ["s1"]

    async def test_a_put_off_head_does_not_hide_the_rest(self, store: Store) -> None:
        for number in range(5):
            await store.commit(active(f"bad{number}", T0, retry=Retry(9, later(days=1), "poisoned")))
        await store.commit(active("good", later(hours=1)))
        assert await due(store, later(hours=2)) == ["good"]

    async def test_more_due_sessions_than_are_read_at_once_come_in_their_order(self, store: Store) -> None:
        moments = [later(seconds=number // 3) for number in range(620)]
        sessions = [active(f"s{number:03}", moment, user_id=str(number)) for number, moment in enumerate(moments)]
        unfinished = session("unfinished", created_at=later(hours=9))
        for start in range(0, len(sessions), 200):
            await store.commit(sessions[start], *sessions[start + 1 : start + 200])
        await store.commit(unfinished)
        found = [one async for one in store.sessions.due(later(hours=1))]
        assert len(found) == len(set(ids(found))) == 621
        assert [one.expires_at for one in found[:-1]] == moments
        assert found[-1].id == "unfinished"

    async def test_what_ends_while_due_sessions_are_read_hides_none(self, store: Store) -> None:
        made = [await store.commit(active(f"s{number}", T0, user_id=str(number))) for number in range(3)]
        async with aclosing(store.sessions.due(later(hours=1))) as found:
            first = await anext(found)
            for one in made:
                await store.commit(one.ending(EndReason.EXPIRED).ended(T0, EndReason.EXPIRED))
            assert len({first.id, *[one.id async for one in found]}) == 3

    async def test_redemptions_that_need_a_sweep(self, store: Store) -> None:
        for number, state in enumerate(RedemptionState):
            await store.commit(redemption(state.value, state=state, received_at=later(minutes=10 - number)))
        await store.commit(redemption("put-off", retry=Retry(1, later(hours=1), "no")))
        await store.commit(redemption("tried", retry=Retry(1, later(minutes=7.5), "no")))
        expected = ["refunding", "granted", "tried", "granting", "held", "received"]
        assert ids(await store.redemptions.due(later(minutes=30), 100)) == expected
        assert ids(await store.redemptions.due(later(minutes=30), 3)) == expected[:3]
