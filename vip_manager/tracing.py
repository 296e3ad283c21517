"""The way of one thing through all rooms: spans of OpenTelemetry, and the id by which people find it again.

A request's id is that of its trace, unless whoever sent it gave one; what is written down because of it keeps the id,
and whoever takes the work up again, be it in another process, goes on in the same trace.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import Link, Span, SpanContext, SpanKind
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

_FIELD = "traceparent"
_tracer = trace.get_tracer("vip_manager")
_propagator = TraceContextTextMapPropagator()
_asked_as: ContextVar[str] = ContextVar("request_id", default="")


def request_id() -> str:
    """Of what is being done now; empty where nobody asked for it, or nobody counts."""
    return _asked_as.get() or _trace_id(trace.get_current_span())


def here() -> str:
    """Where the work stands, to go on from: a `traceparent` (https://www.w3.org/TR/trace-context/), or empty."""
    carrier: dict[str, str] = {}
    _propagator.inject(carrier)
    return carrier.get(_FIELD, "")


@contextmanager
def asked(
    name: str, headers: Mapping[str, str], given_id: str, new_id: Callable[[], str]
) -> Iterator[tuple[str, Span]]:
    """A request's span and its id, which all log lines below have: `given_id`, else the trace's, else a `new_id`. The
    trace that `headers` name goes on."""
    told = headers.get(_FIELD, "")
    parent = _propagator.extract({_FIELD: told}, context=Context()) if told else Context()
    with _tracer.start_as_current_span(name, context=parent, kind=SpanKind.SERVER, record_exception=False) as span:
        request_id = given_id or _trace_id(span) or new_id()
        with _known_as(request_id):
            yield request_id, span


@contextmanager
def step(name: str, since: str = "", kind: SpanKind = SpanKind.INTERNAL) -> Iterator[Span]:
    """A span of what is done now; in the trace of `since` (see `here`) where that began elsewhere."""
    began, now = _began(since), trace.get_current_span().get_span_context()
    if began is None or began.trace_id == now.trace_id:
        if now.is_valid and not now.trace_flags.sampled:
            # Of a trace that nobody keeps the id is all that is needed.
            yield trace.get_current_span()
            return
        with _tracer.start_as_current_span(name, kind=kind, record_exception=False) as span:
            yield span
        return
    links = [Link(now)] if now.is_valid else []
    context = trace.set_span_in_context(trace.NonRecordingSpan(began), Context())
    with (
        _tracer.start_as_current_span(name, context=context, links=links, record_exception=False) as span,
        _known_as(trace.format_trace_id(began.trace_id)),
    ):
        yield span


@contextmanager
def _known_as(request_id: str) -> Iterator[None]:
    before = _asked_as.set(request_id)
    try:
        yield
    finally:
        _asked_as.reset(before)


def _began(since: str) -> SpanContext | None:
    if not since:
        return None
    began = trace.get_current_span(_propagator.extract({_FIELD: since}, context=Context())).get_span_context()
    return began if began.is_valid else None


def _trace_id(span: Span) -> str:
    context = span.get_span_context()
    return trace.format_trace_id(context.trace_id) if context.is_valid else ""
