"""A store that was put back to an earlier moment, by whatever means, can be marked so."""

from dataclasses import replace
from datetime import datetime

from tests.store.records import T0, account, channel, later
from vip_manager.domain.audit import Action
from vip_manager.domain.gap import Gap
from vip_manager.ports import Store
from vip_manager.services.restored import Marked, Restored


class Clock:
    def now(self) -> datetime:
        return later(hours=3)

    real = now


class RestoredContract:
    async def test_each_channel_is_marked_due_at_once_and_told_of(self, store: Store) -> None:
        well = channel(catch_up_at=later(hours=9), caught_up_at=later(hours=2))
        other = replace(channel(), id="1002", owner_id="1002", login="second")
        await store.commit(account(), well, other)
        assert await Restored(store, Clock()).mark(later(hours=1), later(hours=2)) == Marked(2, 1)
        due = await store.channels.due(later(hours=3), 10)
        assert {one.id for one in due} == {"1001", "1002"}
        assert all(one.gap == Gap(later(hours=1), later(hours=2)) and one.behind for one in due)
        assert {one.id: one.caught_up_at for one in due} == {"1001": later(hours=1), "1002": None}
        [line] = await store.audit.latest("1001", 10)
        told = {"since": later(hours=1).isoformat(), "until": later(hours=2).isoformat()}
        assert (line.action, line.at, line.detail) == (Action.RESTORED, later(hours=3), told)

    async def test_one_that_is_behind_already_misses_both_times(self, store: Store) -> None:
        await store.commit(account(), channel())
        marks = Restored(store, Clock())
        await marks.mark(T0, later(hours=1))
        await marks.mark(later(hours=2), later(hours=3))
        [found] = await store.channels.all()
        assert found.gap == Gap(T0, later(hours=3))
        await store.commit(replace(found, gap=replace(found.gap, closed_at=later(hours=4))))
        await marks.mark(later(hours=5), later(hours=6))
        [found] = await store.channels.all()
        assert found.gap == Gap(later(hours=5), later(hours=6))
