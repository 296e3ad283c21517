"""The scheduler as its service account: Google's token opens the route, and nothing that looks like it does."""

import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from tests.house import HandClock, House
from tests.web.conftest import CRON_SECRET
from tests.web.google import (
    AUDIENCE,
    INVOKER,
    KEY,
    KEY_ID,
    OTHER_KEY,
    Certificates,
    by_hmac,
    certificate,
    claims,
    encoded,
    public_key,
    token,
    unsigned,
)
from vip_manager.web import cron
from vip_manager.web.answers import HANDLERS
from vip_manager.web.google_identity import GoogleIdentity, NotThem

AUDIENCES = (AUDIENCE, "http://localhost:1")


@pytest.fixture
def google() -> Certificates:
    return Certificates()


@pytest.fixture
def identity(google: Certificates) -> GoogleIdentity:
    return GoogleIdentity(INVOKER, AUDIENCES, google)


@pytest.fixture
async def scheduler(house: House, identity: GoogleIdentity) -> AsyncIterator[httpx.AsyncClient]:
    """Knocks at a program that knows a service account and no secret."""
    app = Starlette(routes=[Route(cron.PATH, cron.expire("", identity), methods=["POST"])], exception_handlers=HANDLERS)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost:1") as client:
        yield client


def bearer(value: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {value}"}


async def test_the_service_account_sweeps(house: House, scheduler: httpx.AsyncClient) -> None:
    await house.open(hours=1)
    await house.redeem("viewer1")
    house.clock.jump(2)
    answer = await scheduler.post(cron.PATH, headers=bearer(token()), json={"ignored": True})
    assert answer.status_code == 200
    assert answer.json()["expired"] == 1


async def test_the_secret_and_the_service_account_both_open_the_route(house: House, identity: GoogleIdentity) -> None:
    app = Starlette(routes=[Route(cron.PATH, cron.expire(CRON_SECRET, identity), methods=["POST"])])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost:1") as client:
        for credential, status in ((CRON_SECRET, 200), (token(), 200), ("neither", 401), ("", 401)):
            assert (await client.post(cron.PATH, headers=bearer(credential))).status_code == status


def now(seconds: int) -> int:
    """So many seconds from now, as tokens say it."""
    return int(time.time()) + seconds


@pytest.mark.parametrize(
    "said",
    [
        lambda: claims(),
        lambda: claims(aud="http://localhost:1"),
        lambda: claims(iss="accounts.google.com"),
        lambda: claims(exp=now(-5)),
        lambda: claims(iat=now(15)),
        lambda: claims(nbf=now(0)),
    ],
)
async def test_what_google_says_of_the_service_account_is_believed(
    identity: GoogleIdentity, said: Callable[[], dict[str, object]]
) -> None:
    await identity.check(token(said()))


FORGED: dict[str, Callable[[], str]] = {
    "another audience": lambda: token(claims(aud="https://another.example/api/cron/expire")),
    "a part of the audience": lambda: token(claims(aud=AUDIENCE[:-1])),
    "several audiences": lambda: token(claims(aud=[AUDIENCE])),
    "no audience": lambda: token(claims(aud=None)),
    "another account": lambda: token(claims(email="other@my-project.iam.gserviceaccount.com")),
    "no e-mail": lambda: token(claims(email=None)),
    "an unverified e-mail": lambda: token(claims(email_verified=False)),
    "an e-mail verified in words": lambda: token(claims(email_verified="true")),
    "another issuer": lambda: token(claims(iss="https://accounts.google.com.example")),
    "no issuer": lambda: token(claims(iss=None)),
    "expired": lambda: token(claims(exp=now(-120), iat=now(-3720))),
    "no end": lambda: token(claims(exp=None)),
    "an end in words": lambda: token(claims(exp="tomorrow")),
    "an end that is true": lambda: token(claims(exp=True)),
    "from tomorrow on": lambda: token(claims(iat=now(120), exp=now(3720))),
    "not before tomorrow": lambda: token(claims(nbf=now(120))),
    "no beginning": lambda: token(claims(iat=None)),
    "not signed": lambda: f"{unsigned(claims(), alg='none')}.",
    "not signed, and says otherwise": lambda: f"{unsigned(claims())}.",
    "the public key as a secret": lambda: by_hmac(public_key()),
    "the certificate as a secret": lambda: by_hmac(certificate().encode()),
    "another way of signing": lambda: token(alg="RS384"),
    "another key": lambda: token(key=OTHER_KEY),
    "another key under its own name": lambda: token(key=OTHER_KEY, kid="key-2"),
    "no key named": lambda: token(kid=None),
    "a key named in a list": lambda: token(kid=[KEY_ID]),
    "words of others in the header": lambda: token(crit=["exp"]),
    "another's claims under a signature": lambda: f"{unsigned(claims(sub='1'))}.{token().split('.')[2]}",
    "claims that are a list": lambda: token([]),  # type: ignore[arg-type]
    "empty": lambda: "",
    "one part": lambda: "nonsense",
    "three parts": lambda: "a.b.c",
    "five parts": lambda: "a.b.c.d.e",
    "not base64": lambda: "ä.ö.ü",
    "zero": lambda: "\x01.\x02.\x03",
    "deep": lambda: f"{encoded(b'[' * 3000)}.W.W",
    "huge": lambda: token(claims(more="x" * 5000)),
    "another scheme's": lambda: f"Basic {token()}",
}


@pytest.mark.parametrize("forged", FORGED.values(), ids=FORGED.keys())
async def test_nobody_else_sweeps(scheduler: httpx.AsyncClient, forged: Callable[[], str]) -> None:
    answer = await scheduler.post(cron.PATH, headers={b"Authorization": b"Bearer " + forged().encode()})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.json()["error"]["code"] == "unauthorized"
    assert len(answer.content) < 200, "says nothing of what was sent"


async def test_nobody_has_google_asked_for_a_key_with_a_token_that_is_wrong_anyway(
    identity: GoogleIdentity, google: Certificates
) -> None:
    for forged in (FORGED["another account"], FORGED["expired"], FORGED["not signed"], FORGED["huge"]):
        with pytest.raises(NotThem):
            await identity.check(forged())
    assert google.asked == []


async def test_google_out_of_reach_is_not_the_schedulers_fault(
    scheduler: httpx.AsyncClient, google: Certificates
) -> None:
    google.out_of_reach = True
    answer = await scheduler.post(cron.PATH, headers=bearer(token()))
    assert answer.status_code == 503
    assert answer.json()["error"]["code"] == "google_unavailable"


async def test_a_new_key_of_googles(identity: GoogleIdentity, google: Certificates) -> None:
    google.known["key-2"] = certificate(OTHER_KEY)
    await identity.check(token(key=OTHER_KEY, kid="key-2"))
    with pytest.raises(NotThem):
        await identity.check(token(key=KEY, kid="key-2"))


async def test_without_any_credential_the_route_is_closed() -> None:
    app = Starlette(routes=[Route(cron.PATH, cron.expire(""), methods=["POST"])])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost:1") as client:
        for headers in ({}, bearer(""), bearer(token())):
            answer = await client.post(cron.PATH, headers=headers)
            assert answer.status_code == 503
            assert answer.json()["error"]["code"] == "not_configured"


async def test_the_program_knows_the_account_that_the_settings_name(twitch_base: str, tmp_path: Path) -> None:
    house = House(twitch_base, tmp_path / "data", HandClock(), {"CRON_INVOKER": INVOKER, "EXPIRY_TICK_SECONDS": "0"})
    await house.start()
    try:
        assert house.api is not None
        async with httpx.AsyncClient(transport=httpx.ASGITransport(house.api), base_url="http://localhost:1") as client:
            answer = await client.post("/cron/expire", headers=bearer(FORGED["another account"]()))
        assert answer.status_code == 401
    finally:
        await house.close()
