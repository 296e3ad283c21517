"""All that is stored of a channel, to its owner alone; and an account that goes for good."""

import json
import tracemalloc
from dataclasses import replace
from typing import Any

import httpx
import pytest

from tests.house import House
from tests.store.records import line
from vip_manager.domain.team import Member, Role
from vip_manager.services.rates import DOWNLOADS

DATA = "/api/channels/1001/data"


async def cookie(house: House, user_id: str) -> dict[str, str]:
    return {"cookie": f"vip={await house.services.access.sign_in(user_id)}"}


async def form(house: House, headers: dict[str, str]) -> dict[str, str]:
    """As a page of theirs would send it."""
    person = await house.services.access.person(headers["cookie"])
    assert person
    return {"token": house.services.form_tokens.of(person.sign_in_id)}


def read(answer: httpx.Response) -> list[dict[str, Any]]:
    return [json.loads(text) for text in answer.text.splitlines()]


async def test_the_owner_gets_everything_and_no_token(house: House, browser: httpx.AsyncClient) -> None:
    await house.open()
    done = await house.redeem("viewer1")
    answer = await browser.get(DATA, headers=await cookie(house, "1001"))
    assert answer.status_code == 200
    assert answer.headers["content-disposition"] == 'attachment; filename="vip-manager-streamer.jsonl"'
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-type"].startswith("application/x-ndjson")
    head, *documents, end = read(answer)
    assert (head["format"], head["version"], head["channel"]) == ("vip-manager-channel", 1, "1001")
    assert end == {"documents": len(documents)}
    by_kind: dict[str, list[Any]] = {}
    for one in documents:
        by_kind.setdefault(one["collection"], []).append(one)
    assert list(by_kind) == ["users", "channels", "vipSessions", "redemptions", "auditLog"]
    assert [one["id"] for one in by_kind["redemptions"]] == [done.id]
    assert by_kind["channels"][0]["document"]["rewardTitle"] == "VIP for a day"
    account = await house.services.store.accounts.get("1001")
    assert account
    assert account.tokens
    for secret in (account.tokens.access_token, account.tokens.refresh_token, "accessToken", "refreshToken"):
        assert secret not in answer.text


@pytest.mark.parametrize(("who", "status"), [("", 401), ("1002", 403), ("2001", 403)])
async def test_nobody_else_gets_anything(house: House, browser: httpx.AsyncClient, who: str, status: int) -> None:
    await house.open()
    await house.connect("secondstreamer")
    await house.sign_in("mod")
    manager = Member("2001", "mod", "Mod", Role.MANAGER, house.clock.now())
    await house.services.store.commit(replace(await house.channel(), team=(manager,)))
    answer = await browser.get(DATA, headers=await cookie(house, who) if who else {})
    assert answer.status_code == status
    assert set(answer.json()) == {"error"}
    assert (await browser.post(DATA, headers=await cookie(house, "1001"))).status_code == 405


async def test_memory_does_not_grow_with_the_data(house: House) -> None:
    await house.open()
    store = house.services.store
    taken = []
    for start, more in ((0, 1100), (1100, 3500)):
        lines = [line(f"l{number}", detail={"error": "x" * 300}) for number in range(start, start + more)]
        await store.commit(await house.channel(), *lines)
        tracemalloc.start()
        sizes = [len(part) async for part in house.services.download.lines("1001")]
        taken.append((sum(sizes), tracemalloc.get_traced_memory()[1]))
        tracemalloc.stop()
    (little, then), (much, most) = taken
    assert much > 4 * little
    assert most < 1.3 * then


async def test_somebody_without_a_channel_takes_their_account_away(house: House, browser: httpx.AsyncClient) -> None:
    await house.open()
    viewer = await house.sign_in("viewer1")
    headers = await cookie(house, viewer.id)
    await house.services.visibility.hide_me(viewer, "1001")
    refused = await browser.post("/api/account/delete", headers=headers | {"origin": "https://evil.example"})
    assert refused.status_code == 403
    account = await house.services.store.accounts.get(viewer.id)
    assert account
    assert account.tokens
    without = await browser.post("/api/account/delete", headers=headers)
    assert (without.status_code, without.json()["error"]["code"]) == (403, "wrong_token")
    assert await house.services.store.accounts.get(viewer.id)
    answer = await browser.post("/api/account/delete", headers=headers, data=await form(house, headers))
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert await house.services.store.accounts.get(viewer.id) is None
    assert await house.services.store.accounts.sign_ins(viewer.id) == []
    assert await house.entries(viewer.id) == []
    assert await house.services.access.person(headers["cookie"]) is None
    tokens = [one["token"] for one in (await house.world()).get("access_tokens", [])]
    assert account.tokens.access_token not in tokens
    assert (await browser.post("/api/account/delete", headers=headers)).status_code == 401
    # Their wish not to be shown stays: it is the channel's.
    assert (await house.channel()).hides(viewer.id)
    assert await house.wrong() == []


async def test_a_streamer_leaves_first(house: House, browser: httpx.AsyncClient) -> None:
    await house.open()
    headers = await cookie(house, "1001")
    answer = await browser.post("/api/account/delete", headers=headers, data=await form(house, headers))
    assert answer.status_code == 409
    assert await house.services.store.accounts.get("1001")


async def test_a_person_waits_who_asks_too_often_wherever_they_are(house: House, browser: httpx.AsyncClient) -> None:
    await house.open()
    await house.connect("secondstreamer")
    mine, anothers = await cookie(house, "1001"), await cookie(house, "1002")
    answers = [await browser.get(DATA, headers=mine) for _ in range(DOWNLOADS.most + 1)]
    assert [one.status_code for one in answers] == [200] * DOWNLOADS.most + [429]
    assert int(answers[-1].headers["Retry-After"]) > 0
    assert (await browser.get("/api/channels/1002/data", headers=anothers)).status_code == 200
