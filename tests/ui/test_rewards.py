"""The rewards' page: what is half typed, what is said of it, and what saving asks for."""

from dataclasses import replace
from typing import Any

import pytest

from tests.ui.conftest import call
from tests.ui.fakes import Fakes
from vip_manager.domain.rules import Rules, VipClock, WhenFull, WhenVip
from vip_manager.domain.sentence import Sentence
from vip_manager.ports import TwitchUnavailable
from vip_manager.services.pictures import StaffRules, StaffTier
from vip_manager.ui.pages.dashboard.state import Dashboard
from vip_manager.ui.pages.rewards.state import Rewards

FORM = {"when_vip": "add_time", "when_full": "give_back", "clock": "wall"}
"""What a browser sends of the form as it is at first, with all else left empty or away."""


def said(sentences: list[Sentence]) -> str:
    return " ".join(map(str, sentences))


@pytest.fixture
async def page(visit: Any, services: Fakes) -> Any:
    found = await visit(Rewards, "vip=anna", "http://localhost:3000/dashboard/rewards")
    await call(found, "enter")
    return found


async def test_entering_fills_the_form_with_the_rules_as_they_are(visit: Any, services: Fakes) -> None:
    rules = StaffRules(when_full="wait", wait_hours="12")
    services.picture = replace(services.picture, rules=rules)
    page = await visit(Rewards, "vip=anna")
    await call(page, "enter")
    assert page.loaded
    assert page.draft == page.saved == rules
    assert not page.unsaved
    assert "12 h" in said(page.says.when_full)


async def test_a_choice_says_at_once_what_it_will_do(page: Any) -> None:
    await call(page, "choose", "when_full", "take_seat")
    await call(page, "choose", "protected_hours", "2,5")
    assert "2.5 h" in said(page.says.when_full)
    assert page.unsaved
    await call(page, "choose", "protected_hours", "1")
    await call(page, "choose", "when_full", "give_back")
    assert not page.unsaved


async def test_the_examples_hours_are_the_rewards(visit: Any, services: Fakes) -> None:
    tier = StaffTier("r", "VIP for an evening", 2000, "6", True, False, True)
    services.picture = replace(services.picture, tiers=[tier])
    page = await visit(Rewards, "vip=anna")
    await call(page, "enter")
    assert "6 h" in said(page.says.when_vip)
    assert "9 h" in said(page.says.when_vip)


async def test_what_cant_be_used_is_said_in_its_place_and_the_rest_goes_on(page: Any) -> None:
    await call(page, "choose", "seats", "many")
    await call(page, "choose", "pause_hours", "2")
    assert page.says.wrong == ["seats"]
    assert "whole number" in said(page.says.seats)
    assert "2 h" in said(page.says.pause)


@pytest.mark.parametrize(
    ("name", "value"),
    [("picture", "x"), ("blocked", "x"), ("__class__", "x"), ("approval", "yes"), ("seats", {"$ne": 1})],
)
async def test_nothing_else_can_be_written_into_the_form(page: Any, name: str, value: Any) -> None:
    await call(page, "choose", name, value)
    assert page.picture.channel_id == "1"
    assert page.draft.blocked == []
    assert page.draft.approval is False


async def test_a_box_takes_only_a_tick(page: Any) -> None:
    await call(page, "tick", "approval", "yes")
    await call(page, "tick", "seats", True)
    assert page.draft == page.saved
    await call(page, "tick", "approval", True)
    assert page.draft.approval is True


async def test_saving_asks_for_all_rules_at_once(page: Any, services: Fakes) -> None:
    await call(page, "choose", "when_full", "wait")
    form = FORM | {"when_full": "wait", "wait_hours": "12,5", "seats": "20", "seats_kept_free": "2", "approval": "on"}
    form |= {"approval_hours": "1", "when_vip": "start_over", "most_hours_ahead": "72", "clock": "live"}
    await call(page, "save", form)
    ((verb, person, channel_id, rules),) = services.done
    assert (verb, person.id, channel_id) == ("change", "1", "1")
    assert rules == Rules(
        when_vip=WhenVip.START_OVER,
        most_hours_ahead=72,
        when_full=WhenFull.WAIT,
        wait_hours=12.5,
        seats=20,
        seats_kept_free=2,
        clock=VipClock.LIVE,
        approval=True,
        approval_hours=1,
    )
    assert str(page.notice) == "The rules were saved. They count from now on."
    assert not page.unsaved


