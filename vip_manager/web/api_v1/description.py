"""The personal API's part of the OpenAPI description."""

from typing import Any

from vip_manager.domain.redemption import RedemptionState
from vip_manager.domain.rules import Held, VipClock
from vip_manager.domain.session import SessionState
from vip_manager.domain.terms import LONGEST_HOURS
from vip_manager.web.api_v1 import bodies, redemptions
from vip_manager.web.api_v1.idempotency import KEY, REPLAYED
from vip_manager.web.api_v1.problems import REFUSALS
from vip_manager.web.described import BODY_ERRORS, ERROR, RETRY_AFTER, Description, asked, errors, has, json_answer

TAG = "personal"

_PATH = "/api/v1/channels/{login}"
_VIP: Description = {"$ref": "#/components/schemas/Vip"}
_NOT_KNOWN = ["string", "null"]


def _text(words: str, **more: Any) -> Description:
    return {"type": "string", "description": words, **more}


def _moment(words: str) -> Description:
    return {"type": _NOT_KNOWN, "format": "date-time", "description": words}


def _of_list(schema: str, words: str) -> Description:
    return {"type": "array", "items": {"$ref": f"#/components/schemas/{schema}"}, "description": words}


_HOURS: Description = {"type": "number", "minimum": bodies.LEAST_HOURS, "maximum": LONGEST_HOURS}
_REWARD = has(id=_text("Twitch's id of the reward."), title=_text("Its title; empty where it is not known any more."))
_EXAMPLE = {
    "user_id": "3001",
    "user_login": "viewer1",
    "user_name": "Viewer1",
    "state": "active",
    "granted_at": "2026-03-29T18:14:03.120Z",
    "expires_at": "2026-03-30T18:14:03.120Z",
    "hours_left": 24.0,
    "clock": "wall",
    "source": "api",
    "reward": None,
}

SCHEMAS: dict[str, Description] = {
    "Vip": {
        **has(
            user_id=_text("Twitch's number of the viewer."),
            user_login=_text("Their login."),
            user_name=_text("Their display name."),
            state={
                **_text(
                    "granting: to be VIP as soon as Twitch does it; active; aside: no badge now, and the clock runs "
                    "on (a moderator, or the seat went to another); ending: to be taken as soon as Twitch does it; "
                    "ended."
                ),
                "enum": [one.value for one in SessionState],
            },
            granted_at=_moment("Since when; null before Twitch has done it."),
            expires_at=_moment("The end; null where it is not known yet."),
            hours_left={
                "type": ["number", "null"],
                "description": "Hours that are ahead, or owed; null where it lasts until the stream ends.",
            },
            clock={
                **_text("What the hours are counted by: time, the stream's end, or time on air."),
                "enum": [one.value for one in VipClock],
            },
            source=_text("Through what it began: `reward`, `manual`, `api` or `import`."),
            reward={
                "oneOf": [{"$ref": "#/components/schemas/Reward"}, {"type": "null"}],
                "description": "Which reward, where it was one.",
            },
        ),
        "examples": [_EXAMPLE],
    },
    "Reward": _REWARD,
    "VipList": has(
        data=_of_list("Vip", "The soonest end first, those without an end last."),
        next_cursor={"type": _NOT_KNOWN, "description": "null: these are all."},
    ),
    "GiveById": {
        **has(
            user_id=_text("Twitch's number of the viewer.", pattern=bodies.USER_ID),
            hours={**_HOURS, "description": "Hours of VIP, or so many more."},
        ),
        "additionalProperties": False,
        "examples": [{"user_id": "3001", "hours": 24}],
    },
    "GiveByLogin": {
        **has(
            user_login=_text("Their login, in any case, with @ or without.", pattern=bodies.USER_LOGIN),
            hours={**_HOURS, "description": "Hours of VIP, or so many more."},
        ),
        "additionalProperties": False,
        "examples": [{"user_login": "viewer1", "hours": 24}],
    },
    "AddHours": {
        **has(add_hours={**_HOURS, "description": "Hours more."}),
        "additionalProperties": False,
        "examples": [{"add_hours": 1.5}],
    },
    "Redemption": has(
        id=_text("Twitch's id."),
        user_id=_text("Twitch's number of the viewer."),
        user_login=_text("Their login then."),
        user_name=_text("Their display name then."),
        reward={"$ref": "#/components/schemas/Reward"},
        cost={"type": "integer", "description": "Channel points."},
        redeemed_at=_text("When.", format="date-time"),
        state={
            **_text("Fulfilled: its hours were given. Canceled: the points went back. docs/ledger.md has them all."),
            "enum": [one.value for one in RedemptionState],
        },
        hours={"type": "number", "description": "Hours that it gave; 0 where none, or none yet."},
        held_for={
            "type": _NOT_KNOWN,
            "description": "What it waits for by the streamer's choice: "
            + " or ".join(f"`{one.value}`" for one in Held)
            + "; null where it doesn't.",
        },
        held_until=_moment("When the points go back, where it waits."),
        refusal={"type": _NOT_KNOWN, "description": "Why it gave no VIP, by a code of a 409; null where it did."},
        settled_at=_moment("When it was settled on Twitch."),
    ),
    "RedemptionList": has(
        data=_of_list("Redemption", "The newest first."),
        next_cursor={"type": _NOT_KNOWN, "description": "For the next page; null: there is none."},
    ),
}

