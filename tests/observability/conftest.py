"""What is measured and traced while a test runs."""

from collections.abc import Callable, Iterator
from functools import cache

import pytest
from opentelemetry import metrics
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import Gauge, InMemoryMetricReader, NumberDataPoint
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from tests.house import Serve, one_server
from vip_manager import tracing

Figures = Callable[[], dict[str, float]]


@cache
def _reader() -> InMemoryMetricReader:
    """One a process, as OpenTelemetry has it."""
    reader = InMemoryMetricReader()
    metrics.set_meter_provider(MeterProvider(metric_readers=[reader]))
    return reader


def _now() -> tuple[dict[str, float], dict[str, float]]:
    """What counts up, and gauges: by name and, in brackets, attribute; of a histogram how many there were."""
    counted: dict[str, float] = {}
    gauges: dict[str, float] = {}
    data = _reader().get_metrics_data()
    for one in [] if data is None else [m for r in data.resource_metrics for s in r.scope_metrics for m in s.metrics]:
        for point in one.data.data_points:
            kinds = ",".join(str(value) for value in (point.attributes or {}).values())
            value = point.value if isinstance(point, NumberDataPoint) else point.count
            (gauges if isinstance(one.data, Gauge) else counted)[f"{one.name}[{kinds}]" if kinds else one.name] = value
    return counted, gauges


@pytest.fixture(scope="package")
def serve() -> Iterator[Serve]:
    with one_server() as serve:
        yield serve


@pytest.fixture
def figures() -> Figures:
    """What has come since the test began, and what gauges show."""
    before, _ = _now()

    def now() -> dict[str, float]:
        counted, gauges = _now()
        rises = {name: value - before.get(name, 0) for name, value in counted.items()}
        return {**{name: rise for name, rise in rises.items() if rise}, **gauges}

    return now


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> Iterator[InMemorySpanExporter]:
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(tracing, "_tracer", provider.get_tracer("tests"))
    yield exporter
    provider.shutdown()
