"""What stands before every Helix endpoint, in Twitch's order: token, client id, points, scope, broadcaster.

Every answer, good or bad, carries the three Ratelimit headers (API guide, "Rate limits").
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from vip_manager.simulator.grants import living_token
from vip_manager.simulator.helix.answers import HelixError, error_answer
from vip_manager.simulator.helix.call import Call, Handler, check_id
from vip_manager.simulator.limits import POINTS, Bucket
from vip_manager.simulator.records import AccessToken
from vip_manager.simulator.simulation import Simulation, simulation


@dataclass(frozen=True)
class Endpoint:
    """`scopes`: any one of them is enough; app tokens have none. `own`: broadcaster_id must be the token's user. `app`,
    `user`: which kinds of token do."""

    handler: Handler
    scopes: tuple[str, ...] = ()
    own: bool = False
    app: bool = False
    user: bool = True
    bucket: Bucket = POINTS


class Gate:
    def __init__(self, table: Mapping[tuple[str, str], Endpoint]) -> None:
        self._table = table

    async def answer(self, request: Request) -> Response:
        return await self._answer(request, "/" + request.path_params["path"])

    def at(self, path: str) -> Callable[[Request], Awaitable[Response]]:
        """The one endpoint at `path` (any method), for a layout that has it by itself."""

        async def answer(request: Request) -> Response:
            return await self._answer(request, path)

        return answer

    async def _answer(self, request: Request, path: str) -> Response:
        sim = simulation(request)
        points = sim.limits.untouched()
        try:
            endpoint = self._table.get((request.method, path))
            if endpoint is None:
                raise HelixError(404, "")
            token = _token(sim, request)
            points = sim.limits.spend(token.client_id, token.user_id or "", endpoint.bucket)
            if not points.allowed:
                raise HelixError(429, "Too Many Requests")
            _authorise(endpoint, request, token)
            answer = await endpoint.handler(Call(sim, request, token))
        except HelixError as error:
            answer = error_answer(error.status, error.message, error.more)
        answer.headers.update(points.headers())
        return answer


def _token(sim: Simulation, request: Request) -> AccessToken:
    kind, _, value = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer" or not value:
        raise HelixError(401, "OAuth token is missing")
    token = living_token(sim, value.strip())
    if token is None:
        raise HelixError(401, "Invalid OAuth token")
    client_id = request.headers.get("client-id")
    if not client_id:
        raise HelixError(401, "Client ID is missing")
    if client_id != token.client_id:
        raise HelixError(401, "Client ID and OAuth token do not match")
    return token


def _authorise(endpoint: Endpoint, request: Request, token: AccessToken) -> None:
    if token.user_id is None and not endpoint.app:
        raise HelixError(401, "Missing User OAUTH Token")
    if token.user_id is not None and not endpoint.user:
        raise HelixError(401, "Missing App OAUTH Token")
    if token.user_id is not None and endpoint.scopes and not set(endpoint.scopes) & set(token.scopes):
        raise HelixError(401, f"Missing scope: {' or '.join(endpoint.scopes)}")
    if endpoint.own:
        broadcaster_id = request.query_params.get("broadcaster_id")
        if not broadcaster_id:
            raise HelixError(400, 'Missing required parameter "broadcaster_id"')
        check_id("broadcaster_id", broadcaster_id)
        must_be_own(broadcaster_id, token)


def must_be_own(broadcaster_id: str, token: AccessToken) -> None:
    if broadcaster_id != token.user_id:
        raise HelixError(401, "The ID in broadcaster_id must match the user ID found in the request's OAuth token.")
