"""The whole client against the sandbox's Twitch, over real HTTP and a real WebSocket."""

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import uvicorn

from tests.twitch.fakes import FakeStore
from vip_manager.domain.account import CHANNEL_SCOPES, Account
from vip_manager.ports import (
    AlreadyVipOrModerator,
    CannotBeVip,
    ChannelEvent,
    ChannelPointsUnavailable,
    Deaf,
    Listening,
    NotFound,
    NotOurs,
    NotVip,
    NoVipFeature,
    NoVipSlot,
    RedemptionEvent,
    Rejected,
    RewardTitleTaken,
    TwitchStatus,
    TwitchUnavailable,
    Unauthorized,
    VipHint,
)
from vip_manager.simulator.app import create_simulator
from vip_manager.simulator.world import World
from vip_manager.twitch.client import TwitchClient
from vip_manager.twitch.eventsub.socket import Backoff
from vip_manager.twitch.http import Timeouts

REDIRECT = "http://localhost:3000/api/auth/callback"
CLIENT_ID = "sandbox-client-id"
CLIENT_SECRET = "sandbox-client-secret"


class RealClock:
    def now(self) -> datetime:
        return datetime.now(UTC)

    def real(self) -> datetime:
        return datetime.now(UTC)


async def at_once(_: float) -> None:
    await asyncio.sleep(0)


