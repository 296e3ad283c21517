"""What pictures are made of is read again as far as it was written, and whole where nobody can say what was."""

import secrets
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.house import HandClock
from tests.store.records import T0, account, active, channel, later, line, redemption, session
from vip_manager.domain.account import SignIn
from vip_manager.domain.audit import Action
from vip_manager.domain.hook import Hook, HookForm
from vip_manager.domain.reasons import EndReason, Refusal
from vip_manager.domain.redemption_life import REDEMPTION_LIFE, RedemptionState
from vip_manager.ports import StoreUnavailable, Touched
from vip_manager.services.at_hand import (
    COUNTED_FOR,
    LATEST,
    LINES_AGAIN,
    READ_AGAIN,
    UNHEARD_OF,
    WHOLE_AGAIN,
    AtHand,
    ForStaff,
)
from vip_manager.services.changes import Changes, Noting
from vip_manager.services.connections import Connections
from vip_manager.store.documents import AUDIT, CHANNELS, OUTBOXES, REDEMPTIONS, SESSIONS, USERS
from vip_manager.store.fields import BrokenDocument
from vip_manager.store.sealing import TOKENS, Sealer
from vip_manager.store.sqlite.store import SqliteStore
from vip_manager.store.stamp import Stamp

ID = "1001"
WHOLE = {
    "channels.get",
    "accounts.get",
    "sessions.live",
    "redemptions.open",
    "redemptions.undecided",
    "redemptions.count_since",
    "audit.latest",
}


class Elsewhere:
    """The other instances, as far as they say what was written; `heard` of, or not."""

    def __init__(self) -> None:
        self.ours: Touched = ()
        self.heard = True
        self.changes = 5

    def tell(self, channel_id: str, noting: Noting | None, *, more: bool = False) -> None: ...

    def follow(self, channel_ids: frozenset[str]) -> None: ...

    def touched(self, channel_id: str) -> Touched:
        ours, self.ours = self.ours, ()
        return ours

    def hears(self, channel_id: str) -> bool:
        return self.heard

    async def note(self, channel_id: str) -> dict[str, Any]:
        return {}

    def number(self, channel_id: str) -> int | None:
        return self.changes


class Part:
    def __init__(self, name: str, part: Any, asked: list[str], fails: dict[str, Exception]) -> None:
        self._name, self._part, self._asked, self._fails = name, part, asked, fails

    def __getattr__(self, method: str) -> Any:
        def begun(*arguments: Any) -> Any:
            self._asked.append(f"{self._name}.{method}")
            return getattr(self._part, method)(*arguments)

        async def ask(*arguments: Any) -> Any:
            if error := self._fails.get(f"{self._name}.{method}"):
                raise error
            return await begun(*arguments)

        return begun if method == "since" else ask


class Scene:
    def __init__(self, store: SqliteStore) -> None:
        self.store = store
        self.asked: list[str] = []
        self.fails: dict[str, Exception] = {}
        self.elsewhere = Elsewhere()
        self.changes = Changes(self.elsewhere)  # type: ignore[arg-type]
        self.connections = Connections(self.changes, self.elsewhere)  # type: ignore[arg-type]
        self.clock = HandClock()
        self.clock.jump((later(hours=1) - self.clock.now()) / timedelta(hours=1))
        self.seconds = 0.0
        self.at_hand = self._made(keeps=True)
        self.changes.looked_at(frozenset({ID}))

    def _made(self, *, keeps: bool) -> AtHand:
        self_ = self

        class Asked:
            def __getattr__(self, name: str) -> Any:
                return Part(name, getattr(self_.store, name), self_.asked, self_.fails)

        return AtHand(
            Asked(),
            self.clock,
            self.changes,
            self.connections,
            keeps=keeps,
            monotonic=lambda: self.seconds,
        )

    async def staff(self) -> ForStaff:
        """And what was asked of the store for it is in `asked`."""
        self.asked.clear()
        found = await self.at_hand.staff(ID)
        assert found is not None
        return found

    async def whole(self) -> ForStaff:
        """As whoever reads all of it sees it."""
        found = await self._made(keeps=False).staff(ID)
        assert found is not None
        return found

    async def wrote(self, *records: Any) -> None:
        """By another instance, who says so."""
        names = {type(one): kind.collection for kind, one in KINDS}
        await self.store.commit(SignIn(secrets.token_hex(8), ID, T0, T0), *records)
        self.changes.announce_here(ID, tuple(f"{names[type(one)]}/{one.id}" for one in records))


