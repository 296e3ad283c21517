"""The journal in words for people: who did what to whom, a sentence a line. What has no words yet is shown as it is."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qs

from vip_manager.simulator.points import CANCELED, FULFILLED
from vip_manager.simulator.records import BY_HAND
from vip_manager.simulator.shapes import shown_name
from vip_manager.simulator.world import World

Line = Mapping[str, Any]

_REDEMPTION = "channel.channel_points_custom_reward_redemption"
_REWARD = "channel.channel_points_custom_reward"
_PICTURES = "/avatars/"

_ASKED = {
    ("POST", "/channels/vips"): "make {user} VIP",
    ("DELETE", "/channels/vips"): "take VIP from {user}",
    ("GET", "/channels/vips"): "who is VIP?",
    ("GET", "/moderation/moderators"): "who is a moderator?",
    ("GET", "/custom_rewards/redemptions"): "which redemptions are there?",
    ("PATCH", "/custom_rewards/redemptions"): "settle the redemption of {redeemer}",
    ("GET", "/custom_rewards"): "which rewards are there?",
    ("POST", "/custom_rewards"): "make a reward",
    ("PATCH", "/custom_rewards"): "change the reward",
    ("DELETE", "/custom_rewards"): "delete the reward",
    ("GET", "/users"): "who is that?",
    ("GET", "/streams"): "is the stream live?",
    ("POST", "/subscriptions"): "tell me of events",
    ("GET", "/subscriptions"): "of which events am I told?",
    ("DELETE", "/subscriptions"): "tell me of that no more",
    ("POST", "/token"): "a token, please",
    ("GET", "/validate"): "is this token good?",
    ("POST", "/revoke"): "forget this token",
    ("GET", "/authorize"): "a person comes to sign in",
    ("POST", "/authorize"): "a person decides",
    ("GET", "/ws"): "open a socket for events",
}

_FAULTS = {
    "status": "answers with an error instead",
    "delay": "takes its time",
    "silence": "never answers",
    "cut": "hangs up before doing anything",
    "lose_answer": "does it, and the answer gets lost",
    "kill_token": "lets the token die",
    "pass": "holds on",
    "duplicate": "tells it twice",
    "twin": "tells it under two names",
    "late": "tells it late",
    "reorder": "tells it out of order",
    "drop": "forgets to tell it",
}

_TOLD = {
    f"{_REDEMPTION}.add": "somebody redeemed",
    f"{_REDEMPTION}.update": "a redemption was settled",
    f"{_REWARD}.add": "there is a new reward",
    f"{_REWARD}.update": "a reward changed",
    f"{_REWARD}.remove": "a reward is gone",
    "channel.vip.add": "there is a new VIP",
    "channel.vip.remove": "somebody is no longer VIP",
    "channel.moderator.add": "there is a new moderator",
    "channel.moderator.remove": "somebody is no longer a moderator",
    "stream.online": "the stream is live",
    "stream.offline": "the stream is over",
}


def is_a_picture(line: Line) -> bool:
    """Avatars that browsers fetch: not worth a line."""
    return line["kind"] == "request" and _PICTURES in str(line.get("path", ""))


def sentence(world: World, line: Line) -> str:
    kind = line["kind"]
    if kind == "request":
        return _request(world, line)
    if kind == "fault":
        return f"Twitch {_FAULTS.get(str(line.get('do')), str(line.get('do')))}: {_met(world, line)}"
    if kind == "event":
        return _told(world, line)
    tell = _EFFECTS.get(str(line.get("what")))
    return tell(world, line) if tell else str(line.get("what", kind))


def tone(line: Line) -> str:
    """fault, bad (an error of Twitch's), refused (a no to us), or nothing worth a colour."""
    status = line.get("status")
    if line["kind"] == "fault":
        return "fault"
    if line["kind"] != "request" or not isinstance(status, int) or status < 400:
        return ""
    return "bad" if status >= 500 or status == 429 else "refused"


def _request(world: World, line: Line) -> str:
    method, path = str(line.get("method", "")), str(line.get("path", ""))
    for (wanted, end), words in _ASKED.items():
        if method == wanted and path.endswith(end):
            query = parse_qs(str(line.get("query", "")))
            redemption = world.redemptions.get(query.get("id", [""])[0])
            return words.format(
                user=_name(world, query.get("user_id", [""])[0]),
                redeemer=_name(world, redemption.user_id if redemption else ""),
            )
    return f"{method} {path}".strip()


def _met(world: World, line: Line) -> str:
    if "path" in line:
        return _request(world, line)
    return _told(world, line)


def _told(world: World, line: Line) -> str:
    if line.get("message_type", "notification") != "notification":
        return str(line["message_type"]).replace("_", " ")
    what = str(line.get("type", line.get("event", "")))
    return _TOLD.get(what, what)


def _name(world: World, user_id: object) -> str:
    user = world.users.get(str(user_id))
    return (shown_name(user) or "deleted user") if user else "somebody"


def _redeemed(world: World, line: Line) -> str:
    redemption = world.redemptions.get(str(line.get("redemption")))
    who = _name(world, line.get("user"))
    return f"{who} redeems “{redemption.reward_title}” for {redemption.cost:,}" if redemption else f"{who} redeems"


def _settled(world: World, line: Line) -> str:
    redemption = world.redemptions.get(str(line.get("redemption")))
    who = _name(world, line.get("user"))
    by = " by hand" if redemption and redemption.settled_by == BY_HAND else ""
    if line.get("status") == FULFILLED:
        return f"the redemption of {who} is done{by}"
    if line.get("status") == CANCELED:
        return f"{who} gets {redemption.cost if redemption else 0:,} points back{by}"
    return f"the redemption of {who} changed"


def _hours(seconds: object) -> str:
    whole = float(seconds) if isinstance(seconds, int | float) else 0.0
    if whole < 90:
        return f"{whole:.0f} s"
    return f"{whole / 60:.0f} min" if whole < 5400 else f"{whole / 3600:.1f} h"


def _of_user(words: str) -> Callable[[World, Line], str]:
    return lambda world, line: words.format(user=_name(world, line.get("user")))


def _vip(words: str) -> Callable[[World, Line], str]:
    def told(world: World, line: Line) -> str:
        return words.format(user=_name(world, line.get("user"))) + (" by hand" if line.get("by") == BY_HAND else "")

    return told


def _reward(words: str) -> Callable[[World, Line], str]:
    return lambda world, line: words.format(title=line.get("title", ""))


_EFFECTS: dict[str, Callable[[World, Line], str]] = {
    f"{_REDEMPTION}.add": _redeemed,
    f"{_REDEMPTION}.update": _settled,
    f"{_REWARD}.add": _reward("the reward “{title}” is made"),
    f"{_REWARD}.update": _reward("the reward “{title}” is changed"),
    f"{_REWARD}.remove": _reward("the reward “{title}” is gone"),
    "channel.vip.add": _vip("{user} becomes VIP"),
    "channel.vip.remove": _vip("{user} is no longer VIP"),
    "channel.moderator.add": _of_user("{user} becomes a moderator"),
    "channel.moderator.remove": _of_user("{user} is no longer a moderator"),
    "ban": _of_user("{user} is banned"),
    "unban": _of_user("{user} may come back"),
    "viewer": _of_user("{user} comes by for the first time"),
    "authorize": _of_user("{user} lets the program act"),
    "token": _of_user("a token for {user}"),
    "app token": lambda world, line: "a token for the program itself",
    "revoke": _of_user("a token of {user} is revoked"),
    "tokens expired": _of_user("the tokens of {user} die"),
    "disconnect": _of_user("{user} disconnects the program"),
    "user deleted": lambda world, line: f"the account of {line.get('login')} is deleted",
    "user restored": lambda world, line: f"the account of {line.get('login')} is there again",
    "channel": lambda world, line: f"{_name(world, line.get('channel'))} changes the channel",
    "stream.online": lambda world, line: f"{_name(world, line.get('channel'))} is live",
    "stream.offline": lambda world, line: f"{_name(world, line.get('channel'))} goes offline",
    "jump": lambda world, line: f"time jumps {_hours(line.get('seconds'))} ahead",
    "lag": lambda world, line: (
        f"the VIP list lags {line['seconds']:g} s behind" if line.get("seconds") else "the VIP list is up to date"
    ),
    "token killed": _of_user("a token of {user} dies"),
    "user.update": _of_user("{user} has another name"),
    "sockets dropped": lambda world, line: "Twitch closes the socket",
    "sockets asked to move": lambda world, line: "Twitch asks for another socket",
    "revoked": lambda world, line: "Twitch ends a subscription",
    "storm": lambda world, line: "Twitch tells everything again",
    "chat": lambda world, line: "somebody writes in the chat",
    "points": _of_user("the points of {user} are set"),
    "evening.begun": lambda world, line: "a busy evening begins",
    "evening.over": lambda world, line: (
        f"the evening is over: {line.get('redeemed', 0)} redeemed, {line.get('refused', 0)} refused"
    ),
}