@pytest.fixture
def address() -> Iterator[str]:
    """Of a simulator of its own, e.g. 127.0.0.1:40123."""
    listener = socket.create_server(("127.0.0.1", 0))  # takes connections before the server does: nobody has to wait
    config = uvicorn.Config(
        create_simulator(World()),
        loop="asyncio",
        lifespan="off",
        ws="websockets-sansio",
        log_level="critical",
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    yield "{}:{}".format(*listener.getsockname())
    server.should_exit = True
    thread.join(10)
    listener.close()


@dataclass
class Stage:
    """The client, its store, and a hand behind the simulator's curtain."""

    address: str
    client: TwitchClient
    curtain: httpx.AsyncClient
    store: FakeStore
    reconnects: list[str] = field(default_factory=list)

    async def control(self, action: str, **wish: Any) -> Any:
        answer = await self.curtain.post(f"/control/{action}", json=wish)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def sign_in(self, login: str, scopes: frozenset[str] = CHANNEL_SCOPES) -> str:
        """Through the authorize page, as a browser would. Returns the user's id."""
        url = urlsplit(self.client.authorize_url(state="s1", scopes=scopes, redirect_uri=REDIRECT))
        asked = {name: values[0] for name, values in parse_qs(url.query, keep_blank_values=True).items()}
        page = await self.curtain.get(url.path, params=asked)
        assert page.status_code == 200
        answer = await self.curtain.post(url.path, data={**asked, "user": login})
        returned = parse_qs(urlsplit(answer.headers["Location"]).query)
        assert returned["state"] == ["s1"]
        tokens = await self.client.exchange_code(returned["code"][0], REDIRECT)
        assert tokens.scopes == scopes
        with pytest.raises(Rejected):
            await self.client.exchange_code(returned["code"][0], REDIRECT)
        who = await self.client.identify(tokens.access_token)
        assert (who.login, who.scopes) == (login, scopes)
        self.store.put(Account(who.user_id, who.login, who.login, tokens=tokens))
        return who.user_id

    async def id_of(self, login: str) -> str:
        return (await self.client.resolve_logins([login]))[login]


@pytest.fixture
def dead_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", "WS_PROXY", "ws_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")


@pytest.fixture
async def stage(address: str) -> AsyncIterator[Stage]:
    store = FakeStore()
    reconnects: list[str] = []

    async def note(user_id: str) -> None:
        reconnects.append(user_id)

    client = TwitchClient(
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
        auth_url=f"http://{address}/oauth2",
        authorize_url=f"http://{address}/oauth2/authorize",
        api_url=f"http://{address}/helix",
        eventsub_ws_url=f"ws://{address}/ws",
        store=store.as_store(),
        clock=RealClock(),
        on_reconnect_needed=note,
        timeouts=Timeouts(read=0.5),
        backoff=Backoff(sleep=at_once),
    )
    async with httpx.AsyncClient(base_url=f"http://{address}", trust_env=False) as curtain:
        yield Stage(address, client, curtain, store, reconnects)
    await client.aclose()


async def until(events: AsyncIterator[ChannelEvent], wanted: Callable[[ChannelEvent], bool]) -> ChannelEvent:
    async with asyncio.timeout(10):
        async for event in events:
            if wanted(event):
                return event
    raise AssertionError("the events ended")


async def test_from_sign_in_to_the_end_of_a_vip(stage: Stage) -> None:
    channel = await stage.sign_in("streamer")
    viewer = await stage.id_of("viewer1")
    assert (await stage.client.validate(channel)).user_id == channel
    skew = stage.client.skew()
    assert skew is not None
    assert abs(skew.total_seconds()) < 5
    await stage.client.ping()

    reward = await stage.client.create_reward(channel, "VIP for a day", 500, "A day of VIP")
    assert not reward.skips_queue
    assert await stage.client.rewards(channel) == [reward]

    async with aclosing(stage.client.events(channel)) as events:
        assert await anext(events) == Listening(channel)
        await stage.control("redeem", channel="streamer", viewer="viewer1", reward=reward.title)
        event = await until(events, lambda event: isinstance(event, RedemptionEvent))
        assert isinstance(event, RedemptionEvent)
        assert event.added
        redemption = event.redemption
        assert (redemption.user_id, redemption.reward_id, redemption.cost) == (viewer, reward.id, 500)
        assert redemption.status is TwitchStatus.UNFULFILLED

        await stage.client.add_vip(channel, viewer)
        assert await anext(events) == VipHint(channel, viewer)
        assert [user.id for user in await stage.client.vips(channel, [viewer])] == [viewer]
        with pytest.raises(AlreadyVipOrModerator):
            await stage.client.add_vip(channel, viewer)

        listed = stage.client.redemptions(channel, reward.id, TwitchStatus.UNFULFILLED)
        assert [open_one.id async for open_one in listed] == [redemption.id]
        settled = await stage.client.settle(channel, reward.id, redemption.id, TwitchStatus.FULFILLED)
        assert settled.status is TwitchStatus.FULFILLED
        with pytest.raises(NotFound):
            await stage.client.settle(channel, reward.id, redemption.id, TwitchStatus.CANCELED)
        assert await stage.client.redemption(channel, reward.id, redemption.id) == settled
        event = await until(events, lambda event: isinstance(event, RedemptionEvent))
        assert event == RedemptionEvent(settled, added=False)

        await stage.control("jump", seconds=86_400)
        await stage.client.remove_vip(channel, viewer)
        removed = await anext(events)
        assert isinstance(removed, VipHint)
        assert (removed.channel_id, removed.user_id) == (channel, viewer)
        assert removed.removed_at is not None
        assert timedelta(hours=23) < removed.removed_at - redemption.redeemed_at < timedelta(hours=25)
        with pytest.raises(NotVip):
            await stage.client.remove_vip(channel, viewer)


async def test_refusals(stage: Stage) -> None:
    channel = await stage.sign_in("streamer")
    viewers = await stage.client.resolve_logins([f"viewer{number}" for number in range(1, 10)])
    assert len(viewers) == 9
    moderator = await stage.id_of("mod")
    assert [user.id for user in await stage.client.moderators(channel, [moderator])] == [moderator]
    with pytest.raises(AlreadyVipOrModerator):
        await stage.client.add_vip(channel, moderator)
    with pytest.raises(NotFound):
        await stage.client.add_vip(channel, "99999999")
    await stage.control("ban", channel="streamer", viewer="viewer2", banned=True)
    with pytest.raises(CannotBeVip):
        await stage.client.add_vip(channel, viewers["viewer2"])
    await stage.control("channel", channel="streamer", capacity=1)
    with pytest.raises(NoVipSlot):
        await stage.client.add_vip(channel, viewers["viewer1"])
    await stage.control("channel", channel="streamer", community_unlocked=False)
    with pytest.raises(NoVipFeature):
        await stage.client.add_vip(channel, viewers["viewer1"])

    await stage.client.create_reward(channel, "VIP", 500, "")
    with pytest.raises(RewardTitleTaken):
        await stage.client.create_reward(channel, "VIP", 500, "")
    with pytest.raises(Rejected):
        await stage.client.create_reward(channel, "x" * 46, 500, "")
    by_hand = await stage.control("reward", channel="streamer", title="Hydrate")
    with pytest.raises(NotOurs):
        await stage.client.update_reward(channel, by_hand["id"], paused=True)
    await stage.control("channel", channel="streamer", broadcaster_type="")
    with pytest.raises(ChannelPointsUnavailable):
        await stage.client.create_reward(channel, "Another", 500, "")


async def test_a_lost_answer_may_have_done_its_work(stage: Stage) -> None:
    channel = await stage.sign_in("streamer")
    viewer = await stage.id_of("viewer1")
    for then in ("cut", "hold"):
        await stage.control("faults", method="POST", path="/channels/vips", do="lose_answer", then=then)
        with pytest.raises(TwitchUnavailable):
            await stage.client.add_vip(channel, viewer)
        assert [user.id for user in await stage.client.vips(channel, [viewer])] == [viewer]
        await stage.client.remove_vip(channel, viewer)


async def test_expired_tokens_are_refreshed_on_the_way(stage: Stage) -> None:
    channel = await stage.sign_in("streamer")
    viewer = await stage.id_of("viewer1")
    await stage.control("expire-tokens", user="streamer")
    found = await asyncio.gather(*(stage.client.users(channel, ids=[viewer]) for _ in range(20)))
    assert all([user.id for user in users] == [viewer] for users in found)
    assert len(stage.store.commits) == 2  # the sign-in and one refresh


async def test_a_disconnected_streamer_must_sign_in_again(stage: Stage) -> None:
    channel = await stage.sign_in("streamer")
    async with aclosing(stage.client.events(channel)) as events:
        assert await anext(events) == Listening(channel)
        await stage.control("disconnect", user="streamer")
        with pytest.raises(Unauthorized):
            await until(events, lambda _: False)
    assert stage.store.account(channel).reconnect
    assert stage.store.account(channel).tokens is None
    assert stage.reconnects == [channel]
    with pytest.raises(Unauthorized):
        await stage.client.vips(channel)
    await stage.sign_in("streamer")


async def test_a_dropped_socket_comes_back_with_its_subscriptions(stage: Stage) -> None:
    channel = await stage.sign_in("streamer")
    viewer = await stage.id_of("viewer1")
    async with aclosing(stage.client.events(channel)) as events:
        assert await anext(events) == Listening(channel)
        await stage.control("drop-sockets", user="streamer", code=4000)
        assert isinstance(await anext(events), Deaf)
        assert await anext(events) == Listening(channel)
        await stage.control("vip", channel="streamer", viewer="viewer1", vip=True)
        assert await anext(events) == VipHint(channel, viewer)


async def test_a_token_without_the_scopes_cannot_act(stage: Stage) -> None:
    channel = await stage.sign_in("secondstreamer", frozenset())
    with pytest.raises(Unauthorized):
        await stage.client.vips(channel)
    assert stage.store.account(channel).reconnect


async def test_a_revoked_token_is_dead_and_revoking_it_again_is_fine(stage: Stage) -> None:
    channel = await stage.sign_in("streamer")
    tokens = stage.store.account(channel).tokens
    assert tokens is not None
    await stage.client.revoke(tokens.access_token)
    await stage.client.revoke(tokens.access_token)
    with pytest.raises(Unauthorized):
        await stage.client.identify(tokens.access_token)


async def test_a_proxy_of_the_environment_does_not_stand_between_us_and_the_sandbox(
    dead_proxy: None, stage: Stage
) -> None:
    channel = await stage.sign_in("streamer")
    async with aclosing(stage.client.events(channel)) as events:
        assert await anext(events) == Listening(channel)
