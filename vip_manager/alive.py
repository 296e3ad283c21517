"""Whether the server on this machine answers: `python -m vip_manager.alive`, for a container's health check."""

import http.client
import os
import sys

_PATIENCE = 4.0
"""Seconds; less than whoever asks waits for this process."""


def main() -> int:
    """0 where `/api/health` answers as it should, else 1."""
    # Never by a proxy, whatever the environment says.
    connection = http.client.HTTPConnection("127.0.0.1", int(os.environ.get("PORT") or 3000), timeout=_PATIENCE)
    try:
        connection.request("GET", "/api/health")
        return 0 if connection.getresponse().status == http.HTTPStatus.OK else 1
    except (OSError, http.client.HTTPException):
        return 1
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(main())
