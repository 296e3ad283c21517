"""One authorised call of Helix, and what an endpoint may ask of it."""

import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from vip_manager.simulator.helix.answers import HelixError
from vip_manager.simulator.records import AccessToken, Channel, User
from vip_manager.simulator.simulation import Simulation
from vip_manager.simulator.world import World

_SMALL_NUMBER = re.compile("[0-9]{1,9}")
_TRUE = ("1", "t", "T", "true", "True", "TRUE")
_FALSE = ("0", "f", "F", "false", "False", "FALSE")


@dataclass(frozen=True)
class Call:
    sim: Simulation
    request: Request
    token: AccessToken

    @property
    def world(self) -> World:
        return self.sim.world

    def param(self, name: str) -> str | None:
        return self.request.query_params.get(name) or None

    def needed(self, name: str) -> str:
        value = self.param(name)
        if value is None:
            raise HelixError(400, f'Missing required parameter "{name}"')
        return value

    def flag(self, name: str) -> bool:
        """False where it is not given; in all spellings that client libraries use, as "True" or "1"."""
        value = self.param(name)
        if value is None or value in _FALSE:
            return False
        if value in _TRUE:
            return True
        raise HelixError(400, f'The parameter "{name}" must be true or false')

    def many(self, name: str, most: int) -> list[str]:
        values = list(dict.fromkeys(value for value in self.request.query_params.getlist(name) if value))
        if len(values) > most:
            raise HelixError(400, f'The parameter "{name}" was given more than {most} times')
        return values

    def first(self, most: int = 100, default: int = 20) -> int:
        text = self.param("first")
        if text is None:
            return default
        if not _SMALL_NUMBER.fullmatch(text) or not 1 <= int(text) <= most:
            raise HelixError(400, f'The parameter "first" must be between 1 and {most}')
        return int(text)

    def user_id(self, name: str) -> str:
        value = self.needed(name)
        check_id(name, value)
        return value

    def user(self, user_id: str) -> User:
        user = self.world.living_user(user_id)
        if user is None:
            raise HelixError(404, f"The user {user_id} was not found.")
        return user

    def own_channel(self) -> Channel:
        """The broadcaster's, who is the token's user: the gate has seen to it."""
        return self.world.channel(self.needed("broadcaster_id"))

    async def body(self) -> dict[str, Any]:
        """JSON can smuggle in half a surrogate pair, which no file and no answer can hold: that is not taken either."""
        try:
            body = await self.request.json()
            json.dumps(body, ensure_ascii=False).encode()
        except (ValueError, RecursionError) as error:
            raise HelixError(400, "The request body is not valid JSON.") from error
        if not isinstance(body, dict):
            raise HelixError(400, "The request body must be a JSON object.")
        return body


def check_id(name: str, value: str) -> None:
    if not (value.isascii() and value.isdecimal()):
        raise HelixError(400, f'The ID in "{name}" is not valid.')


Handler = Callable[[Call], Awaitable[Response]]
