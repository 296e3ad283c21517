"""The page of what is said in chat: whether, when, in which words, and how that does."""

from typing import Any

import reflex as rx

from vip_manager.domain.chat import TEMPLATES, VARIABLES
from vip_manager.ui.auth_state import Site
from vip_manager.ui.channel_frame import channel_frame, connection_trouble, headline, is_owner, page_error
from vip_manager.ui.channel_page import ChannelPage
from vip_manager.ui.chat_words import NOT_SAID
from vip_manager.ui.components.banner import banner, error_line
from vip_manager.ui.components.browser import Moment
from vip_manager.ui.components.button import button, icon, look, sign_in
from vip_manager.ui.components.card import card
from vip_manager.ui.components.field import switch
from vip_manager.ui.language import rich, t
from vip_manager.ui.pages.chat.browser import ChatLines, Said
from vip_manager.ui.pages.chat.state import ChatPage

_USUAL = {event.value: template for event, template in TEMPLATES.items()}
_NAMES = {event.value: list(names) for event, names in VARIABLES.items()}


def chat() -> rx.Component:
    return channel_frame("chat", _content(), enter=ChatPage.enter)


def _content() -> rx.Component:
    """Not a grid: what is to be saved sticks to the window's edge for as long as any of the page is seen."""
    return rx.el.div(
        headline(
            t("Chat"),
            about=t("What VIP Manager says in the chat, in your name. Nothing is said until you turn it on."),
        ),
        rx.cond(
            ChannelPage.may.board,
            rx.fragment(),
            rx.el.p(t("The owner and managers choose what is said."), class_name="text-soft"),
        ),
        connection_trouble(),
        page_error(Site.error.template != ""),
        _whether(),
        rx.el.div(
            rx.el.h2(t("Messages"), class_name="text-lg font-semibold"),
            rx.el.p(
                t("The words between curly brackets are filled in. The preview shows an example."),
                class_name="text-soft",
            ),
            rx.el.p(
                rich(
                    "What each of them stands for, and why some messages are left out, is in {page}.",
                    page=rx.el.code("docs/chat.md", class_name="text-ink"),
                ),
                class_name="text-soft",
            ),
            class_name="!mt-8",
        ),
        rx.el.form(_lines(), on_submit=ChatPage.save_lines),
        _answers(),
        class_name="space-y-4",
    )


def _whether() -> rx.Component:
    chat_ = ChatPage.picture.chat
    return card(
        _switched(
            t("Say it in chat"),
            t("Each message in your own name, at most one in a second and a half, and none that comes too late."),
            chat_.on,
            ChatPage.turn_chat(~chat_.on),
        ),
        rx.cond(chat_.on & ~chat_.may_say, _not_allowed()),
        rx.el.div(error_line(here=ChatPage.error_at == "chat"), class_name="has-[div:empty]:hidden"),
        rx.cond(chat_.on, _how_it_does()),
        class_name="grid gap-4 p-5",
        aria_label=t("Chat"),
    )


def _switched(title: Any, about: Any, on: Any, act: Any) -> rx.Component:
    return rx.el.div(
        rx.el.div(
            rx.el.h2(title, class_name="text-base font-semibold"),
            rx.el.p(about, class_name="mt-1 max-w-[65ch] text-soft"),
            class_name="min-w-0",
        ),
        rx.cond(
            ChannelPage.may.board,
            switch(title, on, on_click=act, disabled=Site.busy != ""),
            rx.cond(on, rx.el.span(t("on"), class_name="text-soft"), rx.el.span(t("off"), class_name="text-soft")),
        ),
        class_name="flex items-start justify-between gap-6",
    )


def _not_allowed() -> rx.Component:
    return banner(
        "key_round",
        t("Twitch has not allowed it yet"),
        rx.cond(
            is_owner(),
            t("Twitch asks you once whether VIP Manager may do this in your chat. All else goes on as before."),
            t("Only whose channel it is can allow it, on this page. All else goes on as before."),
        ),
        rx.cond(is_owner(), sign_in(t("Allow on Twitch"), connect=True, after="/dashboard/chat")),
        role="status",
    )


