"""kill -9 between any two steps. `python -m tests.crash.matrix` prints it in Markdown; `--help` says what more it can.

For each scenario the steps are found by letting it run once; then it is run again for the edges of them and dies
there, and what the next start makes of it is judged. The same once more for each call that changes something on
Twitch, with the answer to its first attempt lost, so that the program goes on by other steps.
"""

import argparse
import copy
import itertools
import logging
import queue
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import structlog
from starlette.types import ASGIApp, Receive, Scope, Send

from tests.crash.forks import End, Forks, forks
from tests.crash.promises import badge_time_wrong
from tests.crash.scenarios import SCENARIOS
from tests.crash.steps import call_of, changes_something, in_a_transaction
from tests.house import one_server
from vip_manager.simulator.app import create_simulator
from vip_manager.simulator.world import World

AT_ONCE = 2
ALIVE = -1
"""In place of an edge: the process ends as it should, and the next start finds nothing left to do."""

T = TypeVar("T")


@dataclass(frozen=True)
class Death:
    """At which edge the first life ended, and maybe the second; and which promises the last found broken."""

    edge: str
    broken: tuple[str, ...]
    again: str = ""


@dataclass(frozen=True)
class Row:
    """One scenario in one variant: `lost` is the call whose first answer got lost, `edges` all that were found."""

    scenario: str
    lost: str
    edges: tuple[str, ...]
    deaths: tuple[Death, ...]

    @property
    def calls(self) -> list[str]:
        """The calls that change something on Twitch."""
        return sorted({call for call in map(call_of, self.edges) if call and not call.startswith("GET ")})

    @property
    def commits(self) -> int:
        return sum(edge.endswith(": committed") for edge in self.edges)

    @property
    def broken(self) -> list[str]:
        return [
            f"{death.edge}{death.again and f' and {death.again}'}: {one}"
            for death in self.deaths
            for one in death.broken
        ]


@dataclass(frozen=True)
class _Prepared:
    """A world and a store just before a scenario begins."""

    world: World
    data: Path
    ahead: float


class _Stage:
    """A Twitch at a fixed address, whose world can be set back; and processes that play on it, one at a time."""

    def __init__(self, forks: Forks, directory: Path) -> None:
        self.base = ""
        self.world = World()
        self._app: ASGIApp = create_simulator(self.world)
        self._forks = forks
        self._directory = directory
        self._numbers = itertools.count()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, send)

    def arranged(self, scenario: str) -> _Prepared:
        data = self._set(World())
        end = self._live(scenario, "arranging", data, 0.0)
        return _Prepared(self.world, data, end.said["ahead"])

    def once(self, scenario: str, prepared: _Prepared, lost: str, *deaths: int) -> tuple[Death, list[tuple[str, ...]]]:
        """Plays the scenario; each life dies at its edge, or with ALIVE ends well; one more life is judged.

        Also returns the edges of each life, of one that died none.
        """
        data = self._set(copy.deepcopy(prepared.world))
        shutil.copytree(prepared.data, data)
        ahead, names, lives, broken = prepared.ahead, [], [], []
        for life, die_at in zip(("first", *itertools.repeat("next", len(deaths))), (*deaths, ALIVE), strict=True):
            end = self._live(scenario, life, data, ahead, lose=lost if life == "first" else "", die_at=die_at)
            ahead = end.said["ahead"]
            names.append(end.said.get("died_at", "no edge"))
            lives.append(tuple(end.said.get("edges", ())))
            broken += end.said.get("broken", ())
        statuses = [one.status for one in self.world.redemptions.values()]
        viewer = next(one.id for one in self.world.users.values() if one.login == SCENARIOS[scenario].viewer)
        changes = [one for one in self.world.channels["1001"].vip_changes if one.user_id == viewer]
        late = badge_time_wrong(changes, statuses, SCENARIOS[scenario])
        shutil.rmtree(data)
        return Death(names[0], (*broken, *late), "".join(names[1:-1])), lives

    def _set(self, world: World) -> Path:
        self.world = world
        self._app = create_simulator(world)
        return self._directory / str(next(self._numbers))

    def _live(self, scenario: str, life: str, data: Path, ahead: float, *, lose: str = "", die_at: int = ALIVE) -> End:
        task = {"scenario": scenario, "life": life, "twitch": self.base, "directory": str(data), "ahead": ahead}
        end = self._forks.live({**task, "lose": lose, "die_at": die_at})
        expected = 0 if die_at == ALIVE else signal.SIGKILL
        assert (end.signal, end.exit) == (expected, 0), f"{scenario}, {life} life, edge {die_at}: {end}"
        return end


