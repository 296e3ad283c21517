"""Which scope lets one do what; any one of a tuple is enough (Twitch's scopes page)."""

READ_VIPS = ("channel:read:vips", "channel:manage:vips")
MANAGE_VIPS = ("channel:manage:vips",)
READ_POINTS = ("channel:read:redemptions", "channel:manage:redemptions")
MANAGE_POINTS = ("channel:manage:redemptions",)
READ_MODERATORS = ("moderation:read", "channel:manage:moderators")

EVENTS: dict[str, tuple[str, ...]] = {
    "channel.channel_points_custom_reward_redemption.add": READ_POINTS,
    "channel.channel_points_custom_reward_redemption.update": READ_POINTS,
    "channel.channel_points_custom_reward.add": READ_POINTS,
    "channel.channel_points_custom_reward.update": READ_POINTS,
    "channel.channel_points_custom_reward.remove": READ_POINTS,
    "channel.vip.add": READ_VIPS,
    "channel.vip.remove": READ_VIPS,
    "channel.moderator.add": ("moderation:read",),
    "channel.moderator.remove": ("moderation:read",),
    "stream.online": (),
    "stream.offline": (),
}
