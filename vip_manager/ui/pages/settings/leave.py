"""All that is stored, to be taken along; and how to leave."""

from collections.abc import AsyncIterator
from typing import Any

import reflex as rx

from vip_manager.domain.team import May
from vip_manager.services.access import Visit
from vip_manager.services.container import running
from vip_manager.services.leave import Farewell
from vip_manager.ui import guard, typed
from vip_manager.ui.auth_state import Site
from vip_manager.ui.channel_page import ChannelPage
from vip_manager.ui.components.banner import error_line
from vip_manager.ui.components.browser import Moment, plain_link
from vip_manager.ui.components.button import button, icon, look, sign_in
from vip_manager.ui.components.dialog import dialog, way_back
from vip_manager.ui.components.field import field
from vip_manager.ui.components.rule import rule
from vip_manager.ui.language import message, rich, t

HERE = "/dashboard/settings"
ELSEWHERE = message(
    "Your name stays where it is part of somebody else's channel: in its team, among those hidden on its board, and in "
    "its history."
)
"""What is not deleted with a channel."""


class LeavePage(ChannelPage):
    """`farewell` is what leaving would do, as of when the dialog was opened; `ends` and `deletes` what is ticked in
    it."""

    farewell: Farewell = Farewell(reachable=True, back=0, vips=0, rewards=0)
    ends: bool = False
    deletes: bool = False

    def _leave(self) -> None:
        super()._leave()
        self.farewell = Farewell(reachable=True, back=0, vips=0, rewards=0)

    @rx.event
    @guard.staff(May.DATA)
    async def weigh(self, visit: Visit) -> AsyncIterator[None]:
        """Says what leaving would do before it is asked for."""
        self._clear()
        self.busy = "weigh"
        yield
        self.farewell = await running().departure.farewell(visit.channel_id)
        self.ends = False
        self.deletes = self.picture.leaving.left_at > 0 or self.picture.leaving.delete_data
        self._open("farewell")

    @rx.event
    @guard.public
    def tick_end(self, on: bool) -> None:
        """For the sentences of the dialog."""
        self.ends = on is True

    @rx.event
    @guard.public
    def tick_delete(self, on: bool) -> None:
        self.deletes = on is True

    @rx.event
    @guard.staff(May.DATA)
    async def leave(self, visit: Visit, form: dict[str, Any]) -> AsyncIterator[None]:
        if self.dialog != "farewell":
            return
        self._clear()
        login, ends, deletes = typed.fields(form, "login", "end_vips", "delete_data")
        self.busy = "leave"
        yield
        await running().departure.begin(
            visit.person,
            visit.channel_id,
            login,
            end_vips=ends != "",
            delete_data=deletes != "",
            without_twitch=not self.farewell.reachable or self.farewell.drags,
        )
        self._close()
        self._say("It is under way. When all is done you are signed out here.")


def data() -> rx.Component:
    path = "/api/channels/" + ChannelPage.picture.channel_id + "/data"
    return rule(
        t("Your data"),
        t(
            "Everything that is stored of your channel: its settings, who was VIP when, every redemption, and the "
            "whole history. Keys and sign-ins are not in it."
        ),
        rx.el.div(
            plain_link(
                icon("download"),
                rx.el.span(t("Download everything")),
                href=path,
                class_name=look(),
            ),
            class_name="flex items-start",
        ),
        rx.el.p(t("A text file with one line of JSON for each record."), class_name="text-xs text-soft"),
        section=True,
    )


def leave() -> rx.Component:
    leaving = ChannelPage.picture.leaving
    return rule(
        t("Leave"),
        t("Points go back to whoever waits, the rewards go, and VIP Manager keeps no key to your channel."),
        rx.cond(
            leaving.left_at > 0,
            _left(),
            rx.cond(
                leaving.since > 0,
                rx.cond(leaving.waits, _waits(), rx.cond(leaving.drags, _drags(), _under_way())),
                _ask(t("Leave VIP Manager…")),
            ),
        ),
        section=True,
    )


def _ask(label: Any) -> rx.Component:
    return rx.el.div(
        button(
            label,
            kind="danger",
            icon_name="door_open",
            busy=Site.busy == "weigh",
            disabled=Site.busy != "",
            on_click=LeavePage.weigh,
        ),
        class_name="flex items-start",
    )


