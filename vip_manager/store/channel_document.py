"""A channel <-> its document: what the streamer has chosen stands in it as maps of its own."""

from vip_manager.domain.channel import Channel, Hidden, SpareReward, Tier
from vip_manager.domain.chat import ChatLine, ChatSettings
from vip_manager.domain.gap import Gap
from vip_manager.domain.hook import Hook, HookForm
from vip_manager.domain.leaving import Leaving
from vip_manager.domain.notice import Event
from vip_manager.domain.rules import Blocked, Rules, VipClock, WhenFull, WhenVip
from vip_manager.domain.stream import Stream
from vip_manager.domain.team import Member, Role
from vip_manager.store.fields import Document, Fields
from vip_manager.store.sealing import Sealer, Unsealable

_RULES = Rules()
_CHAT = ChatSettings()


def write_channel(channel: Channel, sealer: Sealer) -> Document:
    return {
        "ownerId": channel.owner_id,
        "channelPointRewardId": channel.channel_point_reward_id,
        "vipDuration": channel.vip_duration,
        "enabled": channel.enabled,
        "refundAfter": channel.refund_after,
        "login": channel.login,
        "username": channel.username,
        "avatarUrl": channel.avatar_url,
        "rewardTitle": channel.reward_title,
        "rewardCost": channel.reward_cost,
        "rewardPaused": channel.reward_paused,
        "spareRewards": [{"id": one.id, "title": one.title, "cost": one.cost} for one in channel.spare_rewards],
        "tiers": [
            {
                "id": one.id,
                "title": one.title,
                "cost": one.cost,
                "hours": one.hours,
                "paused": one.paused,
                "since": one.since,
            }
            for one in channel.tiers
        ],
        "rules": _write_rules(channel.rules),
        "stream": {
            "liveSince": channel.stream.live_since,
            "offAt": channel.stream.off_at,
            "seenAt": channel.stream.seen_at,
            "offBy": channel.stream.off_by,
        },
        "seatsLearned": channel.seats_learned,
        "closedForFull": channel.closed_for_full,
        "closedTiers": list(channel.closed_tiers),
        "catchUpAt": channel.catch_up_at,
        "caughtUpAt": channel.caught_up_at,
        "team": [
            {
                "id": one.id,
                "login": one.login,
                "username": one.username,
                "role": one.role.value,
                "since": one.since,
                "avatarUrl": one.avatar_url,
            }
            for one in channel.team
        ],
        "boardOff": channel.board_off,
        "hidden": [
            {"id": one.id, "login": one.login, "username": one.username, "by": one.by} for one in channel.hidden
        ],
        "leaving": _write_leaving(channel.leaving),
        "welcomed": channel.welcomed,
        "overlayNumber": channel.overlay_number,
        "chat": _write_chat(channel.chat),
        "hooks": [_write_hook(channel.id, one, sealer) for one in channel.hooks],
        "gap": _write_gap(channel.gap),
    }


def read_channel(fields: Fields, sealer: Sealer, version: str) -> Channel:
    """Raises BrokenDocument."""
    stream = fields.nested("stream")
    return Channel(
        id=fields.id,
        owner_id=fields.text("ownerId", fields.id),
        login=fields.text("login", ""),
        username=fields.text("username", ""),
        avatar_url=fields.text("avatarUrl", ""),
        channel_point_reward_id=fields.text("channelPointRewardId", ""),
        reward_title=fields.text("rewardTitle", ""),
        reward_cost=fields.integer("rewardCost", 0),
        vip_duration=fields.number("vipDuration", 24.0),
        enabled=fields.flag("enabled", True),
        refund_after=fields.number("refundAfter", 24.0),
        reward_paused=fields.flag("rewardPaused", False),
        spare_rewards=tuple(
            SpareReward(one.text("id"), one.text("title", ""), one.integer("cost", 0))
            for one in fields.maps("spareRewards")
        ),
        tiers=tuple(
            Tier(
                one.text("id", ""),
                one.text("title", ""),
                one.integer("cost", 0),
                one.number("hours"),
                one.flag("paused", False),
                one.maybe_moment("since"),
            )
            for one in fields.maps("tiers")
        ),
        rules=_read_rules(fields.nested("rules")),
        stream=Stream(
            stream.maybe_moment("liveSince"),
            stream.maybe_moment("offAt"),
            stream.maybe_moment("seenAt"),
            stream.maybe_moment("offBy"),
        ),
        seats_learned=fields.integer("seatsLearned", 0),
        closed_for_full=fields.flag("closedForFull", False),
        closed_tiers=tuple(fields.texts("closedTiers")),
        catch_up_at=fields.maybe_moment("catchUpAt"),
        caught_up_at=fields.maybe_moment("caughtUpAt"),
        team=tuple(
            Member(
                one.text("id"),
                one.text("login", ""),
                one.text("username", ""),
                # No default: a role that can't be read lets nobody in.
                one.choice("role", Role),
                one.moment("since"),
                one.text("avatarUrl", ""),
            )
            for one in fields.maps("team")
        ),
        board_off=fields.flag("boardOff", False),
        hidden=tuple(
            Hidden(one.text("id"), one.text("login", ""), one.text("username", ""), one.text("by", ""))
            for one in fields.maps("hidden")
        ),
        leaving=_read_leaving(fields.nested("leaving")),
        # One with a reward that was written before there was such a field has been at work.
        welcomed=fields.flag("welcomed", bool(fields.text("channelPointRewardId", ""))),
        overlay_number=fields.integer("overlayNumber", 0),
        chat=_read_chat(fields.nested("chat")),
        hooks=tuple(_read_hook(fields.id, one, sealer) for one in fields.maps("hooks")),
        gap=_read_gap(fields.nested("gap")),
        version=version,
    )


