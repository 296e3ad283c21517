"""The program's services on a real store, against the simulated Twitch over real HTTP. Time is moved by hand."""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Iterator, Mapping, Set
from contextlib import AsyncExitStack, closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
from starlette.routing import Mount, Router
from starlette.types import ASGIApp

from tests.patience import MOST, Patience
from tests.serving import serving
from vip_manager.bootstrap.program import running_program
from vip_manager.domain.audit import AuditEntry
from vip_manager.domain.books import Finding
from vip_manager.domain.channel import Channel
from vip_manager.domain.outbox import Why
from vip_manager.domain.redemption import Redemption
from vip_manager.domain.session import VipSession
from vip_manager.domain.terms import RewardTerms
from vip_manager.ports import Outgoing, TwitchRedemption, TwitchStatus, Undelivered
from vip_manager.services.access import Person
from vip_manager.services.chat_pace import ChatPace
from vip_manager.services.connections import SETTLES_AFTER
from vip_manager.services.container import Services
from vip_manager.services.neighbours import Neighbours
from vip_manager.services.verify import Verify
from vip_manager.settings import Settings

SECRET = "a root secret of the tests, long enough"


def environment(twitch: str, directory: Path) -> dict[str, str]:
    """A program for which the simulator at that address is the real Twitch."""
    return {
        "TWITCH_CLIENT_ID": "sandbox-client-id",
        "TWITCH_CLIENT_SECRET": "sandbox-client-secret",
        "TWITCH_AUTH_URL": f"{twitch}/oauth2",
        "TWITCH_API_URL": f"{twitch}/helix",
        "TWITCH_EVENTSUB_WS_URL": f"{twitch.replace('http', 'ws', 1)}/ws",
        "APP_SECRET": SECRET,
        "DATA_DIR": str(directory),
    }


Serve = Callable[[ASGIApp], str]


@contextmanager
def one_server() -> Iterator[Serve]:
    """For many apps, each with a prefix of its own: stopping a server takes longer than most tests."""
    router = Router()
    with serving(router) as url:

        def serve(app: ASGIApp) -> str:
            prefix = f"/{len(router.routes)}"
            router.routes.append(Mount(prefix, app))
            return url + prefix

        yield serve


async def until(condition: Callable[[], Awaitable[object]], what: str, seconds: float = 10.0) -> None:
    """Waits for a condition, not for a time; `seconds` are those of tests/patience.py."""
    patience = Patience(seconds)
    try:
        async with asyncio.timeout(seconds + MOST):
            while not await condition():
                assert not patience.over, f"waited {seconds} s for: {what}"
                await asyncio.sleep(0.005)
    except TimeoutError:
        raise AssertionError(f"waited {seconds} s for: {what}") from None


class HandClock:
    """Domain time that tests move; real time goes on. `wrong` is by how much the machine's own clock is off."""

    def __init__(self) -> None:
        self.ahead = timedelta()
        self.wrong = timedelta()

    def now(self) -> datetime:
        return self.real() + self.ahead

    def real(self) -> datetime:
        return datetime.now(UTC) + self.wrong

    def jump(self, hours: float) -> None:
        self.ahead += timedelta(hours=hours)


async def at_once(seconds: float) -> None:
    """What waits for its turn in chat does not wait here."""


class Nowhere:
    """Where webhooks of a test lead to that says nothing of them."""

    async def post(self, url: str, headers: Mapping[str, str], content: bytes, gone: Set[int]) -> None:
        raise Undelivered(Why.UNREACHABLE, temporary=True)