def _left() -> rx.Component:
    leaving = ChannelPage.picture.leaving
    return rx.fragment(
        rx.el.p(
            rich(
                "You left {when}. What was stored is still here, for you to look at and to download. Nothing happens "
                "on your channel.",
                when=Moment.create(at=leaving.left_at, now=ChannelPage.picture.now),
            )
        ),
        rx.cond(
            leaving.open > 0,
            rx.el.p(
                t(
                    "{count, plural, one {# redemption could not be given back.} other {# redemptions could not be "
                    "given back.}} Refuse what waits in the queue on Twitch, then delete the reward there.",
                    count=leaving.open,
                )
            ),
        ),
        rx.el.div(
            sign_in(t("Connect again"), connect=True, after=HERE),
            _ask(t("Delete all data…")),
            class_name="flex flex-wrap items-center gap-2",
        ),
    )


def _waits() -> rx.Component:
    return rx.fragment(
        rx.el.p(
            t(
                "Twitch takes our key to your channel no more. Sign in again and the rest is done; or leave anyway, "
                "and what is left on Twitch is yours to do there."
            ),
        ),
        rx.el.div(
            sign_in(t("Sign in with Twitch again"), connect=True, after=HERE),
            _ask(t("Leave anyway…")),
            class_name="flex flex-wrap items-center gap-2",
        ),
    )


def _drags() -> rx.Component:
    return rx.fragment(
        rx.el.p(
            rich(
                "You began to leave {when}, and Twitch has not done all of it yet. It is tried on; or leave anyway, "
                "and what is left on Twitch is yours to do there.",
                when=Moment.create(at=ChannelPage.picture.leaving.since, now=ChannelPage.picture.now),
            )
        ),
        _ask(t("Leave anyway…")),
    )


def _under_way() -> rx.Component:
    return rx.el.p(
        icon("hourglass"),
        rx.el.span(t("You are leaving. It goes on by itself, also when this page is closed; then you are signed out.")),
        role="status",
        class_name="flex gap-2.5 rounded-lg bg-raised px-3 py-2.5 [&>svg]:mt-0.5 [&>svg]:text-soft",
    )


def leave_dialog() -> rx.Component:
    farewell = LeavePage.farewell
    left = ChannelPage.picture.leaving.left_at > 0
    does = farewell.reachable & ~farewell.drags
    return dialog(
        rx.cond(left, t("Delete all data?"), t("Leave VIP Manager?")),
        rx.el.form(
            rx.cond(left, _only_data(), rx.cond(does, _what_happens(), _what_can_not())),
            rx.cond(
                farewell.reachable & (farewell.vips > 0) & ~left,
                _tick("end_vips", t("Also end their VIP now"), LeavePage.ends, LeavePage.tick_end),
            ),
            _tick(
                "delete_data",
                t(
                    "And delete all data: settings, history, sessions, redemptions, your account. Nobody can bring "
                    "that back, so download it first if you may want it."
                ),
                LeavePage.deletes,
                LeavePage.tick_delete,
            ),
            field(
                t("Type the name of your channel to confirm"),
                "login",
                "leave",
                placeholder=ChannelPage.picture.login,
                max_length=26,
                required=True,
            ),
            error_line(id_="leave-error"),
            rx.el.div(
                way_back(LeavePage.close),
                button(
                    rx.cond(
                        left,
                        t("Delete all data"),
                        rx.cond(
                            does,
                            rx.cond(LeavePage.deletes, t("Leave and delete all data"), t("Leave")),
                            rx.cond(LeavePage.deletes, t("Leave anyway and delete all data"), t("Leave anyway")),
                        ),
                    ),
                    kind="danger",
                    type="submit",
                    busy=Site.busy == "leave",
                    disabled=(Site.busy != "") | (left & ~LeavePage.deletes),
                ),
                class_name="flex flex-wrap justify-end gap-2",
            ),
            on_submit=LeavePage.leave,
            class_name="grid gap-4",
        ),
        is_open=LeavePage.dialog == "farewell",
        on_close=LeavePage.close,
    )


