"""How much a page may send, and to whom goes what an event brings."""

from types import SimpleNamespace
from typing import Any

import pytest
import structlog.testing
from reflex_base.event.context import EventContext

from tests.ui.fakes import Fakes
from vip_manager.ports import Rate
from vip_manager.services.bucket import Bucket
from vip_manager.store.rate_limits import ProcessRates
from vip_manager.ui import shape
from vip_manager.ui.gate import EVENTS_A_SECOND, EVENTS_AT_ONCE, Gate, Visitor

DISMISS = "dismiss"

BOOT = "reflex___state____state.hydrate_and_load"


class Hand:
    """A clock moved by hand; seconds."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def taken(bucket: Bucket, clock: Hand, a_second: float, seconds: float) -> float:
    """The share of what comes evenly that is let through."""
    number = int(a_second * seconds)
    through = 0
    for _ in range(number):
        clock.now += 1 / a_second
        through += bucket.take()
    return through / number


@pytest.mark.parametrize(
    ("what", "a_second", "seconds"),
    [("typing fast", 15, 600), ("a key held down", 30, 9), ("clicking as fast as one can", 12, 60)],
)
def test_no_hand_is_too_fast(what: str, a_second: float, seconds: float) -> None:
    clock = Hand()
    bucket = Bucket(EVENTS_A_SECOND, EVENTS_AT_ONCE, clock)
    assert taken(bucket, clock, a_second, seconds) == 1, what


def test_a_program_is_held_to_the_number() -> None:
    clock = Hand()
    bucket = Bucket(EVENTS_A_SECOND, EVENTS_AT_ONCE, clock)
    assert taken(bucket, clock, 1000, 60) == pytest.approx(EVENTS_A_SECOND / 1000, rel=0.1)
    clock.now += EVENTS_AT_ONCE / EVENTS_A_SECOND
    assert [bucket.take() for _ in range(EVENTS_AT_ONCE + 1)] == [True] * EVENTS_AT_ONCE + [False]


class Space:
    """Reflex's namespace, as far as the gate knows it."""

    namespace = "/_event"

    def __init__(self) -> None:
        self.events: list[Any] = []
        self.updates: list[Any] = []
        self._static_router_data: dict[str, Any] = {}
        self._token_manager = SimpleNamespace(token_to_socket={})
        self.sid_to_token: dict[str, str] = {}

    async def on_connect(self, *_: Any) -> None:
        """Nothing is looked at here."""

    on_disconnect = on_connect

    async def on_event(self, sid: str, event: Any) -> None:
        self.events.append((sid, event["name"]))

    async def emit_update(self, update: Any, token: str) -> None:
        self.updates.append(update)


@pytest.fixture
def gate(services: Fakes) -> tuple[Gate, Space]:
    space = Space()
    handler = SimpleNamespace(fn=SimpleNamespace(_arguments=SimpleNamespace(fit=lambda payload: True)))
    registered = SimpleNamespace(event_handlers={DISMISS: SimpleNamespace(handler=handler)})
    sio = SimpleNamespace(_handle_eio_message=None, _handle_event=None)
    app: Any = SimpleNamespace(sio=sio, event_namespace=space, _registration_context=registered)
    services.rates = ProcessRates("key")
    return Gate(app), space


def arrives(gate: Gate, space: Space, sid: str, address: str, cookie: str) -> None:
    gate._visitors[sid] = Visitor(address, booting=False)
    gate._visitors[sid].notices.take()
    space._static_router_data[sid] = {"headers": {"cookie": cookie}}


async def through(gate: Gate, space: Space, sid: str, number: int) -> int:
    already = len(space.events)
    for _ in range(number):
        await gate.on_event(sid, {"name": DISMISS})
    return len(space.events) - already


async def test_one_address_and_one_person_have_a_number_over_all_their_sockets(
    gate: tuple[Gate, Space], monkeypatch: pytest.MonkeyPatch
) -> None:
    the_gate, space = gate
    monkeypatch.setattr("vip_manager.services.rates.ADDRESS_EVENTS", Rate("address", 10, 60))
    monkeypatch.setattr("vip_manager.services.rates.PERSON_EVENTS", Rate("person", 5, 60))
    for number in range(4):
        arrives(the_gate, space, f"anna{number}", f"203.0.113.{number}", "vip=anna")
    assert [await through(the_gate, space, f"anna{number}", 3) for number in range(4)] == [3, 2, 0, 0]
    for number in range(4):
        arrives(the_gate, space, f"nobody{number}", "203.0.113.99", "")
    assert [await through(the_gate, space, f"nobody{number}", 3) for number in range(4)] == [3, 3, 3, 1]
    arrives(the_gate, space, "ben", "203.0.113.98", "vip=ben")
    assert await through(the_gate, space, "ben", 3) == 3


