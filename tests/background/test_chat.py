"""Chat over a socket: heard only where it is wanted and allowed, and nothing else depends on it."""

from typing import Any

import pytest

from tests.background.listening import counted_once, hears, listening
from tests.house import House, until
from vip_manager.domain.terms import InvalidInput
from vip_manager.services.access import Person
from vip_manager.services.chat import TEST
from vip_manager.services.connections import Hearing
from vip_manager.twitch.eventsub.messages import CHAT_MESSAGE, TYPES

SAY = "/helix/chat/messages"
SUBSCRIPTIONS = "/helix/eventsub/subscriptions"


async def lines(house: House) -> list[tuple[str, str]]:
    [channel] = [one for one in (await house.world())["channels"] if one["login"] == "streamer"]
    return [(one["login"], one["text"]) for one in channel["chat"]]


async def requests(house: House, path: str) -> list[dict[str, Any]]:
    """What was asked there, also where a fault answered."""
    journal = (await house.http.get("control/journal", params={"limit": 1000})).json()["journal"]
    asked = ("request", "fault")
    return [one for one in journal if one["kind"] in asked and str(one.get("path")).endswith(path)]


async def chats(house: House, *, answers: bool = True) -> Person:
    """The streamer has turned it on, and allowed it."""
    streamer = await house.open()
    chat = house.services.chat
    await chat.turn(streamer, streamer.id, True)
    if answers:
        await chat.turn_answers(streamer, streamer.id, True)
    await house.connect(person_id=streamer.id)
    return streamer


def said(house: House, text: str) -> Any:
    async def there() -> bool:
        return text in [one for _, one in await lines(house)]

    return there


async def test_who_becomes_vip_is_told_in_chat_and_who_asks_is_answered(house: House) -> None:
    await chats(house)
    async with listening(house):
        await hears(house)

        async def chat_stands() -> bool:
            posted = await requests(house, SUBSCRIPTIONS)
            return len([one for one in posted if one["status"] == 202]) == len(TYPES) + 1

        await until(chat_stands, "chat to be heard")
        await house.services.herald.tend("1001")
        made = await house.control("redeem", channel="streamer", viewer="viewer1")
        await counted_once(house, made["id"])
        await house.services.herald.tend("1001")
        await until(said(house, "@Viewer1 is VIP now, for 24 h."), "it to be said")
        assert await lines(house) == [("streamer", "@Viewer1 is VIP now, for 24 h.")]
        await house.control("say", channel="streamer", viewer="viewer2", text="hello !vip")
        await house.control("say", channel="streamer", viewer="viewer1", text="!VIP", source="secondstreamer")
        await house.control("say", channel="streamer", viewer="streamer", text="!vip")
        await house.control("say", channel="streamer", viewer="viewer1", text="!vip")
        await until(said(house, "Your VIP lasts 24 h more."), "an answer")
        assert [who for who, _ in await lines(house)].count("streamer") == 3


async def test_turned_on_and_allowed_while_one_listens_nothing_else_is_dropped(house: House) -> None:
    streamer = await house.open()
    chat = house.services.chat
    async with listening(house):
        await hears(house)
        opened = len(await requests(house, "/ws"))
        await chat.turn(streamer, streamer.id, True)
        await chat.turn_answers(streamer, streamer.id, True)
        await house.connect(person_id=streamer.id)
        await house.control("say", channel="streamer", viewer="viewer1", text="!vip")

        async def stands() -> bool:
            return len([one for one in await requests(house, SUBSCRIPTIONS) if one["status"] == 202]) == len(TYPES) + 1

        await until(stands, "chat to be heard")
        await house.control("say", channel="streamer", viewer="viewer3", text="!vip")
        await until(said(house, "You are not VIP through points right now. “VIP for a day” costs 500 points."), "it")
        await chat.turn_answers(streamer, streamer.id, False)

        async def gone() -> bool:
            return any(one["method"] == "DELETE" for one in await requests(house, SUBSCRIPTIONS))

        await until(gone, "chat to be heard no more")
        made = await house.control("redeem", channel="streamer", viewer="viewer2")
        await counted_once(house, made["id"])
        assert len(await requests(house, "/ws")) == opened
        assert house.services.connections.of("1001").hearing is Hearing.LIVE


