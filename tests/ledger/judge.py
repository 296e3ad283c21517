"""What must hold when all is calm, judged from Twitch's record and from the stored books. Each sentence begins with the
number of the promise that it says is broken.

What can't be known is not held against the program:
- A badge that a hand gave while an add of ours was still unanswered is ours by the letter: the look before it had shown
  none.
- So is one given after a hand had taken ours, where Twitch never told of that removal.
- What became of a redemption whose reward is gone, and one that was fulfilled days ago: Twitch lists neither.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.crash.books import Books, Document
from tests.ledger.stage import Stage
from vip_manager.simulator.audit import audit
from vip_manager.simulator.records import BY_API, BY_HAND, Channel, Redemption, VipChange
from vip_manager.simulator.world import World

LIVE = ("granting", "active", "aside", "ending")
LISTED_FOR = timedelta(days=3)
CLOCK = "clock-"
"""How the names of gifts begin that are for a badge that was there, and was put on a clock."""
SPARE = "A VIP reward of before"
"""The title of a reward that may give nothing: what is fulfilled of it then, nobody here need know of."""
GRACE = timedelta(minutes=10)
_CLOCKS = timedelta(minutes=5)
"""The program goes on while its clock is a minute off Twitch's."""
_SETTLED = {"CANCELED": ("canceled",), "FULFILLED": ("fulfilled", "kept")}
_LINES = {"fulfilled": "fulfilled", "canceled": "refunded", "kept": "points_kept"}


@dataclass
class Known:
    """What only who did it can tell. `unsure`: badges given by hand while an add was unanswered; `shown`: removals that
    the program was told of, and when; each (channel, user, moment). `dropped`: hours that a session owed when the
    streamer ended it, by its id. `named`: when the streamer put the badge of that (channel, user) on a clock, whoever's
    it was. `streams`: when each channel's streams began (True) and ended."""

    dropped: Counter[str] = field(default_factory=Counter)
    unsure: set[tuple[str, str, datetime]] = field(default_factory=set)
    shown: dict[tuple[str, str, datetime], datetime] = field(default_factory=dict)
    named: dict[tuple[str, str], list[datetime]] = field(default_factory=dict)
    streams: dict[str, list[tuple[datetime, bool]]] = field(default_factory=dict)


def broken(stage: Stage, known: Known) -> list[str]:
    world, books = stage.sim.world, stage.books()
    now = stage.clock.now()
    return [
        *(f"1: {one}" for one in audit(stage.sim)["verdict"]["problems"] if "the API took it" not in one),
        *(one for redemption in world.redemptions.values() for one in _redemption(world, redemption, books, now)),
        *(f"1: {credit} counts {times} times" for credit, times in _credits(books).items() if times > 1),
        *(one for channel in world.channels.values() for one in _removals(channel, books, known)),
        *(one for channel in world.channels.values() for one in _badges(world, channel, books, now)),
        *(one for name, session in books.sessions.items() for one in _session(name, session, books, known)),
        *(one for session in books.sessions.values() for one in _in_vain(world, session, known)),
        *(one for session in books.sessions.values() for one in _lost(world, session)),
        *(f"logged: {error}" for error in stage.errors),
    ]


def past_the_end(stage: Stage) -> list[str]:
    """When the hours of everybody are over."""
    return [
        f"3: {user_id} is VIP past the end in {channel.id}"
        for channel in stage.sim.world.channels.values()
        for user_id, badge in channel.vips.items()
        if badge.by == BY_API and not _made_permanent(stage.books(), channel.id, user_id)
    ]


def _credits(books: Books) -> Counter[str]:
    return Counter(credit for credit, _ in books.credits())


def _redemption(world: World, told: Redemption, books: Books, now: datetime) -> Iterator[str]:
    readable = told.reward_id in world.channel(told.channel_id).rewards
    name, status = told.id, told.status
    ours = books.redemptions.get(name)
    if status == "UNFULFILLED" and ours and ours["state"] == "held" and _moment(ours["heldUntil"]) > now:
        yield from _lines(name, "held", books)
        return
    if status == "UNFULFILLED":
        yield f"1: {name} is left open, and {ours and ours['state']} here"
        return
    if ours is None:
        gone = not readable or _moment(told.settled_at) < now - LISTED_FOR
        if status == "FULFILLED" and not gone and told.reward_title != SPARE:
            yield f"1: {name} is FULFILLED by {told.settled_by}, and unknown here"
        return
    state = ours["state"]
    readable = readable and not _settled_unseen(told, ours)
    if readable and state not in _SETTLED[status]:
        yield f"1: {name} is {status} on Twitch and {state} here"
    if readable and state == "kept" and told.settled_by == "api":
        yield f"1: {name} was fulfilled by us for nothing"
    counted = _credits(books)[name]
    if state == "fulfilled" and counted != 1:
        yield f"1: {name} is fulfilled and counts {counted} times"
    if state != "fulfilled" and counted and not _over(name, books):
        yield f"1: {name} is {state} and its hours count"
    yield from _lines(name, state, books)


