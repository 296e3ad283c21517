"""Turns on what the settings ask for: figures, traces, and Reflex's own of both."""

import os
import socket
from collections.abc import Awaitable, Callable, Sequence

import structlog
from opentelemetry import trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, ALWAYS_ON, ParentBased
from reflex_base import otel

from vip_manager import measures

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
        instance = f"{socket.gethostname()}-{os.getpid()}"
        resource = Resource.create({"service.name": _SERVICE, "service.instance.id": instance})
        readers, processors = [], []
        if cloud_run_service and project:
            try:
                from vip_manager.observability.google import Google, resource_of

                google = Google(project)
                resource = resource.merge(resource_of(project, cloud_run_service))
                readers, processors, self.push = [google.reader], [google.spans], google.push
            except Exception:
                # VIP is given and taken all the same.
                log.exception("figures and traces will not be sent to Google")
        if scraped or readers:
            from vip_manager.observability import metrics

            metrics.turn_on(resource, scraped=scraped, pushed=readers)
            measures.begin()
        trace.set_tracer_provider(_traces(resource, processors))
        otel.enable()


TELEMETRY = Telemetry()


def _traces(resource: Resource, processors: Sequence[SpanProcessor]) -> TracerProvider:
    """Whoever calls us decides which traces are kept: Google's front does so for a share of all requests
    (https://cloud.google.com/run/docs/trace)."""
    provider = TracerProvider(resource=resource, sampler=ParentBased(ALWAYS_ON if processors else ALWAYS_OFF))
    for one in processors:
        provider.add_span_processor(one)
    return provider
