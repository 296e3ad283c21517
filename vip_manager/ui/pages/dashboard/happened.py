"""What happened last."""

import reflex as rx

from vip_manager.ui.components.activity import activity_row
from vip_manager.ui.components.card import card, heading
from vip_manager.ui.language import t
from vip_manager.ui.pages.dashboard.state import Dashboard


def activity() -> rx.Component:
    lines = Dashboard.picture.activity
    return card(
        heading(t("Recent activity")),
        rx.cond(
            lines.length() > 0,
            rx.el.ol(
                rx.foreach(lines, lambda line: activity_row(line, Dashboard.picture.now)),
                class_name="mt-1 divide-y divide-line -mb-2 max-h-80 overflow-y-auto pr-1",
                tab_index=0,
                aria_label=t("Recent activity"),
            ),
            rx.el.p(t("Whatever happens with VIP on the channel is written down here."), class_name="text-soft"),
        ),
        class_name="px-4 py-3",
    )
