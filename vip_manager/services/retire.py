"""Does away with a reward of ours: first what is open of it goes back, then it is deleted."""

from collections.abc import Awaitable, Callable
from contextlib import aclosing, suppress

import structlog

from vip_manager.domain.redemption import Redemption, RedemptionState
from vip_manager.domain.terms import InvalidInput
from vip_manager.ports import NotFound, Rejected, Store, Twitch, TwitchStatus, TwitchUnavailable
from vip_manager.services.access import Person
from vip_manager.services.dead_letters import DeadLetters
from vip_manager.services.intake import Intake
from vip_manager.services.rewards import Rewards

log = structlog.get_logger(__name__)

_ROUNDS = 3
"""Somebody may open it again, and somebody else redeem it, while what was open goes back."""


class Refused(TwitchUnavailable):
    """Twitch has said no, again and again, to giving back what is open of a reward."""


class Retire:
    """Deleting a reward fulfils what is open of it, and the points would be gone
    (https://dev.twitch.tv/docs/api/reference/#delete-custom-reward)."""

    def __init__(
        self,
        store: Store,
        twitch: Twitch,
        rewards: Rewards,
        intake: Intake,
        dead_letters: DeadLetters,
    ) -> None:
        self._store = store
        self._twitch = twitch
        self._rewards = rewards
        self._intake = intake
        self._dead_letters = dead_letters

    async def reward(self, person: Person, channel_id: str, reward_id: str) -> int:
        """A reward that gives VIP, or a spare one. Returns how many redemptions were given back; it can be done again
        where it breaks off.

        Who is VIP by it already stays so. Where it is gone on Twitch, nothing can go back any more: what is open of it
        here takes its course. Raises InvalidInput, TwitchError.
        """
        given_back = 0
        for _ in range(_ROUNDS):
            there = await self._rewards.closing(person, channel_id, reward_id)
            if not there or not (open_ones := await self._open(person, channel_id, reward_id)):
                break
            tried = [await self._back(person, channel_id, redemption_id) for redemption_id in open_ones]
            given_back += sum(one is not None and one.state is RedemptionState.CANCELED for one in tried)
            left = [one for one in tried if one is None or one.open]
            if all(one is not None and one.retry.stuck for one in left) and left:
                raise Refused("Twitch does not let a redemption of the reward be given back")
            if left:
                raise TwitchUnavailable("a redemption of the reward is not given back yet")
        await self._rewards.drop(person, channel_id, reward_id, there=there)
        return given_back

    async def every(self, person: Person, channel_id: str) -> None:
        """All of ours, in a channel where none is to be made any more. They are closed before the first one goes, so
        that nobody spends points on another meanwhile. One that Twitch does not let go, or of which it does not let
        all be given back, stays in the record. Raises TwitchError, when all were tried; it can be done again."""
        closed: list[str] = []
        while True:
            reward_ids, there = await self._rewards.of_channel(channel_id)
            more = [one for one in reward_ids if one not in closed]
            if not more:
                break
            for reward_id in more:
                await self._if_it_can_be(
                    (self._rewards.closing if there else self._rewards.forget), person, channel_id, reward_id
                )
            closed += more
        trouble: TwitchUnavailable | None = None
        for reward_id in closed if there else ():
            try:
                await self._if_it_can_be(self.reward, person, channel_id, reward_id)
            except TwitchUnavailable as error:
                trouble = trouble or error
        if trouble:
            raise trouble

    async def _if_it_can_be(
        self, act: Callable[[Person, str, str], Awaitable[object]], person: Person, channel_id: str, reward_id: str
    ) -> None:
        """One that is not there any more, somebody has deleted meanwhile; where Twitch says no, it says no again."""
        try:
            await act(person, channel_id, reward_id)
        except (InvalidInput, Rejected, Refused) as error:
            log.warning("reward not retired", channel_id=channel_id, reward_id=reward_id, error=str(error))

    async def _open(self, person: Person, channel_id: str, reward_id: str) -> list[str]:
        """The ids of what can still be given back, now that nobody can redeem it any more. What we had never heard of
        is written down."""
        try:
            async with aclosing(self._twitch.redemptions(channel_id, reward_id, TwitchStatus.UNFULFILLED)) as pages:
                listed = [told async for told in pages]
        except NotFound as error:
            raise TwitchUnavailable("Twitch does not show what is open of a reward that is there") from error
        for told in listed:
            await self._intake.refuse(person, told)
        return [one.id for one in await self._store.redemptions.open(channel_id) if one.reward_id == reward_id]

    async def _back(self, person: Person, channel_id: str, redemption_id: str) -> Redemption | None:
        # Settled meanwhile, there is nothing to give back.
        with suppress(InvalidInput):
            return await self._dead_letters.give_back(person, channel_id, redemption_id, leave_vip=True)
        return await self._store.redemptions.get(redemption_id)
