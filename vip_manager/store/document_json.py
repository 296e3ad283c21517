"""A document as one line of JSON, its moments as texts."""

import json
from datetime import datetime

from vip_manager.store.fields import Document
from vip_manager.store.timestamps import to_text


def to_json(document: Document) -> str:
    """Raises TypeError and ValueError for what JSON can't hold."""
    return json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=_plain)


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return to_text(value)
    raise TypeError(f"a document can't hold a {type(value).__name__}")