KINDS = (
    (CHANNELS, channel()),
    (USERS, account()),
    (SESSIONS, session("s")),
    (REDEMPTIONS, redemption("p")),
    (AUDIT, line("a")),
)


@pytest.fixture(autouse=True)
def commits() -> None:
    """Records are planted here, at whatever point of their lives."""


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    store = SqliteStore.open(tmp_path / "vip.db", Sealer(["a root secret of at least 32 characters"], TOKENS), STAMP)
    await store.commit(channel(), account())
    await store.commit(active("s1", later(hours=5)), redemption("p1"), line("a1"))
    yield Scene(store)
    await store.close()


STAMP = Stamp("client-1", "id.twitch.tv")


async def test_first_it_is_read_whole_and_then_not_at_all(scene: Scene) -> None:
    first = await scene.staff()
    assert set(scene.asked) == WHOLE
    assert first == await scene.whole()
    assert await scene.staff() == first
    assert scene.asked == []


async def test_what_another_instance_wrote_is_read_and_nothing_else(scene: Scene) -> None:
    first = await scene.staff()
    await scene.wrote(active("s2", later(hours=2)), line("a2", at=later(minutes=1)), line("a3", at=later(minutes=1)))
    await scene.staff()
    assert sorted(scene.asked) == ["audit.get", "audit.get", "sessions.get"]
    [opened] = first.opened
    await scene.wrote(opened.granting("s2", 24.0), replace(first.channel, login="renamed"))
    await scene.staff()
    assert sorted(scene.asked) == ["channels.get", "redemptions.get"]
    assert await scene.staff() == await scene.whole()


async def test_what_is_over_is_not_there_any_more(scene: Scene) -> None:
    first = await scene.staff()
    await scene.wrote(first.live[0].ending(EndReason.EXPIRED), first.opened[0].refunding(Refusal.FULL))
    between = await scene.staff()
    assert between == await scene.whole()
    now = later(hours=5)
    await scene.wrote(between.live[0].ended(now, EndReason.EXPIRED), between.opened[0].canceled(now))
    after = await scene.staff()
    assert (after.live, after.opened) == ([], [])
    await scene.wrote(redemption("p2", state=RedemptionState.KEPT))
    kept = await scene.staff()
    assert len(kept.undecided) == 1
    await scene.wrote(kept.undecided[0].dismissed(now))
    assert (await scene.staff()).undecided == []


async def test_lines_stand_in_their_order_and_no_more_of_them_than_there_were(scene: Scene) -> None:
    await scene.wrote(*(line(f"b{number:02}", at=later(minutes=number)) for number in range(LATEST)))
    await scene.staff()
    await scene.wrote(*(line(name, at=later(minutes=at)) for name, at in (("c1", 30), ("c2", 30), ("c3", -1))))
    latest = (await scene.staff()).latest
    assert latest == (await scene.whole()).latest
    assert len(latest) == LATEST
    assert [one.id for one in latest].index("c2") < [one.id for one in latest].index("c1")


async def test_a_line_that_is_known_is_not_read_again(scene: Scene) -> None:
    await scene.staff()
    scene.changes.announce_here(ID, ("auditLog/a1",))
    await scene.staff()
    assert scene.asked == []


@pytest.mark.parametrize("action", [Action.REDEEMED, Action.REFUNDED, Action.TAKEN_BACK])
async def test_the_day_is_counted_anew_where_that_was_written(scene: Scene, action: Action) -> None:
    before = await scene.staff()
    await scene.wrote(redemption("p2", redeemed_at=later(minutes=1)), line("a2", action=action))
    assert (await scene.staff()).today == before.today + 1
    assert scene.asked.count("redemptions.count_since") == 1


def test_no_other_line_tells_of_one_that_came_or_was_given_back() -> None:
    came = {action for one in REDEMPTION_LIFE.transitions if one.before is None for action in one.log}
    back = [one.log for one in REDEMPTION_LIFE.transitions if one.after is RedemptionState.CANCELED]
    assert Action.REDEEMED in came
    assert all(log & {Action.REFUNDED, Action.TAKEN_BACK} for log in back)


