"""Whom the owner names to help, what each is, and who leaves."""

from collections.abc import Callable
from dataclasses import replace

from vip_manager.domain.audit import Action, AuditEntry
from vip_manager.domain.channel import Channel
from vip_manager.domain.sentence import Sentence
from vip_manager.domain.team import MOST_MEMBERS, Member, Role, parse_role
from vip_manager.domain.terms import InvalidInput
from vip_manager.ports import Clock, Store, Twitch, TwitchUser
from vip_manager.services.access import Person
from vip_manager.services.by_name import by_name
from vip_manager.services.channels import ChannelService, Team, Telling
from vip_manager.services.journal import about_person


class Roster:
    """Every change is one commit with its line, made of the team as it stands when that is written."""

    def __init__(self, store: Store, twitch: Twitch, clock: Clock, channels: ChannelService) -> None:
        self._store = store
        self._twitch = twitch
        self._clock = clock
        self._channels = channels

    async def channels_of(self, user_id: str) -> list[Channel]:
        """Those that somebody may choose from, their own first, if there is one; empty where they serve nobody."""
        named = await self._store.channels.served_by(user_id)
        served = [one for one in named if one.role_of(user_id) is not None]
        own = await self._store.channels.get(user_id) if served else None
        return [own, *served] if own else served

    async def name(self, person: Person, channel_id: str, login: str, role: Role) -> Member:
        """Whoever has that name on Twitch has that part from now on. Raises InvalidInput, Refused, TwitchError."""
        role = parse_role(role)
        await self._channels.get(channel_id)
        user = await by_name(self._twitch, channel_id, login)
        if user.id == channel_id:
            raise InvalidInput("login", "It is their own channel: they may do everything already.")
        member = Member(user.id, user.login, user.username, role, self._clock.now(), user.avatar_url)

        def named(team: Team) -> Team:
            if there := _of(team, user.id):
                raise InvalidInput(
                    "login", "@{who} is on the team already, as a {role}.", who=user.username, role=Sentence(there.role)
                )
            if len(team) >= MOST_MEMBERS:
                raise InvalidInput(
                    "login", "A team has room for {most, number}. Take somebody off first.", most=MOST_MEMBERS
                )
            return (*team, member)

        await self._channels.change_team(channel_id, named, self._by(person))
        return member

    async def change(self, person: Person, channel_id: str, user_id: str, role: Role) -> Member:
        """Somebody who is that already stays it. Raises InvalidInput."""
        role = parse_role(role)

        def changed(team: Team) -> Team:
            if _of(team, user_id) is None:
                raise InvalidInput("member", "They are not on the team any more.")
            return tuple(replace(one, role=role) if one.id == user_id else one for one in team)

        channel = await self._channels.change_team(channel_id, changed, self._by(person))
        [member] = [one for one in channel.team if one.id == user_id]
        return member

    async def dismiss(self, person: Person, channel_id: str, user_id: str) -> None:
        """Somebody who is not on the team is no error. Raises InvalidInput."""
        await self._channels.change_team(channel_id, _without(user_id), self._by(person))

    async def leave(self, person: Person, channel_id: str) -> None:
        """Of their own accord, which needs nobody's leave. Raises InvalidInput."""
        if person.id == channel_id:
            raise InvalidInput("member", "It is your own channel, so you can't leave its team.")
        await self._channels.change_team(channel_id, _without(person.id), self._by(person))

    async def moderators(self, channel_id: str) -> list[TwitchUser]:
        """The channel's moderators on Twitch who are not on the team yet, by name. Raises InvalidInput, TwitchError."""
        channel = await self._channels.get(channel_id)
        found = await self._twitch.moderators(channel_id)
        return sorted((one for one in found if channel.role_of(one.id) is None), key=lambda one: one.login)

    def _by(self, person: Person) -> Telling:
        def tell(before: Channel, after: Channel) -> list[AuditEntry]:
            lines = []
            for one in after.team:
                was = _of(before.team, one.id)
                if was is None or was.role is not one.role:
                    lines.append(self._line(after.id, person, one, Action.TEAM_ROLE if was else Action.TEAM_NAMED))
            for one in before.team:
                if _of(after.team, one.id) is None:
                    left = one.id == person.id
                    lines.append(self._line(after.id, person, one, Action.TEAM_LEFT if left else Action.TEAM_DISMISSED))
            return lines

        return tell

    def _line(self, channel_id: str, person: Person, about: Member, action: Action) -> AuditEntry:
        return about_person(channel_id, about, self._clock.now(), action, person, role=about.role.value)


def _of(team: Team, user_id: str) -> Member | None:
    return next((one for one in team if one.id == user_id), None)


def _without(user_id: str) -> Callable[[Team], Team]:
    return lambda team: tuple(one for one in team if one.id != user_id)
