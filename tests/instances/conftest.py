"""Two processes of the program that share a Firestore database, behind one address; and the Twitch of both."""

import asyncio
import os
import signal
import threading
import time
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests import emulator
from tests.house import SECRET, HandClock, House, Serve, environment, one_server
from tests.instances.balancer import balancing
from tests.patience import Patience
from tests.product import Product, free_port
from tests.serving import serving
from vip_manager.services.access import Person
from vip_manager.simulator.app import create_simulator
from vip_manager.simulator.simulation import Simulation
from vip_manager.simulator.world import World

CRON_SECRET = "the scheduler's secret of the tests"
HOURS = 0.0015
"""Of the reward: five seconds, for here time can't be moved."""
CHANNELS = {"streamer": "1001", "secondstreamer": "1002"}


class Scheduler:
    """Knocks as Cloud Scheduler does, only more often; whatever comes of it."""

    def __init__(self, address: str, every: float = 0.5) -> None:
        self._address = address
        self._every = every
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.reports: list[dict[str, Any]] = []
        self.statuses: list[int] = []

    def __enter__(self) -> "Scheduler":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._thread.join(60)

    def knock(self) -> None:
        try:
            answer = httpx.post(
                f"{self._address}/api/cron/expire",
                headers={"Authorization": f"Bearer {CRON_SECRET}"},
                trust_env=False,
                timeout=60,
            )
        except httpx.HTTPError:
            return
        self.statuses.append(answer.status_code)
        if answer.status_code == 200:
            self.reports.append(answer.json())

    def _run(self) -> None:
        while not self._stopped.wait(self._every):
            self.knock()


class Fleet:
    """`instances` are not started yet; `address` is where people, Twitch and the scheduler come."""

    def __init__(
        self,
        directory: Path,
        address: str,
        twitch: str,
        sim: Simulation,
        ports: list[int],
        transport: str = "webhook",
    ) -> None:
        self.directory = directory
        self._transport = transport
        self.address = address
        self.twitch = twitch
        self.sim = sim
        self.project = emulator.new_project()
        self.firestore = emulator.running().address
        self.instances = [self._instance(number, port) for number, port in enumerate(ports)]

    @property
    def environment(self) -> dict[str, str]:
        return {
            **environment(self.twitch, self.directory),
            "APP_SECRET": SECRET,
            "GOOGLE_CLOUD_PROJECT": self.project,
            "FIRESTORE_EMULATOR_HOST": self.firestore,
            "CRON_SECRET": CRON_SECRET,
            "PUBLIC_URL": self.address,
            "EVENTSUB_TRANSPORT": self._transport,
            "LOG_FORMAT": "console",
        }

    def _instance(self, number: int, port: int) -> Product:
        directory = self.directory / f"instance-{number}"
        directory.mkdir()
        return Product(directory, {**self.environment, "DATA_DIR": str(directory / "data")}, port, cold=True)

    def house(self) -> House:
        """A third instance, in this process and without a background: to set up with, and to look into the store."""
        return House(self.twitch, self.directory / "house", HandClock(), self.environment)

    def control(self, action: str, **wish: Any) -> Any:
        answer = httpx.post(f"{self.twitch}/control/{action}", json=wish, trust_env=False, timeout=30)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def audit(self) -> Any:
        return httpx.get(f"{self.twitch}/control/audit", trust_env=False, timeout=30).json()

    def open(self, *logins: str, hours: float = HOURS) -> None:
        """These channels are connected, each with a reward."""

        async def work() -> None:
            house = self.house()
            await house.start()
            try:
                for login in logins:
                    person: Person = await house.open(hours, login)
                    assert person.connected
            finally:
                await house.close()

        # A browser's test has a loop in its own thread.
        with ThreadPoolExecutor(1) as pool:
            pool.submit(asyncio.run, work()).result()

    def output(self) -> str:
        return "\n".join(one.output.read_text() for one in self.instances if one.output.exists())


@contextmanager
def stopped(address: str) -> Iterator[None]:
    """The emulator there answers nobody meanwhile, and keeps all connections."""
    port = address.rpartition(":")[2]
    found = [
        int(process.name)
        for process in Path("/proc").iterdir()
        if process.name.isdecimal() and _runs_emulator(process, f"--port={port}")
    ]
    assert len(found) == 1, found
    os.kill(found[0], signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(found[0], signal.SIGCONT)


def _runs_emulator(process: Path, argument: str) -> bool:
    try:
        words = (process / "cmdline").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        return False
    return words[0].endswith("java") and argument in words


def until(condition: Any, what: str, seconds: float, fleet: Fleet) -> float:
    """Waits for a condition, for seconds of tests/patience.py; returns how long it took, in those of any clock."""
    began, patience = time.monotonic(), Patience(seconds)
    while not condition():
        assert not patience.over, f"waited {seconds} s for {what}\n{fleet.output()[-6000:]}"
        time.sleep(0.05)
    return time.monotonic() - began


@pytest.fixture
def fleet(tmp_path: Path, built_page: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Fleet]:
    world = World()
    simulator = create_simulator(world)
    ports = [free_port(), free_port()]
    with ExitStack() as closing:
        twitch = closing.enter_context(serving(simulator))
        port = closing.enter_context(balancing(ports))
        fleet = Fleet(tmp_path, f"http://localhost:{port}", twitch, simulator.state.simulation, ports)
        monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", fleet.firestore)
        for instance in fleet.instances:
            closing.callback(instance.stop)
        yield fleet


@pytest.fixture(scope="module")
def serve() -> Iterator[Serve]:
    with one_server() as serve:
        yield serve


@pytest.fixture
async def pair(serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[House, House]]:
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", emulator.running().address)
    more = {
        "APP_SECRET": SECRET,
        "GOOGLE_CLOUD_PROJECT": emulator.new_project(),
        "CRON_SECRET": "a scheduler's secret of the tests",
    }
    clock, twitch = HandClock(), serve(create_simulator(World()))
    houses = [House(twitch, tmp_path / name, clock, more) for name in ("first", "second")]
    for house in houses:
        await house.start()
    try:
        yield houses[0], houses[1]
        assert await houses[0].wrong() == []
        assert (await houses[0].audit())["verdict"] == {"ok": True, "problems": []}
    finally:
        for house in houses:
            await house.close()


async def pass_time(house: House, by: timedelta) -> None:
    """For Twitch and for all instances."""
    house.clock.jump(by / timedelta(hours=1))
    await house.control("jump", seconds=by.total_seconds())
