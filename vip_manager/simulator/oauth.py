"""Twitch's OAuth host: authorize, token, validate, revoke (Twitch docs, "Authentication").

OpenID Connect, the implicit and the device code flow are not spoken; whoever asks for them is told so.
"""

from collections.abc import Awaitable, Callable, Container, Mapping
from functools import wraps
from urllib.parse import urlencode, urlsplit

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from vip_manager.simulator import grants
from vip_manager.simulator.authorize_page import choice_page, refusal_page
from vip_manager.simulator.records import AccessToken, Channel, Client, User
from vip_manager.simulator.simulation import Simulation, simulation
from vip_manager.simulator.world import World

Endpoint = Callable[[Request], Awaitable[Response]]
_FIELDS = ("client_id", "redirect_uri", "response_type", "scope", "state")


class AuthError(Exception):
    """`error` is the reason phrase, which only a failed refresh carries."""

    def __init__(self, status: int, message: str, error: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.error = error

    def answer(self) -> JSONResponse:
        body = {"status": self.status, "message": self.message}
        return JSONResponse(body if self.error is None else {"error": self.error, **body}, self.status)


def refusing(endpoint: Endpoint) -> Endpoint:
    """An endpoint whose AuthErrors are answers."""

    @wraps(endpoint)
    async def answer(request: Request) -> Response:
        try:
            return await endpoint(request)
        except AuthError as error:
            return error.answer()

    return answer


async def authorize(request: Request) -> Response:
    """Nobody is sent to an address that doesn't belong to the client: that ends on a page, as on Twitch.

    The page is always shown, with or without `force_verify`, for it is where one chooses who one is.
    """
    sim = simulation(request)
    try:
        given = dict(request.query_params) if request.method == "GET" else await parameters(request)
    except AuthError as error:
        return refusal_page("Unreadable form", error.message)
    client = sim.world.clients.get(given.get("client_id", ""))
    if client is None:
        return refusal_page("Unknown application", "No application has this client_id.")
    if not sim.world.redirect_allowed(given.get("redirect_uri", "")):
        return refusal_page("Redirect mismatch", "The redirect_uri is not one that this application registered.")
    if given.get("response_type") != "code":
        return refusal_page("Unknown response type", "Only response_type=code is spoken here.")
    if "openid" in _scopes(given):
        return refusal_page("No OpenID Connect", "The scope openid would ask for an id_token, which is not made here.")
    if request.method == "GET":
        return _choice(sim.world, client, given)
    return _chosen(sim, client, given)


@refusing
async def token(request: Request) -> Response:
    """Parameters come as form, multipart or query string: client libraries use all three."""
    sim = simulation(request)
    given = await parameters(request)
    client = known_client(sim, given)
    grant_type = given.get("grant_type")
    if grant_type == "authorization_code":
        return issued(sim, _by_code(sim, client, given))
    if grant_type == "refresh_token":
        return issued(sim, _by_refresh(sim, client, given))
    if grant_type == "client_credentials":
        return issued(sim, grants.app_token(sim, client.id))
    raise AuthError(400, "missing grant type" if not grant_type else "invalid grant type")


@refusing
async def validate(request: Request) -> Response:
    sim = simulation(request)
    kind, _, value = request.headers.get("authorization", "").partition(" ")
    found = grants.living_token(sim, value.strip()) if kind.lower() in ("oauth", "bearer") else None
    if found is None:
        raise AuthError(401, "invalid access token" if value else "missing authorization token")
    whose = {}
    if found.user_id is not None:
        whose = {"login": sim.world.users[found.user_id].login, "user_id": found.user_id}
    return JSONResponse(
        {
            "client_id": found.client_id,
            "scopes": found.scopes,
            "expires_in": grants.seconds_left(sim, found),
            **whose,
        }
    )


@refusing
async def revoke(request: Request) -> Response:
    sim = simulation(request)
    given = await parameters(request)
    client_id, value = given.get("client_id", ""), given.get("token", "")
    if not client_id or not value:
        raise AuthError(400, "missing client id" if not client_id else "missing oauth token")
    if client_id not in sim.world.clients:
        raise AuthError(404, "client does not exist")
    found = grants.living_token(sim, value)
    if found is None or found.client_id != client_id:
        raise AuthError(400, "Invalid token")
    grants.revoke_token(sim, found)
    return Response()


async def nowhere(request: Request) -> Response:
    """What Twitch's host has beside (device, keys, userinfo, …), and methods that an endpoint doesn't take."""
    return AuthError(404, "not found").answer()


def _choice(world: World, client: Client, given: Mapping[str, str]) -> Response:
    fields = {name: given[name] for name in _FIELDS if name in given}
    people = [(user, _role(world, user)) for user in world.users.values() if not user.deleted]
    return choice_page(client.name, _scopes(given), people, fields)


def _chosen(sim: Simulation, client: Client, given: Mapping[str, str]) -> Response:
    state = {"state": given["state"]} if "state" in given else {}
    if given.get("deny"):
        refused = {"error": "access_denied", "error_description": "The user denied you access"}
        return _back(given["redirect_uri"], refused | state)
    user = sim.world.user_by_login(given.get("user", ""))
    if user is None or user.deleted:
        return refusal_page("Unknown user", "There is nobody of this name in the sandbox.")
    scopes = _scopes(given)
    code = grants.allow(sim, client.id, user, given["redirect_uri"], scopes)
    return _back(given["redirect_uri"], {"code": code.code, "scope": " ".join(scopes)} | state)


def _back(redirect_uri: str, answer: Mapping[str, str]) -> Response:
    joint = "&" if urlsplit(redirect_uri).query else "?"
    return RedirectResponse(f"{redirect_uri}{joint}{urlencode(answer)}", 302, {"Cache-Control": "no-store"})


def _role(world: World, user: User) -> str:
    def where(people: Callable[[Channel], Container[str]]) -> str:
        owners = [world.living_user(one.id) for one in world.channels.values() if user.id in people(one)]
        return " and ".join(owner.display_name for owner in owners if owner is not None)

    roles = [user.broadcaster_type.capitalize() + " streamer"] if user.broadcaster_type else []
    if moderated := where(lambda channel: channel.moderators):
        roles.append(f"Moderator of {moderated}")
    if vip_of := where(lambda channel: channel.vips):
        roles.append(f"VIP of {vip_of}")
    return ", ".join(roles) or "Viewer"


def _scopes(given: Mapping[str, str]) -> list[str]:
    return list(dict.fromkeys(given.get("scope", "").split()))


async def parameters(request: Request) -> dict[str, str]:
    """From query, form and multipart; where one stands in both, the body's counts. Raises AuthError for a body that
    can't be read as such, or whose charset makes of it what no file and no answer can hold."""
    given = dict(request.query_params)
    try:
        async with request.form() as form:
            given |= {name: value for name, value in form.items() if isinstance(value, str)}
        "".join([*given, *given.values()]).encode()
    except HTTPException as error:
        raise AuthError(400, error.detail) from error
    except UnicodeEncodeError as error:
        raise AuthError(400, "malformed body") from error
    return given


def known_client(sim: Simulation, given: Mapping[str, str]) -> Client:
    if not given.get("client_id"):
        raise AuthError(400, "missing client id")
    client = sim.world.clients.get(given["client_id"])
    if client is None:
        raise AuthError(400, "invalid client")
    if not given.get("client_secret"):
        raise AuthError(400, "missing client secret")
    if given["client_secret"] != client.secret:
        raise AuthError(403, "invalid client secret")
    return client


def _by_code(sim: Simulation, client: Client, given: Mapping[str, str]) -> AccessToken:
    code = sim.world.codes.get(given.get("code", ""))
    if code is None or code.client_id != client.id or not grants.alive(sim, code):
        raise AuthError(400, "Invalid authorization code")
    if given.get("redirect_uri") != code.redirect_uri:
        raise AuthError(400, "Parameter redirect_uri does not match registered URI")
    return grants.spend_code(sim, code)


def _by_refresh(sim: Simulation, client: Client, given: Mapping[str, str]) -> AccessToken:
    found = sim.world.refresh_tokens.get(given.get("refresh_token", ""))
    if found is None or found.client_id != client.id:
        raise AuthError(400, "Invalid refresh token", "Bad Request")
    try:
        return grants.refresh(sim, found)
    except grants.TooManyTokens as error:
        raise AuthError(400, "Invalid refresh token", "Bad Request") from error


def issued(sim: Simulation, found: AccessToken) -> JSONResponse:
    answer: dict[str, object] = {
        "access_token": found.token,
        "expires_in": grants.seconds_left(sim, found),
        "token_type": "bearer",
    }
    if found.refresh_token is not None:
        answer |= {"refresh_token": found.refresh_token, "scope": found.scopes}
    return JSONResponse(answer, headers={"Cache-Control": "no-store"})
