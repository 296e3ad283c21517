"""Configures structlog and the standard library's logging: one line an event, to standard error, without secrets."""

import logging
import re
import sys
from collections.abc import Iterable, MutableMapping
from typing import Any

import structlog

from vip_manager import measures, tracing
from vip_manager.observability.cloud_logging import CloudLogging

CHATTY = (
    "httpx",
    "httpcore",
    "websockets",
    "apscheduler",
    "uvicorn",
    "socketio",
    "socketio.server",
    "engineio",
    "engineio.server",
)
"""httpx logs whole addresses, with codes in them, uvicorn those of sockets; APScheduler tells of every run."""
FOR_ANYBODY = ("uvicorn.error",)
"""Warns, a line a connection, of whatever somebody sends that is no HTTP: only its errors are news."""

_NAMED = re.compile(
    r"""(?ix)
    ( (?:__Host-)? \b vip (?:-attempt)? ["']? \s* [=:] \s* ["']?
    | \b (?:Bearer|OAuth|Basic) \s+
    | \b oauth:
    | (?: \b | (?<=%[0-9a-f]{2}) )
      (?: access_?token | refresh_?token | id_token | client_secret | code | state | form_token | token | key )
      \\? ["']? \s* (?: [=:] | %3[dD] ) \s* \\? ["']?
    )
    (?!StatusCode\.) [A-Za-z0-9._~+/%=-]{6,}
    """
)
"""Our cookies; Authorization, and Twitch's older way of writing it; what OAuth calls its secrets, and pages and
overlays theirs. gRPC's "error code: StatusCode.…" is none."""
_COOKIES = re.compile(r"""(?i)(\b(?:set-)?cookie\\?["']?\s*[:=,]\s*b?\\?["']?)[^"'\\\n]+""")


def configure(
    form: str,
    level: int = logging.INFO,
    *,
    secrets: Iterable[str] = (),
    project: str = "",
    service: str = "",
    revision: str = "",
) -> None:
    """`form` is console or json (see `CloudLogging`, which the last three are for); `secrets` are this installation's
    own, which no line will hold. Loggers of libraries go the same way; chatty ones are quieted."""
    scrub = Scrubber(secrets)
    shared: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        _with_request,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    if form == "json":
        rendered: list[structlog.typing.Processor] = [
            CloudLogging(project, service, revision),
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.JSONRenderer(default=str),
        ]
        shared.append(structlog.processors.format_exc_info)
    else:
        rendered = [
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.dev.ConsoleRenderer(
                colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
            ),
        ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[_counted, *rendered, scrub],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in CHATTY + FOR_ANYBODY:
        library = logging.getLogger(name)
        library.setLevel(logging.ERROR if name in FOR_ANYBODY else logging.WARNING)
        # Some bring handlers of their own, past the form and the scrubber.
        library.handlers.clear()
        library.propagate = True


def _with_request(_: object, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    if "request_id" not in line and (request_id := tracing.request_id()):
        line["request_id"] = request_id
    return line


def _counted(_: object, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    if line.get("level") in ("error", "critical"):
        measures.errors.add(1)
    return line


class Scrubber:
    """The last line of defence: no code of ours logs a secret, but a library's error message may hold one."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        ours = sorted({re.escape(one) for one in secrets if one}, key=len, reverse=True)
        self._ours = re.compile("|".join(ours)) if ours else None

    def __call__(self, _: object, __: str, line: Any) -> Any:
        return self.scrubbed(line) if isinstance(line, str) else line

    def scrubbed(self, line: str) -> str:
        if self._ours is not None:
            line = self._ours.sub("[secret]", line)
        return _NAMED.sub(r"\1[secret]", _COOKIES.sub(r"\1[secret]", line))
