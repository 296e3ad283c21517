"""A written world read: one that the simulator saved, or the few lines that a person wrote.

A person may leave out whatever has a default, and write logins and rewards' titles in place of ids:

    {"format": 1, "users": ["anna", {"login": "bob"}], "channels": [{"login": "anna", "vips": ["bob"], "live": true}]}

A redemption may be {"channel": "anna", "viewer": "bob", "reward": "VIP", "status": "CANCELED"}. Who is only named
somewhere is a user as well, who has a channel is an affiliate, and a login that was known before keeps its id.
"""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import Any

from vip_manager.simulator import first_world, ledger
from vip_manager.simulator.eventsub.kinds import KINDS
from vip_manager.simulator.records import (
    BY_API,
    BY_HAND,
    CANCELED,
    FULFILLED,
    UNFULFILLED,
    Badge,
    Channel,
    Client,
    Redemption,
    Reward,
    User,
)
from vip_manager.simulator.world_bounds import check_bounds
from vip_manager.simulator.world_file import READABLE
from vip_manager.simulator.world_form import BadWorld, items, mapping, only, record, text, value, whole
from vip_manager.simulator.world_parts import HINTS, KEYED, NAMES, Parts, key_of
from vip_manager.simulator.world_people import People

_CHANNEL = ("id", "login", "broadcaster_type", "live", *(one.name for one in fields(Channel) if one.name != "id"))
_NAMED = {"channel": "channel_id", "viewer": "user_id", "reward": "reward_id", "user": "user_id"}
_OWNED = ("grants", "codes", "access_tokens", "refresh_tokens", "webhooks")


def read_world(state: Mapping[str, Any], before: Parts, now: str, *, saved: bool = False) -> Parts:
    """`before` is the world whose logins keep their ids and whose clients their secrets. One that was `saved` is taken
    as it is, so that the audit finds what is wrong with it; in one that a person wrote, points are as that person wants
    them. Raises BadWorld."""
    only(state, ("format", *NAMES), "")
    if state.get("format", READABLE[0]) not in READABLE:
        raise BadWorld("format", f"must be {' or '.join(map(str, READABLE))}.")
    people = People(state.get("users", []), before.users.values(), now)
    parts = Parts(clients=_clients(state, before))
    channels = [_channel(one, place, people, parts, now) for one, place in _rows(state, "channels")]
    parts.channels = _by_key("channels", Channel, channels)
    _of_one_channel(channels)
    redemptions = [_redemption(one, place, people, parts, now) for one, place in _rows(state, "redemptions")]
    parts.redemptions = _by_key("redemptions", Redemption, redemptions)
    _ledgers(state, parts, now, saved=saved)
    for name in NAMES:
        if name in state and name not in ("clients", "users", "channels", "redemptions"):
            setattr(parts, name, _part(name, state[name], people, parts))
    check_bounds(parts, saved=saved)
    parts.users = people.users
    return parts


def _rows(state: Mapping[str, Any], name: str) -> Iterable[tuple[dict[str, Any], str]]:
    for index, one in enumerate(items(state.get(name, []), name)):
        yield mapping(one, f"{name}[{index}]"), f"{name}[{index}]"


def _by_key(name: str, kind: type, records: Iterable[Any]) -> dict[str, Any]:
    key, found = key_of(kind), {}
    for index, one in enumerate(records):
        if key(one) in found:
            raise BadWorld(f"{name}[{index}]", "is there twice.")
        found[key(one)] = one
    return found


def _clients(state: Mapping[str, Any], before: Parts) -> dict[str, Client]:
    if "clients" not in state:
        return {client.id: client for client in first_world.clients()}
    made = []
    for row, place in _rows(state, "clients"):
        old = before.clients.get(str(row.get("id")))
        made.append(record(Client, {**({"secret": old.secret} if old else {}), **row}, place))
    return _by_key("clients", Client, made)


def _part(name: str, given: Any, people: People, parts: Parts) -> Any:
    rows = given
    if name in _OWNED:
        rows = [_owned(row, place, people, parts) for row, place in _rows({name: given}, name)]
    for index, row in enumerate(rows if name == "webhooks" else ()):
        if text(row.get("type"), f"{name}[{index}].type") not in KINDS:
            raise BadWorld(f"{name}[{index}].type", "is no type of event here.")
    if name in KEYED:
        return _by_key(name, KEYED[name], value(list[KEYED[name]], rows, name))  # type: ignore[valid-type]
    return value(HINTS[name], rows, name)


