"""Whom a wish means, by login."""

from vip_manager.simulator.records import Channel, User
from vip_manager.simulator.refusal import Refused
from vip_manager.simulator.simulation import Simulation
from vip_manager.simulator.wish import Wish

_SHOWN = 30


def named(sim: Simulation, login: str, role: str) -> User:
    """`role`, as "viewer", is what the refusal's code says is missing. Raises Refused."""
    user = sim.world.user_by_login(login)
    if user is None:
        raise Refused(f"no_{role}", f"There is nobody called “{login[:_SHOWN]}” in the sandbox.", 404)
    return user


def wished_user(sim: Simulation, wish: Wish, name: str = "user") -> User:
    """Raises Refused."""
    return named(sim, wish.text(name), name)


def wished_channel(sim: Simulation, wish: Wish) -> Channel:
    """Raises Refused; also where the streamer is deleted, for then the channel stands still."""
    streamer = wished_user(sim, wish, "channel")
    not_deleted(streamer)
    return sim.world.channel(streamer.id)


def not_deleted(user: User) -> None:
    """Raises Refused."""
    if user.deleted:
        raise Refused("deleted", f"The account of “{user.login}” is deleted.", 409)
