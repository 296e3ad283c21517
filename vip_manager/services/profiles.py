"""Names and pictures of people on Twitch, for show. Nothing depends on them, so nothing waits for them."""

import asyncio
import time
from collections.abc import Iterable

import structlog

from vip_manager.ports import Twitch, TwitchError, TwitchUser
from vip_manager.services.changes import Changes

log = structlog.get_logger(__name__)

_MOST = 20_000
_AT_ONCE = 100
_AGAIN_AFTER = 60.0
"""Seconds in which nothing more is asked with a channel's token that got no answer: there is a picture for each change,
and each would ask."""


class Profiles:
    """A bounded memory of profiles; what is missing is fetched behind the scenes, and announced when it is there."""

    def __init__(self, twitch: Twitch, changes: Changes) -> None:
        self._twitch = twitch
        self._changes = changes
        self._known: dict[str, TwitchUser] = {}
        self._asked: set[str] = set()
        self._not_before: dict[str, float] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def of(self, channel_id: str, user_ids: Iterable[str]) -> dict[str, TwitchUser]:
        """Those that are known now. The others are asked for with that channel's token."""
        wanted = list(user_ids)
        missing = [user_id for user_id in wanted if user_id not in self._known and user_id not in self._asked]
        if missing and time.monotonic() >= self._not_before.get(channel_id, 0.0):
            self._asked.update(missing)
            task = asyncio.create_task(self._fetch(channel_id, missing))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return {user_id: self._known[user_id] for user_id in wanted if user_id in self._known}

    async def aclose(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _fetch(self, channel_id: str, user_ids: list[str]) -> None:
        try:
            for start in range(0, len(user_ids), _AT_ONCE):
                some = user_ids[start : start + _AT_ONCE]
                for user in await self._twitch.users(channel_id, ids=some):
                    self._known[user.id] = user
        except TwitchError as error:
            log.info("profiles not read", channel_id=channel_id, error=str(error))
            self._not_before[channel_id] = time.monotonic() + _AGAIN_AFTER
            return
        finally:
            self._asked.difference_update(user_ids)
        self._not_before.pop(channel_id, None)
        # Deleted and suspended people are missing from Twitch's answer: an empty profile keeps us from asking again.
        for user_id in user_ids:
            self._known.setdefault(user_id, TwitchUser(user_id, "", ""))
        while len(self._known) > _MOST:
            del self._known[next(iter(self._known))]
        self._changes.announce_here(channel_id)
