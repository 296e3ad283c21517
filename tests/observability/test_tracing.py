"""One redemption is one trace, from Twitch's post to its VIP, whoever works on it and when; and all that is written
because of it has its id."""

from collections import defaultdict
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import format_trace_id

from tests.house import HandClock, Serve, until
from tests.webhook.conftest import TIMINGS
from tests.webhook.hook_house import HookHouse, InTheTestsLoop
from vip_manager.domain.redemption import RedemptionState
from vip_manager.simulator.app import create_simulator
from vip_manager.simulator.world import World

ADD, SETTLE = "POST /helix/channels/vips", "PATCH /helix/channel_points/custom_rewards/redemptions"


@pytest.fixture
async def house(
    serve: Serve, tmp_path: Path, spans: InMemorySpanExporter, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[HookHouse]:
    served = InTheTestsLoop()
    twitch = serve(create_simulator(World(), timings=TIMINGS))
    house = HookHouse(twitch, tmp_path / "data", HandClock(), serve(served), served)
    await house.start()
    try:
        await house.open()
        await house.hears()
        spans.clear()
        yield house
    finally:
        await served.close()
        await house.close()


def traces(spans: InMemorySpanExporter) -> dict[str, list[str]]:
    """The names of each trace's spans, in the order in which they ended."""
    found: dict[str, list[str]] = defaultdict(list)
    for span in spans.get_finished_spans():
        assert span.context is not None
        found[format_trace_id(span.context.trace_id)].append(span.name)
    return found


async def settled(house: HookHouse, redemption_id: str) -> None:
    async def done() -> bool:
        found = await house.services.store.redemptions.get(redemption_id)
        return found is not None and found.state is RedemptionState.FULFILLED

    await until(done, "the redemption to be fulfilled")


def with_add(spans: InMemorySpanExporter) -> tuple[str, list[str]]:
    [(trace_id, names)] = [(one, names) for one, names in traces(spans).items() if ADD in names]
    return trace_id, names


async def test_from_the_post_to_the_badge_it_is_one_trace(house: HookHouse, spans: InMemorySpanExporter) -> None:
    made = await house.control("redeem", channel="streamer", viewer="viewer1")
    await settled(house, made["id"])

    async def over() -> bool:
        return {"POST /api/eventsub", "grant"} <= set(with_add(spans)[1])

    await until(over, "the post to be answered, and the grant to end")
    trace_id, names = with_add(spans)
    # Twitch tells of our own settlement too, and what that leads to may be one more of them.
    wanted = ["intake", ADD, SETTLE, "grant"]
    assert [name for name in dict.fromkeys(names) if name in wanted] == wanted
    assert "event RedemptionEvent" in names
    lines = [one for one in await house.entries() if one.detail.get("redemption_id") == made["id"]]
    assert {one.action.value for one in lines} == {"redeemed", "fulfilled"}
    assert {one.detail["request"] for one in lines} == {trace_id}


async def test_what_twitch_put_off_goes_on_in_the_same_trace(house: HookHouse, spans: InMemorySpanExporter) -> None:
    await house.fault("POST", "/helix/channels/vips", "status", times=1, status=500)
    made = await house.control("redeem", channel="streamer", viewer="viewer1")

    async def put_off() -> bool:
        found = await house.services.store.redemptions.get(made["id"])
        return found is not None and found.retry.attempts == 1

    await until(put_off, "the grant to be put off")
    trace_id, _ = with_add(spans)
    spans.clear()
    await house.heal_twitch()
    house.clock.jump(hours=0.1)
    await house.services.sweep.run()
    await settled(house, made["id"])
    sweeps = [names for names in traces(spans).values() if "sweep" in names]
    assert len(sweeps) == 1
    again, names = with_add(spans)
    assert again == trace_id
    assert "grant" in names
    granted = next(one for one in await house.entries() if one.action == "granted")
    assert granted.detail["request"] == trace_id
