"""404."""

import reflex as rx

from vip_manager.ui import guard, live
from vip_manager.ui.auth_state import Site
from vip_manager.ui.components.button import look
from vip_manager.ui.components.card import centre
from vip_manager.ui.language import t
from vip_manager.ui.template import page


class Lost(Site):
    @rx.event
    @guard.public
    async def enter(self) -> None:
        await self._greet()
        await live.leave(self)


def lost() -> rx.Component:
    return page(
        rx.el.div(
            centre(
                "compass",
                t("There is nothing at this address"),
                rx.el.p(t("The page may have moved, or the address has a slip in it."), class_name="mt-2 text-soft"),
                rx.el.div(
                    rx.el.a(t("To the start"), href="/", class_name=look("quiet")),
                    class_name="mt-6 flex gap-2",
                ),
                tone="text-soft bg-raised",
            ),
            class_name="py-16",
        )
    )
