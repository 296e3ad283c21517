"""Twitch's HTTP in two layouts on one port, by the same handlers: its own, and that of twitch-cli's mocks.

Clients that know the mocks (`/mock`, `/auth`, `/eventsub/subscriptions`, `/units`) work here as they are. What a path
is, whichever layout it belongs to, says surfaces.py.
"""

from starlette.routing import Route

from vip_manager.simulator import oauth, twitch_cli
from vip_manager.simulator.helix.table import SUBSCRIPTIONS, helix

# Helix answers every method itself, so that a wrong one carries the Ratelimit headers too.
_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


def _auth_host(prefix: str) -> list[Route]:
    return [
        Route(prefix, oauth.nowhere, methods=_METHODS),
        Route(f"{prefix}/token", oauth.token, methods=["POST"]),
        Route(f"{prefix}/validate", oauth.validate),
        Route(f"{prefix}/revoke", oauth.revoke, methods=["POST"]),
        Route(f"{prefix}/{{path:path}}", oauth.nowhere, methods=_METHODS),
    ]


ROUTES = [
    Route("/oauth2/authorize", oauth.authorize, methods=["GET", "POST"]),
    *_auth_host("/oauth2"),
    Route("/helix", helix.at("/"), methods=_METHODS),
    Route("/helix/{path:path}", helix.answer, methods=_METHODS),
    Route("/auth/authorize", twitch_cli.authorize, methods=["GET", "POST"]),
    *_auth_host("/auth"),
    Route("/mock", helix.at("/"), methods=_METHODS),
    Route("/mock/{path:path}", helix.answer, methods=_METHODS),
    Route(SUBSCRIPTIONS, helix.at(SUBSCRIPTIONS), methods=_METHODS),
    Route("/units/clients", twitch_cli.clients),
    Route("/units/users", twitch_cli.users),
]
