"""Language and colours. Both are kept in the browser, so they are there for whoever may do nothing else here."""

import reflex as rx

from vip_manager.ui.components.browser import ColorMode
from vip_manager.ui.components.button import look
from vip_manager.ui.components.rule import rule
from vip_manager.ui.language import Language, t


def looks() -> rx.Component:
    return rule(
        t("Language and looks"),
        t("For you, in this browser. Dates and numbers are written as in your language."),
        rx.el.div(
            Language.create(label=t("Language"), class_name="field slim-field sm:max-w-56"),
            ColorMode.create(class_name=look() + " justify-start"),
            class_name="flex flex-wrap items-center gap-3",
        ),
        section=True,
    )
