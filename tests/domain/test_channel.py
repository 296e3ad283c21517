"""The rewards of a channel: which is the first, and which comes after it."""

from tests.domain.records import CHANNEL
from vip_manager.domain.channel import Channel, Tier

DAY, WEEK, MONTH = Tier("d", "Day", 500, 24), Tier("w", "Week", 2000, 168), Tier("m", "Month", 9000, 720, paused=True)
PLANNED = Tier("", "Year", 90000, 8760)


def channel(*tiers: Tier) -> Channel:
    made = Channel(CHANNEL.id, CHANNEL.id, "streamer", "Streamer")
    for tier in tiers:
        made = made.with_new_tier(tier)
    return made


def test_the_first_one_stands_in_the_channels_own_fields() -> None:
    made = channel(DAY, WEEK)
    assert (made.channel_point_reward_id, made.reward_title, made.reward_cost, made.vip_duration) == (
        "d",
        "Day",
        500,
        24,
    )
    assert made.tiers == (WEEK,)
    assert made.every_tier == made.made_tiers == (DAY, WEEK)


def test_the_next_takes_the_place_of_the_first() -> None:
    made = channel(DAY, MONTH, WEEK).without_tier("d")
    assert made.every_tier == (MONTH, WEEK)
    assert (made.channel_point_reward_id, made.vip_duration, made.reward_paused) == ("m", 720, True)


def test_what_is_still_to_be_made_takes_nobodys_place() -> None:
    made = channel(DAY, PLANNED).without_tier("d")
    assert (made.channel_point_reward_id, made.reward_title, made.tiers) == ("", "", (PLANNED,))
    assert made.made_tiers == ()
    assert made.with_new_tier(WEEK).every_tier == (WEEK, PLANNED)
    assert channel(PLANNED).tier("") is None


def test_one_that_was_to_be_made_is_there() -> None:
    there = Tier("y", "Year", 90000, 8760)
    assert channel(DAY, PLANNED).with_new_tier(there).every_tier == (DAY, there)
    assert channel(DAY, PLANNED).with_new_tier(Tier("", "Year", 1, 1)).tiers == (Tier("", "Year", 1, 1),)
    assert channel(DAY, PLANNED).without_planned("Another").tiers == (PLANNED,)
    assert channel(DAY, PLANNED).without_planned("Year") == channel(DAY, PLANNED).without_planned() == channel(DAY)


def test_one_is_changed_where_it_stands() -> None:
    dearer = Tier("w", "Week", 3000, 168)
    assert channel(DAY, WEEK, MONTH).with_tier(dearer).every_tier == (DAY, dearer, MONTH)
    assert channel(DAY).with_tier(dearer) == channel(DAY)


def test_the_title_of_a_first_one_that_is_to_be_made_stays() -> None:
    planned = Channel(CHANNEL.id, CHANNEL.id, "streamer", "Streamer", reward_title="Day", tiers=(PLANNED,))
    assert planned.without_planned().reward_title == "Day"
