"""What a socket may send: a page's frames and events, no more of them than a page sends, and nothing else."""

import json
from contextlib import suppress
from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosed

from tests.product import Product
from tests.sockets.raw import BOOT, ROOT, Raw, event, opened
from vip_manager.ui import words
from vip_manager.ui.channel_page import ChannelPage
from vip_manager.ui.gate import EVENTS_AT_ONCE
from vip_manager.ui.pages.dashboard.state import Dashboard
from vip_manager.web.socket_door import FRAMES_AT_ONCE, NO_FRAME, TOO_MUCH

MARK = "m4rk-of-the-test"
"""Stands in whatever is sent, and must never stand in a log."""
DRAFT = f"{Dashboard.get_full_name()}.draft"
ON_LOAD = f"{ROOT}.reflex___state____on_load_internal_state.on_load_internal"
VARS = f"{ROOT}.reflex___state____update_vars_internal_state.update_vars_internal"
CRASHED = f"{ROOT}.reflex___state____frontend_event_exception_state.handle_frontend_exception"


def healthy(product: Product) -> None:
    assert httpx.get(f"{product.base}/api/health", trust_env=False, timeout=5).status_code == 200


def quiet(product: Product, *but: str) -> None:
    """No traceback, and nothing of what was sent."""
    said = product.output.read_text()
    assert "Traceback" not in said
    assert MARK not in said
    assert "vip=" not in said.lower()


def deep(levels: int) -> Any:
    value: Any = MARK
    for _ in range(levels):
        value = {"a": value}
    return value


NO_FRAMES = {
    "nothing": "",
    "no packet": f"{MARK}",
    "a ping of an older protocol": "2probe",
    "an upgrade": "5",
    "no packet of Socket.IO": f"4{MARK}",
    "another namespace": f'40/{MARK},{{"a":1}}',
    "an event in no namespace": f'42["event","{MARK}"]',
    "an answer that nobody asked for": f'43/_event,1["{MARK}"]',
    "one that announces attachments": f'451000000000-/_event,["event","{MARK}"]',
    "an event with a number to answer to": f'42/_event,7["event","{MARK}"]',
    "bytes": b"\x04bytes",
}
NO_PACKETS = {
    "half a list": f'42/_event,["{MARK}',
    "too deep for a parser": "42/_event," + "[" * 60_000,
    "a number too long for a parser": f"42/_event,[{'9' * 5000}]",
    "a name that is none": f'42/_event,[["event"],"{MARK}"]',
}


@pytest.mark.parametrize("frame", NO_FRAMES.values(), ids=NO_FRAMES)
def test_what_is_no_frame_of_a_page_ends_the_socket(product: Product, frame: str | bytes) -> None:
    with opened(product) as raw:
        raw.join()
        raw.socket.send(frame)
        assert raw.ended() == NO_FRAME
    healthy(product)
    quiet(product)


@pytest.mark.parametrize("frame", NO_PACKETS.values(), ids=NO_PACKETS)
def test_what_can_not_be_parsed_ends_the_socket(product: Product, frame: str) -> None:
    with opened(product) as raw:
        raw.join()
        raw.socket.send(frame)
        assert raw.ended() == 1000
    healthy(product)
    quiet(product)


EVENTS: dict[str, Any] = {
    "none": None,
    "text": MARK,
    "text that holds an event": json.dumps({"name": BOOT}),
    "a list": [MARK],
    "no name": {"payload": {"a": MARK}},
    "a name that is none": {"name": [MARK]},
    "a name too long": {"name": BOOT + MARK * 100},
    "an unknown name": {"name": f"{ROOT}.{MARK}"},
    "nobody's setter": {
        "name": f"{Dashboard.get_full_name()}.setvar",
        "payload": {"var_name": "picture", "value": MARK},
    },
    "a helper's name": {"name": f"{Dashboard.get_full_name()}._forget"},
    "a payload that is none": {"name": BOOT, "payload": MARK},
    "arguments with odd names": {"name": DRAFT, "payload": {f"__{MARK}-": 1}},
    "too deep": {"name": DRAFT, "payload": {"field": "title", "value": deep(10)}},
    "too much": {"name": DRAFT, "payload": {"field": "title", "value": [MARK] * 1000}},
    "text too long": {"name": DRAFT, "payload": {"field": "title", "value": MARK * 1000}},
    "half a character": {"name": DRAFT, "payload": {"field": "title", "value": "\ud800"}},
    "no number": {"name": DRAFT, "payload": {"field": "title", "value": float("nan")}},
    "router data that is none": {"name": BOOT, "router_data": MARK},
    "a path that is none": {"name": BOOT, "router_data": {"pathname": {"a": MARK}}},
    "a query that is none": {"name": BOOT, "router_data": {"pathname": "/", "query": [MARK]}},
    "storage that sets a var": {"name": BOOT, "payload": {"vars": {f"{Dashboard.get_full_name()}.draft_title": MARK}}},
    "hashes that are none": {"name": BOOT, "payload": {"hashes": {"a": MARK}}},
    "an argument that hydration does not take": {"name": BOOT, "payload": {"other": MARK}},
    "on_load with an argument": {"name": ON_LOAD, "payload": {"a": MARK}},
    "vars from a storage that we don't use": {"name": VARS, "payload": {"vars": {f"{ROOT}.is_hydrated": MARK}}},
    "vars of a state that is none": {"name": VARS, "payload": {"vars": {MARK: MARK}}},
    "hydrated, but not a yes or no": {"name": f"{ROOT}.set_is_hydrated", "payload": {"value": MARK}},
    "a crash that is no text": {"name": CRASHED, "payload": {"info": [MARK], "component_stack": ""}},
}


