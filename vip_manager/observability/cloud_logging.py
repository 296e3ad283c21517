"""A line of JSON in the form that Google's Cloud Logging, Trace and Error Reporting read.

Other programs read it as well: a field is a field. Cloud Logging: https://cloud.google.com/logging/docs/structured-logging;
Error Reporting: https://cloud.google.com/error-reporting/docs/formatting-error-messages.
"""

from collections.abc import MutableMapping
from typing import Any

from opentelemetry import trace

SEVERITIES = {"warn": "WARNING", "exception": "ERROR", "notset": "DEFAULT"}
"""By structlog's names of levels, where they differ by more than capitals."""
LABELS = ("request_id", "channel_id")
"""Fields that Cloud Logging keeps an index of, for a person looks for them."""

_ERROR_EVENT = "type.googleapis.com/google.devtools.clouderrorreporting.v1beta1.ReportedErrorEvent"
_WORTH_A_REPORT = frozenset({"ERROR", "CRITICAL"})

Fields = MutableMapping[str, Any]


class CloudLogging:
    """A processor of structlog; wants `level`, `event`, `timestamp`, and the `_record` of standard logging. `project`,
    `service` and `revision` may be empty: then traces, or errors, are not found by them."""

    def __init__(self, project: str, service: str, revision: str) -> None:
        self._project = project
        self._service_context = {"service": service or "vip-manager", **({"version": revision} if revision else {})}

    def __call__(self, _: object, __: str, said: Fields) -> Fields:
        level, record = said.pop("level"), said.get("_record")
        severity = SEVERITIES.get(level, level.upper())
        line: Fields = {"severity": severity, "message": said.pop("event"), "time": said.pop("timestamp")}
        if labels := {name: str(said.pop(name)) for name in LABELS if name in said}:
            line["logging.googleapis.com/labels"] = labels
        line.update(self._trace())
        if severity in _WORTH_A_REPORT:
            line.update({"@type": _ERROR_EVENT, "serviceContext": self._service_context})
            if trouble := said.pop("exception", None):
                line["stack_trace"] = f"{line['message']}\n{trouble}"
            elif record is not None:
                where = {"filePath": record.pathname, "lineNumber": record.lineno, "functionName": record.funcName}
                line["context"] = {"reportLocation": where}
        line.update(said)
        return line

    def _trace(self) -> Fields:
        span = trace.get_current_span().get_span_context()
        if not span.is_valid:
            return {}
        trace_id = trace.format_trace_id(span.trace_id)
        if self._project:
            trace_id = f"projects/{self._project}/traces/{trace_id}"
        return {
            "logging.googleapis.com/trace": trace_id,
            "logging.googleapis.com/spanId": trace.format_span_id(span.span_id),
            "logging.googleapis.com/trace_sampled": span.trace_flags.sampled,
        }
