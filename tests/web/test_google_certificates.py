"""Google's certificates: when they are asked for, how long they are kept, and what is not taken for them."""

import json

import httpx
import pytest

from tests.web.google import KEY_ID, certificate
from vip_manager.web.google_certificates import (
    ADDRESS,
    FAILED_AGAIN,
    LONGEST_KEPT,
    SHORTEST_KEPT,
    UNKNOWN_KEY_AGAIN,
    CertificatesUnavailable,
    Fetched,
    GoogleCertificates,
    fetch,
)

CERTIFICATE = certificate()


class Google:
    """What a fetch brings, how often it was asked, and the time."""

    def __init__(self) -> None:
        self.keys = [KEY_ID]
        self.out_of_reach = False
        self.asked = 0
        self.seconds = 1000.0

    async def fetch(self) -> Fetched:
        self.asked += 1
        if self.out_of_reach:
            raise CertificatesUnavailable("out of reach")
        return Fetched(dict.fromkeys(self.keys, CERTIFICATE), 3600)

    def monotonic(self) -> float:
        return self.seconds


@pytest.fixture
def google() -> Google:
    return Google()


@pytest.fixture
def certificates(google: Google) -> GoogleCertificates:
    return GoogleCertificates(google.fetch, google.monotonic)


async def test_they_are_kept_for_as_long_as_google_says(google: Google, certificates: GoogleCertificates) -> None:
    for _ in range(3):
        assert await certificates.certificate(KEY_ID) == CERTIFICATE
    google.seconds += 3599
    await certificates.certificate(KEY_ID)
    assert google.asked == 1
    google.seconds += 1
    await certificates.certificate(KEY_ID)
    assert google.asked == 2


async def test_an_unknown_key_is_looked_for_once_a_minute(google: Google, certificates: GoogleCertificates) -> None:
    await certificates.certificate(KEY_ID)
    google.keys.append("key-2")
    assert await certificates.certificate("key-2") is None
    assert google.asked == 1
    google.seconds += UNKNOWN_KEY_AGAIN
    assert await certificates.certificate("key-2") == CERTIFICATE
    for made_up in range(10):
        assert await certificates.certificate(f"made-up-{made_up}") is None
    assert google.asked == 2


async def test_a_key_that_google_gave_up_counts_no_more(google: Google, certificates: GoogleCertificates) -> None:
    await certificates.certificate(KEY_ID)
    google.keys = ["key-2"]
    google.seconds += 3600
    assert await certificates.certificate(KEY_ID) is None


async def test_out_of_reach(google: Google, certificates: GoogleCertificates) -> None:
    google.out_of_reach = True
    for _ in range(3):
        with pytest.raises(CertificatesUnavailable):
            await certificates.certificate(KEY_ID)
    assert google.asked == 1, "a failure stands for a moment"
    google.out_of_reach = False
    google.seconds += FAILED_AGAIN
    assert await certificates.certificate(KEY_ID) == CERTIFICATE


async def test_known_keys_serve_while_google_is_out_of_reach(google: Google, certificates: GoogleCertificates) -> None:
    await certificates.certificate(KEY_ID)
    google.out_of_reach = True
    google.seconds += UNKNOWN_KEY_AGAIN
    with pytest.raises(CertificatesUnavailable):
        await certificates.certificate("key-2")
    assert await certificates.certificate(KEY_ID) == CERTIFICATE


def answering(answer: httpx.Response) -> httpx.MockTransport:
    def answers(request: httpx.Request) -> httpx.Response:
        assert str(request.url) == ADDRESS
        return answer

    return httpx.MockTransport(answers)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Cache-Control": "public, max-age=19204, must-revalidate, no-transform"}, 19204),
        ({"Cache-Control": "Max-Age=19204", "Age": "204"}, 19000),
        ({"Cache-Control": "max-age=100", "Age": "1000"}, SHORTEST_KEPT),
        ({"Cache-Control": "max-age=99999999"}, LONGEST_KEPT),
        ({"Cache-Control": "s-maxage=5"}, 300),
        ({}, 300),
    ],
)
async def test_how_long_they_are_good(headers: dict[str, str], seconds: float) -> None:
    got = await fetch(answering(httpx.Response(200, json={KEY_ID: CERTIFICATE}, headers=headers)))
    assert (got.certificates, got.good_for) == ({KEY_ID: CERTIFICATE}, seconds)


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(503),
        httpx.Response(302, headers={"Location": "https://elsewhere.example"}),
        httpx.Response(200, text="<html>"),
        httpx.Response(200, content=b"\xff"),
        httpx.Response(200, json=[]),
        httpx.Response(200, json={}),
        httpx.Response(200, json={KEY_ID: 7}),
        httpx.Response(200, json={KEY_ID: "-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n"}),
        httpx.Response(200, text=json.dumps({KEY_ID: CERTIFICATE}) + " " * 100_000),
    ],
)
async def test_what_is_not_taken_for_certificates(answer: httpx.Response) -> None:
    with pytest.raises(CertificatesUnavailable):
        await fetch(answering(answer))


async def test_no_connection() -> None:
    def fails(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("no route", request=request)

    with pytest.raises(CertificatesUnavailable, match="ConnectError"):
        await fetch(httpx.MockTransport(fails))
