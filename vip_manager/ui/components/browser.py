"""Components that live in `assets/*.jsx`: what a browser does by itself, without asking the server."""

from typing import Any

import reflex as rx
from reflex_components_core.el.elements.base import BaseHTML  # type: ignore[import-untyped]


class _Clocks(rx.Component):
    library = "$/public/clock.jsx"


class Clock(_Clocks):
    """The bar that empties, and the words. Times are the server's, in milliseconds."""

    tag = "Clock"
    since: rx.Var[int]
    until: rx.Var[int]
    now: rx.Var[int]
    state: rx.Var[str]
    clock: rx.Var[str]
    left: rx.Var[str]
    bare: rx.Var[bool]


class Example(_Clocks):
    """A clock for show: it starts when the page is opened."""

    tag = "Example"
    hours: rx.Var[float]
    left: rx.Var[float]


class OnAir(_Clocks):
    """That the channel is live, and for how long."""

    tag = "OnAir"
    since: rx.Var[int]
    now: rx.Var[int]


class Left(_Clocks):
    """Time left as words inside a sentence."""

    tag = "Left"
    until: rx.Var[int]
    now: rx.Var[int]
    left: rx.Var[str]


class Moment(_Clocks):
    """A point in time, in the viewer's own time zone."""

    tag = "Moment"
    at: rx.Var[int]
    now: rx.Var[int]


class Until(_Clocks):
    """How long it is until then, or "now"."""

    tag = "Until"
    at: rx.Var[int]
    now: rx.Var[int]


class Briefly(_Clocks):
    """Shows what is in it while it is not `until` yet by the server's time, or somebody is at it."""

    tag = "Briefly"
    until: rx.Var[int]
    now: rx.Var[int]


class _Shell(rx.Component):
    library = "$/public/shell.jsx"


class Sheet(_Shell):
    """A native modal dialog, opened and closed by the page's state."""

    tag = "Sheet"
    open: rx.Var[bool]
    label: rx.Var[str]
    on_dismiss: rx.EventHandler[rx.event.no_args_event_spec]  # type: ignore[type-arg, valid-type]


class Content(_Shell):
    """`<main id="content">`, which takes no clicks while the connection is lost: they would be done late."""

    tag = "Content"


class Notice(_Shell):
    """A sentence that comes, is read out politely, and goes. `stamp` grows with each. `act` names its button, where it
    has one."""

    tag = "Notice"
    text: rx.Var[str]
    stamp: rx.Var[int]
    act: rx.Var[str]
    keys: rx.Var[str]
    on_act: rx.EventHandler[rx.event.no_args_event_spec]  # type: ignore[type-arg, valid-type]


class Menu(_Shell):
    """Its first child is what the button shows, the others stand in the panel that it opens. `panel`: its classes."""

    tag = "Menu"
    label: rx.Var[str]
    panel: rx.Var[str]


class CopyAddress(rx.Component):
    """Copies this site's address with that path."""

    library = "$/public/share.jsx"
    tag = "CopyAddress"
    path: rx.Var[str]


class CopyText(rx.Component):
    """Copies a text."""

    library = "$/public/share.jsx"
    tag = "CopyText"
    text: rx.Var[str]


class ColorMode(_Shell):
    tag = "ColorMode"


class BarColor(_Shell):
    """The browser's own bar is of the page's colour."""

    tag = "BarColor"


class ConnectionLost(_Shell):
    tag = "ConnectionLost"
    errors: rx.Var[int]
    said: rx.Var[str]


class Broken(_Shell):
    """What is left where a part of the page could not be drawn."""

    tag = "Broken"


class Confetti(rx.Component):
    """Some, once for each `stamp`, where motion is welcome."""

    library = "$/public/confetti.jsx"
    tag = "Confetti"
    stamp: rx.Var[str]


class PlainLink(BaseHTML):
    """A link that loads a page anew, as routes of the server need it (Reflex's own stay within the page)."""

    tag = "a"
    href: rx.Var[str]
    target: rx.Var[str]
    rel: rx.Var[str]


class PlainForm(BaseHTML):
    """A form that the browser itself sends (Reflex's own never leaves the page)."""

    tag = "form"
    action: rx.Var[str]
    method: rx.Var[str]


def plain_link(*children: Any, **props: Any) -> rx.Component:
    return PlainLink.create(*children, **props)
