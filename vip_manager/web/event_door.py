"""The door of what Twitch posts: it goes past the layers of Reflex and Starlette, which take longer over a post than
all that is done with it.
"""

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from vip_manager.web import eventsub
from vip_manager.web.answers import error, of_problem

MOST_AT_ONCE = 500
"""Posts that are being taken: some seconds' work for one core. More would only wait, in memory, until Twitch gives them
up; what is refused Twitch sends again."""


class EventDoor:
    """Pure ASGI; all else passes untouched."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._taking = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "POST" or scope["path"] != eventsub.PATH:
            await self._app(scope, receive, send)
            return
        # By this the edge knows what it has measured.
        scope["endpoint"] = eventsub.deliver
        if self._taking >= MOST_AT_ONCE:
            refused = error(503, "busy", "More is told at once than can be taken. Send it again.")
            refused.headers["Retry-After"] = "1"
            await refused(scope, receive, send)
            return
        self._taking += 1
        try:
            await self._take(scope, receive, send)
        finally:
            self._taking -= 1

    async def _take(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        # The edge has it in one piece.
        body = (await receive()).get("body", b"")
        try:
            answer = await eventsub.answer_to(headers, body)
        except Exception as problem:
            answer = of_problem(Request(scope), problem)
            await answer(scope, receive, send)
            if answer.status_code == 500:
                raise
            return
        await answer(scope, receive, send)
