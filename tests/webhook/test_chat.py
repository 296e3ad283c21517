"""Chat by webhook: every message is posted to us, and hardly any is for us."""

from datetime import timedelta
from typing import Any

import pytest

from tests.background.test_chat import lines, said
from tests.house import until
from tests.webhook.hook_house import HookHouse, post, subscription
from vip_manager.services.connections import Hearing
from vip_manager.twitch.eventsub.messages import CHAT_MESSAGE, TYPES


def message(text: str, chatter: str = "3001", **more: Any) -> dict[str, Any]:
    event = {
        "broadcaster_user_id": "1001",
        "chatter_user_id": chatter,
        "chatter_user_login": "viewer1",
        "chatter_user_name": "Viewer1",
        "message_id": "m1",
        "message": {"text": text, "fragments": []},
        **more,
    }
    return {"subscription": subscription(CHAT_MESSAGE), "event": event}


async def chats(house: HookHouse) -> None:
    streamer = await house.open()
    await house.services.chat.turn(streamer, streamer.id, True)
    await house.services.chat.turn_answers(streamer, streamer.id, True)
    await house.connect(person_id=streamer.id)
    await house.hears()


async def test_who_asks_is_answered_within_the_request(house: HookHouse) -> None:
    await chats(house)

    async def stands() -> bool:
        return (await house.statuses()).get(CHAT_MESSAGE) == "enabled"

    await until(stands, "chat to be heard")
    await house.control("say", channel="streamer", viewer="viewer1", text="!vip")
    await until(said(house, "You are not VIP through points right now. “VIP for a day” costs 500 points."), "an answer")
    assert house.services.connections.of("1001").hearing is Hearing.LIVE


async def test_turned_off_it_is_posted_no_more(house: HookHouse) -> None:
    await chats(house)
    await house.services.chat.turn_answers(await house.connect(person_id="1001"), "1001", False)
    assert set(await house.statuses()) == set(TYPES)


async def test_without_the_permission_all_else_stands(house: HookHouse) -> None:
    streamer = await house.open()
    await house.hears()
    await house.services.chat.turn(streamer, streamer.id, True)
    await house.services.chat.turn_answers(streamer, streamer.id, True)
    assert set(await house.statuses()) == set(TYPES)
    account = await house.services.store.accounts.get("1001")
    assert account is not None
    assert account.may_manage


@pytest.mark.parametrize("status", [400, 403, 409, 429, 500])
async def test_that_chat_is_refused_keeps_nothing_else_from_standing(house: HookHouse, status: int) -> None:
    streamer = await house.open()
    await house.services.chat.turn(streamer, streamer.id, True)
    await house.services.chat.turn_answers(streamer, streamer.id, True)
    await house.hears()
    await house.fault("POST", "/helix/eventsub/subscriptions", "status", status=status, times=-1)
    await house.connect(person_id=streamer.id)
    account = await house.services.store.accounts.get("1001")
    assert account is not None
    assert account.may_manage
    assert house.services.connections.of("1001").hearing is Hearing.LIVE


@pytest.mark.parametrize(
    "nothing_to_us",
    [
        message("hello everybody"),
        message("is !vip a thing"),
        message("!vipers"),
        message(""),
        message("!vip", chatter="1001"),
        message("!vip", source_broadcaster_user_id="1002"),
    ],
)
async def test_what_is_nothing_to_us_costs_no_read_of_the_store_and_is_not_remembered(
    house: HookHouse, monkeypatch: pytest.MonkeyPatch, nothing_to_us: dict[str, Any]
) -> None:
    await chats(house)
    assert house.services.deliveries is not None
    taken = len(house.services.deliveries._taken._ids)

    class Untouched:
        def __getattr__(self, name: str) -> Any:
            raise AssertionError(f"the store was asked for {name}")

    untouched: Any = Untouched()
    for part in (house.services.subscriptions, house.services.events._answers, house.services.herald):
        monkeypatch.setattr(part, "_store", untouched)
    answer = await house.deliver(post(nothing_to_us))
    assert answer.status_code == 204
    assert len(house.services.deliveries._taken._ids) == taken
    monkeypatch.undo()
    assert await lines(house) == []


async def test_a_command_that_is_posted_twice_is_answered_once(house: HookHouse) -> None:
    await chats(house)
    said_by = await house.control("say", channel="streamer", viewer="viewer1", text="hello")
    asked = post(message("!vip", message_id=said_by["id"]))
    assert [(await house.deliver(asked)).status_code for _ in range(2)] == [204, 204]
    assert [who for who, _ in await lines(house)] == ["viewer1", "streamer"]


async def test_a_command_that_comes_late_or_again_after_a_restart_is_not_answered(house: HookHouse) -> None:
    await chats(house)
    late = await house.control("say", channel="streamer", viewer="viewer2", text="hello")
    asked = message("!vip", "3002", message_id=late["id"])
    assert (await house.deliver(post(asked, ago=timedelta(minutes=2)))).status_code == 204
    assert [who for who, _ in await lines(house)] == ["viewer2"]
    said_by = await house.control("say", channel="streamer", viewer="viewer1", text="hello")
    again = post(message("!vip", message_id=said_by["id"]))
    assert (await house.deliver(again)).status_code == 204
    await house.restart()
    assert (await house.deliver(again)).status_code == 204
    assert [who for who, _ in await lines(house)] == ["viewer2", "viewer1", "streamer"]


async def test_that_chat_was_revoked_is_nobodys_trouble(house: HookHouse) -> None:
    await chats(house)
    revoked = {"subscription": subscription(CHAT_MESSAGE, status="chat_user_banned")}
    assert (await house.deliver(post(revoked, "revocation"))).status_code == 204
    assert house.services.connections.of("1001").hearing is Hearing.LIVE
