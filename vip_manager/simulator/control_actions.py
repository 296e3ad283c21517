"""What one can do behind the curtain, each action from its wish to what it shows. All raise Refused."""

import uuid
from typing import Any

from vip_manager.simulator import grants, ledger, roles
from vip_manager.simulator import points as channel_points
from vip_manager.simulator.control_people import not_deleted, wished_channel, wished_user
from vip_manager.simulator.lag import LONGEST_SECONDS
from vip_manager.simulator.moments import rfc3339, rfc3339_nanos
from vip_manager.simulator.picture import redemption_shown
from vip_manager.simulator.records import BY_HAND, MOST, Channel, User
from vip_manager.simulator.refusal import Refused
from vip_manager.simulator.shapes import event_broadcaster
from vip_manager.simulator.simulation import Simulation
from vip_manager.simulator.wish import Action, Wish
from vip_manager.simulator.world_parts import LONGEST_AHEAD_SECONDS
from vip_manager.simulator.world_people import BROADCASTER_TYPES, LOGIN_WORDS, display

MOST_POINTS = 10**12


def redeem(sim: Simulation, wish: Wish) -> dict[str, Any]:
    channel, viewer = wished_channel(sim, wish), wished_user(sim, wish, "viewer")
    not_deleted(viewer)
    title = wish.maybe("reward", str, "a reward's title")
    text = wish.maybe("input", str, "a text") or ""
    return redemption_shown(sim.world, channel_points.redeem(sim, channel, viewer, title, text))


def jump(sim: Simulation, wish: Wish) -> dict[str, Any]:
    seconds = wish.maybe("seconds", (int, float), "a number")
    if seconds is None or not seconds > 0:
        raise Refused("bad_request", "“seconds” must be a number above 0: time only goes forward.")
    if seconds > LONGEST_AHEAD_SECONDS - sim.world.offset_seconds:
        raise Refused("too_far", "That is more than ten years ahead.")
    sim.world.offset_seconds = min(sim.world.offset_seconds + seconds, LONGEST_AHEAD_SECONDS)
    sim.changed("jump", seconds=seconds)
    return {"now": rfc3339(sim.world.now()), "offset_seconds": sim.world.offset_seconds}


def vip(sim: Simulation, wish: Wish) -> dict[str, Any]:
    channel, viewer, wanted = wished_channel(sim, wish), wished_user(sim, wish, "viewer"), wish.yes_or_no("vip")
    if (viewer.id in channel.vips) == wanted:
        raise Refused("no_change", f"{viewer.display_name} is {'already' if wanted else 'not'} a VIP.", 409)
    if wanted:
        _may_be_vip(channel, viewer)
        roles.add_vip(sim, channel, viewer, BY_HAND)
    else:
        roles.remove_vip(sim, channel, viewer, BY_HAND)
    return _standing(channel, viewer)


def moderator(sim: Simulation, wish: Wish) -> dict[str, Any]:
    channel, viewer, wanted = wished_channel(sim, wish), wished_user(sim, wish, "viewer"), wish.yes_or_no("moderator")
    if (viewer.id in channel.moderators) == wanted:
        raise Refused("no_change", f"{viewer.display_name} is {'already' if wanted else 'not'} a moderator.", 409)
    if wanted:
        not_deleted(viewer)
        _not_the_streamer(channel, viewer)
        _not_banned(channel, viewer)
        roles.add_moderator(sim, channel, viewer, BY_HAND)
    else:
        roles.remove_moderator(sim, channel, viewer)
    return _standing(channel, viewer)


def ban(sim: Simulation, wish: Wish) -> dict[str, Any]:
    channel, viewer, wanted = wished_channel(sim, wish), wished_user(sim, wish, "viewer"), wish.yes_or_no("banned")
    if (viewer.id in channel.bans) == wanted:
        raise Refused("no_change", f"{viewer.display_name} is {'already' if wanted else 'not'} banned.", 409)
    if wanted:
        not_deleted(viewer)
        _not_the_streamer(channel, viewer)
        roles.ban(sim, channel, viewer, BY_HAND)
    else:
        roles.unban(sim, channel, viewer)
    return _standing(channel, viewer)


