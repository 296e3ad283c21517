"""Buttons and links that look like them."""

from typing import Any

import reflex as rx

from vip_manager.ui.components.browser import plain_link
from vip_manager.ui.language import t

_SHAPE = (
    "inline-flex items-center justify-center gap-2 rounded-lg px-4 min-h-10 text-sm font-medium whitespace-nowrap "
    "max-[359px]:whitespace-normal transition-colors select-none aria-disabled:opacity-55 "
    "aria-disabled:cursor-not-allowed "
)
_SMALL = (
    "inline-flex items-center justify-center gap-1.5 rounded-lg px-3 min-h-9 text-xs font-medium whitespace-nowrap "
    "max-[359px]:whitespace-normal transition-colors select-none aria-disabled:opacity-55 "
    "aria-disabled:cursor-not-allowed "
)
_LOOKS = {
    "primary": "bg-gem text-on-gem hover:bg-gem-strong",
    "quiet": "border border-edge bg-surface text-ink hover:bg-raised",
    "ghost": "text-soft hover:bg-raised hover:text-ink",
    "danger": "border border-red text-red hover:bg-red-soft",
    "twitch": "bg-[var(--twitch)] text-white hover:brightness-110",
}


_TWITCH = (
    "M11.6 6h1.7v5h-1.7V6Zm4.6 0h1.7v5h-1.7V6ZM7 1 2.7 5.3v15.4h5.2V25l4.3-4.3h3.4l7.7-7.7V1H7Zm14.6 11.1-3.4 3.4h-3.5"
    "l-3 3v-3H7.9V2.7h13.7v9.4Z"
)
"""Twitch's glyph."""


def look(kind: str = "quiet", *, small: bool = False) -> str:
    """The classes of a button, for what is a link or comes from the browser's side."""
    return (_SMALL if small else _SHAPE) + _LOOKS[kind]


def icon(name: str, size: int = 16) -> rx.Component:
    """A lucide icon beside words: screen readers skip it."""
    return rx.icon(name, size=size, custom_attrs={"aria-hidden": True}, class_name="flex-none")


def spinner() -> rx.Component:
    return rx.el.span(
        class_name="spin inline-block size-3.5 flex-none rounded-full border-2 border-current border-t-transparent",
        custom_attrs={"aria-hidden": True},
    )


def button(
    label: Any,
    *,
    kind: str = "quiet",
    icon_name: str = "",
    small: bool = False,
    busy: Any = None,
    disabled: Any = None,
    class_name: str = "",
    **props: Any,
) -> rx.Component:
    """`busy` is a Var that says whether this very button's work is going on; `disabled`: see `unless`."""
    if disabled is not None:
        props |= unless(disabled)
    mark = icon(icon_name) if icon_name else None
    if busy is not None:
        mark = rx.cond(busy, spinner(), mark or rx.fragment())
    props.setdefault("type", "button")
    children = ([mark] if mark is not None else []) + [label if isinstance(label, rx.Component) else rx.el.span(label)]
    return rx.el.button(*children, class_name=f"{look(kind, small=small)} {class_name}".strip(), **props)


def unless(blocked: Any) -> dict[str, Any]:
    """Props of a button that can't be pressed while that is so, and keeps the keyboard's focus, which a disabled one
    would lose. That a press does nothing then, and a form isn't sent, is seen to by `assets/shell.jsx`."""
    if isinstance(blocked, bool):
        return {"aria_disabled": "true" if blocked else "false"}
    return {"aria_disabled": rx.cond(blocked, "true", "false")}


def icon_button(name: str, label: Any, *, disabled: Any = None, class_name: str = "", **props: Any) -> rx.Component:
    """`label` is what it does, for screen readers and on hover."""
    if disabled is not None:
        props |= unless(disabled)
    return rx.el.button(
        icon(name, 18),
        type="button",
        aria_label=label,
        title=label,
        class_name="grid size-9 flex-none place-items-center rounded-lg text-soft transition-colors "
        f"hover:bg-raised hover:text-ink aria-disabled:opacity-55 {class_name}".strip(),
        **props,
    )


def sign_in(label: Any = None, *, connect: bool = False, after: str = "/dashboard") -> rx.Component:
    """The one purple thing on a page."""
    ask = "connect=channel&" if connect else ""
    return plain_link(
        _twitch_mark(),
        rx.el.span(t("Sign in with Twitch") if label is None else label),
        href=f"/api/auth/login?{ask}next={after}",
        class_name=look("twitch") + " px-5 min-h-11",
    )


def _twitch_mark() -> rx.Component:
    return rx.el.svg(
        rx.el.path(d=_TWITCH),
        view_box="0 0 26 26",
        width="18",
        height="18",
        fill="currentColor",
        custom_attrs={"aria-hidden": True},
    )
