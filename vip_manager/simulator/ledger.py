"""Every change of a viewer's points is written down here, so that the audit needs to believe no redemption's status."""

from collections.abc import Iterable

from vip_manager.simulator.records import CANCELED, Channel, PointsChange, Redemption

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


def tell_from(channel: Channel, redemptions: Iterable[Redemption]) -> None:
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


def accept_balances(channel: Channel, at: str) -> None:
    """What somebody changed in the written world by hand becomes a change like any other."""
    last = {line.user_id: line.balance for line in channel.ledger}
    for user_id, balance in last.items():
        now = channel.points(user_id)
        if now != balance:
            channel.ledger.append(PointsChange(at, user_id, now - balance, now, SET))


def _move(channel: Channel, user_id: str, change: int, why: str, redemption_id: str, at: str) -> None:
    balance = channel.points(user_id) + change
    channel.balances[user_id] = balance
    channel.ledger.append(PointsChange(at, user_id, change, balance, why, redemption_id))