async def test_the_day_is_counted_anew_once_in_a_while(scene: Scene) -> None:
    await scene.staff()
    scene.clock.jump(COUNTED_FOR / timedelta(hours=1))
    await scene.wrote(line("a2", action=Action.GRANTED))
    await scene.staff()
    assert "redemptions.count_since" in scene.asked


async def test_what_this_instance_wrote_counts_too(scene: Scene) -> None:
    await scene.staff()
    await scene.store.commit(active("s2", later(hours=2)))
    scene.elsewhere.ours = ("vipSessions/s2",)
    scene.changes.announce(ID)
    assert {one.id for one in (await scene.staff()).live} == {"s1", "s2"}
    assert scene.asked == ["sessions.get"]


async def test_where_nobody_says_what_was_written_it_is_read_whole(scene: Scene) -> None:
    await scene.staff()
    await scene.store.commit(active("s2", later(hours=2)))
    scene.changes.announce_here(ID, None)
    assert {one.id for one in (await scene.staff()).live} == {"s1", "s2"}
    assert set(scene.asked) == WHOLE
    scene.elsewhere.ours = None
    scene.changes.announce(ID)
    await scene.staff()
    assert set(scene.asked) == WHOLE


async def test_more_changes_than_are_remembered_are_read_whole(scene: Scene) -> None:
    await scene.staff()
    for _ in range(101):
        scene.changes.announce_here(ID, ("auditLog/a1",))
    await scene.staff()
    assert set(scene.asked) == WHOLE


@pytest.mark.parametrize(("changes", "asked"), [(5, set()), (6, WHOLE)])
async def test_what_was_read_before_changes_were_heard_of_counts_where_there_was_none(
    scene: Scene, changes: int, asked: set[str]
) -> None:
    scene.elsewhere.heard = False
    await scene.staff()
    scene.elsewhere.heard = True
    scene.changes.announce_here(ID, None, begins=changes)
    await scene.staff()
    assert set(scene.asked) == asked


async def test_where_nothing_is_heard_it_is_true_for_a_moment(scene: Scene) -> None:
    scene.elsewhere.heard = False
    await scene.staff()
    scene.seconds = UNHEARD_OF
    await scene.staff()
    assert scene.asked == []
    scene.seconds += 0.01
    await scene.staff()
    assert set(scene.asked) == WHOLE


async def test_what_nobody_looked_at_for_a_while_is_read_whole(scene: Scene) -> None:
    await scene.staff()
    scene.changes.looked_at(frozenset())
    scene.changes.looked_at(frozenset({ID}))
    await scene.staff()
    assert set(scene.asked) == WHOLE


async def test_what_nobody_looks_at_is_read_each_time(scene: Scene) -> None:
    scene.changes.looked_at(frozenset())
    for _ in range(2):
        await scene.staff()
        assert set(scene.asked) == WHOLE


async def test_who_asks_where_nothing_has_changed_has_it_read_again_once_in_a_while(scene: Scene) -> None:
    await scene.staff()
    scene.seconds = READ_AGAIN + 1
    await scene.staff()
    assert set(scene.asked) == WHOLE - {"audit.latest"} | {"audit.since"}


async def test_what_a_killed_instance_told_nobody_shows_with_a_change_some_time_later(scene: Scene) -> None:
    await scene.staff()
    await scene.store.commit(active("s2", later(hours=2)))
    scene.seconds = WHOLE_AGAIN + 1
    await scene.wrote(line("a2"))
    assert {one.id for one in (await scene.staff()).live} == {"s1", "s2"}


async def test_a_document_that_can_not_be_read_has_the_rest_read_whole(scene: Scene) -> None:
    await scene.staff()
    await scene.wrote(active("s2", later(hours=2)))
    scene.fails["sessions.get"] = BrokenDocument("vipSessions", "s2", "state", "none")
    assert {one.id for one in (await scene.staff()).live} == {"s1", "s2"}


