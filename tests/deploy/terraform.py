"""What deploy/terraform says, read once: blocks as dictionaries, expressions as the text that stands there."""

from functools import cache
from pathlib import Path
from typing import Any

import hcl2

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "deploy" / "terraform"

Block = dict[str, Any]


@cache
def texts() -> dict[str, str]:
    """Each file's text, by its name."""
    return {file.name: file.read_text() for file in sorted(FOLDER.glob("*.tf"))}


@cache
def blocks(kind: str) -> Block:
    """All of `resource`, `variable`, `output`, ..., by their labels; of `locals`, all in one."""
    found: Block = {}
    for text in texts().values():
        for block in hcl2.loads(text).get(kind, []):
            _add(found, _plain(block))
    return found


def resource(kind: str, name: str) -> Block:
    found: Block = blocks("resource")[kind][name]
    return found


def inner(block: Block, *path: str) -> Block:
    """The one block that lies under these names."""
    for name in path:
        [block] = block[name]
    return block


def default(variable: str) -> Any:
    return blocks("variable")[variable]["default"]


def _add(found: Block, more: Block) -> None:
    for name, value in more.items():
        if isinstance(value, dict) and isinstance(found.get(name), dict):
            _add(found[name], value)
        else:
            assert name not in found, f"{name} stands there twice"
            found[name] = value


def _plain(value: Any) -> Any:
    """Without the reader's own marks."""
    match value:
        case dict():
            return {key.strip('"'): _plain(one) for key, one in value.items() if not key.startswith("__")}
        case list():
            return [_plain(one) for one in value]
        case str():
            return value[1:-1] if value.startswith('"') and value.endswith('"') else value
        case _:
            return value
