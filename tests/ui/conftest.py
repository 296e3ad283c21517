"""States outside of a browser: built as Reflex builds them, with the headers and address of a pretended socket."""

from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest
import reflex as rx
from reflex.istate.data import HeaderData, ReflexURL, SessionData, URLData

from tests.ui.fakes import Fakes
from vip_manager.services import container


@pytest.fixture
def services() -> Iterator[Fakes]:
    fakes = Fakes()
    container.provide(fakes)  # type: ignore[arg-type]
    yield fakes
    container.provide(None)


Visit = Callable[..., Awaitable[Any]]


@pytest.fixture
def visit(services: Fakes) -> Visit:
    """A page's state, seen by whoever sends that cookie from that address."""

    async def visit(state: type[rx.State], cookie: str = "", url: str = "http://localhost:3000/dashboard") -> Any:
        root = rx.State(_reflex_internal_init=True)  # type: ignore[call-arg]
        root.rx_router_headers = HeaderData.from_router_data({"headers": {"cookie": cookie}})
        root.rx_router_session = SessionData.from_router_data({"sid": "socket", "token": "token"})
        root.rx_router_url = URLData.from_url(ReflexURL(url))
        return await root.get_state(state)

    return visit


async def call(state: Any, name: str, *args: Any) -> None:
    """Runs a handler to its end, as an event would."""
    async for _ in getattr(type(state), name).fn(state, *args):
        pass
