"""What can be said from Twitch's side about whether the promises were kept. It stands on the saved world, so it reaches
across restarts; only the count of 429s is of this run."""

from collections import defaultdict
from typing import Any

from vip_manager.simulator.points import OPEN
from vip_manager.simulator.records import BY_API, BY_HAND, Redemption
from vip_manager.simulator.simulation import Simulation
from vip_manager.simulator.world import World


def audit(sim: Simulation) -> dict[str, Any]:
    world = sim.world
    redemptions = sorted(world.redemptions.values(), key=lambda one: one.redeemed_at)
    return {
        "redemptions": [_redemption(world, one) for one in redemptions],
        "open": sum(one.status == OPEN for one in redemptions),
        "vip_by_api": _by_api(world),
        "foreign_vips_removed_by_api": _foreign(world),
        "too_many_requests": sim.journal.too_many_requests,
    }


def _redemption(world: World, redemption: Redemption) -> dict[str, Any]:
    return {
        "id": redemption.id,
        "channel": world.users[redemption.channel_id].login,
        "viewer": world.users[redemption.user_id].login,
        "reward": redemption.reward_title,
        "cost": redemption.cost,
        "status": redemption.status,
        "times_settled": redemption.times_settled,
        "settled_by": redemption.settled_by,
        "late_settlements": redemption.late_settlements,
    }


def _by_api(world: World) -> dict[str, dict[str, dict[str, Any]]]:
    """Channel -> viewer -> how often the API added and removed the badge, and whether it is there now."""
    found: defaultdict[str, dict[str, dict[str, Any]]] = defaultdict(dict)
    for channel in world.channels.values():
        viewers = found[world.users[channel.id].login]
        for change in channel.vip_changes:
            if change.by == BY_API:
                login = world.users[change.user_id].login
                row = viewers.setdefault(login, {"added": 0, "removed": 0, "vip_now": change.user_id in channel.vips})
                row["added" if change.added else "removed"] += 1
    return dict(found)


def _foreign(world: World) -> list[dict[str, str]]:
    """Badges that a person had given, or that were there from the beginning, and the API took."""
    return [
        {"channel": world.users[channel.id].login, "viewer": world.users[change.user_id].login, "at": change.at}
        for channel in world.channels.values()
        for change in channel.vip_changes
        if not change.added and change.by == BY_API and change.origin == BY_HAND
    ]
