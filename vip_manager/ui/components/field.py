"""Form fields with their labels, and the switch."""

from typing import Any

import reflex as rx

from vip_manager.ui.auth_state import Site
from vip_manager.ui.components.button import unless


def field(
    label: Any,
    name: str,
    form: str,
    *,
    hint: Any = "",
    unit: Any = "",
    first: bool = False,
    here: Any = True,
    **props: Any,
) -> rx.Component:
    """A labelled input. `form` keeps ids apart. Where the last attempt failed on this field, and `here`, it says so,
    and points at the form's `error_line`, whose id is "<form>-error"."""
    id_ = f"{form}-{name}"
    wrong = (Site.error_field == name) & here
    has_hint, has_unit = (not isinstance(one, str) or one != "" for one in (hint, unit))
    hinted = f"{id_}-hint" if has_hint else ""
    extra = {"data-first": "true"} if first else {}
    control = rx.el.input(
        id=id_,
        name=name,
        class_name="field" + (" pr-16" if has_unit else ""),
        auto_complete=props.pop("auto_complete", "off"),
        aria_invalid=wrong,
        aria_describedby=rx.cond(wrong, f"{form}-error {hinted}".strip(), hinted),
        custom_attrs={"autoCapitalize": "off", "spellCheck": False, **extra},
        **props,
    )
    return rx.el.div(
        rx.el.label(label, html_for=id_, class_name="block text-sm font-medium mb-1.5"),
        rx.el.div(
            control,
            rx.el.span(
                unit,
                class_name="pointer-events-none absolute inset-y-0 right-3 grid place-items-center text-sm text-soft",
                custom_attrs={"aria-hidden": True},
            )
            if has_unit
            else None,
            class_name="relative",
        ),
        rx.el.p(hint, id=hinted, class_name="mt-1.5 text-xs text-soft") if has_hint else None,
    )


def switch(label: Any, on: Any, *, disabled: Any = None, **props: Any) -> rx.Component:
    if disabled is not None:
        props |= unless(disabled)
    return rx.el.button(
        type="button",
        role="switch",
        aria_checked=rx.cond(on, "true", "false"),
        aria_label=label,
        class_name="switch",
        **props,
    )
