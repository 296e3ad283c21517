"""Components of `assets/rewards.jsx`, which this page alone loads."""

import reflex as rx


class _Rewards(rx.Component):
    library = "$/public/rewards.jsx"


class Typed(_Rewards):
    """What is being typed into that field of the form around it; `number`: with its thousands parted."""

    tag = "Typed"
    field: rx.Var[str]
    number: rx.Var[bool]


class Unsaved(_Rewards):
    """Asks before what is `unsaved` is left behind. `look` are the classes of its buttons."""

    tag = "Unsaved"
    unsaved: rx.Var[bool]
    look: rx.Var[str]
