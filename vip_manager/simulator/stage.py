"""One channel as a page shows it, with all around it that matters there: one question, one answer.

Who is deleted has an empty name, and still a login, for by that people are named behind the curtain.
"""

from heapq import nlargest
from typing import Any

from vip_manager.simulator import control_evening, narration
from vip_manager.simulator.audit import audit
from vip_manager.simulator.moments import rfc3339
from vip_manager.simulator.picture import redemption_shown
from vip_manager.simulator.points import CANCELED, FULFILLED
from vip_manager.simulator.records import Channel, User
from vip_manager.simulator.shapes import shown_name
from vip_manager.simulator.simulation import Simulation

REDEMPTIONS = 30
CHAT_LINES = 30
LINES = 60
LINES_A_KIND = 25
LOOKED_THROUGH = 1000


def stage(sim: Simulation, streamer: User, avatars: str) -> dict[str, Any]:
    world, channel = sim.world, sim.world.channel(streamer.id)
    return {
        "now": rfc3339(world.now()),
        "offset_seconds": world.offset_seconds,
        "streamers": [
            {"login": world.users[one.id].login, "display_name": shown_name(world.users[one.id])}
            for one in world.channels.values()
            if one.id == channel.id or _streams(one, world.users[one.id])
        ],
        "channel": {
            **_person(streamer, avatars),
            "broadcaster_type": streamer.broadcaster_type,
            "live": channel.live_since is not None,
            "vip_capacity": channel.vip_capacity,
            "vips": len(channel.vips),
            "lag_seconds": channel.lag_seconds,
            "sockets": sum(session.user_id == channel.id for session in sim.hub.sessions.values()),
        },
        "rewards": [
            {
                "id": one.id,
                "title": one.title,
                "cost": one.cost,
                "is_enabled": one.is_enabled,
                "is_paused": one.is_paused,
                "ours": one.client_id is not None,
            }
            for one in channel.rewards.values()
        ],
        "viewers": [_viewer(channel, user, avatars) for user in world.users.values() if _watches(channel, user)],
        "redemptions": _redemptions(sim, channel),
        "chat": [_said(sim, one) for one in sim.chat.shown(channel.id)[-CHAT_LINES:]],
        "evening": control_evening.shown(sim, channel.id),
        "faults": _living_rules(sim),
        "audit": sim.verdict.of(sim.world.revision, lambda: _verdict(sim)),
        "journal": _journal(sim),
    }


def _streams(channel: Channel, user: User) -> bool:
    return not user.deleted and bool(user.broadcaster_type or channel.moderators or channel.rewards)


def _watches(channel: Channel, user: User) -> bool:
    return user.id != channel.id and not user.broadcaster_type


def _person(user: User, avatars: str) -> dict[str, Any]:
    return {
        "id": user.id,
        "login": user.login,
        "display_name": shown_name(user),
        "avatar_url": f"{avatars}/avatars/{user.id}.svg",
    }


def _viewer(channel: Channel, user: User, avatars: str) -> dict[str, Any]:
    return {
        **_person(user, avatars),
        "points": channel.points(user.id),
        "vip": channel.vip_by(user.id),
        "moderator": user.id in channel.moderators,
        "banned": user.id in channel.bans,
    }


def _said(sim: Simulation, line: dict[str, Any]) -> dict[str, Any]:
    """With the name of who said it."""
    return {**line, "display_name": shown_name(sim.world.users[line["user_id"]])}


def _redemptions(sim: Simulation, channel: Channel) -> list[dict[str, Any]]:
    own = [one for one in sim.world.redemptions.values() if one.channel_id == channel.id]
    newest = nlargest(REDEMPTIONS, own, key=lambda one: (one.redeemed_at, one.id))
    return [redemption_shown(sim.world, one) for one in newest]


def _living_rules(sim: Simulation) -> list[str]:
    """Ids of the fault rules that still meet something."""
    return [str(one["id"]) for one in sim.faults.shown() if one["times"] < 0 or one["hits"] < one["times"]]


def _verdict(sim: Simulation) -> dict[str, Any]:
    """The audit in numbers."""
    found = audit(sim)
    statuses = [one["status"] for one in found["redemptions"]]
    return {
        "redemptions": len(statuses),
        "fulfilled": statuses.count(FULFILLED),
        "given_back": statuses.count(CANCELED),
        "open": found["open"],
        "permanent_touched": len(found["foreign_vips_removed_by_api"]),
        "slowed_down": found["too_many_requests"],
        **found["verdict"],
    }


def _journal(sim: Simulation) -> list[dict[str, Any]]:
    """Newest first: the newest lines, and of each kind at least so many, for who looks at that kind alone."""
    shown = []
    of_kind: dict[str, int] = {}
    for number, line in enumerate(sim.journal.lines(LOOKED_THROUGH)):
        if narration.is_a_picture(line):
            continue
        kind = str(line["kind"])
        of_kind[kind] = of_kind.get(kind, 0) + 1
        if number < LINES or of_kind[kind] <= LINES_A_KIND:
            shown.append(
                {
                    "number": line["number"],
                    "at": line["world_at"],
                    "kind": kind,
                    "text": narration.sentence(sim.world, line),
                    "status": line["status"] if kind == "request" else "",
                    "tone": narration.tone(line),
                }
            )
    return shown
