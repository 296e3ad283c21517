"""Components of `assets/stage.jsx`, which this page alone loads."""

import reflex as rx


class _Stage(rx.Component):
    library = "$/public/stage.jsx"


class WorldClock(_Stage):
    """The time of the simulated world, from the server's `now` in milliseconds."""

    tag = "WorldClock"
    now: rx.Var[int]


class Ahead(_Stage):
    """By how much the world's time runs ahead, in words."""

    tag = "Ahead"
    seconds: rx.Var[int]


class Stamp(_Stage):
    """Hours, minutes and seconds of a moment in milliseconds."""

    tag = "Stamp"
    at: rx.Var[int]


class Fold(_Stage):
    """A section whose `<summary>` folds it on a phone; always open on a wide screen."""

    tag = "Fold"
    closed: rx.Var[bool]
    label: rx.Var[str]
