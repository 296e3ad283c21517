"""The page of the team: whom the owner named, and what each may do."""

import reflex as rx

from vip_manager.ui.channel_frame import channel_frame, connection_trouble, headline, navigation, page_error
from vip_manager.ui.pages.team.state import Team


def team() -> rx.Component:
    return channel_frame(_team(), enter=Team.enter)


def _team() -> rx.Component:
    return rx.el.div(
        navigation("team"),
        headline("Team"),
        connection_trouble(),
        page_error(False),
        class_name="grid gap-4 py-6",
    )
