"""Who opens a socket can send anything. Nothing comes of it that they were not allowed."""

import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from playwright.sync_api import BrowserContext, expect
from websockets.exceptions import InvalidStatus

from tests.journeys.conftest import come_in, open_channel
from tests.journeys.frames import STAGE, frames_to, on_dashboard
from tests.product import Product

Person = Callable[..., BrowserContext]

ACTS: list[tuple[str, dict[str, Any]]] = [
    ("create_reward", {"form": {"title": "Mine", "cost": "1", "hours": "1"}}),
    ("change_reward", {"form": {"title": "Mine", "cost": "1", "hours": "1"}}),
    ("turn", {"on": False}),
    ("show_dialog", {"name": "give"}),
    ("give", {"form": {"login": "viewer5", "hours": "1"}}),
    ("redeem", {"form": {"viewer": "viewer6"}}),
    ("jump", {"hours": "100"}),
    ("jump_form", {"form": {"hours": "100"}}),
]


def world(product: Product) -> Any:
    return httpx.get(f"{product.base}/sandbox/twitch/control/world", trust_env=False).json()


def without_clock(seen: Any) -> Any:
    return {name: value for name, value in seen.items() if name not in ("now", "sockets")}


def cookie_of(context: BrowserContext) -> str:
    return next(f"vip={one['value']}" for one in context.cookies() if one["name"] == "vip")


@pytest.fixture
def owner(product: Product, person: Person) -> BrowserContext:
    """A streamer whose channel has one VIP."""
    context = person()
    page = context.new_page()
    open_channel(page)
    page.get_by_role("button", name="Redeem", exact=True).click()
    expect(page.get_by_text("Viewer1").first).to_be_visible()
    return context


def test_another_sites_page_gets_no_socket_reads_nothing_and_moves_no_world(product: Product) -> None:
    for origin in ("https://evil.example", "http://localhost:1", "null"):
        with pytest.raises(InvalidStatus) as refused, frames_to(product, "/dashboard", origin=origin):
            pass
        assert refused.value.response.status_code == 403
    for path in ("/", "/api/ready", "/sandbox/twitch/control/world"):
        for method in ("GET", "OPTIONS"):
            headers = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST", "Cookie": "vip=x"}
            answer = httpx.request(method, f"{product.base}{path}", headers=headers, trust_env=False)
            assert "access-control-allow-origin" not in answer.headers
    answer = httpx.post(
        f"{product.base}/sandbox/twitch/control/drop-sockets",
        headers={"Origin": "https://evil.example"},
        trust_env=False,
    )
    assert answer.status_code == 403


def test_pages_that_were_signed_in_before_hear_nothing_after_a_new_sign_in(product: Product, person: Person) -> None:
    context = person()
    page = context.new_page()
    come_in(page)
    earlier = cookie_of(context)
    come_in(page, connect=True)
    page.goto("/dashboard")
    page.get_by_role("button", name="Create the reward").wait_for()
    assert cookie_of(context) != earlier
    with frames_to(product, "/dashboard", cookie=earlier) as frames:
        frames.call(on_dashboard("enter"))
        frames.call(on_dashboard("create_reward"), form={"title": "Mine", "cost": "1", "hours": "1"})
        frames.answers()
    assert not any(one["rewards"] for one in world(product)["channels"])


def test_who_is_not_the_owner_sees_and_changes_nothing_and_the_owner_does(
    product: Product, person: Person, owner: BrowserContext
) -> None:
    """Another streamer tries more, in test_teams.py."""
    before = without_clock(world(product))
    session_id = "0" * 24
    for cookie in ("", "vip=AAAAAAAAAAAAAAAAAAAAAAAA"):
        with frames_to(product, "/dashboard?channel=1001", cookie=cookie) as frames:
            frames.call(on_dashboard("enter"))
            for name, payload in [
                *ACTS,
                ("hour", {"session_id": session_id, "seen_end": 1}),
                ("end_now", {}),
            ]:
                frames.call(on_dashboard("ask"), name="end", subject=session_id)
                frames.call(on_dashboard(name), **payload)
            heard = frames.answers()
        assert without_clock(world(product)) == before
        assert "Viewer1" not in heard
        assert "viewer1" not in heard
    with frames_to(product, "/dashboard?channel=1001", cookie=cookie_of(owner)) as frames:
        frames.call(on_dashboard("enter"))
        heard = frames.answers()
        frames.call(on_dashboard("redeem"), form={"viewer": "viewer6"})
        frames.answers()
    assert "Viewer1" in heard
    assert any(one["viewer"] == "viewer6" for one in world(product)["redemptions"])


def test_the_next_person_in_a_tab_is_told_nothing_of_the_streamers_panel(
    product: Product, person: Person, owner: BrowserContext
) -> None:
    """The tab's token stays; the streamer signs out elsewhere while the tab shows a page that tells nobody of it."""
    cookie = cookie_of(owner)
    with frames_to(product, "/dashboard", cookie=cookie) as frames:
        frames.call(on_dashboard("enter"))
        heard = frames.answers()
        assert '"activity":[{' in heard
        token = re.findall(r'"form_token\w*":"([0-9a-f]{64})"', heard)[-1]
        frames.go("/sandbox?channel=nosuch")
        frames.call(f"{STAGE}.enter")
        frames.answers()
        headers = {"Cookie": cookie, "Origin": product.base, "Sec-Fetch-Site": "same-origin"}
        answer = httpx.post(f"{product.base}/api/auth/logout", headers=headers, data={"token": token}, trust_env=False)
        assert answer.status_code == 303
        frames.call(f"{STAGE}.enter")
        frames.answers()
    viewer = person()
    come_in(viewer.new_page(), "viewer2")
    for next_one in ("", cookie_of(viewer)):
        with frames_to(product, "/sandbox?channel=streamer", cookie=next_one) as frames:
            frames.call(f"{STAGE}.enter")
            heard = frames.answers()
        assert "VIP for a day" in heard, "the stage itself is for everybody"
        assert '"activity":[{' not in heard
