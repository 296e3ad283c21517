"""Webhooks as the owner has them: what they are told, when they stop, and that addresses and secrets stay ours."""

import json
from collections.abc import Mapping, Set
from dataclasses import asdict, dataclass, field
from typing import Any

import pytest

from tests.house import House
from vip_manager.domain.audit import Action
from vip_manager.domain.hook import MOST_HOOKS
from vip_manager.domain.notice import Event, Notice
from vip_manager.domain.outbox import Why
from vip_manager.domain.terms import InvalidInput
from vip_manager.ports import StoreUnavailable, Undelivered
from vip_manager.services.access import Person
from vip_manager.services.hooks import MOST_FAILURES
from vip_manager.services.reseal import Reseal

OWNER = Person("1001", "streamer", "Streamer", "", False, False)
ADDRESS = "https://hooks.example/a-secret-path"


@dataclass
class Outside:
    """What was posted; `fails` is raised instead, for as long as it stands."""

    got: list[tuple[str, dict[str, str], dict[str, Any]]] = field(default_factory=list)
    fails: Undelivered | None = None

    async def post(self, url: str, headers: Mapping[str, str], content: bytes, gone: Set[int]) -> None:
        if self.fails:
            raise self.fails
        self.got.append((url, dict(headers), json.loads(content)))


@pytest.fixture
def outside(house: House) -> Outside:
    made = Outside()
    house.outgoing = made
    return made


async def told(house: House) -> None:
    await house.services.herald.tend("1001")
    await house.services.herald.settled()


async def added(house: House, url: str = ADDRESS) -> tuple[str, str]:
    """Its id and its secret."""
    _, secret = await house.services.hooks.add(OWNER, "1001", url, [one.value for one in Event])
    channel = await house.services.store.channels.get("1001")
    assert channel
    await told(house)
    return channel.hooks[-1].id, secret


async def test_a_webhook_is_told_what_happens_until_it_is_removed(house: House, outside: Outside) -> None:
    await house.open()
    hook_id, secret = await added(house)
    assert secret.startswith("whsec_")
    await house.redeem("viewer1")
    await told(house)
    [(url, headers, body)] = outside.got
    assert url == ADDRESS
    assert headers["webhook-id"] == f"{body['id']}.{hook_id}"
    assert (body["event"], body["viewer"]["login"], body["source"]) == ("vip.started", "viewer1", "reward")
    await house.services.hooks.turn(OWNER, "1001", hook_id, False)
    await house.redeem("viewer2")
    await told(house)
    await house.services.hooks.remove(OWNER, "1001", hook_id)
    await house.redeem("viewer3")
    await told(house)
    assert len(outside.got) == 1


async def test_what_was_turned_off_while_it_was_on_its_way_does_not_go_out(house: House, outside: Outside) -> None:
    await house.open()
    hook_id, _ = await added(house)
    before = await house.services.store.channels.get("1001")
    assert before
    await house.redeem("viewer1")
    await told(house)
    await house.services.hooks.remove(OWNER, "1001", hook_id)
    late = Notice("a1", Event.STARTED, "1001", house.clock.now(), "3001", "viewer1", "Viewer1")
    with pytest.raises(Undelivered):
        await house.services.hooks._outlet.deliver(before, hook_id, late)
    assert len(outside.got) == 1


@pytest.mark.parametrize("why", [Why.GONE, Why.REFUSED])
async def test_one_that_takes_nothing_any_more_is_turned_off_and_shown(
    house: House, outside: Outside, why: Why
) -> None:
    await house.open()
    hook_id, _ = await added(house)
    outside.fails = Undelivered(why)
    if why is Why.REFUSED:
        outbox = await house.services.store.outboxes.get("1001")
        assert outbox
        await house.services.store.commit(outbox._stands(hook_id, failures=MOST_FAILURES - 1))
    await house.redeem("viewer1")
    await told(house)
    [line] = [one for one in await house.entries() if one.action is Action.HOOK_STOPPED]
    assert line.detail == {"host": "hooks.example"}
    picture = await house.services.board.staff("1001")
    [shown] = picture.hooks
    assert (shown.on, shown.stopped) == (False, why.value)
    assert picture.health.hooks == "failing"
    await house.services.hooks.turn(OWNER, "1001", hook_id, True)
    outside.fails = None
    await told(house)
    await house.redeem("viewer2")
    await told(house)
    assert [body["viewer"]["login"] for *_, body in outside.got] == ["viewer2"]
    assert (await house.services.board.staff("1001")).health.hooks == "well"


@pytest.mark.parametrize("hours", [1, 7])
async def test_what_may_pass_turns_one_off_only_when_it_has_lasted_for_hours(
    house: House, outside: Outside, hours: int
) -> None:
    await house.open()
    hook_id, _ = await added(house)
    outside.fails = Undelivered(Why.UNREACHABLE, temporary=True)
    await house.redeem("viewer1")
    await told(house)
    outbox = await house.services.store.outboxes.get("1001")
    assert outbox
    await house.services.store.commit(outbox._stands(hook_id, failures=MOST_FAILURES - 1))
    house.clock.jump(hours)
    await told(house)
    [shown] = (await house.services.board.staff("1001")).hooks
    assert (shown.on, shown.stopped) == ((True, "") if hours == 1 else (False, "unreachable"))


