"""How long it takes until all is well again after a fault: two processes behind one address, Google's Firestore
emulator, the simulated Twitch. `python -m benchmarks.recovery` brings about each fault and prints a table.

The scheduler knocks twice a second here, where Cloud Scheduler does so once a minute: add up to a minute to what a
sweep has to find.
"""

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import structlog

from tests.instances.balancer import balancing
from tests.instances.conftest import Fleet, Scheduler, stopped, until
from tests.product import free_port
from tests.serving import serving
from vip_manager.simulator.app import create_simulator
from vip_manager.simulator.world import World


@contextmanager
def fleet(transport: str) -> Iterator[Fleet]:
    """Two instances at work, and a connected channel that is heard."""
    simulator, ports = create_simulator(World()), [free_port(), free_port()]
    with ExitStack() as closing:
        twitch = closing.enter_context(serving(simulator))
        port = closing.enter_context(balancing(ports))
        directory = Path(closing.enter_context(tempfile.TemporaryDirectory()))
        fleet = Fleet(directory, f"http://localhost:{port}", twitch, simulator.state.simulation, ports, transport)
        os.environ["FIRESTORE_EMULATOR_HOST"] = fleet.firestore
        fleet.open("streamer", hours=5)
        for instance in fleet.instances:
            instance.start()
            closing.callback(instance.stop)
        with Scheduler(fleet.address):
            fleet.control("redeem", channel="streamer", viewer="viewer9")
            until(lambda: vip(fleet, "viewer9"), "the first VIP", 60, fleet)
            yield fleet


def vip(fleet: Fleet, login: str) -> bool:
    channels = httpx.get(f"{fleet.twitch}/control/world", trust_env=False, timeout=10).json()["channels"]
    return any(one["login"] == login for channel in channels for one in channel["vips"])


def becomes_vip(fleet: Fleet, login: str) -> float:
    """Seconds from the redemption on."""
    began = time.monotonic()
    fleet.control("redeem", channel="streamer", viewer=login)
    until(lambda: vip(fleet, login), f"{login} to become VIP", 200, fleet)
    return time.monotonic() - began


def all_is_well() -> float:
    with fleet("webhook") as running:
        return becomes_vip(running, "viewer1")


def killed_in_the_middle() -> float:
    """One instance dies while Twitch has its call in hand; the other one finishes what it had begun."""
    with fleet("webhook") as running:
        rule = {"method": "POST", "path": "/channels/vips", "do": "pass", "hold": True, "times": 1}
        running.control("faults", **rule)
        running.control("redeem", channel="streamer", viewer="viewer1")
        until(lambda: _holding(running), "the call to be held", 30, running)
        for instance in running.instances:
            instance.kill()
        httpx.delete(f"{running.twitch}/control/faults", trust_env=False)
        began = time.monotonic()
        running.instances[1].start()
        until(lambda: running.audit()["open"] == 0, "the redemption to be settled", 200, running)
        return time.monotonic() - began


def _holding(running: Fleet) -> bool:
    faults = httpx.get(f"{running.twitch}/control/faults", trust_env=False).json()["faults"]
    return any(rule["holding"] for rule in faults)


def store_stopped() -> float:
    """For ten seconds, in which a viewer redeems; from when it goes on."""
    with fleet("webhook") as running:
        with stopped(running.firestore):
            running.control("redeem", channel="streamer", viewer="viewer1")
            away = time.monotonic()
            until(lambda: time.monotonic() - away > 10, "ten seconds to pass", 20, running)
        began = time.monotonic()
        until(lambda: vip(running, "viewer1"), "viewer1 to become VIP", 200, running)
        return time.monotonic() - began


def listener_killed() -> float:
    """Without a webhook: the instance that listens to Twitch is killed, and a viewer redeems at once."""
    with fleet("websocket") as running:
        running.instances[0].kill()
        return becomes_vip(running, "viewer1")


FAULTS: dict[str, Callable[[], float]] = {
    "none: a redemption to VIP": all_is_well,
    "all instances killed in the middle of a grant, one starts again: to settled": killed_in_the_middle,
    "Firestore stopped for 10 s: to VIP after it is back": store_stopped,
    "an instance killed, events by sockets: a redemption to VIP": listener_killed,
}


def main() -> None:
    structlog.configure(processors=[lambda *_: (_ for _ in ()).throw(structlog.DropEvent)])
    print("| fault | seconds |\n|---|---|")
    for what, measure in FAULTS.items():
        print(f"| {what} | {measure():.1f} |", flush=True)


if __name__ == "__main__":
    main()
