"""Subscriptions that lead to our webhook, made with the program's own token.

Source: https://dev.twitch.tv/docs/api/reference/#create-eventsub-subscription and the entries beside it,
https://dev.twitch.tv/docs/eventsub/manage-subscriptions/. They outlive this process, and its address and secrets too:
so what there is is looked at before anything is made.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Iterable
from contextlib import aclosing
from dataclasses import dataclass

import structlog

from vip_manager.ports import Malformed, NotFound, NotOurs, RateLimited, TwitchError, Unauthorized
from vip_manager.twitch.eventsub.messages import CHAT_MESSAGE, TYPES
from vip_manager.twitch.eventsub.subscriptions import CREATE, PATH, AlreadyThere, Listens, done_without, wanted
from vip_manager.twitch.eventsub.webhook import ENABLED, Webhook
from vip_manager.twitch.helix import Endpoint, Helix
from vip_manager.twitch.http import Params
from vip_manager.twitch.tokens import TokenKeeper
from vip_manager.twitch.wire import JsonObject

log = structlog.get_logger(__name__)

LIST = Endpoint("GET", PATH)
DELETE = Endpoint("DELETE", PATH)

PENDING = "webhook_callback_verification_pending"
NEARLY_ALL = 0.8
"""Of what Twitch allows the subscriptions of one program to cost together."""


@dataclass(frozen=True, slots=True)
class _Found:
    """A webhook's subscription. `whole`: it asks for nothing narrower than its channel, nor as somebody else."""

    id: str
    kind: str
    status: str
    channel_id: str
    callback: str
    whole: bool

    @property
    def living(self) -> bool:
        return self.status in (ENABLED, PENDING)


@dataclass(frozen=True, slots=True)
class Standing:
    """What of the types that are to be heard of a channel is there, and leads here: those that stand, those that wait
    to be verified, those that have failed (type: status), and those of which there is nothing."""

    enabled: frozenset[str]
    pending: frozenset[str]
    failed: dict[str, str]
    missing: frozenset[str]