class House:
    """One running program (without its background), the world that it talks to, and a streamer who is connected."""

    def __init__(
        self, base: str, directory: Path, clock: HandClock, environment: Mapping[str, str] | None = None
    ) -> None:
        self.base = base
        self.clock = clock
        self.api: ASGIApp | None = None
        self._more = environment or {}
        self._directory = directory
        self._running = AsyncExitStack()
        self._neighbours: Neighbours | None = None
        self.services: Services = None  # type: ignore[assignment]
        self.outgoing: Outgoing = Nowhere()
        # Plain http: loading the world's certificates takes longer than most of what a test asks.
        self.http = httpx.AsyncClient(base_url=base, trust_env=False, timeout=10, verify=False)

    @property
    def neighbours(self) -> Neighbours:
        """The other instances; where there are some."""
        assert self._neighbours is not None
        return self._neighbours

    @property
    def settings(self) -> Settings:
        # Nobody answers on port 1, so the background stays asleep.
        return Settings.read({**environment(self.base, self._directory), "PORT": "1", **self._more})

    async def start(self) -> None:
        program = await self._running.enter_async_context(
            running_program(self.settings, clock=self.clock, pace=ChatPace(sleep=at_once), outgoing=self)
        )
        self.services = program.services
        self.api = program.api
        self._neighbours = program.neighbours

    async def post(self, url: str, headers: Mapping[str, str], content: bytes, gone: Set[int]) -> None:
        """To whatever is `outgoing` at that moment."""
        await self.outgoing.post(url, headers, content, gone)

    async def restart(self) -> None:
        """The process is gone and comes back: only what is on disk and on Twitch is left."""
        await self._running.aclose()
        await self.start()

    async def leave(self) -> None:
        """Stops the services; what is on disk stays for the next start, whoever makes it."""
        await self._running.aclose()

    async def close(self) -> None:
        await self.leave()
        await self.http.aclose()

    async def control(self, action: str, **wish: Any) -> Any:
        answer = await self.http.post(f"control/{action}", json=wish)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def fault(self, method: str, path: str, do: str, times: int = 1, **more: Any) -> None:
        await self.control("faults", method=method, path=path, do=do, times=times, **more)

    async def heal_twitch(self) -> None:
        await self.http.delete("control/faults")

    async def faults(self) -> Any:
        return (await self.http.get("control/faults")).json()["faults"]

    async def held(self) -> None:
        """Until Twitch holds a request back."""

        async def holding() -> bool:
            return any(rule["holding"] for rule in await self.faults())

        await until(holding, "a request to be held")

    async def delete_reward(self, login: str = "streamer") -> None:
        """The VIP reward is deleted on Twitch, behind our back."""
        channel = await self.services.store.channels.by_login(login)
        assert channel is not None
        account = await self.services.store.accounts.get(channel.id)
        assert account is not None
        assert account.tokens is not None
        answer = await self.http.delete(
            "helix/channel_points/custom_rewards",
            params={"broadcaster_id": channel.id, "id": channel.channel_point_reward_id},
            headers={"Authorization": f"Bearer {account.tokens.access_token}", "Client-Id": "sandbox-client-id"},
        )
        assert answer.status_code == 204, answer.text

    def poison(self, collection: str, record_id: str, name: str, value: object) -> None:
        """That field of that document can't be read any more."""
        with closing(sqlite3.connect(self._directory / "vip.db")) as file, file:
            changed = file.execute(
                f"UPDATE {collection} SET body = json_set(body, ?, ?) WHERE id = ?", (f"$.{name}", value, record_id)
            )
            assert changed.rowcount == 1

    async def sign_in(self, login: str) -> Person:
        """The same without a channel."""
        return await self.connect(login, connect=False)

    async def connect(self, login: str = "streamer", *, connect: bool = True, person_id: str = "") -> Person:
        """Signs in and connects the channel, by the same addresses that a browser walks; as `person_id` in a browser
        that is signed in already."""
        url = await self.services.accounts.authorize_url("a state", connect=connect, person_id=person_id)
        asked = {key: values[0] for key, values in parse_qs(urlsplit(url).query).items()}
        answer = await self.http.post("oauth2/authorize", data={**asked, "user": login})
        code = parse_qs(urlsplit(answer.headers["location"]).query)["code"][0]
        account = await self.services.accounts.complete(code, connect=connect)
        cookie = await self.services.access.sign_in(account.id)
        person = await self.services.access.person(f"vip={cookie}")
        assert person is not None
        return person

    async def rules(self, **rules: Any) -> None:
        """The streamer changes these, and the others are as they were."""
        streamer, channel = await self.connect(), await self.channel()
        await self.services.rule_book.change(streamer, streamer.id, replace(channel.rules, **rules))

    async def open(self, hours: float = 24, login: str = "streamer") -> Person:
        """A connected channel with its VIP reward."""
        person = await self.connect(login)
        await self.services.rewards.create_reward(person, person.id, RewardTerms("VIP for a day", 500, hours))
        return person

    async def redeemed(self, viewer: str, channel: str = "streamer", reward: str = "") -> TwitchRedemption:
        """A viewer redeems the reward of that title, or the first that is open, on Twitch; what an event would say of
        it."""
        made = await self.control("redeem", channel=channel, viewer=viewer, **({"reward": reward} if reward else {}))
        channel_id = next(one["id"] for one in (await self.world())["users"] if one["login"] == channel)
        return TwitchRedemption(
            id=made["id"],
            channel_id=channel_id,
            reward_id=made["reward_id"],
            reward_title=made["reward"],
            cost=made["cost"],
            user_id=next(one["id"] for one in (await self.world())["users"] if one["login"] == viewer),
            login=viewer,
            username=made["viewer_name"],
            status=TwitchStatus(made["status"]),
            redeemed_at=datetime.fromisoformat(made["redeemed_at"]),
        )

    async def redeem(self, viewer: str, channel: str = "streamer", reward: str = "") -> Redemption:
        """A viewer redeems, and the program has heard of it."""
        told = await self.redeemed(viewer, channel, reward)
        assert await self.services.intake.receive(told)
        done = await self.services.grant.redemption(told.id)
        assert done is not None
        return done

    async def world(self) -> Any:
        return (await self.http.get("control/world")).json()

    async def audit(self) -> Any:
        return (await self.http.get("control/audit")).json()

    async def vips(self, login: str = "streamer") -> set[str]:
        channels = (await self.world())["channels"]
        return {vip["login"] for one in channels if one["login"] == login for vip in one["vips"]}

    async def on_twitch(self, redemption_id: str) -> TwitchStatus:
        every = (await self.world())["redemptions"]
        return next(TwitchStatus(one["status"]) for one in every if one["id"] == redemption_id)

    async def live(self, viewer_id: str, channel_id: str = "1001") -> VipSession | None:
        return await self.services.store.sessions.live_of(channel_id, viewer_id)

    async def found_out(self, viewer_id: str = "3001", channel_id: str = "1001") -> None:
        """Why a badge is gone, once Twitch's lists have had the time to show a moderator."""
        self.clock.jump(SETTLES_AFTER / timedelta(hours=1))
        await self.services.reconcile.look(channel_id, viewer_id)

    async def channel(self, channel_id: str = "1001") -> Channel:
        channel = await self.services.store.channels.get(channel_id)
        assert channel is not None
        return channel

    async def actions(self, channel_id: str = "1001") -> list[str]:
        """What the audit log says, oldest first."""
        return [entry.action for entry in reversed(await self.services.store.audit.latest(channel_id, 100))]

    async def wrong(self) -> list[Finding]:
        """What the stored data, compared with itself, is found wrong in."""
        store: Any = self.services.store
        return list((await Verify(store, store, self.clock).run()).left)

    async def repair(self) -> None:
        store: Any = self.services.store
        await Verify(store, store, self.clock).run(repair=True)

    async def entries(self, channel_id: str = "1001") -> list[AuditEntry]:
        """The audit log's lines, newest first."""
        return await self.services.store.audit.latest(channel_id, 100)
