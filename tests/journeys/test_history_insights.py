"""What happened, and what it brought, as a streamer looks back: a real browser, the running program."""

import csv
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.sync_api import BrowserContext, Page, expect

from tests.journeys.conftest import PHONE, barriers, open_channel
from tests.journeys.test_rules import redeem
from tests.product import Product
from tests.store.records import line
from vip_manager.domain.audit import Action
from vip_manager.store.document_json import to_json
from vip_manager.store.documents import AUDIT
from vip_manager.store.sealing import TOKENS, Sealer

Person = Callable[..., BrowserContext]


def remember(product: Product, count: int) -> None:
    """So many lines of long ago, straight into the store."""
    ago = datetime.now(UTC) - timedelta(days=200)
    file = Path(product.environment["DATA_DIR"]) / "sandbox" / "vip.db"
    sealer = Sealer(["a secret that seals nothing here, long enough"], TOKENS)
    with closing(sqlite3.connect(file)) as store, store:
        for number in range(count):
            told = line(
                f"old{number:03}",
                ago - timedelta(minutes=number),
                action=Action.ENDED,
                subject_id="77",
                subject_name="Oldtimer",
                detail={"login": "oldtimer"},
            )
            body = to_json(AUDIT.write(told, sealer))
            store.execute("INSERT INTO auditLog (id, version, body) VALUES (?, 1, ?)", (told.id, body))


def fine(page: Page, *modes: str) -> None:
    """Nothing stands in anybody's way, in any of the modes, or in the one that there is; and it is not too wide."""
    for mode in modes or ("",):
        if mode:
            page.evaluate("to => { document.documentElement.className = to }", mode)
        assert barriers(page) == [], mode
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_looking_back(product: Product, person: Person, complaints: list[str]) -> None:
    page = person(timezone_id="Asia/Tokyo").new_page()
    open_channel(page)
    page.get_by_role("link", name="Insights").click()
    expect(page.get_by_text("The first redemption shows here.")).to_be_visible()
    fine(page)

    remember(product, 120)
    redeem(product, "viewer1")
    page.get_by_role("link", name="History").click()
    rows = page.get_by_role("table", name="What happened").get_by_role("row")
    expect(rows.filter(has_text="Viewer1 became VIP for 24 h")).to_be_visible()
    expect(rows).to_have_count(51)
    fine(page, "light", "dark")

    # It does not move by itself, and says that there is more.
    redeem(product, "mod")
    page.get_by_text("Something new happened.").wait_for()
    expect(rows.filter(has_text="Mod redeemed")).to_be_hidden()
    # What came of it may not have been there yet when the first press asked.
    news, of_mod = page.get_by_text("Something new happened."), rows.filter(has_text="Mod")
    while of_mod.count() < 2:
        page.get_by_role("button", name="Show it").click()
        expect(rows.filter(has_text="Mod redeemed")).to_be_visible()
        expect(news.or_(of_mod.nth(1)).first).to_be_visible()
    expect(news).to_be_hidden()

    # There and back, by the keyboard.
    older = page.get_by_role("link", name="Older")
    older.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Further back")).to_be_visible()
    expect(rows.filter(has_text="Mod redeemed")).to_be_hidden()
    page.reload()
    expect(page.get_by_role("heading", name="Further back")).to_be_visible()
    page.get_by_role("link", name="Newest").click()
    expect(rows.filter(has_text="Mod redeemed")).to_be_visible()

    # Narrowed down; the address says how, and the file is of the same lines.
    page.get_by_label("About").select_option("VIP given and extended")
    page.get_by_label("Who").fill("viewer1")
    page.keyboard.press("Enter")
    expect(rows).to_have_count(2)
    expect(page.locator("#found")).to_be_focused()
    assert "kind=given&who=viewer1" in page.url
    with page.expect_download() as downloading:
        page.get_by_role("link", name="Download these as CSV").click()
    with Path(downloading.value.path()).open(encoding="utf-8-sig", newline="") as file:
        told = list(csv.DictReader(file))
    assert [(one["action"], one["viewer login"], one["hours"]) for one in told] == [("granted", "viewer1", "24")]
    page.get_by_label("Who").fill("viewer9")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.get_by_text("Nothing like that")).to_be_visible()
    page.get_by_label("Who").fill("nobody_there")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.get_by_text("Nobody by the name nobody_there")).to_be_visible()
    fine(page)

    page.get_by_role("link", name="Insights").click()
    heads = page.get_by_role("definition")
    expect(heads.filter(has_text="1 of them given back")).to_be_visible()
    expect(page.get_by_role("table").get_by_role("row", name="Viewer1")).to_contain_text("5,000")
    expect(page.get_by_text("Days are those of your time zone, Asia/Tokyo.")).to_be_visible()
    expect(page.locator("svg.recharts-surface")).to_have_count(4)
    page.get_by_text("Show as a table").first.click()
    today = datetime.now(UTC) + timedelta(hours=9)
    by_day = page.get_by_role("table", name="Redemptions").get_by_role("row")
    expect(by_day).to_have_count(31)
    expect(by_day.last).to_contain_text(f"{today:%B} {today.day}")
    fine(page, "light", "dark")
    page.get_by_role("link", name="7 days").click()
    expect(by_day).to_have_count(8)
    assert page.url.endswith("?days=7")

    page.set_viewport_size(PHONE)
    fine(page)
    page.get_by_role("link", name="History").click()
    expect(page.get_by_text("Viewer1 became VIP for 24 h")).to_be_visible()
    fine(page)
    assert complaints == []
