"""What the dashboard's acts ask for, and what they say."""

from typing import Any

import pytest
from reflex.istate.data import HeaderData
from reflex_base.event import Event

from tests.ui.conftest import call
from tests.ui.fakes import ANNA, Fakes
from vip_manager.domain.reasons import Refusal
from vip_manager.domain.session import SessionState
from vip_manager.ports import StoreUnavailable, TwitchUnavailable
from vip_manager.services.pictures import StaffPicture
from vip_manager.services.refused import Refused
from vip_manager.ui.guard import Newcomer
from vip_manager.ui.pages.dashboard.state import Dashboard


async def test_entering_shows_the_own_channel(visit: Any, services: Fakes) -> None:
    page = await visit(Dashboard, "vip=anna")
    await call(page, "enter")
    assert page.picture.vips[0].username == "Mira"
    assert page.me.username == "Anna"
    assert page.loaded


async def test_entering_signed_out_shows_nothing(visit: Any) -> None:
    page = await visit(Dashboard)
    await call(page, "enter")
    assert page.picture.channel_id == ""
    assert not page.picture.vips
    assert page.ready
    assert not page.me.signed_in


async def test_somebody_elses_channel_is_refused(visit: Any) -> None:
    page = await visit(Dashboard, "vip=ben", "http://localhost:3000/dashboard?channel=1")
    await call(page, "enter")
    assert page.picture.channel_id == ""
    assert not page.picture.vips
    assert "not yours" in str(page.refused)


async def test_a_store_out_of_reach_is_said(visit: Any, services: Fakes, monkeypatch: pytest.MonkeyPatch) -> None:
    async def away(channel_id: str) -> StaffPicture:
        raise StoreUnavailable("away")

    monkeypatch.setattr(services, "staff", away, raising=False)
    page = await visit(Dashboard, "vip=anna")
    await call(page, "enter")
    assert "can't be read" in str(page.broken)


async def test_two_clicks_on_the_same_end_are_one_gift(visit: Any, services: Fakes) -> None:
    page = await visit(Dashboard, "vip=anna")
    await call(page, "hour", "s1", 3_601_000)
    await call(page, "hour", "s1", 3_601_000)
    await call(page, "hour", "s1", 7_201_000)
    first, second, third = (done[-1] for done in services.done)
    assert first == second != third


async def test_a_form_counts_once_however_often_it_is_sent(visit: Any, services: Fakes) -> None:
    page = await visit(Dashboard, "vip=anna")
    await call(page, "show_dialog", "give")
    services.fails = TwitchUnavailable("no answer")
    await call(page, "give", {"login": "@Mira", "hours": "24"})
    assert page.dialog == "give"
    assert "does not answer" in str(page.error)
    services.fails = None
    submission = page._submission
    await call(page, "give", {"login": "@Mira", "hours": "24"})
    await call(page, "give", {"login": "@Mira", "hours": "24"})
    assert [done[0] for done in services.done] == ["by_hand"]
    assert services.done[0][3:] == ("mira", "24", f"gift:{submission}:mira:24")
    assert page.dialog == ""
    assert str(page.notice) == "@Mira is VIP."


async def test_giving_to_who_is_on_a_clock_says_how_much_more(visit: Any, services: Fakes) -> None:
    page = await visit(Dashboard, "vip=anna")
    await call(page, "show_dialog", "give")
    services.credits = ("first", "second")
    await call(page, "give", {"login": "mira", "hours": " 1,5 "})
    assert str(page.notice) == "@Mira has 1.5 h more."


async def test_a_refusal_is_said_in_words(visit: Any, services: Fakes) -> None:
    page = await visit(Dashboard, "vip=anna")
    await call(page, "show_dialog", "give")
    services.fails = Refused(Refusal.FULL)
    await call(page, "give", {"login": "mira", "hours": "24"})
    assert str(page.error) == "The VIP seats on Twitch are full."


async def test_a_wrong_field_is_named(visit: Any) -> None:
    page = await visit(Dashboard, "vip=anna")
    await call(page, "create_reward", {"title": "VIP", "cost": "many", "hours": "24"})
    assert page.error_field == "cost"


