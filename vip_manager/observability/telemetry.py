"""Turns on what the settings ask for: figures, traces, and Reflex's own of both."""

import os
import socket
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import structlog
from opentelemetry import trace
from opentelemetry.trace import TracerProvider
from reflex_base import otel

from vip_manager import measures
from vip_manager.observability.unkept import Unkept

if TYPE_CHECKING:
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import SpanProcessor

log = structlog.get_logger(__name__)

Push = Callable[[], Awaitable[None]]
_SERVICE = "vip-manager"


async def _nothing() -> None:
    """Where figures are fetched, or nobody wants any."""


class Telemetry:
    """OpenTelemetry is one for the whole process. `push` is to be awaited after work in the background of a process
    that may sleep from then on."""

    push: Push = staticmethod(_nothing)
    _on = False

    def turn_on(self, *, scraped: bool, cloud_run_service: str, project: str) -> None:
        """A second time changes nothing. `scraped`: somebody may ask at `/metrics`; `cloud_run_service` and `project`,
        both: Google gets figures and traces.

        Where no traces go anywhere there are still their ids, by which log lines and records are found together.
        """
        if self._on:
            return
        self._on = True
        traces: TracerProvider = Unkept()
        if scraped or (cloud_run_service and project):
            traces = self._measured(scraped=scraped, cloud_run_service=cloud_run_service, project=project) or traces
        trace.set_tracer_provider(traces)
        otel.enable()

    def _measured(self, *, scraped: bool, cloud_run_service: str, project: str) -> TracerProvider | None:
        """Turns the figures on. Where traces are kept, by what."""
        # The SDK takes memory, and many need none of it.
        from opentelemetry.sdk.resources import Resource

        from vip_manager.observability import metrics

        instance = f"{socket.gethostname()}-{os.getpid()}"
        resource = Resource.create({"service.name": _SERVICE, "service.instance.id": instance})
        readers, traces = [], None
        if cloud_run_service and project:
            try:
                from vip_manager.observability.google import Google, resource_of

                google = Google(project)
                resource = resource.merge(resource_of(project, cloud_run_service))
                readers, traces, self.push = [google.reader], _kept(resource, google.spans), google.push
            except Exception:
                # VIP is given and taken all the same.
                log.exception("figures and traces will not be sent to Google")
        if scraped or readers:
            metrics.turn_on(resource, scraped=scraped, pushed=readers)
            measures.begin()
        return traces


TELEMETRY = Telemetry()


def _kept(resource: "Resource", processor: "SpanProcessor") -> TracerProvider:
    """Whoever calls us decides which traces are kept: Google's front does so for a share of all requests
    (https://cloud.google.com/run/docs/trace)."""
    from opentelemetry.sdk.trace import TracerProvider as Provider
    from opentelemetry.sdk.trace.sampling import ALWAYS_ON, ParentBased

    provider = Provider(resource=resource, sampler=ParentBased(ALWAYS_ON))
    provider.add_span_processor(processor)
    return provider
