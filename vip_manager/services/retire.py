"""Does away with a reward of ours that gives nothing: first what is open of it goes back, then it is deleted."""

from contextlib import aclosing, suppress

from vip_manager.domain.redemption import Redemption, RedemptionState
from vip_manager.domain.terms import InvalidInput
from vip_manager.ports import NotFound, Store, Twitch, TwitchRedemption, TwitchStatus, TwitchUnavailable
from vip_manager.services.access import Person
from vip_manager.services.channels import ChannelService
from vip_manager.services.dead_letters import DeadLetters
from vip_manager.services.grant import Grant
from vip_manager.services.intake import Intake


class Retire:
    """Deleting a reward fulfils what is open of it, and the points would be gone
    (https://dev.twitch.tv/docs/api/reference/#delete-custom-reward)."""

    def __init__(
        self,
        store: Store,
        twitch: Twitch,
        channels: ChannelService,
        intake: Intake,
        grant: Grant,
        dead_letters: DeadLetters,
    ) -> None:
        self._store = store
        self._twitch = twitch
        self._channels = channels
        self._intake = intake
        self._grant = grant
        self._dead_letters = dead_letters

    async def reward(self, person: Person, channel_id: str, reward_id: str) -> int:
        """A spare reward. Returns how many redemptions were given back; it can be done again where it breaks off.

        Raises InvalidInput, TwitchError.
        """
        await self._channels.check_spare(channel_id, reward_id)
        given_back = 0
        for told in await self._open(channel_id, reward_id):
            done = await self._back(person, told)
            if done is None or done.open:
                raise TwitchUnavailable("a redemption of the reward is not given back yet")
            given_back += done.state is RedemptionState.CANCELED
        await self._channels.drop(person, channel_id, reward_id)
        return given_back

    async def _open(self, channel_id: str, reward_id: str) -> list[TwitchRedemption]:
        """What can still be given back, once nobody can redeem it any more."""
        try:
            await self._twitch.update_reward(channel_id, reward_id, paused=True)
        except NotFound:
            return []
        try:
            async with aclosing(self._twitch.redemptions(channel_id, reward_id, TwitchStatus.UNFULFILLED)) as listed:
                return [told async for told in listed]
        except NotFound as error:
            raise TwitchUnavailable("Twitch does not show what is open of a reward that is there") from error

    async def _back(self, person: Person, told: TwitchRedemption) -> Redemption | None:
        if not await self._intake.refuse(person, told):
            # Settled on Twitch meanwhile, there is nothing to give back.
            with suppress(InvalidInput):
                return await self._dead_letters.give_back(person, told.channel_id, told.id)
        await self._grant.redemption(told.id)
        return await self._store.redemptions.get(told.id)
