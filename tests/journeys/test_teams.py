"""Two streamers, and every act of the staff tried from each side on the other's channel; then one helps the other."""

import json
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.journeys.conftest import open_channel
from tests.journeys.frames import Frames, frames_to
from tests.journeys.test_doors import cookie_of, without_clock, world
from tests.permissions_page import staff_acts
from tests.product import Product, until
from tests.ui.test_guards import ARGUMENTS, DIALOGS
from vip_manager.domain.team import ALLOWED, May, Role
from vip_manager.ui import words
from vip_manager.ui.channel_page import FORMS, ChannelPage
from vip_manager.ui.pages.dashboard.state import Dashboard
from vip_manager.ui.pages.rewards.state import Rewards
from vip_manager.ui.pages.team.state import Team

Person = Callable[..., BrowserContext]
PAGE = ChannelPage.get_full_name()
RECORDS = {"s1", "r1", "spare", "9"}
"""What stands for a record's id in the acts' arguments."""


def names_a_record(act: str) -> bool:
    """Whether its page sends the id of something that could be another channel's."""
    dialog = DIALOGS.get(act)
    asked = dialog is not None and dialog not in FORMS and dialog != "clock"
    return asked or any(isinstance(one, str) and one in RECORDS for one in ARGUMENTS[act])


@dataclass(frozen=True)
class Side:
    """A streamer: their channel, and what is in it that somebody could name."""

    id: str
    context: BrowserContext
    page: Page
    session: str
    redemption: str
    held: str
    reward: str
    member: str

    @property
    def cookie(self) -> str:
        return cookie_of(self.context)


def stored(product: Product) -> dict[str, list[Any]]:
    """Every document there is, but for who is signed in."""
    file = product.output.parent / "data" / "sandbox" / "vip.db"
    with closing(sqlite3.connect(file)) as read:
        return {
            kind: sorted(read.execute(f"SELECT id, body FROM {kind}").fetchall())
            for kind in ("auditLog", "channels", "redemptions", "users", "vipSessions")
        }


def everything(product: Product) -> Any:
    return without_clock(world(product)), stored(product)


def calm(product: Product) -> Any:
    """Everything, once it is not changing by itself any more: not for longer than it is from one sweep to the next."""
    seen = everything(product)
    while True:
        time.sleep(1.3)
        if (again := everything(product)) == seen:
            return seen
        seen = again


def act(frames: Frames, state: Any, name: str, other: Side, login: str = "viewer5") -> None:
    """One act, as the page of the other would send it: in its dialog, about what is really theirs."""
    ids = {"s1": other.session, "r1": other.held, "spare": other.reward, "9": other.member, "mira": login}

    def theirs(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: theirs(one) for key, one in value.items()}
        return ids.get(value, value) if isinstance(value, str) else value

    if dialog := DIALOGS.get(name):
        subject = {
            "giveback": other.held,
            "retire": other.reward,
            "tier": other.reward,
            "delete": other.reward,
            "off": other.member,
            "clock": "permanentvip",
        }.get(dialog, other.session)
        if dialog in FORMS:
            frames.call(f"{PAGE}.show_dialog", name=dialog)
        else:
            frames.call(f"{PAGE}.ask", name=dialog, subject=subject)
    given = zip(list(state.event_handlers[name].get_parameters())[1:], map(theirs, ARGUMENTS[name]), strict=True)
    frames.call(f"{state.get_full_name()}.{name}", **dict(given))


def refused(frames: Frames, sentence: str, acts: list[tuple[Any, str, May]], other: Side) -> None:
    """Each of them, and each is answered so."""
    already = frames.answers().count(sentence)
    for number, (state, name, _) in enumerate(acts, 1):
        act(frames, state, name, other)
        try:
            frames.hears(sentence, already + number)
        except TimeoutError:
            raise AssertionError(f"{state.__name__}.{name} was not refused") from None
        frames.call(f"{PAGE}.dismiss")
    assert frames.answers().count(sentence) == already + len(acts)


def batched(acts: list[Any], size: int = 20) -> list[list[Any]]:
    """As many as one socket may send without a pause."""
    return [acts[start : start + size] for start in range(0, len(acts), size)]


def side(product: Product, context: BrowserContext, login: str, channel_id: str, member: str) -> Side:
    """A connected channel with its reward, a VIP, one who waits for a yes, and a team of one."""
    page = context.new_page()
    open_channel(page, login)
    with frames_to(product, "/dashboard", cookie=cookie_of(context)) as frames:
        frames.call(f"{Dashboard.get_full_name()}.enter")
        frames.call(f"{Dashboard.get_full_name()}.redeem", form={"viewer": "viewer1"})
        until(lambda: len(mine(product, "vipSessions", channel_id)) == 1, "a VIP")
        frames.call(f"{Team.get_full_name()}.name", form={"login": member, "role": "manager"})
        frames.call(f"{Rewards.get_full_name()}.enter")
        rules = {"when_vip": "add_time", "when_full": "give_back", "clock": "wall", "approval": "on"}
        frames.call(f"{Rewards.get_full_name()}.save", form=rules)
        frames.call(f"{Rewards.get_full_name()}.block", form={"login": "viewer9"})
        frames.call(f"{Dashboard.get_full_name()}.redeem", form={"viewer": "viewer2"})
        until(lambda: states(product, channel_id) == ["fulfilled", "held"], "one who is VIP and one who waits")
    [session] = mine(product, "vipSessions", channel_id)
    redemptions = {one["viewer"]: one for one in world(product)["redemptions"] if one["channel"] == login}
    first, held = redemptions["viewer1"], redemptions["viewer2"]
    [member_id] = [one["id"] for one in world(product)["users"] if one["login"] == member]
    return Side(channel_id, context, page, session, first["id"], held["id"], held["reward_id"], member_id)