def _settled_unseen(told: Redemption, ours: Document) -> bool:
    """Whether a hand had settled it so long before we could ask that Twitch did not know it any more."""
    by_hand = told.settled_by == "hand" and ours["settledAt"]
    return bool(by_hand) and _moment(ours["settledAt"]) > _moment(told.settled_at) + LISTED_FOR


def _over(redemption_id: str, books: Books) -> bool:
    """Whether the hours were worn out before the points came back: then there is nothing to take."""
    return not any(
        session["state"] in LIVE
        for session in books.sessions.values()
        for credit in session["credits"]
        if credit["id"] == redemption_id
    )


def _lines(name: str, state: str, books: Books) -> Iterator[str]:
    if (times := len(books.lines("redeemed", name))) != 1:
        yield f"8: {times} lines say that {name} was redeemed"
    of_end = ("fulfilled", "refunded", "points_kept", "taken_back")
    told = [line["action"] for line in books.log if line["detail"].get("redemption_id") == name]
    decided_anew = len(told) - told[::-1].index("reopened") if "reopened" in told else 0
    ends = [action for action in told[decided_anew:] if action in of_end]
    wanted = ["taken_back"] if ends == ["taken_back"] and state == "canceled" else [_LINES.get(state, "")]
    if state in _LINES and ends != wanted:
        yield f"8: {name} is {state}, and lines say {ends}"


def _removals(channel: Channel, books: Books, known: Known) -> Iterator[str]:
    """Of badges that a hand had given, and of those that were made permanent."""
    given: dict[str, VipChange] = {}
    went: dict[str, list[VipChange]] = {}
    """Removals since our last add."""
    for change in channel.vip_changes:
        if change.added:
            given[change.user_id] = change
            if change.by == BY_API:
                went[change.user_id] = []
            continue
        add, before = given.get(change.user_id), went.setdefault(change.user_id, [])
        if (
            change.by == BY_API
            and change.origin == BY_HAND
            and not _undecidable(channel.id, add, before, change, known)
        ):
            yield f"2: {change.user_id}'s badge in {channel.id} was a hand's, and we took it at {change.at}"
        kept = change.by == BY_API and change.origin == BY_API and add and _kept(channel.id, add, change, books)
        if kept and not _undecidable(channel.id, add, before, change, known):
            yield f"2: {change.user_id}'s badge in {channel.id} was permanent, and we took it at {change.at}"
        before.append(change)


def _undecidable(
    channel_id: str, add: VipChange | None, before: list[VipChange], taken: VipChange, known: Known
) -> bool:
    given = _moment(add.at) if add else datetime.min.replace(tzinfo=UTC)
    if any(given <= named <= _moment(taken.at) for named in known.named.get((channel_id, taken.user_id), ())):
        return True
    if add is None:
        return False
    if (channel_id, add.user_id, _moment(add.at)) in known.unsure:
        return True
    never = datetime.max.replace(tzinfo=UTC)
    shown = (known.shown.get((channel_id, add.user_id, _moment(one.at)), never) for one in before)
    return any(one.origin == BY_API for one in before) and all(at >= _moment(taken.at) for at in shown)


def _kept(channel_id: str, add: VipChange, taken: VipChange, books: Books) -> bool:
    return any(
        session["channelId"] == channel_id
        and session["userId"] == add.user_id
        and session["endReason"] == "made_permanent"
        and _moment(add.at) <= _moment(session["endedAt"]) <= _moment(taken.at)
        for session in books.sessions.values()
    )


def _badges(world: World, channel: Channel, books: Books, now: datetime) -> Iterator[str]:
    live = {
        one["userId"]: one for one in books.sessions.values() if one["state"] in LIVE and one["channelId"] == channel.id
    }
    for user_id, badge in channel.vips.items():
        if badge.by == BY_API and user_id not in live and not _made_permanent(books, channel.id, user_id):
            yield f"3: {user_id} is VIP by us in {channel.id}, and no session answers for it"
    for user_id, session in live.items():
        seatless = session["state"] == "aside" and bool(session["seatTakenBy"])
        aside = session["state"] == "aside" and user_id in channel.moderators
        running = session["state"] == "active" or aside or seatless
        if running and session["clock"] != "wall":
            yield from _by_stream(channel, session, now)
        elif not running or _moment(session["expiresAt"]) <= now:
            yield f"3: a session of {user_id} is {session['state']} until {session['expiresAt']}, at {now}"
        elif not seatless and user_id not in channel.vips and user_id not in channel.moderators:
            yield f"3: {user_id} has hours left in {channel.id} and no badge"


def _by_stream(channel: Channel, session: Document, now: datetime) -> Iterator[str]:
    """A session that is counted by the stream, when what became of that is long known."""
    user_id, ends = session["userId"], session["expiresAt"]
    over = ends is not None and _moment(ends) <= now
    if over or (session["clock"] == "stream" and channel.live_since is None):
        yield f"3: {user_id} was VIP until the end of a stream or of live hours in {channel.id}, and still is"
    elif session["clock"] == "stream" and ends is not None:
        yield f"3: {user_id} is VIP until {ends} in {channel.id}, and the stream goes on"
    elif session["clock"] == "live" and (ends is None) is (channel.live_since is not None):
        yield f"3: the live hours of {user_id} in {channel.id} {'stand' if ends is None else 'run'} against the stream"