class Matrix:
    """Dies at each edge that something outside has changed before, and in each transaction; or at `every` edge, also
    those at which everything outside, which is all that survives, is as at the edge before."""

    def __init__(self, stages: Sequence[_Stage], *, every: bool) -> None:
        self._every = every
        self._stages: queue.SimpleQueue[_Stage] = queue.SimpleQueue()
        for stage in stages:
            self._stages.put(stage)
        self._pool = ThreadPoolExecutor(len(stages))

    def close(self) -> None:
        self._pool.shutdown()

    def rows(self, scenario: str) -> Iterator[Row]:
        """First with all answers; then with the first answer lost of each call that it has found."""
        prepared = self._with_a_stage(lambda stage: stage.arranged(scenario))
        plain = self._row(scenario, prepared, "")
        yield plain
        for call in plain.calls:
            yield self._row(scenario, prepared, call)

    def twice(self, scenario: str) -> Row:
        """Dies at an edge, and the start after it dies at each edge of what it does about that.

        Only edges that differ from the one before them outside the process.
        """
        prepared = self._with_a_stage(lambda stage: stage.arranged(scenario))
        edges = self._edges(scenario, prepared, "")

        def seconds(first: int) -> list[tuple[int, int]]:
            recovery = self._with_a_stage(lambda stage: stage.once(scenario, prepared, "", first))[1][1]
            return [(first, second) for second in _after_effects(recovery)]

        pairs = [pair for found in self._pool.map(seconds, _after_effects(edges)) for pair in found]

        def die(pair: tuple[int, int]) -> Death:
            return self._with_a_stage(lambda stage: stage.once(scenario, prepared, "", *pair))[0]

        return Row(scenario, "", edges, tuple(self._pool.map(die, pairs)))

    def _row(self, scenario: str, prepared: _Prepared, lost: str) -> Row:
        edges = self._edges(scenario, prepared, lost)

        def die(at: int) -> Death:
            death, _ = self._with_a_stage(lambda stage: stage.once(scenario, prepared, lost, at))
            assert at == ALIVE or death.edge == edges[at], f"{scenario}: edge {at} was {edges[at]}, and is {death.edge}"
            return death

        worth = [at for at, edge in enumerate(edges) if self._every or in_a_transaction(edge)]
        return Row(
            scenario, lost, edges, tuple(self._pool.map(die, (*sorted({*worth, *_after_effects(edges)}), ALIVE)))
        )

    def _edges(self, scenario: str, prepared: _Prepared, lost: str) -> tuple[str, ...]:
        return self._with_a_stage(lambda stage: stage.once(scenario, prepared, lost, ALIVE))[1][0]

    def _with_a_stage(self, play: Callable[[_Stage], T]) -> T:
        stage = self._stages.get()
        try:
            return play(stage)
        finally:
            self._stages.put(stage)


def _after_effects(edges: Sequence[str]) -> list[int]:
    """The first edge, before anything, and each that has changed something outside the process."""
    return [at for at, edge in enumerate(edges) if at == 0 or changes_something(edge)]


@contextmanager
def matrix(*, every: bool = False) -> Iterator[Matrix]:
    """What a killed process had written is safe in the kernel's hands, so the stores lie in memory where they can."""
    memory = Path("/dev/shm")
    with ExitStack() as closing:
        directory = closing.enter_context(tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None))
        serve = closing.enter_context(one_server())
        stages = []
        for number in range(AT_ONCE):
            stage = _Stage(closing.enter_context(forks()), Path(directory, str(number)))
            stage.base = serve(stage)
            stages.append(stage)
        matrix = Matrix(stages, every=every)
        closing.callback(matrix.close)
        yield matrix


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.crash.matrix", description="kill -9 between any two steps")
    parser.add_argument("scenarios", nargs="*", help=f"of {', '.join(SCENARIOS)}; unless told, all")
    parser.add_argument("--steps", action="store_true", help="each edge, and what it broke")
    parser.add_argument("--every", action="store_true", help="die at every edge, also where nothing differs outside")
    parser.add_argument("--twice", action="store_true", help="die again in the recovery")
    asked = parser.parse_args(arguments)
    if unknown := set(asked.scenarios) - SCENARIOS.keys():
        parser.error(f"no such scenario: {', '.join(sorted(unknown))}")
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    began, deaths, failed = time.monotonic(), 0, 0
    print("| scenario | answer lost | calls | commits | deaths | promises kept |\n|---|---|---|---|---|---|")
    with matrix(every=asked.every) as found:
        for name in asked.scenarios or SCENARIOS:
            for row in [found.twice(name)] if asked.twice else found.rows(name):
                deaths, failed = deaths + len(row.deaths), failed + len(row.broken)
                _print(row, steps=asked.steps)
    print(f"\n{deaths} deaths in {time.monotonic() - began:.0f} s; {failed} promises broken.")
    return 1 if failed else 0


def _print(row: Row, *, steps: bool) -> None:
    calls = sum(bool(call_of(edge)) for edge in row.edges)
    bad = sum(bool(death.broken) for death in row.deaths)
    kept = f"all but at {bad}" if bad else "at each"
    title = SCENARIOS[row.scenario].title
    print(f"| {title} | {row.lost or 'none'} | {calls} | {row.commits} | {len(row.deaths)} | {kept} |", flush=True)
    if steps:
        for death in row.deaths:
            print(f"- {death.edge} {death.again}: {'; '.join(death.broken) or 'kept'}")


if __name__ == "__main__":
    raise SystemExit(main())
