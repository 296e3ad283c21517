"""Cloud Run cuts a request after an hour, for the sake of sockets; so what is none must end by itself within a minute
(docs/decisions/0001-sockets-and-cloud-run.md)."""

import inspect
import re

from tests.deploy.terraform import ROOT
from vip_manager.observability import google
from vip_manager.services import deliveries, herald, turns
from vip_manager.services.sweep import Sweep
from vip_manager.store.firestore import calls
from vip_manager.twitch.http import Timeouts
from vip_manager.web import body, google_certificates, health

MINUTE = 60
SLOWER = 10
"""Seconds after the end of its work within which a sweep is over (docs/instances.md)."""
DECISION = (ROOT / "docs" / "decisions" / "0001-sockets-and-cloud-run.md").read_text()


def row(words: str) -> str:
    [found] = re.findall(rf"^\| {words}.* \| (.*) \| .* \|$", DECISION, re.MULTILINE)
    return str(found)


def test_a_sweep_ends_within_a_minute_with_all_around_it() -> None:
    work = inspect.signature(Sweep.run).parameters["seconds"].default
    tells, pushes = herald.PATIENCE.total_seconds(), google.LONGEST_WAIT.total_seconds()
    assert google_certificates.LONGEST_WAIT + work + SLOWER + tells + pushes < MINUTE
    assert row("figures that go").startswith(f"{pushes:g} s;")
    assert row("a sweep") == f"{work:g} s of work, over within {work + SLOWER:g} s; {tells:g} s for what it has to tell"
    assert row("Google's keys") == f"{google_certificates.LONGEST_WAIT:g} s"


def test_a_webhook_is_answered_before_twitch_gives_up() -> None:
    assert row("a webhook").startswith(f"{deliveries.PATIENCE.total_seconds():g} s;")
    assert body.LONGEST_WAIT + deliveries.PATIENCE.total_seconds() < MINUTE
    assert row("a body") == f"{body.LONGEST_WAIT:g} s"


def test_whoever_waits_for_a_turn_and_for_twitch_waits_less_than_a_minute() -> None:
    whole = Timeouts().whole
    assert turns.PATIENCE + whole < MINUTE
    assert row("one call to Twitch") == f"{whole:g} s"
    assert row("waiting for somebody") == f"{turns.PATIENCE:g} s"


def test_the_store_and_whether_it_is_there() -> None:
    assert max(calls.READ_WITHIN, calls.COMMIT_WITHIN) <= 10
    assert row("`GET /api/ready`") == f"{health.LONGEST_WAIT:g} s the store, {health.LONGEST_WAIT:g} s Twitch"
