"""The personal API, described (see web/openapi.py, which puts it beside the other routes)."""

from typing import Any

from vip_manager.domain.reasons import Refusal
from vip_manager.domain.redemption import RedemptionState
from vip_manager.domain.session import LIVE
from vip_manager.domain.terms import LONGEST_HOURS
from vip_manager.web.describing import ERROR, Description, fields, json_answer
from vip_manager.web.v1.calls import KEPT_FOR, LONGEST_KEY

_BEARER: list[dict[str, list[str]]] = [{"token": []}]


def _text(words: str, **more: Any) -> Description:
    return {"type": "string", "description": words, **more}


def _maybe(words: str, **more: Any) -> Description:
    return {"type": ["string", "null"], "description": words, **more}


_ID = {"type": "string", "pattern": "^[0-9]{1,20}$"}
_HOURS = {"type": "number", "minimum": 0.0001, "maximum": LONGEST_HOURS}
_LOGIN = {
    "name": "login",
    "in": "path",
    "required": True,
    "description": "The streamer's name on Twitch, in any case.",
    "schema": {"type": "string", "minLength": 1},
}
_USER = {
    "name": "user_id",
    "in": "path",
    "required": True,
    "description": "The viewer's id on Twitch.",
    "schema": {"type": "string", "minLength": 1},
}
_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "Of your making, a new one for each thing that you want. Sent again with the same body, within "
    f"{KEPT_FOR.total_seconds() / 3600:g} hours, it counts once, and gets the same answer.",
    "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY, "pattern": "^[ -~]+$"},
}
_PAGE = [
    {
        "name": "limit",
        "in": "query",
        "description": "At most so many.",
        "schema": {"type": "integer", "minimum": 1, "maximum": 100, "default": 100},
    },
    {
        "name": "cursor",
        "in": "query",
        "description": "The `next_cursor` of the page before.",
        "schema": {"type": "string"},
    },
]

_VIP = fields(
    id=_text("Of this VIP."),
    user_id=_text("The viewer's id on Twitch."),
    user_login=_text("Their name, in lower case."),
    user_name=_text("Their name as they write it."),
    state={"type": "string", "enum": [*sorted(LIVE), "ended"]},
    granted_at=_maybe("When they became VIP.", format="date-time"),
    expires_at=_maybe("When it ends; null where that is not known yet.", format="date-time"),
    hours_left={"type": "number", "minimum": 0},
    clock=_text("What the hours are counted by.", enum=["wall", "stream", "live"]),
    source=_text("`reward`, `manual`, `api` or `import`."),
    reward_id=_maybe("Twitch's id of the reward that it began with."),
)
_REDEMPTION = fields(
    id=_text("Twitch's."),
    user_id=_text("The viewer's id on Twitch."),
    user_login=_text("Their name, in lower case."),
    user_name=_text("Their name as they write it."),
    reward_id=_text("Twitch's."),
    reward_title=_text("As it was then."),
    cost={"type": "integer", "minimum": 0},
    state=_text("What became of it.", enum=sorted(RedemptionState)),
    refusal=_maybe("Why it came to nothing."),
    hours={"type": "number", "minimum": 0},
    redeemed_at=_text("By Twitch's clock.", format="date-time"),
    settled_at=_maybe("When it was settled.", format="date-time"),
)


def _paged(schema: str) -> Description:
    return fields(
        data={"type": "array", "items": {"$ref": f"#/components/schemas/{schema}"}},
        next_cursor=_maybe("Null on the last page."),
    )


def _errors(**said: str) -> Description:
    common = {
        "on_401": "No such token, or it opens nothing any more.",
        "on_403": "This token, or its maker, may not do that in this channel.",
        "on_404": "Another channel's token, no such cursor, or nobody of that id is VIP through VIP Manager.",
        "on_503": "Twitch or the store is out of reach; nothing was done.",
    }
    return {name.removeprefix("on_"): json_answer(words, ERROR) for name, words in {**common, **said}.items()}


