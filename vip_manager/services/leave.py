"""A streamer leaves: points go back, VIPs stay or go, and nothing of ours is left on Twitch.

The wish is written down first; from then on each step can be cut anywhere and done again. Whoever sweeps goes on with
it until all is done.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import structlog

from vip_manager.domain.audit import Action, AuditEntry
from vip_manager.domain.channel import Channel
from vip_manager.domain.leaving import Leaving
from vip_manager.domain.reasons import Trouble
from vip_manager.domain.redemption import Redemption, RedemptionState
from vip_manager.domain.retry import Retry
from vip_manager.domain.session import SessionState
from vip_manager.domain.terms import InvalidInput, parse_login
from vip_manager.ports import (
    Clock,
    Conflict,
    Store,
    StoreError,
    StoreUnavailable,
    Twitch,
    TwitchError,
    TwitchUnavailable,
)
from vip_manager.services.access import Access, Person
from vip_manager.services.changes import Changes
from vip_manager.services.channels import ChannelService
from vip_manager.services.dead_letters import DeadLetters
from vip_manager.services.forget import Forget
from vip_manager.services.journal import line
from vip_manager.services.let_go import LetGo
from vip_manager.services.reconcile import CATCH_UP_AGAIN
from vip_manager.services.retire import Retire
from vip_manager.services.subscriptions import Subscriptions
from vip_manager.services.turns import Turns

log = structlog.get_logger(__name__)

_RACES = 5
_TURN = "leaving"
NEVER = datetime(9999, 1, 1, tzinfo=UTC)
"""When there is something to do for a channel that has left; a sign-in makes it due."""


@dataclass(frozen=True, slots=True)
class Farewell:
    """What leaving would do now. `reachable`: Twitch takes the streamer's tokens; else nothing of it can be done there.
    `back`: so many redemptions go back, as far as we have heard; `vips`: so many are VIP by us. `drags`: it was tried
    for hours."""

    reachable: bool
    back: int
    vips: int
    rewards: int
    drags: bool = False


class Leave:
    """`subscriptions` where events come by webhook."""

    def __init__(
        self,
        store: Store,
        twitch: Twitch,
        clock: Clock,
        changes: Changes,
        turns: Turns,
        channels: ChannelService,
        access: Access,
        retire: Retire,
        dead_letters: DeadLetters,
        let_go: LetGo,
        forget: Forget,
        subscriptions: Subscriptions | None = None,
    ) -> None:
        self._store = store
        self._twitch = twitch
        self._clock = clock
        self._changes = changes
        self._turns = turns
        self._channels = channels
        self._access = access
        self._retire = retire
        self._dead_letters = dead_letters
        self._let_go = let_go
        self._forget = forget
        self._subscriptions = subscriptions
        self._works: set[asyncio.Task[bool]] = set()

    async def aclose(self) -> None:
        """What is being done ends here; a sweep goes on with it."""
        for work in self._works:
            work.cancel()
        await asyncio.gather(*self._works, return_exceptions=True)

    async def farewell(self, channel_id: str) -> Farewell:
        """Raises InvalidInput where there is no channel."""
        channel = await self._channels.get(channel_id)
        opened = await self._store.redemptions.open(channel_id)
        live = await self._store.sessions.live(channel_id)
        return Farewell(
            reachable=await self._reachable(channel_id),
            back=sum(one.state is not RedemptionState.GRANTED for one in opened),
            vips=sum(one.granted_at is not None and one.state is SessionState.ACTIVE for one in live),
            rewards=len(channel.reward_ids),
            drags=bool(channel.leaving and channel.leaving.drags(self._clock.now())),
        )

    async def begin(
        self,
        person: Person,
        channel_id: str,
        login: object,
        *,
        end_vips: bool = False,
        delete_data: bool = False,
        without_twitch: bool = False,
    ) -> None:
        """Writes the wish down, and begins at once. `login` is the channel's, as it was typed. To wish anew is to wish
        something else, as long as it goes on. Raises InvalidInput."""
        channel = await self._channels.get(channel_id)
        if parse_login(login) != channel.login.lower():
            raise InvalidInput(
                "login", "Type {channel}, the name of the channel that is to leave.", channel=channel.login
            )
        now = self._clock.now()

        def leaving(channel: Channel) -> Channel:
            before = channel.leaving
            wish = Leaving(
                before.since if before else now,
                end_vips=end_vips,
                delete_data=delete_data or bool(before and before.left_at and before.delete_data),
                without_twitch=without_twitch,
                left_at=before.left_at if before else None,
            )
            # What was to be made and is not there yet, never is.
            title = channel.reward_title if channel.channel_point_reward_id else ""
            return replace(channel.without_planned(), reward_title=title, leaving=wish, catch_up_at=None)

        detail = {"end_vips": end_vips, "delete_data": delete_data, "without_twitch": without_twitch}
        await self._channels.change(
            channel_id, leaving, lambda *_: [line(channel_id, now, Action.LEAVING, person, **detail)]
        )
        log.info("leaving", channel_id=channel_id, **detail)
        work = asyncio.create_task(self.go_on(channel_id))
        self._works.add(work)
        work.add_done_callback(self._ended)

    async def go_on(self, channel_id: str, *, wait: bool = True) -> bool:
        """As far as it goes now; says whether all is done. What Twitch does not do now is due again soon. Raises
        StoreError, Taken."""
        async with self._turns.of(channel_id, _TURN, wait=wait):
            channel = await self._store.channels.get(channel_id)
            if channel is None or channel.leaving is None:
                return True
            try:
                if not channel.left and not await self._leave(channel, channel.leaving):
                    await self._again(channel_id)
                    return False
                await self._give_up_tokens(channel_id)
            except (TwitchError, Conflict) as error:
                log.warning("leaving put off", channel_id=channel_id, error=str(error))
                await self._again(channel_id)
                return False
            # The wish may be another one by now.
            channel = await self._store.channels.get(channel_id)
            if channel is not None and channel.left and channel.leaving and channel.leaving.delete_data:
                await self._forget.channel(channel_id)
            elif channel is not None and channel.left and channel.catch_up_at != NEVER:
                # They may come back at this very moment.
                await self._channels.put(channel_id, lambda one: replace(one, catch_up_at=NEVER) if one.left else one)
            return True

    async def _leave(self, channel: Channel, wish: Leaving) -> bool:
        """All that concerns Twitch. Raises TwitchError, StoreError."""
        person = await self._owner(channel)
        reachable = await self._reachable(channel.id)
        if not reachable and not wish.without_twitch:
            return False
        gives_up = wish.gives_up(self._clock.now())
        if reachable:
            try:
                await self._retire.every(person, channel.id)
            except TwitchError as error:
                if not gives_up:
                    raise
                log.warning("rewards left as they are", channel_id=channel.id, error=str(error))
        # Whatever comes into the record from here on, nobody has seen to.
        stay = frozenset((await self._channels.get(channel.id)).reward_ids)
        given_back = await self._points_back(person, channel.id)
        let_go = await self._let_go.all(person, channel.id, end=wish.end_vips, reachable=reachable)
        if gives_up and not let_go:
            let_go = await self._let_go.all(person, channel.id, end=False, reachable=False)
        if not let_go or (reachable and not (given_back or gives_up)):
            return False
        undone = bool(await self._store.redemptions.open(channel.id))
        if undone:
            await self._wait_for_return(channel.id)
        if self._subscriptions is not None:
            await self._subscriptions.end(channel.id)
        await self._access.sign_out_everywhere(channel.id)
        for token in await self._store.api_tokens.of_channel(channel.id):
            await self._store.delete(token)
        await self._last_word(person, channel.id, stay, undone=undone or bool(stay) or not reachable)
        return True

    async def _points_back(self, person: Person, channel_id: str) -> bool:
        """Of whatever is open still: whoever has become VIP by it has had it. Says whether nothing is left but what
        Twitch has refused again and again."""
        for redemption in await self._store.redemptions.open(channel_id):
            try:
                await self._dead_letters.give_back(person, channel_id, redemption.id, leave_vip=True)
            except (InvalidInput, TwitchUnavailable, Conflict) as error:
                log.info("redemption contended", redemption_id=redemption.id, error=str(error))
        left = await self._store.redemptions.open(channel_id)
        return all(redemption.retry.stuck for redemption in left)

    async def _wait_for_return(self, channel_id: str) -> None:
        """What could not be given back is open on Twitch, and here: nothing is said of it that is not so."""
        for redemption in await self._store.redemptions.open(channel_id):
            current: Redemption | None = redemption
            for _ in range(_RACES):
                if current is None or not current.open:
                    break
                waits = Retry(max(current.retry.attempts, 1), NEVER, Trouble.RECONNECT)
                try:
                    await self._store.commit(current.put_off(waits))
                    break
                except Conflict:
                    current = await self._store.redemptions.get(redemption.id)

    async def _last_word(self, person: Person, channel_id: str, stay: frozenset[str], *, undone: bool) -> None:
        """The channel has left. What is `undone`, the streamer has to do on Twitch, where the rewards that `stay` are.
        Raises Conflict where another one was made meanwhile."""
        now = self._clock.now()

        def left(channel: Channel) -> Channel:
            if not stay.issuperset(channel.reward_ids):
                raise Conflict("a reward was made while the channel was being left")
            return replace(
                channel,
                channel_point_reward_id="",
                reward_title="",
                reward_cost=0,
                reward_paused=False,
                tiers=(),
                spare_rewards=(),
                closed_for_full=False,
                closed_tiers=(),
                seats_learned=0,
                leaving=channel.leaving and replace(channel.leaving, left_at=now),
            )

        def told(before: Channel, _: Channel) -> list[AuditEntry]:
            titles = [reward.title for reward in before.made_tiers] + [reward.title for reward in before.spare_rewards]
            stays = [line(channel_id, now, Action.REWARD_STAYS, reward=title) for title in titles]
            return [*stays, line(channel_id, now, Action.LEFT, person, without_twitch=undone)]

        await self._channels.change(channel_id, left, told)
        log.info("left", channel_id=channel_id, undone=undone)

    async def _give_up_tokens(self, channel_id: str) -> None:
        """Only once all else is done and written down: without them nothing can be, and a crash after Twitch took them
        back would leave it so. Raises TwitchError, StoreError."""
        async with self._turns.of("tokens", channel_id):
            for _ in range(_RACES):
                account = await self._store.accounts.get(channel_id)
                channel = await self._store.channels.get(channel_id)
                if account is None or account.tokens is None or channel is None or not channel.left:
                    return
                for token in (account.tokens.access_token, account.tokens.refresh_token):
                    await self._twitch.revoke(token)
                wiped = replace(account, tokens=None, reconnect=False)
                entry = line(channel_id, self._clock.now(), Action.TOKENS_WIPED)
                with suppress(Conflict):
                    await self._store.commit(wiped, entry)
                    self._changes.announce(channel_id)
                    return
        raise StoreUnavailable("the account is changing too fast")

    async def _again(self, channel_id: str) -> None:
        await self._channels.not_now(channel_id, self._clock.now() + CATCH_UP_AGAIN)

    async def _reachable(self, channel_id: str) -> bool:
        account = await self._store.accounts.get(channel_id)
        return account is not None and account.may_manage

    async def _owner(self, channel: Channel) -> Person:
        found = await self._access.named(channel.id)
        return found or Person(channel.id, channel.login, channel.username, channel.avatar_url, False, False)

    def _ended(self, work: asyncio.Task[bool]) -> None:
        self._works.discard(work)
        if work.cancelled() or (error := work.exception()) is None:
            return
        if isinstance(error, StoreError):
            log.warning("leaving is left to the sweep", error=str(error))
        else:
            log.error("leaving failed, and is left to the sweep", exc_info=error)
