"""A streamer's webhooks: which there are, and what goes out by them."""

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import replace
from datetime import timedelta

from vip_manager.domain import hook_body
from vip_manager.domain.audit import Action, AuditEntry
from vip_manager.domain.channel import Channel
from vip_manager.domain.hook import MOST_HOOKS, Hook, HookForm, form_of, parse_address, parse_events, parse_name
from vip_manager.domain.notice import Event, Notice
from vip_manager.domain.outbox import Why
from vip_manager.domain.terms import InvalidInput
from vip_manager.ports import Clock, Outgoing, RateLimits, Store, Undelivered
from vip_manager.services.access import Person
from vip_manager.services.channels import ChannelService, stays
from vip_manager.services.journal import line, new_id
from vip_manager.services.rates import HOOK_TESTS

LASTS = timedelta(hours=24)
MOST_FAILURES = 50
"""So many in a row, and it is turned off (Standard Webhooks: "disable the endpoint"), but where they may pass yet."""
MAY_PASS_FOR = timedelta(hours=6)
"""A busy evening has so many failures within minutes of a receiver that starts anew."""
_GONE = {HookForm.JSON: frozenset({410}), HookForm.DISCORD: frozenset({401, 404, 410})}


class HookOutlet:
    """`keys`: what their secrets are made of, the one in use first."""

    def __init__(
        self, store: Store, clock: Clock, channels: ChannelService, outgoing: Outgoing, keys: Sequence[str]
    ) -> None:
        self._store = store
        self._clock = clock
        self._channels = channels
        self._outgoing = outgoing
        self._keys = keys

    @property
    def lasts(self) -> timedelta:
        return LASTS

    @property
    def twice(self) -> bool:
        return True

    def targets(self, channel: Channel) -> Mapping[str, Set[Event]]:
        return {one.id: one.events for one in channel.hooks if one.on and one.url}

    async def deliver(self, channel: Channel, target: str, notice: Notice) -> None:
        # What was removed or turned off since then hears nothing more.
        current = await self._store.channels.get(channel.id)
        hook = next((one for one in current.hooks if one.id == target), None) if current else None
        if current is None or current.leaving is not None or hook is None or target not in self.targets(current):
            raise Undelivered(Why.TOO_LATE)
        try:
            await self.send(current, hook, notice, f"{notice.id}.{hook.id}")
        except Undelivered as failed:
            if failed.why is Why.GONE or await self._hopeless(channel.id, target, failed):
                await self._stop(channel.id, hook, failed.why)
            raise

    async def send(self, channel: Channel, hook: Hook, notice: Notice, message_id: str, *, test: bool = False) -> None:
        """Raises Undelivered."""
        content = hook_body.body(hook, channel, notice, test=test)
        headers = hook_body.headers(self._keys, hook, message_id, self._clock.real(), content)
        await self._outgoing.post(hook.url, headers, content, _GONE[hook.form])

    def secret(self, hook: Hook) -> str:
        return hook_body.secret(self._keys[0], hook)

    async def _hopeless(self, channel_id: str, target: str, failed: Undelivered) -> bool:
        outbox = await self._store.outboxes.get(channel_id)
        if outbox is None or outbox.standing(target).failures + 1 < MOST_FAILURES:
            return False
        waiting = min((one.made_at for one in outbox.parcels if one.target == target), default=None)
        return not failed.temporary or (waiting is not None and self._clock.now() - waiting >= MAY_PASS_FOR)

    async def _stop(self, channel_id: str, hook: Hook, why: Why) -> None:
        await _change(
            self._channels,
            channel_id,
            hook.id,
            lambda one: replace(one, on=False, stopped=why.value) if one.on else one,
            lambda one: line(channel_id, self._clock.now(), Action.HOOK_STOPPED, host=one.host),
        )


