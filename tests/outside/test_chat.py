"""The outlet to the chat: at most once, in its own pace, and never at anybody's expense; and the answers to !vip."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.outside.test_herald import Watch, happens, told
from tests.store.records import T0, active, channel, later, line, redemption
from vip_manager.domain.account import CHANNEL_SCOPES, Account, TokenPair
from vip_manager.domain.audit import Action, AuditEntry
from vip_manager.domain.channel import Channel, Hidden
from vip_manager.domain.chat import CHAT, WRITE, ChatLine, ChatSettings
from vip_manager.domain.notice import Event, Notice, notice_of
from vip_manager.domain.outbox import Outbox, Standing, Why
from vip_manager.domain.reasons import EndReason
from vip_manager.domain.redemption import RedemptionState
from vip_manager.domain.rules import VipClock
from vip_manager.domain.session import SessionState, VipSession
from vip_manager.ports import (
    ChatCommand,
    ChatNotAllowed,
    NothingDone,
    NotSaid,
    RateLimited,
    Rejected,
    Store,
    TwitchUnavailable,
    Unauthorized,
    Unwanted,
)
from vip_manager.services.changes import Changes
from vip_manager.services.chat import ChatOutlet
from vip_manager.services.chat_answers import OF_CHANNEL, ChatAnswers, said
from vip_manager.services.chat_pace import EVERY, OF_ALL_EVERY, ChatPace
from vip_manager.services.chat_picture import ChatIs, chat_is
from vip_manager.services.connections import Connections
from vip_manager.services.herald import Herald
from vip_manager.store.rate_limits import ProcessRates
from vip_manager.store.sealing import TOKENS, Sealer
from vip_manager.store.sqlite.store import SqliteStore
from vip_manager.store.stamp import Stamp

ALL = ChatSettings(on=True, lines=tuple(ChatLine(event, True, f"{event} {{viewer}}") for event in Event))


class Speaker:
    """Twitch, as far as chat goes. `fails` are what it raises, one after the other."""

    def __init__(self) -> None:
        self.said: list[tuple[str, str]] = []
        self.fails: list[Exception] = []
        self.asked = 0
        self.ahead: timedelta | None = None

    def skew(self) -> timedelta | None:
        return self.ahead

    async def say(self, channel_id: str, text: str, reply_to: str = "") -> None:
        self.asked += 1
        if self.fails:
            raise self.fails.pop(0)
        self.said.append((text, reply_to))


class Passing:
    """Time that passes only while somebody waits for their turn."""

    def __init__(self, watch: Watch) -> None:
        self.at = 0.0
        self.waited: list[float] = []
        self._watch = watch

    def monotonic(self) -> float:
        return self.at

    async def sleep(self, seconds: float) -> None:
        self.waited.append(seconds)
        self.at += seconds
        self._watch.at += timedelta(seconds=seconds)


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def passing(watch: Watch) -> Passing:
    return Passing(watch)


@pytest.fixture
def pace(passing: Passing) -> ChatPace:
    return ChatPace(passing.monotonic, passing.sleep)


@pytest.fixture
def speaker() -> Speaker:
    return Speaker()


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    found = SqliteStore.open(tmp_path / "vip.db", Sealer(["s" * 32], TOKENS), Stamp("client", "host"))
    await found.commit(replace(channel(), chat=ALL))
    await found.commit(signed_in(CHANNEL_SCOPES | WRITE))
    yield found
    await found.close()


@pytest.fixture
async def herald(store: Store, watch: Watch, speaker: Speaker, pace: ChatPace) -> AsyncIterator[Herald]:
    made = Herald(store, watch, Changes(), [ChatOutlet(store, speaker, pace)])  # type: ignore[arg-type]
    await told(made)
    yield made
    await made.aclose()


def signed_in(scopes: frozenset[str]) -> Account:
    return Account("1001", "streamer", "Streamer", tokens=TokenPair("a", "r", later(hours=4), scopes))


async def changed(store: Store, **changes: object) -> None:
    known = await store.channels.get("1001")
    assert known is not None
    await store.commit(replace(known, **changes))  # type: ignore[arg-type]


async def stands(store: Store) -> Standing:
    outbox = await store.outboxes.get("1001")
    assert outbox is not None
    return outbox.standing(CHAT)


async def test_what_happens_is_said_once_in_the_streamers_words(herald: Herald, store: Store, speaker: Speaker) -> None:
    await happens(store, "a1")
    await told(herald)
    await told(herald)
    assert speaker.said == [("vip.started Viewer1", "")]
    assert (await stands(store)).failures == 0


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (NotSaid("dropped"), Why.REFUSED),
        (Rejected("422"), Why.REFUSED),
        (ChatNotAllowed("missing scope"), Why.REFUSED),
        (Unauthorized("dead"), Why.NO_PERMISSION),
        (TwitchUnavailable("the answer was lost"), Why.UNREACHABLE),
    ],
)
async def test_what_may_have_been_said_or_never_will_be_is_not_said_again(
    herald: Herald, store: Store, speaker: Speaker, watch: Watch, error: Exception, why: Why
) -> None:
    speaker.fails = [error]
    await happens(store, "a1")
    await told(herald)
    for _ in range(5):
        watch.at += timedelta(seconds=30)
        await told(herald)
    assert speaker.said == []
    assert speaker.asked == 1
    standing = await stands(store)
    assert (standing.error, standing.failures) == (why, 1)


@pytest.mark.parametrize("error", [NothingDone("no connection"), RateLimited("429", timedelta(seconds=5))])
async def test_what_can_not_have_been_said_is_said_later_and_no_later_than_it_is_of_use(
    herald: Herald, store: Store, speaker: Speaker, watch: Watch, error: Exception
) -> None:
    speaker.fails = [error]
    await happens(store, "a1")
    await told(herald)
    watch.at += timedelta(seconds=60)
    await told(herald)
    assert len(speaker.said) == 1
    speaker.fails = [error] * 20
    await happens(store, "a2", at=watch.at)
    await told(herald)
    for _ in range(8):
        watch.at += timedelta(seconds=30)
        await told(herald)
    assert len(speaker.said) == 1


async def test_without_the_permission_twitch_is_not_even_asked(herald: Herald, store: Store, speaker: Speaker) -> None:
    known = await store.accounts.get("1001")
    assert known is not None
    await store.commit(replace(signed_in(CHANNEL_SCOPES), version=known.version))
    await happens(store, "a1")
    await told(herald)
    assert speaker.asked == 0
    assert (await stands(store)).error == Why.NO_PERMISSION


async def test_a_burst_goes_out_in_the_pace_and_the_rest_is_dropped(
    herald: Herald, store: Store, speaker: Speaker, watch: Watch, passing: Passing
) -> None:
    for number in range(120):
        await happens(store, f"a{number:03}", subject_id=f"{3000 + number}", subject_name=f"V{number}")
    begun = passing.at
    for _ in range(60):
        await told(herald)
    took = passing.at - begun
    assert 60 < len(speaker.said) < 90
    assert took / (len(speaker.said) - 1) == pytest.approx(EVERY, rel=0.05)
    assert all(wait <= EVERY for wait in passing.waited)
    outbox = await store.outboxes.get("1001")
    assert outbox is not None
    assert outbox.parcels == ()
    assert (await stands(store)).error == Why.TOO_LATE


async def test_each_channel_has_a_pace_of_its_own(pace: ChatPace, passing: Passing) -> None:
    for _ in range(4):
        assert await pace.turn("1001")
    assert passing.waited == [EVERY] * 3
    assert await pace.turn("1002")
    assert sum(passing.waited) == pytest.approx(3 * EVERY + OF_ALL_EVERY)


async def test_all_channels_together_are_slower_than_twitch_takes_of_a_program(
    pace: ChatPace, passing: Passing
) -> None:
    for number in range(100):
        assert await pace.turn(f"{2000 + number}")
    assert passing.at == pytest.approx(99 * OF_ALL_EVERY)


async def test_whose_turn_would_be_too_late_has_none_and_takes_nobodys() -> None:
    waits: list[float] = []

    async def stand(seconds: float) -> None:
        waits.append(seconds)

    pace = ChatPace(lambda: 0.0, stand)
    assert [await pace.turn("1001", 3.0) for _ in range(5)] == [True, True, True, False, False]
    assert [wait for wait in waits if wait >= EVERY] == [1.5, 3.0]


async def test_of_who_hides_and_of_what_is_off_nothing_is_said(herald: Herald, store: Store, speaker: Speaker) -> None:
    await changed(store, hidden=(Hidden("2001", "viewer1", "Viewer1"),))
    await happens(store, "a1")
    await told(herald)
    await changed(store, hidden=(), chat=replace(ALL, lines=(ChatLine(Event.STARTED, False, "x"),)))
    await happens(store, "a2")
    await told(herald)
    assert speaker.said == []


async def test_what_is_turned_off_while_it_waits_is_left_unsaid(store: Store, speaker: Speaker, pace: ChatPace) -> None:
    outlet = ChatOutlet(store, speaker, pace)  # type: ignore[arg-type]
    as_it_was = await store.channels.get("1001")
    assert as_it_was is not None
    await changed(store, chat=replace(ALL, on=False))
    with pytest.raises(Unwanted):
        await outlet.deliver(as_it_was, CHAT, notice())
    assert speaker.said == []


async def test_what_is_left_unsaid_does_not_count_as_said(herald: Herald, store: Store, speaker: Speaker) -> None:
    speaker.fails = [NotSaid("dropped")]
    await happens(store, "a1")
    await told(herald)
    await store.commit(replace(active("s1", later(hours=1)), state=SessionState.ACTIVE, user_id="2001"))
    await happens(store, "a2", Action.ENDED)
    await told(herald)
    assert (speaker.said, speaker.asked) == ([], 1)
    stood = await stands(store)
    assert (stood.arrived_at, stood.failures) == (None, 1)


async def test_who_was_undone_meanwhile_is_not_said_to_be_vip(
    herald: Herald, store: Store, speaker: Speaker, watch: Watch
) -> None:
    session = await store.commit(replace(active("s1", later(hours=1)), granted_at=T0, user_id="2001"))
    speaker.fails = [NothingDone("no connection")]
    known = await store.channels.get("1001")
    assert known is not None
    entry = replace(line_of("a1", Action.GRANTED), detail={"login": "viewer1", "session_id": "s1"})
    await store.commit(known, entry)
    await told(herald)
    await store.commit(session.ending(EndReason.BY_HAND, "1001"))
    watch.at += timedelta(seconds=30)
    await told(herald)
    assert (speaker.said, speaker.asked) == ([], 1)


async def test_of_points_that_twitch_has_kept_it_is_not_said_that_they_go_back(
    store: Store, speaker: Speaker, pace: ChatPace
) -> None:
    await changed(store, chat=replace(ALL, lines=(ChatLine(Event.REFUSED, True, "{reason}"),)))
    as_it_is = await store.channels.get("1001")
    assert as_it_is is not None
    await store.commit(replace(redemption("p1"), state=RedemptionState.KEPT))
    refused = Notice("n1", Event.REFUSED, "1001", T0, "2001", "v", "V", reason="full", redemption_id="p1")
    await ChatOutlet(store, speaker, pace).deliver(as_it_is, CHAT, refused)  # type: ignore[arg-type]
    assert speaker.said == [("the VIP seats are full", "")]


async def test_who_was_made_permanent_is_not_said_to_have_lost_it(
    herald: Herald, store: Store, speaker: Speaker
) -> None:
    known = await store.channels.get("1001")
    assert known is not None
    await store.commit(
        known, replace(line_of("a1", Action.ENDED), detail={"login": "v", "reason": EndReason.MADE_PERMANENT})
    )
    await told(herald)
    assert speaker.said == []


def line_of(line_id: str, action: Action) -> AuditEntry:

    return replace(line(line_id, T0, action=action), subject_id="2001", subject_name="Viewer1")


def notice() -> Notice:

    found = notice_of(line_of("a1", Action.GRANTED))
    assert found is not None
    return found


ASKED = ChatCommand("1001", "m1", "2001", "viewer1", "Viewer1")
OPEN = replace(
    channel(), channel_point_reward_id="r1", reward_title="VIP for a day", reward_cost=5000, reward_paused=False
)


def vip_until(ends: datetime, **changes: object) -> VipSession:
    return replace(active("s1", ends), granted_at=T0, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("session", "vip", "text"),
    [
        (vip_until(later(hours=2, minutes=14)), True, "Your VIP lasts 2 h 14 min more."),
        (vip_until(later(seconds=-5)), True, "Your VIP is ending right now."),
        (
            replace(vip_until(T0), state=SessionState.ENDING, end_reason=EndReason.EXPIRED),
            True,
            "Your VIP is ending right now.",
        ),
        (
            replace(vip_until(T0), expires_at=None, clock=VipClock.STREAM),
            True,
            "You are VIP until the stream ends.",
        ),
        (
            replace(vip_until(T0), expires_at=None, clock=VipClock.LIVE, left=3.0),
            True,
            "You have 3 h of VIP left. It counts only while the stream is live.",
        ),
        (None, True, "You are VIP, and no clock of ours runs."),
        (None, False, "You are not VIP through points right now. “VIP for a day” costs 5,000 points."),
    ],
)
def test_whoever_asks_is_told_what_is_true(session: VipSession | None, vip: bool, text: str) -> None:
    assert said(ASKED, OPEN, session, vip, T0) == text


@pytest.mark.parametrize("closed", [{"reward_paused": True}, {"enabled": False}, {"channel_point_reward_id": ""}])
def test_a_reward_that_can_not_be_redeemed_is_not_offered(closed: dict[str, object]) -> None:
    changed: Channel = replace(OPEN, **closed)  # type: ignore[arg-type]
    assert said(ASKED, changed, None, False, T0) == "You are not VIP through points right now."


@pytest.fixture
def answers(store: Store, speaker: Speaker, watch: Watch, pace: ChatPace) -> ChatAnswers:
    return ChatAnswers(store, speaker, watch, Connections(Changes()), ProcessRates("k" * 32), pace)  # type: ignore[arg-type]


async def test_one_viewer_is_answered_once_in_half_a_minute_and_a_channel_not_much_more_often(
    answers: ChatAnswers, store: Store, speaker: Speaker
) -> None:
    await changed(store, chat=replace(ALL, answers=True))
    for number in range(20):
        await answers.answer(replace(ASKED, message_id=f"m{number}"))
        await answers.answer(replace(ASKED, message_id=f"n{number}", user_id=f"{4000 + number}"))
    assert [reply for _, reply in speaker.said] == ["m0", "n0", "n1", "n2", "n3"]
    assert len(speaker.said) == OF_CHANNEL.most


async def test_a_message_is_answered_once_by_whichever_process_hears_it(
    answers: ChatAnswers, store: Store, speaker: Speaker, watch: Watch, passing: Passing
) -> None:
    await changed(store, chat=replace(ALL, answers=True))
    other = ChatAnswers(
        store,
        speaker,  # type: ignore[arg-type]
        watch,
        Connections(Changes()),
        ProcessRates("k" * 32),
        ChatPace(passing.monotonic, passing.sleep),
    )
    await answers.answer(ASKED)
    await other.answer(ASKED)
    assert speaker.asked == 1
    await other.answer(replace(ASKED, message_id="m2", user_id="2002"))
    assert speaker.asked == 2


@pytest.mark.parametrize(("seconds", "answered"), [(59, 1), (61, 0)])
async def test_a_question_that_was_long_on_its_way_is_not_answered(
    answers: ChatAnswers, store: Store, speaker: Speaker, seconds: int, answered: int
) -> None:
    await changed(store, chat=replace(ALL, answers=True))
    await answers.answer(replace(ASKED, sent_at=T0 - timedelta(seconds=seconds)))
    assert speaker.asked == answered


async def test_where_our_clock_is_wrong_a_question_is_as_old_as_it_is_on_twitch(
    answers: ChatAnswers, store: Store, speaker: Speaker
) -> None:
    await changed(store, chat=replace(ALL, answers=True))
    speaker.ahead = timedelta(minutes=-5)
    await answers.answer(replace(ASKED, sent_at=T0 - timedelta(minutes=5)))
    assert speaker.asked == 1


async def test_without_the_permission_nobody_is_answered_and_twitch_is_not_asked(
    answers: ChatAnswers, store: Store, speaker: Speaker
) -> None:
    await changed(store, chat=replace(ALL, answers=True))
    known = await store.accounts.get("1001")
    assert known is not None
    await store.commit(replace(signed_in(CHANNEL_SCOPES), version=known.version))
    await answers.answer(ASKED)
    assert speaker.asked == 0


@pytest.mark.parametrize(
    "off",
    [
        {"chat": ALL},
        {"chat": replace(ALL, on=False, answers=True)},
        {"chat": replace(ALL, answers=True), "hidden": (Hidden("2001", "viewer1", "Viewer1"),)},
    ],
)
async def test_nobody_is_answered_who_hides_or_where_it_is_off(
    answers: ChatAnswers, store: Store, speaker: Speaker, off: dict[str, object]
) -> None:
    await changed(store, **off)
    await answers.answer(ASKED)
    assert speaker.asked == 0


@pytest.mark.parametrize("error", [ChatNotAllowed("no"), TwitchUnavailable("down"), NotSaid("dropped")])
async def test_an_answer_that_fails_is_left(
    answers: ChatAnswers, store: Store, speaker: Speaker, error: Exception
) -> None:
    await changed(store, chat=replace(ALL, answers=True))
    speaker.fails = [error]
    await answers.answer(ASKED)
    assert speaker.asked == 1
    assert speaker.said == []


@pytest.mark.parametrize(
    ("why", "failures", "stands"),
    [
        ("", 0, ChatIs.WELL),
        (Why.UNREACHABLE, 1, ChatIs.WELL),
        (Why.TOO_LATE, 2, ChatIs.WELL),
        (Why.UNREACHABLE, 3, ChatIs.FAILING),
        (Why.REFUSED, 1, ChatIs.FAILING),
        (Why.NO_PERMISSION, 1, ChatIs.WELL),
    ],
)
def test_one_message_that_is_lost_is_no_trouble_and_what_lasts_is(why: str, failures: int, stands: ChatIs) -> None:
    """NO_PERMISSION is over here: the account has it by now."""
    outbox = Outbox("1001", T0, T0, standings=(Standing(CHAT, failures=failures, error=why),))
    account = signed_in(CHANNEL_SCOPES | WRITE)
    assert chat_is(ALL, account, outbox, by_webhook=False) is stands
    assert chat_is(ALL, signed_in(CHANNEL_SCOPES), outbox, by_webhook=False) is ChatIs.NOT_ALLOWED
    assert chat_is(ChatSettings(), account, outbox, by_webhook=False) is ChatIs.OFF
