"""The product in its sandbox, and raw sockets to it: what anybody can open who has no browser."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.product import Product
from tests.sockets.raw import cookie_of


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory, built_page: None) -> Iterator[Product]:
    yield from started(tmp_path_factory.mktemp("product"), {})


def started(directory: Path, environment: dict[str, str]) -> Iterator[Product]:
    with Product(directory, {"EXPIRY_TICK_SECONDS": "3600", **environment}).running() as product:
        yield product


@pytest.fixture(scope="module")
def streamer(product: Product) -> str:
    """The `Cookie` header of a connected streamer."""
    return cookie_of(product, "streamer")


@pytest.fixture(scope="module")
def stranger(product: Product) -> str:
    return cookie_of(product, "viewer2", connect=False)