async def test_what_could_not_be_read_is_read_when_it_is_asked_for_next(scene: Scene) -> None:
    await scene.staff()
    await scene.wrote(active("s2", later(hours=2)))
    scene.fails["sessions.get"] = StoreUnavailable("out of reach")
    with pytest.raises(StoreUnavailable):
        await scene.staff()
    scene.fails.clear()
    assert {one.id for one in (await scene.staff()).live} == {"s1", "s2"}


async def test_a_channel_that_is_gone_is_nobodys(scene: Scene) -> None:
    known = await scene.staff()
    await scene.store.delete(known.channel)
    scene.changes.announce_here(ID, (f"channels/{ID}",))
    assert await scene.at_hand.staff(ID) is None
    assert await scene.at_hand.public(ID) is None


async def test_the_board_asks_for_nothing_that_only_the_staff_sees(scene: Scene) -> None:
    await scene.at_hand.public(ID)
    assert set(scene.asked) == {"channels.get", "accounts.get", "sessions.live"}
    await scene.wrote(redemption("p2"), line("a2"), active("s2", later(hours=2)))
    scene.asked.clear()
    known = await scene.at_hand.public(ID)
    assert known is not None
    assert {one.id for one in known.live} == {"s1", "s2"}
    assert scene.asked == ["sessions.get"]
    assert await scene.staff() == await scene.whole()


async def test_the_outbox_is_there_where_the_outside_is_told(scene: Scene) -> None:
    known = await scene.staff()
    assert "outboxes.get" not in scene.asked
    hook = Hook("h1", HookForm.JSON, T0)
    await scene.wrote(replace(known.channel, hooks=(hook,)))
    await scene.staff()
    assert scene.asked == ["channels.get", "outboxes.get"]
    scene.changes.announce_here(ID, (f"{OUTBOXES.collection}/{ID}",))
    await scene.staff()
    assert scene.asked == ["outboxes.get"]


def test_collections_are_called_what_they_are_called_here() -> None:
    named = [kind.collection for kind in (USERS, CHANNELS, SESSIONS, REDEMPTIONS, AUDIT, OUTBOXES)]
    assert named == ["users", "channels", "vipSessions", "redemptions", "auditLog", "outboxes"]


@pytest.mark.parametrize("killed", [False, True])
async def test_lines_that_are_known_are_not_read_again_with_the_rest(scene: Scene, killed: bool) -> None:
    """`killed`: whoever wrote one of them has told nobody."""
    await scene.wrote(*(line(f"b{number:02}", at=later(minutes=number)) for number in range(50)))
    await scene.staff()
    await scene.wrote(line("c1", at=later(minutes=61)))
    await scene.staff()
    if killed:
        await scene.store.commit(SignIn("one more", ID, T0, T0), line("c2", at=later(minutes=60)))
    scene.seconds = WHOLE_AGAIN + 1
    await scene.wrote(line("c3", at=later(minutes=62)))
    latest = (await scene.staff()).latest
    assert set(scene.asked) == WHOLE - {"audit.latest"} | {"audit.since"}
    assert latest == (await scene.whole()).latest
    assert killed == ("c2" in [one.id for one in latest])


async def test_where_many_lines_are_new_the_latest_are_read(scene: Scene) -> None:
    await scene.staff()
    await scene.wrote(*(line(f"b{number:02}", at=later(minutes=number)) for number in range(LATEST // 3 + 1)))
    await scene.staff()
    scene.seconds = WHOLE_AGAIN + 1
    await scene.wrote(line("c1"))
    await scene.staff()
    assert set(scene.asked) == WHOLE


async def test_a_line_about_long_ago_of_which_nobody_told_shows_once_all_lines_are_read_again(scene: Scene) -> None:
    await scene.staff()
    await scene.store.commit(SignIn("one more", ID, T0, T0), line("late", at=later(minutes=-10)))
    scene.seconds = WHOLE_AGAIN + 1
    await scene.wrote(line("a2"))
    assert "late" not in [one.id for one in (await scene.staff()).latest]
    # Pages that are loaded meanwhile put it off no further.
    scene.seconds = LINES_AGAIN - READ_AGAIN
    await scene.staff()
    scene.seconds = LINES_AGAIN + 1
    await scene.staff()
    assert (await scene.staff()).latest == (await scene.whole()).latest
    assert "late" in [one.id for one in (await scene.staff()).latest]
