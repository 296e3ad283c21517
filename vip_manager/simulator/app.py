"""The sandbox's Twitch as one ASGI app; mount it wherever, it needs no lifespan.

/oauth2/…   id.twitch.tv        /helix/…    api.twitch.tv
/ws         eventsub.wss…       /control/…  the world from behind the curtain
/avatars/…  pictures
"""

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Route, WebSocketRoute

from vip_manager.simulator import avatars, control, oauth
from vip_manager.simulator.eventsub import Hub, Timings
from vip_manager.simulator.faults import FaultMiddleware, Faults
from vip_manager.simulator.helix.table import helix
from vip_manager.simulator.journal import Journal, JournalMiddleware
from vip_manager.simulator.lag import Lag
from vip_manager.simulator.limits import Limits
from vip_manager.simulator.simulation import Simulation
from vip_manager.simulator.socket import socket
from vip_manager.simulator.world import World


def create_simulator(world: World, *, public_base: str = "", timings: Timings | None = None) -> Starlette:
    """`public_base` is where browsers find this app (it may be a path like "/sandbox/twitch"); without it pictures'
    addresses follow the request."""
    journal = Journal(world)
    faults = Faults()
    app = Starlette(
        routes=[
            Route("/oauth2/authorize", oauth.authorize, methods=["GET", "POST"]),
            Route("/oauth2/token", oauth.token, methods=["POST"]),
            Route("/oauth2/validate", oauth.validate),
            Route("/oauth2/revoke", oauth.revoke, methods=["POST"]),
            Route("/helix/{path:path}", helix.answer, methods=["GET", "POST", "PATCH", "PUT", "DELETE"]),
            WebSocketRoute("/ws", socket),
            Route("/avatars/{user_id}.svg", avatars.avatar),
            *control.ROUTES,
        ],
        middleware=[
            Middleware(FaultMiddleware, faults=faults, journal=journal),
            Middleware(JournalMiddleware, journal=journal),
        ],
    )
    app.state.simulation = Simulation(
        world=world,
        journal=journal,
        hub=Hub(world, timings or Timings()),
        faults=faults,
        limits=Limits(world.real_now, world.monotonic),
        lag=Lag(world.monotonic),
        public_base=public_base,
    )
    return app
