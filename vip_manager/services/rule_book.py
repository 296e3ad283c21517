"""The rules of a channel, as the streamer changes them."""

from dataclasses import asdict, replace
from typing import Any

import structlog

from vip_manager.domain.audit import Action, AuditEntry
from vip_manager.domain.rules import Blocked, Rules
from vip_manager.domain.terms import InvalidInput
from vip_manager.ports import Clock, Twitch, TwitchError
from vip_manager.services.access import Person
from vip_manager.services.by_name import viewer_by_name
from vip_manager.services.channels import ChannelService
from vip_manager.services.journal import about_person, line
from vip_manager.services.rewards import Rewards
from vip_manager.services.waiting import Waiting

log = structlog.get_logger(__name__)

MOST_BLOCKED = 500


class RuleBook:
    def __init__(
        self, twitch: Twitch, clock: Clock, channels: ChannelService, rewards: Rewards, waiting: Waiting
    ) -> None:
        self._twitch = twitch
        self._clock = clock
        self._channels = channels
        self._rewards = rewards
        self._waiting = waiting

    async def change(self, person: Person, channel_id: str, rules: Rules) -> Rules:
        """For what is decided from now on; viewers read on Twitch what they get then. Who is blocked stays as it was.
        Raises InvalidInput."""

        def changed(before: Rules) -> tuple[Rules, AuditEntry | None]:
            wanted = replace(rules, blocked=before.blocked)
            told = _differences(before, wanted)
            entry = line(channel_id, self._clock.now(), Action.RULES_CHANGED, person, changed=told)
            return wanted, entry if told else None

        kept = await self._channels.change_rules(channel_id, changed)
        await self._rewards.reprompt(channel_id)
        # More seats than before, or another choice, may concern somebody who waits; the next catch-up sees to it too.
        try:
            await self._waiting.advance(channel_id)
        except TwitchError as error:
            log.info("line for a seat put off", channel_id=channel_id, error=str(error))
        return kept

    async def block(self, person: Person, channel_id: str, login: str) -> Blocked:
        """The viewer of that name may not redeem any more; whoever is VIP stays it. Raises InvalidInput, Refused,
        TwitchError."""
        found = await viewer_by_name(self._twitch, channel_id, login)
        viewer = Blocked(found.id, found.login, found.username)

        def blocked(before: Rules) -> tuple[Rules, AuditEntry | None]:
            if before.blocks(viewer.id):
                return before, None
            if len(before.blocked) >= MOST_BLOCKED:
                raise InvalidInput(
                    "login", "The block list has room for {most, number} viewers. Take somebody off.", most=MOST_BLOCKED
                )
            return replace(before, blocked=(*before.blocked, viewer)), self._line(person, channel_id, viewer, True)

        await self._channels.change_rules(channel_id, blocked)
        return viewer

    async def unblock(self, person: Person, channel_id: str, user_id: str) -> None:
        """Somebody who is not on the list is no error."""

        def unblocked(before: Rules) -> tuple[Rules, AuditEntry | None]:
            viewer = next((one for one in before.blocked if one.id == user_id), None)
            if viewer is None:
                return before, None
            rest = tuple(one for one in before.blocked if one.id != user_id)
            return replace(before, blocked=rest), self._line(person, channel_id, viewer, False)

        await self._channels.change_rules(channel_id, unblocked)

    def _line(self, person: Person, channel_id: str, viewer: Blocked, blocked: bool) -> AuditEntry:
        action = Action.BLOCKED if blocked else Action.UNBLOCKED
        return about_person(channel_id, viewer, self._clock.now(), action, person)


def _differences(before: Rules, after: Rules) -> dict[str, Any]:
    old, new = asdict(before), asdict(after)
    return {name: value for name, value in new.items() if value != old[name]}
