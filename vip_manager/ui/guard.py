"""Decides, on the server and for every single event, who is asking and whether they may.

Every public function of a State can be called by anybody who opens a socket, whatever page they are on. So each one is
decorated with `public`, `person`, `staff` or `sandbox`; a test walks over all of them. What the decorators hand to a
handler comes from the session cookie of the socket's handshake and from the page's address, never from the handler's
arguments.
"""

import functools
import inspect
from collections.abc import AsyncIterator, Callable
from typing import Any

import reflex as rx
from reflex.state import BaseState, StateUpdate
from reflex_base.event import Event

from vip_manager.domain.team import May
from vip_manager.domain.terms import InvalidInput
from vip_manager.services.access import NotSignedIn, Person, Visit
from vip_manager.services.container import running
from vip_manager.services.sandbox import Sandbox, TwitchIsReal
from vip_manager.ui import rooms, words
from vip_manager.ui.arguments import Arguments
from vip_manager.ui.auth_state import Site

Handler = Callable[..., Any]


def public(handler: Handler) -> Handler:
    """Anybody may. The handler gets no visitor."""

    async def admit(state: Site) -> None:
        return None

    return _guarded(handler, "public", admit, gets_visitor=False)


def person(handler: Handler) -> Handler:
    """Anybody who is signed in may; the handler gets the Person first."""
    return _guarded(handler, "person", _person, gets_visitor=True)


def staff(act: May) -> Callable[[Handler], Handler]:
    """Only who may do that in the channel that the page shows; the handler gets a Visit first."""

    async def admit(state: Site) -> Visit:
        return await visit(state, act)

    def decorate(handler: Handler) -> Handler:
        guarded = _guarded(handler, "staff", admit, gets_visitor=True)
        guarded._may = act
        return guarded

    return decorate


def sandbox(handler: Handler) -> Handler:
    """Anybody may, but only where Twitch is simulated; the handler gets the Sandbox first."""
    return _guarded(handler, "sandbox", curtain, gets_visitor=True)


async def curtain(state: Site) -> Sandbox:
    """What one can do behind the curtain. Raises TwitchIsReal."""
    found = running().sandbox
    if found is None:
        raise TwitchIsReal
    return found


def cookie(state: BaseState) -> str:
    """The `Cookie` header of the socket's handshake. A page can't change it."""
    return str(state.router.headers.cookie or "")


async def _person(state: Site) -> Person:
    found = await running().access.person(cookie(state))
    if found is None:
        raise NotSignedIn
    return found


async def visit(state: Site, act: May) -> Visit:
    """Who may do that in the channel of the page's address. Raises NotSignedIn, NotAllowed."""
    channel_id = state._query("channel") or (await _person(state)).id
    return await running().access.require(cookie(state), channel_id, act)


def _guarded(handler: Handler, kind: str, admit: Callable[[Any], Any], *, gets_visitor: bool) -> Handler:
    """Checks, calls, and turns what goes wrong into words."""

    arguments = Arguments(list(inspect.signature(handler).parameters.values())[2 if gets_visitor else 1 :])

    @functools.wraps(handler)
    async def checked(self: Site, *args: Any, **kwargs: Any) -> AsyncIterator[Any]:
        try:
            visitor = await admit(self)
            call = functools.partial(handler, self, visitor) if gets_visitor else functools.partial(handler, self)
            result = call(**arguments.parse(args, kwargs))
            if inspect.isasyncgen(result):
                async for step in result:
                    yield step
            else:
                step = await result if inspect.isawaitable(result) else result
                if step is not None:
                    yield step
        except NotSignedIn as error:
            await self._part()
            self._fail(words.of_error(error))
        except InvalidInput as error:
            self._fail(error.sentence, error.field)
        except Exception as error:
            self._fail(words.of_error(error))
        finally:
            self.busy = ""

    # The visitor is not an argument that a page could send, so Reflex must not see it as one.
    signature = inspect.signature(handler)
    parameters = list(signature.parameters.values())
    if gets_visitor:
        visitor_name = parameters.pop(1).name
        checked.__annotations__ = {k: v for k, v in handler.__annotations__.items() if k != visitor_name}
    checked.__annotations__.pop("return", None)
    del checked.__wrapped__
    checked.__signature__ = signature.replace(parameters=parameters, return_annotation=inspect.Signature.empty)
    checked._guarded = kind
    checked._arguments = arguments
    return checked


class Newcomer(rx.Middleware):
    """Before anything is done with a state for a socket that is new to it: is it still the same person who looks?

    A state lives on for minutes after its socket is gone, a browser tab keeps its token across a sign-out, and a
    token is easily told to somebody else. A socket's cookie stays what it was, so each is looked at once, and again
    where the page is told all that its state holds. What it was shown of a board is dropped there in any case: the
    board may be another by now.
    """

    async def preprocess(self, app: rx.App, state: BaseState, event: Event) -> StateUpdate | None:
        site = await state.get_state(Site)
        anew = event.name.endswith((".hydrate", ".hydrate_and_load"))
        if anew:
            # The copies in these states are of when the page was opened: nothing of them is told again.
            for public in {room.state for room in rooms.PUBLIC if room.state is not None}:
                (await state.get_state(public))._outdated()
            # A page that was just loaded says what it holds; one that lost its socket has no hashes to tell any more.
            site._back = not event.payload.get("hashes")
        sid = site.router.session.session_id
        if sid != site._socket or anew:
            if site._seen and site._seen != await self._who(site):
                # Also what was typed, and said, on any page.
                site._get_root_state().reset()
            site._socket = sid
        return None

    async def _who(self, page: Site) -> str:
        try:
            return (await _person(page)).id
        except Exception:
            return ""
