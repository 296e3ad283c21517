"""`GET /api/openapi.json`: every route under /api, described (OpenAPI 3.1, https://spec.openapis.org/oas/v3.1.1.html).

Written by hand, so that it says what is meant; a test holds it against the routes that there are.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from vip_manager.domain.history import Topic
from vip_manager.services import rates
from vip_manager.web import body, openapi_public
from vip_manager.web.describing import ERROR, Description, asked, errors, fields, header, json_answer, whole
from vip_manager.web.v1 import openapi as v1

_BODY_ERRORS = errors(
    on_408=f"The body was not complete within {body.LONGEST_WAIT:g} s.",
    on_413=f"The body is longer than {body.MOST_BYTES} bytes.",
)

_LEADS_ON = {
    "description": "Leads on, in the end to a page that says in words what came of it.",
    "headers": {"Location": {"required": True, "schema": {"type": "string"}}},
}

_DEPENDENCY = fields(ok={"type": "boolean"}, latency_ms={"type": "number", "minimum": 0})

_LOGIN = {
    "tags": ["sign-in"],
    "summary": "Begin to sign in with Twitch",
    "parameters": [
        asked("next", "The path of this site on which it ends; anything else counts as the dashboard."),
        asked("connect", "`channel`: also ask for what it takes to give VIP in the person's channel."),
    ],
    "responses": {"303": _LEADS_ON},
}

_CALLBACK = {
    "tags": ["sign-in"],
    "summary": "Twitch leads the browser back to here",
    "parameters": [
        asked("code", "What Twitch gives for the person's tokens."),
        asked("state", "What this browser left with."),
        asked("error", "Why there is no code."),
    ],
    "responses": {"303": _LEADS_ON},
}

_LOGOUT: Description = {
    "tags": ["sign-in"],
    "summary": "End the session, on the server too",
    "description": "A form of our own pages, with the token that the page was given.",
    "security": [{"session": []}, {}],
    "requestBody": {
        "content": {
            "application/x-www-form-urlencoded": {
                "schema": {"type": "object", "properties": {"token": {"type": "string"}}}
            }
        }
    },
    "responses": {
        "303": _LEADS_ON,
        **errors(
            on_403="`wrong_origin` or `wrong_token`: not sent by a page of ours. A browser is led to words.",
            on_503="The store is out of reach.",
        ),
        **_BODY_ERRORS,
    },
}

_EXPIRE = {
    "tags": ["operation"],
    "summary": "One sweep: end what is due, finish what is open",
    "description": "For a scheduler. Two at once never do a thing twice.",
    "security": [{"scheduler": []}],
    "responses": {
        "200": json_answer(
            "Done, within its bounds.",
            fields(
                expired=whole("Sessions ended on Twitch."),
                failed=whole("Put off with an error."),
                remaining=whole("Due and not reached."),
                recovered=whole("Redemptions that were found by looking."),
                refunded=whole("Points given back."),
                duration_ms=whole("Milliseconds that it took."),
            ),
        ),
        **errors(
            on_401="The credential is missing or wrong.",
            on_503="No scheduler is set up, or the store or Google is out of reach; call again.",
        ),
        **_BODY_ERRORS,
    },
}

_EVENTSUB = {
    "tags": ["operation"],
    "summary": "Twitch tells of an event",
    "description": "https://dev.twitch.tv/docs/eventsub/handling-webhook-events/",
    "parameters": [
        header("Twitch-Eventsub-Message-Id", "The same when it is sent again."),
        header("Twitch-Eventsub-Message-Timestamp", "RFC 3339, within ten minutes of now."),
        header("Twitch-Eventsub-Message-Signature", "HMAC-SHA256 over id, timestamp and body."),
        header("Twitch-Eventsub-Message-Type", "What the body is."),
    ],
    "requestBody": {"required": True, "content": {"application/json": {"schema": {"type": "object"}}}},
    "responses": {
        "200": {
            "description": "The challenge, for a new subscription.",
            "content": {"text/plain": {"schema": {"type": "string"}}},
        },
        "204": {"description": "Taken, now or before."},
        **errors(
            on_400="Signed, and can't be read.",
            on_403="Not signed by Twitch, or not just now.",
            on_404="Events do not come by webhook here.",
            on_503="The store is out of reach; send it again.",
        ),
        **_BODY_ERRORS,
    },
}

_HEALTH = {
    "tags": ["operation"],
    "summary": "The process is up",
    "responses": {"200": json_answer("It is; no dependency was asked.", fields(status={"const": "ok"}))},
}

_READY_SCHEMA = fields(ok={"type": "boolean"}, store=_DEPENDENCY, twitch=_DEPENDENCY)

_READY = {
    "tags": ["operation"],
    "summary": "The process can work",
    "responses": {
        "200": json_answer("The store is within reach. Twitch may be away.", _READY_SCHEMA),
        "503": json_answer("The store is out of reach.", _READY_SCHEMA),
    },
}

_OPENAPI = {
    "tags": ["operation"],
    "summary": "This description",
    "responses": {"200": json_answer("OpenAPI 3.1.", {"type": "object", "required": ["openapi", "info", "paths"]})},
}

_DATA: dict[str, Any] = {
    "tags": ["data"],
    "summary": "All that is stored of a channel",
    "description": "Lines of JSON (services/download.py), as it is read: the last one says how many documents came.",
    "security": [{"session": []}],
    "parameters": [
        {
            "name": "channel_id",
            "in": "path",
            "required": True,
            "description": "Twitch's id of the streamer.",
            "schema": {"type": "string"},
        }
    ],
    "responses": {
        "200": {
            "description": "An attachment.",
            "content": {"application/x-ndjson": {"schema": {"type": "string"}}},
        },
        **errors(
            on_401="Nobody is signed in.",
            on_403="Not the owner of that channel.",
            on_404="There is no such address.",
            on_503="The store is out of reach.",
        ),
    },
}

_HISTORY = {
    "tags": ["data"],
    "summary": "What happened in a channel, as a spreadsheet",
    "description": "CSV (RFC 4180) in UTF-8 with a byte order mark, newest first, as it is read. The first row has the "
    "names of the columns; a cell that a spreadsheet would take for a formula begins with an apostrophe.",
    "security": [{"session": []}],
    "parameters": [
        *_DATA["parameters"],
        asked("kind", f"What it is about, one of {', '.join(Topic)}; all where it is absent."),
        asked("who", "The Twitch name of somebody whom it is about, or who did it."),
        asked("from", "The first day, as 2026-03-29."),
        asked("to", "The last day."),
        asked("zone", "The IANA time zone of these days; UTC where it is absent or unknown."),
    ],
    "responses": {
        "200": {"description": "An attachment.", "content": {"text/csv": {"schema": {"type": "string"}}}},
        **errors(
            on_400="A parameter can't be read; the message says which.",
            on_401="Nobody is signed in.",
            on_403="Not on the team of that channel.",
            on_404="There is no such address.",
            on_503="The store is out of reach; or Twitch, and nothing here tells who has that name.",
        ),
    },
}

_DELETE_ACCOUNT = {
    **_LOGOUT,
    "tags": ["data"],
    "summary": "Delete the account of somebody without a channel",
    "responses": {
        **_LOGOUT["responses"],
        **errors(on_401="Nobody is signed in.", on_409="They have a channel, and leave with it first."),
    },
}

_ROUTES: dict[str, dict[str, Description]] = {
    "/api/auth/login": {"get": _LOGIN},
    "/api/auth/callback": {"get": _CALLBACK},
    "/api/auth/logout": {"post": _LOGOUT},
    "/api/channels/{channel_id}/data": {"get": _DATA},
    "/api/channels/{channel_id}/history.csv": {"get": _HISTORY},
    **openapi_public.ROUTES,
    "/api/account/delete": {"post": _DELETE_ACCOUNT},
    "/api/cron/expire": {"post": _EXPIRE},
    "/api/eventsub": {"post": _EVENTSUB},
    **v1.ROUTES,
    "/api/health": {"get": _HEALTH},
    "/api/ready": {"get": _READY},
    "/api/openapi.json": {"get": _OPENAPI},
}


def _limited(path: str, operation: Description) -> Description:
    """With the answer to who asks too often, where that is counted."""
    if rates.of_path(path) is None:
        return operation
    waits = {"required": True, "description": "Whole seconds to wait.", "schema": {"type": "integer", "minimum": 1}}
    page = {"text/html": {"schema": {"type": "string"}}}
    content = page if rates.walked(path) else {"application/json": {"schema": ERROR}}
    too_often = {"description": "That was too often.", "headers": {"Retry-After": waits}, "content": content}
    return {**operation, "responses": {**operation["responses"], "429": too_often}}


PATHS = {
    path: {method: _limited(path, operation) for method, operation in operations.items()}
    for path, operations in _ROUTES.items()
}


def document(*, public_url: str, session_cookie: str) -> Description:
    return {
        "openapi": "3.1.1",
        "info": {
            "title": "VIP Manager",
            "version": "1",
            "description": "VIP for channel points on Twitch. Every answer carries its request's id in `X-Request-Id`.",
        },
        "servers": [{"url": public_url}],
        "tags": [
            {"name": "sign-in", "description": "What a browser walks through."},
            {"name": "public", "description": "What anybody may see."},
            {"name": "data", "description": "What is stored of whom, taken along or deleted."},
            {"name": "v1", "description": "For programs of the staff's: Stream Deck, bots (docs/api.md)."},
            {"name": "operation", "description": "For Twitch, schedulers and load balancers."},
        ],
        "paths": PATHS,
        "components": {
            "schemas": {
                **v1.SCHEMAS,
                "Error": fields(
                    error=fields(
                        code={"type": "string", "description": "For programs; stays the same."},
                        message={"type": "string", "description": "For people."},
                    )
                ),
            },
            "securitySchemes": {
                **v1.SECURITY,
                "session": {"type": "apiKey", "in": "cookie", "name": session_cookie},
                "scheduler": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "CRON_SECRET, or an OIDC token of the service account CRON_INVOKER.",
                },
            },
        },
    }


def describe(description: Description) -> Callable[[Request], Awaitable[Response]]:
    async def route(_: Request) -> Response:
        return JSONResponse(description)

    return route
