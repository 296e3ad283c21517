"""Each change reaches those who look, in one piece, at once, and not too often."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from tests.ui.fakes import ENDED, Fakes, FakeSandbox
from vip_manager.domain.team import Role
from vip_manager.services.access import NotAllowed, NotSignedIn, Person
from vip_manager.services.pictures import StaffLeaving, StaffMember
from vip_manager.ui import live, rooms
from vip_manager.ui.channel_page import ChannelPage
from vip_manager.ui.pages.board.state import BoardPage
from vip_manager.ui.pages.sandbox.state import Stage


class Sockets:
    """The part of Socket.IO that rooms need."""

    namespace = "/_event"

    def __init__(self) -> None:
        self.manager = SimpleNamespace(rooms={self.namespace: {}})
        self.sid_to_token = {"ann": "t1", "tab": "t2", "tv": "t3"}
        self.sent: list[tuple[str, Any]] = []

    def rooms(self, sid: str, namespace: str) -> list[str]:
        return [sid, *(room for room, members in self.manager.rooms[namespace].items() if sid in members)]

    async def enter_room(self, sid: str, room: str, namespace: str) -> None:
        if sid not in self.sid_to_token:
            raise ValueError("sid is not connected to requested namespace")
        self.manager.rooms[namespace].setdefault(room, set()).add(sid)

    async def leave_room(self, sid: str, room: str, namespace: str) -> None:
        self.manager.rooms[namespace][room].discard(sid)

    async def emit(self, event: str, update: Any, room: str) -> None:
        self.sent.append((room, update.delta))


@pytest.fixture
def app() -> Iterator[Any]:
    sockets = Sockets()
    app = SimpleNamespace(sio=sockets, event_namespace=sockets, sockets=sockets)
    before = live._here.app
    live.attach(app)  # type: ignore[arg-type]
    yield app
    live._here.app = before


async def until(condition: Callable[[], bool], what: str) -> None:
    """Waits for a condition, a turn of the loop at a time."""
    for _ in range(1000):
        if condition():
            return
        await asyncio.sleep(0)
    raise AssertionError(f"waited for {what}")


def looker(sid: str) -> Any:
    return SimpleNamespace(router=SimpleNamespace(session=SimpleNamespace(session_id=sid)))


def by(sign_in_id: str, user_id: str = "anna") -> Person:
    """Somebody, by one of their sign-ins."""
    return Person(user_id, user_id, user_id.capitalize(), "", True, False, sign_in_id)


@asynccontextmanager
async def carrying(app: Any) -> AsyncIterator[None]:
    async with live.broadcasting(app):
        await asyncio.sleep(0)
        yield


async def test_a_change_goes_out_at_once_and_many_become_one(
    app: Any, services: Fakes, monkeypatch: pytest.MonkeyPatch
) -> None:
    over = asyncio.Event()
    monkeypatch.setattr(live, "pause", over.wait)
    await live.join_staff(looker("ann"), "1", by("1"))
    await live.join_board(looker("tv"), "1")
    async with carrying(app):
        for _ in range(50):
            services.changes.announce("1")
            await asyncio.sleep(0)
        assert sorted(room for room, _ in app.sockets.sent) == ["board:1", "staff:1"]
        over.set()
        await until(lambda: len(app.sockets.sent) == 4, "the others to go out as one")
        services.changes.announce("2")
        await asyncio.sleep(0)
    assert len(app.sockets.sent) == 4


async def test_the_public_room_never_gets_the_staff_picture(app: Any, services: Fakes) -> None:
    await live.join_board(looker("tv"), "1")
    async with carrying(app):
        services.changes.announce("1")
        await until(lambda: bool(app.sockets.sent), "the picture to go out")
    ((room, delta),) = app.sockets.sent
    assert room == "board:1"
    assert ChannelPage.get_full_name() not in delta


async def test_one_room_at_a_time(app: Any, services: Fakes) -> None:
    await live.join_staff(looker("ann"), "1", by("1"))
    await live.join_board(looker("ann"), "2")
    assert app.sockets.rooms("ann", Sockets.namespace) == ["ann", "board:2"]
    await live.leave(looker("ann"))
    assert app.sockets.rooms("ann", Sockets.namespace) == ["ann"]


async def test_a_socket_that_went_is_no_error(app: Any) -> None:
    await live.join_staff(looker("gone"), "1", by("1"))
    assert "gone" not in live._here.behind


@pytest.fixture
def signed_out(app: Any) -> list[str]:
    """The tokens of the tabs whose pages were told."""
    told: list[str] = []

    @asynccontextmanager
    async def modify_state(token: Any) -> AsyncIterator[Any]:
        async def say() -> None:
            told.append(token.ident)

        async def get_state(kind: type) -> Any:
            return SimpleNamespace(_signed_out=say)

        yield SimpleNamespace(get_state=get_state)

    app.modify_state = modify_state
    return told


async def test_who_signs_out_leaves_the_staff_rooms_in_every_tab(
    app: Any, services: Fakes, signed_out: list[str]
) -> None:
    await live.join_staff(looker("ann"), "1", by("1"))
    await live.join_staff(looker("tab"), "1", by("1"))
    await live.join_staff(looker("tv"), "2", by("2"))
    await live.expel(app, "1")
    await live.told()
    assert app.sockets.manager.rooms[Sockets.namespace] == {"staff:1": set(), "staff:2": {"tv"}}
    assert sorted(signed_out) == ["t1", "t2"]
    assert live._here.behind == {"tv": live.Behind("2", "anna")}


async def test_what_is_told_is_no_answer_to_the_socket_that_signs_the_other_out(app: Any, services: Fakes) -> None:
    act: ContextVar[str] = ContextVar("act", default="")
    told: list[str] = []

    @asynccontextmanager
    async def modify_state(token: Any) -> AsyncIterator[Any]:
        async def say() -> None:
            told.append(act.get())

        async def get_state(kind: type) -> Any:
            return SimpleNamespace(_signed_out=say)

        yield SimpleNamespace(get_state=get_state)

    app.modify_state = modify_state
    await live.join_staff(looker("tab"), "1", by("1"))
    act.set("of another socket")
    await live.expel(app, "1")
    await live.told()
    assert told == [""]


async def test_a_page_that_shows_no_channel_of_theirs_is_told_of_the_sign_out_too(
    app: Any, services: Fakes, signed_out: list[str]
) -> None:
    live.stands_behind(looker("ann"), by("1"))
    await live.leave(looker("ann"))
    live.stands_behind(looker("tab"), by("1"))
    await live.join_board(looker("tab"), "2")
    live.stands_behind(looker("tv"), by("1"))
    live.stands_behind(looker("tv"), None)
    await live.expel(app, "1")
    await live.told()
    assert sorted(signed_out) == ["t1", "t2"]


async def test_a_sign_in_that_ended_meanwhile_stays_outside(app: Any, services: Fakes) -> None:
    with pytest.raises(NotSignedIn):
        await live.join_staff(looker("ann"), "1", by(ENDED))
    assert app.sockets.rooms("ann", Sockets.namespace) == ["ann"]


async def test_who_went_on_to_a_board_keeps_it_after_signing_out(
    app: Any, services: Fakes, signed_out: list[str]
) -> None:
    await live.join_staff(looker("ann"), "1", by("1"))
    await live.join_board(looker("ann"), "2")
    await live.expel(app, "1")
    await live.told()
    assert app.sockets.rooms("ann", Sockets.namespace) == ["ann", "board:2"]


async def test_a_failure_is_survived(app: Any, services: Fakes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "pause", lambda: asyncio.sleep(0))
    await live.join_staff(looker("ann"), "1", by("1"))
    pictures = [RuntimeError("store"), services.picture]

    async def staff(channel_id: str) -> Any:
        picture = pictures.pop(0)
        if isinstance(picture, Exception):
            raise picture
        return picture

    monkeypatch.setattr(services, "staff", staff, raising=False)
    async with carrying(app):
        services.changes.announce("1")
        await until(lambda: len(pictures) == 1, "the failure")
        services.changes.announce("1")
        await until(lambda: len(app.sockets.sent) == 1, "the next picture")


async def test_a_page_reads_until_nothing_changes(services: Fakes, monkeypatch: pytest.MonkeyPatch) -> None:
    one = services.picture
    read = [one, replace(one, now=5, today=1), replace(one, now=6, today=1)]

    async def staff(channel_id: str) -> Any:
        return read.pop(0)

    monkeypatch.setattr(services, "staff", staff, raising=False)
    shown = [picture.today async for picture in live.settled(rooms.STAFF, "1")]
    assert shown == [0, 1]


async def test_twitchs_side_stands_beside_one_room_of_ours(app: Any, services: Fakes) -> None:
    services.sandbox = FakeSandbox()
    await live.join_staff(looker("ann"), "1", by("1"), beside=live.stage("1"))
    assert app.sockets.rooms("ann", Sockets.namespace) == ["ann", "staff:1", "twitch:1"]
    await live.join_board(looker("ann"), "2", beside=live.stage("2"))
    assert sorted(app.sockets.rooms("ann", Sockets.namespace)) == ["ann", "board:2", "twitch:2"]
    await live.leave(looker("ann"))
    assert app.sockets.rooms("ann", Sockets.namespace) == ["ann"]


async def test_each_side_is_told_by_its_own_feed_alone(app: Any, services: Fakes) -> None:
    sandbox = services.sandbox = FakeSandbox()
    await live.join_board(looker("tv"), "1", beside=live.stage("1"))
    async with carrying(app):
        sandbox.stirs.announce("1")
        await until(lambda: len(app.sockets.sent) == 1, "Twitch's side")
        services.changes.announce("1")
        await until(lambda: len(app.sockets.sent) == 2, "our side")
    assert [room for room, _ in app.sockets.sent] == ["twitch:1", "board:1"]
    (twitch, ours) = (delta for _, delta in app.sockets.sent)
    assert set(twitch) == {Stage.get_full_name()}
    assert set(ours) == {BoardPage.get_full_name()}


async def test_who_signs_out_still_sees_twitchs_side_and_beside_it_the_board(
    app: Any, services: Fakes, signed_out: list[str]
) -> None:
    services.sandbox = FakeSandbox()
    await live.join_staff(looker("ann"), "1", by("1"), beside=live.stage("1"))
    await live.join_board(looker("tv"), "1")
    await live.expel(app, "1")
    await live.told()
    assert sorted(app.sockets.rooms("ann", Sockets.namespace)) == ["ann", "board:1", "twitch:1"]
    ((told, delta),) = app.sockets.sent
    assert told == "ann"
    assert set(delta) == {BoardPage.get_full_name()}


async def test_a_board_that_cant_be_read_keeps_nobody_in_a_staff_room(
    app: Any, services: Fakes, signed_out: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(channel_id: str) -> Any:
        raise RuntimeError("store")

    monkeypatch.setattr(services, "public", away, raising=False)
    services.sandbox = FakeSandbox()
    for sid in ("ann", "tab"):
        await live.join_staff(looker(sid), "1", by("1"), beside=live.stage("1"))
    await live.expel(app, "1")
    await live.told()
    assert app.sockets.manager.rooms[Sockets.namespace]["staff:1"] == set()
    assert sorted(signed_out) == ["t1", "t2"]


@pytest.fixture
def parts(app: Any) -> list[tuple[str, str, str]]:
    """Whose tab was told of which channel, and what they are there now."""
    told: list[tuple[str, str, str]] = []

    @asynccontextmanager
    async def modify_state(token: Any) -> AsyncIterator[Any]:
        async def say(channel_id: str, role: str) -> None:
            told.append((token.ident, channel_id, role))

        async def get_state(kind: type) -> Any:
            return SimpleNamespace(_has_part=say, _has_left=lambda channel_id: say(channel_id, "left"))

        yield SimpleNamespace(get_state=get_state)

    app.modify_state = modify_state
    return told


def with_team(services: Fakes, **roles: Role) -> None:
    """Who is on the team of channel 1 from now on, by their ids without the u."""
    team = {user_id.removeprefix("u"): role for user_id, role in roles.items()}
    services.team = {("1", user_id): role for user_id, role in team.items()}
    rows = [StaffMember(user_id, "", "", "", role, 0) for user_id, role in team.items()]
    services.picture = replace(services.picture, team=rows)


async def join(sid: str, user_id: str, role: Role) -> Role:
    return await live.join_staff(looker(sid), "1", by(user_id, user_id), role=role)


async def test_who_is_dismissed_while_looking_is_out_before_the_next_picture(
    app: Any, services: Fakes, parts: list[tuple[str, str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    with_team(services, u2=Role.HELPER, u3=Role.HELPER)
    await live.join_staff(looker("ann"), "1", by("1"))
    await join("tab", "2", Role.HELPER)
    await join("tv", "3", Role.HELPER)
    there: list[set[str]] = []
    emit = app.sockets.emit

    async def watched(event: str, update: Any, room: str) -> None:
        there.append(set(app.sockets.manager.rooms[Sockets.namespace][room]))
        await emit(event, update, room)

    monkeypatch.setattr(app.sockets, "emit", watched)
    with_team(services, u3=Role.HELPER)
    async with carrying(app):
        services.changes.announce("1")
        await until(lambda: bool(parts), "the page to be told")
    assert there == [{"ann", "tv"}]
    assert parts == [("t2", "1", "")]
    assert app.sockets.rooms("tab", Sockets.namespace) == ["tab"]
    assert set(live._here.members) == {"tv"}


async def test_a_team_is_out_when_its_channel_has_left(
    app: Any, services: Fakes, parts: list[tuple[str, str, str]]
) -> None:
    with_team(services, u2=Role.MANAGER)
    await live.join_staff(looker("ann"), "1", by("1"))
    await join("tab", "2", Role.MANAGER)
    for leaving, told in ((StaffLeaving(since=1), []), (StaffLeaving(since=1, left_at=2), [("t2", "1", "left")])):
        services.picture = replace(services.picture, leaving=leaving)
        await live.show(app, "1", rooms.OURS)
        await live.told()
        assert parts == told
    assert app.sockets.rooms("tab", Sockets.namespace) == ["tab"]
    assert app.sockets.rooms("ann", Sockets.namespace) == ["ann", "staff:1"]


async def test_another_role_is_told_once_and_only_to_whom_it_concerns(
    app: Any, services: Fakes, parts: list[tuple[str, str, str]]
) -> None:
    with_team(services, u2=Role.HELPER, u3=Role.HELPER)
    await live.join_staff(looker("ann"), "1", by("1"))
    await join("tab", "2", Role.HELPER)
    await join("tv", "3", Role.HELPER)
    with_team(services, u2=Role.MANAGER, u3=Role.HELPER)
    for _ in range(2):
        await live.show(app, "1", rooms.OURS)
        await live.told()
    await live.told()
    assert parts == [("t2", "1", "manager")]
    assert [room for room, _ in app.sockets.sent] == ["staff:1"] * 2


async def test_a_change_between_the_look_and_the_room_is_not_missed(app: Any, services: Fakes) -> None:
    with_team(services, u2=Role.MANAGER)
    assert await join("tab", "2", Role.HELPER) is Role.MANAGER
    with_team(services)
    with pytest.raises(NotAllowed):
        await join("tab", "2", Role.HELPER)
    assert app.sockets.rooms("tab", Sockets.namespace) == ["tab"]


async def test_who_went_on_to_their_own_channel_is_not_told_of_the_other(
    app: Any, services: Fakes, parts: list[tuple[str, str, str]]
) -> None:
    with_team(services, u2=Role.HELPER)
    await join("tab", "2", Role.HELPER)
    await live.join_staff(looker("tab"), "2", by("2", "2"))
    with_team(services)
    await live.show(app, "1", rooms.OURS)
    await live.show(app, "2", rooms.OURS)
    assert parts == []
    assert [room for room, _ in app.sockets.sent] == ["staff:2"]


async def test_the_owners_look_costs_nothing_and_a_page_that_fails_stops_no_other(
    app: Any, services: Fakes, parts: list[tuple[str, str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "role", None, raising=False)
    await live.join_staff(looker("ann"), "1", by("1"))
    monkeypatch.undo()
    with_team(services, u2=Role.HELPER, u3=Role.HELPER)
    await join("tab", "2", Role.HELPER)
    await join("tv", "3", Role.HELPER)
    with_team(services)
    works = app.modify_state

    def breaks(token: Any) -> Any:
        if not parts and token.ident != "t3":
            raise RuntimeError("no such tab")
        return works(token)

    app.modify_state = breaks
    await live.show(app, "1", rooms.OURS)
    await live.told()
    assert app.sockets.manager.rooms[Sockets.namespace]["staff:1"] == {"ann"}
    assert ("t3", "1", "") in parts
    assert len(app.sockets.sent) == 1


async def test_who_is_dismissed_at_the_stage_sees_the_board_instead(
    app: Any, services: Fakes, parts: list[tuple[str, str, str]]
) -> None:
    services.sandbox = FakeSandbox()
    with_team(services, u2=Role.HELPER)
    await live.join_staff(looker("tab"), "1", by("2", "2"), live.stage("1"), role=Role.HELPER)
    with_team(services)
    await live.show(app, "1", rooms.OURS)
    await live.told()
    assert sorted(app.sockets.rooms("tab", Sockets.namespace)) == ["board:1", "tab", "twitch:1"]
    assert parts == [("t2", "1", "")]
    assert {room for room, _ in app.sockets.sent if room != "staff:1"} <= {"tab", "board:1"}
    assert any(room == "tab" and set(delta) == {BoardPage.get_full_name()} for room, delta in app.sockets.sent)
