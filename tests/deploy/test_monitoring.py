"""Alerts and dashboards ask for figures that there are, each alert calls when it should, and has a page that helps."""

import re
import shutil
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import hcl2
import pytest
import yaml

from tests.conftest import REQUIRED
from tests.deploy import dashboard
from tests.deploy.alert_cases import CASES, Series
from tests.deploy.monitoring import ALERTS, FOLDER, ON_CLOUD_RUN, emitted, groups, named, named_metrics, queries, rules

ROOT = FOLDER.parents[1]
RUNBOOK = (ROOT / "docs" / "runbook.md").read_text()
TERRAFORM = (ROOT / "deploy" / "terraform" / "monitoring.tf").read_text()
AT = "60m"


@pytest.fixture(scope="module")
def promtool() -> str:
    found = shutil.which("promtool")
    if found is None:
        if REQUIRED:
            pytest.fail("promtool is not there: install prometheus")
        pytest.skip("promtool is not there")
    return found


def test_the_rules_are_rules(promtool: str) -> None:
    _run(promtool, "check", "rules", str(ALERTS), str(ON_CLOUD_RUN))
    _run(promtool, "check", "config", "--syntax-only", str(FOLDER / "prometheus.yaml"))


def test_each_alert_calls_when_it_should_and_only_then(promtool: str, tmp_path: Path) -> None:
    assert [rule["alert"] for rule in rules()] == list(CASES)
    others = [alert for alert in CASES if alert != "SweepsMissing"]
    tests = [
        _hour("trouble everywhere, but sweeps", _all(0, others), fire=others),
        _hour("no sweep any more", CASES["SweepsMissing"][0], fire=["SweepsMissing"]),
        _hour("all is well", _all(1, CASES), fire=[]),
        _hour("nothing is heard of the program", {}, fire=["SweepsMissing"]),
    ]
    file = tmp_path / "cases.yaml"
    file.write_text(yaml.safe_dump({"rule_files": [str(ALERTS), str(ON_CLOUD_RUN)], "tests": tests}))
    _run(promtool, "test", "rules", str(file))


def test_what_is_asked_for_is_measured() -> None:
    assert named_metrics()
    assert named_metrics() - set(emitted()) == set()


def test_labels_that_are_asked_for_are_told() -> None:
    """A measure's description says which it has."""
    asked = [(name, label) for query in queries() for name, labels in named(query) for label in labels]
    assert asked
    unknown = {(name, label) for name, label in asked if not re.search(rf"\b{label}\b", emitted()[name])}
    assert unknown == set()


def test_each_alert_says_what_it_is_and_where_help_stands() -> None:
    anchors = {heading.lower() for heading in re.findall(r"^## (\w+)$", RUNBOOK, re.MULTILINE)}
    for rule in rules():
        assert set(rule["annotations"]) == {"summary", "description", "runbook_url"}
        assert rule["labels"]["severity"] in ("critical", "warning")
        page, _, anchor = rule["annotations"]["runbook_url"].partition("#")
        assert page == "docs/runbook.md"
        assert anchor in anchors, rule["alert"]
        assert re.fullmatch(r"\d+m", rule["for"]), "monitoring.tf reads minutes"


def test_each_page_of_the_runbook_is_of_an_alert_and_says_the_same_things() -> None:
    alerts, _, rest = RUNBOOK.partition("\n# When something else is wrong\n")
    assert rest, "the part with the other procedures is gone"
    pages = dict(re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", alerts, re.MULTILINE | re.DOTALL))
    named_by_alerts = {rule["annotations"]["runbook_url"].partition("#")[2] for rule in rules()}
    assert {page.lower() for page in pages} == named_by_alerts
    for name, page in pages.items():
        for part in ("**For viewers**", "**Look first**", "**Likely**", "**Do**", "**Never**"):
            assert part in page, f"{name} lacks {part}"


def test_log_lines_that_the_runbook_looks_for_are_logged() -> None:
    code = "".join(file.read_text() for file in (ROOT / "vip_manager").rglob("*.py"))
    lines = re.findall(r"(?i)\blog\s+line\s+`([^`]+)`", RUNBOOK)
    assert len(lines) > 10
    assert {line for line in lines if f'"{line}"' not in code} == set()


def test_queries_of_the_runbook_name_what_is_measured() -> None:
    asked = re.findall(r"PromQL\s+`([^`]+)`", RUNBOOK)
    assert asked
    assert named_metrics(asked) - set(emitted()) == set()


def test_grafanas_dashboard_is_made_of_the_panels() -> None:
    assert dashboard.FILE.read_text() == dashboard.made(), "make it anew: python -m tests.deploy.dashboard"


def test_google_gets_the_same_rules_and_panels() -> None:
    read = hcl2.loads(TERRAFORM)
    kinds = {kind.strip('"') for block in read["resource"] for kind in block}
    assert {"google_monitoring_alert_policy", "google_monitoring_dashboard"} <= kinds
    for file in re.findall(r"\$\{local\.monitoring\}/([\w.]+)", TERRAFORM):
        assert (FOLDER / file).exists()
    assert 'group.name != "process"' in TERRAFORM
    assert "process" in groups(ALERTS)
    assert '"10 * 0.8"' in TERRAFORM
    assert "10 * 0.8" in ON_CLOUD_RUN.read_text()


def test_google_is_not_asked_for_what_it_is_not_sent() -> None:
    sent = [rule["expr"] for name, group in groups(ALERTS).items() if name != "process" for rule in group]
    assert {name for name in named_metrics(sent) if name == "up" or name.startswith("process_")} == set()


def _all(which: int, alerts: Iterable[str]) -> Series:
    found: Series = {}
    for alert in alerts:
        for series, values in CASES[alert][which].items():
            assert found.setdefault(series, values) == values, f"{alert} and another want {series} otherwise"
    return found


def _hour(name: str, series: Series, *, fire: Sequence[str]) -> dict[str, Any]:
    return {
        "name": name,
        "interval": "1m",
        "input_series": [{"series": name, "values": values} for name, values in series.items()],
        "promql_expr_test": [
            {
                "expr": 'count by (alertname) (ALERTS{alertstate="firing"})',
                "eval_time": AT,
                "exp_samples": [{"labels": f'{{alertname="{alert}"}}', "value": 1} for alert in fire],
            }
        ],
    }


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