def states(product: Product, channel_id: str) -> list[str]:
    """Of the channel's redemptions."""
    every = [json.loads(body) for _, body in stored(product)["redemptions"]]
    return sorted(one["state"] for one in every if one["channelId"] == channel_id)


def mine(product: Product, kind: str, channel_id: str) -> list[str]:
    return [key for key, body in stored(product)[kind] if f'"{channel_id}"' in body]


@pytest.fixture
def both(product: Product, person: Person) -> tuple[Side, Side]:
    return (
        side(product, person(), "streamer", "1001", "viewer7"),
        side(product, person(), "secondstreamer", "1002", "viewer8"),
    )


def test_two_streamers_can_do_nothing_to_each_other_until_one_names_the_other(
    product: Product, both: tuple[Side, Side], complaints: list[str]
) -> None:
    every = list(staff_acts())
    before = calm(product)
    for own, other in (both, both[::-1]):
        for some in batched(every):
            with frames_to(product, f"/dashboard?channel={other.id}", cookie=own.cookie) as frames:
                refused(frames, words.NOT_YOURS, some, other)
                assert '"vips":[{' not in "".join(frames.heard)
        with frames_to(product, "/dashboard", cookie=own.cookie) as frames:
            for state, name, _ in every:
                if names_a_record(name):
                    act(frames, state, name, other)
            frames.answers()
    assert calm(product) == before

    first, second = both
    name_helper(product, first, "secondstreamer")
    may = ALLOWED[Role.HELPER]
    before = calm(product)
    with frames_to(product, f"/dashboard?channel={first.id}", cookie=second.cookie) as frames:
        frames.call(f"{Dashboard.get_full_name()}.enter")
        refused(frames, words.NOT_YOUR_PART, [one for one in every if one[2] not in may], first)
        assert calm(product) == before
        helps(product, frames, first)
    loses(product, first, second)
    assert complaints == []


def name_helper(product: Product, owner: Side, login: str) -> None:
    with frames_to(product, "/dashboard/team", cookie=owner.cookie) as frames:
        frames.call(f"{Team.get_full_name()}.name", form={"login": login, "role": "helper"})
        assert "They sign in here with Twitch" in frames.answers()


def helps(product: Product, frames: Frames, owner: Side) -> None:
    """Gives VIP and hours, says yes, and the log says who did."""
    for state, name in [(Dashboard, "give"), (Dashboard, "hour"), (Dashboard, "add_time"), (Dashboard, "approve")]:
        act(frames, state, name, owner)
    frames.answers()

    def log() -> list[tuple[str, str]]:
        lines = [body for _, body in stored(product)["auditLog"] if '"SecondStreamer"' in body]
        return [action for action in ("granted", "extended", "approved") for body in lines if f'"{action}"' in body]

    until(lambda: sorted(set(log())) == ["approved", "extended", "granted"], "the acts of the helper")
    assert log().count("extended") == 2
    [channel] = [one for one in world(product)["channels"] if one["id"] == owner.id]
    assert {"viewer1", "viewer2", "viewer5"} <= {one["login"] for one in channel["vips"]}


def loses(product: Product, owner: Side, member: Side) -> None:
    """Looking at it in a browser while being taken off."""
    page = member.page
    page.goto(f"/dashboard?channel={owner.id}")
    expect(page.get_by_text("Viewer5").first).to_be_visible()
    expect(page.get_by_role("button", name="Give VIP")).to_be_visible()
    for away in ("End the VIP of Viewer5", "Edit"):
        expect(page.get_by_role("button", name=away, exact=True)).to_have_count(0)
    with frames_to(product, "/dashboard/team", cookie=owner.cookie) as frames:
        frames.call(f"{PAGE}.ask", name="off", subject="1002")
        frames.call(f"{Team.get_full_name()}.take_off")
        expect(page.get_by_text("You are not on the team of Streamer any more").first).to_be_visible()
    expect(page.get_by_text("Viewer5")).to_have_count(0)
    with frames_to(product, f"/dashboard?channel={owner.id}", cookie=member.cookie) as frames:
        refused(frames, words.NOT_YOURS, [one for one in staff_acts() if one[1] in ("give", "hour", "approve")], owner)
    page.get_by_role("link", name="To my own dashboard").click()
    expect(page.locator("main").get_by_text("SecondStreamer", exact=True).first).to_be_visible()
