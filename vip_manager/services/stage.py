"""Twitch's side of the sandbox as a page is told it: what viewers see, what was asked, and Twitch's own audit.

Times are milliseconds since 1970 (UTC). There is nothing in it that is for somebody's eyes only: in the sandbox
everybody may stand behind the curtain.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from vip_manager.domain.unchanging import Unchanging
from vip_manager.services.written import millis


@dataclass(frozen=True, slots=True)
class Streamer:
    login: str
    username: str


@dataclass(frozen=True, slots=True)
class Viewer:
    """`vip` is empty, hand or api: who gave the badge."""

    id: str
    login: str
    username: str
    avatar_url: str
    points: int
    vip: str
    moderator: bool
    banned: bool


@dataclass(frozen=True, slots=True)
class TwitchReward:
    """`ours`: an application made it; `open`: it can be redeemed now."""

    id: str
    title: str
    cost: int
    open: bool
    ours: bool


@dataclass(frozen=True, slots=True)
class Queued:
    """A redemption as Twitch has it. `status` is UNFULFILLED, FULFILLED or CANCELED; `by` who settled it."""

    id: str
    username: str
    reward: str
    cost: int
    status: str
    by: str
    at: int


@dataclass(frozen=True, slots=True)
class Said:
    """A line of the chat; `streamer`: the channel's own, as whom VIP Manager speaks too."""

    id: str
    username: str
    text: str
    at: int
    streamer: bool
    answers: bool


@dataclass(frozen=True, slots=True)
class Evening:
    running: bool = False
    total: int = 0
    redeemed: int = 0
    refused: int = 0


@dataclass(frozen=True, slots=True)
class Verdict:
    """Twitch's own audit, in numbers. `problems` are sentences."""

    redemptions: int = 0
    fulfilled: int = 0
    given_back: int = 0
    open: int = 0
    permanent_touched: int = 0
    slowed_down: int = 0
    ok: bool = True
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class JournalLine:
    """`kind` is request, effect, event or fault; `status` an HTTP status as text; `tone` fault, bad, refused or
    empty."""

    id: str
    at: int
    kind: str
    text: str
    status: str
    tone: str


@dataclass(frozen=True, slots=True)
class TwitchPicture(Unchanging):
    """One channel on Twitch. `ahead` is by how many seconds the world's time runs ahead of ours; `mishaps` which
    switches are on; `chat` has its last lines, the newest first."""

    now: int = 0
    ahead: int = 0
    streamers: list[Streamer] = field(default_factory=list)
    channel_id: str = ""
    login: str = ""
    username: str = ""
    avatar_url: str = ""
    affiliate: bool = False
    live: bool = False
    seats: int = 0
    taken: int = 0
    sockets: int = 0
    rewards: list[TwitchReward] = field(default_factory=list)
    viewers: list[Viewer] = field(default_factory=list)
    queue: list[Queued] = field(default_factory=list)
    chat: list[Said] = field(default_factory=list)
    evening: Evening = field(default_factory=Evening)
    mishaps: list[str] = field(default_factory=list)
    verdict: Verdict = field(default_factory=Verdict)
    journal: list[JournalLine] = field(default_factory=list)


def twitch_picture(said: Mapping[str, Any], mishaps: list[str]) -> TwitchPicture:
    """From the simulator's answer (simulator/stage.py)."""
    channel = said["channel"]
    return TwitchPicture(
        now=_millis(said["now"]),
        ahead=round(said["offset_seconds"]),
        streamers=[Streamer(one["login"], _name(one["display_name"])) for one in said["streamers"]],
        channel_id=channel["id"],
        login=channel["login"],
        username=_name(channel["display_name"]),
        avatar_url=channel["avatar_url"],
        affiliate=bool(channel["broadcaster_type"]),
        live=channel["live"],
        seats=channel["vip_capacity"],
        taken=channel["vips"],
        sockets=channel["sockets"],
        rewards=[_reward(one) for one in said["rewards"]],
        viewers=[_viewer(one) for one in said["viewers"]],
        queue=[_queued(one) for one in said["redemptions"]],
        chat=[_said(one, channel["id"]) for one in reversed(said["chat"])],
        evening=Evening(**said["evening"]),
        mishaps=mishaps,
        verdict=Verdict(**said["audit"]),
        journal=[_line(one) for one in said["journal"]],
    )


def _name(name: str) -> str:
    """Of a deleted user Twitch shows none."""
    return name or "deleted user"


def _millis(text: str) -> int:
    return millis(datetime.fromisoformat(text))


def _reward(one: Mapping[str, Any]) -> TwitchReward:
    return TwitchReward(one["id"], one["title"], one["cost"], one["is_enabled"] and not one["is_paused"], one["ours"])


def _viewer(one: Mapping[str, Any]) -> Viewer:
    return Viewer(
        id=one["id"],
        login=one["login"],
        username=_name(one["display_name"]),
        avatar_url=one["avatar_url"],
        points=one["points"],
        vip=one["vip"],
        moderator=one["moderator"],
        banned=one["banned"],
    )


def _queued(one: Mapping[str, Any]) -> Queued:
    return Queued(
        id=one["id"],
        username=_name(one["viewer_name"]),
        reward=one["reward"],
        cost=one["cost"],
        status=one["status"],
        by=one["settled_by"],
        at=_millis(one["redeemed_at"]),
    )


def _said(one: Mapping[str, Any], channel_id: str) -> Said:
    return Said(
        id=one["id"],
        username=_name(one["display_name"]),
        text=one["text"],
        at=_millis(one["at"]),
        streamer=one["user_id"] == channel_id,
        answers=bool(one["reply_to"]),
    )


def _line(one: Mapping[str, Any]) -> JournalLine:
    return JournalLine(
        id=str(one["number"]),
        at=_millis(one["at"]),
        kind=one["kind"],
        text=one["text"],
        status=str(one["status"]),
        tone=one["tone"],
    )