def channel(sim: Simulation, wish: Wish) -> dict[str, Any]:
    """Only what is given changes."""
    found = wished_channel(sim, wish)
    streamer = sim.world.users[found.id]
    capacity = wish.maybe("capacity", int, "a whole number")
    unlocked = wish.maybe("community_unlocked", bool, "true or false")
    kind = wish.maybe("broadcaster_type", str, "a text")
    live = wish.maybe("live", bool, "true or false")
    if capacity is not None and not 0 <= capacity <= MOST:
        raise Refused("bad_request", f"“capacity” must be from 0 to {MOST}.")
    if kind is not None and kind not in BROADCASTER_TYPES:
        raise Refused("bad_request", "“broadcaster_type” must be affiliate, partner or empty.")
    found.vip_capacity = found.vip_capacity if capacity is None else capacity
    found.community_unlocked = found.community_unlocked if unlocked is None else unlocked
    streamer.broadcaster_type = streamer.broadcaster_type if kind is None else kind
    sim.changed("channel", channel=found.id)
    if live is not None and live != (found.live_since is not None):
        _go(sim, found, streamer, live)
    return {
        "channel": streamer.login,
        "capacity": found.vip_capacity,
        "community_unlocked": found.community_unlocked,
        "broadcaster_type": streamer.broadcaster_type,
        "live": found.live_since is not None,
    }


def reward(sim: Simulation, wish: Wish) -> dict[str, Any]:
    """A reward made by the streamer in Twitch's own dashboard: no client may manage it."""
    found, title = wished_channel(sim, wish), wish.text("title")
    cost = wish.maybe("cost", int, "a whole number")
    if cost is not None and not 1 <= cost <= MOST:
        raise Refused("bad_request", f"“cost” must be from 1 to {MOST}.")
    if any(one.title.casefold() == title.casefold() for one in found.rewards.values()):
        raise Refused("title_taken", f"There is a reward called “{title}” already.", 409)
    made = channel_points.create_reward(sim, found, None, {"title": title, "cost": cost or 100})
    return {"id": made.id, "title": made.title, "cost": made.cost}


def settle(sim: Simulation, wish: Wish) -> dict[str, Any]:
    """The streamer in Twitch's own queue."""
    redemption = sim.world.redemptions.get(wish.text("redemption_id"))
    status = wish.text("status")
    if status not in (channel_points.FULFILLED, channel_points.CANCELED):
        raise Refused("bad_request", "“status” must be FULFILLED or CANCELED.")
    if redemption is None:
        raise Refused("no_redemption", "There is no such redemption.", 404)
    not_deleted(sim.world.users[redemption.channel_id])
    if redemption.status != channel_points.OPEN:
        raise Refused("settled", f"This redemption is {redemption.status} already.", 409)
    channel_points.settle(sim, redemption, status, BY_HAND)
    return redemption_shown(sim.world, redemption)


def disconnect(sim: Simulation, wish: Wish) -> dict[str, Any]:
    user = wished_user(sim, wish, "user")
    grants.disconnect(sim, user)
    return {"user": user.login}


def expire_tokens(sim: Simulation, wish: Wish) -> dict[str, Any]:
    user = wished_user(sim, wish, "user")
    return {"user": user.login, "expired": grants.expire_tokens(sim, user)}


def delete_user(sim: Simulation, wish: Wish) -> dict[str, Any]:
    """The account of `user` is deleted, or with `deleted` false there again."""
    user, wanted = wished_user(sim, wish), wish.maybe("deleted", bool, "true or false")
    wanted = True if wanted is None else wanted
    if user.deleted == wanted:
        raise Refused("no_change", f"The account of “{user.login}” is {'already' if wanted else 'not'} deleted.", 409)
    evening = sim.evenings.of(user.id)
    if wanted and evening is not None and evening.running:
        raise Refused("evening", "An evening is going on in that channel: stop it first.", 409)
    (grants.delete if wanted else grants.restore)(sim, user)
    return {"user": user.login, "deleted": user.deleted}


