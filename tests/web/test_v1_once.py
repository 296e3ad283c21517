"""The same Idempotency-Key counts once: at once, one after the other, and where the process dies in between."""

import asyncio
from collections.abc import Awaitable
from datetime import timedelta
from typing import Any

import httpx
import pytest

from tests.house import House
from tests.web.api_scene import VIPS, Program, code, on_team, secret_of
from vip_manager.domain.api_token import ApiCall
from vip_manager.domain.team import Role
from vip_manager.ports import StoreUnavailable

KEY = "8e03978e-40d5-43dd-bc93-6894a57f9324"


@pytest.fixture
async def program(house: House, browser: httpx.AsyncClient) -> Program:
    await house.open()
    return Program(browser, await secret_of(house))


async def hours(house: House, viewer_id: str = "3001") -> float:
    session = await house.live(viewer_id)
    return session.hours if session else 0.0


async def calls(house: House) -> list[ApiCall]:
    """All that are stored, by what an export would hold of them."""
    store: Any = house.services.store
    rows = await store._database.read(lambda connection: connection.execute("SELECT id FROM apiCalls").fetchall())
    found = [await store.api_calls.get(row[0]) for row in rows]
    return [one for one in found if one is not None]


async def test_a_second_time_the_same_answer_comes_and_nothing_happens(house: House, program: Program) -> None:
    first = await program.give(key=KEY)
    again = await program.give(key=KEY)
    assert (first.status_code, again.status_code) == (201, 201)
    assert (first.content, "idempotency-replayed" in first.headers) == (again.content, False)
    assert again.headers["idempotency-replayed"] == "true"
    more = [await program.add(hours=1, key="more-1") for _ in range(3)]
    assert [one.status_code for one in more] == [200] * 3
    assert await hours(house) == 3


async def test_without_a_key_or_with_another_each_counts(house: House, program: Program) -> None:
    for key in ("", "", "one", "two"):
        await program.give(hours=1, key=key)
    assert await hours(house) == 4


async def test_a_key_is_for_one_request(house: House, program: Program) -> None:
    await program.give(key=KEY)
    for other in (program.give(hours=3, key=KEY), program.give("viewer2", key=KEY), program.add(key=KEY)):
        answer = await other
        assert (answer.status_code, code(answer)) == (422, "idempotency_key_reused")
    assert await hours(house) == 2
    assert await hours(house, "3002") == 0


async def test_anothers_key_is_another(house: House, program: Program) -> None:
    await on_team(house, Role.MANAGER)
    other = Program(program.browser, await secret_of(house, "mod"))
    assert [(await one.give(key=KEY)).status_code for one in (program, other)] == [201, 200]
    assert await hours(house) == 4


async def test_a_refusal_is_an_answer_too(house: House, program: Program) -> None:
    first = await program.give("permanentvip", key=KEY)
    again = await program.give("permanentvip", key=KEY)
    assert (first.status_code, first.text) == (409, again.text)
    assert again.headers["idempotency-replayed"] == "true"


async def test_what_passes_is_not_kept(house: House, program: Program) -> None:
    await house.fault("GET", "/users", "status", status=503, times=9)
    assert (await program.give(key=KEY)).status_code == 503
    await house.heal_twitch()
    again = await program.give(key=KEY)
    assert (again.status_code, "idempotency-replayed" in again.headers) == (201, False)
    assert await hours(house) == 2


@pytest.mark.parametrize("key", ["", "x" * 201, "\N{MICRO SIGN}"])
async def test_a_key_that_is_none_is_refused(house: House, program: Program, key: str) -> None:
    headers = {b"Authorization": f"Bearer {program.token}".encode(), b"Idempotency-Key": key.encode("latin-1")}
    answer = await program.browser.post(VIPS, json={"user_login": "viewer1", "hours": 1}, headers=headers)
    assert (answer.status_code, code(answer)) == (400, "bad_request")
    assert await hours(house) == 0


async def test_at_once_one_is_done_and_the_others_wait(house: House, program: Program) -> None:
    await house.fault("POST", "/channels/vips", "pass", hold=True)
    first = asyncio.create_task(program.give(key=KEY))
    await house.held()
    second = await program.give(key=KEY)
    assert (second.status_code, code(second), second.headers["retry-after"]) == (409, "in_progress", "1")
    await house.heal_twitch()
    assert (await first).status_code == 201
    third = await program.give(key=KEY)
    assert (third.status_code, third.headers["idempotency-replayed"]) == (201, "true")
    assert await hours(house) == 2


