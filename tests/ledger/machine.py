"""Random steps of viewers, streamers, Twitch and fate, in any order; then everything is healed, and judged."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from tests.ledger.judge import CLOCK, LIVE, Known, broken, past_the_end
from tests.ledger.place import Place, SqlitePlace
from tests.ledger.stage import CHANNELS, TERMS, Stage, fast_directory, streamer
from tests.ledger.wire import ON_THE_WAY, Mishap
from vip_manager.ports import Listening
from vip_manager.simulator import control, points
from vip_manager.simulator.records import UNFULFILLED
from vip_manager.simulator.refusal import Refused as NotThere
from vip_manager.simulator.wish import Wish

VIEWERS = {"viewer1": "3001", "viewer2": "3002", "permanentvip": "4001", "mod": "2001"}
MOST_HOURS_AHEAD = 3000.0
CALM_MINUTES = (1, 1, 1, 1, 16, 16, 1, 16)
"""Between the sweeps until all is well: longer than anything is put off, and some catch-ups."""

channels = st.sampled_from(["streamer", "streamer", "streamer", "secondstreamer"])
viewers = st.sampled_from(["viewer1", "viewer1", "viewer1", "viewer2", "permanentvip", "mod"])
"""So few that most steps have to do with one another."""
some = st.integers(0, 5)
CALLS = [
    ("POST", "/channels/vips"),
    ("DELETE", "/channels/vips"),
    ("GET", "/channels/vips"),
    ("PATCH", "/custom_rewards/redemptions"),
    ("GET", "/custom_rewards/redemptions"),
    ("GET", "/channel_points/custom_rewards"),
    ("GET", "/moderation/moderators"),
    ("POST", "/oauth2/token"),
]
STATUSES = [401, 429, 500, 502, 503, 504]
"""What Twitch says when it is unwell. A 404 or 422 that is no truth can't be told from one that is."""
calls = st.sampled_from([*CALLS[:2] * 3, *CALLS])


class EveryRule:
    """In the place of the random few rules to which Hypothesis keeps a life."""

    def is_enabled(self, name: str) -> bool:
        return True


