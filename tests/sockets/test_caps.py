"""How many sockets there may be: in all, from one address, and some of all only for people who are signed in."""

import socket
import struct
from collections.abc import Iterator
from contextlib import ExitStack

import httpx
import pytest
from websockets.exceptions import InvalidStatus

from tests.product import Product, until
from tests.sockets.conftest import started
from tests.sockets.raw import BOOT, Raw, event, opened
from vip_manager.services.sockets import MOST_OF_ADDRESS, Room, Sockets
from vip_manager.ui import words

MOST = 20
VISITORS = 18


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory, built_page: None) -> Iterator[Product]:
    yield from started(tmp_path_factory.mktemp("small"), {"MAX_SOCKETS": str(MOST)})


def get_in(product: Product, stack: ExitStack, number: int = 0, cookie: str = "") -> Raw:
    raw = stack.enter_context(opened(product, token=f"tab-{number}", cookie=cookie))
    assert raw.join(event(BOOT, path="/nowhere")).startswith("40/_event")
    return raw


def vanish(raw: Raw) -> None:
    """As a cable is pulled: no closing of anything, a reset at once."""
    raw.socket.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    raw.socket.socket.close()


def test_visitors_leave_room_for_the_staff_and_whoever_is_gone_is_not_counted(product: Product, streamer: str) -> None:
    with ExitStack() as stack:
        visitors = [get_in(product, stack, number) for number in range(VISITORS - 1)]
        # Whoever joins nothing is there too.
        idle = stack.enter_context(opened(product))
        with opened(product, token="late") as late:
            late.send("40/_event,")
            for cookie in ("", "vip=forged"):
                with pytest.raises(InvalidStatus) as refused, opened(product, token="later", cookie=cookie):
                    pass
                assert refused.value.response.status_code == 503
            assert words.FULL in late.until("44/_event")
            late.ended()
        staff = [get_in(product, stack, 100 + number, streamer) for number in range(MOST - VISITORS)]
        staff[0].call(BOOT)
        assert "Streamer" in staff[0].until('"signed_in":true')
        assert httpx.get(f"{product.base}/api/health", trust_env=False).status_code == 200
        for gone in (*visitors[:3], idle, *staff):
            vanish(gone)
        until(lambda: lets_in(product), "places of sockets that are gone are free", 5)


def lets_in(product: Product) -> bool:
    try:
        with opened(product, token="next") as raw:
            return raw.join().startswith("40/_event")
    except InvalidStatus:
        return False


def test_the_door_and_the_turnstile_stand_in_the_product(product: Product) -> None:
    """The sandbox's own Twitch is asked by the program all the time, and is not counted."""
    with httpx.Client(base_url=product.base, trust_env=False) as client:
        answers = [client.get("/api/auth/login") for _ in range(80)]
        refused = [one for one in answers if one.status_code == 429]
        assert 20 <= len(refused) < 80
        assert "problem=busy" in refused[0].text
        assert all(0 < int(one.headers["retry-after"]) <= 60 for one in refused)
        assert {client.get("/sandbox/twitch/control/world").status_code for _ in range(1300)} == {200}
        assert client.get("/").status_code == 200


def test_an_address_has_its_own_number() -> None:
    sockets = Sockets(1000)
    for _ in range(MOST_OF_ADDRESS):
        assert sockets.room("a") is Room.FREE
        sockets.take("a")
    assert sockets.room("a") is Room.KEPT
    assert sockets.room("b") is Room.FREE
    sockets.give_back("a")
    assert sockets.room("a") is Room.FREE


def test_one_in_ten_is_kept_for_the_staff() -> None:
    sockets = Sockets(50)
    seen = []
    for number in range(50):
        seen.append(sockets.room(str(number)))
        sockets.take(str(number))
    assert seen == [Room.FREE] * 45 + [Room.KEPT] * 5
    assert sockets.room("x") is Room.NONE
    for number in range(50):
        sockets.give_back(str(number))
    assert (sockets.open, len(sockets._open)) == (0, 0)


def test_only_a_few_are_refused_in_words_at_once() -> None:
    sockets = Sockets(100)
    assert [sockets.take_refusal() for _ in range(7)] == [True] * 5 + [False] * 2
    sockets.give_back_refusal()
    assert sockets.take_refusal()
