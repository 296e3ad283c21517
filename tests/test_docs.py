"""What the documents say is what the program does."""

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest

from tests import configuration_page, faults_page, figures_page, ledger_page, permissions_page, rules_page
from tests.domain.test_integrity import PLANTED
from tests.receiver import signature_example
from tests.services.faults.table import tried
from tests.store.records import T0, channel
from vip_manager import __main__, peers
from vip_manager.domain import hook_body
from vip_manager.domain.books import Check
from vip_manager.domain.hook import MOST_HOOKS, Hook, HookForm
from vip_manager.domain.notice import Event, Notice
from vip_manager.domain.outbox import MOST_PARCELS
from vip_manager.domain.reasons import EndReason, Refusal
from vip_manager.domain.retry import FIRST_PAUSE, LONGEST_PAUSE
from vip_manager.outgoing.post import DEADLINE
from vip_manager.ports import Rate
from vip_manager.services import rates, sockets
from vip_manager.services.health import FAILS_AFTER
from vip_manager.services.hooks import LASTS, MAY_PASS_FOR, MOST_FAILURES
from vip_manager.simulator import control
from vip_manager.simulator.faults import OF_EVENTS, OF_REQUESTS
from vip_manager.simulator.world import World
from vip_manager.ui import gate, left_states, shape
from vip_manager.variables import VARIABLES, Variable
from vip_manager.web import socket_door

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text()
SIMULATOR = (ROOT / "docs" / "simulator.md").read_text()
VERIFY = (ROOT / "docs" / "verify.md").read_text()
HOUR = timedelta(hours=1)


def test_the_page_on_settings_is_drawn_from_what_the_program_reads() -> None:
    page = configuration_page.PAGE.read_text()
    assert page == configuration_page.drawn(page), "draw it anew: python -m tests.configuration_page"
    for variable in VARIABLES:
        assert len(re.findall(rf"^\| {re.escape(_row(variable))} \|", page, re.MULTILINE)) == 1, variable.name


def test_the_examples_of_settings_start_what_they_are_for() -> None:
    for place in configuration_page.PLACES:
        assert configuration_page.read(place).sandbox == (place == "sandbox")
    at_home, server = configuration_page.read("at home"), configuration_page.read("one machine")
    assert (at_home.eventsub_transport, server.eventsub_transport) == ("websocket", "webhook")
    assert configuration_page.where("TWITCH_CLIENT_SECRET")["one machine"] == "needed"
    assert configuration_page.where("METRICS_TOKEN")["one machine"] == "set"


def test_the_readmes_settings_say_what_the_program_reads() -> None:
    rows = re.findall(r"^\| `[A-Z_]+`.*\|$", README.partition("\n## Settings\n")[2], re.MULTILINE)
    assert len(rows) > 5
    assert set(rows) <= {f"| {_row(variable)} |" for variable in VARIABLES}


def test_the_readme_names_no_setting_that_the_program_does_not_read() -> None:
    rows = re.findall(r"^\| `([A-Z_]+)`", README, re.MULTILINE)
    assert set(rows) <= {variable.name for variable in VARIABLES}


@pytest.mark.parametrize("command", re.findall(r"python -m vip_manager (\w+)", README))
def test_the_readmes_commands_exist(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as done:
        __main__.main([command, "--help"])
    assert done.value.code == 0
    assert command in capsys.readouterr().out


def test_the_page_on_backups_names_commands_and_files_that_there_are() -> None:
    page = (ROOT / "docs" / "backup.md").read_text()
    for command in set(re.findall(r"python -m vip_manager (\w+)", page)):
        with pytest.raises(SystemExit, match="0"):
            __main__.main([command, "--help"])
    assert "--keep N" in page
    assert "--lost-at" in page
    assert "--mark TIME" in page
    unit = (ROOT / "deploy" / "systemd" / "vip-manager-backup.service").read_text()
    assert "-m vip_manager backup " in unit
    assert "`deploy/systemd/vip-manager-backup.service`" in page


@pytest.mark.parametrize("target", sorted(set(re.findall(r"(?:`|^|\d )make ([\w-]+)", README, re.MULTILINE))))
def test_the_readmes_make_targets_exist(target: str) -> None:
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE)


@pytest.mark.parametrize("link", re.findall(r"\]\((?!http)([^)#]+)\)", README))
def test_the_readmes_links_lead_somewhere(link: str) -> None:
    assert (ROOT / link).exists()


