"""Configures structlog and the standard library's logging: one line an event, to standard error, without secrets."""

import logging
import re
import sys
from typing import Any

import structlog

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

_SECRETS = re.compile(
    r"""((?:__Host-)?vip(?:-attempt)?="?|(?:Bearer|OAuth)\s+|(?:access_token|refresh_token|client_secret|code)["']?\s*[=:]\s*["']?)"""
    r"""[A-Za-z0-9._~+/=-]{6,}"""
)


def configure(form: str, level: int = logging.INFO) -> None:
    """`form` is console or json. Loggers of libraries go the same way; chatty ones are quieted."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    if form == "json":
        renderer: structlog.typing.Processor = structlog.processors.JSONRenderer()
        shared.append(structlog.processors.format_exc_info)
    else:
        renderer = structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
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
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer, _scrub],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in CHATTY:
        library = logging.getLogger(name)
        library.setLevel(logging.WARNING)
        # Some bring handlers of their own, past the form and the scrubber.
        library.handlers.clear()
        library.propagate = True


def _scrub(_: object, __: str, line: Any) -> Any:
    """The last line of defence: no code of ours logs a secret, but a library's error message may hold one."""
    return _SECRETS.sub(r"\1[secret]", line) if isinstance(line, str) else line