async def test_a_wrong_jump_is_named_apart_from_the_rewards_hours(visit: Any, services: Fakes) -> None:
    services.sandbox = services
    page = await visit(Dashboard, "vip=anna")
    await call(page, "create_reward", {"title": "VIP", "cost": "many", "hours": "24"})
    assert page.error_at == "new"
    await call(page, "jump_form", {"hours": "soon"})
    assert (page.error_field, page.error_at) == ("jump", "")


async def test_the_next_act_and_the_cross_take_an_error_away(visit: Any, services: Fakes) -> None:
    services.fails = TwitchUnavailable("no answer")
    page = await visit(Dashboard, "vip=anna")
    await call(page, "turn", True)
    assert page.error
    await call(page, "dismiss")
    assert str(page.error) == ""
    await call(page, "turn", True)
    services.fails = None
    await call(page, "turn", True)
    assert str(page.error) == ""
    assert str(page.notice) == "The reward is on."


async def test_a_reward_deleted_on_twitch_is_an_error_not_a_notice(visit: Any, services: Fakes) -> None:
    services.reward_id = ""
    page = await visit(Dashboard, "vip=anna")
    await call(page, "turn", True)
    assert str(page.error) == "The reward was deleted on Twitch. Create it again."
    assert str(page.notice) == ""


@pytest.mark.parametrize("sent", ["true", 1, None, {}])
async def test_the_switch_takes_only_on_or_off(visit: Any, services: Fakes, sent: object) -> None:
    page = await visit(Dashboard, "vip=anna")
    await call(page, "turn", sent)
    assert page.error
    assert services.done == []


async def test_what_nobody_foresaw_is_said_calmly(visit: Any, services: Fakes) -> None:
    services.fails = RuntimeError("secret detail")
    page = await visit(Dashboard, "vip=anna")
    await call(page, "turn", True)
    assert "secret" not in str(page.error)
    assert "went wrong" in str(page.error)


async def test_a_page_left_behind_is_not_shown_to_the_next_person(visit: Any) -> None:
    page = await visit(Dashboard, "vip=anna")
    await call(page, "enter")
    gate, hydrate = Newcomer(), Event(name="reflex___state____state.hydrate_and_load", payload={})
    root = page._get_root_state()

    await gate.preprocess(None, root, hydrate)  # type: ignore[arg-type]
    assert page.picture.vips

    root.rx_router_headers = HeaderData.from_router_data({"headers": {"cookie": "vip=ben"}})
    await gate.preprocess(None, root, hydrate)  # type: ignore[arg-type]
    assert page.picture.channel_id == ""
    assert not page.picture.vips
    assert not page.me.signed_in


@pytest.mark.parametrize(("hashes", "stays"), [([], True), (["a", "b"], False)], ids=["its socket", "the page"])
async def test_a_dialog_outlives_a_socket_and_no_page(visit: Any, hashes: list[str], stays: bool) -> None:
    page = await visit(Dashboard, "vip=anna")
    await call(page, "enter")
    await call(page, "show_dialog", "give")
    submission = page._submission
    anew = Event(name="reflex___state____state.hydrate_and_load", payload={"hashes": hashes} if hashes else {})
    await Newcomer().preprocess(None, page._get_root_state(), anew)  # type: ignore[arg-type]
    await call(page, "enter")
    assert (page.dialog, page._submission) == ("give" if stays else "", submission)
    # And whoever goes to a page within the product finds it without.
    await call(page, "enter")
    assert page.dialog == ""