async def test_fields_that_the_page_hides_keep_what_was_saved(visit: Any, services: Fakes) -> None:
    services.picture = replace(services.picture, rules=StaffRules(wait_hours="5", approval=True, approval_hours="7"))
    page = await visit(Rewards, "vip=anna")
    await call(page, "enter")
    await call(page, "choose", "wait_hours", "nonsense")
    await call(page, "save", FORM)
    rules = services.done[0][-1]
    assert (rules.wait_hours, rules.approval, rules.approval_hours) == (5, False, 7)


async def test_a_wrong_field_is_named_and_nothing_saved(page: Any, services: Fakes) -> None:
    await call(page, "choose", "seats", "20")
    await call(page, "save", FORM | {"seats": "20", "seats_kept_free": "20"})
    assert (page.error_at, page.error_field) == ("rules", "seats_kept_free")
    assert services.done == []
    assert page.unsaved


async def test_what_is_half_typed_outlives_a_lost_connection_but_not_another_channel(
    page: Any, services: Fakes
) -> None:
    await call(page, "choose", "pause_hours", "3")
    await call(page, "enter")
    assert page.draft.pause_hours == "3"
    services.picture = replace(services.picture, channel_id="2")
    await call(page, "enter")
    assert page.draft.pause_hours == ""


async def test_discarding_shows_the_rules_as_they_are_now(page: Any, services: Fakes) -> None:
    await call(page, "choose", "pause_hours", "3")
    services.picture = replace(services.picture, rules=StaffRules(pause_hours="8"))
    edition = page.edition
    await call(page, "discard")
    assert page.draft.pause_hours == "8"
    assert not page.unsaved
    assert page.edition > edition


async def test_blocking_is_at_once_and_its_error_stays_there(page: Any, services: Fakes) -> None:
    await call(page, "choose", "pause_hours", "3")
    await call(page, "block", {"login": "@Mira"})
    assert services.done[0][0] == "block"
    assert services.done[0][-1] == "mira"
    assert page.unsaved
    services.fails = TwitchUnavailable("no answer")
    await call(page, "block", {"login": "kai"})
    assert page.error_at == "block"
    assert "does not answer" in str(page.error)


async def test_a_reward_is_added_changed_and_deleted_only_from_its_dialog(page: Any, services: Fakes) -> None:
    form = {"title": "VIP for a week", "cost": "20,000", "hours": "168"}
    for name, arguments in (("create_tier", (form,)), ("change_tier", (form,)), ("delete_tier", ())):
        await call(page, name, *arguments)
    assert services.done == []
    await call(page, "show_dialog", "new")
    await call(page, "create_tier", form)
    assert page.dialog == ""
    await call(page, "ask", "tier", "t2")
    await call(page, "change_tier", form)
    await call(page, "ask", "delete", "t2")
    await call(page, "delete_tier")
    assert [done[0] for done in services.done] == ["create_tier", "change_tier", "reward"]
    assert services.done[1][3] == services.done[2][3] == "t2"
    assert services.done[1][4].refund_after is None


async def test_the_first_rewards_limit_is_changed_with_it(page: Any, services: Fakes) -> None:
    await call(page, "ask", "tier", "r")
    await call(page, "change_tier", {"title": "VIP", "cost": "5000", "hours": "24", "refund_after": "6"})
    assert services.done[0][4].refund_after == 6


async def test_links_between_the_pages_keep_the_channel(visit: Any) -> None:
    page = await visit(Rewards, "vip=anna", "http://localhost:3000/dashboard/rewards?channel=1")
    await call(page, "enter")
    assert page.query == "?channel=1"


async def test_both_pages_show_one_picture(page: Any) -> None:
    assert (await page.get_state(Dashboard)).picture == page.picture
