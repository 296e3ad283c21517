"""Components of `assets/rewards.jsx`, which this page alone loads."""

import reflex as rx


class _Rewards(rx.Component):
    library = "$/public/rewards.jsx"


class Typed(_Rewards):
    """What is being typed into that field of the form around it; of "cost" and "hours" the number."""

    tag = "Typed"
    field: rx.Var[str]


class WhileNumbers(_Rewards):
    """Shows what is in it while each of these fields, "cost" or "hours", has a number."""

    tag = "WhileNumbers"
    fields: rx.Var[list[str]]


class Unsaved(_Rewards):
    """Asks before what is `unsaved` is left behind. `look` are the classes of its buttons."""

    tag = "Unsaved"
    unsaved: rx.Var[bool]
    look: rx.Var[str]
