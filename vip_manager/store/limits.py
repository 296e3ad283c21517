"""What Firestore, which is the more particular store, takes for a document (https://cloud.google.com/firestore/quotas):
what is copied must fit into either, or an import would come to light only half way."""

from collections.abc import Mapping
from typing import Any

DEEPEST = 20
"""Maps and lists within one another."""
LARGEST = 1_000_000
"""Bytes by Firestore's own count (https://cloud.google.com/firestore/docs/storage-size). It takes 1,048,576, our own
fields among them."""
LONGEST_NAME = 1500
"""Bytes."""

_EIGHT_BYTES = 8


def not_stored_everywhere(document: Mapping[str, Any]) -> str | None:
    """What is wrong, in words that hold nothing of the document; None where nothing is. It never goes deeper than
    DEEPEST, however deep the document."""
    size = 0
    left: list[tuple[Any, int, bool]] = [(document, 0, False)]
    while left:
        value, depth, in_list = left.pop()
        if isinstance(value, Mapping | list) and depth > DEEPEST:
            return f"more than {DEEPEST} levels deep"
        match value:
            case Mapping():
                for name, one in value.items():
                    length = len(name.encode(errors="replace"))
                    if not 0 < length <= LONGEST_NAME or (name.startswith("__") and name.endswith("__")):
                        return "a field has a name that Firestore does not take"
                    size += length + 1
                    left.append((one, depth + 1, False))
            case list():
                if in_list:
                    return "a list within a list"
                left += [(one, depth + 1, True) for one in value]
            case str():
                size += len(value.encode(errors="replace")) + 1
            case _:
                size += _EIGHT_BYTES
        if size > LARGEST:
            return f"larger than {LARGEST:,} bytes"
    return None
