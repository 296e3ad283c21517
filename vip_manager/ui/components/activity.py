"""One line of what happened: a template of `words`, filled in by the browser."""

from typing import Any

import reflex as rx

from vip_manager.domain.audit import Action
from vip_manager.domain.reasons import Refusal
from vip_manager.ui import happened_words
from vip_manager.ui.components.browser import Moment
from vip_manager.ui.components.button import icon
from vip_manager.ui.language import number, rich, t

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
    Action.TOKEN_MADE: ("key_round", "text-soft"),
    Action.TOKEN_REVOKED: ("key_round", "text-soft"),
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
        rx.el.p(
            _sentence(line),
            rx.cond(line.through, _through(line)),
            class_name="min-w-0 flex-1 text-soft [overflow-wrap:anywhere] [text-wrap:pretty]",
        ),
        rx.el.span(Moment.create(at=line.at, now=now), class_name="text-xs text-faint whitespace-nowrap pt-px"),
        class_name="flex gap-3 py-2.5",
        key=line.id,
        custom_attrs={"data-request": line.request},
    )


def trouble(code: Any) -> rx.Var[str]:
    """A sentence for what stands in the way: from a code, or as it came."""
    return rx.match(code, *((kind.value, t(text)) for kind, text in happened_words.TROUBLES.items()), code)


def refusal(code: Any) -> rx.Var[str]:
    """Why somebody was not made VIP."""
    return rx.match(code, *((reason.value, t(text)) for reason, text in happened_words.REFUSALS.items()), "")


def held(code: Any) -> rx.Var[str]:
    """What somebody waits for."""
    return rx.match(code, *((kind.value, t(text)) for kind, text in happened_words.HELD.items()), t("waits"))


def _sentence(line: Any) -> rx.Component:
    """One template, for whatever happened, and all that it may name."""
    return rich(
        _template(line),
        who=_name(line.username),
        actor=_name(line.actor),
        taker=rx.cond(line.taker != "", _name(line.taker), rx.el.span(t("somebody else"))),
        hours=line.hours,
        cost=number(line.cost),
        reward=line.reward_title,
        reason=refusal(line.reason),
        error=trouble(line.error),
        held=held(line.held_for),
        role=t(line.role),
        token=line.token,
    )


def _through(line: Any) -> rx.Component:
    """That a program of theirs did it."""
    said = rx.cond(line.token != "", t("Through the API, with “{token}”", token=line.token), t("Through the API"))
    return rx.el.span(said, class_name="block text-xs text-faint")


def _template(line: Any) -> rx.Var[str]:
    special = {
        Action.GRANTED: rx.cond(
            line.hours == "0",
            _either(happened_words.GRANTED_FOR_STREAM, line),
            _either(happened_words.HAPPENED[Action.GRANTED], line),
        ),
        Action.REFUSED: rx.match(
            line.reason,
            (Refusal.GIVEN_BACK.value, _either(happened_words.SAID_NO, line)),
            (Refusal.UNRECORDED.value, _either(happened_words.FOUND, line)),
            _either(happened_words.HAPPENED[Action.REFUSED], line),
        ),
        Action.POINTS_KEPT: rx.cond(
            line.reason == Refusal.UNRECORDED.value,
            _either(happened_words.ASKED, line),
            _either(happened_words.HAPPENED[Action.POINTS_KEPT], line),
        ),
        Action.ENDED: rx.match(
            line.reason,
            *((reason.value, _either(pair, line)) for reason, pair in happened_words.ENDED.items()),
            _either(happened_words.HAPPENED[Action.ENDED], line),
        ),
    }
    cases = {action: _either(pair, line) for action, pair in happened_words.HAPPENED.items()} | special
    return rx.match(line.action, *((action.value, template) for action, template in cases.items()), line.action)


def _either(pair: tuple[str, str], line: Any) -> Any:
    alone, by_somebody = pair
    return alone if alone == by_somebody else rx.cond(line.actor != "", by_somebody, alone)


def _name(name: Any) -> rx.Component:
    return rx.el.span(name, class_name="font-medium text-ink")