class Ledger(RuleBasedStateMachine):
    """Ends in `teardown`, where nothing may be found.

    Half of all lives keep to some rules, so that rare ones meet; in the others anything may follow anything.
    """

    def __init__(self) -> None:
        super().__init__()
        some_rules = self._rules_strategy.enabled_rules_strategy
        every_or_some: Any = st.just(EveryRule()) | some_rules
        self._rules_strategy.enabled_rules_strategy = st.shared(every_or_some, key=("rules of a life", self))
        self.directory = fast_directory()
        self.stage = Stage(self.place(Path(self.directory.name)))
        self.known = Known(shown=self.stage.shown)
        self.in_time: set[tuple[str, str, datetime]] = set()
        self.heard: list[Any] = []
        self.steps = 0

    def place(self, directory: Path) -> Place:
        """Where a life begins."""
        return SqlitePlace(directory)

    @rule(channel=channels, viewer=viewers, edges=st.none() | st.integers(0, 14))
    def redeem_and_maybe_die(self, channel: str, viewer: str, edges: int | None) -> None:
        """Heard at once; and where `edges` says so, the program dies on the way."""
        self.stage.life.left = edges
        self.redeem(channel, viewer, told=True)

    @rule(call=calls, do=st.sampled_from(list(ON_THE_WAY)), channel=channels, viewer=viewers)
    def redeem_and_lose(self, call: tuple[str, str], do: str, channel: str, viewer: str) -> None:
        self.stage.mishaps.append(Mishap(*call, do, 1))
        self.redeem(channel, viewer, told=True)

    @rule(channel=channels, viewer=viewers, told=st.booleans())
    def redeem(self, channel: str, viewer: str, told: bool) -> None:
        before = len(self.stage.mail)
        if not self.by_hand("redeem", channel=channel, viewer=viewer):
            # Whatever it was, it is put right, or nobody would ever redeem again.
            self.give_role(channel, viewer, "banned", False)
            self.change_the_channel(channel, 20, True)
            service = self.stage.house.services.rewards
            self.do(lambda: service.create_reward(streamer(channel), CHANNELS[channel], TERMS))
        if told and len(self.stage.mail) > before:
            self.hear(self.stage.mail.pop(before))

    @rule(channel=channels, viewer=viewers, hours=st.sampled_from([0.01, 1, 5]))
    def gift(self, channel: str, viewer: str, hours: float) -> None:
        gift = self.stage.house.services.gift
        self.steps += 1
        name = f"gift-{self.steps}"
        self.do(lambda: gift.by_hand(streamer(channel), CHANNELS[channel], viewer, hours, name))

    @precondition(lambda self: self.session(0))
    @rule(nth=some)
    def add_an_hour(self, nth: int) -> None:
        if session := self.session(nth):
            gift, login = self.stage.house.services.gift, session["login"]
            self.steps += 1
            name = f"hour-{self.steps}"
            channel = self.login(session["channelId"])
            self.do(lambda: gift.by_hand(streamer(channel), session["channelId"], login, 1, name))

    @precondition(lambda self: self.session(0))
    @rule(nth=some, how=st.sampled_from(["end_now", "end_now", "make_permanent"]))
    def end(self, nth: int, how: str) -> None:
        if (session := self.session(nth)) and how == "end_now":
            self.end_now(session)
        elif session:
            channel_id, expire = session["channelId"], self.stage.house.services.expire
            self.do(lambda: expire.make_permanent(streamer(self.login(channel_id)), channel_id, session["id"]))

    @rule(channel=channels, viewer=viewers, role=st.sampled_from(["vip", "moderator", "banned"]), on=st.booleans())
    def change_by_hand(self, channel: str, viewer: str, role: str, on: bool) -> None:
        self.stage.clock.passed += timedelta(seconds=10)
        self.give_role(channel, viewer, role, on)

    @rule(call=calls, channel=channels, viewer=viewers, on=st.booleans())
    def change_by_hand_in_the_middle(self, call: tuple[str, str], channel: str, viewer: str, on: bool) -> None:
        """At the moment when the program is about to ask that of Twitch."""
        method, path = call

        async def happen() -> None:
            self.stage.clock.passed += timedelta(seconds=1)
            self.give_role(channel, viewer, "vip", on)

        full = path if not path.startswith("/custom_rewards") else f"/channel_points{path}"
        self.stage.life.meanwhile(f"{method} {full}", happen)

    @rule(nth=some, status=st.sampled_from(["FULFILLED", "CANCELED"]))
    def settle_by_hand(self, nth: int, status: str) -> None:
        if found := [one.id for one in self.stage.sim.world.redemptions.values() if one.status == UNFULFILLED]:
            self.by_hand("settle", redemption_id=found[nth % len(found)], status=status)

    @rule(
        channel=channels,
        change=st.sampled_from(["is_paused", "should_redemptions_skip_request_queue", "deleted"]),
        on=st.booleans(),
    )
    def change_reward_by_hand(self, channel: str, change: str, on: bool) -> None:
        there = self.stage.sim.world.channel(CHANNELS[channel])
        for reward in list(there.rewards.values()):
            if change == "deleted":
                points.delete_reward(self.stage.sim, there, reward)
            else:
                points.update_reward(self.stage.sim, there, reward, {change: on})

    @rule(channel=channels, seats=st.sampled_from([0, 1, 2, 20, 20]), on=st.booleans())
    def change_the_channel(self, channel: str, seats: int, on: bool) -> None:
        """Twitch's seats; and VIP by reward turned on or off."""
        self.by_hand("channel", channel=channel, capacity=seats)
        self.do(lambda: self.stage.house.services.channels.turn(streamer(channel), CHANNELS[channel], on))

    @rule(call=calls, do=st.sampled_from(list(ON_THE_WAY)), times=st.integers(1, 3))
    def lose(self, call: tuple[str, str], do: str, times: int) -> None:
        self.stage.mishaps.append(Mishap(*call, do, times))

    @rule(call=calls, status=st.sampled_from(STATUSES), times=st.integers(1, 3))
    def misbehave(self, call: tuple[str, str], status: int, times: int) -> None:
        self.fault(method=call[0], path=call[1], do="status", status=status, times=times)

    @rule(call=calls, refresh=st.booleans())
    def kill_token(self, call: tuple[str, str], refresh: bool) -> None:
        self.fault(method=call[0], path=call[1], do="kill_token", refresh=refresh)

    @rule()
    def heal_twitch(self) -> None:
        self.stage.mishaps.clear()
        self.stage.run(self.stage.house.heal_twitch())

    @rule(channel=channels, seconds=st.sampled_from([0, 30]))
    def lag(self, channel: str, seconds: int) -> None:
        self.by_hand("lag", channel=channel, seconds=seconds)
        for change in self.stage.sim.world.channel(CHANNELS[channel]).vip_changes:
            at = datetime.fromisoformat(change.at)
            if seconds and change.added and at > self.stage.sim.world.now() - timedelta(seconds=seconds + 10):
                self.known.unsure.add((CHANNELS[channel], change.user_id, at))

    @precondition(lambda self: self.stage.mail)
    @rule(nth=some, keep=st.booleans())
    def deliver(self, nth: int, keep: bool) -> None:
        """The next event or a later one, which may come again."""
        mail = self.stage.mail
        event = mail[nth % len(mail)] if keep else mail.pop(nth % len(mail))
        self.hear(event)

    @precondition(lambda self: self.stage.mail)
    @rule()
    def deliver_all(self) -> None:
        mail, self.stage.mail[:] = list(self.stage.mail), []
        for event in mail:
            self.hear(event)

    @precondition(lambda self: self.stage.mail)
    @rule(nth=some)
    def drop(self, nth: int) -> None:
        self.stage.mail.pop(nth % len(self.stage.mail))

    @precondition(lambda self: self.heard)
    @rule(nth=some)
    def deliver_again(self, nth: int) -> None:
        self.hear(self.heard[-1 - nth % len(self.heard)])

    @rule(channel=channels)
    def listen_anew(self, channel: str) -> None:
        self.hear(Listening(CHANNELS[channel]))

    @rule()
    def sweep(self) -> None:
        self.do(self.stage.house.services.sweep.run)

    @rule(hours=st.sampled_from([0.005, 0.02, 0.3, 2.9, 3.0, 8.0, 30.0]))
    def jump(self, hours: float) -> None:
        self.stage.pass_time(hours)

    @rule(hours=st.sampled_from([0.02, 3.0, 8.0]))
    def jump_and_sweep(self, hours: float) -> None:
        self.stage.pass_time(hours)
        self.do(self.stage.house.services.sweep.run)

    @rule(seconds=st.sampled_from([-7200, -90, 0, 30, 90, 7200]))
    def set_the_clock(self, seconds: int) -> None:
        self.stage.house.clock.wrong = timedelta(seconds=seconds)

    @rule()
    def restart(self) -> None:
        self.stage.restart()

    @rule(edges=st.integers(0, 12))
    def doom(self, edges: int) -> None:
        """The program dies after so many more edges."""
        self.stage.life.left = edges

    @rule(channel=channels, how=st.sampled_from(["disconnect", "expire-tokens"]))
    def lose_tokens(self, channel: str, how: str) -> None:
        self.by_hand(how, user=channel)

    @rule(channel=channels)
    def connect(self, channel: str) -> None:
        self.stage.connect(channel)

    @rule()
    def rest(self) -> None:
        self.calm_down()

    def teardown(self) -> None:
        try:
            self.calm_down()
            self.stage.pass_time(MOST_HOURS_AHEAD)
            self.calm_down()
            assert not past_the_end(self.stage), past_the_end(self.stage)
        finally:
            self.end_of_life()

    def end_of_life(self) -> None:
        self.stage.close()
        self.directory.cleanup()

    def calm_down(self) -> None:
        """Everything is healed, every event that is still under way is lost, and a while passes."""
        stage = self.stage
        stage.mishaps.clear()
        stage.mail.clear()
        for one in stage.instances:
            one.life.be_calm()
            one.house.clock.wrong = timedelta()
        stage.run(stage.house.heal_twitch())
        for login in CHANNELS:
            self.by_hand("lag", channel=login, seconds=0)
            assert stage.connect(login), f"{login} can't sign in"
        stage.pass_time(1 / 30)
        for number, _ in enumerate(stage.instances):
            stage.acting = number
            assert stage.attempt(stage.begin), "a start that nothing stands in the way of"
        self.put_right()
        for number, minutes in enumerate(CALM_MINUTES):
            stage.acting = number % len(stage.instances)
            stage.pass_time(minutes / 60)
            assert stage.attempt(stage.house.services.sweep.run), "a sweep that nothing stands in the way of"
        found = [*broken(stage, self.known), *stage.unsound()]
        assert not found, "\n".join(found)

    def put_right(self) -> None:
        """What only people can put right."""

    def do(self, work: Callable[[], Awaitable[Any]]) -> None:
        life = self.stage.life
        self.stage.attempt(work)
        for channel_id, user_id, at in self.in_time:
            unanswered = any(one["unansweredAt"] for one in self.live(channel_id, user_id))
            if unanswered or self.stage.life is not life:
                self.known.unsure.add((channel_id, user_id, at))
        self.in_time.clear()

    def hear(self, event: Any) -> None:
        self.heard = [*self.heard[-5:], event]
        self.do(lambda: self.stage.hear(event))

    def by_hand(self, action: str, **wish: Any) -> bool:
        """Whether Twitch did it."""
        self.stage.clock.passed += timedelta(seconds=10)
        with suppress(NotThere):
            control.ACTIONS[action](self.stage.sim, Wish(wish))
            return True
        return False

    def end_now(self, session: dict[str, Any]) -> None:
        channel_id, expire = session["channelId"], self.stage.house.services.expire
        with self.dropping(session["id"]):
            self.do(lambda: expire.end_now(streamer(self.login(channel_id)), channel_id, session["id"]))

    def give_role(self, channel: str, viewer: str, role: str, on: bool) -> None:
        if role == "vip" and on:
            badge = (CHANNELS[channel], VIEWERS[viewer], self.stage.sim.world.now())
            if self.before_first_add(*badge[:2]):
                self.in_time.add(badge)
            elif self.may_be_ours(*badge[:2]):
                self.known.unsure.add(badge)
        with suppress(NotThere):
            action = "ban" if role == "banned" else role
            control.ACTIONS[action](self.stage.sim, Wish({"channel": channel, "viewer": viewer, role: on}))

    def before_first_add(self, channel_id: str, user_id: str) -> bool:
        """Whether a first add for that viewer is about to go out: its answer, if it comes, will say that there was a
        badge already."""
        asked = self.stage.life.about_to
        if asked is None or asked.method != "POST" or self.stage.sim.world.channel(channel_id).lag_seconds:
            return False
        about = (asked.url.params.get("broadcaster_id"), asked.url.params.get("user_id"))
        first = all(one["seenNotVipAt"] == one["unansweredAt"] and not one["ours"] for one in self.live(*about))
        return about == (channel_id, user_id) and first

    def may_be_ours(self, channel_id: str, user_id: str) -> bool:
        """Whether a badge given now would look like one of ours: an add is unanswered, or a list that lags
        hides the badge from the look before; or the streamer has asked that this very user's VIP be ended."""
        return self.stage.sim.world.channel(channel_id).lag_seconds > 0 or any(
            (session["state"] != "active" and session["unansweredAt"])
            or (session["state"] == "ending" and session["endReason"] == "by_hand")
            or (session["state"] == "ending" and any(one["id"].startswith(CLOCK) for one in session["credits"]))
            for session in self.live(channel_id, user_id)
        )

    def live(self, channel_id: str, user_id: str) -> list[dict[str, Any]]:
        return [
            one
            for one in self.stage.books(log=False).sessions.values()
            if one["state"] in LIVE and (one["channelId"], one["userId"]) == (channel_id, user_id)
        ]

    @contextmanager
    def dropping(self, session_id: str) -> Iterator[None]:
        """The streamer may end that session meanwhile. What it owes then, and nobody has paid for, is nobody's."""
        before = self.stage.books(log=False).sessions[session_id]
        yield
        after = self.stage.books(log=False).sessions[session_id]
        if before["state"] == "granting" and after["state"] in ("ending", "ended"):
            self.known.dropped[session_id] += before["owed"] - (_hours(before) - _hours(after))

    def fault(self, **wish: Any) -> None:
        self.stage.run(self.stage.house.control("faults", **wish))

    def session(self, nth: int) -> dict[str, Any] | None:
        live = [one for one in self.stage.books(log=False).sessions.values() if one["state"] in LIVE]
        return live[nth % len(live)] if live else None

    def login(self, channel_id: str) -> str:
        return next(login for login, one in CHANNELS.items() if one == channel_id)


def _hours(session: dict[str, Any]) -> float:
    return float(sum(credit["hours"] for credit in session["credits"]))
