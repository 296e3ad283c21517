"""Listening to the sandbox's Twitch while its sockets close, move and lose their subscriptions."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest

from tests.twitch.stage import Stage, until
from vip_manager.ports import ChannelEvent, Deaf, Listening, RedemptionEvent, Revoked, Unauthorized
from vip_manager.twitch.eventsub.connection import CLOSE_CODES
from vip_manager.twitch.eventsub.messages import TYPES

SUBSCRIPTIONS = "/eventsub/subscriptions"


async def opened(stage: Stage) -> str:
    """The id of a connected channel with a reward that costs next to nothing."""
    channel = await stage.sign_in("streamer")
    await stage.client.create_reward(channel, "VIP", 1, "")
    return channel


async def redeem(stage: Stage, viewer: str = "viewer1") -> str:
    return str((await stage.control("redeem", channel="streamer", viewer=viewer))["id"])


async def told(events: AsyncIterator[ChannelEvent], wanted: type[ChannelEvent]) -> ChannelEvent:
    """The next event, which must be of that type."""
    async with asyncio.timeout(10):
        event = await anext(events)
    assert isinstance(event, wanted), event
    return event


async def hears_of_the_next(stage: Stage, events: AsyncIterator[ChannelEvent]) -> None:
    redemption_id = await redeem(stage)
    event = await told(events, RedemptionEvent)
    assert isinstance(event, RedemptionEvent)
    assert event.redemption.id == redemption_id


async def fault(stage: Stage, do: str, times: int = 1, **more: object) -> None:
    await stage.control("faults", do=do, times=times, **more)


async def test_a_steady_stream_of_redemptions_over_many_moves_is_told_once_each(stage: Stage) -> None:
    channel = await opened(stage)
    made: list[str] = []
    heard: Counter[str] = Counter()
    others: list[ChannelEvent] = []
    stream_is_over = asyncio.Event()

    async def stream() -> None:
        for number in range(90):
            made.append(await redeem(stage, f"viewer{number % 9 + 1}"))  # noqa: PERF401 (one after the other)
        stream_is_over.set()

    async def moving() -> int:
        moves = 0
        while not stream_is_over.is_set():
            moves += (await stage.control("reconnect-sockets"))["asked"]
        return moves

    async with aclosing(stage.client.events(channel)) as events:
        await told(events, Listening)
        streaming, moved = asyncio.create_task(stream()), asyncio.create_task(moving())
        async with asyncio.timeout(30):
            while len(heard) < 90:
                event = await anext(events)
                if isinstance(event, RedemptionEvent):
                    heard[event.redemption.id] += 1
                else:
                    others.append(event)
        await streaming
        assert await moved > 5
    assert heard == Counter(made)
    assert others == [], "a move leaves no gap, so there is nothing to catch up"


@pytest.mark.parametrize("code", CLOSE_CODES)
async def test_after_every_close_code_the_channel_is_heard_again(stage: Stage, code: int) -> None:
    channel = await opened(stage)
    async with aclosing(stage.client.events(channel)) as events:
        await told(events, Listening)
        await stage.control("drop-sockets", user="streamer", code=code)
        deaf = await told(events, Deaf)
        assert isinstance(deaf, Deaf)
        assert f"{code}, {CLOSE_CODES[code]}" in deaf.error
        await told(events, Listening)
        await hears_of_the_next(stage, events)


async def test_many_losses_leave_no_sockets_or_subscriptions_behind(stage: Stage) -> None:
    """Twitch allows three sockets a user, so what is left over would lock us out."""
    channel = await opened(stage)
    for _ in range(5):
        async with aclosing(stage.client.events(channel)) as events:
            await told(events, Listening)
            await stage.control("drop-sockets", user="streamer")
            await told(events, Deaf)
            await told(events, Listening)
            await hears_of_the_next(stage, events)


async def test_sockets_that_others_still_hold_are_waited_for(stage: Stage) -> None:
    channel = await opened(stage)
    left_over = [stage.client.events(channel) for _ in range(3)]
    for events in left_over:
        await told(events, Listening)
    async with aclosing(stage.client.events(channel)) as fourth:
        assert isinstance(await told(fourth, Deaf), Deaf)
        await left_over.pop().aclose()
        async with asyncio.timeout(10):
            while not isinstance(event := await anext(fourth), Listening):
                assert isinstance(event, Deaf)
        await hears_of_the_next(stage, fourth)
    for events in left_over:
        await events.aclose()


@pytest.mark.parametrize("status", ["user_removed", "version_removed", "authorization_revoked"])
async def test_a_revocation_with_a_living_token_is_told_and_subscribed_anew(stage: Stage, status: str) -> None:
    channel = await opened(stage)
    async with aclosing(stage.client.events(channel)) as events:
        await told(events, Listening)
        assert (await stage.control("revoke", user="streamer", status=status))["revoked"] == len(TYPES)
        assert await told(events, Revoked) == Revoked(channel, status)
        await told(events, Deaf)
        await told(events, Listening)
        await hears_of_the_next(stage, events)
    assert not stage.store.account(channel).reconnect


async def test_a_disconnect_while_the_line_moves_ends_it(stage: Stage) -> None:
    channel = await opened(stage)
    async with aclosing(stage.client.events(channel)) as events:
        await told(events, Listening)
        await fault(stage, "silence", path="/ws")
        await stage.control("reconnect-sockets")
        await stage.control("disconnect", user="streamer")
        with pytest.raises(Unauthorized):
            await until(events, lambda event: not isinstance(event, Revoked | Deaf))
    assert stage.store.account(channel).reconnect


async def test_a_move_to_an_address_that_refuses_is_made_good(stage: Stage) -> None:
    channel = await opened(stage)
    async with aclosing(stage.client.events(channel)) as events:
        await told(events, Listening)
        await fault(stage, "status", path="/ws", status=503)
        await stage.control("reconnect-sockets")
        await told(events, Deaf)
        await told(events, Listening)
        await hears_of_the_next(stage, events)


@pytest.mark.parametrize("rule", [{"do": "status", "status": 503}, {"do": "status", "status": 403}, {"do": "cut"}])
async def test_a_refused_handshake_is_tried_again(stage: Stage, rule: dict[str, object]) -> None:
    channel = await opened(stage)
    await stage.control("faults", path="/ws", times=2, **rule)
    async with aclosing(stage.client.events(channel)) as events:
        await told(events, Deaf)
        await told(events, Deaf)
        await told(events, Listening)


@pytest.mark.parametrize(
    ("rule", "lost"),
    [
        # All of them, as of a session that is gone. A single type that is refused for good is done without.
        ({"do": "status", "status": 400, "times": len(TYPES)}, True),
        ({"do": "status", "status": 429}, True),
        ({"do": "status", "status": 500}, True),
        ({"do": "status", "status": 503}, True),
        ({"do": "lose_answer"}, True),
        ({"do": "kill_token"}, False),
    ],
)
async def test_subscribing_that_fails_once_is_done_again(stage: Stage, rule: dict[str, object], lost: bool) -> None:
    channel = await opened(stage)
    await stage.control("faults", **{"path": SUBSCRIPTIONS, "method": "POST", "times": 1, **rule})
    async with aclosing(stage.client.events(channel)) as events:
        if lost:
            await told(events, Deaf)
        await told(events, Listening)
        await hears_of_the_next(stage, events)


async def test_a_message_sent_twice_or_late_is_told_once(stage: Stage) -> None:
    channel = await opened(stage)
    async with aclosing(stage.client.events(channel)) as events:
        await told(events, Listening)
        await fault(stage, "duplicate", event="channel.channel_points")
        await hears_of_the_next(stage, events)
        await stage.control("storm", times=3, user="streamer")
        await hears_of_the_next(stage, events)
        await stage.control("drop-sockets")
        await told(events, Deaf)
        await told(events, Listening)
        await hears_of_the_next(stage, events)


async def test_twins_are_two_messages_about_one_redemption(stage: Stage) -> None:
    """The store counts it once."""
    channel = await opened(stage)
    async with aclosing(stage.client.events(channel)) as events:
        await told(events, Listening)
        await fault(stage, "twin", event="channel.channel_points")
        first = await asyncio.gather(redeem(stage), told(events, RedemptionEvent))
        twin = await told(events, RedemptionEvent)
        assert twin == first[1]
