"""What streamers decide of points that wait, a reward of before, and lateness; and people who change names or go."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.ledger.judge import SPARE
from tests.ledger.machine import VIEWERS, channels, some, viewers
from tests.ledger.scenes import Scenes
from tests.ledger.stage import CHANNELS, HOURS, streamer
from vip_manager.domain.terms import RewardTerms

OPEN = ("received", "granting", "granted", "refunding", "kept")
SEATS = 20


class Decisions(Scenes):
    @precondition(lambda self: self.undone(0))
    @rule(nth=some, what=st.sampled_from(["give_back", "give_back", "try_again", "let_be"]))
    def decide(self, nth: int, what: str) -> None:
        if one := self.undone(nth):
            decide = getattr(self.stage.house.services.dead_letters, what)
            self.do(lambda: decide(streamer(self.login(one["channelId"])), one["channelId"], one["id"]))

    @precondition(lambda self: self.session(0))
    @rule(nth=some)
    def try_now(self, nth: int) -> None:
        if session := self.session(nth):
            channel_id, letters = session["channelId"], self.stage.house.services.dead_letters
            self.do(lambda: letters.try_session(streamer(self.login(channel_id)), channel_id, session["id"]))

    @rule(channel=channels, hours=st.sampled_from([0.0, 1.0, 24.0]))
    def say_what_late_is(self, channel: str, hours: float) -> None:
        terms = RewardTerms("VIP", 500, HOURS, hours)
        service = self.stage.house.services.rewards
        self.do(lambda: service.change_reward(streamer(channel), CHANNELS[channel], terms))

    @rule(channel=channels, viewer=viewers, on=st.booleans())
    def mod_and_tell(self, channel: str, viewer: str, on: bool) -> None:
        before = len(self.stage.mail)
        self.change_by_hand(channel, viewer, "moderator", on)
        told, self.stage.mail[before:] = self.stage.mail[before:], []
        for event in told:
            self.hear(event)

    @rule(viewer=viewers, gone=st.booleans())
    def leave_twitch(self, viewer: str, gone: bool) -> None:
        self.by_hand("delete-user", user=viewer, deleted=gone)

    @rule(viewer=viewers, number=st.integers(1, 3))
    def rename(self, viewer: str, number: int) -> None:
        self.by_hand("rename", user=viewer, display_name=f"Name {number}")

    @rule(channel=channels)
    def have_a_spare_reward(self, channel: str) -> None:
        twitch = self.stage.house.services.twitch
        self.do(lambda: twitch.create_reward(CHANNELS[channel], SPARE, 500, ""))
        self.do(lambda: self.stage.house.services.reconcile.catch_up(CHANNELS[channel]))

    @rule(channel=channels, what=st.sampled_from(["adopt", "retire"]))
    def see_to_the_spare_reward(self, channel: str, what: str) -> None:
        self.spare(channel, what)

    def put_right(self) -> None:
        """Who had left is back, there are seats, and nobody's points hang on a reward that gives nothing."""
        for viewer in VIEWERS:
            self.by_hand("delete-user", user=viewer, deleted=False)
        for channel in CHANNELS:
            self.by_hand("channel", channel=channel, capacity=SEATS)
            self.spare(channel, "retire")

    def spare(self, channel: str, what: str) -> None:
        services, person, channel_id = self.stage.house.services, streamer(channel), CHANNELS[channel]

        async def see_to_it() -> None:
            found = await services.store.channels.get(channel_id)
            for reward in found.spare_rewards if found else ():
                if what == "adopt":
                    await services.rewards.adopt(person, channel_id, reward.id)
                else:
                    await services.retire.reward(person, channel_id, reward.id)

        self.do(see_to_it)

    def undone(self, nth: int) -> dict[str, Any] | None:
        """A redemption that is not settled, or asks for a decision."""
        found = [one for one in self.stage.books(log=False).redemptions.values() if one["state"] in OPEN]
        return found[nth % len(found)] if found else None