@pytest.mark.parametrize("sent", EVENTS.values(), ids=EVENTS)
def test_what_is_no_event_of_a_page_is_dropped(product: Product, streamer: str, sent: Any) -> None:
    with opened(product, cookie=streamer) as raw:
        raw.join(event(BOOT, path="/nowhere"))
        raw.until('is_hydrated_rx_state_":true')
        raw.send("42/_event," + json.dumps(["event", sent]))
        assert MARK not in raw.echo()
    quiet(product)


@pytest.mark.parametrize("name", ["disconnect", "connect", "ping", "update_vars", "__init__", ""])
def test_only_a_pages_two_socket_events_are_taken(product: Product, name: str) -> None:
    with opened(product) as raw:
        raw.join(event(BOOT, path="/nowhere"))
        raw.send("42/_event," + json.dumps([name, MARK]))
        assert raw.ended() == 1000
        assert "pong" not in "".join(raw.heard)
    quiet(product)


@pytest.mark.parametrize("query", ["other=1", "token=", "token=a&token=b", f"token={'t' * 65}", "token=%0Aforged"])
def test_a_socket_without_a_sound_token_is_refused(product: Product, query: str) -> None:
    with opened(product, query=f"EIO=4&transport=websocket&{query}") as raw:
        assert words.SOMETHING in raw.join()
        raw.ended()
    quiet(product)


def test_an_address_that_names_another_host_breaks_nothing(product: Product) -> None:
    with opened(product) as raw:
        raw.join(event(BOOT, path="//[nowhere"))
        raw.until('is_hydrated_rx_state_":true')
    quiet(product)


WRONG: list[tuple[str, Any]] = [
    (DRAFT, {"field": MARK}),
    (DRAFT, {"field": "title", "value": 7}),
    (DRAFT, {"field": "title", "value": "x", "more": MARK}),
    (f"{Dashboard.get_full_name()}.hour", {"session_id": "s1", "seen_end": MARK}),
    (f"{Dashboard.get_full_name()}.give", {"form": MARK}),
    (f"{Dashboard.get_full_name()}.end_now", {"self": MARK}),
    (f"{ChannelPage.get_full_name()}.ask", {"name": [MARK], "subject": {}}),
]


def test_a_form_as_a_browser_sends_it_is_taken(product: Product, streamer: str) -> None:
    form = {"__reflex_form_data__": [["title", "A title of its own"], ["cost", "x"], ["hours", "1"]]}
    with opened(product, cookie=streamer) as raw:
        raw.join(event(BOOT))
        raw.until('is_hydrated_rx_state_":true')
        raw.call(f"{Dashboard.get_full_name()}.create_reward", {"form": form})
        assert "A title of its own" in raw.until('"error_field_rx_state_":"cost"')
    quiet(product)


def test_arguments_that_do_not_fit_are_answered_in_words(product: Product, streamer: str) -> None:
    with opened(product, cookie=streamer) as raw:
        raw.join(event(BOOT))
        raw.until('is_hydrated_rx_state_":true')
        for name, payload in WRONG:
            raw.call(f"{ChannelPage.get_full_name()}.dismiss")
            raw.call(name, payload)
            assert MARK not in raw.until(words.SOMETHING)
    quiet(product)


def test_what_a_browser_reports_is_one_short_line_and_only_a_few(product: Product) -> None:
    before = product.output.read_text().count("page_error")
    report = {"info": "broken\n2026-01-01 forged line\x1b[2J" + "x" * 9000, "component_stack": "y" * 9000}
    with opened(product) as raw:
        raw.join(event(BOOT, path="/nowhere"))
        raw.until('is_hydrated_rx_state_":true')
        for _ in range(12):
            raw.call(CRASHED, report)
        raw.echo()
    lines = product.output.read_text().splitlines()
    told = [line for line in lines if "page_error" in line]
    assert len(told) - before == 5
    assert max(map(len, told)) < 1000
    assert not [line for line in lines if line.startswith("2026-01-01 forged")]
    quiet(product)


def drafts(raw: Raw, number: int) -> int:
    """Sends so many events in one go; how many of them did something."""
    already = len(raw.heard)
    for one in range(number):
        raw.call(DRAFT, {"field": "title", "value": f"title {already} {one}"})
    heard = raw.until(f'"title {already} {number - 1}"' if number <= EVENTS_AT_ONCE else words.TOO_OFTEN[:20])
    assert heard
    return sum(f'"title {already} ' in frame for frame in raw.heard[already:])


def test_a_burst_is_taken_whole_and_beyond_it_the_page_is_told_once(product: Product, streamer: str) -> None:
    with opened(product, cookie=streamer, token="burst") as raw:
        raw.join(event(BOOT, path="/nowhere"))
        raw.until('is_hydrated_rx_state_":true')
        assert drafts(raw, 60) == 60
        assert drafts(raw, 300) < 150
        raw.call(DRAFT, {"field": "title", "value": MARK})
    told = [frame for frame in raw.heard if words.TOO_OFTEN[:20] in frame]
    assert len(told) == 1
    with opened(product, cookie=streamer, token="another") as raw:
        raw.join(event(BOOT, path="/nowhere"))
        assert drafts(raw, 5) == 5, "another page of the same person goes on"


def test_who_goes_on_far_beyond_is_cut_off(product: Product) -> None:
    with opened(product, token="flood") as raw:
        raw.join(event(BOOT, path="/nowhere"))
        with suppress(ConnectionClosed):
            for _ in range(FRAMES_AT_ONCE * 3):
                raw.send("3")
        assert raw.ended() == TOO_MUCH
    healthy(product)
    quiet(product)