def _how_it_does() -> rx.Component:
    chat_, now = ChatPage.picture.chat, ChatPage.picture.now
    failing = chat_.failed_at > 0
    return rx.el.div(
        rx.el.div(
            rx.cond(
                failing,
                rx.el.p(
                    icon("circle_alert"),
                    rx.el.span(
                        rich(
                            "The message of {at} did not arrive. {why}",
                            at=Moment.create(at=chat_.failed_at, now=now),
                            why=rx.el.span(
                                rx.match(chat_.error, *((why.value, t(said)) for why, said in NOT_SAID.items()), "")
                            ),
                        ),
                        class_name="min-w-0",
                    ),
                    class_name="flex gap-2 text-red [&>svg]:mt-0.5",
                    custom_attrs={"data-how": "failing"},
                ),
            ),
            rx.cond(
                chat_.said_at > 0,
                rx.el.p(
                    icon("circle_check"),
                    rx.el.span(rich("Last message {at}", at=Moment.create(at=chat_.said_at, now=now))),
                    class_name=rx.cond(
                        failing, "flex gap-2 text-soft [&>svg]:mt-0.5", "flex gap-2 text-green [&>svg]:mt-0.5"
                    ),
                    custom_attrs={"data-how": "well"},
                ),
                rx.cond(failing, rx.fragment(), rx.el.p(t("Nothing was said yet."), class_name="text-soft")),
            ),
            class_name="grid min-w-0 flex-1 basis-40 gap-1",
        ),
        rx.cond(
            ChannelPage.may.board,
            button(
                t("Send a test message"),
                icon_name="send",
                small=True,
                busy=Site.busy == "test",
                disabled=(Site.busy != "") | ~chat_.may_say,
                on_click=ChatPage.send_test,
            ),
        ),
        class_name="flex flex-wrap items-center gap-x-6 gap-y-3 border-t border-line pt-4",
    )


def _lines() -> rx.Component:
    picture = ChatPage.picture
    chat_ = picture.chat
    return ChatLines.create(
        rx.el.div(
            error_line(here=ChatPage.error_at == "lines", id_="chat-lines-error"),
            class_name="mb-3 has-[div:empty]:hidden",
        ),
        lines=chat_.lines,
        soon=chat_.soon_minutes,
        usual=_USUAL,
        names=_NAMES,
        who=_sample(),
        wrong=rx.cond(ChatPage.error_at == "lines", Site.error_field, ""),
        read_only=~ChannelPage.may.board,
        busy=Site.busy != "",
        save_look=look("primary"),
        look=look("quiet"),
        key=picture.channel_id,
    )


def _sample() -> rx.Var[Any]:
    picture = ChatPage.picture
    reward = picture.reward
    made = reward.title != ""
    return rx.Var.create(
        {
            "viewer": "mira",
            "channel": picture.username,
            "avatar": picture.avatar_url,
            "reward": rx.cond(made, reward.title, "VIP for a day"),
            "points": rx.cond(made, reward.cost.to(str), "5000"),
            "hours": rx.cond(made & (reward.hours != ""), reward.hours, "24"),
        }
    )


def _answers() -> rx.Component:
    picture = ChatPage.picture
    chat_ = picture.chat
    name, avatar = picture.username, picture.avatar_url

    def line(who: Any, text: str, *, streamer: bool = False) -> rx.Component:
        return Said.create(
            who=name if streamer else who,
            avatar=avatar if streamer else "",
            text=text,
            streamer=streamer,
            answers=streamer,
        )

    return card(
        _switched(
            t("Answer !vip"),
            t(
                "Whoever writes !vip is told how much of their VIP is left, twice a minute at most. VIP Manager then "
                "reads the chat, keeps nothing of it, and answers nobody who is hidden on the board."
            ),
            chat_.answers,
            ChatPage.turn_answers(~chat_.answers),
        ),
        rx.cond(
            chat_.answers & ~chat_.on,
            rx.el.p(
                icon("info"),
                t("Nobody is answered while chat is off."),
                class_name="flex items-center gap-2 text-soft",
            ),
        ),
        # Where messages may be sent and the chat may not be read, it is asked for here, where it was turned on.
        rx.cond(chat_.on & chat_.may_say & ~chat_.allowed, _not_allowed()),
        rx.el.div(error_line(here=ChatPage.error_at == "answers"), class_name="has-[div:empty]:hidden"),
        rx.el.div(
            line("mira", "!vip"),
            line("", "Your VIP lasts 2 h 14 min more.", streamer=True),
            line("jonas", "!vip"),
            line("", "You are not VIP through points right now.", streamer=True),
            class_name="grid gap-2",
            role="group",
            aria_label=t("An example of it"),
        ),
        class_name="grid gap-4 p-5",
        aria_label=t("Answer !vip"),
    )
