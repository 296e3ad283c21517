"""The team's page: who may do what in the channel, whom the owner names, and who leaves."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import reflex as rx

from vip_manager.domain.team import May, Role, parse_role
from vip_manager.domain.terms import parse_login
from vip_manager.services.access import Visit
from vip_manager.services.container import running
from vip_manager.ui import guard, live, team_words, typed
from vip_manager.ui.channel_page import ChannelPage


@dataclass(frozen=True)
class Suggestion:
    """A moderator of the channel on Twitch who is not on the team."""

    user_id: str
    login: str
    username: str


class Team(ChannelPage):
    """`you` is the id of the person in front of the page. `suggested` are moderators, once they were `looked_up`.
    `error_at` is "name" where naming somebody went wrong."""

    you: str = ""
    suggested: list[Suggestion] = []  # noqa: RUF012  (Reflex gives each state its own copy)
    looked_up: bool = False

    def _leave(self) -> None:
        super()._leave()
        self.you = ""
        self.suggested, self.looked_up = [], False

    @rx.event
    @guard.public
    async def enter(self) -> AsyncIterator[Any]:
        """The page was opened, or its connection came back."""
        self.suggested, self.looked_up = [], False
        async for step in self._enter():
            yield step

    def _met(self) -> None:
        self.you = self._seen

    @rx.event
    @guard.staff(May.TEAM)
    async def name(self, visit: Visit, form: dict[str, Any]) -> AsyncIterator[None]:
        self._clear()
        self.error_at = "name"
        login, role = typed.fields(form, "login", "role")
        login, role = parse_login(login), parse_role(role)
        self.busy = "name"
        yield
        await self._name(visit, login, role)

    @rx.event
    @guard.staff(May.TEAM)
    async def suggest(self, visit: Visit) -> AsyncIterator[None]:
        """The channel's moderators, to choose from."""
        self._clear()
        self.error_at = "name"
        self.busy = "suggest"
        yield
        found = await running().roster.moderators(visit.channel_id)
        self.suggested = [Suggestion(one.id, one.login, one.username) for one in found]
        self.looked_up = True

    @rx.event
    @guard.staff(May.TEAM)
    async def name_moderator(self, visit: Visit, login: str) -> AsyncIterator[None]:
        """As a helper, who may least."""
        self._clear()
        self.error_at = "name"
        login = parse_login(login)
        self.busy = f"name:{login}"
        yield
        await self._name(visit, login, Role.HELPER)

    async def _name(self, visit: Visit, login: str, role: Role) -> None:
        member = await running().roster.name(visit.person, visit.channel_id, login, role)
        self.suggested = [one for one in self.suggested if one.user_id != member.id]
        self._say(
            "@{who} is a {role} now. They sign in here with Twitch, and find your channel.",
            who=member.username,
            role=team_words.named(Role(role)),
        )

    @rx.event
    @guard.staff(May.TEAM)
    async def change_role(self, visit: Visit, user_id: str, role: str) -> AsyncIterator[None]:
        self._clear()
        user_id, role = typed.record_id(user_id), parse_role(role)
        self.busy = f"role:{user_id}"
        yield
        member = await running().roster.change(visit.person, visit.channel_id, user_id, role)
        self._say("@{who} is a {role} now.", who=member.username, role=team_words.named(Role(role)))

    @rx.event
    @guard.staff(May.TEAM)
    async def take_off(self, visit: Visit) -> AsyncIterator[None]:
        if self.dialog != "off" or not self.subject:
            return
        self._clear()
        self.busy = "off"
        yield
        await running().roster.dismiss(visit.person, visit.channel_id, self.subject)
        self._close()
        self._say("They are off the team.")

    @rx.event
    @guard.staff(May.SEE)
    async def quit(self, visit: Visit) -> AsyncIterator[None]:
        """Everybody may leave a team by themselves."""
        if self.dialog != "leave":
            return
        self._clear()
        self.busy = "leave"
        yield
        channel = self.picture.username
        await running().roster.leave(visit.person, visit.channel_id)
        await live.leave(self)
        await self._out_of(visit.channel_id, team_words.off_team(channel))
