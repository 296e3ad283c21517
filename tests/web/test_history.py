"""The history as a file, to those who may see it."""

import csv
import io
import tracemalloc
from dataclasses import replace

import httpx
import pytest

from tests.house import House
from tests.store.records import line
from vip_manager.domain.history import Wanted
from vip_manager.domain.team import Member, Role
from vip_manager.ports import StoreUnavailable
from vip_manager.services.history import COLUMNS
from vip_manager.services.rates import DOWNLOADS

FILE = "/api/channels/1001/history.csv"


async def cookie(house: House, user_id: str) -> dict[str, str]:
    return {"cookie": f"vip={await house.services.access.sign_in(user_id)}"}


def read(answer: httpx.Response) -> list[list[str]]:
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


async def test_whoever_is_on_the_team_gets_it(house: House, browser: httpx.AsyncClient) -> None:
    await house.open()
    await house.redeem("viewer1")
    await house.sign_in("mod")
    helper = Member("2001", "mod", "Mod", Role.HELPER, house.clock.now())
    await house.services.store.commit(replace(await house.channel(), team=(helper,)))
    for who in ("1001", "2001"):
        answer = await browser.get(FILE, headers=await cookie(house, who))
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "text/csv; charset=utf-8"
        assert answer.headers["content-disposition"] == 'attachment; filename="vip-manager-history.csv"'
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        head, *rows = read(answer)
        assert tuple(head) == COLUMNS
        assert {"redeemed", "granted", "reward_created"} <= {row[1] for row in rows}
    narrowed = await browser.get(FILE, params={"kind": "given", "who": "viewer1"}, headers=await cookie(house, "1001"))
    assert [row[1] for row in read(narrowed)[1:]] == ["granted"]
    none = await browser.get(FILE, params={"to": "2001-01-01", "zone": "no"}, headers=await cookie(house, "1001"))
    assert read(none) == [list(COLUMNS)]


@pytest.mark.parametrize(("who", "status"), [("", 401), ("1002", 403)])
async def test_nobody_else_gets_anything(house: House, browser: httpx.AsyncClient, who: str, status: int) -> None:
    await house.open()
    await house.connect("secondstreamer")
    answer = await browser.get(FILE, headers=await cookie(house, who) if who else {})
    assert (answer.status_code, set(answer.json())) == (status, {"error"})
    assert (await browser.post(FILE, headers=await cookie(house, "1001"))).status_code == 405


@pytest.mark.parametrize("asked", [{"kind": "else"}, {"from": "soon"}, {"who": "../../x"}])
async def test_what_can_not_be_read_is_refused_in_words(
    house: House, browser: httpx.AsyncClient, asked: dict[str, str]
) -> None:
    await house.open()
    answer = await browser.get(FILE, params=asked, headers=await cookie(house, "1001"))
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "bad_request")


async def test_a_store_out_of_reach(house: House, browser: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    await house.open()
    headers = await cookie(house, "1001")

    async def away(*_: object) -> None:
        raise StoreUnavailable("away")

    monkeypatch.setattr(house.services.access, "require", away)
    answer = await browser.get(FILE, headers=headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "store_unavailable")


async def test_a_name_that_twitch_does_not_tell_of_leads_to_no_empty_file(
    house: House, browser: httpx.AsyncClient
) -> None:
    await house.open()
    headers = await cookie(house, "1001")
    await house.fault("GET", "/helix/users", "status", times=9, status=503)
    answer = await browser.get(FILE, params={"who": "nobody_there"}, headers=headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "twitch_unavailable")


async def test_who_asks_too_often_waits(house: House, browser: httpx.AsyncClient) -> None:
    await house.open()
    headers = await cookie(house, "1001")
    answers = [await browser.get(FILE, headers=headers) for _ in range(DOWNLOADS.most + 1)]
    assert [one.status_code for one in answers] == [200] * DOWNLOADS.most + [429]
    assert int(answers[-1].headers["Retry-After"]) > 0


async def test_memory_does_not_grow_with_the_history(house: House) -> None:
    await house.open()
    history, store = house.services.history, house.services.store
    taken = []
    for start, more in ((0, 1100), (1100, 3500)):
        lines = [line(f"l{number}", detail={"reward": "x" * 300}) for number in range(start, start + more)]
        await store.commit(await house.channel(), *lines)
        tracemalloc.start()
        sizes = [len(part) async for part in history.file("1001", Wanted())]
        taken.append((sum(sizes), tracemalloc.get_traced_memory()[1]))
        tracemalloc.stop()
    (little, then), (much, most) = taken
    assert much > 3 * little
    assert most < 1.3 * then
