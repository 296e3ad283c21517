"""Whoever comes too often is turned away for a while, by address; what must never be lost is not counted."""

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from vip_manager.services import container, rates
from vip_manager.store.rate_limits import ProcessRates
from vip_manager.ui import words
from vip_manager.web.turnstile import Turnstile

OWN = "/sandbox/twitch"


class Hand:
    """A clock moved by hand; seconds."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Iterator[Hand]:
    clock = Hand()
    container.provide(SimpleNamespace(rates=ProcessRates("key", clock)))  # type: ignore[arg-type]
    yield clock
    container.provide(None)


Client = Callable[..., httpx.AsyncClient]


@pytest.fixture
def client(clock: Hand) -> Client:
    """Somebody at that address."""
    methods = ["GET", "POST"]
    answer = Route("/{path:path}", lambda _: PlainTextResponse("done"), methods=methods)
    app = Turnstile(Starlette(routes=[answer]), OWN)

    def client(address: str = "203.0.113.7") -> httpx.AsyncClient:
        transport = httpx.ASGITransport(app, client=(address, 50_000))
        return httpx.AsyncClient(transport=transport, base_url="http://vip.test")

    return client


async def answers(client: httpx.AsyncClient, path: str, how_often: int) -> list[httpx.Response]:
    return [await client.post(path) for _ in range(how_often)]


def refused(found: list[httpx.Response]) -> list[httpx.Response]:
    return [one for one in found if one.status_code != 200]


@pytest.mark.parametrize(
    ("path", "rate"),
    [
        ("/api/auth/login", rates.SIGN_IN),
        ("/api/auth/callback", rates.CALLBACK),
        ("/api/auth/callback/", rates.CALLBACK),
        ("/api/auth/logout", rates.API),
        ("/api/ready", rates.API),
        ("/api/boards", rates.API),
        ("/metrics", rates.API),
        ("/", rates.PAGES),
        ("/assets", rates.PAGES),
    ],
)
async def test_each_kind_of_route_has_its_number(client: Client, clock: Hand, path: str, rate: Any) -> None:
    assert len(refused(await answers(client(), path, rate.most + 5))) == 5
    assert refused(await answers(client("203.0.113.8"), path, 1)) == [], "another address"
    clock.now += rate.seconds
    assert refused(await answers(client(), path, rate.most)) == []


@pytest.mark.parametrize("path", ["/api/board/streamer", "/api/board/streamer/", "/api/overlay/streamer?key=x"])
async def test_half_a_thousand_pages_behind_one_address_may_ask_for_a_board(client: Client, path: str) -> None:
    assert rates.of_path(path) is rates.BOARDS
    assert refused(await answers(client(), path, 2000)) == []


@pytest.mark.parametrize("path", ["/api/eventsub", "/api/cron/expire", "/api/health", "/api/health/", "/assets/a.js"])
async def test_what_must_not_be_lost_is_not_counted(client: Client, path: str) -> None:
    assert refused(await answers(client(), path, 2000)) == []


async def test_the_sandboxs_own_twitch_is_asked_by_the_program_itself(client: Client) -> None:
    path = f"{OWN}/helix/users"
    assert refused(await answers(client("127.0.0.1"), path, 2000)) == []
    assert refused(await answers(client("::1"), path, 2000)) == []
    assert len(refused(await answers(client(), path, 1205))) == 5


async def test_an_api_says_so_in_json_and_when_to_come_again(client: Client, clock: Hand) -> None:
    await answers(client(), "/api/ready", rates.API.most)
    clock.now += 12.5
    [answer] = await answers(client(), "/api/ready", 1)
    assert answer.status_code == 429
    assert answer.json() == {"error": {"code": "rate_limited", "message": "That was too often. Try again in a moment."}}
    assert answer.headers["retry-after"] == "48"
    clock.now += 48
    assert refused(await answers(client(), "/api/ready", 1)) == []


async def test_a_browser_on_its_way_through_sign_in_ends_on_a_page(client: Client) -> None:
    await answers(client(), "/api/auth/login", rates.SIGN_IN.most)
    [answer] = await answers(client(), "/api/auth/login", 1)
    assert answer.status_code == 429
    assert 'content="0;url=/?problem=busy"' in answer.text
    assert int(answer.headers["retry-after"]) == 60
    assert words.sign_in_problem("busy") == words.SIGN_IN_PROBLEMS["busy"]


async def test_one_network_of_ipv6_is_one_address(client: Client) -> None:
    here = [client(f"2001:db8:1:2::{number:x}") for number in range(1, 71)]
    found = [(await answers(one, "/api/auth/login", 1))[0] for one in here]
    assert len(refused(found)) == 10
    assert refused(await answers(client("2001:db8:1:3::1"), "/api/auth/login", 1)) == []


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8::1", "2001:db8::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("testclient", "testclient"),
        ("x" * 5000, "x" * 100),
    ],
)
def test_what_counts_as_one_address(address: str, network: str) -> None:
    assert rates.network(address) == network


def test_this_machine_itself() -> None:
    assert rates.loopback("127.0.0.1")
    assert rates.loopback("::ffff:127.0.0.1")
    assert rates.loopback("::1")
    assert not any(map(rates.loopback, ("203.0.113.7", "::2", "localhost", "")))


@pytest.mark.parametrize(
    ("address", "counted"),
    [("203.0.113.7", "203.0.113.7"), ("127.0.0.1", ""), ("::1", ""), ("::ffff:127.0.0.1", "")],
)
def test_sockets_of_this_very_machine_have_no_number_of_their_own(address: str, counted: str) -> None:
    assert rates.socket_address(address) == counted