def test_the_simulators_page_names_each_action_and_each_fault() -> None:
    named = re.findall(r"^\| `/control/([a-z-]+)` \|[^|]*\|[^|]*\|$", SIMULATOR, re.MULTILINE)
    assert sorted(named) == sorted(control.ACTIONS)
    assert {kind for kind in OF_REQUESTS + OF_EVENTS if f"`{kind}`" not in SIMULATOR} == set()


def test_the_ledgers_page_is_drawn_from_the_tables() -> None:
    page = ledger_page.PAGE.read_text()
    assert page == ledger_page.drawn(page), "draw it anew: python -m tests.ledger_page"
    for life in ledger_page.LIVES:
        assert all(f"| {one.move} | " in page and one.means in page for one in life.transitions)
        assert page.count("stateDiagram-v2") == len(ledger_page.LIVES)


def test_the_ledgers_page_says_what_each_state_is() -> None:
    page = ledger_page.PAGE.read_text()
    for life, heading in zip(ledger_page.LIVES, ("A redemption", "A session"), strict=True):
        [words] = re.findall(rf"^## {heading}\n(.*?)<!--", page, re.MULTILINE | re.DOTALL)
        assert {one.after for one in life.transitions} <= set(re.findall(r"`(\w+)`", words))


def test_the_page_on_rules_says_what_the_program_decides() -> None:
    page = rules_page.PAGE.read_text()
    assert page == rules_page.drawn(page), "draw it anew: python -m tests.rules_page"


def test_the_page_on_permissions_says_what_the_table_and_the_handlers_say() -> None:
    page = permissions_page.PAGE.read_text()
    assert page == permissions_page.drawn(page), "draw it anew: python -m tests.permissions_page"
    acts = [f"`{state.__name__}.{name}`" for state, name, _ in permissions_page.staff_acts()]
    assert acts
    assert all(page.count(act) == 1 for act in acts)


def test_the_page_on_faults_is_made_from_the_rows_that_are_tried() -> None:
    page = faults_page.PAGE.read_text()
    assert page == faults_page.made(page), "make it anew: python -m tests.faults_page"
    named = re.findall(r"test_a_row_is_true\[(.+?)\]", page)
    assert named
    assert set(named) <= {name for name, *_ in tried()}


def test_the_simulators_page_shows_a_world_that_loads(tmp_path: Path) -> None:
    [written] = re.findall(r"```json\n(.*?)```", SIMULATOR, re.DOTALL)
    file = tmp_path / "world.json"
    file.write_text(written)
    world = World(file)
    [anna] = [user for user in world.users.values() if user.login == "anna"]
    assert {world.users[one].login for one in world.channel(anna.id).vips} == {"bob"}


def test_the_page_on_verifying_explains_each_check_in_order_and_nothing_else() -> None:
    assert re.findall(r"^\| `([a-z-]+)` \| .{20,} \| .{8,} \|$", VERIFY, re.MULTILINE) == list(Check)


def test_the_page_on_verifying_says_mended_of_what_is_mended() -> None:
    """By the cases that are planted for each check in its own test."""
    leaves = set(re.findall(r"^\| `([a-z-]+)` \|[^|]*\| leaves ", VERIFY, re.MULTILINE))
    assert leaves == set(Check) - {check for _, check, _, mends in PLANTED if mends}


def test_the_limits_page_has_the_numbers_that_count() -> None:
    page = (ROOT / "docs" / "limits.md").read_text()
    known = {one for one in vars(rates).values() if isinstance(one, Rate)}
    rows = re.findall(r"^\| `([a-z-]+)`: .* \| (\d+) in (\d+) s", page, re.MULTILINE)
    assert {(name, int(most), int(seconds)) for name, most, seconds in rows} == {
        (one.name, one.most, one.seconds) for one in known
    }
    assert f"{gate.EVENTS_AT_ONCE} events at once and then {gate.EVENTS_A_SECOND} a second" in page
    assert f"{socket_door.FRAMES_AT_ONCE} frames at once and then {socket_door.FRAMES_A_SECOND} a second" in page
    assert f"{sockets.MOST_OF_ADDRESS} of them from one address" in page
    assert f"{sockets.MOST_OF_PERSON} of a person" in page
    assert f"{peers.MOST_OF_PEER} connections may be open at once from one address" in page
    assert f"of at most {left_states.MOST_OF_PEOPLE} pages" in page
    assert f"for {left_states.VISITORS_SECONDS:g} s, of at most {left_states.MOST_OF_VISITORS} pages" in page
    assert f"{shape.LONGEST_PATH}\ncharacters" in page