_VIP_REF = {"$ref": "#/components/schemas/Vip"}
_PENDING = json_answer("Taken, and Twitch is yet to confirm; it is tried again by itself.", _VIP_REF)
_BAD = "The body or a parameter is not as described; the message says which."
_REFUSED = f"It can't be; `code` is `reconnect`, `in_progress` or one of {', '.join(sorted(Refusal))}."
_CHANGES = {
    "on_400": _BAD,
    "on_408": "The body was not complete in time.",
    "on_409": _REFUSED,
    "on_413": "The body is too long.",
    "on_415": "The body is not sent as application/json.",
    "on_422": "That Idempotency-Key was used for another request.",
}


def _sent(schema: Description, example: Description) -> Description:
    return {"required": True, "content": {"application/json": {"schema": schema, "example": example}}}


def _gift(**who: Description) -> Description:
    return {**fields(**who, hours=_HOURS), "additionalProperties": False}


SCHEMAS = {
    "GiftByLogin": _gift(user_login={"type": "string", "pattern": "^@?[A-Za-z0-9_]{1,25}$"}),
    "GiftById": _gift(user_id=_ID),
    "MoreHours": {**fields(add_hours=_HOURS), "additionalProperties": False},
    "Vip": _VIP,
    "VipPage": _paged("Vip"),
    "Redemption": _REDEMPTION,
    "RedemptionPage": _paged("Redemption"),
}

SECURITY = {
    "token": {
        "type": "http",
        "scheme": "bearer",
        "description": "A personal token, made on the page of the settings or by the command `token`.",
    }
}

ROUTES: dict[str, dict[str, Description]] = {
    "/api/v1/channels/{login}/vips": {
        "get": {
            "operationId": "listVips",
            "tags": ["v1"],
            "summary": "Who is VIP through VIP Manager",
            "security": _BEARER,
            "parameters": [_LOGIN, *_PAGE],
            "responses": {
                "200": json_answer("In the order in which they began.", {"$ref": "#/components/schemas/VipPage"}),
                **_errors(on_400=_BAD),
            },
        },
        "post": {
            "operationId": "giveVip",
            "tags": ["v1"],
            "summary": "Give VIP, or more of it",
            "security": _BEARER,
            "parameters": [_LOGIN, _KEY],
            "requestBody": _sent(
                {"oneOf": [{"$ref": f"#/components/schemas/{name}"} for name in ("GiftByLogin", "GiftById")]},
                {"user_login": "viewer1", "hours": 24},
            ),
            "responses": {
                "200": json_answer("They were VIP, and have more of it.", _VIP_REF),
                "201": json_answer("They are VIP now.", _VIP_REF),
                "202": _PENDING,
                **_errors(**_CHANGES),
            },
        },
    },
    "/api/v1/channels/{login}/vips/{user_id}": {
        "patch": {
            "operationId": "extendVip",
            "tags": ["v1"],
            "summary": "Give more hours",
            "security": _BEARER,
            "parameters": [_LOGIN, _USER, _KEY],
            "requestBody": _sent(
                {"$ref": "#/components/schemas/MoreHours"},
                {"add_hours": 1},
            ),
            "responses": {
                "200": json_answer("They have more of it.", _VIP_REF),
                "202": _PENDING,
                **_errors(**_CHANGES),
            },
        },
        "delete": {
            "operationId": "endVip",
            "tags": ["v1"],
            "summary": "End VIP now",
            "description": "Points that were paid for it are not given back.",
            "security": _BEARER,
            "parameters": [_LOGIN, _USER],
            "responses": {
                "202": _PENDING,
                "204": {"description": "It is over."},
                **_errors(on_400=_BAD, on_409=_REFUSED),
            },
        },
    },
    "/api/v1/channels/{login}/redemptions": {
        "get": {
            "operationId": "listRedemptions",
            "tags": ["v1"],
            "summary": "What was redeemed, and what became of it",
            "security": _BEARER,
            "parameters": [_LOGIN, *_PAGE],
            "responses": {
                "200": json_answer("The newest first.", {"$ref": "#/components/schemas/RedemptionPage"}),
                **_errors(on_400=_BAD),
            },
        },
    },
}
