"""Moderators of a channel, and the channels that somebody moderates. The broadcaster is not among them.

API reference: Get Moderators, Add and Remove Channel Moderator, Get Moderated Channels.
"""

from starlette.responses import Response

from vip_manager.simulator.helix.answers import HelixError, data, no_content, page
from vip_manager.simulator.helix.call import Call, check_id
from vip_manager.simulator.limits import MODERATORS_ADDED, MODERATORS_REMOVED
from vip_manager.simulator.records import BY_API, User
from vip_manager.simulator.roles import add_moderator, remove_moderator
from vip_manager.simulator.shapes import helix_broadcaster, person


async def get(call: Call) -> Response:
    wanted = call.many("user_id", 100)
    for user_id in wanted:
        check_id("user_id", user_id)
    moderators = [one for one in call.own_channel().moderators if not wanted or one in wanted]
    shown, pagination = page(moderators, lambda one: (int(one),), call.first(), call.param("after"))
    return data([person(call.world.users[one]) for one in shown], pagination=pagination)


async def add(call: Call) -> Response:
    user, channel = _user(call), call.own_channel()
    if not call.sim.limits.take((MODERATORS_ADDED, channel.id)):
        raise HelixError(429, "The broadcaster may add at most 10 moderators within 10 seconds.")
    if user.id == channel.id:
        raise HelixError(400, "The broadcaster can't be a moderator of their own channel.")
    if user.id in channel.bans:
        raise HelixError(400, "The user is banned from the broadcaster's channel.")
    if user.id in channel.moderators:
        raise HelixError(400, "User is already a moderator")
    if user.id in channel.vips:
        raise HelixError(
            422, "The specified user is a VIP. To make them a moderator, you must first remove them as a VIP."
        )
    add_moderator(call.sim, channel, user, BY_API)
    return no_content()


async def remove(call: Call) -> Response:
    user, channel = _user(call), call.own_channel()
    if not call.sim.limits.take((MODERATORS_REMOVED, channel.id)):
        raise HelixError(429, "The broadcaster may remove at most 10 moderators within 10 seconds.")
    if user.id not in channel.moderators:
        raise HelixError(400, "User is not a moderator in broadcaster's channel")
    remove_moderator(call.sim, channel, user)
    return no_content()


async def channels(call: Call) -> Response:
    user_id = call.user_id("user_id")
    if user_id != call.token.user_id:
        raise HelixError(401, "The ID in user_id must match the user ID found in the request's OAuth token.")
    moderated = [channel.id for channel in call.world.channels.values() if user_id in channel.moderators]
    shown, pagination = page(moderated, lambda one: (int(one),), call.first(), call.param("after"))
    return data([helix_broadcaster(call.world.users[one]) for one in shown], pagination=pagination)


def _user(call: Call) -> User:
    """Other than with VIPs, somebody unknown or deleted is a bad request."""
    user = call.world.living_user(call.user_id("user_id"))
    if user is None:
        raise HelixError(400, "The ID in user_id was not found.")
    return user
