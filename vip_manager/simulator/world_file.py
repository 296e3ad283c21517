"""The world's file, written whole: a kill at any instant leaves the old or the new.

Nothing waits for the disk: what a process has written outlives its kill -9. After a power cut the newest seconds of a
sandbox may be gone, and this is what an effect that costs milliseconds is worth.
"""

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

FORMAT = 2
"""From 2 on a channel's ledger explains all of its balances."""
READABLE = (1, FORMAT)


class WorldFileError(Exception):
    """The file is there and can't be read as a world. Nothing is overwritten."""


def write(path: Path, text: Iterable[bytes]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(path.name + ".new")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.writelines(text)
    beside.chmod(0o600)
    beside.replace(path)


def read(path: Path) -> dict[str, Any]:
    try:
        state = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, OSError, RecursionError) as error:
        raise WorldFileError(f"The sandbox's world {path} can't be read: {error}") from error
    if not isinstance(state, dict) or state.get("format") not in READABLE:
        raise WorldFileError(f"The sandbox's world {path} is not of format {' or '.join(map(str, READABLE))}")
    return state
