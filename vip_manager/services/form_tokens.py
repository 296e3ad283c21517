"""Tokens in the forms of our own pages: what another site's page can't know, and so can't post.

A token is an HMAC-SHA256 over the id of the browser's sign-in, so it ends with that, and none has to be kept.
"""

import hmac
from collections.abc import Sequence


class FormTokens:
    """Makes tokens with the first key and takes those of any, so that pages stay good while the root secret changes."""

    def __init__(self, keys: Sequence[str]) -> None:
        if not keys or not all(keys):
            raise ValueError("form tokens need at least one key, and none of them empty")
        self._keys = [key.encode() for key in keys]

    def of(self, sign_in_id: str) -> str:
        """The token for the pages of that sign-in, as 64 hexadecimal digits."""
        return _made(self._keys[0], sign_in_id)

    def fits(self, token: str, sign_in_id: str) -> bool:
        """Whether the pages of that sign-in were given it. Takes as long for a wrong one as for a right one."""
        if not sign_in_id:
            return False
        given = token.encode()
        fitting = [hmac.compare_digest(_made(key, sign_in_id).encode(), given) for key in self._keys]
        return any(fitting)


def _made(key: bytes, sign_in_id: str) -> str:
    return hmac.digest(key, f"form:{sign_in_id}".encode(), "sha256").hex()
