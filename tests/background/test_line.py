"""Whatever becomes of the line to Twitch: what is redeemed counts once, and the page says how the line stands."""

import pytest

from tests.background.listening import becomes_vip, counted_once, deaf, hears, listening, redeems, shows
from tests.house import House, until
from vip_manager.services.connections import Hearing

VIPS = "/helix/channels/vips"
REWARDS = "/helix/channel_points/custom_rewards"


async def test_a_dead_token_ends_the_listening_until_the_streamer_signs_in_again(house: House) -> None:
    await house.open()
    async with listening(house):
        await hears(house)
        await house.control("disconnect", user="streamer")
        await house.control("drop-sockets")

        async def reconnect() -> bool:
            return house.services.connections.of("1001").hearing is Hearing.RECONNECT

        await until(reconnect, "the dead token to be noticed")
        assert (await house.actions()).count("disconnected") == 1
        await house.connect()
        await hears(house)
        await redeems(house, "viewer1")
        await becomes_vip(house, "viewer1")


async def test_signing_in_again_while_listening_keeps_the_connection_live(house: House) -> None:
    streamer = await house.open()
    async with listening(house):
        await hears(house)
        await house.connect()
        assert (await house.services.board.staff(streamer.id)).connection == "live"
        await redeems(house, "viewer1")
        await becomes_vip(house, "viewer1")


async def test_a_new_sign_in_over_a_line_that_outlived_the_old_one_shows_it_live(house: House) -> None:
    await house.open()
    async with listening(house):
        await hears(house)
        # Twitch takes no token any more, and says nothing on the socket.
        await house.fault("POST", VIPS, "status", times=-1, status=401)
        await redeems(house, "viewer1")
        await until(shows(house, "reconnect"), "the page to ask for a new sign-in")
        await house.heal_twitch()
        await house.connect()
        await until(shows(house, "live"), "the page to say that the channel is heard")
        await redeems(house, "viewer2")
        await becomes_vip(house, "viewer2")


async def test_a_catch_up_that_failed_when_the_line_came_back_is_due(house: House) -> None:
    await house.open()
    await house.fault("GET", REWARDS, "status", times=-1, status=503)
    before = (await house.channel()).catch_up_at
    async with listening(house):

        async def live_and_due() -> bool:
            """One has begun, and failed, since."""
            at = (await house.channel()).catch_up_at
            live = house.services.connections.of("1001").hearing is Hearing.LIVE
            return live and at is not None and at != before and at <= house.clock.now()

        await until(live_and_due, "a catch-up to be due")
        await house.heal_twitch()
        await house.services.sweep.run()
        before = (await house.channel()).catch_up_at
        await house.fault("GET", REWARDS, "status", times=-1, status=503)
        await house.fault("*", "/ws", "status", status=503)
        await house.control("drop-sockets")
        await deaf(house)
        await redeems(house, "viewer1")
        # Two pauses of up to five seconds lie before it.
        await until(live_and_due, "a catch-up to be due again", 30)
    await house.heal_twitch()
    await house.services.sweep.run()
    assert "viewer1" in await house.vips()


@pytest.mark.parametrize("how", ["4000", "4003", "4006", "revoke", "move refused"])
async def test_what_is_redeemed_while_nothing_is_heard_counts_once_after(house: House, how: str) -> None:
    await house.open()
    async with listening(house):
        await hears(house)
        # The way back stays shut until the redemption is made.
        await house.fault("*", "/ws", "status", times=-1, status=503)
        if how == "revoke":
            await house.control("revoke", user="streamer", status="version_removed")
        elif how == "move refused":
            await house.control("reconnect-sockets")
        else:
            await house.control("drop-sockets", code=int(how))
        await deaf(house)
        made = await house.control("redeem", channel="streamer", viewer="viewer1")
        await house.heal_twitch()
        await hears(house)
        await counted_once(house, made["id"])


@pytest.mark.parametrize("do", ["duplicate", "twin", "reorder", "late"])
async def test_events_that_come_oddly_count_once(house: House, do: str) -> None:
    await house.open()
    async with listening(house):
        await hears(house)
        more = {"seconds": 0.1} if do in ("reorder", "late") else {}
        await house.control("faults", do=do, times=-1, event="channel.channel_points", **more)
        made = [await house.control("redeem", channel="streamer", viewer=f"viewer{n % 3 + 1}") for n in range(6)]
        await counted_once(house, *(one["id"] for one in made))


async def test_an_event_that_never_came_is_found_by_the_next_catch_up(house: House) -> None:
    await house.open()
    async with listening(house):
        await hears(house)
        await house.control("faults", do="drop", times=-1, event="channel.channel_points")
        made = await house.control("redeem", channel="streamer", viewer="viewer1")
        house.clock.jump(0.2)
        await house.services.sweep.run()
        await counted_once(house, made["id"])


async def test_a_stream_of_redemptions_over_many_moves_of_the_line_counts_once_each(house: House) -> None:
    await house.open()
    async with listening(house):
        await hears(house)
        made = []
        for number in range(30):
            made.append(await house.control("redeem", channel="streamer", viewer=f"viewer{number % 3 + 1}"))
            await house.control("reconnect-sockets")
        await counted_once(house, *(one["id"] for one in made))
        assert house.services.connections.of("1001").hearing is Hearing.LIVE


@pytest.mark.parametrize("status", ["authorization_revoked", "user_removed"])
async def test_a_revocation_with_dead_tokens_asks_for_a_new_sign_in(house: House, status: str) -> None:
    await house.open()
    async with listening(house):
        await hears(house)
        await house.fault("GET", "/oauth2/validate", "status", times=-1, status=401)
        await house.fault("POST", "/oauth2/token", "status", times=-1, status=400, message="Invalid refresh token")
        await house.control("revoke", user="streamer", status=status)
        await until(shows(house, "reconnect"), "the page to ask for a new sign-in")
        await house.heal_twitch()
        await redeems(house, "viewer1")
        await house.connect()
        await becomes_vip(house, "viewer1")