_LOGIN: Description = {
    "name": "login",
    "in": "path",
    "required": True,
    "description": "The streamer's login, in any case. The token opens this channel alone.",
    "schema": {"type": "string", "minLength": 1, "examples": ["streamer"]},
}
_USER_ID: Description = {
    "name": "user_id",
    "in": "path",
    "required": True,
    "description": "Twitch's number of the viewer.",
    "schema": {"type": "string", "pattern": bodies.USER_ID, "examples": ["3001"]},
}
_KEY: Description = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "The same key with the same request, within 24 hours, gets the same answer and counts once. In "
    "quotation marks or without. Take a new one, as a UUID, for each thing that is to happen; without one each "
    "call counts.",
    "schema": {"type": "string", "pattern": KEY},
}


def _may_wait(response: Description) -> Description:
    return {**response, "headers": {"Retry-After": {**RETRY_AFTER, "required": False}}}


_OPENED: Description = {
    "401": {
        **errors(on_401="`unauthorized`: the token is missing, wrong, revoked, or its maker is off the team.")["401"],
        "headers": {"WWW-Authenticate": {"required": True, "schema": {"type": "string"}}},
    },
    **errors(
        on_403="`not_allowed`: the token is to read only, or its maker may not do that in the channel.",
        on_404="`not_found`: another channel than the token's, or nobody who is VIP through VIP Manager.",
    ),
    "503": _may_wait(
        json_answer(
            "`twitch_unavailable`, `reconnect` (the owner has to sign in with Twitch again), `store_unavailable` or "
            "`busy`: nothing is lost, try again.",
            ERROR,
        )
    ),
}
_CHANGES: Description = {
    **_OPENED,
    **errors(
        on_400="`bad_request`: the message says which field, and what it has to be.",
        on_415="`unsupported_media_type`: the body is not application/json.",
        on_422="`idempotency_key_reused`: the key came with another request before.",
    ),
    "409": _may_wait(
        json_answer(
            "Not done for that viewer now: "
            + ", ".join(f"`{one.value}`" for one in REFUSALS)
            + ". `leaving`: the channel leaves VIP Manager. `idempotency_in_progress`: the same call runs now.",
            ERROR,
        )
    ),
    **BODY_ERRORS,
}
_REPLAY = {REPLAYED: {"description": "`true`: this answer was given before.", "schema": {"const": "true"}}}


def _links(user_id: str) -> Description:
    """What can be done with somebody who is VIP."""
    where = {"login": "$request.path.login", "user_id": user_id}
    return {name: {"operationId": name, "parameters": where} for name in ("addHours", "endVip")}


def _vip(words: str) -> Description:
    return {**json_answer(words, _VIP), "links": _links("$response.body#/user_id")}


