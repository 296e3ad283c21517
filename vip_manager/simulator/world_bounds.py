"""How great the numbers in a world may be.

Nobody may write greater ones than MOST, neither over HTTP nor in a world of their own. What grows by itself (points
that come back, what is counted, what a ledger tells) may become greater, so that whatever was saved loads again.
"""

from vip_manager.simulator.lag import LONGEST_SECONDS
from vip_manager.simulator.records import LONGEST_COOLDOWN_SECONDS, MOST, Channel, Redemption, Reward
from vip_manager.simulator.world_form import BadWorld, whole
from vip_manager.simulator.world_parts import LONGEST_AHEAD_SECONDS, Parts

_SUM = MOST**2


def check_bounds(parts: Parts, *, saved: bool) -> None:
    """Raises BadWorld with the place, counted as in the written world. `saved`: the simulator wrote it itself."""
    grown = _SUM if saved else MOST
    if not 0 <= parts.offset_seconds <= LONGEST_AHEAD_SECONDS:
        raise BadWorld("offset_seconds", f"must be from 0 to {LONGEST_AHEAD_SECONDS}.")
    for index, channel in enumerate(parts.channels.values()):
        _channel(channel, f"channels[{index}]", grown)
    for index, redemption in enumerate(parts.redemptions.values()):
        _redemption(redemption, f"redemptions[{index}]", grown)
    for index, webhook in enumerate(parts.webhooks.values()):
        whole(webhook.number, f"webhooks[{index}].number", 0, grown)
        whole(webhook.cost, f"webhooks[{index}].cost", 0, MOST)
    for name, times in parts.limits_met.items():
        whole(times, f"limits_met.{name}", 0, grown)


def _channel(channel: Channel, place: str, grown: int) -> None:
    whole(channel.vip_capacity, f"{place}.vip_capacity", 0, MOST)
    if not 0 <= channel.lag_seconds <= LONGEST_SECONDS:
        raise BadWorld(f"{place}.lag_seconds", f"must be from 0 to {LONGEST_SECONDS:g}.")
    for user_id, points in channel.balances.items():
        whole(points, f"{place}.balances.{user_id}", 0, grown)
    for index, line in enumerate(channel.ledger):
        whole(line.change, f"{place}.ledger[{index}].change", -_SUM, _SUM)
        whole(line.balance, f"{place}.ledger[{index}].balance", -_SUM, _SUM)
    for index, reward in enumerate(channel.rewards.values()):
        _reward(reward, f"{place}.rewards[{index}]")


def _reward(reward: Reward, place: str) -> None:
    whole(reward.cost, f"{place}.cost", 1, MOST)
    whole(reward.max_per_stream, f"{place}.max_per_stream", 0, MOST)
    whole(reward.max_per_user_per_stream, f"{place}.max_per_user_per_stream", 0, MOST)
    whole(reward.global_cooldown_seconds, f"{place}.global_cooldown_seconds", 0, LONGEST_COOLDOWN_SECONDS)


def _redemption(redemption: Redemption, place: str, grown: int) -> None:
    whole(redemption.cost, f"{place}.cost", 0, MOST)
    whole(redemption.times_settled, f"{place}.times_settled", 0, grown)
    whole(redemption.late_settlements, f"{place}.late_settlements", 0, grown)
