"""What of this page lives in the browser alone."""

from typing import Any

import reflex as rx

from vip_manager.services.chat_picture import StaffChatLine


class _Chat(rx.Component):
    library = "$/public/chat.jsx"


class ChatLines(_Chat):
    """The fields of the form around it: a message for each event, and how viewers will see it. `usual` and `names` are
    by event: what is said where nobody wrote something else, and the variables. `who` are the values of the preview.
    `wrong` is the event whose message could not be saved. Its children stand above the button."""

    tag = "ChatLines"
    lines: rx.Var[list[StaffChatLine]]
    soon: rx.Var[int]
    usual: rx.Var[dict[str, str]]
    names: rx.Var[dict[str, Any]]
    who: rx.Var[dict[str, Any]]
    wrong: rx.Var[str]
    read_only: rx.Var[bool]
    busy: rx.Var[bool]
    save_look: rx.Var[str]
    look: rx.Var[str]


class Said(_Chat):
    """A line of chat; of the `streamer`, as whom VIP Manager speaks; `answers`: as a reply."""

    tag = "Said"
    who: rx.Var[str]
    avatar: rx.Var[str]
    text: rx.Var[str]
    streamer: rx.Var[bool]
    answers: rx.Var[bool]
