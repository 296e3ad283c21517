"""Messages to webhooks: signed, repeated while they fail, and the challenge that a new one must answer.

Source: https://dev.twitch.tv/docs/eventsub/handling-webhook-events/. Redirects are not followed. How long Twitch waits
and how often it repeats is not documented: Timings says what is done here.

Stamps are of real time, unlike all others: clients compare them with their own clock. What is still to be repeated when
the process ends is lost, as nothing here waits for it.
"""

import asyncio
import secrets
import ssl
import uuid
from collections import Counter
from collections.abc import Callable, Coroutine
from functools import cache
from typing import Any

import httpx

from vip_manager.simulator.eventsub.messages import Message, webhook_request
from vip_manager.simulator.eventsub.subscriptions import PENDING, Subscriptions, on_the_wire
from vip_manager.simulator.eventsub.timings import Timings
from vip_manager.simulator.moments import rfc3339_nanos
from vip_manager.simulator.records import Subscription
from vip_manager.simulator.world import World

AT_ONCE = 50
NO_ANSWER = "none"

Note = Callable[..., None]


class Webhooks:
    def __init__(
        self,
        world: World,
        timings: Timings,
        subscriptions: Subscriptions,
        *,
        note: Note,
        verified: Callable[[Subscription, bool], None],
        unreachable: Callable[[Subscription], None],
    ) -> None:
        """`verified` is told how the challenge ended, `unreachable` that too many messages in a row were given up.
        `note` gets a line for each attempt."""
        self._world = world
        self._timings = timings
        self._subscriptions = subscriptions
        self._note = note
        self._verified = verified
        self._unreachable = unreachable
        self._failures: Counter[str] = Counter()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def send(self, message: Message) -> None:
        """Begins to; needs a running event loop."""
        self._begin(self._deliver(message))

    def challenge(self, subscription: Subscription) -> None:
        """Begins to; the answer must be its very text."""
        self._begin(self._ask(subscription))

    def forget_gone(self) -> None:
        """The failures of subscriptions that are no more."""
        self._failures = Counter({one: n for one, n in self._failures.items() if self._subscriptions.get(one)})

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            # The app may be served a second time, on another loop; what the first one left is dead.
            self._loop = loop
            self._tasks.clear()
            self._places = asyncio.Semaphore(AT_ONCE)
        task = loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _deliver(self, message: Message) -> None:
        subscription = message.subscription
        for retry, pause in enumerate((0.0, *self._timings.retries)):
            await asyncio.sleep(pause)
            if not self._wanted(message):
                return
            answer = await self._post(message, retry)
            if answer is not None and answer.is_success:
                del self._failures[subscription.id]
                return
        if not self._wanted(message):
            return
        self._failures[subscription.id] += 1
        if message.type == "notification" and self._failures[subscription.id] >= self._timings.webhook_failures:
            del self._failures[subscription.id]
            self._unreachable(subscription)

    async def _ask(self, subscription: Subscription) -> None:
        text = secrets.token_urlsafe(30)
        payload = {"challenge": text, "subscription": on_the_wire(subscription)}
        answer = await self._post(Message(str(uuid.uuid4()), "webhook_callback_verification", subscription, payload), 0)
        if self._subscriptions.get(subscription.id) is subscription and subscription.status == PENDING:
            self._verified(subscription, answer is not None and answer.is_success and answer.text == text)

    def _wanted(self, message: Message) -> bool:
        """A notification only while its subscription lives; a revocation while it is listed."""
        if message.type == "notification":
            return self._subscriptions.enabled(message.subscription)
        return self._subscriptions.get(message.subscription.id) is message.subscription

    async def _post(self, message: Message, retry: int) -> httpx.Response | None:
        subscription = message.subscription
        answer = None
        async with self._places:
            headers, body = webhook_request(message, rfc3339_nanos(self._world.real_now()), retry)
            patience = self._timings.answer
            options: dict[str, Any] = {"trust_env": False, "verify": _certificates(), "timeout": patience}
            try:
                # A client of its own: nothing stays open that somebody would have to close at the end.
                async with asyncio.timeout(patience), httpx.AsyncClient(**options) as client:
                    answer = await client.post(subscription.callback, content=body, headers=headers)
            except (httpx.HTTPError, httpx.InvalidURL, ValueError, TimeoutError):
                # ValueError: a host name that can't be (idna). Whatever the address is, it just does not answer.
                pass
        self._note(
            type=subscription.type,
            message_type=message.type,
            broadcaster=subscription.condition.get("broadcaster_user_id", ""),
            subscription=subscription.id,
            message=message.id,
            transport="webhook",
            retry=retry,
            answer=NO_ANSWER if answer is None else answer.status_code,
        )
        return answer


@cache
def _certificates() -> ssl.SSLContext:
    """Made once: reading them takes a while."""
    return ssl.create_default_context()
