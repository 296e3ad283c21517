"""A secret of this installation, shown as a bearer (https://www.rfc-editor.org/rfc/rfc6750)."""

import hmac

from starlette.requests import Request


def bears(request: Request, secret: str) -> bool:
    """Whether it shows that very secret; how long the comparison takes tells nothing of it."""
    sent = request.headers.get("authorization", "")
    return hmac.compare_digest(sent.encode(), f"Bearer {secret}".encode())
