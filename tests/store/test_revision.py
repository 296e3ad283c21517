"""Which changes are ours: no Firestore here, but every order in which things can be heard."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from vip_manager.store.firestore.revision import Hearing, Revision, Verdict

START = datetime(2026, 1, 1, tzinfo=UTC)


def revision(number: int, by: str = "us", at: int | None = None) -> Revision:
    moment = START + timedelta(seconds=number if at is None else at)
    return Revision("1", number, by, {}, moment, (f"documents of {number}",))


@pytest.fixture
def hearing() -> Hearing:
    hearing = Hearing("us")
    hearing.begins(revision(5))
    return hearing


def test_what_we_wrote_is_ours(hearing: Hearing) -> None:
    hearing.wrote(6)
    hearing.wrote(7)
    assert hearing.judge(revision(7), writing=False) is Verdict.OURS
    assert hearing.judge(revision(7), writing=False) is Verdict.OLD


def test_a_foreign_one_under_ours_is_seen(hearing: Hearing) -> None:
    hearing.wrote(7)
    assert hearing.judge(revision(7), writing=False) is Verdict.FOREIGN
    hearing.wrote(8)
    assert hearing.judge(revision(8), writing=False) is Verdict.OURS


def test_a_foreign_one_under_ours_that_has_no_answer_is_seen_in_the_end(hearing: Hearing) -> None:
    assert hearing.judge(revision(7), writing=True) is Verdict.UNSURE
    hearing.wrote(7)
    assert hearing.judge(revision(7), writing=False) is Verdict.FOREIGN


def test_a_foreign_one_on_top_waits_for_nothing(hearing: Hearing) -> None:
    assert hearing.judge(revision(7, "them"), writing=True) is Verdict.FOREIGN
    hearing.wrote(6)
    hearing.wrote(8)
    assert hearing.judge(revision(8), writing=False) is Verdict.OURS


def test_a_write_that_counted_twice_is_news(hearing: Hearing) -> None:
    hearing.wrote(7)  # the answer to the second time; the first, 6, was lost
    assert hearing.judge(revision(7), writing=False) is Verdict.FOREIGN


def test_numbers_that_begin_again_are_news(hearing: Hearing) -> None:
    hearing.wrote(6)
    assert hearing.judge(revision(1, at=100), writing=False) is Verdict.FOREIGN
    assert hearing.judge(revision(6, at=101), writing=False) is Verdict.FOREIGN, "that is another 6"


def test_a_channel_without_a_document_begins_at_nothing() -> None:
    hearing = Hearing("us")
    hearing.wrote(1)
    hearing.begins(None)
    assert hearing.judge(revision(1), writing=False) is Verdict.OURS


@pytest.mark.parametrize("seed", range(100))
def test_no_foreign_change_is_missed_and_no_own_one_told(seed: int) -> None:
    """Writes of both; answers to ours come late, snapshots skip some, and come before the answers."""
    dice = random.Random(seed)
    hearing = Hearing("us")
    hearing.begins(None)
    written = [revision(0)]  # by its number
    writing = False
    unanswered: int | None = None
    heard = judged = 0

    def answer() -> None:
        nonlocal writing, unanswered
        if unanswered is not None:
            hearing.wrote(unanswered)
            writing, unanswered = False, None

    def hear(number: int) -> Verdict:
        nonlocal judged
        foreign = any(one.by == "them" for one in written[judged + 1 : number + 1])
        verdict = hearing.judge(written[number], writing)
        assert verdict is not Verdict.UNSURE or writing
        if verdict in (Verdict.OURS, Verdict.FOREIGN):
            assert foreign == (verdict is Verdict.FOREIGN)
            judged = number
        return verdict

    for _ in range(60):
        what = dice.choice(["begin", "done", "answer", "foreign", "hear", "hear"])
        if what == "begin":
            writing = True
        elif what == "done" and writing and unanswered is None:
            unanswered = len(written)
            written.append(revision(unanswered, "us"))
        elif what == "answer":
            answer()
        elif what == "foreign":
            written.append(revision(len(written), "them"))
        elif what == "hear" and len(written) > 1:
            heard = dice.randint(max(heard, 1), len(written) - 1)
            hear(heard)
    answer()
    writing = False
    if len(written) > 1:
        hear(len(written) - 1)
        assert judged == len(written) - 1


def test_what_others_have_written_is_known_where_only_their_last_write_is_new(hearing: Hearing) -> None:
    hearing.judge(revision(6, "them"), writing=False)
    assert hearing.touched == ("documents of 6",)
    hearing.wrote(7)
    hearing.judge(revision(8, "them"), writing=False)
    assert hearing.touched == ("documents of 8",)
    hearing.wrote(9)
    hearing.judge(revision(9), writing=False)
    assert hearing.touched is None


def test_what_others_have_written_is_not_known_where_a_write_of_theirs_was_not_heard(hearing: Hearing) -> None:
    hearing.judge(revision(7, "them"), writing=False)
    assert hearing.touched is None
    hearing.wrote(9)
    assert hearing.judge(revision(9), writing=False) is Verdict.FOREIGN
    assert hearing.touched is None, "8 was theirs, and what it said is gone"
    hearing.judge(revision(3, "them", at=100), writing=False)
    assert hearing.touched is None, "numbers that begin again say nothing of what was before"
