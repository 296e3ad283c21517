"""Who looks at which channel, and how each change reaches them: one ready delta to a Socket.IO room.

A room costs a few microseconds a viewer where a loop over states would cost hundreds. The copy of a picture in a
viewer's own state is stale after a broadcast; `on_load` reads it afresh, so a reconnect or a restart heals by itself.

A socket is in one room of ours at most, the staff's, the board's or one of an overlay's; in the sandbox, where its page
shows Twitch's side too, in that room beside it.
"""

import asyncio
import contextvars
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from operator import methodcaller
from typing import Any

import reflex as rx
import structlog

from vip_manager.domain.team import Role
from vip_manager.services.access import NotAllowed, NotSignedIn, Person
from vip_manager.services.changes import Changes
from vip_manager.services.container import running
from vip_manager.ui.rooms import BOARD, KEYED, KINDS, OURS, OVERLAY, PUBLIC, STAFF, TWITCH, Picture, Room, curtain

log = structlog.get_logger(__name__)

PAUSE = 0.2
"""Seconds between two pictures of one channel: the first change goes out at once, later ones at most so often."""

RETIRE_EVERY = 60.0
"""Seconds between two looks for sign-ins that have ended by the clock, or of whose end nothing was heard."""


@dataclass(frozen=True, slots=True)
class Behind:
    """Whose sign-in stands behind a socket."""

    sign_in_id: str
    user_id: str


@dataclass(slots=True)
class _Here:
    """The app whose sockets these are, and who stands behind each, whatever its page shows. `members`: of the sockets
    in a staff room whose channel is another's, the person's id, and the role that the page was told. `links`: by which
    number of its link an overlay came into its room."""

    app: rx.App | None = None
    behind: dict[str, Behind] = field(default_factory=dict)
    members: dict[str, tuple[str, str]] = field(default_factory=dict)
    links: dict[str, int] = field(default_factory=dict)
    telling: set[asyncio.Task[None]] = field(default_factory=set)


_here = _Here()


def attach(app: rx.App) -> None:
    _here.app = app
    _here.behind.clear()
    _here.members.clear()
    _here.links.clear()


def stage(channel_id: str) -> str:
    """The room of Twitch's side of that channel, to be `beside` ours. Raises TwitchIsReal."""
    curtain()
    return TWITCH.name(channel_id)


def stands_behind(state: rx.State, person: Person | None) -> None:
    """For whom that page was shown."""
    _forget_the_gone()
    sid = state.router.session.session_id
    before = _here.behind.pop(sid, None)
    if person and _connected(sid):
        _here.behind[sid] = Behind(person.sign_in_id, person.id)
    if before != _here.behind.get(sid):
        _follow()


async def join_staff(
    state: rx.State, channel_id: str, person: Person, beside: str = "", *, role: Role = Role.OWNER
) -> Role:
    """The caller has checked that this person may see the channel, in that role; returns the one that they have by now.
    Raises NotSignedIn, NotAllowed."""
    sid = state.router.session.session_id
    _here.members.pop(sid, None)
    if not await _enter(sid, STAFF.name(channel_id), beside):
        return role
    if role is not Role.OWNER:
        _here.members[sid] = (person.id, role)
    stands_behind(state, person)
    if not await running().access.alive(person.sign_in_id):
        await leave(state)
        raise NotSignedIn
    if role is Role.OWNER:
        return role
    # What changed between the caller's look and the room went out to the others alone.
    by_now = await running().access.role(person.id, channel_id)
    if by_now is None:
        await leave(state)
        raise NotAllowed
    _here.members[sid] = (person.id, by_now)
    return by_now


async def join_board(state: rx.State, channel_id: str, beside: str = "") -> None:
    await _enter(state.router.session.session_id, BOARD.name(channel_id), beside)


async def join_overlay(state: rx.State, channel_id: str, key: str) -> Room:
    """Where there is a `key` and it is the channel's, into the room of those who have it; returns which it is. Raises
    StoreError."""
    _forget_the_gone()
    sid = state.router.session.session_id
    _here.links.pop(sid, None)
    number = await running().overlays.number(channel_id, key) if key else None
    if number is None:
        await _enter(sid, OVERLAY.name(channel_id))
        return OVERLAY
    if not await _enter(sid, KEYED.name(channel_id)):
        return KEYED
    _here.links[sid] = number
    # A link that was made between the look and the room went out to the others alone.
    if await running().overlays.current(channel_id) != number:
        return await join_overlay(state, channel_id, "")
    return KEYED


async def leave(state: rx.State, beside: str = "") -> None:
    """The page shows no channel of ours any more."""
    await _enter(state.router.session.session_id, beside)


