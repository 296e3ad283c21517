"""What `deploy/monitoring` asks of the program's figures, and what figures there are."""

import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from opentelemetry import metrics as metrics_api
from opentelemetry.sdk.metrics.view import View
from prometheus_client import PROCESS_COLLECTOR
from reflex_base import otel

from tests.figures_page import instruments
from tests.figures_page import name as name_of
from vip_manager.observability import metrics

FOLDER = Path(__file__).parents[2] / "deploy" / "monitoring"
ALERTS, ON_CLOUD_RUN = FOLDER / "alerts.yaml", FOLDER / "cloud_run.yaml"

Rule = dict[str, Any]
Panel = dict[str, Any]

_GOOGLES = re.compile(r"\b(?:run|logging)_googleapis_com:\w+")
_STRINGS = re.compile(r'"[^"]*"')
_SELECTORS = re.compile(r"(\w+)\{([^}]*)\}")
_BY = re.compile(r"\bby \(([^)]*)\)")
_FAMILY = re.compile(r"\b(?:vip|http|reflex|process)_\w+|\bup\b")
_SUFFIX = re.compile(r"_(?:bucket|sum|count)$")


@cache
def groups(file: Path) -> Mapping[str, list[Rule]]:
    return {group["name"]: group["rules"] for group in yaml.safe_load(file.read_text())["groups"]}


def rules(*files: Path) -> list[Rule]:
    return [rule for file in files or (ALERTS, ON_CLOUD_RUN) for group in groups(file).values() for rule in group]


@cache
def panels() -> list[Panel]:
    found: list[Panel] = yaml.safe_load((FOLDER / "panels.yaml").read_text())
    return found


def queries() -> list[str]:
    """Each that an alert or the dashboard asks, in PromQL."""
    return [rule["expr"] for rule in rules()] + [one["expr"] for panel in panels() for one in panel["queries"]]


def named_metrics(texts: Iterable[str] | None = None) -> set[str]:
    """The program's own among the metrics that these queries name (without any: all queries), by the names that
    `/metrics` gives them."""
    return {name for text in (queries() if texts is None else texts) for name, _ in named(text)}


def named(query: str) -> set[tuple[str, frozenset[str]]]:
    """Each metric, but Google's, with the labels by which it is asked for there."""
    query = _GOOGLES.sub("google", query)
    labels: dict[str, set[str]] = {}
    for name, chosen in _SELECTORS.findall(query):
        labels.setdefault(name, set()).update(re.findall(r"(\w+)\s*[=!]", _STRINGS.sub("", chosen)))
    bare = re.sub(r"\{[^}]*\}", "", _STRINGS.sub("", query))
    by = {label.strip() for part in _BY.findall(query) for label in part.split(",")} - {"le"}
    found = set(_FAMILY.findall(_BY.sub("", bare)))
    return {(name, frozenset(labels.get(name, set()) | by)) for name in found}


@cache
def emitted() -> Mapping[str, str]:
    """What the program measures, by the names that Prometheus knows: the description, in which its labels stand."""
    found: dict[str, str] = {"up": "job"}
    for one in instruments():
        histogram = isinstance(one, metrics_api.Histogram)
        found.update(_series(name_of(one), one._description, histogram=histogram))  # type: ignore[attr-defined]
    for name, histogram in (("reflex_event_duration_seconds", True), ("reflex_websocket_connections", False)):
        assert name in _views(), "the program no longer calls it so"
        found.update(_series(name, "", histogram=histogram))
    found.update(dict.fromkeys(_of_process(), "job"))
    return found


def _series(name: str, description: str, *, histogram: bool) -> dict[str, str]:
    names = [f"{name}_{part}" for part in ("bucket", "sum", "count")] if histogram else [name]
    return dict.fromkeys(names, description)


def _views() -> set[str]:
    there = {otel.METRIC_EVENT_DURATION, otel.METRIC_WEBSOCKET_CONNECTIONS}
    views: Iterable[View] = metrics._OF_REFLEX
    return {view._name for view in views if view._name and view._instrument_name in there}


def _of_process() -> set[str]:
    """As prometheus_client's collector tells them on this system."""
    return {sample.name for metric in PROCESS_COLLECTOR.collect() for sample in metric.samples}
