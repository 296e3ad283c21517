"""What a subscription may be about, and whether the one it is about has allowed it.

Sources: https://dev.twitch.tv/docs/eventsub/eventsub-subscription-types/ and .../manage-subscriptions/ (cost).
"""

from collections.abc import Mapping
from typing import Any

from vip_manager.simulator.eventsub.kinds import KINDS
from vip_manager.simulator.helix.answers import HelixError
from vip_manager.simulator.helix.scopes import LETS_BOTS_IN
from vip_manager.simulator.records import AccessToken
from vip_manager.simulator.world import World


def checked_condition(world: World, kind: str, condition: Any) -> dict[str, str]:
    """With every key that the type knows, empty where nothing was asked. Raises HelixError."""
    if not isinstance(condition, Mapping) or not all(isinstance(value, str) for value in condition.values()):
        raise HelixError(400, "condition must be an object of texts")
    about, optional = KINDS[kind].about, KINDS[kind].optional
    readers = [KINDS[kind].reader] if KINDS[kind].reader else []
    if strange := sorted(set(condition) - {about, *readers, *optional}):
        raise HelixError(400, f"the condition of {kind} has no {', '.join(strange)}")
    for name in (about, *readers):
        value = condition.get(name, "")
        if not value or (name != "client_id" and world.living_user(value) is None):
            raise HelixError(400, f"the {name} in condition is not valid")
    return {name: condition[name] for name in (about, *readers)} | {name: condition.get(name, "") for name in optional}


def authorised(world: World, token: AccessToken, kind: str, condition: dict[str, str]) -> None:
    """On a socket the token itself must have the scope; for a webhook it is enough that the user has allowed it to the
    client, with whatever token. Raises HelixError."""
    wanted = KINDS[kind]
    subject = condition[wanted.reader or wanted.about]
    allowed = True
    if wanted.as_app and token.user_id is None:
        allowed = _read_as_app(world, token.client_id, kind, condition)
    elif wanted.about == "client_id":
        allowed = subject == token.client_id
    elif wanted.scopes and token.user_id is None:
        grant = world.grant(token.client_id, subject)
        allowed = grant is not None and not set(wanted.scopes).isdisjoint(grant.scopes)
    elif wanted.scopes:
        allowed = subject == token.user_id and not set(wanted.scopes).isdisjoint(token.scopes)
    if not allowed:
        raise HelixError(403, "subscription missing proper authorization")


def _read_as_app(world: World, client_id: str, kind: str, condition: dict[str, str]) -> bool:
    """The reader lets the app be them, and the channel lets it in, or has the reader as a moderator
    (https://dev.twitch.tv/docs/eventsub/eventsub-subscription-types/#channelchatmessage)."""
    wanted = KINDS[kind]
    reader, broadcaster = condition[wanted.reader or wanted.about], condition[wanted.about]
    of_reader, of_channel = world.grant(client_id, reader), world.grant(client_id, broadcaster)
    let_in = of_channel is not None and LETS_BOTS_IN in of_channel.scopes
    at_home = reader in world.channel(broadcaster).moderators
    reads = of_reader is not None and set(of_reader.scopes) >= {*wanted.scopes, *wanted.as_app}
    return reads and (let_in or at_home)


def cost_of(world: World, client_id: str, kind: str, condition: dict[str, str]) -> int:
    """Free where a user must allow the type, or the one it is about has allowed this client anything."""
    wanted = KINDS[kind]
    return 0 if wanted.scopes or world.grant(client_id, condition[wanted.about]) else 1
