"""Signing in by Twitch's authorization code (https://dev.twitch.tv/docs/authentication/getting-tokens-oauth/).

A browser walks through these routes, so each ends on a page: a problem is handed to the landing page as `?problem=`.
"""

import base64
import binascii
import hmac
import json
import re
import secrets
from collections.abc import Sequence
from typing import TypedDict
from urllib.parse import unquote, urlencode, urlsplit

import structlog
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from vip_manager import measures
from vip_manager.ports import Rejected, StoreError, TwitchError
from vip_manager.services.access import SIGNED_IN_FOR
from vip_manager.services.accounts import ChannelNotAllowed, ScopesMissing
from vip_manager.services.container import running
from vip_manager.web import forms
from vip_manager.web.browser_name import browser_name

log = structlog.get_logger(__name__)

HOME = "/dashboard"
_MINUTES_TO_SIGN_IN = 10
_MOST_ATTEMPTS = 4
_MOVED = "moved"


def own_path(wanted: str | None) -> str:
    """`wanted` where it is a path of ours, else the dashboard: a redirect must never lead to another site.

    Browsers (https://url.spec.whatwg.org/) take a backslash for a slash, leave out tabs and line ends, and climb by
    dots, encoded ones too. So a path with anything of that, or with an empty part inside, is none of ours.
    """
    if not wanted or not wanted.isascii() or not wanted.isprintable() or "\\" in wanted or len(wanted) > 500:
        return HOME
    first, *parts = re.split("[?#]", wanted, maxsplit=1)[0].split("/")
    if first or not parts or "" in parts[:-1] or any(unquote(part) in (".", "..") for part in parts):
        return HOME
    return wanted


class Attempt(TypedDict):
    """What the browser keeps between leaving for Twitch and coming back."""

    state: str
    next: str
    connect: bool


class AuthRoutes:
    """`secure`: the page is served by https, so cookies are bound to it by the `__Host-` prefix."""

    def __init__(self, *, secure: bool, origin: str) -> None:
        self._secure = secure
        self._origin = origin
        self._attempt_cookie = "__Host-vip-attempt" if secure else "vip-attempt"

    def routes(self) -> list[Route]:
        return [
            Route("/auth/login", self.login),
            Route("/auth/callback", self.callback),
            Route("/auth/logout", self.logout, methods=["POST"]),
        ]

    async def login(self, request: Request) -> Response:
        asked = request.query_params
        if request.headers.get("host") != urlsplit(self._origin).netloc and _MOVED not in asked:
            # Twitch sends the browser back to PUBLIC_URL, and cookies set under another name would not be there. Once:
            # a proxy may have us by a name of its own.
            return _redirect(f"{self._origin}/api/auth/login?{urlencode([*asked.multi_items(), (_MOVED, '1')])}")
        state = secrets.token_urlsafe(24)
        connect = asked.get("connect") == "channel"
        attempt = Attempt(state=state, next=own_path(asked.get("next")), connect=connect)
        response = _redirect(await self._leads_to(request, state, connect))
        self._keep([attempt, *self._attempts(request)], response)
        return response

    async def _leads_to(self, request: Request, state: str, connect: bool) -> str:
        """What is asked for beside the rest depends on who it is. Where that can't be read, the rest is asked for."""
        accounts = running().accounts
        if connect:
            try:
                person = await running().access.person(request.headers.get("cookie", ""))
                person_id = person.id if person else ""
                return await accounts.authorize_url(state, connect=True, person_id=person_id)
            except StoreError as problem:
                log.warning("asking for no more than managing a channel needs", error=str(problem))
        return await accounts.authorize_url(state, connect=connect)

    async def callback(self, request: Request) -> Response:
        """Twitch's answer. That attempt is over with it, whatever it says; another tab's is not."""
        state = request.query_params.get("state", "").encode()
        attempts = self._attempts(request)
        attempt = next((one for one in attempts if hmac.compare_digest(one["state"].encode(), state)), None)
        response = await self._called_back(request, attempt)
        self._keep([one for one in attempts if one is not attempt], response)
        return response

    async def logout(self, request: Request) -> Response:
        """Ends where nobody is signed in, too: two windows may ask for it."""
        access = running().access
        try:
            await forms.sender(request, self._origin)
            await access.sign_out(request.headers.get("cookie", ""))
            # After the answer this process may sleep.
            await running().changes.told()
        except forms.NotOurForm as refusal:
            return forms.refused(request, 403, refusal.code, str(refusal))
        except StoreError as problem:
            log.error("sign-out failed", error=str(problem))
            return forms.refused(request, 503, "store_unavailable", "The store is out of reach. Try again in a moment.")
        response = _redirect("/")
        response.delete_cookie(access.cookie_name, httponly=True, secure=self._secure, samesite="lax")
        return response

    def _attempts(self, request: Request) -> list[Attempt]:
        """The newest first; none that this program could not have written."""
        try:
            read = json.loads(base64.urlsafe_b64decode(request.cookies.get(self._attempt_cookie, "")))
            return [
                Attempt(state=str(one["state"]), next=str(one["next"]), connect=one["connect"] is True)
                for one in read[:_MOST_ATTEMPTS]
                if str(one["state"]).isascii()
            ]
        except (binascii.Error, ValueError, TypeError, KeyError):
            return []

    def _keep(self, attempts: Sequence[Attempt], response: Response) -> None:
        """In the browser: a few tabs may be on their way at once."""
        bound = {"httponly": True, "secure": self._secure, "samesite": "lax"}
        if not attempts:
            response.delete_cookie(self._attempt_cookie, **bound)  # type: ignore[arg-type]
            return
        written = json.dumps(list(attempts[:_MOST_ATTEMPTS])).encode()
        response.set_cookie(
            self._attempt_cookie,
            base64.urlsafe_b64encode(written).decode(),
            max_age=_MINUTES_TO_SIGN_IN * 60,
            **bound,  # type: ignore[arg-type]
        )

    async def _called_back(self, request: Request, attempt: Attempt | None) -> RedirectResponse:
        query = request.query_params
        if attempt is None:
            measures.auth_failures.add(1, {"door": "sign_in"})
            return _problem("state")
        if "error" in query:
            return _problem("denied" if query["error"] == "access_denied" else "unknown")
        services = running()
        try:
            account = await services.accounts.complete(query.get("code", ""), connect=attempt["connect"])
            # A new session at each sign-in; the one that this browser had before ends here.
            browser = browser_name(request.headers.get("user-agent", ""))
            cookie = await services.access.sign_in(account.id, browser, request.headers.get("cookie", ""))
        except ScopesMissing:
            return _problem("denied")
        except ChannelNotAllowed:
            return _problem("not_allowed")
        except Rejected:
            measures.auth_failures.add(1, {"door": "sign_in"})
            return _problem("code")
        except TwitchError as refused:
            log.warning("sign-in failed", error=str(refused))
            return _problem("twitch")
        except StoreError as refused:
            log.error("sign-in failed", error=str(refused))
            return _problem("unknown")
        response = _redirect(own_path(attempt["next"]))
        response.set_cookie(
            services.access.cookie_name,
            cookie,
            max_age=round(SIGNED_IN_FOR.total_seconds()),
            httponly=True,
            secure=self._secure,
            samesite="lax",
        )
        return response


def _redirect(where: str) -> RedirectResponse:
    return RedirectResponse(where, status_code=303, headers={"Cache-Control": "no-store"})


def _problem(code: str) -> RedirectResponse:
    return _redirect("/?" + urlencode({"problem": code}))