class HookSubscriptions:
    def __init__(self, helix: Helix, tokens: TokenKeeper, webhook: Webhook, listens: Listens) -> None:
        self._helix = helix
        self._listens = listens
        self._tokens = tokens
        self._webhook = webhook

    async def subscribe(self, channel_id: str) -> frozenset[str]:
        pending, unseen = await self._subscribe(channel_id)
        if unseen:
            # Twitch has what its list did not show: made at this moment by somebody else, or the list lagged.
            pending, unseen = await self._subscribe(channel_id)
        return frozenset(pending | unseen)

    async def unsubscribe(self, subscription_id: str) -> None:
        try:
            await self._helix.call_as_app(DELETE, [("id", subscription_id)])
        except NotFound:
            return

    async def unsubscribe_all(self, channel_id: str) -> None:
        for one in [one async for one in self._listed([("user_id", channel_id)])]:
            if one.channel_id == channel_id:
                await self.unsubscribe(one.id)

    async def standing(self, channel_id: str) -> Standing:
        """Looks, and changes nothing. Raises TwitchUnavailable, RateLimited, Rejected."""
        listed = [one async for one in self._listed([("user_id", channel_id)]) if one.channel_id == channel_id]
        here = [one for one in listed if one.callback == self._webhook.callback and one.whole and one.kind in TYPES]
        enabled = frozenset(one.kind for one in here if one.status == ENABLED)
        pending = frozenset(one.kind for one in here if one.status == PENDING) - enabled
        failed = {one.kind: one.status for one in here if one.kind not in enabled | pending}
        return Standing(enabled, pending, failed, frozenset(TYPES) - enabled - pending - failed.keys())

    async def clean_up(self, keep: Callable[[str], Awaitable[bool]]) -> int:
        deleted, kept = 0, dict[str, bool]()
        for one in [one async for one in self._listed([], self._note_cost)]:
            # Without a channel it is none of those that are made here, and whoever made it knows what for.
            if one.channel_id and one.channel_id not in kept:
                kept[one.channel_id] = await keep(one.channel_id)
            if one.callback != self._webhook.callback or not kept.get(one.channel_id, True):
                deleted += await self._deleted(one)
        return deleted

    async def _subscribe(self, channel_id: str) -> tuple[set[str], set[str]]:
        """The ids of those that wait to be verified, and the types of those that are there and were not listed. On what
        is said in chat nothing depends, so nobody waits for it."""
        listed = self._listed([("user_id", channel_id)])
        found = [one async for one in listed if one.channel_id == channel_id]
        chat = (CHAT_MESSAGE,) if await self._listens(channel_id) else ()
        kept, useless = self._sorted(found, (*TYPES, *chat))
        await asyncio.gather(*(self._deleted(one) for one in useless))
        missing = [kind for kind in TYPES if kind not in kept]
        results = await asyncio.gather(*(self._create(channel_id, kind) for kind in missing), return_exceptions=True)
        made = dict(zip(missing, results, strict=True))
        if chat and CHAT_MESSAGE not in kept:
            await self._hear_chat(channel_id)
        unseen = {kind for kind, result in made.items() if isinstance(result, AlreadyThere)}
        done_without(
            channel_id,
            {kind: one for kind, one in made.items() if isinstance(one, BaseException) and kind not in unseen},
        )
        standing = [
            *(one for one in kept.values() if one.kind != CHAT_MESSAGE),
            *(one for one in made.values() if isinstance(one, _Found)),
        ]
        return {one.id for one in standing if one.status != ENABLED}, unseen

    async def _hear_chat(self, channel_id: str) -> None:
        try:
            await self._helix.call_as_app(CREATE, [], wanted(CHAT_MESSAGE, channel_id, self._transport()))
        except AlreadyThere:
            return
        except TwitchError as error:
            log.warning("chat_not_heard", channel_id=channel_id, error=str(error))

    def _sorted(self, found: Iterable[_Found], wanted_types: Collection[str]) -> tuple[dict[str, _Found], list[_Found]]:
        """One of each type that leads here, by type, rather one that stands; and what is of no use. A type that another
        version of this program listens to is left to it."""
        kept: dict[str, _Found] = {}
        useless = []
        for one in sorted(found, key=lambda one: one.status != ENABLED):
            good = one.living and one.whole and one.callback == self._webhook.callback
            unwanted = one.kind == CHAT_MESSAGE and one.kind not in wanted_types
            if not good or unwanted or one.kind in kept:
                useless.append(one)
            elif one.kind in wanted_types:
                kept[one.kind] = one
        return kept, useless

    async def _create(self, channel_id: str, kind: str) -> _Found:
        try:
            reply = await self._helix.call_as_app(CREATE, [], wanted(kind, channel_id, self._transport()))
        except NotOurs as error:
            # By webhook the streamer's consent counts, and not a token: it was taken back, or a scope of it.
            await self._tokens.refused(channel_id)
            raise Unauthorized(f"user {channel_id} does not allow {kind}: {error}") from error
        for item in reply.json().objects("data"):
            return _found(item)
        raise Malformed(f"POST {PATH}: Twitch does not say what it has made")

    def _transport(self) -> dict[str, str]:
        return {"method": "webhook", "callback": self._webhook.callback, "secret": self._webhook.secrets[0]}

    async def _deleted(self, one: _Found) -> bool:
        """Raises RateLimited. Another trouble leaves it to the next time."""
        try:
            await self.unsubscribe(one.id)
        except RateLimited:
            raise
        except TwitchError as error:
            log.info("eventsub_subscription_not_deleted", subscription_id=one.id, error=str(error))
            return False
        log.info(
            "eventsub_subscription_deleted",
            subscription_id=one.id,
            type=one.kind,
            status=one.status,
            channel_id=one.channel_id,
            elsewhere=one.callback != self._webhook.callback,
        )
        return True

    async def _listed(
        self, params: Params, note: Callable[[JsonObject], None] | None = None
    ) -> AsyncGenerator[_Found, None]:
        """Those of webhooks, of all pages; `note` is shown the first page."""
        async with aclosing(self._helix.pages_as_app(LIST, params)) as pages:
            async for page in pages:
                if note is not None:
                    note(page)
                    note = None
                for one in page.readable("data", _found_by_webhook):
                    if one is not None:
                        yield one

    def _note_cost(self, page: JsonObject) -> None:
        """A type that needs the streamer's consent costs nothing, nor does any other of a streamer who has consented
        (manage-subscriptions, "Subscription limits"): near the limit something is wrong."""
        total, cost, most = (page.whole(key, default=0) for key in ("total", "total_cost", "max_total_cost"))
        tell = log.warning if most and cost >= NEARLY_ALL * most else log.info
        tell("eventsub_subscriptions", total=total, total_cost=cost, max_total_cost=most)


def _found_by_webhook(item: JsonObject) -> _Found | None:
    """None for one of a socket or a conduit."""
    return _found(item) if item.object("transport").text("method") == "webhook" else None


def _found(item: JsonObject) -> _Found:
    condition = item.object("condition")
    channel_id = condition.text("broadcaster_user_id", default="")
    narrower = {name: value for name, value in condition.fields.items() if value and name != "broadcaster_user_id"}
    as_itself = {"user_id": channel_id} if item.text("type") == CHAT_MESSAGE else {}
    return _Found(
        id=item.id("id"),
        kind=item.id("type"),
        status=item.id("status"),
        channel_id=channel_id,
        callback=item.object("transport").text("callback", default=""),
        whole=narrower == as_itself,
    )
