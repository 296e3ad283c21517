"""What can be the id of a document, in either store, and of a person or a channel on Twitch."""

LONGEST_ID = 1500
"""Bytes (https://cloud.google.com/firestore/quotas, "Collections, documents, and fields")."""

LONGEST_TWITCH_ID = 200
"""Bytes; Twitch's have some ten digits. Two of them, escaped, still make one document's id."""


def is_id(text: str) -> bool:
    """Whether Firestore, which is the more particular store, takes it for one document's id, and not for a path."""
    reserved = text.startswith("__") and text.endswith("__")
    length = len(text.encode(errors="replace"))
    return text not in (".", "..") and "/" not in text and not reserved and 0 < length <= LONGEST_ID


def is_twitch_id(text: str) -> bool:
    """Whether it could be one; an odd one that somebody made up is an id all the same."""
    return 0 < len(text.encode(errors="replace")) <= LONGEST_TWITCH_ID
