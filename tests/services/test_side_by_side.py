"""Works side by side, and lines: who comes is served, also at the last moment."""

import asyncio

import pytest

from vip_manager.services.side_by_side import Line, SideBySide


async def test_so_many_are_served_at_once_and_the_others_after_them() -> None:
    served: list[int] = []
    go = asyncio.Event()

    async def handle(number: int) -> None:
        served.append(number)
        await go.wait()

    line = Line(handle, 3, range(7))
    await asyncio.sleep(0)
    assert served == [0, 1, 2]
    line.join(7)
    assert len(line) == 8
    go.set()
    await line.over()
    assert served == [*range(8)]
    assert len(line) == 0


async def test_whoever_joins_in_the_turn_in_which_all_others_are_done_is_served() -> None:
    """Ten ends share a commit, and the next page of what is due comes with its answer."""
    answers = [asyncio.get_running_loop().create_future() for _ in range(10)]
    page = asyncio.get_running_loop().create_future()
    served: list[int] = []

    async def handle(number: int) -> None:
        if number < 10:
            await answers[number]
        served.append(number)

    line = Line(handle, 10, range(10))

    async def joins() -> None:
        await page
        line.join(10)

    joining, over = asyncio.create_task(joins()), asyncio.create_task(line.over())
    await asyncio.sleep(0)
    for answer in answers:
        answer.set_result(None)
    page.set_result(None)
    await asyncio.gather(joining, over)
    assert sorted(served) == [*range(11)]


async def test_one_that_fails_stops_no_other_and_is_told() -> None:
    served: list[int] = []

    async def handle(number: int) -> None:
        if number == 1:
            raise KeyError(number)
        await asyncio.sleep(0)
        served.append(number)

    with pytest.raises(KeyError):
        await Line(handle, 2, range(4)).over()
    assert served == [0, 2, 3]


async def test_what_is_cut_off_is_over_also_before_its_first_step() -> None:
    over: list[str] = []

    async def waits() -> None:
        await asyncio.Event().wait()

    works = SideBySide()
    works.begin(waits(), lambda: over.append("begun"))
    await asyncio.sleep(0)
    works.begin(waits(), lambda: over.append("not begun"))
    await works.cut_off()
    assert sorted(over) == ["begun", "not begun"]
    await works.over()
