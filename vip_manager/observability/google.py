"""Sends figures and traces to Google Cloud's Telemetry API, which takes OpenTelemetry's own protocol
(https://docs.cloud.google.com/stackdriver/docs/otlp/overview): figures become Prometheus series in Cloud Monitoring.

Cloud Run gives a process time while it answers somebody, and for a moment when it ends. So beside a push a minute there
is one after each sweep of the scheduler (`Google.push`), if the last one was not just before.
"""

import asyncio
import time
from collections.abc import Callable
from datetime import timedelta

import google.auth
import grpc
import structlog
from google.auth.transport import requests
from google.auth.transport.grpc import AuthMetadataPlugin
from opentelemetry.exporter.otlp.proto.grpc.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.resourcedetector.gcp_resource_detector import GoogleCloudResourceDetector
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace.export import BatchSpanProcessor

log = structlog.get_logger(__name__)

ENDPOINT = "https://telemetry.googleapis.com:443"
EVERY = timedelta(minutes=1)
SOONEST = timedelta(seconds=20)
"""Between two pushes: Cloud Monitoring takes a point of a series every 5 s (https://cloud.google.com/monitoring/quotas)."""
PATIENCE = timedelta(seconds=4)
"""With one post."""
LONGEST_WAIT = timedelta(seconds=2)
"""Of a sweep's answer, for a push: many spans are several posts, each with PATIENCE of its own."""
_SCOPE = "https://www.googleapis.com/auth/cloud-platform"


class Google:
    """The two ways out, and what they are told of us. Raises google.auth's errors where there are no credentials."""

    def __init__(
        self,
        project: str,
        *,
        endpoint: str = ENDPOINT,
        credentials: grpc.ChannelCredentials | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._monotonic = monotonic
        self._pushed_at = monotonic()
        self._under_way: set[asyncio.Task[None]] = set()
        to = {
            "endpoint": endpoint,
            "credentials": credentials or _credentials(),
            "timeout": PATIENCE.total_seconds(),
            "headers": (("x-goog-user-project", project),),
        }
        self.reader = PeriodicExportingMetricReader(
            OTLPMetricExporter(**to), export_interval_millis=EVERY.total_seconds() * 1000
        )
        self.spans = BatchSpanProcessor(OTLPSpanExporter(**to))

    async def push(self) -> None:
        """What has come together since the last push. What can't be sent now is with the next; nothing is raised, and
        nobody is held for more than LONGEST_WAIT."""
        if self._under_way or self._monotonic() - self._pushed_at < SOONEST.total_seconds():
            return
        self._pushed_at = self._monotonic()
        for way in (self.reader, self.spans):
            sending = asyncio.create_task(asyncio.to_thread(self._flush, way))
            self._under_way.add(sending)
            sending.add_done_callback(self._under_way.discard)
        _, late = await asyncio.wait(set(self._under_way), timeout=LONGEST_WAIT.total_seconds())
        if late:
            log.info("telemetry not sent", error="no answer in time")

    def _flush(self, way: PeriodicExportingMetricReader | BatchSpanProcessor) -> None:
        try:
            way.force_flush(int(PATIENCE.total_seconds() * 1000))
        except Exception as error:
            log.info("telemetry not sent", error=type(error).__name__)


def resource_of(project: str, service: str) -> Resource:
    """What Google needs to know whose figures they are: each instance is one of its own."""
    ours = Resource.create({"service.name": service, "gcp.project_id": project})
    found: Resource = GoogleCloudResourceDetector(raise_on_error=False).detect()
    return found.merge(ours)


def _credentials() -> grpc.ChannelCredentials:
    found, _ = google.auth.default(scopes=[_SCOPE])
    request = requests.Request()
    return grpc.composite_channel_credentials(
        grpc.ssl_channel_credentials(), grpc.metadata_call_credentials(AuthMetadataPlugin(found, request))
    )
