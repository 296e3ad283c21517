"""Words for what lines of the history are about."""

from vip_manager.domain.history import Topic

TOPICS: dict[Topic, str] = {
    Topic.GIVEN: "VIP given and extended",
    Topic.ENDED: "VIP that ended",
    Topic.REDEEMED: "Redemptions",
    Topic.POINTS: "Refusals and points given back",
    Topic.DECISIONS: "Decisions and trouble",
    Topic.REWARDS: "Rewards and seats",
    Topic.CHANNEL: "Rules, board and channel",
    Topic.TEAM: "Team and sign-ins",
}
