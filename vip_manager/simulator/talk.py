"""What is said in a channel's chat, by whomever: kept, and told to whoever listens.

Source of the event: https://dev.twitch.tv/docs/eventsub/eventsub-reference/#channel-chat-message-event.
"""

from typing import Any

from vip_manager.simulator.chat import Line
from vip_manager.simulator.moments import rfc3339
from vip_manager.simulator.records import Channel, User
from vip_manager.simulator.shapes import event_broadcaster, shown_login, shown_name
from vip_manager.simulator.simulation import Simulation

KIND = "channel.chat.message"


def say(
    sim: Simulation,
    channel: Channel,
    sender: User,
    text: str,
    *,
    reply_to: str = "",
    announcement: str = "",
    source: User | None = None,
) -> Line:
    """`source` is the streamer in whose chat it was said where two channels share theirs. An announcement is another
    type of event, which is not made here."""
    line = sim.chat.say(
        channel.id,
        at=rfc3339(sim.world.now()),
        user_id=sender.id,
        login=sender.login,
        text=text,
        reply_to=reply_to,
        announcement=announcement,
    )
    sim.journal.effect("chat", channel=channel.id, user=sender.id, text=text)
    if not announcement:
        sim.hub.publish(KIND, channel.id, _event(sim, channel, sender, line, source))
    return line


def _event(sim: Simulation, channel: Channel, sender: User, line: Line, source: User | None) -> dict[str, Any]:
    broadcaster = sim.world.users[channel.id]
    shared = event_broadcaster(source) if source else {}
    return {
        **event_broadcaster(broadcaster),
        **{f"source_{name}": shared.get(name) for name in event_broadcaster(broadcaster)},
        "chatter_user_id": sender.id,
        "chatter_user_login": shown_login(sender),
        "chatter_user_name": shown_name(sender),
        "message_id": line.id,
        "source_message_id": None,
        "is_source_only": None,
        "message": {
            "text": line.text,
            "fragments": [{"type": "text", "text": line.text, "cheermote": None, "emote": None, "mention": None}],
        },
        "color": "",
        "badges": _badges(channel, sender),
        "source_badges": None,
        "message_type": "text",
        "cheer": None,
        "reply": {"parent_message_id": line.reply_to} if line.reply_to else None,
        "channel_points_custom_reward_id": None,
        "channel_points_animation_id": None,
    }


def _badges(channel: Channel, sender: User) -> list[dict[str, str]]:
    worn = {
        "broadcaster": sender.id == channel.id,
        "moderator": sender.id in channel.moderators,
        "vip": sender.id in channel.vips,
    }
    return [{"set_id": name, "id": "1", "info": ""} for name, wears in worn.items() if wears]
