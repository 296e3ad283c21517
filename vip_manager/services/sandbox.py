"""The streamer's hand behind the curtain, where Twitch is simulated. Absent where Twitch is real."""

from datetime import timedelta

from vip_manager.domain.terms import InvalidInput, parse_hours, parse_login
from vip_manager.ports import SandboxRefused, SandboxTwitch, Store
from vip_manager.services.changes import Changes
from vip_manager.services.sweep import Sweep

__all__ = ["Sandbox", "SandboxRefused"]


class Sandbox:
    def __init__(self, twitch: SandboxTwitch, store: Store, sweep: Sweep, changes: Changes) -> None:
        self._twitch = twitch
        self._store = store
        self._sweep = sweep
        self._changes = changes

    async def viewers(self, channel_login: str) -> list[str]:
        """Who could redeem there. Raises SandboxRefused."""
        return [login for login in await self._twitch.viewers() if login != channel_login]

    async def redeem(self, channel_id: str, viewer_login: object) -> None:
        """A viewer redeems the VIP reward of that channel. Raises InvalidInput, SandboxRefused."""
        channel = await self._store.channels.get(channel_id)
        if channel is None or not channel.channel_point_reward_id:
            raise InvalidInput("viewer", "Create the VIP reward first.")
        await self._twitch.redeem(channel.login, parse_login(viewer_login), channel.reward_title)

    async def jump(self, hours: object) -> None:
        """Time runs ahead, and what is due by then is done at once. Raises InvalidInput, SandboxRefused."""
        await self._twitch.jump(timedelta(hours=parse_hours(hours)).total_seconds())
        await self._sweep.run()
        for channel in await self._store.channels.all():
            self._changes.announce(channel.id)