def _write_gap(gap: Gap | None) -> Document | None:
    return {"since": gap.since, "until": gap.until, "closedAt": gap.closed_at} if gap else None


def _read_gap(fields: Fields) -> Gap | None:
    since = fields.maybe_moment("since")
    return Gap(since, fields.moment("until"), fields.maybe_moment("closedAt")) if since else None


def _write_leaving(leaving: Leaving | None) -> Document | None:
    if leaving is None:
        return None
    return {
        "since": leaving.since,
        "endVips": leaving.end_vips,
        "deleteData": leaving.delete_data,
        "withoutTwitch": leaving.without_twitch,
        "leftAt": leaving.left_at,
    }


def _read_leaving(fields: Fields) -> Leaving | None:
    since = fields.maybe_moment("since")
    if since is None:
        return None
    return Leaving(
        since,
        end_vips=fields.flag("endVips", False),
        delete_data=fields.flag("deleteData", False),
        without_twitch=fields.flag("withoutTwitch", False),
        left_at=fields.maybe_moment("leftAt"),
    )


def _write_chat(chat: ChatSettings) -> Document:
    return {
        "on": chat.on,
        "lines": [{"event": one.event.value, "on": one.on, "template": one.template} for one in chat.lines],
        "soonMinutes": chat.soon_minutes,
        "answers": chat.answers,
    }


def _read_chat(fields: Fields) -> ChatSettings:
    return ChatSettings(
        on=fields.flag("on", _CHAT.on),
        lines=tuple(
            ChatLine(one.choice("event", Event), one.flag("on", False), one.text("template", ""))
            for one in fields.maps("lines")
        ),
        soon_minutes=fields.integer("soonMinutes", _CHAT.soon_minutes),
        answers=fields.flag("answers", _CHAT.answers),
    )


def _hook_binding(channel_id: str, hook_id: str) -> str:
    return f"channels/{channel_id}/hooks/{hook_id}"


def _write_hook(channel_id: str, hook: Hook, sealer: Sealer) -> Document:
    return {
        "id": hook.id,
        "form": hook.form.value,
        "madeAt": hook.made_at,
        "url": sealer.seal(hook.url, _hook_binding(channel_id, hook.id)),
        "events": sorted(hook.events),
        "on": hook.on,
        "number": hook.number,
        "stopped": hook.stopped,
        "name": hook.name,
    }


def _read_hook(channel_id: str, fields: Fields, sealer: Sealer) -> Hook:
    hook_id = fields.text("id")
    try:
        url = sealer.open(fields.text("url", ""), _hook_binding(channel_id, hook_id))
    except Unsealable:
        # Sealed with a secret that is gone: it has to be typed again.
        url = ""
    known = {one.value for one in Event}
    return Hook(
        hook_id,
        fields.choice("form", HookForm),
        fields.moment("madeAt"),
        url,
        frozenset(Event(one) for one in fields.texts("events") if one in known),
        fields.flag("on", True),
        fields.integer("number", 0),
        fields.text("stopped", ""),
        fields.text("name", ""),
    )


def _write_rules(rules: Rules) -> Document:
    return {
        "whenVip": rules.when_vip.value,
        "mostHoursAhead": rules.most_hours_ahead,
        "whenFull": rules.when_full.value,
        "seats": rules.seats,
        "seatsKeptFree": rules.seats_kept_free,
        "waitHours": rules.wait_hours,
        "protectedHours": rules.protected_hours,
        "closeWhenFull": rules.close_when_full,
        "clock": rules.clock.value,
        "approval": rules.approval,
        "approvalHours": rules.approval_hours,
        "pauseHours": rules.pause_hours,
        "blocked": [{"id": one.id, "login": one.login, "username": one.username} for one in rules.blocked],
    }


def _read_rules(fields: Fields) -> Rules:
    return Rules(
        when_vip=fields.choice("whenVip", WhenVip, _RULES.when_vip),
        most_hours_ahead=fields.number("mostHoursAhead", _RULES.most_hours_ahead),
        when_full=fields.choice("whenFull", WhenFull, _RULES.when_full),
        seats=fields.integer("seats", _RULES.seats),
        seats_kept_free=fields.integer("seatsKeptFree", _RULES.seats_kept_free),
        wait_hours=fields.number("waitHours", _RULES.wait_hours),
        protected_hours=fields.number("protectedHours", _RULES.protected_hours),
        close_when_full=fields.flag("closeWhenFull", _RULES.close_when_full),
        clock=fields.choice("clock", VipClock, _RULES.clock),
        approval=fields.flag("approval", _RULES.approval),
        approval_hours=fields.number("approvalHours", _RULES.approval_hours),
        pause_hours=fields.number("pauseHours", _RULES.pause_hours),
        blocked=tuple(
            Blocked(one.text("id"), one.text("login", ""), one.text("username", "")) for one in fields.maps("blocked")
        ),
    )
