"""What was said in each channel's chat: the last hundred lines, in memory only, as chat itself forgets."""

import uuid
from collections import defaultdict, deque
from dataclasses import asdict, dataclass
from typing import Any

KEPT = 100


@dataclass(frozen=True, slots=True)
class Line:
    """`announcement` is its colour; empty for an ordinary message."""

    id: str
    at: str
    user_id: str
    login: str
    text: str
    reply_to: str = ""
    announcement: str = ""


class Chat:
    def __init__(self) -> None:
        self._lines: defaultdict[str, deque[Line]] = defaultdict(lambda: deque(maxlen=KEPT))

    def say(self, channel_id: str, **line: str) -> Line:
        """`line`: the fields of Line but its id."""
        said = Line(str(uuid.uuid4()), **line)
        self._lines[channel_id].append(said)
        return said

    def has(self, channel_id: str, line_id: str) -> bool:
        return any(line.id == line_id for line in self._lines[channel_id])

    def shown(self, channel_id: str) -> list[dict[str, Any]]:
        """Oldest first."""
        return [asdict(line) for line in self._lines[channel_id]]
