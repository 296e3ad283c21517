"""What was taken lately, so that it is not taken again."""

REMEMBERED = 1000


class Seen:
    """The ids of the last messages: Twitch may send one more than once
    (https://dev.twitch.tv/docs/eventsub/#handling-duplicate-events)."""

    def __init__(self) -> None:
        self._ids: dict[str, None] = {}

    def __contains__(self, message_id: str) -> bool:
        return message_id in self._ids

    def add(self, message_id: str) -> None:
        self._ids[message_id] = None
        if len(self._ids) > REMEMBERED:
            del self._ids[next(iter(self._ids))]
