"""The parts of one simulated Twitch, as its endpoints find them."""

from dataclasses import dataclass, field
from typing import Any, cast

from starlette.requests import HTTPConnection

from vip_manager.simulator.chat import Chat
from vip_manager.simulator.evening import Evenings
from vip_manager.simulator.eventsub.hub import Hub
from vip_manager.simulator.faults import Faults
from vip_manager.simulator.journal import Journal
from vip_manager.simulator.lag import Lag
from vip_manager.simulator.limits import Limits
from vip_manager.simulator.remembered import Remembered
from vip_manager.simulator.world import World


@dataclass(frozen=True)
class Simulation:
    world: World
    journal: Journal
    hub: Hub
    faults: Faults
    limits: Limits
    lag: Lag
    public_base: str
    chat: Chat = field(default_factory=Chat)
    evenings: Evenings = field(default_factory=Evenings)
    verdict: Remembered[dict[str, Any]] = field(default_factory=Remembered)

    def changed(self, what: str, **details: object) -> None:
        """Closes an effect: durable first, then told."""
        self.world.save()
        self.journal.effect(what, **details)

    def avatar_url(self, connection: HTTPConnection, user_id: str) -> str:
        return f"{self.base_url(connection)}/avatars/{user_id}.svg"

    def base_url(self, connection: HTTPConnection) -> str:
        if self.public_base:
            return self.public_base.rstrip("/")
        # `request.base_url` leaves out the prefix below which this app is mounted; root_path has it.
        return f"{connection.url.scheme}://{connection.url.netloc}{connection.scope.get('root_path', '')}"


def simulation(connection: HTTPConnection) -> Simulation:
    return cast(Simulation, connection.app.state.simulation)
