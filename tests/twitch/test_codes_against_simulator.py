"""Every call of the client, and what each answer of Twitch is to it, over real HTTP.

Statuses: https://dev.twitch.tv/docs/api/reference/, and those that any server or proxy on the way may give.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import pytest

from tests.twitch.stage import Stage
from vip_manager import ports
from vip_manager.ports import NotFound, RateLimited, Rejected, TwitchError, TwitchStatus, TwitchUnavailable

VIPS = "/helix/channels/vips"
REWARDS = "/helix/channel_points/custom_rewards"
REDEMPTIONS = f"{REWARDS}/redemptions"


@dataclass(frozen=True)
class Scene:
    """A connected channel with a reward of ours and one open redemption of viewer1."""

    stage: Stage
    channel: str
    viewer: str
    reward: str
    redemption: str

    async def fault(self, times: int = 1, **rule: object) -> None:
        await self.stage.control("faults", times=times, **rule)

    async def calm(self) -> None:
        await self.stage.curtain.delete("/control/faults")


async def set_up(stage: Stage) -> Scene:
    channel = await stage.sign_in("streamer")
    reward = await stage.client.create_reward(channel, "VIP", 500, "")
    made = await stage.control("redeem", channel="streamer", viewer="viewer1")
    return Scene(stage, channel, await stage.id_of("viewer1"), reward.id, str(made["id"]))


async def _listed(scene: Scene) -> object:
    listed = scene.stage.client.redemptions(scene.channel, scene.reward, TwitchStatus.UNFULFILLED)
    return [one async for one in listed]


@dataclass(frozen=True)
class Row:
    """One call. `refusals` by status, beside those that mean the same everywhere; a change is never sent twice."""

    method: str
    path: str
    do: Callable[[Scene], Awaitable[object]]
    refusals: dict[int, type[TwitchError]]

    @property
    def changes(self) -> bool:
        return self.method != "GET"


CALLS = {
    "add VIP": Row(
        "POST",
        VIPS,
        lambda s: s.stage.client.add_vip(s.channel, s.viewer),
        {
            400: ports.CannotBeVip,
            403: ports.NotOurs,
            404: NotFound,
            409: ports.NoVipSlot,
            422: ports.AlreadyVipOrModerator,
            425: ports.NoVipFeature,
        },
    ),
    "remove VIP": Row(
        "DELETE",
        VIPS,
        lambda s: s.stage.client.remove_vip(s.channel, s.viewer),
        {400: Rejected, 403: ports.NotOurs, 404: NotFound, 422: ports.NotVip},
    ),
    "VIPs": Row("GET", VIPS, lambda s: s.stage.client.vips(s.channel), {400: Rejected}),
    "moderators": Row(
        "GET", "/helix/moderation/moderators", lambda s: s.stage.client.moderators(s.channel), {400: Rejected}
    ),
    "streams": Row("GET", "/helix/streams", lambda s: s.stage.client.live_since(s.channel), {400: Rejected}),
    "users": Row("GET", "/helix/users", lambda s: s.stage.client.users(s.channel, ids=[s.viewer]), {400: Rejected}),
    "rewards": Row(
        "GET",
        REWARDS,
        lambda s: s.stage.client.rewards(s.channel),
        {400: Rejected, 403: ports.ChannelPointsUnavailable, 404: TwitchUnavailable},
    ),
    "reward": Row(
        "GET",
        REWARDS,
        lambda s: s.stage.client.reward(s.channel, s.reward),
        {400: Rejected, 403: ports.ChannelPointsUnavailable, 404: NotFound},
    ),
    "create reward": Row(
        "POST",
        REWARDS,
        lambda s: s.stage.client.create_reward(s.channel, "Another", 1, ""),
        {400: Rejected, 403: ports.ChannelPointsUnavailable},
    ),
    "update reward": Row(
        "PATCH",
        REWARDS,
        lambda s: s.stage.client.update_reward(s.channel, s.reward, paused=True),
        {400: Rejected, 403: ports.NotOurs, 404: NotFound},
    ),
    "redemptions": Row("GET", REDEMPTIONS, _listed, {400: Rejected, 403: ports.NotOurs, 404: NotFound}),
    "redemption": Row(
        "GET",
        REDEMPTIONS,
        lambda s: s.stage.client.redemption(s.channel, s.reward, s.redemption),
        {400: Rejected, 403: ports.NotOurs, 404: NotFound},
    ),
    "settle": Row(
        "PATCH",
        REDEMPTIONS,
        lambda s: s.stage.client.settle(s.channel, s.reward, s.redemption, TwitchStatus.CANCELED),
        {400: Rejected, 403: ports.NotOurs, 404: NotFound},
    ),
}
EVERYWHERE: dict[int, type[TwitchError]] = {
    302: TwitchUnavailable,
    308: TwitchUnavailable,
    408: TwitchUnavailable,
    410: Rejected,
    429: RateLimited,
    500: TwitchUnavailable,
    502: TwitchUnavailable,
    503: TwitchUnavailable,
    504: TwitchUnavailable,
}


async def error_of(row: Row, scene: Scene) -> TwitchError | None:
    async with asyncio.timeout(10):
        try:
            await row.do(scene)
        except TwitchError as error:
            return error
    return None


@pytest.mark.parametrize("call", CALLS)
async def test_every_status_is_the_error_it_means(stage: Stage, call: str) -> None:
    scene, row = await set_up(stage), CALLS[call]
    for status, meaning in (EVERYWHERE | row.refusals).items():
        await scene.fault(-1, do="status", method=row.method, path=row.path, status=status)
        error = await error_of(row, scene)
        await scene.calm()
        assert isinstance(error, meaning), f"{status}: {error!r}"
        assert error.temporary is (meaning in (TwitchUnavailable, RateLimited)), status
    assert stage.reconnects == [], "none of these says that the tokens are dead"


@pytest.mark.parametrize("call", CALLS)
async def test_a_503_or_a_cut_is_tried_once_more_where_that_changes_nothing(stage: Stage, call: str) -> None:
    scene, row = await set_up(stage), CALLS[call]
    for rule in ({"do": "status", "status": 503}, {"do": "cut"}):
        await scene.fault(method=row.method, path=row.path, **rule)
        error = await error_of(row, scene)
        assert isinstance(error, TwitchUnavailable) if row.changes else error is None, rule


@pytest.mark.parametrize("call", CALLS)
async def test_silence_and_slowness_come_to_an_end(stage: Stage, call: str) -> None:
    scene, row = await set_up(stage), CALLS[call]
    await scene.fault(do="silence", method=row.method, path=row.path)
    assert isinstance(await error_of(row, scene), TwitchUnavailable)
    await scene.fault(do="delay", method=row.method, path=row.path, seconds=0.1)
    error = await error_of(row, scene)
    assert error is None or isinstance(error, ports.NotVip), "slow is not silent"


@pytest.mark.parametrize("call", CALLS)
async def test_a_token_that_dies_on_the_way_is_renewed_unless_it_can_not_be(stage: Stage, call: str) -> None:
    scene, row = await set_up(stage), CALLS[call]
    await scene.fault(do="kill_token", method=row.method, path=row.path)
    error = await error_of(row, scene)
    assert error is None or isinstance(error, ports.NotVip)
    assert stage.reconnects == []
    await scene.fault(do="kill_token", refresh=True, method=row.method, path=row.path)
    assert isinstance(await error_of(row, scene), ports.Unauthorized)
    assert stage.reconnects == [scene.channel]
    assert stage.store.account(scene.channel).tokens is None


@pytest.mark.parametrize("call", CALLS)
async def test_401_with_every_token_asks_for_a_new_sign_in(stage: Stage, call: str) -> None:
    scene, row = await set_up(stage), CALLS[call]
    await scene.fault(2, do="status", status=401, method=row.method, path=row.path)
    assert isinstance(await error_of(row, scene), ports.Unauthorized)
    assert stage.reconnects == [scene.channel]


@pytest.mark.parametrize("call", [name for name, row in CALLS.items() if row.changes])
async def test_an_answer_that_was_lost_leaves_its_effect_and_says_that_nobody_knows(stage: Stage, call: str) -> None:
    scene, row = await set_up(stage), CALLS[call]
    if call == "remove VIP":
        await stage.client.add_vip(scene.channel, scene.viewer)
    await scene.fault(do="lose_answer", method=row.method, path=row.path)
    error = await error_of(row, scene)
    assert isinstance(error, TwitchUnavailable)
    assert not isinstance(error, ports.NothingDone)
    again = await error_of(row, scene)
    expected = {
        "add VIP": ports.AlreadyVipOrModerator,
        "remove VIP": ports.NotVip,
        "settle": NotFound,
        "create reward": ports.RewardTitleTaken,
        "update reward": type(None),
    }
    assert type(again) is expected[call]


AUTH = {
    "validate": ("GET", "/oauth2/validate"),
    "refresh": ("POST", "/oauth2/token"),
}


@pytest.mark.parametrize("status", [302, 403, 404, 429, 500, 503])
@pytest.mark.parametrize("call", AUTH)
async def test_a_sign_in_survives_what_says_nothing_about_it(stage: Stage, call: str, status: int) -> None:
    scene = await set_up(stage)
    method, path = AUTH[call]
    if call == "refresh":
        await stage.control("expire-tokens", user="streamer")
    await scene.fault(-1, do="status", status=status, method=method, path=path, message="no")
    with pytest.raises((TwitchUnavailable, RateLimited)):
        await stage.client.validate(scene.channel)
    await scene.calm()
    assert stage.reconnects == []
    assert (await stage.client.validate(scene.channel)).user_id == scene.channel


@pytest.mark.parametrize("status", [400, 401])
async def test_a_refresh_that_is_refused_ends_the_sign_in(stage: Stage, status: int) -> None:
    scene = await set_up(stage)
    await stage.control("expire-tokens", user="streamer")
    await scene.fault(do="status", status=status, method="POST", path="/oauth2/token", message="Invalid refresh token")
    with pytest.raises(ports.Unauthorized):
        await stage.client.vips(scene.channel)
    assert stage.reconnects == [scene.channel]


async def test_a_refresh_whose_answer_was_lost_is_made_again(stage: Stage) -> None:
    scene = await set_up(stage)
    await stage.control("expire-tokens", user="streamer")
    await scene.fault(do="lose_answer", method="POST", path="/oauth2/token")
    with pytest.raises(ports.NothingDone):
        await stage.client.add_vip(scene.channel, scene.viewer)
    await stage.client.add_vip(scene.channel, scene.viewer)
    assert stage.reconnects == []


async def test_an_empty_bucket_and_a_full_window_are_told_apart_by_how_long_to_wait(stage: Stage) -> None:
    scene = await set_up(stage)
    # Another process of ours has made ten changes just now.
    token = stage.store.account(scene.channel).tokens
    assert token
    headers = {"Authorization": f"Bearer {token.access_token}", "Client-Id": "sandbox-client-id"}
    query = {"broadcaster_id": scene.channel, "user_id": scene.viewer}
    for _ in range(10):
        await stage.curtain.delete(VIPS, params=query, headers=headers)
    window = await error_of(CALLS["remove VIP"], scene)
    await scene.fault(do="status", status=429, method="GET", path=VIPS, headers={"Ratelimit-Remaining": "0"})
    bucket = await error_of(CALLS["VIPs"], scene)
    assert isinstance(window, RateLimited)
    assert isinstance(bucket, RateLimited)
    assert window.wait.total_seconds() == 10
    assert 1 <= bucket.wait.total_seconds() < 5
