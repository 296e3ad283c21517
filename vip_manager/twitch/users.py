"""People: by id or login, and a channel's moderators. Moderators need the scope moderation:read.

An item that can't be read is left out of a list.

Source: https://dev.twitch.tv/docs/api/reference/#get-users and #get-moderators.
"""

from collections.abc import Sequence

from vip_manager.ports import TwitchUser
from vip_manager.twitch.helix import Endpoint, Helix
from vip_manager.twitch.wire import parse_badge_holder, parse_user

USERS = Endpoint("GET", "/users")
MODERATORS = Endpoint("GET", "/moderation/moderators")

MOST_AT_ONCE = 100


class Users:
    def __init__(self, helix: Helix) -> None:
        self._helix = helix

    async def users(self, as_user: str, ids: Sequence[str], logins: Sequence[str]) -> list[TwitchUser]:
        """Those that exist; at most 100 ids and logins together."""
        if len(ids) + len(logins) > MOST_AT_ONCE:
            raise ValueError(f"at most {MOST_AT_ONCE} users at once")
        if not ids and not logins:  # Twitch would answer with the token's own user.
            return []
        params = [*(("id", user) for user in ids), *(("login", login.lower()) for login in logins)]
        reply = await self._helix.call(USERS, as_user, params)
        return reply.json().readable("data", parse_user)

    async def moderators(self, channel_id: str, user_ids: Sequence[str]) -> list[TwitchUser]:
        """All, or those among at most 100 `user_ids`. The broadcaster is not among them."""
        if len(user_ids) > MOST_AT_ONCE:
            raise ValueError(f"at most {MOST_AT_ONCE} users at once")
        params = [("broadcaster_id", channel_id), ("first", "100"), *(("user_id", user) for user in user_ids)]
        holders = self._helix.items(MODERATORS, channel_id, params, parse_badge_holder, "user_id")
        return [holder async for holder in holders]

    async def ping(self) -> None:
        """Asks without a token: a 401 is an answer too. Raises TwitchUnavailable, RateLimited."""
        await self._helix.ping(USERS)

    async def knock(self) -> None:
        """Until anybody answers anything. Raises TwitchUnavailable where nobody does."""
        await self._helix.knock(USERS)

    async def resolve_logins(self, logins: Sequence[str]) -> dict[str, str]:
        """Lower-case login -> user id, of those that exist, by the program's own token."""
        wanted = sorted({login.lower() for login in logins})
        found: dict[str, str] = {}
        for start in range(0, len(wanted), MOST_AT_ONCE):
            params = [("login", login) for login in wanted[start : start + MOST_AT_ONCE]]
            reply = await self._helix.call_as_app(USERS, params)
            people = reply.json().readable("data", parse_user)
            found |= {person.login.lower(): person.id for person in people}
        return found
