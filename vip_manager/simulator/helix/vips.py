"""Get, add and remove channel VIPs. The order of the refusals is the reference's table read from general to special;
where a call breaks several rules at once Twitch's own order is unknown."""

from starlette.responses import Response

from vip_manager.simulator.helix.answers import HelixError, data, no_content, page
from vip_manager.simulator.helix.call import Call, check_id
from vip_manager.simulator.helix.gate import must_be_own
from vip_manager.simulator.limits import VIPS_ADDED, VIPS_REMOVED
from vip_manager.simulator.records import BY_API
from vip_manager.simulator.roles import add_vip, remove_vip
from vip_manager.simulator.shapes import person


async def get(call: Call) -> Response:
    """With user_id there is no paging; those who are not VIP are silently left out. Reads may lag (lag.py)."""
    vips = call.sim.lag.vips(call.own_channel())
    wanted = call.many("user_id", 100)
    for user_id in wanted:
        check_id("user_id", user_id)
    if wanted:
        return data([person(call.world.users[one]) for one in wanted if one in vips], pagination={})
    shown, pagination = page(vips, lambda one: (int(one),), call.first(), call.param("after"))
    return data([person(call.world.users[one]) for one in shown], pagination=pagination)


async def add(call: Call) -> Response:
    user = call.user(call.user_id("user_id"))
    channel = call.own_channel()
    if not call.sim.limits.take((VIPS_ADDED, channel.id)):
        raise HelixError(429, "The broadcaster may add at most 10 VIPs within 10 seconds.")
    if not channel.community_unlocked:
        raise HelixError(425, "The broadcaster must complete the Build a Community requirement before adding VIPs.")
    if user.id == channel.id:
        raise HelixError(400, "The broadcaster can't be a VIP of their own channel.")
    if user.id in channel.bans:
        raise HelixError(400, "The user is blocked from the broadcaster's channel.")
    if user.id in channel.moderators:
        raise HelixError(
            422,
            "The specified user is a moderator. To make them a VIP, you must first remove them as a moderator.",
        )
    if user.id in channel.vips:
        raise HelixError(422, "User is already a VIP")
    if len(channel.vips) >= channel.vip_capacity:
        raise HelixError(409, "The broadcaster doesn't have available VIP slots.")
    add_vip(call.sim, channel, user, BY_API, client_id=call.token.client_id, actor_id=call.token.user_id or "")
    return no_content()


async def remove(call: Call) -> Response:
    broadcaster_id, user_id = call.user_id("broadcaster_id"), call.user_id("user_id")
    if user_id != call.token.user_id:
        must_be_own(broadcaster_id, call.token)
    channel = call.world.channel(call.user(broadcaster_id).id)
    user = call.user(user_id)
    if not call.sim.limits.take((VIPS_REMOVED, channel.id)):
        raise HelixError(429, "The broadcaster may remove at most 10 VIPs within 10 seconds.")
    if user.id not in channel.vips:
        raise HelixError(422, "User is not a VIP in broadcaster's channel")
    remove_vip(call.sim, channel, user, BY_API, client_id=call.token.client_id, actor_id=call.token.user_id or "")
    return no_content()