def _owned(given: dict[str, Any], place: str, people: People, parts: Parts) -> dict[str, Any]:
    row = _long_names(given, place)
    if text(row.get("client_id"), f"{place}.client_id") not in parts.clients:
        raise BadWorld(f"{place}.client_id", "there is no such client.")
    if row.get("user_id") is not None:
        user = people.find(row["user_id"], f"{place}.user_id")
        if user.deleted:
            raise BadWorld(f"{place}.user_id", f"“{user.login}” is deleted, and allows nothing any more.")
        row["user_id"] = user.id
    return row


def _channel(row: dict[str, Any], place: str, people: People, parts: Parts, now: str) -> Channel:
    only(row, _CHANNEL, place)
    name = "id" if "id" in row else "login"
    if name not in row:
        raise BadWorld(f"{place}.login", "is missing.")
    owner = people.find(row[name], f"{place}.{name}")
    people.streams(owner, row.get("broadcaster_type"), f"{place}.broadcaster_type")
    full = {key: one for key, one in row.items() if key not in ("login", "broadcaster_type", "live")}
    full |= {
        "id": owner.id,
        "moderators": _named(row, "moderators", place, people),
        "bans": _named(row, "bans", place, people),
        "vips": dict(_vips(row, place, people)),
        "balances": _by_name(row, "balances", place, people),
        "rewards": _rewards(row.get("rewards", []), f"{place}.rewards", parts),
    }
    for history in ("vip_changes", "ledger"):
        full[history] = _with_ids(row.get(history, []), f"{place}.{history}", people)
    _live(row, full, place, now)
    made: Channel = record(Channel, full, place)
    _possible(made, owner, place)
    return made


def _named(row: Mapping[str, Any], name: str, place: str, people: People) -> list[str]:
    given = items(row.get(name, []), f"{place}.{name}")
    found = [people.find(one, f"{place}.{name}[{index}]").id for index, one in enumerate(given)]
    return list(dict.fromkeys(found))


def _by_name(row: Mapping[str, Any], name: str, place: str, people: People) -> dict[str, Any]:
    given = mapping(row.get(name, {}), f"{place}.{name}")
    return {
        people.find(one, f"{place}.{name}.{one}").id: whole(n, f"{place}.{name}.{one}", 0) for one, n in given.items()
    }


def _vips(row: Mapping[str, Any], place: str, people: People) -> Iterable[tuple[str, dict[str, Any]]]:
    """A list means given by hand; an object says by whom each badge was given, in a word or as it is saved."""
    given = row.get("vips", [])
    if isinstance(given, list):
        yield from ((user_id, {"by": BY_HAND}) for user_id in _named(row, "vips", place, people))
        return
    for name, one in mapping(given, f"{place}.vips").items():
        here = f"{place}.vips.{name}"
        badge = one if isinstance(one, dict) else {"by": one}
        if badge.get("by") not in (BY_HAND, BY_API):
            raise BadWorld(here, f"must be {BY_HAND} or {BY_API}.")
        record(Badge, badge, here)
        yield people.find(name, here).id, badge


def _rewards(given: Any, place: str, parts: Parts) -> dict[str, dict[str, Any]]:
    """A list, or an object by id as it is saved. Without `client_id` it is one made in Twitch's own dashboard."""
    rows = list(given.values()) if isinstance(given, dict) else items(given, place)
    found: dict[str, dict[str, Any]] = {}
    titles: set[str] = set()
    for index, one in enumerate(rows):
        here = f"{place}[{index}]"
        row = {"id": str(uuid.uuid4()), "client_id": None, "cost": 100, **mapping(one, here)}
        reward: Reward = record(Reward, row, here)
        if reward.client_id is not None and reward.client_id not in parts.clients:
            raise BadWorld(f"{here}.client_id", "there is no such client.")
        if reward.id in found or reward.title.casefold() in titles:
            raise BadWorld(here, f"“{reward.title}” is there twice.")
        titles.add(reward.title.casefold())
        found[reward.id] = row
    return found


