"""Who calls, by an OIDC token of Google's: the scheduler, as its service account.

Sources: https://cloud.google.com/scheduler/docs/http-target-auth (the audience is the target's full address unless the
job names another one) and https://developers.google.com/identity/openid-connect/openid-connect#validatinganidtoken.
"""

import time
from collections.abc import Collection
from typing import Any, Protocol

ISSUERS = ("https://accounts.google.com", "accounts.google.com")
LEEWAY = 30
"""Seconds by which Google's clock and ours may differ."""
LONGEST_TOKEN = 4096
"""Characters; Google's have about a thousand."""


class NotThem(Exception):
    """The token is not one of Google's for that service account and this program. The message says what is wrong with
    it, and holds nothing of it."""


class Certificates(Protocol):
    """Where Google's certificates come from."""

    async def certificate(self, key_id: str) -> str | None:
        """In PEM; None where Google signs with no such key. Raises CertificatesUnavailable."""


class GoogleIdentity:
    """Accepts tokens of the service account `email` (in lower case) that were made for one of `audiences`."""

    def __init__(self, email: str, audiences: Collection[str], certificates: Certificates) -> None:
        self._email = email
        self._audiences = audiences
        self._certificates = certificates

    async def check(self, token: str) -> None:
        """Raises NotThem; CertificatesUnavailable where Google's keys are out of reach and the token may be right."""
        if len(token) > LONGEST_TOKEN:
            raise NotThem("too long")
        # What a token says of itself comes first: whoever makes one up must not have us ask Google for a key.
        key_id = _key_id(token)
        self._check_claims(_decoded(token, None))
        certificate = await self._certificates.certificate(key_id)
        if certificate is None:
            raise NotThem("signed with an unknown key")
        self._check_claims(_decoded(token, certificate))

    def _check_claims(self, claims: dict[str, Any]) -> None:
        now = time.time()
        if claims.get("iss") not in ISSUERS:
            raise NotThem("another issuer")
        if not isinstance(claims.get("aud"), str) or claims["aud"] not in self._audiences:
            raise NotThem("another audience")
        if claims.get("email") != self._email or claims.get("email_verified") is not True:
            raise NotThem("another account, or an unverified e-mail")
        if _moment(claims, "exp", now) + LEEWAY < now:
            raise NotThem("expired")
        if _moment(claims, "iat", now) - LEEWAY > now or _moment(claims, "nbf", now, needed=False) - LEEWAY > now:
            raise NotThem("not valid yet")


def _key_id(token: str) -> str:
    # Google's library takes its time and its memory, and most machines have no use for it.
    from google.auth import exceptions, jwt

    try:
        header = jwt.decode_header(token)
    except (exceptions.GoogleAuthError, ValueError, TypeError, RecursionError):
        raise NotThem("no token") from None
    # Never what the token would like best: a public key must not serve as the secret of an HMAC.
    if header.get("alg") != "RS256" or "crit" in header:
        raise NotThem("another way of signing")
    key_id = header.get("kid")
    if not isinstance(key_id, str) or not key_id:
        raise NotThem("no key id")
    return key_id


def _decoded(token: str, certificate: str | None) -> dict[str, Any]:
    """The claims; without a certificate they are the caller's own words."""
    from google.auth import exceptions, jwt

    try:
        # `iat` and `exp` are looked at by this too.
        claims = jwt.decode(token, certificate, verify=certificate is not None, clock_skew_in_seconds=LEEWAY)
    except (exceptions.GoogleAuthError, ValueError, TypeError, RecursionError):
        raise NotThem("not signed by Google") from None
    return dict(claims)


def _moment(claims: dict[str, Any], name: str, now: float, *, needed: bool = True) -> float:
    """Seconds since 1970."""
    moment = claims.get(name)
    if moment is None and not needed:
        return now
    if isinstance(moment, bool) or not isinstance(moment, int | float):
        raise NotThem(f"{name} is no moment")
    return moment
