"""Tells Twitch what became of a redemption: FULFILLED, or CANCELED so that the viewer has the points back."""

import structlog

from vip_manager.domain.audit import Action
from vip_manager.domain.redemption import Redemption, RedemptionState
from vip_manager.ports import Clock, NotFound, Rejected, Store, Twitch, TwitchError, TwitchStatus, TwitchUnavailable
from vip_manager.services import elsewhere
from vip_manager.services.access import Access
from vip_manager.services.changes import Changes
from vip_manager.services.journal import about_redemption

log = structlog.get_logger(__name__)


class Settle:
    """Repeatable: where the answer was lost, or somebody else was faster, Twitch is read and believed."""

    def __init__(self, store: Store, twitch: Twitch, clock: Clock, changes: Changes, access: Access) -> None:
        self._store = store
        self._twitch = twitch
        self._clock = clock
        self._changes = changes
        self._access = access

    async def redemption(self, redemption: Redemption) -> Redemption:
        """Settles a GRANTED or REFUNDING redemption, and returns it as it stands then. Raises TwitchError, Conflict;
        the caller holds the viewer's turn."""
        granted = redemption.state is RedemptionState.GRANTED
        back = not granted or bool(redemption.given_back_by)
        status = await self._on_twitch(redemption, TwitchStatus.CANCELED if back else TwitchStatus.FULFILLED)
        if granted and status is TwitchStatus.CANCELED:
            done = await self._take_back(redemption)
        elif granted:
            now = self._clock.now()
            entry = about_redemption(redemption, now, Action.FULFILLED)
            done = await self._store.commit(redemption.fulfilled(now), entry)
        else:
            done = await self._given_back(redemption, status is TwitchStatus.CANCELED)
        log.info("redemption settled", redemption_id=redemption.id, channel_id=redemption.channel_id, twitch=status)
        self._changes.announce(redemption.channel_id)
        return done

    async def _given_back(self, redemption: Redemption, canceled: bool) -> Redemption:
        now = self._clock.now()
        done = redemption.canceled(now) if canceled else redemption.kept(now)
        action = Action.REFUNDED if canceled else Action.POINTS_KEPT
        return await self._store.commit(done, about_redemption(redemption, now, action, reason=redemption.refusal))

    async def _take_back(self, redemption: Redemption) -> Redemption:
        """The points went back after we had credited the hours, by whoever's word: exactly these go."""
        now = self._clock.now()
        session = await self._store.sessions.get(redemption.session_id)
        shortened = []
        if session is not None and session.live and session.holds(redemption.id):
            shortened.append(session.debited(redemption.id))
        hours = redemption.hours if shortened else 0.0
        person = await self._access.by_whom(redemption.given_back_by, redemption.channel_id)
        entry = about_redemption(redemption, now, Action.TAKEN_BACK, person, hours=hours)
        return await self._store.commit(redemption.canceled(now), *shortened, entry)

    async def _on_twitch(self, redemption: Redemption, wanted: TwitchStatus) -> TwitchStatus:
        """What the redemption is on Twitch after we asked for `wanted`.

        A settled redemption answers 404, like one that is gone (deleting a reward fulfils what is pending:
        https://dev.twitch.tv/docs/api/reference/#delete-custom-reward), so after any no the redemption is read.
        """
        channel_id, reward_id = redemption.channel_id, redemption.reward_id
        refused: TwitchError = TwitchUnavailable("Twitch says that an open redemption can't be settled")
        try:
            status = (await self._twitch.settle(channel_id, reward_id, redemption.id, wanted)).status
        except Rejected as error:
            refused = refused if isinstance(error, NotFound) else error
            status = await elsewhere.status(self._twitch, redemption, self._clock.now())
        if status is TwitchStatus.UNFULFILLED:
            raise refused
        return status
