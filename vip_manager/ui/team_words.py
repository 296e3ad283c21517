"""Words for roles and for what each may do: the page of the team and docs/permissions.md say it with these."""

from vip_manager.domain.sentence import Sentence
from vip_manager.domain.team import May, Role
from vip_manager.ui.language import message

ROLES: dict[Role, str] = {
    Role.OWNER: "Whose channel it is.",
    Role.MANAGER: "Runs the channel as the owner would.",
    Role.HELPER: "Keeps it going while the stream is on.",
}

MAYS: dict[May, str] = {
    May.SEE: "See everything: who is VIP, what waits, the rewards and rules, and what happened",
    May.DECIDE: "Decide about what waits or failed, and give points back",
    May.GIVE: "Give VIP, and more hours",
    May.END: "End VIP early, make it permanent, put a permanent VIP on a clock",
    May.REWARDS: "Make, change and delete rewards, and turn them on and off",
    May.RULES: "Change the rules and the block list",
    May.BOARD: "Choose what the public sees",
    May.TEAM: "Add people to the team, and take them off it",
    May.HOOKS: "Add and remove webhooks, which tell other programs what happens",
    May.DATA: "Download all data, leave VIP Manager, delete everything",
}


NAMES: dict[Role, str] = {
    Role.OWNER: message("owner"),
    Role.MANAGER: message("manager"),
    Role.HELPER: message("helper"),
}
"""Inside a sentence. They are what a state holds of a role, so a page may say `t(ChannelPage.role)`."""

TITLES: dict[Role, str] = {
    Role.OWNER: "Owner",
    Role.MANAGER: "Manager",
    Role.HELPER: "Helper",
}
"""By itself."""


def named(role: Role) -> Sentence:
    """Inside another sentence."""
    return Sentence(NAMES[role])


def off_team(channel: str) -> Sentence:
    """What somebody reads whose part in that channel has ended."""
    return Sentence(
        "You are not on the team of {channel} any more, so nothing of the channel is shown to you.",
        {"channel": channel},
    )


def has_left(channel: str) -> Sentence:
    """What its team reads when a channel has left."""
    return Sentence(
        "{channel} has left VIP Manager, so nothing of the channel is shown to its team any more.", {"channel": channel}
    )


def now_a(role: Role, channel: str) -> Sentence:
    """What somebody reads whose part in that channel has changed."""
    return Sentence(
        "You are a {role} of {channel} now. This page shows what you may do.", {"role": named(role), "channel": channel}
    )
