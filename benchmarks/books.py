"""A Twitch that keeps books: who is VIP, what became of each redemption, and whom it had to turn away.

It knows what the program needs to be judged by it: a badge is there or not, a channel has so many seats, 10 are added
and 10 removed in 10 s of a channel, an open redemption is settled once. It is quick, and in the process that measures;
the sandbox's Twitch knows far more, and takes a hundred times as long.
"""

import json
import time
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from benchmarks.stub import Twitch

SEATS = 100
ADDED_OR_REMOVED, WITHIN = 10, 10.0
_PAGE = 50


@dataclass(slots=True)
class Redeemed:
    """`settled`: each status that it was given, in that order."""

    id: str
    channel_id: str
    user_id: str
    redeemed_at: str
    settled: list[str] = field(default_factory=list)


class Books(Twitch):
    """`gave` is called with a channel's and a viewer's id when a badge was given, `refused` when no seat was free, and
    `settled` with a redemption that is. Its limits are counted by `monotonic`."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic, seats: int = SEATS) -> None:
        super().__init__()
        self._seats = seats
        self._monotonic = monotonic
        self.redeemed: dict[str, Redeemed] = {}
        self.open_in: defaultdict[str, dict[str, Redeemed]] = defaultdict(dict)
        self.vips: defaultdict[str, dict[str, None]] = defaultdict(dict)
        self.permanent: set[tuple[str, str]] = set()
        self.gave: Callable[[str, str], None] = lambda channel_id, user_id: None
        self.refused: Callable[[str, str], None] = lambda channel_id, user_id: None
        self.settled: Callable[[Redeemed], None] = lambda redemption: None
        self.wrong: list[str] = []
        self.too_many = 0
        self._windows: defaultdict[tuple[str, str], deque[float]] = defaultdict(deque)

    def redeem(self, redemption: Redeemed) -> None:
        """A viewer has redeemed, whether or not anybody is told of it."""
        self.redeemed[redemption.id] = self.open_in[redemption.channel_id][redemption.id] = redemption

    @property
    def open_redemptions(self) -> int:
        return sum(len(one) for one in self.open_in.values())

    def answer(self, method: str, url: str, headers: dict[bytes, bytes], body: bytes) -> tuple[int, Any]:
        parts = urlsplit(url)
        path = parts.path.removeprefix("/helix")
        if path not in ("/channels/vips", "/channel_points/custom_rewards/redemptions"):
            return super().answer(method, url, headers, body)
        self.heard_at = time.monotonic()
        self.calls += 1
        asked = parse_qs(parts.query)
        channel_id = asked["broadcaster_id"][0]
        match method, path:
            case "GET", "/channels/vips":
                return 200, self._listed(channel_id, asked.get("user_id"))
            case "POST", "/channels/vips":
                return self._add(channel_id, asked["user_id"][0])
            case "DELETE", "/channels/vips":
                return self._remove(channel_id, asked["user_id"][0])
            case "PATCH", _:
                return self._settle(asked["id"][0], json.loads(body)["status"])
            case _:
                return 200, self._redemptions(channel_id, asked)

    def _listed(self, channel_id: str, user_ids: list[str] | None) -> dict[str, Any]:
        vips = self.vips[channel_id]
        found = list(vips) if user_ids is None else [one for one in user_ids if one in vips]
        people = [{"user_id": one, "user_login": f"viewer{one}", "user_name": f"Viewer{one}"} for one in found]
        return {"data": people, "pagination": {}}

    def _add(self, channel_id: str, user_id: str) -> tuple[int, Any]:
        if not self._room("add", channel_id):
            return 429, _error(429, "too many VIPs added")
        if user_id in self.vips[channel_id]:
            return 422, _error(422, "The user is already a VIP.")
        if len(self.vips[channel_id]) >= self._seats:
            self.refused(channel_id, user_id)
            return 409, _error(409, "no seat")
        self.vips[channel_id][user_id] = None
        self.gave(channel_id, user_id)
        return 204, None

    def _remove(self, channel_id: str, user_id: str) -> tuple[int, Any]:
        if not self._room("remove", channel_id):
            return 429, _error(429, "too many VIPs removed")
        if (channel_id, user_id) in self.permanent:
            self.wrong.append(f"{user_id} was VIP of {channel_id} before, and was removed")
        if user_id not in self.vips[channel_id]:
            return 422, _error(422, "The user is no VIP.")
        del self.vips[channel_id][user_id]
        return 204, None

    def _room(self, what: str, channel_id: str) -> bool:
        now, window = self._monotonic(), self._windows[what, channel_id]
        while window and window[0] <= now - WITHIN:
            window.popleft()
        if len(window) < ADDED_OR_REMOVED:
            window.append(now)
            return True
        self.too_many += 1
        return False

    def _settle(self, redemption_id: str, status: str) -> tuple[int, Any]:
        one = self.redeemed.get(redemption_id)
        if one is None or one.settled:
            return 404, _error(404, "no such open redemption")
        one.settled.append(status)
        del self.open_in[one.channel_id][one.id]
        self.settled(one)
        return 200, {"data": [_shown(one)]}

    def _redemptions(self, channel_id: str, asked: dict[str, list[str]]) -> dict[str, Any]:
        if "id" in asked:
            found = [self.redeemed[one] for one in asked["id"] if one in self.redeemed]
            return {"data": [_shown(one) for one in found], "pagination": {}}
        if asked["status"][0] != "UNFULFILLED":
            return {"data": [], "pagination": {}}
        after = int(asked.get("after", ["0"])[0])
        every = list(self.open_in[channel_id].values())
        following = {"cursor": str(after + _PAGE)} if len(every) > after + _PAGE else {}
        return {"data": [_shown(one) for one in every[after : after + _PAGE]], "pagination": following}


def _shown(one: Redeemed) -> dict[str, Any]:
    return {
        "id": one.id,
        "user_id": one.user_id,
        "user_login": f"viewer{one.user_id}",
        "user_name": f"Viewer{one.user_id}",
        "status": one.settled[-1] if one.settled else "UNFULFILLED",
        "redeemed_at": one.redeemed_at,
        "reward": {"id": f"reward-{one.channel_id}", "title": "VIP", "cost": 5000, "prompt": ""},
    }


def _error(status: int, message: str) -> dict[str, Any]:
    return {"error": "refused", "status": status, "message": message}
