"""Somebody by what they are called on Twitch; from then on they are known by their id."""

import re

from vip_manager.domain.reasons import Refusal
from vip_manager.domain.terms import InvalidInput, parse_login
from vip_manager.ports import Twitch, TwitchUser
from vip_manager.services.refused import Refused


async def by_name(twitch: Twitch, channel_id: str, login: str) -> TwitchUser:
    """Asked with the channel's tokens. Raises InvalidInput, Refused, TwitchError."""
    found = await twitch.users(channel_id, logins=[parse_login(login)])
    if not found:
        raise Refused(Refusal.USER_NOT_FOUND)
    return found[0]


async def viewer_by_id(twitch: Twitch, channel_id: str, user_id: str) -> TwitchUser:
    """The same by Twitch's id. Raises InvalidInput, Refused, TwitchError."""
    if not re.fullmatch(r"\d{1,20}", user_id, re.ASCII):
        raise InvalidInput("user_id", "A Twitch id has digits only.")
    if user_id == channel_id:
        raise Refused(Refusal.BROADCASTER)
    found = await twitch.users(channel_id, ids=[user_id])
    if not found:
        raise Refused(Refusal.USER_NOT_FOUND)
    return found[0]


async def viewer_by_name(twitch: Twitch, channel_id: str, login: str) -> TwitchUser:
    """The same of whom the channel's owner can do something to: not to themselves."""
    viewer = await by_name(twitch, channel_id, login)
    if viewer.id == channel_id:
        raise Refused(Refusal.BROADCASTER)
    return viewer
