"""Lives in which all that happens is told in chat, and whatever can go wrong with that does: it is nothing to the
ledger."""

import functools

from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.ledger.stage import CHANNELS, streamer
from tests.ledger.told import Told
from tests.ledger.wire import ON_THE_WAY, Mishap
from vip_manager.domain.chat import ChatLine
from vip_manager.domain.notice import Event

SAY = ("POST", "/chat/messages")
STATUSES = [400, 401, 403, 422, 429, 500, 503]
LINES = [ChatLine(event, True, f"{{viewer}}: {event}") for event in Event]


class Chatting(Told):
    """Both streamers have it on; only one has allowed it on Twitch. `said` counts what Twitch was asked to say."""

    said = 0

    beside = frozenset({"disconnected"})
    """That Twitch takes a token no more shows to whoever asks for anything, be it for a chat's sake."""

    def turn_on(self) -> None:
        for login, channel_id in CHANNELS.items():
            chat = self.stage.house.services.chat
            self.stage.attempt(functools.partial(chat.turn, streamer(login), channel_id, True))
            self.stage.attempt(functools.partial(chat.save, streamer(login), channel_id, LINES, 10))
        self.allow()

    @rule()
    def allow(self) -> None:
        house = self.stage.house
        self.stage.attempt(lambda: house.connect("streamer", person_id=CHANNELS["streamer"]))

    @rule(status=st.sampled_from(STATUSES), times=st.integers(1, 3))
    def chat_misbehaves(self, status: int, times: int) -> None:
        self.fault(method=SAY[0], path=SAY[1], do="status", status=status, times=times)

    @rule(do=st.sampled_from(list(ON_THE_WAY)), times=st.integers(1, 3))
    def chat_is_lost(self, do: str, times: int) -> None:
        self.stage.mishaps.append(Mishap(*SAY, do, times))

    def tell(self) -> None:
        asked = self._asked()
        super().tell()
        Chatting.said += self._asked() - asked

    def _asked(self) -> int:
        return len(self.stage.sim.journal.lines(100_000, ["request", "fault"]))