class Hooks:
    """The caller has checked that the person may do it. Every verb raises InvalidInput."""

    def __init__(self, clock: Clock, channels: ChannelService, outlet: HookOutlet, rates: RateLimits) -> None:
        self._clock = clock
        self._channels = channels
        self._outlet = outlet
        self._rates = rates

    async def add(
        self, person: Person, channel_id: str, url: object, events: Iterable[object], name: object = ""
    ) -> tuple[Hook, str]:
        """Returns its secret too, which is shown this once; empty for Discord, which checks none."""
        address, told_of, called = parse_address(url), parse_events(events), parse_name(name)
        hook = Hook(new_id(), form_of(address), self._clock.now(), address, told_of, name=called)

        def added(channel: Channel) -> Channel:
            stays(channel)
            if len(channel.hooks) >= MOST_HOOKS:
                raise InvalidInput("url", "There are {most, number} webhooks already. Remove one.", most=MOST_HOOKS)
            if any(one.url == address for one in channel.hooks):
                raise InvalidInput("url", "There is a webhook to that address already.")
            return replace(channel, hooks=(*channel.hooks, hook))

        told = [self._line(channel_id, Action.HOOK_ADDED, person, hook)]
        await self._channels.change(channel_id, added, lambda *_: told)
        return hook, self._shown(hook)

    async def choose(
        self, person: Person, channel_id: str, hook_id: str, events: Iterable[object], name: object
    ) -> Hook:
        """What it is told of, and what it is called."""
        chosen, called = parse_events(events), parse_name(name)
        return await self._change(person, channel_id, hook_id, lambda one: replace(one, events=chosen, name=called))

    async def turn(self, person: Person, channel_id: str, hook_id: str, on: bool) -> Hook:
        return await self._change(person, channel_id, hook_id, lambda one: replace(one, on=on, stopped=""))

    async def new_secret(self, person: Person, channel_id: str, hook_id: str) -> tuple[Hook, str]:
        """The earlier one counts no more at once."""
        hook = await self._change(person, channel_id, hook_id, lambda one: replace(one, number=one.number + 1))
        return hook, self._shown(hook)

    async def remove(self, person: Person, channel_id: str, hook_id: str) -> None:
        """One that is gone already is no error."""

        def without(channel: Channel) -> Channel:
            return replace(channel, hooks=tuple(one for one in channel.hooks if one.id != hook_id))

        def told(before: Channel, _: Channel) -> list[AuditEntry]:
            gone = [one for one in before.hooks if one.id == hook_id]
            return [self._line(channel_id, Action.HOOK_REMOVED, person, one) for one in gone]

        await self._channels.change(channel_id, without, told)

    async def try_out(self, person: Person, channel_id: str, hook_id: str) -> Why | None:
        """Sends a sample, marked as one; None: it arrived."""
        channel = await self._channels.get(channel_id)
        stays(channel)
        hook = _found(channel, hook_id)
        if await self._rates.hit(HOOK_TESTS, channel_id) is not None:
            raise InvalidInput("hook", "That was tried several times just now. Wait a minute, then try again.")
        now = self._clock.now()
        until = now + timedelta(hours=24)
        who = (person.id, person.login, person.username)
        sample = Notice(new_id(), Event.STARTED, channel_id, now, *who, hours=24.0, until=until, source="manual")
        try:
            await self._outlet.send(channel, hook, sample, f"{sample.id}.{hook.id}", test=True)
        except Undelivered as failed:
            return failed.why
        return None

    async def _change(self, person: Person, channel_id: str, hook_id: str, changed: Callable[[Hook], Hook]) -> Hook:
        def told(one: Hook) -> AuditEntry:
            return self._line(channel_id, Action.HOOK_CHANGED, person, one)

        return _found(await _change(self._channels, channel_id, hook_id, changed, told), hook_id)

    def _line(self, channel_id: str, action: Action, person: Person, hook: Hook) -> AuditEntry:
        return line(channel_id, self._clock.now(), action, person, host=hook.host)

    def _shown(self, hook: Hook) -> str:
        return self._outlet.secret(hook) if hook.form is HookForm.JSON else ""


async def _change(
    channels: ChannelService,
    channel_id: str,
    hook_id: str,
    changed: Callable[[Hook], Hook],
    told: Callable[[Hook], AuditEntry],
) -> Channel:
    def made(channel: Channel) -> Channel:
        return replace(channel, hooks=tuple(changed(one) if one.id == hook_id else one for one in channel.hooks))

    return await channels.change(
        channel_id, made, lambda _, after: [told(one) for one in after.hooks if one.id == hook_id]
    )


def _found(channel: Channel, hook_id: str) -> Hook:
    hook = next((one for one in channel.hooks if one.id == hook_id), None)
    if hook is None:
        raise InvalidInput("hook", "That webhook is gone.")
    return hook
