"""The page of health, and the test of the reward, as their handlers do it."""

from typing import Any

from tests.ui.conftest import call
from tests.ui.fakes import Fakes
from vip_manager.ports import TwitchUnavailable
from vip_manager.services.dead_letters import CutShort, Tried
from vip_manager.services.dry_run import Check, Passed, Result, Step, Why
from vip_manager.services.health import EventsAre, RewardIs, SeatsAre, SignInIs, SweepIs, WorkIs
from vip_manager.ui import health_words
from vip_manager.ui.pages.dashboard.state import Dashboard
from vip_manager.ui.pages.health import parts
from vip_manager.ui.pages.health.state import Health
from vip_manager.ui.pages.health.trial import BEGIN, Trial

WELL = [Step(check, Result.PASSED) for check in Check]


def test_there_are_words_for_each_way_that_it_can_be() -> None:
    tables: list[tuple[Any, Any]] = [
        (SignInIs, health_words.SIGN_IN),
        (EventsAre, health_words.EVENTS),
        (RewardIs, health_words.REWARD),
        (SweepIs, health_words.SWEEP),
        (SeatsAre, health_words.SEATS),
        (WorkIs, health_words.WORK),
        (Check, health_words.CHECKS),
        (Why, health_words.WHY),
    ]
    for codes, table in tables:
        assert list(table) == list(codes)


async def test_a_test_that_passes_for_the_first_time_is_cheered(visit: Any, services: Fakes) -> None:
    page = await visit(Trial, "vip=anna")
    await call(page, "test_reward")
    assert [(one.check, one.state) for one in page.steps] == [(check, "passed") for check in Check]
    assert page.outcome == "passed"
    assert page.cheer
    services.steps = (*WELL, Passed(first=False))
    await call(page, "test_reward")
    assert (page.outcome, page.cheer) == ("passed", "")


async def test_each_step_is_shown_when_it_is_known(visit: Any, services: Fakes) -> None:
    page = await visit(Trial, "vip=anna")
    handler: Any = Trial.test_reward
    shown = [[one.state for one in page.steps] async for _ in handler.fn(page)]
    assert shown[0] == ["running", *["waiting"] * 5]
    assert shown[3] == [*["passed"] * 3, "running", *["waiting"] * 2]
    assert shown[-1] == ["passed"] * 6


async def test_a_step_that_fails_says_why(visit: Any, services: Fakes) -> None:
    services.steps = [Step(Check.KEY, Result.FAILED, Why.DEAD), *(Step(one, Result.SKIPPED) for one in [*Check][1:])]
    page = await visit(Trial, "vip=anna")
    await call(page, "test_reward")
    assert (page.steps[0].state, page.steps[0].why) == ("failed", "dead")
    assert (page.outcome, page.cheer) == ("failed", "")


async def test_a_test_that_could_not_be_done_shows_nothing_and_says_so(visit: Any, services: Fakes) -> None:
    services.fails = TwitchUnavailable("no answer")
    page = await visit(Trial, "vip=anna")
    await call(page, "test_reward")
    assert (page.steps, page.outcome) == (BEGIN, "")
    assert "does not answer" in str(page.error)


async def test_a_page_that_is_opened_anew_has_tested_nothing(visit: Any, services: Fakes) -> None:
    for page in (Dashboard, Health):
        shown = await visit(page, "vip=anna")
        trial = await shown.get_state(Trial)
        await call(trial, "test_reward")
        await call(shown, "enter")
        assert (trial.steps, trial.outcome, trial.cheer) == (BEGIN, "", "")


async def test_who_sees_another_channel_sees_no_test_of_the_last(visit: Any, services: Fakes) -> None:
    page = await visit(Trial, "vip=anna")
    await call(page, "test_reward")
    await page._out_of("1", page.notice)
    assert page.outcome == ""


async def test_what_is_left_after_all_was_tried_is_said(visit: Any, services: Fakes) -> None:
    page = await visit(Health, "vip=anna")
    await call(page, "try_all")
    assert str(page.notice) == "All was tried again, and nothing is left."
    services.tried = Tried(2)
    await call(page, "try_all")
    assert str(page.notice) == "All was tried again. 2 items do not work yet."
    services.tried = Tried(1, CutShort.AWAY)
    await call(page, "try_all")
    assert str(page.notice).endswith("the rest was not tried. 1 item is left, and tried again by itself.")
    services.tried = Tried(40, CutShort.TIME)
    await call(page, "try_all")
    assert "40 items are left" in str(page.notice)


async def test_twitch_that_does_not_answer_is_told(visit: Any, services: Fakes) -> None:
    services.fails = TwitchUnavailable("no answer")
    page = await visit(Health, "vip=anna")
    await call(page, "look_again")
    assert "does not answer" in str(page.error)


def test_what_one_server_saw_is_said_as_such_where_there_are_others() -> None:
    page = str(parts.parts().render())
    for one in ("Last event at this server", "Last sweep by this server", "Twitch refused this server one"):
        assert one in page
