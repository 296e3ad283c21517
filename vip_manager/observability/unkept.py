"""Traces that nobody keeps: of a span there is its id, by which log lines and records are found together.

The SDK's own tracer asks a sampler, a resource and an id generator for each such span, which is a good part of what a
post of Twitch's costs.
"""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from opentelemetry import trace
from opentelemetry.context import Context, attach, detach
from opentelemetry.trace import NonRecordingSpan, Span, SpanContext, Tracer, TracerProvider


class Unkept(TracerProvider):
    def get_tracer(self, *_: Any, **__: Any) -> Tracer:
        return _Tracer()


class _Tracer(Tracer):
    def start_span(self, name: str, context: Context | None = None, *_: Any, **__: Any) -> Span:
        """In the trace of whoever began it, whose word goes on whether it is kept."""
        parent = trace.get_current_span(context).get_span_context()
        own = random.getrandbits(64) or 1
        if parent.is_valid:
            return NonRecordingSpan(SpanContext(parent.trace_id, own, False, parent.trace_flags, parent.trace_state))
        return NonRecordingSpan(SpanContext(random.getrandbits(128) or 1, own, is_remote=False))

    @contextmanager
    def start_as_current_span(  # type: ignore[override]
        self, name: str, context: Context | None = None, *_: Any, **__: Any
    ) -> Iterator[Span]:
        span = self.start_span(name, context)
        before = attach(trace.set_span_in_context(span))
        try:
            yield span
        finally:
            detach(before)
