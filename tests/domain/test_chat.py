"""What is said in chat: what a streamer may write, and what comes of it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.store.records import active
from vip_manager.domain.account import CHANNEL_SCOPES, Account, TokenPair
from vip_manager.domain.chat import (
    LONGEST,
    LONGEST_TEMPLATE,
    READ,
    READ_AS_APP,
    TEMPLATES,
    VARIABLES,
    WRITE,
    ChatLine,
    ChatSettings,
    allowed,
    fill,
    listens,
    may_say,
    parse_line,
    parse_soon,
    reason,
    scopes_for,
    span,
    worth_saying,
)
from vip_manager.domain.notice import Event, Notice
from vip_manager.domain.reasons import EndReason, Refusal
from vip_manager.domain.rules import VipClock
from vip_manager.domain.session import SessionState, VipSession
from vip_manager.domain.terms import InvalidInput

REST = "the rest of the stream"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
STARTED = Notice(
    "n1",
    Event.STARTED,
    "1001",
    NOON,
    "3001",
    "mira",
    "Mira",
    hours=24.0,
    until=NOON + timedelta(hours=24),
    reward="VIP for a day",
    cost=5000,
)


@pytest.mark.parametrize("event", Event)
def test_what_is_said_without_any_choice_could_be_typed_and_says_something(event: Event) -> None:
    line = parse_line(event, True, TEMPLATES[event])
    assert line == ChatLine(event, True, TEMPLATES[event])
    said = fill(line.template, replace(STARTED, event=event, reason="full"), "Streamer")
    assert "Mira" in said
    assert "{" not in said


@pytest.mark.parametrize("event", Event)
def test_every_variable_of_an_event_is_filled(event: Event) -> None:
    template = " ".join(f"{name}=<{{{name}}}>" for name in VARIABLES[event])
    assert "<>" not in fill(parse_line(event, True, template).template, replace(STARTED, event=event), "Streamer")


@pytest.mark.parametrize(
    ("template", "says"),
    [
        ("", "Write what"),
        ("   ", "Write what"),
        ("x" * (LONGEST_TEMPLATE + 1), "at most 400"),
        ("/ban {viewer}", "can't begin"),
        (".timeout {viewer}", "can't begin"),
        ("hello\nthere", "one line"),
        ("hello\x07there", "one line"),
        ("hello\u202ethere", "one line"),
        ("{viewer", "curly bracket"),
        ("viewer}", "curly bracket"),
        ("{{viewer}}", "curly bracket"),
        ("{}", "no variable {}"),
        ("{password}", "no variable {password}"),
        ("{reward}", "no variable {reward}"),
        ("{viewer.__class__}", "no variable {viewer.__class__}"),
    ],
)
def test_what_can_not_be_said_is_refused_in_a_sentence(template: str, says: str) -> None:
    with pytest.raises(InvalidInput, match=r".") as refused:
        parse_line(Event.ENDED, True, template)
    assert says in str(refused.value)
    assert refused.value.field == Event.ENDED


@pytest.mark.parametrize("minutes", ["1", " 180 ", "10"])
def test_minutes_before_the_end(minutes: str) -> None:
    assert parse_soon(minutes) == int(minutes)


@pytest.mark.parametrize("minutes", ["", "0", "181", "1.5", "-3", "soon"])
def test_other_minutes_are_refused(minutes: str) -> None:
    with pytest.raises(InvalidInput, match="from 1 to 180"):
        parse_soon(minutes)


def test_a_message_that_is_too_long_is_cut_between_words() -> None:
    said = fill("{reward} " * 40, replace(STARTED, reward="word " * 9), "Streamer")
    assert len(said) <= LONGEST
    assert said.endswith("word…")


@pytest.mark.parametrize("reward", ["/ban everybody", ".timeout all", "//x", " . /y"])
def test_no_value_makes_a_command_of_it(reward: str) -> None:
    assert fill("{reward}", replace(STARTED, reward=reward), "Streamer")[0] not in "/."


def test_a_value_brings_no_line_breaks_and_no_variables() -> None:
    assert fill("{reward}!", replace(STARTED, reward="a\r\nb {viewer}"), "Streamer") == "a b {viewer}!"


def test_an_emoji_of_several_parts_stays_one() -> None:
    family = "👩\u200d👧"
    assert fill(parse_line(Event.STARTED, True, f"{family} {{viewer}}").template, STARTED, "S") == f"{family} Mira"


@pytest.mark.parametrize("kept", [EndReason.MADE_PERMANENT, EndReason.GIVEN_ON_TWITCH, EndReason.LEFT])
def test_who_stays_vip_is_not_said_to_be_none_any_more(kept: EndReason) -> None:
    assert not worth_saying(replace(STARTED, event=Event.ENDED, reason=kept), None)


RUNS = replace(active("s1", NOON + timedelta(hours=24)), granted_at=NOON)
AWAY = replace(RUNS, state=SessionState.ASIDE)
OVER = replace(RUNS, state=SessionState.ENDED)
SOON = replace(STARTED, event=Event.ENDS_SOON)
ENDED = replace(STARTED, event=Event.ENDED, reason=EndReason.EXPIRED)


@pytest.mark.parametrize(
    ("notice", "session", "worth"),
    [
        (STARTED, RUNS, True),
        (STARTED, None, True),
        (STARTED, AWAY, False),
        (STARTED, OVER, False),
        (replace(STARTED, event=Event.EXTENDED), OVER, False),
        (SOON, RUNS, True),
        (SOON, replace(RUNS, expires_at=NOON + timedelta(hours=25)), False),
        (SOON, AWAY, False),
        (SOON, OVER, False),
        (ENDED, None, True),
        (ENDED, AWAY, True),
        (ENDED, RUNS, False),
    ],
)
def test_what_is_not_so_any_more_is_not_worth_saying(notice: Notice, session: VipSession | None, worth: bool) -> None:
    assert worth_saying(notice, session) is worth


def test_that_points_go_back_is_not_said_of_points_that_twitch_keeps() -> None:
    refused = replace(STARTED, event=Event.REFUSED, reason=Refusal.FULL)
    assert fill("{reason}", refused, "Streamer", kept=True) == "the VIP seats are full"


def test_where_hours_stand_all_that_are_left_are_said() -> None:
    more = replace(STARTED, event=Event.EXTENDED, until=None, hours=3.0)
    stands = replace(RUNS, clock=VipClock.LIVE, expires_at=None, left=27.0)
    assert fill("{left}, {hours} more", more, "Streamer", stands) == "27 h, 3 h more"


def test_a_message_that_waited_says_what_was_given() -> None:
    assert fill("{left}", STARTED, "Streamer", RUNS) == "24 h"


def test_what_is_off_may_be_empty_and_what_is_on_may_not() -> None:
    assert parse_line(Event.ENDED, False, "  ") == ChatLine(Event.ENDED, False, TEMPLATES[Event.ENDED])
    with pytest.raises(InvalidInput):
        parse_line(Event.ENDED, True, "  ")


@pytest.mark.parametrize("refusal", Refusal)
def test_each_refusal_has_words_and_says_that_points_go_back(refusal: Refusal) -> None:
    assert reason(replace(STARTED, event=Event.REFUSED, reason=refusal)).endswith("the points go back")


@pytest.mark.parametrize(
    ("minutes", "said"),
    [
        (0, "1 min"),
        (59, "59 min"),
        (60, "1 h"),
        (134, "2 h 14 min"),
        (24 * 60, "24 h"),
        (48 * 60, "48 h"),
        (72 * 60, "3 days"),
        (73 * 60, "3 days 1 h"),
    ],
)
def test_time_as_people_say_it(minutes: int, said: str) -> None:
    assert span(timedelta(minutes=minutes)) == said


def test_until_the_stream_ends_no_hours_are_made_up() -> None:
    stream = replace(RUNS, clock=VipClock.STREAM, expires_at=None)
    assert fill("{left}, {hours}", replace(STARTED, until=None), "Streamer", stream) == f"{REST}, {REST}"
    assert fill("{left}", replace(STARTED, hours=0.0, until=None), "Streamer") == "the rest of the stream"


def test_by_hand_there_is_no_reward() -> None:
    assert fill("{reward}, {points}", replace(STARTED, reward="", cost=0), "Streamer") == "a gift, 0"


def test_nothing_is_said_until_it_is_turned_on() -> None:
    assert ChatSettings().told == frozenset()
    assert ChatSettings(on=True).told == {Event.STARTED, Event.ENDS_SOON}
    chosen = ChatSettings(on=True, lines=(ChatLine(Event.STARTED, False, "x"), ChatLine(Event.ENDED, True, "x")))
    assert chosen.told == {Event.ENDS_SOON, Event.ENDED}
    assert not ChatSettings(on=False, answers=True).answering


@pytest.mark.parametrize(
    ("chat", "by_webhook", "scopes"),
    [
        (ChatSettings(), False, frozenset()),
        (ChatSettings(answers=True), True, frozenset()),
        (ChatSettings(on=True), True, WRITE),
        (ChatSettings(on=True, answers=True), False, WRITE | READ),
        (ChatSettings(on=True, answers=True), True, WRITE | READ_AS_APP),
    ],
)
def test_twitch_is_asked_only_for_what_is_turned_on(
    chat: ChatSettings, by_webhook: bool, scopes: frozenset[str]
) -> None:
    assert scopes_for(chat, by_webhook=by_webhook) == scopes


def test_chat_and_the_channel_do_not_depend_on_one_another() -> None:
    chat = ChatSettings(on=True, answers=True)

    def holds(scopes: frozenset[str]) -> Account:
        return Account("1001", "streamer", "Streamer", tokens=TokenPair("a", "r", NOON, scopes))

    plain, writes, reads = holds(CHANNEL_SCOPES), holds(CHANNEL_SCOPES | WRITE), holds(CHANNEL_SCOPES | WRITE | READ)
    assert plain.may_manage
    assert [may_say(one) for one in (None, plain, writes, reads)] == [False, False, True, True]
    assert [allowed(one, chat, by_webhook=False) for one in (plain, writes, reads)] == [False, False, True]
    assert [listens(one, chat, by_webhook=False) for one in (plain, writes, reads)] == [False, False, True]
    assert not listens(reads, chat, by_webhook=True)
    assert allowed(plain, ChatSettings(), by_webhook=False)