async def test_addresses_and_secrets_are_nowhere_to_be_read(
    house: House, outside: Outside, caplog: pytest.LogCaptureFixture
) -> None:
    await house.open()
    hook_id, secret = await added(house)
    _, again = await house.services.hooks.new_secret(OWNER, "1001", hook_id)
    assert again != secret
    outside.fails = Undelivered(Why.UNREACHABLE, temporary=True)
    await house.redeem("viewer1")
    await told(house)
    seen = json.dumps(asdict(await house.services.board.staff("1001")), default=str)
    seen += repr(await house.entries()) + repr(await house.services.store.channels.get("1001")) + caplog.text
    seen += repr(await house.services.store.outboxes.get("1001"))
    async for documents in house.services.store.holdings.pages("1001"):
        seen += repr(documents)
    for hidden in ("a-secret-path", secret, again):
        assert hidden not in seen


async def test_a_sample_says_that_it_is_one_and_whether_it_arrived(house: House, outside: Outside) -> None:
    await house.open()
    hook_id, _ = await added(house)
    assert await house.services.hooks.try_out(OWNER, "1001", hook_id) is None
    assert outside.got[0][2]["test"] is True
    outside.fails = Undelivered(Why.FORBIDDEN)
    assert await house.services.hooks.try_out(OWNER, "1001", hook_id) is Why.FORBIDDEN
    for _ in range(8):
        await house.services.hooks.try_out(OWNER, "1001", hook_id)
    with pytest.raises(InvalidInput):
        await house.services.hooks.try_out(OWNER, "1001", hook_id)


async def test_there_is_room_for_a_few_each_to_another_address(house: House, outside: Outside) -> None:
    await house.open()
    await added(house)
    with pytest.raises(InvalidInput):
        await added(house)
    for number in range(MOST_HOOKS - 1):
        await added(house, f"{ADDRESS}/{number}")
    with pytest.raises(InvalidInput):
        await added(house, f"{ADDRESS}/more")


async def test_after_the_root_secret_was_changed_addresses_are_sealed_anew(house: House, outside: Outside) -> None:
    await house.open()
    await added(house)
    before = await house.services.store.channels.get("1001")
    await Reseal(house.services.store, house.clock, None).run()
    after = await house.services.store.channels.get("1001")
    assert before
    assert after
    assert (after.hooks, after.version != before.version) == (before.hooks, True)


async def test_what_nobody_has_read_is_told_by_the_next_process(house: House, outside: Outside) -> None:
    await house.open()
    await added(house)
    await house.redeem("viewer1")
    await house.services.herald._begin()
    await house.services.herald.settled()
    assert [body["viewer"]["login"] for *_, body in outside.got] == ["viewer1"]


async def test_one_has_a_name_that_can_be_changed_with_what_it_is_told_of(house: House, outside: Outside) -> None:
    await house.open()
    hook_id, _ = await added(house)
    await house.services.hooks.choose(OWNER, "1001", hook_id, ["vip.ended", "vip.started"], "  My\tlog ")
    [shown] = (await house.services.board.staff("1001")).hooks
    assert (shown.name, shown.host, shown.events) == ("My log", "hooks.example", ["vip.started", "vip.ended"])
    with pytest.raises(InvalidInput):
        await house.services.hooks.choose(OWNER, "1001", hook_id, ["vip.ended"], "n" * 41)
    with pytest.raises(InvalidInput):
        await house.services.hooks.choose(OWNER, "1001", hook_id, ["vip.everything"], "")


async def test_a_page_is_told_how_it_does_and_when_it_is_tried_again(house: House, outside: Outside) -> None:
    await house.open()
    await added(house)
    await house.redeem("viewer1")
    await told(house)
    before = house.services.changes.revision("1001")
    [works] = (await house.services.board.staff("1001")).hooks
    assert works.arrived_at > works.made_at
    assert (works.failed_at, works.error, works.next_at) == (0, "", 0)
    outside.fails = Undelivered(Why.UNREACHABLE, temporary=True)
    await house.redeem("viewer2")
    await told(house)
    [fails] = (await house.services.board.staff("1001")).hooks
    assert (fails.error, fails.failures, fails.arrived_at) == ("unreachable", 1, works.arrived_at)
    assert fails.next_at > fails.failed_at > 0
    assert house.services.changes.revision("1001") > before


async def test_an_outbox_that_cant_be_read_breaks_no_page_and_is_begun_anew(house: House, outside: Outside) -> None:
    await house.open()
    await added(house)
    house.poison("outboxes", "1001", "begunAt", "soon")
    await house.redeem("viewer1")
    picture = await house.services.board.staff("1001")
    assert ([one.host for one in picture.hooks], len(picture.vips)) == (["hooks.example"], 1)
    await told(house)
    assert outside.got == []
    await house.redeem("viewer2")
    await told(house)
    assert [body["viewer"]["login"] for *_, body in outside.got] == ["viewer2"]


async def test_where_the_store_is_out_of_reach_no_picture_is_made_without_its_outbox(
    house: House, outside: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.open()
    await added(house)
    shown = await house.services.board.staff("1001")

    async def away(_: str) -> None:
        raise StoreUnavailable("away")

    monkeypatch.setattr(house.services.store.outboxes, "get", away)
    house.services.changes.announce_here("1001")
    picture = await house.services.board.staff("1001")
    assert picture.out_of_reach
    assert picture.hooks == shown.hooks
