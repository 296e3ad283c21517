"""Every change of a viewer's points is written down here, so that the audit needs to believe no redemption's status."""

from collections.abc import Iterable

from vip_manager.simulator.records import CANCELED, STARTING_POINTS, Channel, PointsChange, Redemption

REDEEMED = "redeemed"
GIVEN_BACK = "given back"
SET = "set"


def take(channel: Channel, redemption: Redemption, at: str) -> None:
    _move(channel, redemption.user_id, -redemption.cost, REDEEMED, redemption.id, at)


def give_back(channel: Channel, redemption: Redemption, at: str) -> None:
    _move(channel, redemption.user_id, redemption.cost, GIVEN_BACK, redemption.id, at)


def put(channel: Channel, user_id: str, points: int, at: str) -> None:
    """So many points and no others, as the sandbox's people want it."""
    _move(channel, user_id, points - channel.points(user_id), SET, "", at)


def tell_from(channel: Channel, redemptions: Iterable[Redemption], at: str) -> None:
    """For a world written down without a ledger: one as its redemptions tell it, that ends at today's balances."""
    left = dict(channel.balances)
    backwards: list[PointsChange] = []
    for one in sorted(redemptions, key=lambda redemption: redemption.redeemed_at, reverse=True):
        for why, change in ((GIVEN_BACK, one.cost), (REDEEMED, -one.cost)):
            if why == REDEEMED or one.status == CANCELED:
                balance = left.get(one.user_id, channel.points(one.user_id))
                backwards.append(PointsChange(one.redeemed_at, one.user_id, change, balance, why, one.id))
                left[one.user_id] = balance - change
    channel.ledger = backwards[::-1]
    accept_balances(channel, at)


def accept_balances(channel: Channel, at: str) -> None:
    """What somebody wrote into a world by hand becomes a change like any other: points that a viewer begins with, other
    than everybody's, and points other than those that the ledger ends with. What doesn't follow in between stays so."""
    first: dict[str, PointsChange] = {}
    last = dict.fromkeys(channel.balances, STARTING_POINTS)
    for line in channel.ledger:
        first.setdefault(line.user_id, line)
        last[line.user_id] = line.balance
    begun = [
        PointsChange(line.at, user_id, start - STARTING_POINTS, start, SET)
        for user_id, line in first.items()
        if (start := line.balance - line.change) != STARTING_POINTS
    ]
    ended = [
        PointsChange(at, user_id, points - balance, points, SET)
        for user_id, balance in last.items()
        if (points := channel.points(user_id)) != balance
    ]
    channel.ledger = [*begun, *channel.ledger, *ended]


def _move(channel: Channel, user_id: str, change: int, why: str, redemption_id: str, at: str) -> None:
    balance = channel.points(user_id) + change
    channel.balances[user_id] = balance
    channel.ledger.append(PointsChange(at, user_id, change, balance, why, redemption_id))
