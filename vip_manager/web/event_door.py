"""The door of what Twitch posts: it goes past the layers of Reflex and Starlette, which take longer over a post than
all that is done with it.
"""

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from vip_manager.web import eventsub
from vip_manager.web.answers import of_problem


class EventDoor:
    """Pure ASGI; all else passes untouched."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "POST" or scope["path"] != eventsub.PATH:
            await self._app(scope, receive, send)
            return
        # By this the edge knows what it has measured.
        scope["endpoint"] = eventsub.deliver
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
