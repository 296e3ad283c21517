"""The sandbox's Twitch as it stands, and how it is looked up, kept and timed.

Two clocks, as in the program: `now()` may run ahead of real time by a persisted offset and stamps what happens in the
world; tokens, codes and limits use real time.
"""

import time
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from vip_manager.simulator import first_world, world_file
from vip_manager.simulator.moments import rfc3339, utc_now
from vip_manager.simulator.records import Channel, Grant, Reward, User
from vip_manager.simulator.world_form import BadWorld
from vip_manager.simulator.world_layout import Layout
from vip_manager.simulator.world_parts import SECRET, Parts
from vip_manager.simulator.world_people import LOGIN, new_user
from vip_manager.simulator.world_reading import read_world


class World(Parts):
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
        super().__init__()
        self.real_now = real_now
        self.monotonic = monotonic
        self.revision = 0
        self._path = path
        self._layout = Layout()
        self._redirect_prefixes = tuple(redirect_prefixes)
        if path is not None and path.exists():
            self._load(path)
        else:
            self.become(first_world.parts())

    def now(self) -> datetime:
        return self.real_now() + timedelta(seconds=self.offset_seconds)

    def save(self) -> None:
        """Called after each effect and before its answer, so what Twitch has answered is never forgotten."""
        self.revision += 1
        if self._path is not None:
            world_file.write(self._path, self._layout.text({"format": world_file.FORMAT, **self.state()}))

    def shown(self) -> bytes:
        """The file's text without what nobody is shown: tokens, codes, clients' secrets."""
        state = {name: part for name, part in self.state().items() if name not in SECRET}
        clients = [{"id": client.id, "name": client.name} for client in self.clients.values()]
        return b"".join(Layout().text({"format": world_file.FORMAT, **state, "clients": clients}))

    def replace(self, state: Mapping[str, Any]) -> None:
        """By a written world, whole; time only goes forward. Who and what clients may act for is left to them who are
        still there, where the written world doesn't say it. Raises BadWorld, and then nothing has changed."""
        parts = read_world(state, self, rfc3339(self.now()))
        for name in {"grants", *SECRET} - state.keys():
            kept = getattr(self, name)
            if isinstance(kept, dict):
                setattr(parts, name, {key: one for key, one in kept.items() if self._stays(one, parts)})
            else:
                setattr(parts, name, [one for one in kept if self._stays(one, parts)])
        parts.offset_seconds = max(parts.offset_seconds, self.offset_seconds)
        self.become(parts)

    def reset(self) -> None:
        """The first world again, in which nobody has allowed anything; but time only goes forward."""
        first = first_world.parts()
        first.offset_seconds = self.offset_seconds
        self.become(first)

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
        if not LOGIN.fullmatch(login):
            raise ValueError(login)
        user = new_user(self.users, login, display_name, created_at)
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

    def _load(self, path: Path) -> None:
        try:
            state = world_file.read(path)
            saved = state["format"] == world_file.FORMAT
            self.become(read_world(state, first_world.parts(), rfc3339(self.real_now()), saved=saved))
        except BadWorld as error:
            raise world_file.WorldFileError(f"The sandbox's world {path}: {error}") from error

    def _stays(self, allowed: Any, parts: Parts) -> bool:
        user_id = allowed.user_id
        same = user_id is None or (
            parts.living_user(user_id) is not None
            and user_id in self.users
            and parts.users[user_id].login == self.users[user_id].login
        )
        return same and allowed.client_id in parts.clients