@pytest.mark.parametrize(
    ("state", "refusal", "notice", "error"),
    [
        ("fulfilled", None, "@Mira is VIP.", ""),
        ("granted", None, "@Mira is VIP.", ""),
        ("held", None, "@Mira waits for a VIP seat now.", ""),
        ("granting", None, "@Mira becomes VIP as soon as it can be.", ""),
        ("canceled", Refusal.FULL, "", "@Mira was not made VIP. The VIP seats on Twitch are full."),
        ("refunding", Refusal.MODERATOR, "", "@Mira was not made VIP. They are a moderator of this channel."),
    ],
)
async def test_a_yes_says_what_came_of_it(
    visit: Any, services: Fakes, state: str, refusal: Refusal | None, notice: str, error: str
) -> None:
    services.state, services.refusal = state, refusal
    page = await visit(Dashboard, "vip=anna")
    await call(page, "approve", "r1")
    assert services.done[0][0] == "approve"
    assert str(page.notice) == notice
    assert str(page.error).startswith(error)
    assert bool(page.error) == bool(error)


async def test_a_permanent_vip_is_put_on_a_clock_only_after_what_it_means_was_said(visit: Any, services: Fakes) -> None:
    page = await visit(Dashboard, "vip=anna")
    await call(page, "put_on_clock")
    await call(page, "weigh_clock", {"login": "mira", "hours": "2"})
    assert page.dialog == ""
    await call(page, "show_dialog", "permanents")
    await call(page, "put_on_clock")
    assert services.done == []
    await call(page, "weigh_clock", {"login": "@Mira", "hours": "soon"})
    assert (page.dialog, page.error_field) == ("permanents", "hours")
    await call(page, "weigh_clock", {"login": "@Mira", "hours": "1,5"})
    assert (page.dialog, page.subject, page.clock_hours) == ("clock", "mira", "1.5")
    submission = page._submission
    await call(page, "put_on_clock")
    await call(page, "put_on_clock")
    assert [done[0] for done in services.done] == ["put_on_clock"]
    assert services.done[0][3:] == ("mira", "1.5", f"clock:{submission}:mira:1.5")
    assert str(page.notice) == "@Mira is on a clock: VIP ends in 1.5 h."


async def test_who_is_on_a_clock_already_is_said_in_the_dialog(visit: Any, services: Fakes) -> None:
    page = await visit(Dashboard, "vip=anna")
    await call(page, "show_dialog", "permanents")
    await call(page, "weigh_clock", {"login": "mira", "hours": "2"})
    services.fails = Refused(Refusal.STILL_VIP)
    await call(page, "put_on_clock")
    assert page.dialog == "clock"
    assert str(page.error) == "They are on a clock of VIP Manager already. Add time there, or end it."
    services.fails = Refused(Refusal.USER_NOT_FOUND)
    await call(page, "put_on_clock")
    assert str(page.error) == "Twitch knows nobody of that name."


async def test_an_end_by_hand_can_be_undone_until_something_else_is_said(visit: Any, services: Fakes) -> None:
    services.state = SessionState.ENDED
    page = await visit(Dashboard, "vip=anna")
    await call(page, "ask", "end", "s1")
    await call(page, "end_now")
    assert (str(page.notice), page.undo) == ("@Mira is no longer VIP.", "9")
    await call(page, "again", page.undo)
    assert services.done[-1] == ("again", ANNA, "1", "9")
    assert (str(page.notice), page.undo) == ("@Mira is VIP again.", "")


async def test_an_end_that_twitch_has_not_confirmed_is_not_offered_to_be_undone(visit: Any, services: Fakes) -> None:
    services.state = "ending"
    page = await visit(Dashboard, "vip=anna")
    await call(page, "ask", "end", "s1")
    await call(page, "end_now")
    assert page.undo == ""


async def test_an_end_whose_points_may_go_back_is_not_offered_to_be_undone(visit: Any, services: Fakes) -> None:
    services.state, services.settled = SessionState.ENDED, False
    page = await visit(Dashboard, "vip=anna")
    await call(page, "ask", "end", "s1")
    await call(page, "end_now")
    assert (str(page.notice), page.undo) == ("@Mira is no longer VIP.", "")


async def test_a_page_opened_anew_offers_nothing_to_be_undone(visit: Any) -> None:
    page = await visit(Dashboard, "vip=anna")
    page.undo = "9"
    await call(page, "enter")
    assert page.undo == ""
