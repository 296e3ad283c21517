"""The sandbox's Twitch as it stands, and how it is looked up, kept and timed.

Two clocks, as in the program: `now()` may run ahead of real time by a persisted offset and stamps what happens in the
world; tokens, codes and limits use real time.
"""

import re
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from vip_manager.simulator import first_world, world_file
from vip_manager.simulator.moments import utc_now
from vip_manager.simulator.records import (
    AccessToken,
    Channel,
    Client,
    Code,
    Grant,
    Redemption,
    RefreshToken,
    Reward,
    User,
    VipChange,
)

_LOGIN = re.compile(r"[a-z0-9][a-z0-9_]{2,24}")
_COLOURS = ("#1c7ed6", "#e8590c", "#2f9e44", "#ae3ec9", "#f08c00", "#0c8599", "#e03131", "#6741d9")


class World:
    def __init__(
        self,
        path: Path | None = None,
        *,
        redirect_prefixes: Iterable[str] = (),
        real_now: Callable[[], datetime] = utc_now,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Loads `path` where it exists, else begins with the first world. Without a path nothing is kept.

        `redirect_prefixes` are allowed as the beginning of a redirect address, besides any http address of localhost.
        Raises WorldFileError.
        """
        self.real_now = real_now
        self.monotonic = monotonic
        self._path = path
        self._redirect_prefixes = tuple(redirect_prefixes)
        self.offset_seconds: float = 0
        self.clients: dict[str, Client] = {}
        self.users: dict[str, User] = {}
        self.channels: dict[str, Channel] = {}
        self.redemptions: dict[str, Redemption] = {}
        self.grants: list[Grant] = []
        self.codes: dict[str, Code] = {}
        self.access_tokens: dict[str, AccessToken] = {}
        self.refresh_tokens: dict[str, RefreshToken] = {}
        if path is not None and path.exists():
            self._load(path)
        else:
            self._begin()

    def now(self) -> datetime:
        return self.real_now() + timedelta(seconds=self.offset_seconds)

    def save(self) -> None:
        """Called after each effect and before its answer, so what Twitch has answered is never forgotten."""
        if self._path is not None:
            world_file.write(self._path, self._state())

    def user_by_login(self, login: str) -> User | None:
        wanted = login.strip().lower()
        return next((user for user in self.users.values() if user.login == wanted), None)

    def channel(self, user_id: str) -> Channel:
        """Everybody on Twitch has a channel; it is written down when something is done in it."""
        return self.channels.setdefault(user_id, Channel(user_id))

    def reward(self, reward_id: str) -> tuple[Channel, Reward] | None:
        for channel in self.channels.values():
            if reward := channel.rewards.get(reward_id):
                return channel, reward
        return None

    def grant(self, client_id: str, user_id: str) -> Grant | None:
        return next((g for g in self.grants if (g.client_id, g.user_id) == (client_id, user_id)), None)

    def add_user(self, login: str, display_name: str, created_at: str) -> User:
        """Raises ValueError for a login that Twitch would not allow."""
        if not _LOGIN.fullmatch(login):
            raise ValueError(login)
        number = max(5000, *(int(user_id) for user_id in self.users)) + 1
        user = User(str(number), login, display_name, created_at, "", _COLOURS[number % len(_COLOURS)])
        self.users[user.id] = user
        return user

    def redirect_allowed(self, uri: str) -> bool:
        try:
            parts = urlsplit(uri)
            port = parts.port
        except ValueError:
            return False
        if parts.fragment or parts.username or "\\" in uri or any(ord(character) <= 32 for character in uri):
            return False
        if parts.scheme == "http" and parts.hostname in ("localhost", "127.0.0.1") and port != 0:
            return True
        return any(uri.startswith(prefix) for prefix in self._redirect_prefixes)

    def _begin(self) -> None:
        self.clients = {client.id: client for client in first_world.clients()}
        self.users = {user.id: user for user in first_world.users()}
        self.channels = {channel.id: channel for channel in first_world.channels()}

    def _state(self) -> dict[str, Any]:
        return {
            "offset_seconds": self.offset_seconds,
            "clients": [asdict(client) for client in self.clients.values()],
            "users": [asdict(user) for user in self.users.values()],
            "channels": [asdict(channel) for channel in self.channels.values()],
            "redemptions": [asdict(redemption) for redemption in self.redemptions.values()],
            "grants": [asdict(grant) for grant in self.grants],
            "codes": [asdict(code) for code in self.codes.values()],
            "access_tokens": [asdict(token) for token in self.access_tokens.values()],
            "refresh_tokens": [asdict(token) for token in self.refresh_tokens.values()],
        }

    def _load(self, path: Path) -> None:
        state = world_file.read(path)
        try:
            self.offset_seconds = float(state["offset_seconds"])
            self.clients = {one["id"]: Client(**one) for one in state["clients"]}
            self.users = {one["id"]: User(**one) for one in state["users"]}
            self.channels = {one["id"]: _channel(one) for one in state["channels"]}
            self.redemptions = {one["id"]: Redemption(**one) for one in state["redemptions"]}
            self.grants = [Grant(**one) for one in state["grants"]]
            self.codes = {one["code"]: Code(**one) for one in state["codes"]}
            self.access_tokens = {one["token"]: AccessToken(**one) for one in state["access_tokens"]}
            self.refresh_tokens = {one["token"]: RefreshToken(**one) for one in state["refresh_tokens"]}
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise world_file.WorldFileError(f"The sandbox's world {path} lacks something: {error!r}") from error


def _channel(saved: dict[str, Any]) -> Channel:
    rewards = {reward_id: Reward(**reward) for reward_id, reward in saved["rewards"].items()}
    changes = [VipChange(**change) for change in saved["vip_changes"]]
    return Channel(**{**saved, "rewards": rewards, "vip_changes": changes})
