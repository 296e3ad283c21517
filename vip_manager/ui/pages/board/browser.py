"""What a board does in the browser alone."""

import reflex as rx


class BoardFeed(rx.Component):
    """Goes on without the socket. `board` and `site` are the names of the states that it fills then; `streamer` is whom
    the tab is called after, empty where there is nobody."""

    library = "$/public/board_feed.jsx"
    tag = "BoardFeed"
    errors: rx.Var[int]
    hydrated: rx.Var[bool]
    loaded: rx.Var[bool]
    streamer: rx.Var[str]
    board: rx.Var[str]
    site: rx.Var[str]


class Attended(rx.Component):
    """What can be done by the socket alone; nothing while the page does without."""

    library = "$/public/board_feed.jsx"
    tag = "Attended"


class Share(rx.Component):
    """Hands the address on."""

    library = "$/public/share.jsx"
    tag = "Share"
    path: rx.Var[str]
    title: rx.Var[str]
