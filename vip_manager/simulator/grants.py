"""What users allow, and the codes and tokens that follow from it. Grants outlive tokens; all on real time."""

import secrets
import string
from collections.abc import Mapping
from datetime import timedelta

from vip_manager.simulator.eventsub.subscriptions import AUTHORIZATION_REVOKED, USER_REMOVED
from vip_manager.simulator.moments import from_rfc3339, rfc3339
from vip_manager.simulator.records import AccessToken, Code, Grant, RefreshToken, User
from vip_manager.simulator.shapes import person
from vip_manager.simulator.simulation import Simulation
from vip_manager.simulator.world import World

CODE_LIFETIME = timedelta(minutes=10)
USER_TOKEN_LIFETIME = timedelta(hours=4)
APP_TOKEN_LIFETIME = timedelta(days=58)
LIVE_TOKENS_A_REFRESH_TOKEN = 50
REFRESH_TOKENS_A_GRANT = 100
"""Ours: Twitch lets them live until the user ends the connection. Here the one used longest ago makes room."""
_LETTERS = string.ascii_lowercase + string.digits


class TooManyTokens(Exception):
    """A refresh token has as many living access tokens as Twitch allows it."""


def allow(sim: Simulation, client_id: str, user: User, redirect_uri: str, scopes: list[str]) -> Code:
    """The user said yes: the grant grows by these scopes, and the client gets a code."""
    grant = sim.world.grant(client_id, user.id)
    if grant is None:
        grant = Grant(client_id, user.id, [])
        sim.world.grants.append(grant)
    grant.scopes = sorted({*grant.scopes, *scopes})
    expires_at = rfc3339(sim.world.real_now() + CODE_LIFETIME)
    code = Code(_random(30), client_id, user.id, redirect_uri, scopes, expires_at)
    sim.world.codes[code.code] = code
    sim.changed("authorize", client=client_id, user=user.id, scopes=scopes)
    _tell(sim, "user.authorization.grant", client_id, user)
    return code


def spend_code(sim: Simulation, code: Code) -> AccessToken:
    del sim.world.codes[code.code]
    refresh = RefreshToken(_random(50), code.client_id, code.user_id, code.scopes)
    own = [
        one
        for one in sim.world.refresh_tokens.values()
        if (one.client_id, one.user_id) == (code.client_id, code.user_id)
    ]
    for oldest in own[: 1 - REFRESH_TOKENS_A_GRANT]:
        del sim.world.refresh_tokens[oldest.token]
    return _issue(sim, refresh)


def refresh(sim: Simulation, token: RefreshToken) -> AccessToken:
    """The same refresh token stays good (confidential client). Raises TooManyTokens."""
    living = [one for one in sim.world.access_tokens.values() if one.refresh_token == token.token and alive(sim, one)]
    if len(living) >= LIVE_TOKENS_A_REFRESH_TOKEN:
        raise TooManyTokens
    return _issue(sim, token)


def app_token(sim: Simulation, client_id: str) -> AccessToken:
    _forget_dead(sim)
    expires_at = rfc3339(sim.world.real_now() + APP_TOKEN_LIFETIME)
    token = AccessToken(_random(30), client_id, None, [], expires_at)
    sim.world.access_tokens[token.token] = token
    sim.changed("app token", client=client_id)
    return token


def alive(sim: Simulation, token: AccessToken | Code) -> bool:
    return from_rfc3339(token.expires_at) > sim.world.real_now()


def living_token(sim: Simulation, token: str) -> AccessToken | None:
    found = sim.world.access_tokens.get(token)
    return found if found is not None and alive(sim, found) else None


def seconds_left(sim: Simulation, token: AccessToken) -> int:
    return max(0, int((from_rfc3339(token.expires_at) - sim.world.real_now()).total_seconds()))


def revoke_token(sim: Simulation, token: AccessToken) -> None:
    del sim.world.access_tokens[token.token]
    sim.changed("revoke", client=token.client_id, user=token.user_id)


def expire_tokens(sim: Simulation, user: User) -> int:
    """The user's access tokens die; refresh tokens live. Says how many died."""
    before = len(sim.world.access_tokens)
    sim.world.access_tokens = {key: one for key, one in sim.world.access_tokens.items() if one.user_id != user.id}
    sim.changed("tokens expired", user=user.id)
    return before - len(sim.world.access_tokens)


def disconnect(sim: Simulation, user: User) -> None:
    """As by "Disconnect" in Twitch's settings, or a new password: all tokens and grants of the user are gone."""
    clients = _take_back(sim.world, user)
    sim.changed("disconnect", user=user.id)
    _tell_taken_back(sim, user, clients, AUTHORIZATION_REVOKED)


def delete(sim: Simulation, user: User) -> None:
    """The account is deleted. Tokens and grants are gone for good; what channels and queues know of the user stays, and
    no channel is told."""
    user.deleted = True
    clients = _take_back(sim.world, user)
    sim.changed("user deleted", user=user.id, login=user.login)
    _tell_taken_back(sim, user, clients, USER_REMOVED)


def restore(sim: Simulation, user: User) -> None:
    """The account is there again. The user has to sign in anew."""
    user.deleted = False
    sim.changed("user restored", user=user.id, login=user.login)


def _take_back(world: World, user: User) -> list[str]:
    """All that the user had allowed; says which clients had something."""
    clients = [grant.client_id for grant in world.grants if grant.user_id == user.id]
    world.grants = [grant for grant in world.grants if grant.user_id != user.id]
    world.codes = {key: one for key, one in world.codes.items() if one.user_id != user.id}
    world.access_tokens = {key: one for key, one in world.access_tokens.items() if one.user_id != user.id}
    world.refresh_tokens = {key: one for key, one in world.refresh_tokens.items() if one.user_id != user.id}
    return clients


def _tell_taken_back(sim: Simulation, user: User, clients: list[str], status: str) -> None:
    sim.hub.revoke(user.id, status)
    for client_id in clients:
        _tell(sim, "user.authorization.revoke", client_id, user)


def _tell(sim: Simulation, kind: str, client_id: str, user: User) -> None:
    """Here names are null where the user is no more (EventSub reference, User Authorization Revoke)."""
    gone = {"user_id": user.id, "user_login": None, "user_name": None}
    who: Mapping[str, str | None] = gone if user.deleted else person(user)
    sim.hub.tell(kind, {"client_id": client_id}, {"client_id": client_id, **who})


def _issue(sim: Simulation, source: RefreshToken) -> AccessToken:
    world = sim.world
    _forget_dead(sim)
    # Put last, for those that were used longest ago are the first to go.
    world.refresh_tokens[source.token] = world.refresh_tokens.pop(source.token, source)
    expires_at = rfc3339(world.real_now() + USER_TOKEN_LIFETIME)
    token = AccessToken(_random(30), source.client_id, source.user_id, source.scopes, expires_at, source.token)
    world.access_tokens[token.token] = token
    sim.changed("token", client=source.client_id, user=source.user_id)
    return token


def _forget_dead(sim: Simulation) -> None:
    world = sim.world
    world.access_tokens = {key: one for key, one in world.access_tokens.items() if alive(sim, one)}
    world.codes = {key: one for key, one in world.codes.items() if alive(sim, one)}


def _random(length: int) -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(length))
