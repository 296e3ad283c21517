"""What Google Cloud's Telemetry API is sent, taken by a server that speaks its protocol (OTLP over gRPC)."""

import asyncio
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta

import grpc
import pytest
import structlog.testing
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2, metrics_service_pb2_grpc
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2, trace_service_pb2_grpc
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider

from vip_manager.observability import google as google_module
from vip_manager.observability.google import SOONEST, Google


@dataclass
class TelemetryApi(metrics_service_pb2_grpc.MetricsServiceServicer):
    """`metrics` and `spans`: their names, a list a post; `told`: what stood in the calls' heads."""

    refuses: bool = False
    metrics: list[list[str]] = field(default_factory=list)
    spans: list[list[str]] = field(default_factory=list)
    told: set[str] = field(default_factory=set)

    def Export(self, request, context):  # type: ignore[no-untyped-def]
        self.told |= {str(value) for key, value in context.invocation_metadata() if key == "x-goog-user-project"}
        if self.refuses:
            context.abort(grpc.StatusCode.PERMISSION_DENIED, "not for you")
        if isinstance(request, trace_service_pb2.ExportTraceServiceRequest):
            scopes = [scope for one in request.resource_spans for scope in one.scope_spans]
            self.spans.append([span.name for scope in scopes for span in scope.spans])
            return trace_service_pb2.ExportTraceServiceResponse()
        found = [scope for one in request.resource_metrics for scope in one.scope_metrics]
        self.metrics.append([metric.name for scope in found for metric in scope.metrics])
        return metrics_service_pb2.ExportMetricsServiceResponse()


class Time:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def api() -> Iterator[tuple[TelemetryApi, str]]:
    api, server = TelemetryApi(), grpc.server(ThreadPoolExecutor(2))
    metrics_service_pb2_grpc.add_MetricsServiceServicer_to_server(api, server)  # type: ignore[no-untyped-call]
    trace_service_pb2_grpc.add_TraceServiceServicer_to_server(api, server)  # type: ignore[no-untyped-call]
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield api, f"http://127.0.0.1:{port}"
    server.stop(None).wait()


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def google(api: tuple[TelemetryApi, str], time: Time) -> Google:
    return Google("my-project", endpoint=api[1], credentials=grpc.ssl_channel_credentials(), monotonic=time)


async def test_figures_and_traces_arrive_after_a_sweep_and_not_too_often(
    api: tuple[TelemetryApi, str], google: Google, time: Time
) -> None:
    provider = MeterProvider(metric_readers=[google.reader], resource=Resource.create({"service.name": "vip"}))
    traces = TracerProvider()
    traces.add_span_processor(google.spans)
    provider.get_meter("tests").create_counter("vip_grants_total").add(1)
    with traces.get_tracer("tests").start_as_current_span("grant"):
        pass
    try:
        await google.push()
        assert api[0].metrics == []
        time.now += SOONEST.total_seconds()
        await google.push()
        await google.push()
        assert (api[0].metrics, api[0].spans) == ([["vip_grants_total"]], [["grant"]])
        assert api[0].told == {"my-project"}
    finally:
        provider.shutdown()
        traces.shutdown()


async def test_whoever_is_turned_away_goes_on_with_vip(
    api: tuple[TelemetryApi, str], google: Google, time: Time
) -> None:
    provider = MeterProvider(metric_readers=[google.reader])
    provider.get_meter("tests").create_counter("vip_grants_total").add(1)
    api[0].refuses = True
    try:
        time.now += SOONEST.total_seconds()
        await google.push()
        api[0].refuses = False
        time.now += SOONEST.total_seconds()
        await google.push()
        assert api[0].metrics == [["vip_grants_total"]]
    finally:
        provider.shutdown()


async def test_a_collector_that_says_nothing_holds_nobody(time: Time, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(google_module, "PATIENCE", timedelta(seconds=1))
    monkeypatch.setattr(google_module, "LONGEST_WAIT", timedelta(seconds=0.05))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        endpoint = f"http://127.0.0.1:{silent.getsockname()[1]}"
        google = Google("my-project", endpoint=endpoint, credentials=grpc.ssl_channel_credentials(), monotonic=time)
        provider, traces = MeterProvider(metric_readers=[google.reader]), TracerProvider()
        traces.add_span_processor(google.spans)
        try:
            with traces.get_tracer("tests").start_as_current_span("grant"):
                pass
            time.now += SOONEST.total_seconds()
            with structlog.testing.capture_logs() as said:
                async with asyncio.timeout(0.9):
                    await google.push()
                    time.now += SOONEST.total_seconds()
                    await google.push()
            assert [line["event"] for line in said] == ["telemetry not sent"], "and the second is not begun"
        finally:
            provider.shutdown()
            traces.shutdown()
