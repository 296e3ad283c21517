"""Libraries without what they take along and this program never uses: a fifth of a second, and 10 MB or more.

Each of them goes without where it is not installed, and is made to believe so while it is imported. Whoever imports one
of the left out afterwards finds it as ever.
"""

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType

WITHOUT = {
    # Colours in a traceback: ours are plain.
    "structlog": ("rich",),
    # Its command.
    "httpx": ("httpx._main",),
    # Starting again when a file changes.
    "uvicorn": ("watchfiles",),
    # A file of its own environment, models as a page's variables; Socket.IO's clients, and its servers at one queue.
    "reflex.app": ("dotenv", "pydantic", "aiohttp", "requests", "kombu", "valkey", "websocket", "zmq"),
}
"""By who takes it along."""

_NAMES = {"redis": ("ResponseError",), "redis.asyncio": ("Redis",)}
"""All that Reflex's manager of states in Redis, which it always imports, has of it in annotations and `except`."""


def load() -> None:
    """Imports them, once Reflex's environment is set (it reads that when it is imported). What is there already is left
    as it is."""
    for name, left_out in WITHOUT.items():
        with _absent(left_out), _hollow():
            import_module(name)


@contextmanager
def _absent(names: Iterable[str]) -> Iterator[None]:
    """None stands for what can't be imported: https://docs.python.org/3/reference/import.html#the-module-cache"""
    modules: dict[str, ModuleType | None] = sys.modules  # type: ignore[assignment]
    absent = [name for name in names if name not in modules]
    modules.update(dict.fromkeys(absent))
    try:
        yield
    finally:
        for name in absent:
            del modules[name]


@contextmanager
def _hollow() -> Iterator[None]:
    """The states are in memory (`rxconfig.py`): in place of the library there are names."""
    hollow = {} if "redis" in sys.modules else {name: ModuleType(name) for name in _NAMES}
    for name, module in hollow.items():
        vars(module).update({one: type(one, (Exception,), {}) for one in _NAMES[name]})
    sys.modules.update(hollow)
    try:
        yield
    finally:
        for name in hollow:
            del sys.modules[name]
