"""A busy evening, from behind the curtain: begun, stopped, and how far it is.

POST control/evening {"channel": login, "do": "start" or "stop", "seed": a whole number, "seconds": 1 to 3600}
"""

from typing import Any

from vip_manager.simulator import control_actions as act
from vip_manager.simulator.control_people import wished_channel
from vip_manager.simulator.evening import Beat, Do, Evening, script
from vip_manager.simulator.records import BY_API, BY_HAND, Channel
from vip_manager.simulator.refusal import Refused
from vip_manager.simulator.simulation import Simulation
from vip_manager.simulator.wish import Action, Wish

SECONDS = 60.0
LONGEST_SECONDS = 3600.0


def evening(sim: Simulation, wish: Wish) -> dict[str, Any]:
    """Raises Refused."""
    channel, do = wished_channel(sim, wish), wish.text("do")
    if do == "start":
        _start(sim, channel, wish)
    elif do == "stop":
        _stop(sim, channel)
    else:
        raise Refused("bad_request", "“do” must be start or stop.")
    return shown(sim, channel.id)


def shown(sim: Simulation, channel_id: str) -> dict[str, Any]:
    """`redeemed` and `refused` (by Twitch itself: no points, say) of `total` redemptions."""
    found = sim.evenings.of(channel_id)
    if found is None:
        return {"running": False, "total": 0, "redeemed": 0, "refused": 0}
    return {
        "running": found.running,
        "total": found.total,
        "redeemed": found.redeemed,
        "refused": found.refused,
    }


ACTIONS: dict[str, Action] = {"evening": evening}


def _start(sim: Simulation, channel: Channel, wish: Wish) -> None:
    before = sim.evenings.of(channel.id)
    if before is not None and before.running:
        raise Refused("no_change", "An evening is going on there already.", 409)
    if not channel.rewards:
        raise Refused("no_reward", "Nobody can redeem anything yet: the channel has no reward.", 409)
    seed = wish.maybe("seed", int, "a whole number")
    seconds = wish.maybe("seconds", (int, float), "a number")
    seconds = SECONDS if seconds is None else seconds
    if not 1 <= seconds <= LONGEST_SECONDS:
        raise Refused("bad_request", f"“seconds” must be a number from 1 to {LONGEST_SECONDS:g}.")
    login = sim.world.users[channel.id].login
    beats = script(sim.evenings.next_seed() if seed is None else seed, *_people(sim, channel))
    sim.journal.effect("evening.begun", channel=channel.id)
    made = Evening(beats, seconds, lambda beat: _played(sim, login, beat))

    def over() -> None:
        sim.journal.effect("evening.over", channel=channel.id, redeemed=made.redeemed, refused=made.refused)

    sim.evenings.start(channel.id, made, over)


def _stop(sim: Simulation, channel: Channel) -> None:
    found = sim.evenings.of(channel.id)
    if found is None or not found.running:
        raise Refused("no_change", "No evening is going on there.", 409)
    sim.evenings.stop(channel.id)


def _people(sim: Simulation, channel: Channel) -> tuple[list[str], str, str]:
    """Who watches; a moderator; somebody who is VIP by hand."""
    users = {user.id: user for user in sim.world.users.values() if not user.deleted}
    apart = {channel.id, *channel.moderators, *channel.bans, *channel.vips}
    regulars = [
        user.login
        for user in users.values()
        if not user.broadcaster_type and (user.id not in apart or channel.vip_by(user.id) == BY_API)
    ]
    moderator = next((users[one].login for one in channel.moderators if one in users), "")
    by_hand = (one for one, badge in channel.vips.items() if badge.by == BY_HAND)
    vip = next((users[one].login for one in by_hand if one in users), "")
    return regulars, moderator, vip


def _played(sim: Simulation, login: str, beat: Beat) -> bool:
    try:
        match beat.do:
            case Do.LIVE | Do.OFFLINE:
                act.channel(sim, Wish(channel=login, live=beat.do is Do.LIVE))
            case Do.ARRIVE:
                act.viewer(sim, Wish(login=beat.viewer))
            case Do.REDEEM:
                act.redeem(sim, Wish(channel=login, viewer=beat.viewer))
    except Refused:
        return False
    return True
