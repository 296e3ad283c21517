"""Google's certificates, with which it signs identity tokens: fetched when they are needed, kept for as long as Google
says.

Source: https://developers.google.com/identity/gsi/web/guides/verify-google-id-token ("use the Cache-Control header in
the response to determine when you should retrieve them again").
"""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

import httpx

ADDRESS = "https://www.googleapis.com/oauth2/v1/certs"
LONGEST_WAIT = 5.0
"""Seconds for one fetch."""
LONGEST_ANSWER = 64 * 1024
"""Bytes; Google's answer has some three thousand."""
SHORTEST_KEPT, LONGEST_KEPT, KEPT_UNLESS_SAID = 60.0, 86_400.0, 300.0
"""Seconds that certificates are good for, whatever the answer says, and where it says nothing."""
UNKNOWN_KEY_AGAIN = 60.0
"""Seconds between two looks for a key that we don't know: anybody can make one up."""
FAILED_AGAIN = 5.0
"""Seconds that a failed fetch stands, so that nobody makes us knock at Google's door with each request."""


class CertificatesUnavailable(Exception):
    """Google's certificates are out of reach, so nothing can be said of who calls. Temporary."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """Certificates in PEM by key id, and for how many seconds they are good."""

    certificates: Mapping[str, str]
    good_for: float


Fetch = Callable[[], Awaitable[Fetched]]


async def fetch(transport: httpx.AsyncBaseTransport | None = None) -> Fetched:
    """Asks Google. Raises CertificatesUnavailable."""
    try:
        async with (
            asyncio.timeout(LONGEST_WAIT),
            httpx.AsyncClient(transport=transport, timeout=LONGEST_WAIT) as client,
            client.stream("GET", ADDRESS) as answer,
        ):
            answer.raise_for_status()
            body = b""
            async for part in answer.aiter_bytes():
                body += part
                if len(body) > LONGEST_ANSWER:
                    raise CertificatesUnavailable("the answer is too long to be certificates")
        return Fetched(_certificates(httpx.Response(200, content=body)), _good_for(answer.headers))
    except (httpx.HTTPError, TimeoutError, ValueError) as error:
        raise CertificatesUnavailable(f"no certificates from {ADDRESS}: {type(error).__name__}") from error


class GoogleCertificates:
    """Keeps what was fetched. `monotonic` counts seconds, from whenever."""

    def __init__(self, fetch: Fetch = fetch, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._fetch = fetch
        self._monotonic = monotonic
        self._known: Mapping[str, str] = {}
        self._good_until = float("-inf")
        self._asked_at = float("-inf")
        self._failed_at = float("-inf")
        self._one_at_a_time = asyncio.Lock()

    async def certificate(self, key_id: str) -> str | None:
        """In PEM; None where Google signs with no such key. Raises CertificatesUnavailable."""
        async with self._one_at_a_time:
            now = self._monotonic()
            stale = now >= self._good_until
            if stale or (key_id not in self._known and now >= self._asked_at + UNKNOWN_KEY_AGAIN):
                await self._refresh(now)
            return self._known.get(key_id)

    async def _refresh(self, now: float) -> None:
        if now < self._failed_at + FAILED_AGAIN:
            raise CertificatesUnavailable("they were out of reach a moment ago")
        try:
            fetched = await self._fetch()
        except CertificatesUnavailable:
            self._failed_at = self._monotonic()
            raise
        self._known = fetched.certificates
        self._asked_at = now
        self._good_until = now + fetched.good_for


def _certificates(answer: httpx.Response) -> dict[str, str]:
    """Raises ValueError."""
    # Google's library takes its time and its memory, and most machines have no use for it.
    from google.auth import crypt

    found = answer.json()
    if not isinstance(found, dict) or not found:
        raise ValueError("no certificates")
    for certificate in found.values():
        if not isinstance(certificate, str):
            raise ValueError("not in PEM")
        # Now, not with the first token: a token is not at fault for what can't be read here.
        crypt.RSAVerifier.from_string(certificate)
    return found


def _good_for(headers: httpx.Headers) -> float:
    said = re.search(r"(?:^|[\s,])max-age=([0-9]{1,9})", headers.get("cache-control", "").lower())
    age = headers.get("age", "")
    seconds = float(said[1]) if said else KEPT_UNLESS_SAID
    if re.fullmatch(r"[0-9]{1,9}", age):
        seconds -= float(age)
    return min(max(seconds, SHORTEST_KEPT), LONGEST_KEPT)
