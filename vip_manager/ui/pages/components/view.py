"""Every component in every state, to be looked at: in the sandbox only."""

import reflex as rx

from vip_manager.ui.auth_state import Site
from vip_manager.ui.components.card import skeleton
from vip_manager.ui.language import t
from vip_manager.ui.pages.components import basics, forms, people, surfaces
from vip_manager.ui.pages.components.state import Components
from vip_manager.ui.pages.sandbox.view import real
from vip_manager.ui.template import page


def components() -> rx.Component:
    return page(
        rx.cond(
            Components.loaded,
            _all(),
            rx.cond(Site.ready & ~Site.sandbox, rx.el.div(real(), class_name="py-12 sm:py-20"), _loading()),
        ),
        forms.dialogs(),
    )


def _all() -> rx.Component:
    return rx.el.div(
        rx.el.div(
            rx.el.h1(t("Components"), class_name="text-xl font-bold tracking-tight"),
            rx.el.p(
                t("All that the pages are built of, in each state. What is changed here changes nothing elsewhere."),
                class_name="mt-1 max-w-3xl text-soft",
            ),
        ),
        _pair(basics.colours(), basics.type_scale()),
        _pair(basics.buttons(), _column(basics.icons(), basics.avatars())),
        _pair(forms.fields(), _column(forms.switches(), forms.openings())),
        forms.rules(),
        _pair(
            _column(surfaces.banners(), surfaces.counters(), surfaces.loading()),
            _column(surfaces.cards(), surfaces.steps()),
        ),
        people.rewards(),
        people.clocks(),
        people.vips(),
        people.activity(),
        class_name="grid grid-cols-[minmax(0,1fr)] gap-4 py-6",
    )


def _column(*shelves: rx.Component) -> rx.Component:
    return rx.el.div(*shelves, class_name="grid min-w-0 content-start gap-4")


def _pair(one: rx.Component, other: rx.Component) -> rx.Component:
    return rx.el.div(one, other, class_name="grid grid-cols-[minmax(0,1fr)] gap-4 lg:grid-cols-2")


def _loading() -> rx.Component:
    return rx.el.div(
        rx.el.p(t("Loading the components"), class_name="sr-only", role="status"),
        skeleton("h-14 w-80 max-w-full"),
        _pair(skeleton("h-96"), skeleton("h-96")),
        class_name="grid gap-4 py-6",
    )
