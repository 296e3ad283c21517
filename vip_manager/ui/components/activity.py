"""One line of what happened: a template of `words`, filled in by the browser."""

import re
from typing import Any

import reflex as rx

from vip_manager.domain.audit import Action
from vip_manager.domain.reasons import Refusal
from vip_manager.services.pictures import ActivityLine
from vip_manager.ui import words
from vip_manager.ui.components.browser import Moment
from vip_manager.ui.components.button import icon
from vip_manager.ui.language import t

_ICONS = {
    Action.GRANTED: ("gem", "text-gem-text"),
    Action.EXTENDED: ("plus", "text-gem-text"),
    Action.ENDED: ("log_out", "text-soft"),
    Action.REFUSED: ("circle_slash", "text-amber"),
    Action.REFUNDED: ("undo_2", "text-amber"),
    Action.POINTS_KEPT: ("circle_alert", "text-amber"),
    Action.TAKEN_BACK: ("undo_2", "text-amber"),
    Action.MODDED: ("shield", "text-amber"),
    Action.REWARD_CLOSED: ("circle_pause", "text-amber"),
    Action.REWARD_STAYS: ("circle_alert", "text-amber"),
    Action.REWARD_LOST: ("circle_alert", "text-red"),
    Action.PUT_OFF: ("clock_alert", "text-amber"),
    Action.HELD: ("hourglass", "text-soft"),
    Action.APPROVED: ("check", "text-soft"),
    Action.SEAT_TAKEN: ("arrow_left_right", "text-amber"),
    Action.CLOCKED: ("timer", "text-gem-text"),
    Action.BLOCKED: ("ban", "text-soft"),
    Action.REDEEMED: ("ticket", "text-soft"),
    Action.TEAM_NAMED: ("user_plus", "text-soft"),
    Action.TEAM_ROLE: ("user_cog", "text-soft"),
    Action.TEAM_DISMISSED: ("user_minus", "text-soft"),
    Action.TEAM_LEFT: ("user_minus", "text-soft"),
}
"""Whatever is not here gets the dot."""


def activity_row(line: Any, now: Any) -> rx.Component:
    return rx.el.li(
        rx.el.span(
            rx.match(
                line.action,
                *((action.value, rx.el.span(icon(name), class_name=tone)) for action, (name, tone) in _ICONS.items()),
                rx.el.span(icon("circle_dot"), class_name="text-faint"),
            ),
            class_name="mt-0.5 flex-none",
        ),
        rx.el.p(_sentence(line), class_name="min-w-0 flex-1 text-soft [overflow-wrap:anywhere]"),
        rx.el.span(Moment.create(at=line.at, now=now), class_name="text-xs text-faint whitespace-nowrap pt-px"),
        class_name="flex gap-3 py-2.5",
        key=line.id,
    )


def trouble(code: Any) -> rx.Var[str]:
    """A sentence for what stands in the way: from a code, or as it came."""
    return rx.match(code, *((kind.value, t(text)) for kind, text in words.TROUBLES.items()), code)


def refusal(code: Any) -> rx.Var[str]:
    """Why somebody was not made VIP."""
    return rx.match(code, *((reason.value, t(text)) for reason, text in words.REFUSALS.items()), "")


def held(code: Any) -> rx.Var[str]:
    """What somebody waits for."""
    return rx.match(code, *((kind.value, text) for kind, text in words.HELD.items()), "waits")


def _sentence(line: Any) -> rx.Component:
    plain = [one for one in words.HAPPENED.items() if one[0] not in (Action.ENDED, Action.GRANTED, Action.REFUSED)]
    cases = [(action.value, _either(pair, line)) for action, pair in plain]
    granted = rx.cond(
        line.hours == "0", _either(words.GRANTED_FOR_STREAM, line), _either(words.HAPPENED[Action.GRANTED], line)
    )
    refused = rx.cond(
        line.reason == Refusal.GIVEN_BACK.value,
        _either(words.SAID_NO, line),
        _either(words.HAPPENED[Action.REFUSED], line),
    )
    ended = rx.match(
        line.reason,
        *((reason.value, _either(pair, line)) for reason, pair in words.ENDED.items()),
        _either(words.HAPPENED[Action.ENDED], line),
    )
    return rx.match(
        line.action,
        *cases,
        (Action.GRANTED.value, granted),
        (Action.ENDED.value, ended),
        (Action.REFUSED.value, refused),
        rx.fragment(line.action),
    )


def _either(pair: tuple[str, str], line: Any) -> rx.Component:
    alone, by_somebody = pair
    if alone == by_somebody:
        return _filled(alone, line)
    return rx.cond(line.actor != "", _filled(by_somebody, line), _filled(alone, line))


def _filled(template: str, line: ActivityLine) -> rx.Component:
    values = {
        "who": lambda: _name(line.username),
        "actor": lambda: _name(line.actor),
        "hours": lambda: rx.el.span(line.hours, class_name="numbers"),
        "reward": lambda: rx.el.span(line.reward_title),
        "cost": lambda: rx.el.span(line.cost.to(str), class_name="numbers"),
        "reason": lambda: refusal(line.reason),
        "error": lambda: trouble(line.error),
        "held": lambda: held(line.held_for),
        "role": lambda: rx.el.span(line.role),
        "taker": lambda: rx.cond(line.taker != "", _name(line.taker), "somebody else"),
    }
    parts = re.split(r"\{(\w+)\}", template)
    return rx.el.span(*(values[part]() if odd % 2 else part for odd, part in enumerate(parts) if part))


def _name(name: Any) -> rx.Component:
    return rx.el.span(name, class_name="font-medium text-ink")
