"""Where the figures of `vip_manager.measures`, and Reflex's own, go: to whoever asks at `/metrics`, and to Google.

OpenTelemetry has one meter provider a process, set once; and nothing of this is imported where nobody wants figures.
"""

from collections.abc import Sequence

from opentelemetry import metrics
from opentelemetry.exporter.prometheus import PrometheusMetricReader
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import MetricReader
from opentelemetry.sdk.metrics.view import DropAggregation, View
from opentelemetry.sdk.resources import Resource
from prometheus_client import REGISTRY, exposition

FORM = exposition.CONTENT_TYPE_LATEST

# By their own names they would be others in Prometheus and in Cloud Monitoring.
_OF_REFLEX = (
    View(instrument_name="reflex.event.duration", name="reflex_event_duration_seconds"),
    View(instrument_name="reflex.websocket.connections", name="reflex_websocket_connections"),
    View(instrument_name="reflex.state.acquire.duration", aggregation=DropAggregation()),
    View(instrument_name="reflex.websocket.message.size", aggregation=DropAggregation()),
)


def turn_on(resource: Resource, *, scraped: bool, pushed: Sequence[MetricReader] = ()) -> None:
    """Once a process. `scraped`: somebody may ask at `/metrics`."""
    readers = [*pushed, *([PrometheusMetricReader(scope_info_enabled=False)] if scraped else [])]
    metrics.set_meter_provider(MeterProvider(metric_readers=readers, resource=resource, views=_OF_REFLEX))


def text() -> bytes:
    """All figures in Prometheus' form, as of now, and those of the process itself."""
    return exposition.generate_latest(REGISTRY)