async def settled(room: Room, channel_id: str) -> AsyncIterator[Picture]:
    """Pictures for a page that has just entered the room, until two in a row are the same.

    A change between reading a picture and sending it goes out to the room first; the older picture would then stand.
    """
    shown = None
    while True:
        picture = await room.read(channel_id)
        if shown is not None and replace(picture, now=shown.now) == shown:
            return
        shown = picture
        yield picture


async def expel(app: rx.App, sign_in_id: str) -> None:
    """Somebody signed out: that browser's open pages hear only what anybody may, and a moment later they say so.

    They are told apart from this: it may be one of them that signs out, and its state is not free until that is done.
    """
    _forget_the_gone()
    out = [sid for sid, behind in _here.behind.items() if behind.sign_in_id == sign_in_id]
    for sid in out:
        _here.behind.pop(sid, None)
        await _enter(sid, *_rooms_of(sid, TWITCH.kind), *_public_rooms(sid))
    for sid in out:
        _tell(app, sid, methodcaller("_signed_out"))


async def told() -> None:
    """Returns when the pages that are being told of something know it."""
    await asyncio.gather(*_here.telling, return_exceptions=True)


def _tell(app: rx.App, sid: str, said: Callable[[Any], Awaitable[None]]) -> None:
    # In a context of its own: in that of an event, Reflex takes what is told for what that event has brought.
    telling = asyncio.create_task(_have_told(app, sid, said), context=contextvars.Context())
    _here.telling.add(telling)
    telling.add_done_callback(_here.telling.discard)


async def _have_told(app: rx.App, sid: str, said: Callable[[Any], Awaitable[None]]) -> None:
    """What is `said` to the staff's pages of that tab; and who has come to a board by that is shown it."""
    token = _sockets(app).sid_to_token.get(sid)
    try:
        if token and STAFF.state:
            async with app.modify_state(rx.BaseStateToken(ident=token, cls=STAFF.state)) as root:
                await said(await root.get_state(STAFF.state))
    except Exception:
        log.exception("open page not told")
    for room in _rooms_of(sid, BOARD.kind):
        await show_to(app, sid, BOARD, room.partition(":")[2])


@asynccontextmanager
async def broadcasting(app: rx.App) -> AsyncIterator[None]:
    """Carries changes for as long as it is entered."""
    tasks = [
        asyncio.create_task(broadcast(app, running().changes, OURS), name="broadcast"),
        asyncio.create_task(_retire(app), name="retire"),
    ]
    if (sandbox := running().sandbox) is not None:
        tasks.append(asyncio.create_task(broadcast(app, sandbox.stirs, (TWITCH,)), name="broadcast of the sandbox"))
    try:
        yield
    finally:
        tasks += _here.telling
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _retire(app: rx.App) -> None:
    """A sign-in that has come to its end by the clock is no longer told anything."""
    while True:
        await asyncio.sleep(RETIRE_EVERY)
        _follow()
        for sign_in_id in {behind.sign_in_id for behind in _here.behind.values()}:
            try:
                if not await running().access.alive(sign_in_id):
                    await expel(app, sign_in_id)
            except Exception:
                log.exception("sign_in_not_checked")


async def broadcast(app: rx.App, feed: Changes, rooms: Sequence[Room]) -> None:
    """Runs as long as the program: carries every change of that feed to those who look at its channel."""
    async with feed.subscribed() as changes, asyncio.TaskGroup() as workers:
        waiting: set[str] = set()
        busy: set[str] = set()

        async def carry(channel_id: str) -> None:
            while channel_id in waiting:
                waiting.discard(channel_id)
                await show(app, channel_id, rooms)
                await pause()
            busy.discard(channel_id)

        while True:
            channel_id = await changes.get()
            waiting.add(channel_id)
            if channel_id not in busy:
                busy.add(channel_id)
                workers.create_task(carry(channel_id))


async def pause() -> None:
    await asyncio.sleep(PAUSE)


async def show(app: rx.App, channel_id: str, rooms: Sequence[Room]) -> None:
    """One picture a room that somebody is in. A failure is logged; the next change, or a reload, shows what is true."""
    for room in rooms:
        name = room.name(channel_id)
        if not _anybody(app, name):
            continue
        try:
            picture = await room.read(channel_id)
            if room is STAFF:
                await _part(app, channel_id, picture)
            if room is KEYED:
                await _end_links(app, channel_id)
            await _sockets(app).emit("event", room.delta(picture), room=name)
        except Exception:
            log.exception("broadcast_failed", room=name)


