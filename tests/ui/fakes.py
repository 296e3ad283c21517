"""Stand-ins for the services, as far as the pages call them."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from vip_manager.domain.api_token import TokenScope
from vip_manager.domain.channel import Channel
from vip_manager.domain.outbox import Why
from vip_manager.domain.reasons import EndReason, Refusal
from vip_manager.domain.rules import VipClock
from vip_manager.domain.session import SessionState
from vip_manager.domain.team import ALLOWED, May, Member, Role
from vip_manager.ports import TwitchUser
from vip_manager.services.access import NotAllowed, NotSignedIn, Person, Visit
from vip_manager.services.api_tokens import Listed
from vip_manager.services.changes import Changes
from vip_manager.services.dead_letters import Tried
from vip_manager.services.dry_run import Check, Passed, Result, Step
from vip_manager.services.form_tokens import FormTokens
from vip_manager.services.history import Asked, HistoryPage
from vip_manager.services.insights import Report
from vip_manager.services.leave import Farewell
from vip_manager.services.pictures import PublicPicture, StaffPicture, StaffReward, StaffVip
from vip_manager.services.stage import JournalLine, TwitchPicture

NOW = datetime(2026, 3, 1, tzinfo=UTC)
ANNA = Person("1", "anna", "Anna", "", True, False)
ENDED = "ended"
"""The id of a sign-in that is over."""

PEOPLE = {"vip=anna": ANNA, "vip=ben": Person("2", "ben", "Ben", "", True, False)}


def vip(session_id: str = "s1", **changes: Any) -> StaffVip:
    about: dict[str, Any] = {
        "session_id": session_id,
        "user_id": "9",
        "login": "mira",
        "username": "Mira",
        "avatar_url": "",
        "state": "active",
        "granted_at": 1_000,
        "expires_at": 3_601_000,
        "source": "reward",
        "reward_title": "VIP for a day",
        "given_by": "",
    }
    return StaffVip(**(about | changes))


PICTURE = StaffPicture(
    now=2_000,
    channel_id="1",
    login="anna",
    username="Anna",
    connected=True,
    connection="live",
    reward=StaffReward("r", "VIP for a day", 5000, "24", True),
    vips=[vip()],
)


@dataclass
class Fakes:
    """Every service in one object; `done` holds what was asked of it, `fails` what it raises instead."""

    sandbox: Any = None
    fails: Exception | None = None
    done: list[tuple[Any, ...]] = field(default_factory=list)
    changes: Changes = field(default_factory=Changes)
    picture: StaffPicture = field(default_factory=lambda: PICTURE)
    credits: tuple[str, ...] = ("first",)
    reward_id: str = "r"
    state: str = "active"
    refusal: Refusal | None = None
    hidden: set[tuple[str, str]] = field(default_factory=set)
    reachable: bool = True
    team: dict[tuple[str, str], Role] = field(default_factory=dict)
    """(channel's id, user's id) -> what they are there."""
    owners: frozenset[str] = frozenset({"1", "2"})
    """Who has a channel of their own."""
    rates: Any = None
    tried: Tried = field(default_factory=Tried)
    steps: Sequence[Step | Passed] = (*(Step(check, Result.PASSED) for check in Check), Passed(first=True))
    """What comes of a dry run."""
    settled: bool = True
    """What was paid for whoever's VIP ends."""
    link_number: int = 0
    board_off: bool = False
    not_delivered: Why | None = None
    found: HistoryPage = field(default_factory=HistoryPage)

    def __post_init__(self) -> None:
        self.access = self.board = self.channels = self.grant = self.expire = self.dead_letters = self.retire = self
        self.form_tokens = FormTokens(["a key of the tests"])
        self.gift = self.rule_book = self.waiting = self.rewards = self.roster = self
        self.visibility = self.departure = self.health = self.dry_run = self
        self.history = self.insights = self.api_tokens = self.overlays = self.hooks = self.chat = self
        self.clock = SimpleNamespace(real=lambda: NOW, now=lambda: NOW)
        self.asked: list[tuple[Any, ...]] = []

    async def person(self, cookie: str) -> Person | None:
        return PEOPLE.get(cookie)

    async def alive(self, sign_in_id: str) -> bool:
        return sign_in_id != ENDED

    async def require(self, cookie: str, channel_id: str, act: May) -> Visit:
        person = await self.person(cookie)
        if person is None:
            raise NotSignedIn
        role = Role.OWNER if person.id == channel_id else self.team.get((channel_id, person.id))
        if role is None or act not in ALLOWED[role]:
            raise NotAllowed(role)
        return Visit(person, channel_id, role)

    async def role(self, user_id: str, channel_id: str) -> Role | None:
        return Role.OWNER if user_id == channel_id else self.team.get((channel_id, user_id))

    async def channels_of(self, user_id: str) -> list[Channel]:
        served = [
            Channel(channel_id, channel_id, "", f"Channel {channel_id}", team=(Member(user_id, "", "", role, NOW),))
            for (channel_id, who), role in self.team.items()
            if who == user_id
        ]
        return [Channel(user_id, user_id, "", "Own"), *served] if served and user_id in self.owners else served

    async def moderators(self, channel_id: str) -> list[TwitchUser]:
        self.done.append(("moderators", channel_id))
        return [TwitchUser("7", "mod", "Mod"), TwitchUser("8", "nightbot", "Nightbot")]

    async def staff(self, channel_id: str) -> StaffPicture:
        return self.picture

    async def run(self, person: Person, channel_id: str) -> AsyncIterator[Step | Passed]:
        if self.fails:
            raise self.fails
        self.done.append(("run", person, channel_id))
        for step in self.steps:
            yield step

    async def try_all(self, person: Person, channel_id: str) -> Tried:
        self.done.append(("try_all", person, channel_id))
        return self.tried

    async def page(self, channel_id: str, asked: Asked, **places: str) -> HistoryPage:
        if self.fails:
            raise self.fails
        self.asked.append((channel_id, asked, places))
        return self.found

    async def report(self, channel_id: str, period: int, zone: str) -> Report:
        if self.fails:
            raise self.fails
        self.asked.append((channel_id, period, zone))
        return Report(period, zone, nothing=False)

    async def undoable(self, session: Any) -> bool:
        return session.state == SessionState.ENDED and self.settled

    async def listed(self, visit: Visit) -> list[Listed]:
        return [Listed("handle", "Stream Deck", TokenScope.READ, NOW, None, visit.person.username, True, True)]

    async def hides(self, channel_id: str, user_id: str) -> bool:
        return (channel_id, user_id) in self.hidden

    async def farewell(self, channel_id: str) -> Farewell:
        return Farewell(reachable=self.reachable, back=1, vips=2, rewards=1)

    async def add(self, person: Person, channel_id: str, *about: object) -> tuple[Any, str]:
        return await self.__getattr__("add")(person, channel_id, *about), "whsec_secret"

    async def new_secret(self, person: Person, channel_id: str, hook_id: str) -> tuple[Any, str]:
        return await self.__getattr__("new_secret")(person, channel_id, hook_id), "whsec_anew"

    async def try_out(self, person: Person, channel_id: str, hook_id: str) -> Why | None:
        await self.__getattr__("try_out")(person, channel_id, hook_id)
        return self.not_delivered

    async def link(self, channel_id: str) -> tuple[str, int]:
        return f"key-of-{channel_id}-{self.link_number}", self.link_number

    async def number(self, channel_id: str, key: str) -> int | None:
        return self.link_number if key == (await self.link(channel_id))[0] else None

    async def current(self, channel_id: str) -> int | None:
        return self.link_number

    async def overlay(self, channel_id: str) -> PublicPicture:
        return replace(await self.public(channel_id), off=False, username="Anna by link")

    async def shown(self, channel_id: str, key: str) -> PublicPicture:
        by_key = await self.number(channel_id, key) is not None
        return await (self.overlay if by_key else self.public)(channel_id)

    async def public(self, channel_id: str) -> PublicPicture:
        if self.board_off:
            return PublicPicture(now=self.picture.now, off=True)
        return PublicPicture(now=self.picture.now, login="anna", username="Anna")

    async def channel_id(self, login: str) -> str | None:
        return "1" if login == "anna" else None

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)

        async def act(*args: Any, **wishes: Any) -> Any:
            if self.fails:
                raise self.fails
            self.done.append((name, *args, *wishes.items()))
            return SimpleNamespace(
                id="9",
                username="Mira",
                state=self.state,
                live=False,
                end_reason=EndReason.BY_HAND,
                ended_at=NOW,
                granted_at=NOW,
                aside_at=None,
                clock=VipClock.STREAM,
                credits=self.credits,
                channel_point_reward_id=self.reward_id,
                reward_title="VIP",
                refusal=self.refusal,
                secret="vip_secret",
                token=SimpleNamespace(name="Stream Deck"),
                name="Stream Deck",
                host="hooks.example",
            )

        return act


LINE = JournalLine("1", 1_000, "effect", "Mira becomes VIP", "", "")
STAGE = TwitchPicture(now=2_000, channel_id="1", login="anna", username="Anna", seats=20, journal=[LINE])


@dataclass
class FakeSandbox:
    """Behind the curtain; `done` holds what was asked of it, `fails` what it raises instead."""

    fails: Exception | None = None
    done: list[tuple[Any, ...]] = field(default_factory=list)
    stirs: Changes = field(default_factory=Changes)
    shown: TwitchPicture = STAGE

    async def channel_id(self, login: str) -> str:
        self._may()
        return {"anna": "1", "ben": "2"}.get(login, "3")

    async def picture(self, channel_id: str) -> TwitchPicture:
        self._may()
        return self.shown

    def _may(self) -> None:
        if self.fails:
            raise self.fails

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)

        async def act(*args: Any) -> None:
            self._may()
            self.done.append((name, *args))

        return act