def _of_one_channel(channels: Iterable[Channel]) -> None:
    taken: set[str] = set()
    for index, channel in enumerate(channels):
        if both := taken & channel.rewards.keys():
            raise BadWorld(f"channels[{index}].rewards", f"“{min(both)}” is the id of another channel's reward.")
        taken |= channel.rewards.keys()


def _with_ids(given: Any, place: str, people: People) -> list[dict[str, Any]]:
    rows = [mapping(one, f"{place}[{index}]") for index, one in enumerate(items(given, place))]
    return [
        {**row, "user_id": people.find(row["user_id"], f"{place}[{index}].user_id").id} if "user_id" in row else row
        for index, row in enumerate(rows)
    ]


def _live(row: Mapping[str, Any], full: dict[str, Any], place: str, now: str) -> None:
    live = row.get("live")
    if live is not None:
        if "live_since" in row or not isinstance(live, bool):
            raise BadWorld(f"{place}.live", "must be true or false, and not beside “live_since”.")
        full["live_since"] = now if live else None
    if full.get("live_since") and not full.get("stream_id"):
        full["stream_id"] = str(uuid.uuid4().int % 10**11)


def _possible(channel: Channel, owner: User, place: str) -> None:
    """Nobody is two things at once that Twitch allows only one of (roles.py)."""
    if owner.id in {*channel.vips, *channel.moderators, *channel.bans}:
        raise BadWorld(place, f"{owner.login} can't be VIP, moderator or banned in their own channel.")
    for words, one, other in (
        ("VIP and moderator", channel.vips, channel.moderators),
        ("VIP and banned", channel.vips, channel.bans),
        ("moderator and banned", channel.moderators, channel.bans),
    ):
        if both := set(one) & set(other):
            raise BadWorld(place, f"user {min(both)} can't be {words} at once.")


def _redemption(given: dict[str, Any], place: str, people: People, parts: Parts, now: str) -> Redemption:
    row = _long_names(given, place)
    for name in ("channel_id", "user_id", "reward_id"):
        if name not in row:
            raise BadWorld(f"{place}.{name}", "is missing.")
    row["channel_id"] = people.find(row["channel_id"], f"{place}.channel_id").id
    row["user_id"] = people.find(row["user_id"], f"{place}.user_id").id
    wanted = text(row["reward_id"], f"{place}.reward_id")
    rewards = parts.channels[row["channel_id"]].rewards.values() if row["channel_id"] in parts.channels else ()
    reward = next((one for one in rewards if wanted == one.id or wanted.casefold() == one.title.casefold()), None)
    # One that is deleted by now is known by what its redemption says of it.
    if reward is None and "reward_title" not in row:
        raise BadWorld(f"{place}.reward_id", f"there is no reward “{wanted}” in that channel.")
    of_reward: dict[str, Any] = {"reward_prompt": ""}
    if reward is not None:
        of_reward = {"reward_title": reward.title, "reward_prompt": reward.prompt, "cost": reward.cost}
        row["reward_id"] = reward.id
    status = row.get("status", UNFULFILLED)
    if status not in (UNFULFILLED, FULFILLED, CANCELED):
        raise BadWorld(f"{place}.status", f"must be {UNFULFILLED}, {FULFILLED} or {CANCELED}.")
    usual = {"id": str(uuid.uuid4()), "status": status, "redeemed_at": now, "times_settled": int(status != UNFULFILLED)}
    made: Redemption = record(Redemption, {**usual, **of_reward, **row}, place)
    return made


def _long_names(given: Mapping[str, Any], place: str) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for name, one in given.items():
        long = _NAMED.get(name, name)
        if long in row:
            raise BadWorld(f"{place}.{name}", f"says again what “{long}” says.")
        row[long] = one
    return row


def _ledgers(state: Mapping[str, Any], parts: Parts, now: str, *, saved: bool) -> None:
    for row, channel in zip(state.get("channels", []), list(parts.channels.values()), strict=True):
        if "ledger" not in row:
            _told(channel, parts, now)
        elif not saved:
            ledger.accept_balances(channel, now)
    for channel_id in {one.channel_id for one in parts.redemptions.values()} - parts.channels.keys():
        parts.channels[channel_id] = Channel(channel_id)
        _told(parts.channels[channel_id], parts, now)


def _told(channel: Channel, parts: Parts, now: str) -> None:
    ledger.tell_from(channel, [one for one in parts.redemptions.values() if one.channel_id == channel.id], now)