def test_the_webhooks_page_checks_a_signature_as_it_is_made() -> None:
    page = (ROOT / "docs" / "webhooks.md").read_text()
    checked = signature_example()
    hook = Hook("h1", HookForm.JSON, T0, "https://example.com/in", frozenset(Event))
    notice = Notice("a1", Event.STARTED, "1001", T0, "3001", "viewer1", "Viewer1", 24.0, T0, "", "VIP", 5000, "reward")
    body = hook_body.body(hook, channel(), notice)
    headers = hook_body.headers(["new", "old"], hook, "a1.h1", T0, body)
    now = T0.timestamp()
    for key in ("new", "old"):
        assert checked(hook_body.secret(key, hook), headers, body, now)["event"] == "vip.started"
    secret = hook_body.secret("new", hook)
    assert checked(hook_body.secret("other", hook), headers, body, now) is None
    assert checked(secret, headers, body + b" ", now) is None
    assert checked(secret, headers | {"webhook-id": "a2.h1"}, body, now) is None
    assert checked(secret, headers, body, now + 301) is None
    assert checked(secret, {}, body, now) is None
    [shown] = re.findall(r"```json\n(.*?)```", page, re.DOTALL)
    assert {name: type(value) for name, value in json.loads(shown).items()} == {
        name: type(value) for name, value in json.loads(body).items()
    }
    assert {event.value for event in Event} == set(re.findall(r"^\| `(vip\.\w+)` \|", page, re.MULTILINE))
    assert all(f"| `{name}` |" in page for name in headers)
    reasons = {one for why in re.findall(r"why, as `(\w+)` or `(\w+)`", page) for one in why}
    assert len(reasons) == 4
    assert reasons <= {*EndReason, *Refusal}


def test_the_webhooks_page_says_the_programs_numbers() -> None:
    page = (ROOT / "docs" / "webhooks.md").read_text()
    most = {MOST_HOOKS: "five", FAILS_AFTER: "Three", MAY_PASS_FOR // HOUR: "six"}
    assert most == {5: "five", 3: "Three", 6: "six"}
    assert all(word in page for word in most.values())
    assert f"After {MOST_FAILURES} failures" in page
    assert f"At most {MOST_PARCELS}" in page
    assert f"within {DEADLINE.seconds} s" in page
    assert f"for {LASTS // HOUR} hours" in page
    assert f"after {FIRST_PAUSE.seconds} s" in page
    assert f"at most {LONGEST_PAUSE.seconds // 60} min apart" in page


def test_every_figure_is_described() -> None:
    assert figures_page.PAGE.read_text() == figures_page.drawn(figures_page.PAGE.read_text()), (
        "python -m tests.figures_page"
    )
    assert len(figures_page.instruments()) > 15


def _row(variable: Variable) -> str:
    name = f"`{variable.name}`" + (f" [`{variable.older}`]" if variable.older else "")
    return f"{name} | {variable.default} | {variable.meaning}"


def test_the_page_for_streamers_calls_things_as_the_pages_do() -> None:
    page = (ROOT / "docs" / "streamers.md").read_text()
    folder = ROOT / "assets" / "words" / "de"
    known = {key.rstrip("…") for file in folder.glob("*.json") for key in json.loads(file.read_text())}
    called = set(re.findall(r"(?<!\*)\*([A-Z][^*]+)\*(?!\*)", page))
    assert len(called) > 5
    assert called - known == set()


@pytest.mark.parametrize("page", sorted((ROOT / "docs").rglob("*.md")), ids=lambda page: page.name)
def test_links_among_the_documents_lead_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(), flags=re.DOTALL)
    for link, anchor in re.findall(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)", text):
        target = (page.parent / link).resolve() if link else page
        assert target.exists(), link
        if anchor and target.suffix == ".md":
            assert anchor in _anchors(target.read_text()), f"{link}#{anchor}"


def _anchors(text: str) -> set[str]:
    """As GitHub makes them of headings."""
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
