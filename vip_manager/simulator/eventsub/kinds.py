"""The subscription types of this simulator: their condition and who must have allowed them.

Source: https://dev.twitch.tv/docs/eventsub/eventsub-subscription-types/, all of version "1".
"""

from dataclasses import dataclass
from typing import Literal

from vip_manager.simulator.helix.scopes import BOT, READ_CHAT, READ_POINTS, READ_VIPS

VERSION = "1"


@dataclass(frozen=True)
class Kind:
    """`about` names the condition that says whom it is about; `scopes`: any one is enough, none means free to all.
    `reader` names the condition that says as whom it is read: then it is that user who must have allowed it, and to an
    app token `as_app` too, in a channel that lets the app in."""

    about: Literal["broadcaster_user_id", "user_id", "client_id"] = "broadcaster_user_id"
    optional: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()
    reader: Literal["", "user_id"] = ""
    as_app: tuple[str, ...] = ()

    @property
    def webhook_only(self) -> bool:
        return self.about == "client_id"


_REDEMPTION = "channel.channel_points_custom_reward_redemption"
_REWARD = "channel.channel_points_custom_reward"
_FOR_ONE_REWARD = Kind(optional=("reward_id",), scopes=READ_POINTS)

KINDS: dict[str, Kind] = {
    f"{_REDEMPTION}.add": _FOR_ONE_REWARD,
    f"{_REDEMPTION}.update": _FOR_ONE_REWARD,
    f"{_REWARD}.add": Kind(scopes=READ_POINTS),
    f"{_REWARD}.update": _FOR_ONE_REWARD,
    f"{_REWARD}.remove": _FOR_ONE_REWARD,
    "channel.vip.add": Kind(scopes=READ_VIPS),
    "channel.vip.remove": Kind(scopes=READ_VIPS),
    "channel.moderator.add": Kind(scopes=("moderation:read",)),
    "channel.moderator.remove": Kind(scopes=("moderation:read",)),
    "channel.chat.message": Kind(scopes=READ_CHAT, reader="user_id", as_app=BOT),
    "stream.online": Kind(),
    "stream.offline": Kind(),
    "user.update": Kind("user_id"),
    "user.authorization.grant": Kind("client_id"),
    "user.authorization.revoke": Kind("client_id"),
}
