"""The people of a written world: found by id or by login, and given what their writer left out."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields
from itertools import count
from typing import Any

from vip_manager.simulator.records import User
from vip_manager.simulator.world_form import BadWorld, items, mapping, only, record, text

LOGIN = re.compile(r"[a-z0-9][a-z0-9_]{2,24}")
LOGIN_WORDS = "A login has 3 to 25 letters a to z, digits and underscores."
BROADCASTER_TYPES = ("", "affiliate", "partner")
_COLOURS = ("#1c7ed6", "#e8590c", "#2f9e44", "#ae3ec9", "#f08c00", "#0c8599", "#e03131", "#6741d9")
_FIELDS = tuple(one.name for one in fields(User))
_MOST_DIGITS = 15


def new_user(user_ids: Iterable[str], login: str, display_name: str, created_at: str) -> User:
    """With an id and a colour that nobody has had yet."""
    numbers = {int(user_id) for user_id in user_ids}
    number = max({5000, *numbers}) + 1
    if len(str(number)) > _MOST_DIGITS:
        number = next(one for one in count(5001) if one not in numbers)
    return User(str(number), login, display_name, created_at, "", _COLOURS[number % len(_COLOURS)])


class People:
    """`users` are those of the written world, by their ids; `find` adds who is only named elsewhere in it."""

    def __init__(self, given: Any, known: Iterable[User], now: str) -> None:
        """`known` are people whose logins keep their ids. Raises BadWorld."""
        self._known = {user.login: user for user in known}
        self._now = now
        self._without_kind: set[str] = set()
        self.users: dict[str, User] = {}
        self._logins: dict[str, User] = {}
        rows = [(_row(one, f"users[{index}]"), f"users[{index}]") for index, one in enumerate(items(given, "users"))]
        # Ids that are written down come first, so that nobody is given one of them.
        for row, place in sorted(rows, key=lambda one: "id" not in one[0]):
            self._add(row, place)
        order = [row["login"] for row, _ in rows]
        self.users = {self._logins[login].id: self._logins[login] for login in order}

    def find(self, name: Any, place: str) -> User:
        wanted = text(name, place).strip().lower()
        found = self.users.get(wanted) or self._logins.get(wanted)
        if found is not None:
            return found
        if wanted.isdecimal() or not LOGIN.fullmatch(wanted):
            raise BadWorld(place, f"there is nobody called “{name}”.")
        return self._add({"login": wanted}, place)

    def streams(self, user: User, kind: Any, place: str) -> None:
        """Who has a channel is an affiliate, where nothing else is written."""
        if kind is not None:
            user.broadcaster_type = _kind(kind, place)
        elif user.id in self._without_kind:
            user.broadcaster_type = "affiliate"

    def _add(self, row: Mapping[str, Any], place: str) -> User:
        login = row["login"]
        if login in self._logins:
            raise BadWorld(f"{place}.login", f"“{login}” is there twice.")
        user: User = record(User, {**asdict(self._start(login)), **row}, place)
        _kind(user.broadcaster_type, f"{place}.broadcaster_type")
        if not (user.id.isascii() and user.id.isdecimal()) or len(user.id) > _MOST_DIGITS:
            raise BadWorld(f"{place}.id", "must be a number in quotes.")
        if user.id in self.users:
            raise BadWorld(f"{place}.id", f"“{user.id}” is there twice.")
        if "broadcaster_type" not in row:
            self._without_kind.add(user.id)
        self.users[user.id] = self._logins[login] = user
        return user

    def _start(self, login: str) -> User:
        known = self._known.get(login)
        if known is not None and known.id not in self.users:
            return User(known.id, login, known.display_name, known.created_at, "", known.colour)
        return new_user([*self.users, *(one.id for one in self._known.values())], login, display(login), self._now)


def display(login: str) -> str:
    return login[:1].upper() + login[1:]


def _row(given: Any, place: str) -> dict[str, Any]:
    row = {"login": given} if isinstance(given, str) else dict(mapping(given, place))
    only(row, _FIELDS, place)
    if "login" not in row:
        raise BadWorld(f"{place}.login", "is missing.")
    row["login"] = text(row["login"], f"{place}.login").strip().lower()
    if not LOGIN.fullmatch(row["login"]):
        raise BadWorld(f"{place}.login", LOGIN_WORDS)
    return row


def _kind(given: Any, place: str) -> str:
    if given not in BROADCASTER_TYPES:
        raise BadWorld(place, "must be affiliate, partner or empty.")
    return str(given)