def viewer(sim: Simulation, wish: Wish) -> dict[str, Any]:
    login = wish.text("login").lower()
    if sim.world.user_by_login(login):
        raise Refused("login_taken", f"There is a “{login}” already.", 409)
    name = (wish.maybe("display_name", str, "a text") or "").strip() or display(login)
    try:
        user = sim.world.add_user(login, name[:25], rfc3339(sim.world.now()))
    except ValueError as error:
        raise Refused("bad_login", LOGIN_WORDS) from error
    sim.changed("viewer", user=user.id, login=login)
    return {"id": user.id, "login": user.login, "display_name": user.display_name}


def points(sim: Simulation, wish: Wish) -> dict[str, Any]:
    """So many has the `viewer` in this `channel` from now on."""
    found, viewer = wished_channel(sim, wish), wished_user(sim, wish, "viewer")
    wanted = wish.maybe("points", int, "a whole number")
    if wanted is None or not 0 <= wanted <= MOST_POINTS:
        raise Refused("bad_request", f"“points” must be a whole number from 0 to {MOST_POINTS}.")
    _not_the_streamer(found, viewer)
    ledger.put(found, viewer.id, wanted, rfc3339(sim.world.now()))
    sim.changed("points", channel=found.id, user=viewer.id, points=wanted)
    return {"viewer": viewer.login, "points": wanted}


def lag(sim: Simulation, wish: Wish) -> dict[str, Any]:
    """Get VIPs answers for this `channel` as it was so many `seconds` of real time ago; 0 ends it."""
    found = wished_channel(sim, wish)
    seconds = wish.maybe("seconds", (int, float), "a number")
    if seconds is None or not 0 <= seconds <= LONGEST_SECONDS:
        raise Refused("bad_request", f"“seconds” must be a number from 0 to {LONGEST_SECONDS:g}.")
    found.lag_seconds = seconds
    sim.changed("lag", channel=found.id, seconds=seconds)
    return {"channel": sim.world.users[found.id].login, "seconds": seconds}


def _go(sim: Simulation, found: Channel, streamer: User, live: bool) -> None:
    event: dict[str, Any] = event_broadcaster(streamer)
    found.live_since = rfc3339(sim.world.now()) if live else None
    found.stream_id = str(uuid.uuid4().int % 10**11) if live else ""
    if live:
        event = {"id": found.stream_id, **event, "type": "live", "started_at": rfc3339_nanos(sim.world.now())}
    kind = "stream.online" if live else "stream.offline"
    sim.changed(kind, channel=found.id)
    sim.hub.publish(kind, found.id, event)


def _may_be_vip(channel: Channel, viewer: User) -> None:
    not_deleted(viewer)
    _not_the_streamer(channel, viewer)
    _not_banned(channel, viewer)
    if viewer.id in channel.moderators:
        raise Refused("moderator", f"{viewer.display_name} is a moderator; moderators can't be VIP.", 409)
    if not channel.community_unlocked:
        raise Refused("no_vip_feature", "This channel has not completed “Build a Community” yet.", 409)
    if len(channel.vips) >= channel.vip_capacity:
        raise Refused("no_vip_slot", "All VIP seats of this channel are taken.", 409)


def _not_the_streamer(channel: Channel, viewer: User) -> None:
    if viewer.id == channel.id:
        raise Refused("own_channel", "That is the streamer's own channel.")


def _not_banned(channel: Channel, viewer: User) -> None:
    if viewer.id in channel.bans:
        raise Refused("banned", f"{viewer.display_name} is banned from this channel.", 409)


def _standing(channel: Channel, viewer: User) -> dict[str, Any]:
    return {
        "viewer": viewer.login,
        "vip": viewer.id in channel.vips,
        "moderator": viewer.id in channel.moderators,
        "banned": viewer.id in channel.bans,
    }


ACTIONS: dict[str, Action] = {
    "redeem": redeem,
    "jump": jump,
    "vip": vip,
    "moderator": moderator,
    "ban": ban,
    "channel": channel,
    "reward": reward,
    "settle": settle,
    "disconnect": disconnect,
    "expire-tokens": expire_tokens,
    "delete-user": delete_user,
    "viewer": viewer,
    "points": points,
    "lag": lag,
}
