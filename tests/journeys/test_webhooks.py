"""A streamer has another place told what happens: it arrives there, signed; and where it does not, the pages say so."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from docs.picture import control
from tests.journeys.conftest import PHONE, barriers, come_in, open_channel
from tests.journeys.frames import frames_to
from tests.journeys.test_doors import cookie_of
from tests.product import Product, until
from tests.receiver import HOST, Posted, Receiver, receiving, signature_example
from vip_manager.ui.pages.team.state import Team

Person = Callable[..., BrowserContext]


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[Receiver]:
    with receiving(tmp_path, [HOST, "discord.com"]) as made:
        yield made


@pytest.fixture
def product(tmp_path: Path, built_page: None, receiver: Receiver) -> Iterator[Product]:
    with Product(tmp_path, {"EXPIRY_TICK_SECONDS": "1", **receiver.environment}).running() as product:
        yield product


def add(page: Page, url: str, name: str = "") -> None:
    page.get_by_role("button", name="Add a webhook").click()
    dialog = page.get_by_role("dialog", name="Add a webhook")
    dialog.get_by_label("Address").fill(url)
    dialog.get_by_label("Name").fill(name)
    dialog.get_by_role("button", name="Add it").click()
    expect(dialog).to_have_count(0)


def redeem(product: Product, receiver: Receiver, viewer: str) -> list[Posted]:
    """What was posted for it."""
    before = len(receiver.got)
    control(product, "redeem", channel="streamer", viewer=viewer)
    until(lambda: len(receiver.got) > before, "it is told")
    return receiver.got[before:]


def test_another_place_is_told_and_where_nothing_arrives_the_pages_say_so(
    product: Product, receiver: Receiver, person: Person, complaints: list[str]
) -> None:
    context = person()
    page = context.new_page()
    open_channel(page)
    health = context.new_page()
    health.goto("/dashboard/health")
    part = health.locator('[data-part="webhook"]')
    expect(part).to_have_attribute("data-code", "off")

    page.goto("/dashboard/settings")
    hooks = page.locator("#webhooks")
    expect(hooks).to_contain_text("There is no webhook yet.")
    # By the keyboard: the dialog takes the focus, says what is wrong beside the field, and gives it back.
    page.get_by_role("button", name="Add a webhook").press("Enter")
    address = page.get_by_label("Address")
    expect(address).to_be_focused()
    address.fill("http://localhost:3000/")
    address.press("Enter")
    expect(address).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_role("dialog").get_by_text("The address has to begin with https://.")).to_be_visible()
    assert barriers(page) == []
    address.press("Escape")
    expect(page.get_by_role("button", name="Add a webhook")).to_be_focused()

    add(page, receiver.url("/a-secret-path"), "My log")
    shown = page.locator("code[data-secret]")
    expect(shown).to_contain_text("whsec_")
    secret = shown.inner_text()
    assert barriers(page) == []
    row = hooks.get_by_role("listitem").filter(has_text="My log")
    expect(row).to_contain_text("nothing to tell yet")
    expect(part).to_have_attribute("data-code", "well")

    [posted] = redeem(product, receiver, "viewer1")
    checked = signature_example()
    message = checked(secret, posted.headers, posted.content)
    assert message is not None
    assert (message["event"], message["viewer"]["login"]) == ("vip.started", "viewer1")
    assert posted.path == "/a-secret-path"
    expect(row).to_contain_text("Works, last delivered")

    # It is shown once, and its address never.
    page.reload()
    expect(row).to_contain_text("Works, last delivered")
    assert "a-secret-path" not in page.content()
    assert secret not in page.content()

    receiver.always = 503
    for viewer in ("viewer2", "viewer3", "viewer4"):
        redeem(product, receiver, viewer)
    expect(row).to_contain_text("did not arrive. No good answer came from there")
    expect(row).to_contain_text("It is tried again in")
    expect(part).to_have_attribute("data-code", "failing")
    expect(part).to_contain_text("My log did not get the post of")
    assert barriers(health) == []

    receiver.always = 204
    control(product, "jump", seconds=120)
    expect(row).to_contain_text("Works, last delivered")
    expect(part).to_have_attribute("data-code", "well")
    arrived = [checked(secret, one.headers, one.content) for one in receiver.got[-3:]]
    assert sorted(one["viewer"]["login"] for one in arrived) == ["viewer2", "viewer3", "viewer4"]

    receiver.always = 410
    redeem(product, receiver, "viewer5")
    expect(row).to_contain_text("Turned off, because nothing arrived there any more.")
    expect(row.get_by_role("switch")).to_have_attribute("aria-checked", "false")
    expect(part).to_contain_text("My log was turned off")
    part.get_by_role("link", name="To the webhooks").click()
    expect(health.locator("#webhooks")).to_be_in_viewport()

    receiver.always = 204
    row.get_by_role("switch").click()
    expect(page.get_by_text("My log is told again, of what happens from now on.")).to_be_visible()
    row.get_by_role("button", name="Send a test to My log").click()
    expect(page.get_by_text("The test arrived.")).to_be_visible()
    assert receiver.got[-1].body["test"] is True
    row.get_by_role("button", name="Remove the webhook to My log").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove it").click()
    expect(hooks).to_contain_text("There is no webhook yet.")
    assert complaints == []
    said = product.output.read_text()
    assert "a-secret-path" not in said
    assert "whsec_" not in said


def test_discord_is_told_in_words_and_the_team_sees_how_it_does_and_changes_nothing(
    product: Product, receiver: Receiver, person: Person
) -> None:
    context = person()
    page = context.new_page()
    open_channel(page)
    page.goto("/dashboard/settings")
    add(page, receiver.url("/api/webhooks/1/a-token", "discord.com"))
    expect(page.locator("code[data-secret]")).to_have_count(0)
    [posted] = redeem(product, receiver, "viewer1")
    assert posted.body["content"].startswith("**Viewer1** is VIP now until <t:")
    assert posted.body["allowed_mentions"] == {"parse": []}

    page.get_by_role("button", name="Change the webhook to discord.com").click()
    dialog = page.get_by_role("dialog", name="Change a webhook")
    dialog.get_by_label("Name").fill("#vips")
    dialog.get_by_label("VIP ends soon").check()
    dialog.get_by_role("button", name="Save").click()
    expect(page.locator("#webhooks")).to_contain_text("VIP ends soon")

    with frames_to(product, "/dashboard/team", cookie=cookie_of(context)) as frames:
        frames.call(f"{Team.get_full_name()}.name", form={"login": "mod", "role": "manager"})
        frames.answers()
    helper = person(viewport=PHONE).new_page()
    come_in(helper, "mod")
    helper.goto("/dashboard/settings?channel=1001")
    hooks = helper.locator("#webhooks")
    expect(hooks).to_contain_text("#vips")
    expect(hooks).to_contain_text("Only Streamer can add and change them.")
    expect(hooks.get_by_role("button")).to_have_count(0)
    expect(hooks.get_by_role("switch")).to_have_count(0)
    assert barriers(helper) == []
    assert "a-token" not in helper.content()
