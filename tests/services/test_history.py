"""What happened, a page at a time, or as a file."""

import csv
import io
import re
from dataclasses import replace

import pytest

from tests.house import House
from tests.store.records import later, line, redemption, session
from vip_manager.domain.audit import Action
from vip_manager.domain.redemption import RedemptionState
from vip_manager.domain.team import Member, Role
from vip_manager.domain.terms import InvalidInput
from vip_manager.ports import TwitchUnavailable
from vip_manager.services.history import BATCH, COLUMNS, PAGE, Asked


async def read(house: House, asked: Asked | None = None) -> list[list[str]]:
    history = house.services.history
    wanted = await history.wanted("1001", asked or Asked())
    whole = b"".join([part async for part in history.file("1001", wanted)])
    assert whole.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(whole.decode("utf-8-sig"), newline="")))


async def test_pages_lead_to_one_another_and_back(house: House) -> None:
    await house.open()
    lines = [line(f"l{number:03}", later(minutes=-number)) for number in range(2 * PAGE + 20)]
    await house.services.store.commit(await house.channel(), *lines)
    history, asked = house.services.history, Asked(kind="given")
    first = await history.page("1001", asked)
    assert [one.id for one in first.lines] == [one.id for one in lines[:PAGE]]
    assert (first.newer, first.older) == ("", "l049")
    second = await history.page("1001", asked, older_than=first.older)
    assert (second.lines[0].id, second.newer, second.older) == ("l050", "l050", "l099")
    third = await history.page("1001", asked, older_than=second.older)
    assert (len(third.lines), third.newer, third.older) == (20, "l100", "")
    assert await history.page("1001", asked, newer_than=third.newer) == second
    assert await history.page("1001", asked, newer_than=second.newer) == first
    # In between something has come: the first page is a whole one still, and the newest.
    await house.services.store.commit(await house.channel(), line("new", later(minutes=1)))
    back = await history.page("1001", asked, newer_than="l003")
    assert (back.lines[0].id, len(back.lines), back.newer) == ("new", PAGE, "")
    assert (await history.page("1001", asked, older_than="gone")).lines[0].id == "new"
    assert (await history.page("1001", asked, older_than="l119")).lines[0].id == "new"


async def test_a_person_is_found_by_name_wherever_they_are_known(house: House) -> None:
    await house.open()
    store, history = house.services.store, house.services.history
    gone = {"login": "mira", "state": RedemptionState.CANCELED, "settled_at": later()}
    redeemed = await store.commit(redemption("p1", user_id="9", **gone), line("a1", subject_id="9"))
    gift = await store.commit(session("s1", user_id="8", login="gifted"), line("a2", actor_id="8"))
    mod = Member("2001", "mod", "Mod", Role.HELPER, later())
    await store.commit(replace(await house.channel(), team=(mod,)), line("a3", actor_id="2001"))
    for who, expected in {"@Mira": ["a1"], "gifted": ["a2"], "mod": ["a3"], "viewer7": []}.items():
        page = await history.page("1001", Asked(who=who))
        assert ([one.id for one in page.lines], page.unknown) == (expected, False)
    assert (await history.page("1001", Asked(who="streamer"))).lines
    assert (await history.page("1001", Asked(who="nobody_there"))).unknown
    await house.fault("GET", "/helix/users", "status", times=9, status=503)
    # Nobody has said that there is no such name.
    with pytest.raises(TwitchUnavailable):
        await history.page("1001", Asked(who="nobody_there"))
    assert (await history.page("1001", Asked(who="mira"))).lines
    await house.heal_twitch()
    assert await read(house, Asked(who="nobody_there")) == [list(COLUMNS)]
    await store.delete(redeemed)
    await store.delete(gift)


async def test_days_are_those_of_the_zone(house: House) -> None:
    await house.open()
    # T0 is 12:00 UTC on 1 March.
    await house.services.store.commit(await house.channel(), line("late", later(hours=11.5)), line("noon"))

    async def on(first: str, last: str, zone: str) -> list[str]:
        asked = Asked(kind="given", first=first, last=last, zone=zone)
        return [one.id for one in (await house.services.history.page("1001", asked)).lines]

    assert await on("2026-03-01", "2026-03-01", "UTC") == ["late", "noon"]
    assert await on("2026-03-01", "2026-03-01", "Europe/Berlin") == ["noon"]
    assert await on("2026-03-02", "", "Europe/Berlin") == ["late"]
    assert await on("", "2026-02-28", "no zone") == []


@pytest.mark.parametrize(
    "asked", [Asked(kind="else"), Asked(who="../x"), Asked(first="soon"), Asked(first="2026-03-02", last="2026-03-01")]
)
async def test_what_can_not_be_read_is_refused(house: House, asked: Asked) -> None:
    with pytest.raises(InvalidInput):
        await house.services.history.page("1001", asked)


async def test_the_file_has_all_of_it(house: House) -> None:
    await house.open()
    await house.redeem("viewer1")
    head, *rows = await read(house)
    assert tuple(head) == COLUMNS
    told = [dict(zip(head, row, strict=True)) for row in rows]
    entries = await house.entries()
    assert [one["action"] for one in told] == [entry.action for entry in entries]
    signed_in = next(one for one in told if one["action"] == "signed_in")
    assert (signed_in["by id"], signed_in["by name"]) == ("1001", "Streamer")
    granted = next(one for one in told if one["action"] == "granted")
    assert (granted["viewer login"], granted["viewer name"], granted["hours"]) == ("viewer1", "Viewer1", "24")
    moments = [one["time"] for one in told] + [granted["until"]]
    assert [one for one in moments if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", one)] == []
    assert granted["by id"] == "system"
    redeemed = next(one for one in told if one["action"] == "redeemed")
    assert (redeemed["points"], redeemed["reward"]) == ("500", "VIP for a day")


async def test_no_cell_is_a_formula(house: House) -> None:
    await house.open()
    names = ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", 'a "quoted", name', "two\nlines", "fine"]
    lines = [
        line(f"l{number}", later(minutes=-number), subject_name=name, detail={"reward": name, "error": name})
        for number, name in enumerate(names)
    ]
    await house.services.store.commit(await house.channel(), *lines)
    _, *rows = await read(house, Asked(kind="given"))
    assert [row[4] for row in rows] == [f"'{name}" if name[0] in "=+-@\t\r" else name for name in names]
    for row in rows:
        assert row[4] == row[8] == row[9]
        assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row)


async def test_a_file_of_many_lines_has_each_once(house: House) -> None:
    await house.open()
    for start in range(0, 2 * BATCH + 10, 400):
        more = [line(f"l{number:04}", later(seconds=-(number // 3))) for number in range(start, start + 400)]
        await house.services.store.commit(await house.channel(), *more)
    _, *rows = await read(house, Asked(kind="given"))
    assert len(rows) == 1200
    assert await read(house, Asked(kind="team")) != rows
    assert {row[1] for row in rows} == {Action.GRANTED.value}
