"""The sandbox's Twitch as one ASGI app; mount it wherever, it needs no lifespan.

/oauth2/…   id.twitch.tv        /helix/…    api.twitch.tv
/ws         eventsub.wss…       /control/…  the world from behind the curtain
/avatars/…  pictures            /mock/… and the rest of twitch-cli's layout: layouts.py
"""

from collections.abc import Callable, Collection

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Route, WebSocketRoute

from vip_manager.simulator import avatars, control, layouts
from vip_manager.simulator.control_gate import ControlGate
from vip_manager.simulator.event_faults import EventFaults
from vip_manager.simulator.eventsub.hub import Hub
from vip_manager.simulator.eventsub.socket import socket
from vip_manager.simulator.eventsub.timings import Timings
from vip_manager.simulator.faults import Faults
from vip_manager.simulator.journal import Journal
from vip_manager.simulator.lag import Lag
from vip_manager.simulator.limits import Limits
from vip_manager.simulator.request_faults import FaultMiddleware
from vip_manager.simulator.request_journal import JournalMiddleware
from vip_manager.simulator.simulation import Simulation
from vip_manager.simulator.world import World


def create_simulator(
    world: World,
    *,
    public_base: str = "",
    public_hosts: Collection[str] = (),
    timings: Timings | None = None,
    told: Callable[[], None] | None = None,
) -> Starlette:
    """`public_base` is where browsers find this app (it may be a path like "/sandbox/twitch"); without it pictures'
    addresses follow the request. `public_hosts` are the names by which people reach it, besides those of this machine.
    `told` is called after every line of the journal."""
    journal = Journal(world, told)
    faults = Faults()
    app = Starlette(
        routes=[
            *layouts.ROUTES,
            WebSocketRoute("/ws", socket),
            Route("/avatars/{user_id}.svg", avatars.avatar),
            *control.ROUTES,
        ],
        middleware=[
            Middleware(ControlGate, public_hosts=public_hosts),
            Middleware(FaultMiddleware, faults=faults, journal=journal),
            Middleware(JournalMiddleware, journal=journal),
        ],
    )
    app.state.simulation = Simulation(
        world=world,
        journal=journal,
        hub=Hub(world, timings or Timings(), EventFaults(faults, journal).carry, journal.event),
        faults=faults,
        limits=Limits(world.real_now, world.monotonic),
        lag=Lag(world.monotonic),
        public_base=public_base,
    )
    return app
