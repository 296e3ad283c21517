"""What programs do with a personal token: look who is VIP, give it, give more of it, end it; look what was redeemed."""

from dataclasses import dataclass
from datetime import datetime

import structlog

from vip_manager.domain.reasons import Refusal
from vip_manager.domain.redemption import Redemption, RedemptionState
from vip_manager.domain.session import SessionState, VipSession
from vip_manager.domain.terms import InvalidInput
from vip_manager.ports import Clock, Store, Twitch, TwitchUser
from vip_manager.services.access import Visit
from vip_manager.services.api_calls import Attempt
from vip_manager.services.by_name import viewer_by_name
from vip_manager.services.expire import Expire
from vip_manager.services.gift import Gift
from vip_manager.services.refused import Refused

log = structlog.get_logger(__name__)


class NoSuchVip(Exception):
    """That viewer is not VIP through this program."""


@dataclass(frozen=True, slots=True)
class Place:
    """In the order of redemptions, the newest first: after the one of that moment and id."""

    at: datetime
    id: str


class ApiVips:
    """The caller has checked what the visitor may do."""

    def __init__(self, store: Store, twitch: Twitch, clock: Clock, gift: Gift, expire: Expire) -> None:
        self._store = store
        self._twitch = twitch
        self._clock = clock
        self._gift = gift
        self._expire = expire

    def now(self) -> datetime:
        """By which hours are counted."""
        return self._clock.now()

    async def live(self, channel_id: str) -> list[VipSession]:
        """The soonest end first, those without an end last. Raises StoreError."""
        return await self._store.sessions.live(channel_id)

    async def give(
        self, visit: Visit, hours: float, attempt: Attempt, *, user_id: str = "", login: str = ""
    ) -> VipSession:
        """VIP, or more of it where they are VIP through us, for the viewer of that id or else of that login.

        Where Twitch does not answer, the session comes back as GRANTING and is tried again. Raises InvalidInput,
        Refused, TwitchError, StoreError.
        """
        if login:
            viewer = await viewer_by_name(self._twitch, visit.channel_id, login)
        else:
            viewer = await self._viewer(visit.channel_id, user_id)
        return await self._through(visit, viewer, hours, attempt)

    async def extend(self, visit: Visit, user_id: str, hours: float, attempt: Attempt) -> VipSession:
        """More hours for somebody who is VIP through us. Raises NoSuchVip, and like `give`."""
        live = await self._store.sessions.live_of(visit.channel_id, user_id)
        if live is None and attempt.tried_since is not None:
            # It may be over by now, with these hours.
            live = await self._gift.given(visit.channel_id, user_id, attempt.gift_id, attempt.tried_since)
        if live is None:
            raise NoSuchVip
        return await self._through(visit, TwitchUser(user_id, live.login, live.username), hours, attempt)

    async def end(self, visit: Visit, user_id: str) -> VipSession:
        """ENDED, or ENDING where Twitch has not confirmed it yet. Raises NoSuchVip, StoreError."""
        live = await self._store.sessions.live_of(visit.channel_id, user_id)
        if live is None:
            raise NoSuchVip
        try:
            return await self._expire.end_now(visit.person, visit.channel_id, live.id)
        except InvalidInput:
            raise NoSuchVip from None

    async def redemptions(
        self, channel_id: str, limit: int, state: RedemptionState | None, after: Place | None
    ) -> tuple[list[Redemption], Place | None]:
        """The newest first, or those that come after that place; and where the next ones begin, if there are any.
        Raises StoreError."""
        before = (after.at, after.id) if after else None
        found = await self._store.redemptions.page(channel_id, limit + 1, state=state, before=before)
        shown = found[:limit]
        return shown, Place(shown[-1].redeemed_at, shown[-1].id) if len(found) > limit else None

    async def _through(self, visit: Visit, viewer: TwitchUser, hours: float, attempt: Attempt) -> VipSession:
        session = await self._gift.through_api(
            visit.person, visit.channel_id, viewer, hours, attempt.gift_id, tried_since=attempt.tried_since
        )
        log.info("hours given through the api", channel_id=visit.channel_id, user_id=viewer.id, by=visit.person.id)
        return session

    async def _viewer(self, channel_id: str, user_id: str) -> TwitchUser:
        if user_id == channel_id:
            raise Refused(Refusal.BROADCASTER)
        found = await self._twitch.users(channel_id, ids=[user_id])
        if not found:
            raise Refused(Refusal.USER_NOT_FOUND)
        return found[0]


def began(session: VipSession, attempt: Attempt) -> bool:
    """Whether the session was made for that gift, which did not extend another."""
    return not session.credits or session.credits[0].id == attempt.gift_id


def over(session: VipSession) -> bool:
    return session.state is SessionState.ENDED
