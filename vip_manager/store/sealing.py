"""Sealing short texts (Twitch tokens, the sign-in state) so that they are unreadable and unforgeable at rest.

AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce; the key comes from the root secret by HKDF-SHA256 (RFC 5869),
its `info` being the label of the use, so that no key serves two uses. Sealed text: `v1.` and base64url of
nonce, ciphertext and tag.
"""

import base64
import binascii
import os
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

TOKENS = "twitch-tokens"
"""Label of the key that seals Twitch tokens in the store."""

RATES = "rate-limits"
"""Label of the key with which addresses are hashed before they are counted."""

WEBHOOKS = "eventsub-webhooks"
"""Label of the secret that Twitch signs with what it posts to us."""

HOOKS = "hooks-out"
"""Label of the key that the secrets of streamers' webhooks are made with."""

OVERLAYS = "overlay-links"
"""Label of the key that the secret links of overlays are made with."""

FORMS = "form-tokens"
"""Label of the key that the tokens in our pages' forms are made with."""

_VERSION = "v1."
_NONCE_BYTES = 12
_TAG_BYTES = 16


class Unsealable(Exception):
    """Not sealed by us, with none of our keys, or for something else. The message never holds the content."""


class Sealer:
    """Seals with the first secret, opens with any of them. `label` names the use."""

    def __init__(self, secrets: Sequence[str], label: str) -> None:
        if not secrets or not all(secrets):
            raise ValueError("a sealer needs at least one secret, and none of them empty")
        self._ciphers = [AESGCM(_derive(secret, label)) for secret in secrets]

    def seal(self, text: str, bound_to: str) -> str:
        """`bound_to` says what the text is for; it opens only under the same words."""
        nonce = os.urandom(_NONCE_BYTES)
        sealed = nonce + self._ciphers[0].encrypt(nonce, text.encode(), _associated(bound_to))
        return _VERSION + base64.urlsafe_b64encode(sealed).decode().rstrip("=")

    def open(self, sealed: str, bound_to: str) -> str:
        """Raises Unsealable."""
        raw = _raw(sealed)
        for cipher in self._ciphers:
            try:
                return cipher.decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], _associated(bound_to)).decode()
            except InvalidTag:
                continue
        raise Unsealable("sealed with another secret, or for something else")


def is_sealed(text: str) -> bool:
    """Whether it has the form of a sealed text, whatever it was sealed with."""
    try:
        _raw(text)
    except Unsealable:
        return False
    return True


def _raw(sealed: str) -> bytes:
    if not sealed.startswith(_VERSION):
        raise Unsealable("not a sealed text of this version")
    encoded = sealed[len(_VERSION) :]
    try:
        raw = base64.b64decode(encoded + "=" * (-len(encoded) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise Unsealable("damaged") from None
    if len(raw) < _NONCE_BYTES + _TAG_BYTES:
        raise Unsealable("cut short")
    return raw


class _Unopened(Sealer):
    """Takes for readable what is sealed as we seal it, so that what stands beside it is looked at; opens nothing."""

    def __init__(self) -> None:
        pass

    def open(self, sealed: str, bound_to: str) -> str:
        if not is_sealed(sealed):
            raise Unsealable("not a sealed text of this version")
        return ""


UNOPENED = _Unopened()
"""For reading records of which only what is not sealed is looked at."""


def derived(secrets: Sequence[str], label: str) -> tuple[str, ...]:
    """A secret for that use of each root secret, as 64 hexadecimal digits."""
    return tuple(_derive(secret, label).hex() for secret in secrets)


def _derive(secret: str, label: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=f"vip-manager/{label}".encode()).derive(secret.encode())


def _associated(bound_to: str) -> bytes:
    return f"{_VERSION}{bound_to}".encode()
