"""Redemptions of one reward: read and settled by the client that made the reward, and by no other."""

from datetime import timedelta

from starlette.responses import Response

from vip_manager.simulator.helix.answers import HelixError, data, page
from vip_manager.simulator.helix.call import Call
from vip_manager.simulator.helix.rewards import affiliate_only, own_reward
from vip_manager.simulator.moments import from_rfc3339
from vip_manager.simulator.points import CANCELED, FULFILLED, OPEN
from vip_manager.simulator.points import settle as settle_redemption
from vip_manager.simulator.records import BY_API, Redemption
from vip_manager.simulator.shapes import helix_redemption

READABLE_ONCE_SETTLED = timedelta(days=3)
"""The API reference (Get Custom Reward Redemption) calls it "a few days"."""


async def get(call: Call) -> Response:
    """Settled ones only for a few days after."""
    ids = call.many("id", 50)
    status = call.param("status")
    if not ids and status is None:
        raise HelixError(400, 'Missing required parameter "status"')
    if status not in (None, OPEN, FULFILLED, CANCELED):
        raise HelixError(400, "The status must be UNFULFILLED, FULFILLED or CANCELED.")
    sort = call.param("sort") or "OLDEST"
    if sort not in ("OLDEST", "NEWEST"):
        raise HelixError(400, "The sort must be OLDEST or NEWEST.")
    first = call.first(most=50)
    found = [
        one
        for one in _of_reward(call)
        if (not ids or one.id in ids) and status in (None, one.status) and _readable(call, one)
    ]
    if ids and not found:
        raise HelixError(404, "The redemptions specified in id were not found.")
    shown, pagination = page(
        found, lambda one: (one.redeemed_at, one.id), first, call.param("after"), descending=sort == "NEWEST"
    )
    return data([helix_redemption(call.world, one) for one in shown], pagination=pagination)


async def settle(call: Call) -> Response:
    """Settled ones of a batch are left out; Twitch's docs don't say what becomes of them. None open at all is 404."""
    ids = call.many("id", 50)
    if not ids:
        raise HelixError(400, 'Missing required parameter "id"')
    status = (await call.body()).get("status")
    if status not in (FULFILLED, CANCELED):
        raise HelixError(400, "The status must be FULFILLED or CANCELED.")
    found = [one for one in _of_reward(call) if one.id in ids]
    still_open = [one for one in found if one.status == OPEN]
    for redemption in found:
        redemption.late_settlements += redemption.status != OPEN
    if not still_open:
        call.world.save()
        raise HelixError(404, "The redemptions specified in id were not found or are no longer UNFULFILLED.")
    for redemption in still_open:
        settle_redemption(call.sim, redemption, status, BY_API)
    return data([helix_redemption(call.world, one) for one in still_open])


def _of_reward(call: Call) -> list[Redemption]:
    channel = call.own_channel()
    affiliate_only(call, channel)
    reward = own_reward(call, channel, call.needed("reward_id"))
    of_reward = channel.id, reward.id
    return [one for one in call.world.redemptions.values() if (one.channel_id, one.reward_id) == of_reward]


def _readable(call: Call, redemption: Redemption) -> bool:
    """What was settled before such moments were written down counts from its redeeming."""
    if redemption.status == OPEN:
        return True
    since = from_rfc3339(redemption.settled_at or redemption.redeemed_at)
    return call.world.now() - since < READABLE_ONCE_SETTLED
