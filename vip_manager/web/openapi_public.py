"""What anybody may ask for, described: the board, and an overlay."""

from vip_manager.domain.rules import VipClock
from vip_manager.web.describing import asked, errors, fields, json_answer, whole

_TIME = whole("Milliseconds since 1970 (UTC); 0 where there is none.")
_REWARD = fields(
    id={"type": "string"},
    title={"type": "string"},
    cost=whole("Points."),
    hours={"type": "string", "description": "As text, such as 24 or 1.5."},
    open={"type": "boolean", "description": "Whether a viewer can redeem it now."},
    clock={"enum": list(VipClock), "description": "What the hours are counted by."},
)
_VIP = fields(
    user_id={"type": "string"},
    login={"type": "string"},
    username={"type": "string"},
    avatar_url={"type": "string"},
    granted_at=_TIME,
    expires_at=_TIME,
    state={"enum": ["active", "ending"]},
    clock={"enum": list(VipClock)},
    left={"type": "string", "description": "Hours that stand while the channel is not live, as text."},
)
_PICTURE = fields(
    now=_TIME,
    out_of_reach={"type": "boolean", "description": "It may be old: what is stored can't be read now."},
    known={"const": True},
    off={"const": False},
    login={"type": "string"},
    username={"type": "string"},
    avatar_url={"type": "string"},
    live_since=_TIME,
    vips={"type": "array", "items": _VIP},
    seatless={"type": "array", "items": _VIP},
    not_shown=whole("Who is VIP and asked not to be shown."),
    reward=_REWARD,
    rewards={"type": "array", "items": _REWARD},
    seats=whole("How many VIP seats the channel has; 0 where that is not known."),
    seats_free={
        "type": "integer",
        "minimum": -1,
        "description": "How many of them redemptions can have; -1 where that is not known.",
    },
)

_BOARD = {
    "tags": ["public"],
    "summary": "The public board",
    "description": "Made for caches: once a change, however many ask. Whoever asked not to be shown is only counted. "
    "`now` is the server's time when the answer was made: out of a cache it is older by the answer's `Age`, and a 304 "
    "leaves it as it was, so that a clock which runs from the last picture stays right.",
    "parameters": [
        {
            "name": "login",
            "in": "path",
            "required": True,
            "description": "The streamer's name on Twitch.",
            "schema": {"type": "string"},
        },
    ],
    "responses": {
        "200": json_answer("Who is VIP, for how long, and how to become it.", _PICTURE),
        "304": {"description": "As `If-None-Match` says that it is known, but for the time."},
        **errors(
            on_404="`not_found`, or `board_off`: the streamer has turned it off.",
            on_503="The store is out of reach.",
        ),
    },
}

_OVERLAY = {
    "tags": ["public"],
    "summary": "What a stream overlay shows",
    "description": "For overlays whose socket can't be had. It changes its `ETag` when it says something new.",
    "parameters": [
        {
            "name": "login",
            "in": "path",
            "required": True,
            "description": "The streamer's name on Twitch.",
            "schema": {"type": "string"},
        },
        asked("key", "Of the overlay's secret link; needed while the board is off."),
    ],
    "responses": {
        "200": json_answer("Who is VIP, but for those who asked not to be shown.", _PICTURE),
        "304": {"description": "As `If-None-Match` says that it is known."},
        **errors(
            on_404="No such channel; or its board is off, and the key is not that of its link.",
            on_503="The store is out of reach.",
        ),
    },
}

_QR = {
    "tags": ["public"],
    "summary": "The address of a board as a QR code",
    "parameters": _BOARD["parameters"],
    "responses": {
        "200": {"description": "A picture.", "content": {"image/svg+xml": {"schema": {"type": "string"}}}},
        **errors(
            on_404="`not_found`, or `board_off`: the streamer has turned it off.",
            on_503="The store is out of reach.",
        ),
    },
}

ROUTES = {
    "/api/board/{login}": {"get": _BOARD},
    "/api/board/{login}/qr.svg": {"get": _QR},
    "/api/overlay/{login}": {"get": _OVERLAY},
}
