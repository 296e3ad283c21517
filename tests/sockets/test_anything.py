"""Random frames, whole and broken, from nobody and from somebody who owns another channel: the program stays up, writes
nothing of them down, and neither shows nor changes anything of the streamer's."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reflex_base.utils.form import FORM_DATA_ENTRIES_KEY
from websockets.exceptions import ConnectionClosed

from tests.product import Product
from tests.sockets.raw import BOOT, Raw, cookie_of, event, opened
from tests.ui.test_guards import own_handlers
from vip_manager.ui import shape

MARK = "m4rk"
"""Stands in all text that is sent."""
HERS = "the-streamers-own"

HANDLERS = [f"{state.get_full_name()}.{name}" for state, name, handler in own_handlers()]
# What moves the whole sandbox may be done there by anybody, and is no state of a channel's.
QUIET = sorted(one for one in HANDLERS if "sandbox" not in one)

TEXT = st.text(max_size=30).map(MARK.__add__)
SCALAR = (
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT | st.sampled_from(["1001", "end", "give", "clock"])
)
VALUE = st.recursive(
    SCALAR, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4), max_leaves=12
)
NAMES = st.sampled_from(
    [
        *("form", "name", "subject", "field", "value", "hours", "on", "session_id", "seen_end", "redemption_id"),
        *("reward_id", "user_id", "vars", "hashes", "info", "component_stack", "self", "visit", "args"),
    ]
)
FIELD = st.sampled_from(["login", "hours", "title", "cost", "viewer"]) | TEXT
FORM: st.SearchStrategy[Any] = st.dictionaries(FIELD, SCALAR, max_size=5)
FIELDS: st.SearchStrategy[Any] = st.lists(st.lists(SCALAR, max_size=3) | VALUE, max_size=4)
FORM |= st.fixed_dictionaries({FORM_DATA_ENTRIES_KEY: FIELDS})
PAYLOAD = st.dictionaries(NAMES | TEXT, VALUE | FORM, max_size=4)
PATH = st.sampled_from(["/dashboard?channel=1001", "/dashboard/rewards", "/board/streamer", "//[", "", MARK])
ROUTER = st.fixed_dictionaries(
    {},
    optional={
        "pathname": PATH | VALUE,
        "asPath": PATH | VALUE,
        "query": st.dictionaries(TEXT, SCALAR, max_size=3) | VALUE,
        "headers": st.just({"cookie": "vip=forged"}),
        "sid": TEXT,
        "ip": TEXT,
        "token": TEXT,
    },
)
EVENT = st.fixed_dictionaries(
    {"name": st.sampled_from(QUIET) | st.sampled_from(sorted(shape.INTERNAL)) | TEXT | VALUE},
    optional={"payload": PAYLOAD | VALUE, "router_data": ROUTER | VALUE, "token": TEXT, MARK: VALUE},
)
HERE = {"pathname": "/dashboard", "asPath": "/dashboard?channel=1001"}
SOUND = st.fixed_dictionaries({"name": st.sampled_from(QUIET), "payload": PAYLOAD, "router_data": st.just(HERE)})


def packed(sent: Any, name: Any = "event") -> str:
    return "42/_event," + json.dumps([name, sent])


OTHER = st.sampled_from(["event", "client_error", "ping"]) | TEXT
WHOLE = (EVENT | SOUND).map(packed) | st.builds(packed, VALUE, OTHER)
BROKEN = st.builds(
    lambda frame, at, piece, drop: frame[: at % len(frame)] + piece + frame[at % len(frame) + drop :],
    WHOLE,
    st.integers(0, 10_000),
    st.text(max_size=5),
    st.integers(0, 20),
)
FRAMES = st.lists(WHOLE | BROKEN | st.text(max_size=20) | st.binary(max_size=20), min_size=1, max_size=12)


def sendable(frame: str | bytes) -> str | bytes:
    return frame.encode(errors="replace").decode() if isinstance(frame, str) else frame


@pytest.fixture(scope="module")
def hers(product: Product, streamer: str) -> Iterator[Raw]:
    """The streamer's own page, open all the time, with something half typed."""
    with opened(product, cookie=streamer, token="hers") as raw:
        raw.join(event(BOOT))
        raw.until('"channel_id":"1001"')
        dashboard = next(one for one in HANDLERS if one.endswith(".draft"))
        raw.call(dashboard, {"field": "title", "value": HERS})
        raw.until(HERS)
        yield raw


@pytest.fixture(scope="module")
def cookies(product: Product) -> list[str]:
    return ["", cookie_of(product, "secondstreamer")]


def world(product: Product) -> Any:
    seen = httpx.get(f"{product.base}/sandbox/twitch/control/world", trust_env=False, timeout=5).json()
    return {name: value for name, value in seen.items() if name not in ("now", "sockets")}


def kept(raw: Raw) -> Any:
    """The streamer's picture, as it is now."""
    raw.call(BOOT)
    frame = raw.until('"channel_id":"1001"', '"draft_title')
    assert HERS in frame
    raw.until('is_hydrated_rx_state_":true')
    parts = json.loads(frame.partition(",")[2])[1]["delta"].values()
    [picture] = [part["picture_rx_state_"] for part in parts if "refused_rx_state_" in part]
    return {name: picture[name] for name in ("activity", "vips", "held", "reward", "tiers", "rules")}


@settings(
    max_examples=120,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(frames=FRAMES, who=st.sampled_from([0, 1]), joined=st.booleans(), token=st.sampled_from(["mine", "hers"]))
def pester(product: Product, cookies: list[str], frames: list[str | bytes], who: int, joined: bool, token: str) -> None:
    with opened(product, token=token, cookie=cookies[who]) as raw:
        try:
            if joined:
                raw.join(event(BOOT, path="/nowhere"))
            for frame in frames:
                raw.socket.send(sendable(frame))
            if joined:
                raw.echo()
        except (ConnectionClosed, TimeoutError):
            pass
        heard = "\n".join(raw.heard)
    assert HERS not in heard
    assert '"channel_id":"1001","login":"streamer"' not in heard.replace('"board', "")


def test_whatever_is_sent(product: Product, hers: Raw, cookies: list[str]) -> None:
    before, picture = world(product), kept(hers)
    pester(product, cookies)
    assert world(product) == before
    assert kept(hers) == picture
    said = product.output.read_text()
    assert "Traceback" not in said
    lines = [line for line in said.splitlines() if MARK in line and "page_error" not in line]
    assert lines == []
    assert product.answers()
