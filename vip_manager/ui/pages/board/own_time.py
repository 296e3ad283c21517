"""A viewer's own time, by a link that names them. Who is not VIP, who asked not to be shown, and who does not exist,
are told the same: nobody finds out by a link what the board does not show."""

from typing import Any

import reflex as rx
from reflex_base.vars import VarData

from vip_manager.ui.components.avatar import avatar
from vip_manager.ui.components.button import icon
from vip_manager.ui.components.vip import clock_of
from vip_manager.ui.language import t
from vip_manager.ui.pages.board.state import BoardPage


def own_time() -> rx.Component:
    picture = BoardPage.picture
    return rx.el.section(
        rx.cond(
            _among(picture.vips, BoardPage.viewer),
            rx.foreach(picture.vips, lambda vip: rx.cond(vip.login == BoardPage.viewer, _large(vip, picture.now))),
            rx.el.p(
                icon("search", 18),
                t("@{who} is not shown as VIP here right now.", who=BoardPage.viewer),
                class_name="flex items-center gap-2 rounded-lg border border-line bg-surface p-4 "
                "[overflow-wrap:anywhere]",
            ),
        ),
        aria_label=t("The time of @{who}", who=BoardPage.viewer),
        class_name="mt-8",
    )


def _large(vip: Any, now: Any) -> rx.Component:
    return rx.el.div(
        avatar(vip.avatar_url, vip.username, "size-16 sm:size-24", "text-xl"),
        rx.el.div(
            rx.el.p(vip.username, class_name="text-xl font-bold [overflow-wrap:anywhere]"),
            clock_of(vip, now),
            class_name="grid min-w-0 flex-1 gap-2",
        ),
        class_name="flex items-center gap-4 sm:gap-6 rounded-lg border border-gem bg-gem-soft p-4 sm:p-6",
        key=vip.user_id,
    )


def _among(vips: Any, login: Any) -> Any:
    """Worked out in the browser, which may have the picture from elsewhere than the state."""
    return rx.Var(
        f"{vips!s}.some((one) => one.login === {login!s})",
        _var_type=bool,
        _var_data=VarData.merge(vips._get_all_var_data(), login._get_all_var_data()),
    )
