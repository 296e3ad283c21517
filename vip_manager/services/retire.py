"""Does away with a reward of ours that gives nothing: first what is open of it goes back, then it is deleted."""

from contextlib import aclosing

from vip_manager.domain.redemption import Redemption, RedemptionState
from vip_manager.domain.terms import InvalidInput
from vip_manager.ports import NotFound, Store, Twitch, TwitchStatus, TwitchUnavailable
from vip_manager.services.access import Person
from vip_manager.services.channels import ChannelService
from vip_manager.services.dead_letters import DeadLetters
from vip_manager.services.intake import Intake


class Retire:
    """Deleting a reward fulfils what is open of it, and the points would be gone
    (https://dev.twitch.tv/docs/api/reference/#delete-custom-reward)."""

    def __init__(
        self, store: Store, twitch: Twitch, channels: ChannelService, intake: Intake, dead_letters: DeadLetters
    ) -> None:
        self._store = store
        self._twitch = twitch
        self._channels = channels
        self._intake = intake
        self._dead_letters = dead_letters

    async def reward(self, person: Person, channel_id: str, reward_id: str) -> int:
        """A spare reward. Returns how many redemptions were given back; it can be done again where it breaks off.

        Raises InvalidInput, TwitchError.
        """
        await self._channels.check_spare(channel_id, reward_id)
        given_back = 0
        try:
            # Nobody shall redeem it while the list is read.
            await self._twitch.update_reward(channel_id, reward_id, paused=True)
            async with aclosing(self._twitch.redemptions(channel_id, reward_id, TwitchStatus.UNFULFILLED)) as listed:
                open_ones = [told async for told in listed]
        except NotFound:
            open_ones = []
        for told in open_ones:
            await self._intake.receive(told, of_spare_reward=True)
            done = await self._back(person, channel_id, told.id)
            if done is None or done.open:
                raise TwitchUnavailable("a redemption of the reward is not given back yet")
            given_back += done.state is RedemptionState.CANCELED
        await self._channels.drop(person, channel_id, reward_id)
        return given_back

    async def _back(self, person: Person, channel_id: str, redemption_id: str) -> Redemption | None:
        try:
            return await self._dead_letters.give_back(person, channel_id, redemption_id)
        except InvalidInput:
            # Settled on Twitch meanwhile.
            return await self._store.redemptions.get(redemption_id)