def _given(words: str) -> Description:
    return {**_vip(words), "headers": _REPLAY}


def _sent(*schemas: str) -> Description:
    """One of these."""
    each = [{"$ref": f"#/components/schemas/{schema}"} for schema in schemas]
    return {
        "required": True,
        "content": {"application/json": {"schema": each[0] if len(each) == 1 else {"oneOf": each}}},
    }


def _operation(operation_id: str, summary: str, description: str, **parts: Any) -> Description:
    return {
        "operationId": operation_id,
        "tags": [TAG],
        "summary": summary,
        "description": description,
        "security": [{"token": []}],
        **parts,
    }


_LATER = "Twitch does not answer right now. It is tried again by itself: look at the list for what becomes of it."

ROUTES: dict[str, dict[str, Description]] = {
    f"{_PATH}/vips": {
        "get": _operation(
            "listVips",
            "Who is VIP through VIP Manager",
            "VIPs whom the streamer gave the badge on Twitch are not among them.",
            parameters=[_LOGIN],
            responses={
                "200": {
                    **json_answer("All of them.", {"$ref": "#/components/schemas/VipList"}),
                    "links": _links("$response.body#/data/0/user_id"),
                },
                **{status: one for status, one in _OPENED.items() if status != "404"},
                **errors(on_404="`not_found`: another channel than the token's."),
            },
        ),
        "post": _operation(
            "giveVip",
            "Give VIP for some hours",
            "To whoever is VIP through VIP Manager already, more hours. Exactly one of `user_id` and `user_login`.",
            parameters=[_LOGIN, _KEY],
            requestBody=_sent("GiveById", "GiveByLogin"),
            responses={
                "200": _given("They were VIP, and have so many hours more."),
                "201": _given("They are VIP now."),
                "202": _given(_LATER),
                **_CHANGES,
            },
        ),
    },
    f"{_PATH}/vips/{{user_id}}": {
        "patch": _operation(
            "addHours",
            "Give more hours",
            "To somebody who is VIP through VIP Manager.",
            parameters=[_LOGIN, _USER_ID, _KEY],
            requestBody=_sent("AddHours"),
            responses={"200": _given("So many hours more."), "202": _given(_LATER), **_CHANGES},
        ),
        "delete": _operation(
            "endVip",
            "End VIP now",
            "What was paid for it is not given back, unless VIP had not been given yet. Who was made VIP on Twitch by "
            "hand is never touched.",
            parameters=[_LOGIN, _USER_ID],
            responses={
                "204": {"description": "They are no longer VIP."},
                "202": _vip(_LATER),
                **_OPENED,
                **BODY_ERRORS,
            },
        ),
    },
    f"{_PATH}/redemptions": {
        "get": _operation(
            "listRedemptions",
            "What was redeemed, the newest first",
            "Redemptions of the channel's rewards that give VIP.",
            parameters=[
                _LOGIN,
                asked(
                    "limit",
                    "How many at most.",
                    {"type": "integer", "minimum": 1, "maximum": redemptions.MOST, "default": redemptions.USUAL},
                ),
                asked(
                    "cursor",
                    "The `next_cursor` of an earlier answer: what comes after it.",
                    {"type": "string", "pattern": redemptions.CURSOR},
                ),
                asked(
                    "state",
                    "Only those in that state.",
                    {"type": "string", "enum": [one.value for one in RedemptionState]},
                ),
            ],
            responses={
                "200": {
                    **json_answer("A page.", {"$ref": "#/components/schemas/RedemptionList"}),
                    "links": {
                        "nextPage": {
                            "operationId": "listRedemptions",
                            "parameters": {"login": "$request.path.login", "cursor": "$response.body#/next_cursor"},
                        }
                    },
                },
                **{status: one for status, one in _OPENED.items() if status != "404"},
                **errors(
                    on_400="`bad_request`: the message says which parameter, and what it has to be.",
                    on_404="`not_found`: another channel than the token's.",
                ),
            },
        ),
    },
}
