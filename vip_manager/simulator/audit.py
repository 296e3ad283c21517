"""What can be said from Twitch's side about whether the promises were kept.

Points are counted by the ledger of what really moved, never by a redemption's status. All of it stands on the saved
world, so it reaches across restarts.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vip_manager.simulator.ledger import GIVEN_BACK, REDEEMED
from vip_manager.simulator.records import (
    BY_API,
    BY_HAND,
    CANCELED,
    STARTING_POINTS,
    UNFULFILLED,
    Channel,
    PointsChange,
    Redemption,
    VipChange,
)
from vip_manager.simulator.simulation import Simulation
from vip_manager.simulator.world import World


@dataclass(frozen=True)
class _Moves:
    """Of one redemption: each time its points were taken, and each time they came back."""

    taken: Sequence[PointsChange]
    given_back: Sequence[PointsChange]


_NONE = _Moves((), ())


def audit(sim: Simulation) -> dict[str, Any]:
    """`verdict` says in sentences what should never be. Open redemptions, late settlements (attempts that came when it
    was settled already) and 429s are told, and are no problem in themselves."""
    world = sim.world
    redemptions = sorted(world.redemptions.values(), key=lambda one: one.redeemed_at)
    moves = _moves(world)
    problems = [
        *(words for one in redemptions for words in _wrong(world, one, moves.get(one.id, _NONE))),
        *_without_redemption(world, moves),
        *(words for channel in world.channels.values() for words in _unexplained(world, channel)),
        *(
            f"{one['viewer']} was VIP of {one['channel']} by {one['given_by']}, and the API took it."
            for one in _foreign(world)
        ),
        *(words for channel in world.channels.values() for words in _impossible_badges(world, channel)),
    ]
    return {
        "redemptions": [_redemption(world, one, moves.get(one.id, _NONE)) for one in redemptions],
        "open": sum(one.status == UNFULFILLED for one in redemptions),
        "late_settlements": sum(one.late_settlements for one in redemptions),
        "settled_by": dict(Counter(one.settled_by for one in redemptions if one.settled_by)),
        "vip_by_api": _by_api(world),
        "vips_by_api_now": {
            world.users[channel.id].login: [
                world.users[one].login for one, badge in channel.vips.items() if badge.by == BY_API
            ]
            for channel in world.channels.values()
        },
        "foreign_vips_removed_by_api": _foreign(world),
        "too_many_requests": sum(world.limits_met.values()),
        "limits_met": dict(world.limits_met),
        "verdict": {"ok": not problems, "problems": problems},
    }


def _redemption(world: World, redemption: Redemption, moves: _Moves) -> dict[str, Any]:
    return {
        "id": redemption.id,
        "channel": world.users[redemption.channel_id].login,
        "viewer": world.users[redemption.user_id].login,
        "reward": redemption.reward_title,
        "cost": redemption.cost,
        "status": redemption.status,
        "times_taken": len(moves.taken),
        "times_given_back": len(moves.given_back),
        "times_settled": redemption.times_settled,
        "settled_by": redemption.settled_by,
        "late_settlements": redemption.late_settlements,
    }


def _moves(world: World) -> dict[str, _Moves]:
    taken: defaultdict[str, list[PointsChange]] = defaultdict(list)
    given_back: defaultdict[str, list[PointsChange]] = defaultdict(list)
    for channel in world.channels.values():
        for line in channel.ledger:
            if line.why == REDEEMED:
                taken[line.redemption_id].append(line)
            elif line.why == GIVEN_BACK:
                given_back[line.redemption_id].append(line)
    return {one: _Moves(taken.get(one, ()), given_back.get(one, ())) for one in taken.keys() | given_back.keys()}


def _wrong(world: World, one: Redemption, moves: _Moves) -> Iterator[str]:
    name = f"The redemption {one.id} of {world.users[one.user_id].login}"
    if len(moves.taken) != 1:
        yield f"{name} took its points {_times(len(moves.taken))}."
    if len(moves.given_back) > 1:
        yield f"{name} gave its points back {_times(len(moves.given_back))}."
    if any(line.change != -one.cost for line in moves.taken) or any(
        line.change != one.cost for line in moves.given_back
    ):
        yield f"{name} moved other points than the {one.cost} it cost."
    if any(line.user_id != one.user_id for line in (*moves.taken, *moves.given_back)):
        yield f"{name} moved somebody else's points."
    if one.status == CANCELED and not moves.given_back:
        yield f"{name} is {CANCELED}, but its points did not come back."
    if one.status != CANCELED and moves.given_back:
        yield f"{name} is {one.status}, but its points came back."
    settled = int(one.status != UNFULFILLED)
    if one.times_settled != settled:
        yield f"{name} is {one.status} and was settled {_times(one.times_settled)}."


def _without_redemption(world: World, moves: Mapping[str, _Moves]) -> Iterator[str]:
    for redemption_id in sorted(moves.keys() - world.redemptions.keys()):
        yield f"Points moved for the redemption {redemption_id}, which there is not."


def _unexplained(world: World, channel: Channel) -> Iterator[str]:
    """Points that changed with no line in the ledger, from the number on that everybody begins with."""
    of_viewer: dict[str, list[PointsChange]] = {user_id: [] for user_id in channel.balances}
    for line in channel.ledger:
        of_viewer.setdefault(line.user_id, []).append(line)
    for user_id, lines in of_viewer.items():
        balance, follows = STARTING_POINTS, True
        for line in lines:
            follows = follows and balance + line.change == line.balance
            balance = line.balance
        if not follows or balance != channel.points(user_id):
            viewer, streamer = world.users[user_id].login, world.users[channel.id].login
            yield f"The points of {viewer} at {streamer}'s do not follow from what was taken and given back."


def _impossible_badges(world: World, channel: Channel) -> Iterator[str]:
    for user_id in channel.vips:
        if user_id in channel.moderators:
            yield f"{world.users[user_id].login} is VIP and moderator of {world.users[channel.id].login} at once."


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
    """Badges that a person had given, or that were there from the beginning, or that another application had given,
    and that an application took. Who takes off the own badge may do so, with whatever application."""
    return [
        {
            "channel": world.users[channel.id].login,
            "viewer": world.users[change.user_id].login,
            "given_by": "hand" if change.origin == BY_HAND else "another application",
            "at": change.at,
        }
        for channel in world.channels.values()
        for change in channel.vip_changes
        if not change.added and change.by == BY_API and change.actor_id != change.user_id and _of_another(change)
    ]


def _of_another(change: VipChange) -> bool:
    """A badge of which nobody wrote down which application gave it counts as of the one that took it."""
    return change.origin == BY_HAND or change.origin_client_id not in ("", change.client_id)


def _times(number: int) -> str:
    return {0: "never", 1: "once", 2: "twice"}.get(number, f"{number} times")