async def test_many_at_once_count_once(house: House, program: Program) -> None:
    answers = await asyncio.gather(*(program.give(key=KEY) for _ in range(20)))
    assert {one.status_code for one in answers} <= {201, 409}
    assert await hours(house) == 2
    assert (await program.give(key=KEY)).status_code == 201


async def dies(house: House, monkeypatch: pytest.MonkeyPatch, call: Awaitable[httpx.Response]) -> None:
    """The gift is made, and its answer is never stored nor told; then the process is there again."""
    store: Any = house.services.store
    commit = store.commit

    async def until_the_answer(first: Any, *rest: Any) -> Any:
        if isinstance(first, ApiCall) and first.status:
            raise StoreUnavailable("killed")
        return await commit(first, *rest)

    with monkeypatch.context() as patch:
        patch.setattr(type(store), "commit", lambda _, first, *rest: until_the_answer(first, *rest))
        assert (await call).status_code == 503
    assert [one.status for one in await calls(house)] == [0]
    await house.restart()


async def reopened(house: House, program: Program) -> Program:
    """The same token, at the program that has started again."""
    from starlette.applications import Starlette
    from starlette.routing import Mount

    assert house.api is not None
    app = Starlette(routes=[Mount("/api", house.api)])
    client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=house.settings.public_url)
    return Program(client, program.token)


async def test_a_gift_whose_answer_was_lost_with_the_process_counts_once(
    house: House, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    await dies(house, monkeypatch, program.give(key=KEY))
    program = await reopened(house, program)
    assert (await program.give(hours=9, key=KEY)).status_code == 422
    again = await program.give(key=KEY)
    assert (again.status_code, again.json()["state"]) == (201, "active")
    assert (await program.give(key=KEY)).headers["idempotency-replayed"] == "true"
    assert await hours(house) == 2
    assert await house.wrong() == []


async def test_more_hours_whose_answer_was_lost_count_once(
    house: House, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    await program.give(hours=5)
    await dies(house, monkeypatch, program.add(hours=1, key=KEY))
    program = await reopened(house, program)
    assert (await program.add(hours=1, key=KEY)).status_code == 200
    assert await hours(house) == 6


@pytest.mark.parametrize("ended", ["by hand", "by itself"])
@pytest.mark.parametrize("what", ["give", "add"])
async def test_it_counts_once_also_where_that_vip_is_over_meanwhile(
    house: House, program: Program, monkeypatch: pytest.MonkeyPatch, what: str, ended: str
) -> None:
    if what == "add":
        await program.give(hours=5)
    await dies(house, monkeypatch, getattr(program, what)(hours=1, key=KEY))
    program = await reopened(house, program)
    if ended == "by hand":
        assert (await program.end()).status_code == 204
    else:
        house.clock.jump(7)
        await house.services.sweep.run()
    again = await getattr(program, what)(hours=1, key=KEY)
    assert (again.status_code, again.json()["state"]) == (201 if what == "give" else 200, "ended"), again.text
    assert await hours(house) == 0
    assert await house.vips() == {"permanentvip"}


async def test_it_counts_once_where_somebody_ended_it_before_twitch_had_given_it(
    house: House, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.fault("POST", "/channels/vips", "status", status=500)
    await dies(house, monkeypatch, program.give(key=KEY))
    program = await reopened(house, program)
    assert (await program.end()).status_code == 204
    again = await program.give(key=KEY)
    assert (again.status_code, code(again)) == (409, "declined")
    assert await house.vips() == {"permanentvip"}


async def test_after_a_day_a_key_is_new_again(house: House, program: Program) -> None:
    await program.give(hours=100, key=KEY)
    house.clock.wrong = timedelta(hours=24, seconds=1)
    house.clock.ahead = -house.clock.wrong
    again = await program.give(hours=100, key=KEY)
    assert (again.status_code, "idempotency-replayed" in again.headers) == (200, False)
    assert await hours(house) == 200
    assert len(await calls(house)) == 1
    house.clock.wrong += timedelta(hours=24, seconds=1)
    house.clock.ahead = -house.clock.wrong
    await house.services.upkeep.run()
    assert await calls(house) == []