async def _part(app: rx.App, channel_id: str, picture: Picture) -> None:
    """Whoever is not on the team any more, or whose channel was left, leaves the room before its picture is sent; they,
    and those who are something else by now, are told."""
    rooms = app.sio.manager.rooms if app.sio else {}
    there = rooms.get(_sockets(app).namespace, {}).get(STAFF.name(channel_id), ())
    looking = {sid: _here.members[sid] for sid in there if sid in _here.members}
    left = picture.leaving.left_at > 0
    roles = {one.user_id: one.role for one in picture.team} if looking and not left else {}
    for sid, (user_id, known) in looking.items():
        role = roles.get(user_id, "")
        if role == known:
            continue
        if role:
            _here.members[sid] = (user_id, role)
        else:
            _here.members.pop(sid, None)
            await _enter(sid, *_rooms_of(sid, TWITCH.kind), *_public_rooms(sid))
        _tell(app, sid, methodcaller("_has_left", channel_id) if left else methodcaller("_has_part", channel_id, role))


async def _end_links(app: rx.App, channel_id: str) -> None:
    """Whoever came by a link that has ended leaves the room before its picture is sent. Raises StoreError."""
    rooms = app.sio.manager.rooms if app.sio else {}
    there = list(rooms.get(_sockets(app).namespace, {}).get(KEYED.name(channel_id), ()))
    number = await running().overlays.current(channel_id)
    for sid in there:
        if _here.links.get(sid) != number:
            _here.links.pop(sid, None)
            await _enter(sid, OVERLAY.name(channel_id))


async def show_to(app: rx.App, sid: str, room: Room, channel_id: str) -> None:
    """What is shown in that room, to one socket that has just entered it by no act of its own."""
    try:
        async for picture in settled(room, channel_id):
            await _sockets(app).emit("event", room.delta(picture), room=sid)
    except Exception:
        log.exception("picture_not_shown", room=room.name(channel_id))


def _sockets(app: rx.App) -> Any:
    if app.event_namespace is None:
        raise RuntimeError("the app has no state")
    return app.event_namespace


def _anybody(app: rx.App, room: str) -> bool:
    rooms = app.sio.manager.rooms if app.sio else {}
    return bool(rooms.get(_sockets(app).namespace, {}).get(room))


async def _enter(sid: str, *rooms: str) -> bool:
    """Into these rooms and out of every other one of ours; an empty name is none. False where the socket is gone."""
    app = _here.app
    if app is None or app.sio is None:
        return False
    namespace = _sockets(app).namespace
    try:
        for name in _rooms_of(sid, *KINDS):
            if name not in rooms:
                await app.sio.leave_room(sid, name, namespace=namespace)
        for name in filter(None, rooms):
            news = not _anybody(app, name)
            await app.sio.enter_room(sid, name, namespace=namespace)
            if news:
                _follow()
    except (KeyError, ValueError):
        return False
    return True


def _follow() -> None:
    """What happens in the channels that are shown here is to be heard of, whichever instance does it; and that somebody
    who looks has signed out, which is told as news of their own channel."""
    app = _here.app
    rooms = app.sio.manager.rooms if app and app.sio else {}
    names = rooms.get(_sockets(app).namespace, {}) if app and rooms else {}
    looked_at = (name.partition(":") for name in names if name)
    ours = {room.kind for room in OURS}
    channels = {channel_id for kind, _, channel_id in looked_at if kind in ours}
    running().changes.looked_at(frozenset(channels | {behind.user_id for behind in _here.behind.values()}))


def _rooms_of(sid: str, *kinds: str) -> list[str]:
    """Which of our rooms the socket is in, of these kinds; none where it is gone."""
    app = _here.app
    if app is None or app.sio is None:
        return []
    try:
        names = list(app.sio.rooms(sid, namespace=_sockets(app).namespace))
    except (KeyError, ValueError):
        return []
    return [name for name in names if name and name.partition(":")[0] in kinds]


def _public_rooms(sid: str) -> list[str]:
    """The boards a socket may stay at, or go on to where Twitch's side stands beside ours: what it shows is public, or
    was let in by a link and by nobody's name."""
    boards = _rooms_of(sid, *(room.kind for room in PUBLIC))
    return boards or [BOARD.name(name.partition(":")[2]) for name in _rooms_of(sid, TWITCH.kind)]


def _connected(sid: str) -> bool:
    return _here.app is not None and sid in _sockets(_here.app).sid_to_token


def _forget_the_gone() -> None:
    if _here.app is None:
        return
    there = _sockets(_here.app).sid_to_token
    for known in (_here.behind, _here.members, _here.links):
        for sid in [sid for sid in known if sid not in there]:
            del known[sid]
