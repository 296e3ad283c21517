"""More steps, each a scene: several things in a row that would rarely meet by chance, or one in the middle of another.
In the middle a hand on Twitch, or a second instance of the program, is faster than the first one, which has just read
what it is about to change; or the program itself begins something else beside."""

import asyncio
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.ledger.machine import VIEWERS, Ledger, channels, viewers
from tests.ledger.stage import CHANNELS, IN_VAIN, streamer
from tests.ledger.wire import Mishap
from vip_manager.ports import RedemptionEvent
from vip_manager.services.container import Services
from vip_manager.services.verify import Verify
from vip_manager.simulator.records import BY_HAND, UNFULFILLED

ADD, REMOVE, LOOK = "POST /channels/vips", "DELETE /channels/vips", "GET /channels/vips"
SETTLE = "PATCH /channel_points/custom_rewards/redemptions"

BY_THE_OTHER = ["down the line", "sweep", "redeem", "hear again", "add an hour", "end", "make permanent", "repair"]
AT_THE_SAME_TIME = ["sweep here", "redeem here", "add an hour here"]
AT_A_LOOK = ["give", "take", "take and give", "sweep", "redeem", "hear again", "add an hour", "end", *AT_THE_SAME_TIME]
AT_AN_ADD = ["give", "give", "fulfil", "cancel", "sweep", "redeem", "hear again", "add an hour", *AT_THE_SAME_TIME]
AT_A_SETTLEMENT = ["fulfil", "cancel", "take and give", "sweep", "redeem", "end", "make permanent", *AT_THE_SAME_TIME]
AT_A_REMOVAL = ["give", "take and give", "sweep", "end", "make permanent", "repair", *AT_THE_SAME_TIME]
"""Not there is what two instances do wrong where a viewer's turn is known to one process only, as on SQLite: an end in
the middle of an add, more hours in the middle of a removal. On Firestore these are there too (instances.py)."""


AS_FAR_AS_IT_COMES = 100
"""Rounds of the loop, for what has begun beside: to its end, or until it has to wait."""