def _live_time(known: Known, channel_id: str, since: datetime, until: datetime) -> timedelta:
    """How much of that time the channel was live."""
    live, at, total = False, since, timedelta()
    for moment, on in [*known.streams.get(channel_id, ()), (until, False)]:
        moment = min(max(moment, since), until)
        total += moment - at if live else timedelta()
        live, at = on, moment
    return total


def _made_permanent(books: Books, channel_id: str, user_id: str) -> bool:
    of_user = [one for one in books.sessions.values() if (one["channelId"], one["userId"]) == (channel_id, user_id)]
    return bool(of_user) and any(one["endReason"] == "made_permanent" for one in of_user)


def _session(name: str, session: Document, books: Books, known: Known) -> Iterator[str]:
    about: dict[str, list[Any]] = {
        action: [line for line in books.lines(action) if line["detail"].get("session_id") == name]
        for action in ("granted", "ended")
    }
    clocked = [line for line in books.lines("clocked") if line["detail"].get("session_id") == name]
    if session["grantedAt"] and not about["granted"] and not clocked:
        yield f"8: no line says that {name} was granted"
    wanted = 1 if session["state"] == "ended" else 0
    if len(about["ended"]) != wanted:
        yield f"8: session {name} is {session['state']}, and {len(about['ended'])} lines say that it ended"
    if not session["grantedAt"]:
        return
    hours = timedelta(hours=sum(credit["hours"] for credit in session["credits"]) - known.dropped[name])
    if session["clock"] != "wall":
        yield from _ended_by_stream(name, session, hours, known)
        return
    until = _moment(session["grantedAt"]) + hours - _CLOCKS
    if session["state"] == "ended" and session["endReason"] == "expired" and _moment(session["endedAt"]) < until:
        yield f"3: session {name} of {hours} from {session['grantedAt']} was ended at {session['endedAt']}"
    if session["state"] == "active":
        latest = max([_moment(session["addedAt"]), *(_moment(credit["at"]) for credit in session["credits"])])
        if _moment(session["expiresAt"]) > latest + hours + _CLOCKS:
            yield f"1: session {name} of {hours} lasts from {latest} until {session['expiresAt']}"
        if _moment(session["expiresAt"]) < until:
            yield f"4: session {name} of {hours} from {session['grantedAt']} ends at {session['expiresAt']}"


def _ended_by_stream(name: str, session: Document, hours: timedelta, known: Known) -> Iterator[str]:
    if session["state"] != "ended" or session["endReason"] != "expired" or not session["credits"]:
        return
    channel_id, since, ended = session["channelId"], _moment(session["grantedAt"]), _moment(session["endedAt"])
    live = _live_time(known, channel_id, since, ended)
    if session["clock"] == "live" and live < hours - _CLOCKS:
        yield f"3: session {name} of {hours} of live time was ended after {live} of it"
    offs = [at for at, on in known.streams.get(channel_id, ()) if not on and at >= since - _CLOCKS - GRACE]
    if session["clock"] == "stream" and not any(at < ended for at in offs):
        yield f"3: session {name} was ended at {ended}, and no stream was over since {since}"


def _in_vain(world: World, session: Document, known: Known) -> Iterator[str]:
    """Hours were counted, and no add of ours ever reached Twitch."""
    if not session["grantedAt"] or any(credit["id"].startswith(CLOCK) for credit in session["credits"]):
        return
    channel_id, user_id = session["channelId"], session["userId"]
    # It may have been begun by a clock that was far off.
    since = min(_moment(session["createdAt"]), _moment(session["grantedAt"])) - _CLOCKS
    adds = [change for change in world.channel(channel_id).vip_changes if change.added and change.user_id == user_id]
    ours = any(change.by == BY_API and _moment(change.at) >= since for change in adds)
    unsure = any((channel_id, user_id, _moment(change.at)) in known.unsure for change in adds)
    if not ours and not unsure:
        yield f"1: {user_id} has paid for a badge in {channel_id} that was never given"


def _lost(world: World, session: Document) -> Iterator[str]:
    """Hours that were over because the badge was gone, though nobody but us has taken it."""
    if session["endReason"] != "removed_on_twitch" or session["refusal"] or not session["grantedAt"]:
        return
    channel_id, user_id, since = session["channelId"], session["userId"], _moment(session["grantedAt"]) - _CLOCKS
    removals = [one for one in world.channel(channel_id).vip_changes if not one.added and one.user_id == user_id]
    if not any(one.by == BY_HAND and _moment(one.at) >= since for one in removals):
        yield f"4: {user_id} has lost hours in {channel_id}, and nobody else had taken the badge"


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
