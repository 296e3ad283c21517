"""How long a backup takes, and how long whoever writes meanwhile waits: `python -m benchmarks.backup [LINES]`."""

import json
import sqlite3
import sys
import tempfile
import threading
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from vip_manager.store.sealing import TOKENS, Sealer
from vip_manager.store.sqlite.backup import back_up
from vip_manager.store.sqlite.store import SqliteStore
from vip_manager.store.stamp import Stamp


def filled(path: Path, lines: int) -> None:
    """With so many lines of the audit log."""
    SqliteStore.open(path, Sealer(["a secret of the benchmarks, long enough"], TOKENS), Stamp("c", "h"))
    body = {"channelId": "1001", "at": "2026-03-01T12:00:00.000000Z", "action": "granted", "detail": {"x": "y" * 300}}
    with closing(sqlite3.connect(path)) as file, file:
        rows = ((f"a{number:08}", number, json.dumps(body)) for number in range(lines))
        file.executemany("INSERT INTO auditLog (id, version, body) VALUES (?, ?, ?)", rows)


def writes_until(stop: threading.Event, path: Path, waits: list[float]) -> None:
    """As the program writes: one commit after the other, each synced."""
    with closing(sqlite3.connect(path, timeout=5, isolation_level=None)) as file:
        while not stop.is_set():
            began = time.perf_counter()
            file.execute("BEGIN IMMEDIATE")
            file.execute("UPDATE meta SET version = version + 1 WHERE id = 'sequence'")
            file.execute("COMMIT")
            waits.append(time.perf_counter() - began)
            time.sleep(0.002)


def main() -> None:
    lines = int(sys.argv[1]) if len(sys.argv) > 1 else 200_000
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "data" / "vip.db"
        filled(path, lines)
        print("| | seconds | writes | longest wait of a write, ms |\n|---|---|---|---|")
        for what in ("a second without", "a backup"):
            stop, waits = threading.Event(), list[float]()
            writer = threading.Thread(target=writes_until, args=(stop, path, waits))
            writer.start()
            began = time.perf_counter()
            if what == "a backup":
                now = datetime.now(UTC)
                size = back_up(path, Path(directory) / "kept", now, now, 14).size
                what += f" of {size / 1e6:.0f} MB, checked"
            else:
                time.sleep(1)
            took = time.perf_counter() - began
            stop.set()
            writer.join()
            print(f"| {what} | {took:.2f} | {len(waits)} | {1000 * max(waits):.0f} |")


if __name__ == "__main__":
    main()
