"""What is filled in, chosen, asked and opened."""

import reflex as rx

from vip_manager.ui.components.banner import error_line
from vip_manager.ui.components.browser import Left
from vip_manager.ui.components.button import button, icon, look
from vip_manager.ui.components.dialog import dialog, question
from vip_manager.ui.components.field import field, switch
from vip_manager.ui.components.keys import Keys
from vip_manager.ui.components.menu import ROW, menu
from vip_manager.ui.components.rule import choice, rule, tick
from vip_manager.ui.language import rich, t
from vip_manager.ui.pages.components.basics import OFF, ON
from vip_manager.ui.pages.components.shelf import shelf, thing
from vip_manager.ui.pages.components.state import Components


def fields() -> rx.Component:
    return shelf(
        t("Fields"),
        field(t("Name"), "title", "sample", placeholder=t("a viewer's name")),
        field(t("VIP for"), "hours", "sample", unit=t("hours"), hint=t("Empty: no limit."), default_value="24"),
        field(
            t("Cost"), "cost", "sample", unit=t("points"), default_value=t("a lot"), hint=t("Wrong, and said below.")
        ),
        error_line(id_="sample-error"),
        field(t("Disabled"), "off", "sample", unit=t("seats"), default_value="20", disabled=True),
    )


def switches() -> rx.Component:
    return shelf(
        t("Switches and choices"),
        thing(
            t("On, off, and not to be changed"),
            switch(t("On"), ON),
            switch(t("Off"), OFF),
            switch(t("On, and not to be changed"), ON, disabled=True),
            switch(t("Off, and not to be changed"), OFF, disabled=True),
        ),
        thing(
            t("One of several"),
            choice("sample", "one", t("Give the points back"), ON, rx.noop()),
            choice(
                "sample",
                "other",
                t("A waiting list"),
                OFF,
                rx.noop(),
            ),
            look="grid",
        ),
        thing(t("A box"), tick("sample-box", t("Every redemption waits for your yes"), ON, lambda on: rx.noop())),
    )


def rules() -> rx.Component:
    return rx.el.div(
        rule(
            t("A rule"),
            t("It says what it will do, as it is filled in now."),
            choice("sample-rule", "one", t("Give the points back"), ON, rx.noop()),
            choice("sample-rule", "other", t("A waiting list"), OFF, rx.noop()),
            says=Components.says,
            section=True,
        ),
        rule(
            t("A rule that can't be used"),
            t("It says why."),
            field(t("VIP seats"), "seats", "sample-rule", unit=t("seats"), default_value="-1"),
            says=Components.cant,
            wrong=ON,
            section=True,
        ),
        class_name="grid gap-4",
    )


def openings() -> rx.Component:
    return shelf(
        t("What opens"),
        thing(
            t("Dialogs"),
            button(t("A dialog…"), on_click=Components.show("dialog")),
            button(t("A question…"), on_click=Components.show("question")),
        ),
        thing(
            t("A menu"),
            menu(
                rx.fragment(t("More"), icon("chevron_down")),
                rx.el.button(icon("infinity"), t("Make permanent"), type="button", class_name=ROW),
                rx.el.button(icon("log_out"), t("End now"), type="button", class_name=ROW),
                label=t("More about {who}", who=Components.vips[0].username),
                look=look("quiet"),
                where="left-0 top-full mt-1",
            ),
        ),
        thing(t("Single keys, and a list of them"), Keys.create(class_name="key-button")),
        thing(t("What happened, for a moment"), button(t("Say something"), on_click=Components.say)),
    )


def dialogs() -> rx.Component:
    first = Components.vips[0]
    who = rx.el.b(first.username, class_name="font-semibold")
    left = Left.create(until=first.expires_at, now=Components.now, left="")
    return rx.fragment(
        dialog(
            t("A dialog"),
            rx.el.p(
                t("On a phone it comes from below. Escape and a click beside it close it."), class_name="text-base"
            ),
            is_open=Components.dialog == "dialog",
            on_close=Components.show(""),
        ),
        question(
            t("End this VIP now?"),
            rx.el.p(
                rich("{who} loses VIP now, {left} early. Points are not given back.", who=who, left=left),
                class_name="text-base",
            ),
            gone=t("That VIP is over already."),
            label=t("End now"),
            kind="danger",
            busy="sample",
            act=Components.show(""),
            is_open=Components.dialog == "question",
            on_close=Components.show(""),
        ),
    )
