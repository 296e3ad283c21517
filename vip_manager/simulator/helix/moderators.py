"""Get Moderators. The broadcaster is not among them."""

from starlette.responses import Response

from vip_manager.simulator.helix.answers import data, page
from vip_manager.simulator.helix.call import Call, check_id
from vip_manager.simulator.shapes import person


async def get(call: Call) -> Response:
    wanted = call.many("user_id", 100)
    for user_id in wanted:
        check_id("user_id", user_id)
    moderators = [one for one in call.own_channel().moderators if not wanted or one in wanted]
    shown, pagination = page(moderators, lambda one: (int(one),), call.first(), call.param("after"))
    return data([person(call.world.users[one]) for one in shown], pagination=pagination)
