"""The sandbox page's state: Twitch's side of one channel, and every act behind the curtain.

Our side is shown by the states that show it elsewhere, the dashboard's or the board's: who may see the first is decided
here as there, by the session cookie.
"""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import reflex as rx

from vip_manager.domain.sentence import Sentence
from vip_manager.domain.team import May
from vip_manager.domain.terms import InvalidInput, parse_login
from vip_manager.ports import StoreError
from vip_manager.services.access import NotAllowed, NotSignedIn, Visit
from vip_manager.services.container import NotRunning, running
from vip_manager.services.mishaps import Mishap
from vip_manager.services.sandbox import Sandbox, SandboxRefused
from vip_manager.services.stage import JournalLine, TwitchPicture
from vip_manager.ui import guard, live, rooms, words
from vip_manager.ui.auth_state import Site
from vip_manager.ui.language import message
from vip_manager.ui.pages.board.state import BoardPage
from vip_manager.ui.pages.dashboard.state import Dashboard

FIRST_CHANNEL = "streamer"
STEPS = {"10m": timedelta(minutes=10), "1h": timedelta(hours=1), "24h": timedelta(hours=24)}
KINDS = frozenset({"all", "request", "effect", "event", "fault"})


class Stage(Site):
    """`broken` says in words why there is no picture. `subject` is whose dialog is open, `reward` the title of what
    “Redeem” redeems (empty: the first that is open), `held` the journal as it was when it was stopped. `error_at` is
    "viewers" or "chat" where what went wrong was asked for there."""

    picture: TwitchPicture = TwitchPicture()
    loaded: bool = False
    broken: Sentence = Sentence()
    subject: str = ""
    error_at: str = ""
    reward: str = ""
    kind: str = "all"
    paused: bool = False
    held: list[JournalLine] = []  # noqa: RUF012  (Reflex gives each state its own copy)
    _channel: str = ""

    def _clear(self) -> None:
        super()._clear()
        self.error_at = ""

    @rx.event
    @guard.public
    async def enter(self) -> AsyncIterator[None]:
        """The page was opened, or its connection came back."""
        self._clear()
        self.subject = self.reward = ""
        self.notice, self.broken = Sentence(), Sentence()
        self.paused = False
        try:
            await self._greet()
            sandbox = running().sandbox
            if sandbox is None:
                self.picture = TwitchPicture()
                await live.leave(self)
                return
            self._channel = await sandbox.channel_id(await self._asked())
            async for _ in self._meet(self._channel):
                yield
            async for picture in live.settled(rooms.TWITCH, self._channel):
                self.picture = picture
                self.loaded = True
                yield
        except (StoreError, NotRunning):
            self.ready = True
            self.broken = Sentence(words.STORE_DOWN)
        except (InvalidInput, SandboxRefused) as error:
            await live.leave(self)
            self.broken = words.of_error(error)

    async def _asked(self) -> str:
        """Whose channel: the address says it, or it is one's own, or the first."""
        if login := self._query("channel"):
            return login
        person = await running().access.person(guard.cookie(self))
        return person.login if person and person.connected else FIRST_CHANNEL

    async def _meet(self, channel_id: str) -> AsyncIterator[None]:
        """Our side, as far as this person may see it."""
        beside = live.stage(channel_id)
        visit = await self._staff(channel_id)
        if visit:
            dashboard = await self.get_state(Dashboard)
            dashboard._is(await live.join_staff(self, channel_id, visit.person, beside, role=visit.role))
            async for picture in live.settled(rooms.STAFF, channel_id):
                dashboard.picture = picture
                yield
        else:
            await live.join_board(self, channel_id, beside)
            (await self.get_state(Dashboard))._leave()
            board = await self.get_state(BoardPage)
            async for picture in live.settled(rooms.BOARD, channel_id):
                board.picture = picture
                yield

    async def _staff(self, channel_id: str) -> Visit | None:
        try:
            return await running().access.require(guard.cookie(self), channel_id, May.SEE)
        except (NotSignedIn, NotAllowed):
            return None

    @rx.event
    @guard.sandbox
    async def redeem(self, sandbox: Sandbox, login: str) -> None:
        self._clear()
        self.error_at = "viewers"
        await sandbox.redeem_any(self._channel, login, self.reward)

    @rx.event
    @guard.sandbox
    def choose(self, sandbox: Sandbox, title: str) -> None:
        """What “Redeem” redeems from now on."""
        self.reward = title

    @rx.event
    @guard.sandbox
    def ask(self, sandbox: Sandbox, login: str) -> None:
        """Opens the dialog about one viewer."""
        self._clear()
        self.subject = parse_login(login)

    @rx.event
    @guard.sandbox
    def close(self, sandbox: Sandbox) -> None:
        self._clear()
        self.subject = ""

    @rx.event
    @guard.sandbox
    def dismiss(self, sandbox: Sandbox) -> None:
        """What went wrong has been read."""
        self._clear()

    @rx.event
    @guard.sandbox
    async def vip(self, sandbox: Sandbox, on: bool) -> None:
        """The viewer of the open dialog, by hand. So below."""
        self._clear()
        await sandbox.vip(self._channel, self.subject, on)

    @rx.event
    @guard.sandbox
    async def moderator(self, sandbox: Sandbox, on: bool) -> None:
        self._clear()
        await sandbox.moderator(self._channel, self.subject, on)

    @rx.event
    @guard.sandbox
    async def ban(self, sandbox: Sandbox, on: bool) -> None:
        self._clear()
        await sandbox.ban(self._channel, self.subject, on)

    @rx.event
    @guard.sandbox
    async def give_points(self, sandbox: Sandbox, form: dict[str, Any]) -> None:
        self._clear()
        await sandbox.points(self._channel, self.subject, form.get("points", ""))

    @rx.event
    @guard.sandbox
    async def say(self, sandbox: Sandbox, form: dict[str, Any]) -> None:
        """Somebody writes in the chat."""
        self._clear()
        self.error_at = "chat"
        await sandbox.say(self._channel, form.get("viewer", ""), str(form.get("text", "")))

    @rx.event
    @guard.sandbox
    async def arrive(self, sandbox: Sandbox, form: dict[str, Any]) -> None:
        self._clear()
        self.error_at = "viewers"
        login = parse_login(form.get("login", ""))
        await sandbox.arrive(login)
        self._say("@{who} came by.", who=login)

    @rx.event
    @guard.sandbox
    async def go_live(self, sandbox: Sandbox, on: bool) -> None:
        self._clear()
        await sandbox.live(self._channel, on)

    @rx.event
    @guard.sandbox
    async def affiliate(self, sandbox: Sandbox, on: bool) -> None:
        self._clear()
        await sandbox.affiliate(self._channel, on)

    @rx.event
    @guard.sandbox
    async def seats(self, sandbox: Sandbox, seats: int) -> None:
        self._clear()
        await sandbox.seats(self._channel, seats)

    @rx.event
    @guard.sandbox
    async def settle(self, sandbox: Sandbox, redemption_id: str, accept: bool) -> None:
        self._clear()
        await sandbox.settle(redemption_id, accept)

    @rx.event
    @guard.sandbox
    async def evening(self, sandbox: Sandbox, on: bool) -> None:
        self._clear()
        await sandbox.evening(self._channel, on)
        self._say("The stream is live, and the first viewers redeem." if on else "The evening was stopped.")

    @rx.event
    @guard.sandbox
    async def jump(self, sandbox: Sandbox, step: str) -> AsyncIterator[None]:
        self._clear()
        if step != "end" and step not in STEPS:
            raise InvalidInput("jump", words.SOMETHING)
        self.busy = f"jump:{step}"
        yield
        if step == "end":
            await sandbox.jump_to_next_end(self._channel)
        else:
            await sandbox.jump(STEPS[step])

    @rx.event
    @guard.sandbox
    async def switch(self, sandbox: Sandbox, name: str, on: bool) -> None:
        """One of Twitch's mishaps."""
        self._clear()
        await sandbox.switch(self._channel, _mishap(name), on)

    @rx.event
    @guard.sandbox
    async def heal(self, sandbox: Sandbox) -> None:
        self._clear()
        await sandbox.heal(self._channel)
        self._say("Twitch is well again.")

    @rx.event
    @guard.sandbox
    async def strike(self, sandbox: Sandbox, name: str) -> None:
        """What happens once, at the press of a button."""
        self._clear()
        strikes = {
            "cut": sandbox.cut_sockets,
            "move": sandbox.move_sockets,
            "tokens": sandbox.kill_tokens,
            "disconnect": sandbox.disconnect,
        }
        if name not in strikes:
            raise InvalidInput("strike", words.SOMETHING)
        await strikes[name](self._channel)
        self._say(_STRUCK[name])

    @rx.event
    @guard.sandbox
    def show(self, sandbox: Sandbox, kind: str) -> None:
        """Which lines of the journal."""
        self.kind = kind if kind in KINDS else "all"

    @rx.event
    @guard.sandbox
    async def pause(self, sandbox: Sandbox, on: bool) -> None:
        """The journal stands still, for reading. What the page was sent since is not known here, so it is read."""
        self.paused = on
        self.held = (await sandbox.picture(self._channel)).journal if self.paused else []


rooms.TWITCH.shown_by(Stage)

_STRUCK = {
    "cut": message("The socket was cut."),
    "move": message("Twitch asked for another socket."),
    "tokens": message("The streamer's tokens are dead."),
    "disconnect": message("The streamer disconnected VIP Manager on Twitch."),
}


def _mishap(name: str) -> Mishap:
    try:
        return Mishap(name)
    except ValueError:
        raise InvalidInput("mishap", words.SOMETHING) from None
