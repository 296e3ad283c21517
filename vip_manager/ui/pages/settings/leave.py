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

HERE = "/dashboard/settings"
ELSEWHERE = (
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
        "Your data",
        "Everything that is stored of your channel: its settings, who was VIP when, every redemption, and the whole "
        "history. Keys and sign-ins are not in it.",
        rx.el.div(
            plain_link(
                icon("download"),
                rx.el.span("Download everything"),
                href=path,
                class_name=look(),
            ),
            class_name="flex items-start",
        ),
        rx.el.p("A text file with one line of JSON for each record.", class_name="text-xs text-soft"),
        section=True,
    )


def leave() -> rx.Component:
    leaving = ChannelPage.picture.leaving
    return rule(
        "Leave",
        "Points go back to whoever waits, the rewards go, and VIP Manager keeps no key to your channel.",
        rx.cond(
            leaving.left_at > 0,
            _left(),
            rx.cond(
                leaving.since > 0,
                rx.cond(leaving.waits, _waits(), rx.cond(leaving.drags, _drags(), _under_way())),
                _ask("Leave VIP Manager…"),
            ),
        ),
        section=True,
    )


def _ask(label: str) -> rx.Component:
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
    return rx.fragment(
        rx.el.p(
            "You left ",
            Moment.create(at=ChannelPage.picture.leaving.left_at, now=ChannelPage.picture.now),
            ". What was stored is still here, for you to look at and to download. Nothing happens on your channel.",
        ),
        rx.cond(
            ChannelPage.picture.leaving.open > 0,
            rx.el.p(
                _amount(ChannelPage.picture.leaving.open, "redemption", "redemptions", " could not be given back. "),
                "Refuse what waits in the queue on Twitch, then delete the reward there.",
            ),
        ),
        rx.el.div(
            sign_in("Connect again", connect=True, after=HERE),
            _ask("Delete all data…"),
            class_name="flex flex-wrap items-center gap-2",
        ),
    )


def _waits() -> rx.Component:
    return rx.fragment(
        rx.el.p(
            "Twitch takes our key to your channel no more. Sign in again and the rest is done; or leave anyway, and "
            "what is left on Twitch is yours to do there.",
        ),
        rx.el.div(
            sign_in("Sign in with Twitch again", connect=True, after=HERE),
            _ask("Leave anyway…"),
            class_name="flex flex-wrap items-center gap-2",
        ),
    )


def _drags() -> rx.Component:
    return rx.fragment(
        rx.el.p(
            "You began to leave ",
            Moment.create(at=ChannelPage.picture.leaving.since, now=ChannelPage.picture.now),
            ", and Twitch has not done all of it yet. It is tried on; or leave anyway, and what is left on Twitch is "
            "yours to do there.",
        ),
        _ask("Leave anyway…"),
    )


def _under_way() -> rx.Component:
    return rx.el.p(
        icon("hourglass"),
        rx.el.span("You are leaving. It goes on by itself, also when this page is closed; then you are signed out."),
        role="status",
        class_name="flex gap-2.5 rounded-lg bg-raised px-3 py-2.5 [&>svg]:mt-0.5 [&>svg]:text-soft",
    )


