"""Stores and files of documents, for comparing one with the other."""

import io
import json
from typing import Any

from tests.store.conftest import STAMP
from tests.store.records import T0
from vip_manager.store import archive
from vip_manager.store.archive import Archive
from vip_manager.store.stamp import Stamp


async def exported(source: Archive, stamp: Stamp = STAMP) -> bytes:
    file = io.BytesIO()
    await archive.export(source, stamp, T0, file)
    return file.getvalue()


async def imported(into: Archive, file: bytes, stamp: Stamp = STAMP) -> int:
    """As the command does it: checked whole before anything is touched."""
    for _ in archive.check(stamp, io.BytesIO(file)):
        pass
    return await archive.load(into, stamp, io.BytesIO(file))


def lines(file: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.splitlines()]


def joined(*lines: Any) -> bytes:
    return b"".join(json.dumps(line).encode() + b"\n" for line in lines)


def documents(file: bytes) -> dict[tuple[str, str], Any]:
    return {(one["collection"], one["id"]): one["document"] for one in lines(file)[1:-1]}
