"""What streamers choose: rules of every kind, changed at any moment; yes or no; who may redeem; a permanent VIP on a
clock."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.ledger.decisions import Decisions
from tests.ledger.judge import CLOCK, past_the_end
from tests.ledger.machine import MOST_HOURS_AHEAD, VIEWERS, channels, some, viewers
from tests.ledger.stage import CHANNELS, streamer
from vip_manager.domain.rules import Rules, VipClock, WhenFull, WhenVip
from vip_manager.domain.terms import RewardTerms
from vip_manager.services.container import Services

rules = st.builds(
    Rules,
    when_vip=st.sampled_from(WhenVip),
    most_hours_ahead=st.sampled_from([0.0, 0.0, 4.0, 9.0]),
    when_full=st.sampled_from(WhenFull),
    seats=st.sampled_from([0, 0, 0, 2, 3, 20]),
    seats_kept_free=st.sampled_from([0, 0, 0, 1]),
    wait_hours=st.sampled_from([0.05, 3.0, 24.0]),
    protected_hours=st.sampled_from([0.0, 0.0, 2.0]),
    approval=st.sampled_from([False, False, True]),
    close_when_full=st.sampled_from([False, False, True]),
    clock=st.sampled_from([VipClock.WALL, VipClock.WALL, VipClock.STREAM, VipClock.LIVE]),
    approval_hours=st.sampled_from([0.05, 3.0]),
    pause_hours=st.sampled_from([0.0, 0.0, 3.0]),
)


class Choices(Decisions):
    @rule(channel=channels, chosen=rules)
    def choose(self, channel: str, chosen: Rules) -> None:
        book = self.stage.house.services.rule_book
        self.do(lambda: book.change(streamer(channel), CHANNELS[channel], chosen))

    @rule(channel=channels, full=st.sampled_from([WhenFull.WAIT, WhenFull.TAKE_SEAT]), viewer=viewers)
    def redeem_where_it_is_full(self, channel: str, full: WhenFull, viewer: str) -> None:
        self.choose(channel, Rules(when_full=full, protected_hours=0.0, wait_hours=3.0))
        taken = len(self.stage.sim.world.channel(CHANNELS[channel]).vips)
        self.by_hand("channel", channel=channel, capacity=taken)
        self.redeem(channel, viewer, told=True)

    @precondition(lambda self: self.to_approve(0))
    @rule(nth=some)
    def say_yes(self, nth: int) -> None:
        if one := self.to_approve(nth):
            waiting = self.stage.house.services.waiting
            self.do(lambda: waiting.approve(streamer(self.login(one["channelId"])), one["channelId"], one["id"]))

    @rule(channel=channels, on=st.booleans(), told=st.booleans())
    def go_live(self, channel: str, on: bool, told: bool) -> None:
        before = len(self.stage.mail)
        if not self.by_hand("channel", channel=channel, live=on):
            return
        there = self.stage.sim.world.channel(CHANNELS[channel])
        self.known.streams.setdefault(there.id, []).append((self.stage.sim.world.now(), on))
        if told:
            news, self.stage.mail[before:] = self.stage.mail[before:], []
            for event in news:
                self.hear(event)

    @rule(channel=channels, viewer=viewers, clock=st.sampled_from([VipClock.STREAM, VipClock.LIVE]))
    def redeem_by_the_stream(self, channel: str, viewer: str, clock: VipClock) -> None:
        self.choose(channel, Rules(clock=clock))
        self.go_live(channel, True, True)
        self.redeem(channel, viewer, told=True)

    @rule(channel=channels, hours=st.sampled_from([1.0, 5.0]), number=st.integers(1, 2))
    def make_a_tier(self, channel: str, hours: float, number: int) -> None:
        rewards = self.stage.house.services.rewards
        terms = RewardTerms(f"VIP {number}", 700, hours)
        self.do(lambda: rewards.create_tier(streamer(channel), CHANNELS[channel], terms))

    @rule(channel=channels, viewer=viewers, number=st.integers(1, 2))
    def redeem_a_tier(self, channel: str, viewer: str, number: int) -> None:
        before = len(self.stage.mail)
        if self.by_hand("redeem", channel=channel, viewer=viewer, reward=f"VIP {number}"):
            self.hear(self.stage.mail.pop(before))

    @rule(channel=channels, nth=some)
    def delete_a_tier(self, channel: str, nth: int) -> None:
        services, channel_id = self.stage.house.services, CHANNELS[channel]

        async def delete() -> None:
            found = await services.store.channels.get(channel_id)
            tiers = [tier for tier in found.every_tier if tier.id] if found else []
            if tiers:
                await services.retire.reward(streamer(channel), channel_id, tiers[nth % len(tiers)].id)

        self.do(delete)

    @rule(channel=channels)
    def down_the_line(self, channel: str) -> None:
        self.do(lambda: self.stage.house.services.waiting.advance(CHANNELS[channel], ask_twitch=True))

    @rule(channel=channels, viewer=viewers, on=st.booleans())
    def block(self, channel: str, viewer: str, on: bool) -> None:
        book, channel_id = self.stage.house.services.rule_book, CHANNELS[channel]
        if on:
            self.do(lambda: book.block(streamer(channel), channel_id, viewer))
        else:
            self.do(lambda: book.unblock(streamer(channel), channel_id, VIEWERS[viewer]))

    @rule(channel=channels, viewer=viewers, hours=st.sampled_from([0.01, 2.0]))
    def put_on_a_clock(self, channel: str, viewer: str, hours: float) -> None:
        self.steps += 1
        name, channel_id, user_id = f"{CLOCK}{self.steps}", CHANNELS[channel], VIEWERS[viewer]
        gift = self.stage.house.services.gift
        self.do(lambda: gift.put_on_clock(streamer(channel), channel_id, viewer, hours, name))
        if any(credit == name for credit, _ in self.stage.books(log=False).credits()):
            self.known.named.setdefault((channel_id, user_id), []).append(self.stage.sim.world.now())

    def teardown(self) -> None:
        try:
            self.calm_down()
            for on, hours in ((True, MOST_HOURS_AHEAD), (False, 1.0)):
                for channel in CHANNELS:
                    self.go_live(channel, on, True)
                self.stage.pass_time(hours)
                self.calm_down()
            assert not past_the_end(self.stage), past_the_end(self.stage)
        finally:
            self.end_of_life()

    async def do_by(self, services: Services, what: str, channel: str, viewer: str) -> None:
        if what == "down the line":
            await services.waiting.advance(CHANNELS[channel])
        else:
            await super().do_by(services, what, channel, viewer)

    def to_approve(self, nth: int) -> dict[str, Any] | None:
        found = [
            one
            for one in self.stage.books(log=False).redemptions.values()
            if one["state"] == "held" and one["heldFor"] == "approval"
        ]
        return found[nth % len(found)] if found else None
