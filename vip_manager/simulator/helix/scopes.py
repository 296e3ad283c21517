"""Which scope lets one do what; any one of a tuple is enough (Twitch's scopes page)."""

READ_VIPS = ("channel:read:vips", "channel:manage:vips")
MANAGE_VIPS = ("channel:manage:vips",)
READ_POINTS = ("channel:read:redemptions", "channel:manage:redemptions")
MANAGE_POINTS = ("channel:manage:redemptions",)
READ_MODERATORS = ("moderation:read", "channel:manage:moderators")
MANAGE_MODERATORS = ("channel:manage:moderators",)
READ_MODERATED = ("user:read:moderated_channels",)
READ_CHAT = ("user:read:chat",)
BOT = ("user:bot",)
LETS_BOTS_IN = "channel:bot"
WRITE_CHAT = ("user:write:chat",)
ANNOUNCE = ("moderator:manage:announcements",)
