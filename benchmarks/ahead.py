"""The product at a time that another process says: `python -m benchmarks.ahead FILE`.

FILE holds eight bytes: by how many seconds time is ahead, for domain time and for the pace by which Twitch's limits are
kept. Sign-ins, signatures and timeouts use real time, as ever. What is kept of a page that was left is kept for a
second, as a day may pass in a minute or two here.
"""

import mmap
import struct
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from vip_manager import clock, server
from vip_manager.settings import Settings
from vip_manager.twitch.pace import Pace


class Ahead:
    """Shared with whoever moves it."""

    def __init__(self, file: Path) -> None:
        if not file.exists():
            file.write_bytes(struct.pack("d", 0.0))
        with file.open("r+b") as opened:
            self._bytes = mmap.mmap(opened.fileno(), 8)

    @property
    def seconds(self) -> float:
        found: float = struct.unpack("d", self._bytes[:8])[0]
        return found

    def jump(self, seconds: float) -> None:
        self._bytes[:8] = struct.pack("d", self.seconds + seconds)

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        return time.monotonic() + self.seconds


def main() -> int:
    ahead = Ahead(Path(sys.argv[1]))
    clock.RealClock.now = lambda self: ahead.now()  # type: ignore[method-assign]
    assert Pace.__init__.__kwdefaults__ is not None
    Pace.__init__.__kwdefaults__["monotonic"] = ahead.monotonic
    serve = server._serve

    def serve_forgetful(settings: Settings) -> int:
        # Imported here: the server sets Reflex's environment first.
        from reflex_base.config import get_config

        from vip_manager.ui import left_states

        left_states.VISITORS_SECONDS = 1.0
        get_config().redis_token_expiration = 1
        return serve(settings)

    server._serve = serve_forgetful
    return server.main()


if __name__ == "__main__":
    sys.exit(main())
