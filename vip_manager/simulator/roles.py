"""Who is VIP, moderator or banned in a channel: each change made, kept and told.

A moderator is never a VIP at once (API reference, Add Channel VIP). That a ban takes the badges away is ours to say:
Twitch's docs are silent about it.
"""

from vip_manager.simulator.moments import rfc3339
from vip_manager.simulator.records import Badge, Channel, User, VipChange
from vip_manager.simulator.shapes import event_broadcaster, person
from vip_manager.simulator.simulation import Simulation


def add_vip(sim: Simulation, channel: Channel, user: User, by: str, *, client_id: str = "", actor_id: str = "") -> None:
    """By the API it takes the application too, and the user whose token it used."""
    badge = channel.vips[user.id] = Badge(by, client_id)
    _vip_changed(sim, channel, user, badge, added=True, by=by, client_id=client_id, actor_id=actor_id)


def remove_vip(
    sim: Simulation, channel: Channel, user: User, by: str, *, client_id: str = "", actor_id: str = ""
) -> None:
    badge = channel.vips.pop(user.id)
    _vip_changed(sim, channel, user, badge, added=False, by=by, client_id=client_id, actor_id=actor_id)


def add_moderator(sim: Simulation, channel: Channel, user: User, by: str) -> None:
    if user.id in channel.vips:
        remove_vip(sim, channel, user, by)
    channel.moderators.append(user.id)
    _tell(sim, channel, user, "channel.moderator.add")


def remove_moderator(sim: Simulation, channel: Channel, user: User) -> None:
    channel.moderators.remove(user.id)
    _tell(sim, channel, user, "channel.moderator.remove")


def ban(sim: Simulation, channel: Channel, user: User, by: str) -> None:
    if user.id in channel.vips:
        remove_vip(sim, channel, user, by)
    if user.id in channel.moderators:
        remove_moderator(sim, channel, user)
    channel.bans.append(user.id)
    sim.changed("ban", channel=channel.id, user=user.id)


def unban(sim: Simulation, channel: Channel, user: User) -> None:
    channel.bans.remove(user.id)
    sim.changed("unban", channel=channel.id, user=user.id)


def _vip_changed(
    sim: Simulation, channel: Channel, user: User, badge: Badge, *, added: bool, by: str, client_id: str, actor_id: str
) -> None:
    sim.lag.vip_changed(channel.id, user.id, added=added)
    at = rfc3339(sim.world.now())
    channel.vip_changes.append(
        VipChange(at, user.id, added, by, badge.by, client_id, actor_id, origin_client_id=badge.client_id)
    )
    _tell(sim, channel, user, "channel.vip.add" if added else "channel.vip.remove", by=by)


def _tell(sim: Simulation, channel: Channel, user: User, kind: str, **details: object) -> None:
    sim.changed(kind, channel=channel.id, user=user.id, **details)
    sim.hub.publish(kind, channel.id, {**person(user), **event_broadcaster(sim.world.users[channel.id])})