def leave_dialog() -> rx.Component:
    farewell = LeavePage.farewell
    left = ChannelPage.picture.leaving.left_at > 0
    does = farewell.reachable & ~farewell.drags
    return dialog(
        "Leave VIP Manager?",
        rx.el.form(
            rx.cond(left, _only_data(), rx.cond(does, _what_happens(), _what_can_not())),
            rx.cond(
                farewell.reachable & (farewell.vips > 0) & ~left,
                _tick("end_vips", "Also end their VIP now", LeavePage.ends, LeavePage.tick_end),
            ),
            _tick(
                "delete_data",
                "And delete all data: settings, history, sessions, redemptions, your account. Nobody can bring that "
                "back, so download it first if you may want it.",
                LeavePage.deletes,
                LeavePage.tick_delete,
            ),
            field(
                "Type the name of your channel to confirm",
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
                        "Delete all data",
                        rx.cond(
                            does,
                            rx.cond(LeavePage.deletes, "Leave and delete all data", "Leave"),
                            rx.cond(LeavePage.deletes, "Leave anyway and delete all data", "Leave anyway"),
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
            _amount(farewell.rewards, "reward is", "rewards are", " closed at once, and deleted on Twitch."),
            "There is no reward to delete.",
        ),
        rx.cond(
            farewell.back > 0,
            _amount(
                farewell.back,
                "redemption that waits is",
                "redemptions that wait are",
                " given back, with whatever comes in meanwhile.",
            ),
            "No redemption waits. What comes in meanwhile is given back.",
        ),
        _vips(),
        "VIP Manager gives its keys back to Twitch and deletes them here. Everybody signed in as you is signed out.",
        rx.cond(
            LeavePage.deletes,
            "Then all that is stored of your channel is deleted.",
            "What is stored stays here, for you to see and to delete later.",
        ),
        last=ELSEWHERE,
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
                        "Twitch has not done all that was asked of it for hours. It is tried once more, and what it "
                        "does not do then is left as it is.",
                        "Twitch takes our key to your channel no more, so nothing can be done there.",
                    )
                ),
                class_name="flex gap-2.5 font-medium text-red [&>svg]:mt-0.5",
            ),
            rx.cond(
                ~farewell.reachable,
                rx.el.div(sign_in("Sign in with Twitch again first", connect=True, after=HERE), class_name="mt-3"),
            ),
            class_name="rounded-lg border border-red bg-red-soft p-3",
        ),
        rx.el.p("If you leave anyway:", class_name="text-base"),
        _list(
            rx.cond(
                farewell.back > 0,
                _amount(
                    farewell.back,
                    "redemption that waits can't be",
                    "redemptions that wait can't be",
                    " given back. Refuse them in the queue on Twitch.",
                ),
                "No redemption waits here. There may be some in the queue on Twitch that we have not heard of.",
            ),
            "Rewards that are on your channel stay there, and give nothing to whoever redeems them. Delete them there.",
            _vips(),
            "Everybody signed in as you is signed out here.",
            last=ELSEWHERE,
        ),
    )


def _vips() -> Any:
    farewell = LeavePage.farewell
    return rx.cond(
        farewell.vips > 0,
        rx.cond(
            LeavePage.ends,
            _amount(farewell.vips, "person loses", "people lose", " VIP now. Points are not given back for it."),
            _amount(
                farewell.vips,
                "person who is VIP through it keeps",
                "people who are VIP through it keep",
                " VIP for good, until you take it on Twitch.",
            ),
        ),
        "Nobody is VIP through it right now.",
    )


def _only_data() -> rx.Component:
    return rx.fragment(
        rx.el.p("You have left already. What is stored of your channel is deleted for good.", class_name="text-base"),
        rx.cond(LeavePage.deletes, rx.el.p(ELSEWHERE, class_name="text-base")),
    )


def _amount(count: Any, one: str, many: str, rest: str) -> rx.Component:
    return rx.fragment(rx.el.b(count, class_name="numbers"), rx.cond(count == 1, f" {one}", f" {many}"), rest)


def _list(*lines: Any, last: str) -> rx.Component:
    """`last` where the data is deleted too."""
    return rx.el.ul(
        *(rx.el.li(line) for line in lines),
        rx.cond(LeavePage.deletes, rx.el.li(last)),
        class_name="grid list-disc gap-1.5 pl-5 text-base [&_b]:font-semibold",
    )


def _tick(name: str, label: str, on: Any, act: Any) -> rx.Component:
    return rx.el.label(
        rx.el.input(
            type="checkbox", id=f"leave-{name}", name=name, default_checked=on, on_change=act, class_name="tick"
        ),
        rx.el.span(label, class_name="min-w-0"),
        html_for=f"leave-{name}",
        class_name="flex cursor-pointer gap-3 py-1",
    )