def _what_happens() -> rx.Component:
    farewell = LeavePage.farewell
    return _list(
        rx.cond(
            farewell.rewards > 0,
            t(
                "{count, plural, one {# reward is closed at once, and deleted on Twitch.} other {# rewards are closed "
                "at once, and deleted on Twitch.}}",
                count=farewell.rewards,
            ),
            t("There is no reward to delete."),
        ),
        rx.cond(
            farewell.back > 0,
            t(
                "{count, plural, one {# redemption that waits is given back, with whatever comes in meanwhile.} other "
                "{# redemptions that wait are given back, with whatever comes in meanwhile.}}",
                count=farewell.back,
            ),
            t("No redemption waits. What comes in meanwhile is given back."),
        ),
        _vips(),
        t("VIP Manager gives its keys back to Twitch and deletes them here. Everybody signed in as you is signed out."),
        rx.cond(
            LeavePage.deletes,
            t("Then all that is stored of your channel is deleted."),
            t("What is stored stays here, for you to see and to delete later."),
        ),
        last=t(ELSEWHERE),
    )


def _what_can_not() -> rx.Component:
    farewell = LeavePage.farewell
    return rx.fragment(
        rx.el.div(
            rx.el.p(
                icon("unplug"),
                rx.el.span(
                    rx.cond(
                        farewell.reachable,
                        t(
                            "Twitch has not done all that was asked of it for hours. It is tried once more, and what "
                            "it does not do then is left as it is."
                        ),
                        t("Twitch takes our key to your channel no more, so nothing can be done there."),
                    )
                ),
                class_name="flex gap-2.5 font-medium text-red [&>svg]:mt-0.5",
            ),
            rx.cond(
                ~farewell.reachable,
                rx.el.div(sign_in(t("Sign in with Twitch again first"), connect=True, after=HERE), class_name="mt-3"),
            ),
            class_name="rounded-lg border border-red bg-red-soft p-3",
        ),
        rx.el.p(t("If you leave anyway:"), class_name="text-base"),
        _list(
            rx.cond(
                farewell.back > 0,
                t(
                    "{count, plural, one {# redemption that waits can't be given back. Refuse it in the queue on "
                    "Twitch.} other {# redemptions that wait can't be given back. Refuse them in the queue on "
                    "Twitch.}}",
                    count=farewell.back,
                ),
                t("No redemption waits here. There may be some in the queue on Twitch that we have not heard of."),
            ),
            t(
                "Rewards that are on your channel stay there, and give nothing to whoever redeems them. Delete them "
                "there."
            ),
            _vips(),
            t("Everybody signed in as you is signed out here."),
            last=t(ELSEWHERE),
        ),
    )


def _vips() -> Any:
    farewell = LeavePage.farewell
    return rx.cond(
        farewell.vips > 0,
        rx.cond(
            LeavePage.ends,
            t(
                "{count, plural, one {# person loses VIP now.} other {# people lose VIP now.}} Points are not given "
                "back for it.",
                count=farewell.vips,
            ),
            t(
                "{count, plural, one {# person who is VIP through it keeps VIP for good, until you take it on Twitch.} "
                "other {# people who are VIP through it keep VIP for good, until you take it on Twitch.}}",
                count=farewell.vips,
            ),
        ),
        t("Nobody is VIP through it right now."),
    )


def _only_data() -> rx.Component:
    return rx.fragment(
        rx.el.p(
            t("You have left already. What is stored of your channel is deleted for good."), class_name="text-base"
        ),
        rx.cond(LeavePage.deletes, rx.el.p(t(ELSEWHERE), class_name="text-base")),
    )


def _list(*lines: Any, last: Any) -> rx.Component:
    """`last` where the data is deleted too."""
    return rx.el.ul(
        *(rx.el.li(line) for line in lines),
        rx.cond(LeavePage.deletes, rx.el.li(last)),
        class_name="grid list-disc gap-1.5 pl-5 text-base",
    )


def _tick(name: str, label: Any, on: Any, act: Any) -> rx.Component:
    return rx.el.label(
        rx.el.input(
            type="checkbox", id=f"leave-{name}", name=name, default_checked=on, on_change=act, class_name="tick"
        ),
        rx.el.span(label, class_name="min-w-0"),
        html_for=f"leave-{name}",
        class_name="flex cursor-pointer gap-3 py-1",
    )
