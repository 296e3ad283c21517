"""How long Twitch is left alone after a 429 (https://dev.twitch.tv/docs/api/guide/#twitch-rate-limits)."""

from datetime import timedelta

from tests.house import House

VIPS = "/helix/channels/vips"
BUCKET_EMPTY, WINDOW_FULL = "0", "700"
"""How many points are left in Twitch's bucket: with some, it was the call's own limit, of which no header speaks."""


async def test_a_window_that_is_full_is_waited_out_and_an_empty_bucket_as_long_as_it_says(house: House) -> None:
    await house.open()
    waits = []
    for viewer, left in (("viewer1", WINDOW_FULL), ("viewer2", BUCKET_EMPTY)):
        await house.fault("GET", VIPS, "status", status=429, headers={"Ratelimit-Remaining": left})
        waiting = await house.redeem(viewer)
        assert waiting.retry.next_at
        waits.append(waiting.retry.next_at - house.clock.now())
    assert waits[0] > timedelta(seconds=8)
    assert waits[1] < timedelta(seconds=3)
