"""A call to Twitch that had its effect when its turn was over, as of a process that was frozen in the middle of it: the
records have gone on in other hands, and the badge is brought to what they say now."""

from collections.abc import Awaitable

import structlog

from vip_manager.domain.session import SessionState, VipSession
from vip_manager.ports import AlreadyVipOrModerator, NotVip, Store, StoreError, Twitch, TwitchError
from vip_manager.services.turns import Turns

log = structlog.get_logger(__name__)


class Overtaken:
    """The caller had the viewer's turn; here it is taken anew. Where this is cut short too, nobody finds the badge but
    a person."""

    def __init__(self, store: Store, twitch: Twitch, turns: Turns) -> None:
        self._store = store
        self._twitch = twitch
        self._turns = turns

    async def removed(self, session: VipSession) -> None:
        """The badge was taken for that session, which is not what it was. Whoever is VIP by ours has it again."""
        await self._tried(session, self._restore(session))

    async def added(self, session: VipSession) -> None:
        """The badge was given for that session, which is not what it was. Where nobody is to have it, it goes again."""
        await self._tried(session, self._withdraw(session))

    async def _restore(self, session: VipSession) -> None:
        await self._turns.regain()
        live = await self._store.sessions.live_of(session.channel_id, session.user_id)
        if live is None or live.state is not SessionState.ACTIVE or not live.ours:
            return
        try:
            # Not a look: a list may be behind either of the two that have just changed it.
            await self._twitch.add_vip(live.channel_id, live.user_id)
        except AlreadyVipOrModerator:
            return
        log.warning("a badge that was taken too late is given back", session_id=live.id, channel_id=live.channel_id)

    async def _withdraw(self, session: VipSession) -> None:
        await self._turns.regain()
        if await self._store.sessions.live_of(session.channel_id, session.user_id) is not None:
            return
        try:
            await self._twitch.remove_vip(session.channel_id, session.user_id)
        except NotVip:
            return
        log.warning("a badge that was given too late is taken", session_id=session.id, channel_id=session.channel_id)

    async def _tried(self, session: VipSession, work: Awaitable[None]) -> None:
        try:
            await work
        except (TwitchError, StoreError) as error:
            log.error("badge out of step", session_id=session.id, channel_id=session.channel_id, error=str(error))