@pytest.mark.parametrize("status", [400, 401, 403, 429, 500])
async def test_that_chat_can_not_be_heard_keeps_nothing_else_from_standing(house: House, status: int) -> None:
    streamer = await chats(house, answers=False)
    async with listening(house):
        await hears(house)
        await house.fault("POST", SUBSCRIPTIONS, "status", status=status, times=-1)
        await house.services.chat.turn_answers(streamer, streamer.id, True)
        await house.connect(person_id=streamer.id)

        async def asked() -> bool:
            return len(await requests(house, SUBSCRIPTIONS)) > len(TYPES)

        await until(asked, "Twitch to be asked")
        made = await house.control("redeem", channel="streamer", viewer="viewer1")
        await counted_once(house, made["id"])
        account = await house.services.store.accounts.get("1001")
        assert account is not None
        assert account.may_manage
        assert house.services.connections.of("1001").hearing is Hearing.LIVE
        for _ in range(5):
            house.services.changes.announce("1001")
        assert len(await requests(house, SUBSCRIPTIONS)) <= len(TYPES) + 3


async def test_that_chat_is_not_told_any_more_cuts_nothing_off(house: House) -> None:
    await chats(house)
    async with listening(house):
        await hears(house)

        async def stands() -> bool:
            return len([one for one in await requests(house, SUBSCRIPTIONS) if one["status"] == 202]) == len(TYPES) + 1

        await until(stands, "chat to be heard")
        listed = await house.services.twitch.validate("1001")
        assert "user:read:chat" in listed.scopes
        before = len(await requests(house, SUBSCRIPTIONS))
        subscriptions = await _listed(house)
        await house.control("revoke", subscription=subscriptions[CHAT_MESSAGE], status="user_removed")
        made = await house.control("redeem", channel="streamer", viewer="viewer1")
        await counted_once(house, made["id"])
        assert len(await requests(house, SUBSCRIPTIONS)) == before + 1


async def _listed(house: House) -> dict[str, str]:
    account = await house.services.store.accounts.get("1001")
    assert account is not None
    assert account.tokens is not None
    headers = {"Authorization": f"Bearer {account.tokens.access_token}", "Client-Id": "sandbox-client-id"}
    answer = await house.http.get("helix/eventsub/subscriptions", headers=headers)
    return {one["type"]: one["id"] for one in answer.json()["data"]}


async def test_without_the_permission_the_channel_goes_on(house: House) -> None:
    streamer = await house.open()
    await house.services.chat.turn(streamer, streamer.id, True)
    await house.services.chat.turn_answers(streamer, streamer.id, True)
    async with listening(house):
        await hears(house)
        await house.services.herald.tend("1001")
        made = await house.control("redeem", channel="streamer", viewer="viewer1")
        await counted_once(house, made["id"])
        await house.services.herald.tend("1001")
        await house.services.herald.settled()
    assert await lines(house) == []
    assert await requests(house, SAY) == []
    assert len(await requests(house, SUBSCRIPTIONS)) == len(TYPES)
    picture = await house.services.board.staff("1001")
    assert (picture.connection, picture.chat.allowed, picture.health.chat) == ("live", False, "not_allowed")


async def test_a_test_message_shows_that_it_works_again(house: House) -> None:
    streamer = await house.open()
    chat = house.services.chat
    with pytest.raises(InvalidInput, match="Turn it on first"):
        await chat.test(streamer.id)
    await chat.turn(streamer, streamer.id, True)
    await house.connect(person_id=streamer.id)
    await house.services.herald.tend("1001")
    await house.fault("POST", SAY, "status", status=403)
    await house.redeem("viewer1")
    await house.services.herald.tend("1001")
    await house.services.herald.settled()

    async def known() -> tuple[str, str]:
        picture = await house.services.board.staff("1001")
        return picture.health.chat, picture.chat.error

    assert await known() == ("failing", "refused")
    await chat.test(streamer.id)
    assert await known() == ("well", "")
    assert await lines(house) == [("streamer", TEST)]
