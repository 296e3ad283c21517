"""The promises, judged from Twitch's side and from the books: at once after the recovery, after the person has tried
again, and when all hours are over. Each broken one is a sentence that begins with the promise's number.

1 a redemption counts once · 2 nobody else's VIP is removed · 3 nobody past the end, nobody early · 4 an extension never
loses · 8 every change leaves a line, once
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from tests.crash.books import Books, Document, read_all_books, read_books
from tests.crash.calm import calm, pass_time
from tests.crash.scenarios import DAY, Scenario
from tests.house import House
from vip_manager.services.refused import Refused

_MINUTE = 1 / 60
_SLACK = 0.5
"""Hours: what a scenario comes late by itself, and the minutes of the recovery."""
_INSTANT = 1 / 3600
_OF_SESSIONS = ("granted", "extended", "ended")


@dataclass(frozen=True)
class View:
    """Both sides in one moment: Twitch's audit and its picture of the channel, and the books: the viewer's, and
    the sessions of `others`."""

    scenario: Scenario
    audit: Any
    channel: Any
    books: Books
    now: datetime
    others: list[Document] = field(default_factory=list)

    @classmethod
    async def of(cls, house: House, directory: Path, scenario: Scenario) -> "View":
        world = await house.world()
        viewer_id = next(one["id"] for one in world["users"] if one["login"] == scenario.viewer)
        channel = next(one for one in world["channels"] if one["login"] == "streamer")
        every = read_all_books(directory).sessions
        sessions = {name: one for name, one in every.items() if one["userId"] == viewer_id}
        books = replace(read_books(directory, viewer_id), sessions=sessions)
        others = [one for name, one in every.items() if name not in sessions]
        return cls(scenario, await house.audit(), channel, books, house.clock.now(), others)

    @property
    def live(self) -> list[Document]:
        """Those that may wear a badge."""
        every = [*self.books.sessions.values(), *self.others]
        return [one for one in every if one["state"] in ("granting", "active", "ending")]

    def vips(self, given_by: str) -> set[str]:
        return {vip["login"] for vip in self.channel["vips"] if vip["given_by"] == given_by}

    def broken(self) -> list[str]:
        """What must hold in any calm moment, whatever has become of the scenario."""
        return [*_redemptions(self), *_foreign(self), *_badges_and_sessions(self), *_points(self), *_log(self)]


async def broken(house: House, directory: Path, scenario: Scenario) -> list[str]:
    """In a program that has carried on after a death and is calm. Raises NeverCalm."""
    view = await View.of(house, directory, scenario)
    found = [f"after the restart: {one}" for one in view.broken()]
    if scenario.again is not None:
        try:
            await scenario.again(house)
        except Refused as refused:
            found.append(f"tried again: 4: {refused}")
        await calm(house)
        view = await View.of(house, directory, scenario)
        found += [f"tried again: {one}" for one in view.broken()]
    found += _not_as_wanted(view)
    found += await _run_out(house, scenario)
    view = await View.of(house, directory, scenario)
    if badges := view.vips("api"):
        found.append(f"3: {sorted(badges)} are VIP past the end")
    return found + [f"when the hours are over: {one}" for one in view.broken()]


async def _run_out(house: House, scenario: Scenario) -> list[str]:
    """To the minute before the end, and then beyond it."""
    [viewer_id] = {one["id"] for one in (await house.world())["users"] if one["login"] == scenario.viewer}
    session = await house.live(viewer_id)
    if session is None or session.expires_at is None:
        return []
    left = (session.expires_at - house.clock.now()) / timedelta(hours=1)
    await pass_time(house, left - _MINUTE)
    await house.services.sweep.run()
    early = scenario.viewer not in await house.vips()
    await pass_time(house, 2 * _MINUTE)
    await calm(house)
    return ["3: VIP was taken before the end"] if early else []


def _not_as_wanted(view: View) -> list[str]:
    scenario, statuses = view.scenario, {one["status"] for one in view.audit["redemptions"]}
    vip = ("FULFILLED" in statuses) if scenario.vip is None else scenario.vip
    found = []
    if vip != (scenario.viewer in view.vips("api")):
        found.append(f"4: {scenario.viewer} is {'not ' if vip else ''}VIP by us")
    if not statuses <= scenario.statuses:
        found.append(f"1: redemptions became {sorted(statuses)}")
    redeemed = {one["id"] for one in view.audit["redemptions"]}
    gifts = sum(hours for credit, hours in view.books.credits() if credit not in redeemed)
    if gifts != scenario.gift:
        found.append(f"1: gifts of {gifts:g} hours count, not {scenario.gift:g}")
    return found


def badge_time_wrong(changes: list[Any], statuses: list[str], scenario: Scenario) -> list[str]:
    """Twitch's own record of badges given and taken by the API, against what Twitch's points and gifts have paid for.

    `changes`: of that viewer in the channel, oldest first, each with `at`, `added` and `by`; `statuses`: of all the
    redemptions there.
    """
    worn, since = timedelta(), None
    for change in changes:
        if change.by == "api" and change.added:
            since = datetime.fromisoformat(change.at)
        elif since is not None:
            worn += datetime.fromisoformat(change.at) - since
            since = None
    hours = worn / timedelta(hours=1)
    paid = DAY * statuses.count("FULFILLED") + scenario.gift
    if hours < paid - _INSTANT and not scenario.cut_short:
        return [f"3: the badge was worn for {hours:.2f} hours, and {paid:g} were paid for"]
    if hours > paid + _SLACK:
        return [f"1: the badge was worn for {hours:.2f} hours, but only {paid:g} were paid for"]
    return []


def _waits(told: Any, view: View) -> bool:
    """Whether that redemption is open because it is held, as it may be."""
    ours = view.books.redemptions.get(told["id"])
    return ours is not None and ours["state"] == "held" and told["status"] == "UNFULFILLED"


def _redemptions(view: View) -> Iterator[str]:
    counted = [credit for credit, _ in view.books.credits()]
    for told in view.audit["redemptions"]:
        name, status = told["id"], told["status"]
        ours = view.books.redemptions.get(name)
        state = ours["state"] if ours else "unknown"
        if _waits(told, view):
            continue
        if told["times_settled"] != 1:
            yield f"1: {name} is {status} and was settled {told['times_settled']} times"
        if state.upper() != status:
            yield f"1: {name} is {status} on Twitch and {state} here"
        wanted = 1 if status == "FULFILLED" else 0
        if counted.count(name) != wanted:
            yield f"1: {name} is {status} and its hours count {counted.count(name)} times"


def _foreign(view: View) -> Iterator[str]:
    audit, by_hand = view.audit, view.vips("hand")
    if audit["foreign_vips_removed_by_api"]:
        yield f"2: removed {audit['foreign_vips_removed_by_api']}"
    if by_hand != {"permanentvip"}:
        yield f"2: VIP by hand are {sorted(by_hand)}"
    if audit["too_many_requests"]:
        yield f"3: Twitch said {audit['too_many_requests']} times that we ask too much"


def _badges_and_sessions(view: View) -> Iterator[str]:
    """A badge that no session answers for is never taken; a session without its badge was paid for in vain."""
    by_us = view.vips("api")
    if by_us != {one["login"] for one in view.live}:
        yield f"3: VIP by us are {sorted(by_us)}, live sessions have {[one['login'] for one in view.live]}"
    for session in view.live:
        if session["state"] != "active" or datetime.fromisoformat(session["expiresAt"]) <= view.now:
            yield f"3: a session is {session['state']} until {session['expiresAt']}, at {view.now}"


def _points(view: View) -> Iterator[str]:
    """Beside somebody who never redeemed anything."""
    balances = view.channel["balances"]
    spent = sum(one["cost"] for one in view.audit["redemptions"] if one["status"] != "CANCELED")
    gone = balances["viewer9"] - balances[view.scenario.viewer]
    if gone != spent:
        yield f"1: {gone} points are gone for redemptions of {spent}"


def _log(view: View) -> Iterator[str]:
    audit, books = view.audit, view.books
    for told in audit["redemptions"]:
        if _waits(told, view):
            continue
        settled = ("fulfilled",) if told["status"] == "FULFILLED" else ("refunded", "taken_back")
        for names, wanted in ((("redeemed",), 1), (settled, 1), (("fulfilled", "refunded", "taken_back"), 1)):
            lines = [line for name in names for line in books.lines(name, told["id"])]
            if len(lines) != wanted:
                yield f"8: {len(lines)} lines say that {told['id']} was {' or '.join(names)}"
        if len(books.lines("refused", told["id"])) > 1:
            yield f"8: {told['id']} was refused twice"
    yield from _session_lines(view)


def _session_lines(view: View) -> Iterator[str]:
    books = view.books
    granted = {name: one for name, one in books.sessions.items() if one["grantedAt"]}
    about = {action: [line["detail"]["session_id"] for line in books.lines(action)] for action in _OF_SESSIONS}
    added = view.audit["vip_by_api"].get("streamer", {}).get(view.scenario.viewer, {"added": 0})["added"]
    # A badge that came unnoticed and was taken at once has no line.
    if len(about["granted"]) > added or not granted.keys() <= set(about["granted"]):
        yield f"8: VIP was given {added} times, and {len(about['granted'])} lines say so"
    for name, session in books.sessions.items():
        wanted = 1 if session["state"] == "ended" else 0
        if about["ended"].count(name) != wanted:
            yield f"8: a session is {session['state']}, and {about['ended'].count(name)} lines say that it ended"
    credits = list(books.credits())
    # The first credit of a session is what its grant tells of.
    if len(about["extended"]) > len(credits) + len(books.lines("taken_back")) - len(granted):
        yield f"8: {len(about['extended'])} lines tell of more time, and there are {len(credits)} credits"
    counted = sum(hours for _, hours in credits)
    logged = books.hours("granted", "extended") - books.hours("taken_back")
    if logged < counted - _INSTANT:
        yield f"8: {counted:g} hours count, and the log tells of {logged:g}"
