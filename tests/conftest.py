"""What all tests share."""

import fcntl
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import structlog

from vip_manager import page

REQUIRED = os.environ.get("REQUIRE_ALL_PARTS") == "1"
"""CI: a part that is missing here fails the run, where a developer's machine would skip its tests."""


@pytest.fixture(autouse=True)
def quiet_logs() -> Iterator[None]:
    """Through the standard library, so that pytest shows them with a failure only."""
    structlog.configure(
        processors=[
            structlog.stdlib.add_log_level,
            structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    logging.getLogger("httpx").setLevel(logging.WARNING)
    yield
    structlog.reset_defaults()


@contextmanager
def one_process_at_a_time(what: str) -> Iterator[None]:
    """Of those that share the suite: what is made once on disk is made by whoever comes first."""
    with (Path(sys.prefix) / f".{what}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@pytest.fixture(scope="session")
def built_page() -> None:
    """The page, built as `make run` builds it."""
    with one_process_at_a_time("page"):
        page.build_where_changed()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests come last: Playwright's loop stays with the thread, where asyncio's tests could not run theirs. The
    longest file of them first, so that no process is left with two long ones while the others have nothing to do."""
    sizes = {item.path: item.path.stat().st_size for item in items if "journeys" in item.path.parts}
    items.sort(key=lambda item: (item.path in sizes, -sizes.get(item.path, 0)))
