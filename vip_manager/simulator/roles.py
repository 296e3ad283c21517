"""Who is VIP, moderator or banned in a channel: each change made, kept and told.

A moderator is never a VIP at once (API reference, Add Channel VIP). That a ban takes the badges away is ours to say:
Twitch's docs are silent about it.
"""

from vip_manager.simulator.moments import rfc3339
from vip_manager.simulator.records import Channel, User, VipChange
from vip_manager.simulator.shapes import event_broadcaster, person
from vip_manager.simulator.simulation import Simulation


def add_vip(sim: Simulation, channel: Channel, user: User, by: str) -> None:
    channel.vips[user.id] = by
    _vip_changed(sim, channel, user, added=True, by=by, origin=by)


def remove_vip(sim: Simulation, channel: Channel, user: User, by: str) -> None:
    origin = channel.vips.pop(user.id)
    _vip_changed(sim, channel, user, added=False, by=by, origin=origin)


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


def _vip_changed(sim: Simulation, channel: Channel, user: User, *, added: bool, by: str, origin: str) -> None:
    sim.lag.vip_changed(channel.id, user.id, added=added)
    channel.vip_changes.append(VipChange(rfc3339(sim.world.now()), user.id, added, by, origin))
    _tell(sim, channel, user, "channel.vip.add" if added else "channel.vip.remove", by=by)


def _tell(sim: Simulation, channel: Channel, user: User, kind: str, **details: object) -> None:
    sim.changed(kind, channel=channel.id, user=user.id, **details)
    sim.hub.publish(kind, channel.id, {**person(user), **event_broadcaster(sim.world.users[channel.id])})
