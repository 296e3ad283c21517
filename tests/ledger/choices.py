"""What streamers choose: rules of every kind, changed at any moment; yes or no; who may redeem; a permanent VIP on a
clock."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.ledger.decisions import Decisions
from tests.ledger.judge import CLOCK
from tests.ledger.machine import VIEWERS, channels, some, viewers
from tests.ledger.stage import CHANNELS, streamer
from vip_manager.domain.rules import Rules, WhenFull, WhenVip
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
    approval=st.booleans(),
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
        if any(credit == name for credit, _ in self.stage.books().credits()):
            self.known.named.setdefault((channel_id, user_id), []).append(self.stage.sim.world.now())

    async def do_by(self, services: Services, what: str, channel: str, viewer: str) -> None:
        if what == "down the line":
            await services.waiting.advance(CHANNELS[channel])
        else:
            await super().do_by(services, what, channel, viewer)

    def to_approve(self, nth: int) -> dict[str, Any] | None:
        found = [
            one
            for one in self.stage.books().redemptions.values()
            if one["state"] == "held" and one["heldFor"] == "approval"
        ]
        return found[nth % len(found)] if found else None