async def test_a_store_that_does_not_say_who_it_is_refuses_nobody(
    gate: tuple[Gate, Space], services: Fakes, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(cookie: str) -> None:
        raise RuntimeError("store")

    monkeypatch.setattr(services, "person", away, raising=False)
    arrives(*gate, "anna", "203.0.113.1", "vip=anna")
    assert await through(*gate, "anna", 3) == 3


async def test_an_event_of_another_kind_ends_its_socket_with_one_line(gate: tuple[Gate, Space]) -> None:
    the_gate, space = gate
    handled: list[Any] = []
    ended: list[str] = []

    async def end(eio_sid: str) -> None:
        ended.append(eio_sid)

    async def handle(*event: Any) -> None:
        handled.append(event[-1])

    the_gate._sio.eio = SimpleNamespace(disconnect=end)
    the_gate._sio.manager = SimpleNamespace(sid_from_eio_sid=lambda eio_sid, namespace: eio_sid)
    the_gate._handle_event = handle
    arrives(the_gate, space, "anna", "203.0.113.1", "vip=anna")
    with structlog.testing.capture_logs() as lines:
        for data in (["event", {}], ["x"], ["disconnect"]):
            await the_gate.handle_event("anna", "/_event", None, data)
        the_gate._visitors.clear()
        for _ in range(100):
            await the_gate.handle_event("anna", "/_event", None, ["x"])
            await the_gate.handle_event("anna", "/_event", None, ["event", {}])
    assert handled == [["event", {}]]
    assert ended == ["anna", "anna"]
    assert len(lines) == 2, "and none of what a socket sends that was not let in"


async def test_a_tab_is_left_when_its_socket_goes_and_back_when_it_comes(gate: tuple[Gate, Space]) -> None:
    the_gate, space = gate
    the_gate._app.state_manager = SimpleNamespace(states={})  # type: ignore[assignment,misc]
    space.sid_to_token = {"first": "tab", "second": "tab"}
    await the_gate.on_connect("first", {"QUERY_STRING": "token=tab"})
    assert len(the_gate._left) == 0
    await the_gate.on_disconnect("first")
    assert len(the_gate._left) == 1
    await the_gate.on_connect("second", {"QUERY_STRING": "token=tab"})
    assert len(the_gate._left) == 0


def context(sid: str) -> EventContext:
    unused: Any = None
    return EventContext(
        token="t",
        state_manager=unused,
        enqueue_impl=unused,
        router_data={"sid": sid} if sid else {},
    )


@pytest.mark.parametrize(
    ("sender", "holder", "told"), [("a", "a", True), ("a", "b", False), ("", "b", True), ("a", "", True)]
)
async def test_what_an_event_brings_goes_to_nobody_who_came_after_with_the_same_token(
    gate: tuple[Gate, Space], sender: str, holder: str, told: bool
) -> None:
    """Without a holder it is for Reflex to say that nobody is there."""
    the_gate, space = gate
    if holder:
        space._token_manager.token_to_socket["t"] = SimpleNamespace(sid=holder)
    reset = EventContext.set(context(sender))
    try:
        await the_gate.emit_update(None, "t")  # type: ignore[arg-type]
    finally:
        EventContext.reset(reset)
    assert bool(space.updates) == told


def test_an_event_is_made_anew_of_what_is_known() -> None:
    router = {"pathname": "//host/x", "asPath": "\\\\host", "headers": {"cookie": "x"}, "sid": "x", "query": {"a": "b"}}
    read = shape.read({"name": "n", "payload": None, "router_data": router, "token": "x", "more": 1})
    assert read == {
        "name": "n",
        "payload": {},
        "router_data": {"pathname": "/host/x", "asPath": "/host", "query": {"a": "b"}},
    }


def test_the_parts_of_a_path_that_leads_nowhere_are_left_out() -> None:
    router = {"pathname": "/no/such", "query": {"splat": ["no", "such"], "a": "b"}}
    first = {"name": BOOT, "payload": {"hashes": ["x"] * 20}, "router_data": router}
    read = shape.read(first)
    assert read is not None
    assert read["router_data"]["query"] == {"a": "b"}
    assert shape.small({"event": first, "state_schema": "x"}, shape.DEEPEST_WITH_EVENT)


def test_a_long_address_is_cut() -> None:
    long = "/board/x?" + "y" * 3000
    router = {"pathname": long, "asPath": long, "query": {"channel": "1", "a": "y" * 300, "b": "y" * 300, "c": "y"}}
    read = shape.read({"name": "n", "router_data": router})
    assert read is not None
    kept = read["router_data"]
    assert kept["pathname"] == kept["asPath"] == long[: shape.LONGEST_PATH]
    assert kept["query"].keys() == {"channel", "a"}


def test_a_long_report_of_a_browser_is_cut() -> None:
    read = shape.read({"name": shape.PAGE_ERROR, "payload": {"info": "x" * 100_000, "component_stack": ""}})
    assert read is not None
    assert len(read["payload"]["info"]) == shape.LONGEST_REPORT


def test_a_form_comes_as_a_browser_sends_it() -> None:
    def read(*fields: Any) -> Any:
        event = shape.read({"name": "n", "payload": {"form": {"__reflex_form_data__": list(fields)}}})
        return event and event["payload"]["form"]

    assert read(["login", "mira"], ["hours", "1"], ["hours", "2"]) == {"login": "mira", "hours": "2"}
    assert read() == {}
    for wrong in (["login"], ["login", "mira", "x"], [7, "mira"], [["login"], "mira"], "login"):
        assert read(wrong) is None
