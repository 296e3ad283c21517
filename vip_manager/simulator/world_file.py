"""The world as one readable JSON file, written whole: a kill at any instant leaves the old or the new."""

import json
import os
from pathlib import Path
from typing import Any

FORMAT = 1


class WorldFileError(Exception):
    """The file is there and can't be read as a world. Nothing is overwritten."""


def write(path: Path, state: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(path.name + ".new")
    data = json.dumps({"format": FORMAT, **state}, indent=1, ensure_ascii=False).encode()
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    beside.chmod(0o600)
    beside.replace(path)
    # The rename itself is durable only once the folder is.
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def read(path: Path) -> dict[str, Any]:
    try:
        state = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, OSError) as error:
        raise WorldFileError(f"The sandbox's world {path} can't be read: {error}") from error
    if not isinstance(state, dict) or state.get("format") != FORMAT:
        raise WorldFileError(f"The sandbox's world {path} is not of format {FORMAT}")
    return state
