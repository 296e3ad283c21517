"""What an overlay's address asks for, and who is on it when: `assets/overlay_plan.jsx`, run as it is."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from vip_manager import page

PLAN = page.ROOT / "assets" / "overlay_plan.jsx"
BUN = Path(sys.executable).parent / "bun"
SECOND = 1000
HOUR = 3_600_000
AT_FIRST: dict[str, Any] = {
    "layout": "card",
    "size": "m",
    "theme": "dark",
    "corner": "bottom-left",
    "max": 5,
    "seconds": 8,
    "show": "both",
    "avatars": True,
    "new": True,
    "empty": False,
    "lang": "",
}


def run(script: str, given: Any = None) -> Any:
    """What the script logs last, with `given` at hand and all that the plan exports."""
    done = subprocess.run(
        [BUN, "-e", f"import * as plan from {str(PLAN)!r};const given = {json.dumps(given)};{script}"],
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def read(*queries: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = run("console.log(JSON.stringify(given.map(plan.read)))", queries)
    return found


WANTED: dict[str, dict[str, Any]] = {
    "": {},
    "?layout=list&size=l&theme=clear&corner=top-right&max=3&seconds=20&show=bar&avatars=0&new=0&empty=1&lang=de": {
        "layout": "list",
        "size": "l",
        "theme": "clear",
        "corner": "top-right",
        "max": 3,
        "seconds": 20,
        "show": "bar",
        "avatars": False,
        "new": False,
        "empty": True,
        "lang": "de",
    },
    "?size=1.25&layout=bar&theme=gem": {"size": "1.25", "layout": "bar", "theme": "gem"},
    "?layout=&layout=list&more=1": {},
    "?layout=constructor&theme=__proto__&corner=middle&show=all&lang=xx": {},
    "?max=0&seconds=2&size=0.1": {},
    "?max=21&seconds=121&size=3.5": {},
    "?max=1e1&seconds=8.5&size=huge&avatars=yes&new=&empty=2": {},
    "?max=-3&seconds=NaN&size=toString&max=%F0%9F": {},
    "?key=secret&max=20&seconds=3&size=3": {"max": 20, "seconds": 3, "size": "3"},
}


def test_an_address_says_what_is_wanted_and_nonsense_is_passed_over() -> None:
    assert read(*WANTED) == [AT_FIRST | wanted for wanted in WANTED.values()]


def test_what_was_chosen_is_what_its_address_says() -> None:
    wishes = [AT_FIRST | wanted for wanted in WANTED.values()]
    written = run("console.log(JSON.stringify(given.map(plan.written)))", wishes)
    assert read(*written) == wishes
    assert written[0] == ""


def test_every_size_has_a_scale() -> None:
    sizes = ["s", "m", "l", "0.5", "1.25", "3"]
    assert run("console.log(JSON.stringify(given.map(plan.scaleOf)))", sizes) == [0.75, 1, 1.4, 0.5, 1.25, 3]


def test_a_list_has_no_more_people_than_there_is_height_for() -> None:
    wanted: list[tuple[dict[str, Any], int, int]] = [
        ({"max": 20}, 1080, 14),
        ({"max": 20, "new": False}, 1080, 17),
        ({"max": 20, "size": "l"}, 1080, 8),
        ({"max": 3}, 1080, 3),
        ({"max": 20, "size": "3"}, 300, 1),
    ]
    given = [[AT_FIRST | {"layout": "list"} | wishes, height] for wishes, height, _ in wanted]
    found = run("console.log(JSON.stringify(given.map((one) => plan.fitted(...one).max)))", given)
    assert found == [most for *_, most in wanted]
    bar = AT_FIRST | {"layout": "bar", "max": 20}
    assert run("console.log(JSON.stringify(plan.fitted(given, 100)))", bar) == bar


def vip(name: str, since: float, until: float, **more: Any) -> dict[str, Any]:
    """`since` and `until` in milliseconds; 0 is no end."""
    about = {"user_id": name, "login": name, "username": name, "avatar_url": "", "state": "active", "clock": "wall"}
    return about | {"granted_at": since, "expires_at": until, "left": ""} | more


NOW = 1_000 * HOUR
LONG_AGO = NOW - HOUR


def stage(*steps: tuple[float, list[dict[str, Any]] | None], **wishes: Any) -> list[dict[str, Any]]:
    """What is on the stage after each step: seconds from the beginning, and a new picture where one came then."""
    script = """
    let stage = plan.NOTHING, picture = null;
    const seen = given.steps.map(([at, vips]) => {
      if (vips) picture = { vips };
      stage = plan.step(stage, picture, given.now + at * 1000, given.wishes);
      return {
        rows: stage.rows.filter((row) => !row.out).map((row) => row.vip.user_id),
        out: stage.rows.filter((row) => row.out).map((row) => row.vip.user_id),
        arrival: stage.arrival && stage.arrival.id,
        hours: stage.arrival && stage.arrival.hours,
        line: stage.line.map((one) => one.id),
      };
    });
    console.log(JSON.stringify(seen));
    """
    found: list[dict[str, Any]] = run(script, {"steps": steps, "now": NOW, "wishes": AT_FIRST | wishes})
    return found


MIRA, JONAS, KAI = (vip(name, LONG_AGO, NOW + 9 * HOUR) for name in ("mira", "jonas", "kai"))


def test_one_after_the_other_for_as_long_as_was_asked_for() -> None:
    shown = stage((0, [MIRA, JONAS, KAI]), *((at, None) for at in (7, 8, 15, 16, 24)))
    assert [one["rows"] for one in shown] == [["mira"], ["mira"], ["jonas"], ["jonas"], ["kai"], ["mira"]]


def test_a_list_turns_its_pages() -> None:
    shown = stage((0, [MIRA, JONAS, KAI]), (8, None), (16, None), layout="list", max=2)
    assert [one["rows"] for one in shown] == [["mira", "jonas"], ["kai"], ["mira", "jonas"]]
    assert all(one["out"] == [] for one in shown)


def test_whoever_is_there_at_first_is_not_announced() -> None:
    (shown,) = stage((0, [vip("mira", NOW - SECOND, NOW + HOUR)]))
    assert (shown["rows"], shown["arrival"]) == (["mira"], None)


def test_new_ones_are_announced_one_after_the_other_and_then_it_goes_on() -> None:
    new = [vip(name, NOW + 10 * SECOND, NOW + HOUR) for name in ("a", "b")]
    shown = stage((0, [MIRA]), (11, [MIRA, *new]), (14, None), (15, None), (21, None), (22, None), (24, None))
    assert [one["arrival"] for one in shown] == [None, "a", "a", "b", "b", None, None]
    assert shown[1]["line"] == ["b"]
    assert shown[-1]["rows"] == ["mira"]


def test_whoever_does_not_want_that_has_none_announced() -> None:
    shown = stage((0, [MIRA]), (5, [MIRA, vip("a", NOW + 4 * SECOND, NOW + HOUR)]), new=False)
    assert shown[-1]["arrival"] is None


def test_old_news_is_none() -> None:
    shown = stage((0, [MIRA]), (600, [MIRA, vip("a", NOW + 60 * SECOND, NOW + HOUR)]))
    assert shown[-1]["arrival"] is None


def test_more_time_is_announced_and_what_a_live_clock_does_is_not() -> None:
    more = MIRA | {"expires_at": MIRA["expires_at"] + 24 * HOUR}
    shown = stage((0, [MIRA]), (1, [more]))
    assert (shown[-1]["arrival"], shown[-1]["hours"]) == ("mira", 24)
    stands = vip("mira", LONG_AGO, 0, clock="live", left="9")
    runs = vip("mira", LONG_AGO, NOW + 30 * HOUR, clock="live")
    assert stage((0, [stands]), (1, [runs]))[-1]["arrival"] is None
    less = MIRA | {"expires_at": MIRA["expires_at"] - HOUR}
    assert stage((0, [MIRA]), (1, [less]))[-1]["arrival"] is None


def test_whoever_is_hidden_meanwhile_is_neither_shown_nor_announced() -> None:
    new = vip("a", NOW + SECOND, NOW + HOUR)
    late = vip("b", NOW + SECOND, NOW + HOUR)
    shown = stage((0, [MIRA]), (2, [MIRA, new, late]), (3, [MIRA, late]), (4, [MIRA]))
    assert [one["arrival"] for one in shown] == [None, "a", "b", None]
    assert [one["line"] for one in shown] == [[], ["b"], [], []]


def test_whose_time_is_up_goes_without_a_word_from_the_server() -> None:
    short = vip("a", LONG_AGO, NOW + 60 * SECOND)
    shown = stage((0, [short, MIRA]), (79, None), (81, None), (82, None), layout="list")
    assert [one["rows"] for one in shown] == [["a", "mira"], ["a", "mira"], ["mira"], ["mira"]]
    assert [one["out"] for one in shown] == [[], [], ["a"], []]
    assert stage((0, [short]), (81, None), (82, None))[-1] == {
        "rows": [],
        "out": [],
        "arrival": None,
        "hours": None,
        "line": [],
    }


def test_a_clock_that_is_put_back_keeps_nobody_there() -> None:
    new = vip("a", NOW, NOW + 900 * HOUR)
    shown = stage((0, [MIRA]), (1, [MIRA, new]), (-3600, None), (-3592, None))
    assert [one["arrival"] for one in shown] == [None, "a", None, None]
    assert shown[2]["rows"] != shown[3]["rows"]


def test_hours_of_changes_leave_nothing_behind() -> None:
    script = """
    let stage = plan.NOTHING, same = 0;
    for (let n = 0; n < 20_000; n++) {
      const now = given.now + n * 1000;
      const ends = { granted_at: now, expires_at: now + 60_000 };
      const vips = [1, 2, 3].map((k) => ({ ...given.vip, ...ends, user_id: String(n + k) }));
      const picture = n % 7 ? stage.picture ?? { vips } : { vips };
      const next = plan.step(stage, picture, now, given.wishes);
      same += next === stage;
      stage = next;
    }
    console.log(JSON.stringify([stage.known.size, stage.line.length, stage.rows.length, JSON.stringify(stage).length]));
    """
    known, line, rows, size = run(script, {"now": NOW, "vip": MIRA, "wishes": AT_FIRST | {"layout": "list"}})
    assert (known, rows <= 10, line <= 12) == (3, True, True)
    assert size < 10_000


@pytest.mark.parametrize("layout", ["card", "list", "bar"])
def test_where_nothing_changes_it_stays_the_same_object(layout: str) -> None:
    script = """
    const picture = { vips: given.vips };
    const first = plan.step(plan.NOTHING, picture, given.now, given.wishes);
    console.log(plan.step(first, picture, given.now + 1000, given.wishes) === first);
    """
    wishes = AT_FIRST | {"layout": layout}
    assert run(script, {"now": NOW, "vips": [MIRA, JONAS], "wishes": wishes}) is True
