"""A Google of the tests: a key of its own, the certificate for it, and tokens as Google writes them."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

from vip_manager.web.google_certificates import CertificatesUnavailable

INVOKER = "scheduler@my-project.iam.gserviceaccount.com"
AUDIENCE = "http://localhost:1/api/cron/expire"
KEY_ID = "key-1"

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def certificate(key: rsa.RSAPrivateKey = KEY) -> str:
    """Signed by itself, as Google's are, in PEM."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "federated-signon.system.gserviceaccount.com")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, SHA256())
    )
    return made.public_bytes(Encoding.PEM).decode()


class Certificates:
    """`google_identity.Certificates` without Google. `asked` are the keys that were looked for."""

    def __init__(self) -> None:
        self.known = {KEY_ID: certificate()}
        self.out_of_reach = False
        self.asked: list[str] = []

    async def certificate(self, key_id: str) -> str | None:
        self.asked.append(key_id)
        if self.out_of_reach:
            raise CertificatesUnavailable("out of reach")
        return self.known.get(key_id)


def claims(**other: Any) -> dict[str, Any]:
    """As Cloud Scheduler's tokens say them. A claim that is given as None is left out."""
    now = int(time.time())
    said = {
        "aud": AUDIENCE,
        "azp": "100000000000000000001",
        "email": INVOKER,
        "email_verified": True,
        "exp": now + 3600,
        "iat": now,
        "iss": "https://accounts.google.com",
        "sub": "100000000000000000001",
        **other,
    }
    return {name: value for name, value in said.items() if value is not None}


def encoded(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).decode().rstrip("=")


def unsigned(said: Mapping[str, Any], **header: Any) -> str:
    head = {"alg": "RS256", "kid": KEY_ID, "typ": "JWT", **header}
    head = {name: value for name, value in head.items() if value is not None}
    return f"{encoded(json.dumps(head).encode())}.{encoded(json.dumps(said).encode())}"


def token(said: Mapping[str, Any] | None = None, key: rsa.RSAPrivateKey = KEY, **header: Any) -> str:
    body = unsigned(claims() if said is None else said, **header)
    return f"{body}.{encoded(key.sign(body.encode(), padding.PKCS1v15(), SHA256()))}"


def by_hmac(secret: bytes) -> str:
    """With what everybody may know of Google as the secret."""
    body = unsigned(claims(), alg="HS256")
    return f"{body}.{encoded(hmac.new(secret, body.encode(), hashlib.sha256).digest())}"


def public_key() -> bytes:
    return KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
