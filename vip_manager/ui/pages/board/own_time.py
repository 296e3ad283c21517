"""A viewer's own time, by a link that names them. Who is not VIP, who asked not to be shown, and who does not exist,
are told the same: nobody finds out by a link what the board does not show."""

from typing import Any

import reflex as rx
from reflex_base.vars import VarData

from vip_manager.ui.components.avatar import avatar
from vip_manager.ui.components.browser import CopyAddress, Left, Moment
from vip_manager.ui.components.button import icon, look
from vip_manager.ui.components.vip import clock_of
from vip_manager.ui.language import rich, t
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
        avatar(vip.avatar_url, vip.username, "size-16 sm:size-24 2xl:size-32", "text-xl"),
        rx.el.div(
            rx.el.p(
                _said(vip, now),
                class_name="numbers text-lg sm:text-xl 2xl:text-[40px] 2xl:leading-tight [overflow-wrap:anywhere] "
                "text-balance [&_b]:font-bold",
            ),
            # Said above already; for screen readers with the exact end.
            rx.el.div(clock_of(vip, now), class_name="[&_.clock-words]:sr-only"),
            rx.el.div(
                rx.cond(
                    vip.expires_at > 0,
                    rx.el.p(
                        rich("Until {when}", when=Moment.create(at=vip.expires_at, now=now)),
                        class_name="text-soft numbers",
                        aria_hidden="true",
                    ),
                ),
                CopyAddress.create(
                    icon("link", 14),
                    path="/board/" + BoardPage.picture.login + "?viewer=" + vip.login,
                    class_name=look(small=True),
                ),
                class_name="flex flex-wrap items-center justify-between gap-x-4 gap-y-2",
            ),
            class_name="grid min-w-0 flex-1 gap-3",
        ),
        class_name="flex items-start max-sm:flex-col sm:items-center gap-4 sm:gap-6 rounded-lg border border-gem "
        "bg-gem-soft p-4 sm:p-6 max-sm:[&>div]:w-full",
        key=vip.user_id,
    )


def _said(vip: Any, now: Any) -> rx.Component:
    who = rx.el.b("@", vip.username)
    time = rx.el.b(Left.create(until=vip.expires_at, now=now, left=vip.left))
    return rx.cond(
        vip.state == "ending",
        rich("{who}'s VIP is ending", who=who),
        rx.cond(
            vip.expires_at > 0,
            rich("{who} is VIP for {left} more", who=who, left=time),
            rx.cond(
                vip.left != "",
                rich("{who} is VIP for {left} more, counted while the channel is live", who=who, left=time),
                rich("{who} is VIP until the stream ends", who=who),
            ),
        ),
    )


def _among(vips: Any, login: Any) -> Any:
    """Worked out in the browser, which may have the picture from elsewhere than the state."""
    return rx.Var(
        f"{vips!s}.some((one) => one.login === {login!s})",
        _var_type=bool,
        _var_data=VarData.merge(vips._get_all_var_data(), login._get_all_var_data()),
    )
