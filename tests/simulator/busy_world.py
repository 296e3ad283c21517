"""Worlds for tests of their files: one with something of everything in it, and any that is written by hand."""

import json
from pathlib import Path
from typing import Any

from tests.simulator.driver import CLIENT_ID
from vip_manager.simulator import ledger
from vip_manager.simulator.records import AccessToken, Badge, Grant, Redemption, RefreshToken, Reward, VipChange
from vip_manager.simulator.world import World


def busy(world: World) -> World:
    """Something of everything in it."""
    channel = world.channel("1001")
    reward = Reward("reward-1", CLIENT_ID, "VIP", 300)
    channel.rewards[reward.id] = reward
    for number in range(1, 4):
        made = Redemption(
            f"r{number}", "1001", f"300{number}", reward.id, "VIP", "", 300, "UNFULFILLED", "2026-03-01T10:00:00Z"
        )
        world.redemptions[made.id] = made
        ledger.take(channel, made, made.redeemed_at)
        channel.vips[made.user_id] = Badge("api", CLIENT_ID)
        channel.vip_changes.append(VipChange(made.redeemed_at, made.user_id, True, "api", "api", CLIENT_ID, "1001"))
    world.grants.append(Grant(CLIENT_ID, "1001", ["channel:manage:vips"]))
    world.access_tokens["a"] = AccessToken("a", CLIENT_ID, "1001", ["x"], "2026-03-01T10:00:00Z", "b")
    world.refresh_tokens["b"] = RefreshToken("b", CLIENT_ID, "1001", ["x"])
    world.limits_met["points"] = 2
    return world


def written(path: Path, world: Any) -> Path:
    path.write_text(json.dumps(world))
    return path