class Scenes(Ledger):
    @rule(channel=channels, viewer=viewers)
    def redeem_unlisted(self, channel: str, viewer: str) -> None:
        """The answer to the add is lost, and Twitch's list does not show the badge yet when the program looks."""
        self.tidy_up(channel, viewer)
        self.lag(channel, 30)
        self.stage.mishaps.append(Mishap("POST", "/channels/vips", "lose_answer", 1))
        self.redeem(channel, viewer, told=True)
        self.do(self.stage.house.services.sweep.run)

    @rule(channel=channels, viewer=viewers)
    def come_back(self, channel: str, viewer: str) -> None:
        """A VIP ends, is bought again, and only then Twitch tells of its end."""
        if session := self.vip(channel, viewer):
            before = len(self.stage.mail)
            self.end_now(session)
            told, self.stage.mail[before:] = self.stage.mail[before:], []
            self.redeem(channel, viewer, told=True)
            for event in told:
                self.hear(event)

    @rule(channel=channels, viewer=viewers)
    def replace_by_hand(self, channel: str, viewer: str) -> None:
        """Somebody takes the badge and gives another, and Twitch tells of both."""
        if self.vip(channel, viewer):
            before = len(self.stage.mail)
            for on in (False, True):
                self.change_by_hand(channel, viewer, "vip", on)
            told, self.stage.mail[before:] = self.stage.mail[before:], []
            for event in told:
                self.hear(event)

    @rule(what=st.sampled_from(AT_A_LOOK), channel=channels, viewer=viewers)
    def redeem_and_meanwhile_at_the_look(self, what: str, channel: str, viewer: str) -> None:
        self.redeem_meanwhile(LOOK, what, channel, viewer)

    @rule(what=st.sampled_from(AT_AN_ADD), channel=channels, viewer=viewers)
    def redeem_and_meanwhile_at_the_add(self, what: str, channel: str, viewer: str) -> None:
        self.redeem_meanwhile(ADD, what, channel, viewer)

    @rule(what=st.sampled_from(AT_A_SETTLEMENT), channel=channels, viewer=viewers)
    def redeem_and_meanwhile_at_the_settlement(self, what: str, channel: str, viewer: str) -> None:
        self.redeem_meanwhile(SETTLE, what, channel, viewer)

    @rule(what=st.sampled_from(AT_A_REMOVAL), channel=channels, viewer=viewers)
    def expire_and_meanwhile(self, what: str, channel: str, viewer: str) -> None:
        self.expire_meanwhile(what, channel, viewer)

    @rule(what=st.sampled_from(AT_A_REMOVAL), channel=channels, viewer=viewers)
    def end_and_meanwhile(self, what: str, channel: str, viewer: str) -> None:
        self.end_meanwhile(what, channel, viewer)

    @rule(what=st.sampled_from(AT_A_LOOK), channel=channels, viewer=viewers)
    def take_by_hand_and_meanwhile(self, what: str, channel: str, viewer: str) -> None:
        self.take_by_hand_meanwhile(what, channel, viewer)

    @rule(what=st.sampled_from(BY_THE_OTHER), channel=channels, viewer=viewers)
    def done_by_the_other(self, what: str, channel: str, viewer: str) -> None:
        self.stage.clock.passed += timedelta(seconds=10)
        self.stage.run(self.happen(what, channel, viewer))

    def tidy_up(self, channel: str, viewer: str) -> None:
        """Nothing is to stand between that viewer and a VIP by us."""
        self.heal_twitch()
        self.set_the_clock(0)
        self.lag(channel, 0)
        self.by_hand("channel", channel=channel, capacity=20)
        if self.stage.sim.world.channel(CHANNELS[channel]).vip_by(VIEWERS[viewer]) == BY_HAND:
            self.change_by_hand(channel, viewer, "vip", False)

    def vip(self, channel: str, viewer: str) -> dict[str, Any] | None:
        """The viewer's live session, for which they redeem where they have none."""
        if not self.live(CHANNELS[channel], VIEWERS[viewer]):
            self.tidy_up(channel, viewer)
            self.redeem(channel, viewer, told=True)
        return next(iter(self.live(CHANNELS[channel], VIEWERS[viewer])), None)

    def redeem_meanwhile(self, call: str, what: str, channel: str, viewer: str) -> None:
        self.tidy_up(channel, viewer)
        self.meanwhile(call, what, channel, viewer)
        self.redeem(channel, viewer, told=True)

    def expire_meanwhile(self, what: str, channel: str, viewer: str) -> None:
        if session := self.vip(channel, viewer):
            self.meanwhile(REMOVE, what, channel, viewer)
            ends = datetime.fromisoformat(session["expiresAt"]) if session["expiresAt"] else self.stage.clock.now()
            left = ends - self.stage.clock.now() + timedelta(minutes=1)
            self.stage.pass_time(max(left, timedelta(minutes=1)) / timedelta(hours=1))
            self.do(self.stage.house.services.sweep.run)

    def end_meanwhile(self, what: str, channel: str, viewer: str) -> None:
        if session := self.vip(channel, viewer):
            self.meanwhile(REMOVE, what, channel, viewer)
            self.end_now(session)

    def take_by_hand_meanwhile(self, what: str, channel: str, viewer: str) -> None:
        """The program is told of it, and looks."""
        if self.vip(channel, viewer):
            before = len(self.stage.mail)
            self.change_by_hand(channel, viewer, "vip", False)
            self.meanwhile(LOOK, what, channel, viewer)
            if len(self.stage.mail) > before:
                self.hear(self.stage.mail.pop(before))

    def meanwhile(self, call: str, what: str, channel: str, viewer: str) -> None:
        """When the program is about to make that call the next time."""

        async def happen() -> None:
            self.stage.clock.passed += timedelta(seconds=1)
            await self.happen(what, channel, viewer)

        self.stage.life.meanwhile(call, happen)

    async def happen(self, what: str, channel: str, viewer: str) -> None:
        match what:
            case "give":
                self.give_role(channel, viewer, "vip", True)
            case "take":
                self.give_role(channel, viewer, "vip", False)
            case "take and give":
                self.give_role(channel, viewer, "vip", False)
                self.give_role(channel, viewer, "vip", True)
            case "fulfil" | "cancel":
                for one in list(self.stage.sim.world.redemptions.values()):
                    if (one.channel_id, one.user_id, one.status) == (CHANNELS[channel], VIEWERS[viewer], UNFULFILLED):
                        status = "FULFILLED" if what == "fulfil" else "CANCELED"
                        self.by_hand("settle", redemption_id=one.id, status=status)
            case _ if what in AT_THE_SAME_TIME:
                work = self.done_by(self.stage.house.services, what.removesuffix(" here"), channel, viewer)
                await self.begin(asyncio.create_task(work))
            case _:
                await self.in_the_middle(what, channel, viewer)

    async def begin(self, work: "asyncio.Task[None]") -> None:
        self.stage.began.append(work)
        for _ in range(AS_FAR_AS_IT_COMES):
            await asyncio.sleep(0)

    async def in_the_middle(self, what: str, channel: str, viewer: str) -> None:
        await self.done_by(await self.stage.second(), what, channel, viewer)

    async def done_by(self, services: Services, what: str, channel: str, viewer: str) -> None:
        with suppress(*IN_VAIN):
            await self.do_by(services, what, channel, viewer)

    async def do_by(self, services: Services, what: str, channel: str, viewer: str) -> None:
        channel_id = CHANNELS[channel]
        live = await services.store.sessions.live_of(channel_id, VIEWERS[viewer])
        match what:
            case "sweep":
                await services.sweep.run()
            case "redeem":
                before = len(self.stage.mail)
                if self.by_hand("redeem", channel=channel, viewer=viewer) and len(self.stage.mail) > before:
                    await self.stage.hear(self.stage.mail.pop(before), services)
            case "hear again":
                for event in [one for one in self.heard if isinstance(one, RedemptionEvent)][-1:]:
                    await self.stage.hear(event, services)
            case "repair":
                store: Any = services.store
                await Verify(store, store, self.stage.clock).run(repair=True)
            case "add an hour" if live:
                self.steps += 1
                await services.gift.add_time(streamer(channel), channel_id, live.id, 1, f"hour-{self.steps}")
            case "end" if live:
                with self.dropping(live.id):
                    await services.expire.end_now(streamer(channel), channel_id, live.id)
            case "make permanent" if live:
                await services.expire.make_permanent(streamer(channel), channel_id, live.id)
