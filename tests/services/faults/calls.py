"""Faults by the names that the page has for them: of a call to Twitch, of a commit, of the clock."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from tests.services.faults.row import Play, Ways
from tests.services.faults.scene import Scene

WITHOUT_EFFECT = {"no connection": "refuse", "cut": "cut", "no answer": "silence"}
ANSWER_LOST = {"done but no answer": "lose_answer", "done but the answer cut": "cut_answer"}
NO_ANSWER_YET = (500, 502, 503, 504, 408, 200, 302)
"""Of a call that changes something: what Twitch's documents know for it is told apart."""
ASKED_AGAIN = {"no connection": "refuse", "cut": "cut"}
"""Once, where asking changes nothing."""
ALWAYS = -1


@dataclass(frozen=True)
class Call:
    method: str
    path: str

    @property
    def name(self) -> str:
        """As the edges around it are called."""
        return f"{self.method} {self.path.removeprefix('/oauth2')}"

    def on_the_way(self, names: Mapping[str, str], times: int = 1) -> Ways:
        """What befalls so many requests, or their answers, between us and Twitch."""
        return {name: partial(self._mishap, do, times) for name, do in names.items()}

    def answers(self, *statuses: int, times: int = 1, **more: Any) -> Ways:
        """Twitch says that, and has done nothing."""
        return {str(status): self.says(status, times, **more) for status in statuses}

    def says(self, status: int, times: int = 1, **more: Any) -> Play:
        return lambda scene: scene.fault(self.method, self.path, "status", times, status=status, **more)

    def change_fails(self) -> Ways:
        """Nothing is done, and nobody here knows."""
        return {**self.on_the_way(WITHOUT_EFFECT), **self.answers(*NO_ANSWER_YET)}

    def down_or_lost(self) -> Ways:
        """Of a call whose every other failure is told elsewhere."""
        return {**self.answers(503), **self.on_the_way({"done but no answer": "lose_answer"})}

    def read_fails(self) -> Ways:
        """So that asking once more, as a read is, does not help."""
        return {
            **self.on_the_way(ASKED_AGAIN, times=2),
            **self.on_the_way({"no answer": "silence"}),
            **self.answers(500, 502, 504, 408, 302),
            **self.answers(503, times=2),
        }

    def too_many(self) -> Ways:
        """429, of the bucket of points and of the call's own limit."""
        left = {"Ratelimit-Remaining": "700"}
        return {"429 with no points left": self.says(429), "429 with points left": self.says(429, headers=left)}

    def token_died(self) -> Ways:
        return {"": lambda scene: scene.fault(self.method, self.path, "kill_token", 1)}

    def tokens_died(self) -> Ways:
        """For good."""

        def both_die(scene: Scene) -> None:
            scene.fault(self.method, self.path, "kill_token", 1, refresh=True)

        return {"401 to a fresh token too": self.says(401, ALWAYS), "401 and no fresh token": both_die}

    def token_lacks(self) -> Ways:
        """Twitch says 403 where it means the token."""
        return {"403 and a dead token": in_turn(self.says(403, ALWAYS), VALIDATE.says(401, times=2))}

    def just_then(self, happen: Callable[[Scene], None]) -> Ways:
        """Something else happens just before it is sent."""
        return {"": lambda scene: scene.at(self.name, lambda: happen(scene))}

    def killed(self, status: int) -> Ways:
        return {
            "before the call": dying(f"{self.name}: not sent"),
            "with its answer unread": dying(f"{self.name}: {status}"),
        }

    def _mishap(self, do: str, times: int, scene: Scene) -> None:
        scene.mishap(self.method, self.path, do, times)


def in_turn(*plays: Play) -> Play:
    """One after the other."""

    def play(scene: Scene) -> None:
        for one in plays:
            one(scene)

    return play


def dying(edge: str) -> Play:
    return lambda scene: scene.dies_at(edge)


def around(commit: str) -> Ways:
    """kill -9 before and after that commit."""
    return {"before the commit": dying(f"commit {commit}: written"), "after it": dying(f"commit {commit}: committed")}


def refused(commit: str) -> Ways:
    """The store does not take that commit, once."""
    edge = f"commit {commit}: written"
    return {
        "locked": lambda scene: scene.store_refuses(edge, "database is locked"),
        "full": lambda scene: scene.store_refuses(edge, "database or disk is full"),
    }


def clock_off() -> Ways:
    """Ours, from Twitch's."""
    return {
        "90 s ahead": lambda scene: scene.clock_is_off(90),
        "2 h ahead": lambda scene: scene.clock_is_off(7200),
        "2 h behind": lambda scene: scene.clock_is_off(-7200),
    }


ADD = Call("POST", "/channels/vips")
REMOVE = Call("DELETE", "/channels/vips")
VIPS = Call("GET", "/channels/vips")
SETTLE = Call("PATCH", "/channel_points/custom_rewards/redemptions")
MODERATORS = Call("GET", "/moderation/moderators")
REDEMPTIONS = Call("GET", "/channel_points/custom_rewards/redemptions")
REWARDS = Call("GET", "/channel_points/custom_rewards")
TIME = Call("GET", "/users")
"""What a sweep asks to learn Twitch's time."""
TOKEN = Call("POST", "/oauth2/token")
VALIDATE = Call("GET", "/oauth2/validate")
