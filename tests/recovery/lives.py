"""Random lives with a backup and a loss somewhere in them: `python -m tests.recovery.lives 200 [SEED]`. Nobody does
anything by hand but to say "Try again", so that all of it can be told from Twitch."""

import asyncio
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from tests.house import HandClock, House, one_server
from tests.recovery.drill import EVER, HOUR, Drill, quiet
from vip_manager import recovery
from vip_manager.domain.reasons import Refusal
from vip_manager.ports import TwitchError
from vip_manager.simulator.app import create_simulator
from vip_manager.simulator.world import World

VIEWERS = ("viewer1", "viewer2", "viewer3")
HOURS = 4.0
STEP = 0.2
"""Hours that go by at once, before somebody sweeps: so much late an end may be."""
_MOST_STEPS = 300
CAUGHT_UP = 2 * STEP
"""Hours after which a redemption is found of which nobody has heard."""
FAULTS: tuple[tuple[str, str, str, dict[str, Any]], ...] = (
    ("POST", "/helix/channels/vips", "lose_answer", {}),
    ("PATCH", "/helix/channel_points/custom_rewards/redemptions", "lose_answer", {}),
    ("PATCH", "/helix/channel_points/custom_rewards/redemptions", "status", {"status": 503}),
    ("DELETE", "/helix/channels/vips", "status", {"status": 500}),
)


class Life:
    def __init__(self, world: World, drill: Drill, dice: random.Random) -> None:
        self.world = world
        self.drill = drill
        self.house = drill.house
        self.dice = dice
        self.told: list[str] = []

    async def lived(self, directory: Path) -> list[str]:
        """What was wrong, in sentences."""
        house, dice = self.house, self.dice
        streamer = await house.open(HOURS)
        await self._goes_on(dice.randint(0, 6))
        made = await asyncio.to_thread(recovery.back_up, house.settings, directory / "kept", 5, clock=self.drill.clock)
        self.told.append("BACKUP")
        await self._goes_on(dice.randint(0, 8))
        lost_at = self.drill.clock.now()
        unsettled = {one["viewer"] for one in (await house.audit())["redemptions"] if one["status"] == "UNFULFILLED"}
        # Their badge is the program's, and nobody can tell any more.
        unprovable = unsettled & await house.vips()
        await house.leave()
        await house.heal_twitch()
        down = dice.choice((0.0, 0.1, 1.0, 5.0))
        if down:
            await self.drill.hours(down)
        self.told.append(f"LOST, down for {down} h")
        await recovery.restore(house.settings, made.path, lost_at, clock=self.drill.clock)
        await house.start()
        await self._calm()
        for one in await house.services.store.redemptions.undecided("1001"):
            now = await house.services.store.redemptions.get(one.id)
            if now is None or not now.undecided or one.refusal is not Refusal.UNRECORDED:
                continue
            if one.login in await house.vips():
                await house.services.dead_letters.try_again(streamer, "1001", one.id)
            else:
                await house.services.dead_letters.let_be(streamer, "1001", one.id)
        await self._calm()
        await self._goes_on(dice.randint(0, 3))
        await house.heal_twitch()
        for step in range(_MOST_STEPS):
            # Twice as long as it takes to find what nobody has heard of.
            if step * STEP > 2 * CAUGHT_UP and not await house.services.store.sessions.live("1001"):
                break
            await self.drill.hours(STEP)
            await house.services.sweep.run()
        await self._calm()
        return [*await self._judged(unprovable, down)]

    async def _goes_on(self, steps: int) -> None:
        for _ in range(steps):
            what = self.dice.choice(("redeem", "redeem", "unheard", "time", "time", "fault", "sweep"))
            viewer = self.dice.choice(VIEWERS)
            self.told.append(f"{what} {viewer}" if what in ("redeem", "unheard") else what)
            with suppress(TwitchError):
                match what:
                    case "redeem":
                        await self.house.redeem(viewer)
                    case "unheard":
                        await self.house.redeemed(viewer)
                    case "time":
                        for _ in range(self.dice.randint(1, 12)):
                            await self.drill.hours(STEP)
                            await self.house.services.sweep.run()
                    case "fault":
                        method, path, do, more = self.dice.choice(FAULTS)
                        await self.house.fault(method, path, do, **more)
                    case "sweep":
                        await self.house.services.sweep.run()

    async def _calm(self) -> None:
        for _ in range(8):
            await self.house.services.sweep.run()
            await self.drill.hours(0.005)

    async def _judged(self, unprovable: set[str], down: float) -> Sequence[str]:
        house, wrong = self.house, list[str]()
        wrong += [str(finding) for finding in await house.wrong()]
        audit = await house.audit()
        wrong += audit["verdict"]["problems"]
        paid = Counter(one["viewer"] for one in audit["redemptions"] if one["status"] == "FULFILLED")
        statuses = {one["id"]: one["status"] for one in audit["redemptions"]}
        wrong += [f"{one['viewer']}'s is open still" for one in audit["redemptions"] if one["status"] == "UNFULFILLED"]
        credits = Counter[str]()
        async for session in house.services.store.sessions.since("1001", EVER):
            credits.update(credit.id for credit in session.credits if session.granted_at)
        wrong += [f"{one} counts {times} times" for one, times in credits.items() if times > 1]
        wrong += [f"{one} counts, and its points went back" for one in credits if statuses[one] != "FULFILLED"]
        ends = Counter[str]()
        for viewer in VIEWERS:
            worn, changes = self._worn(viewer)
            ends[viewer] = changes
            if viewer in unprovable:
                continue
            if viewer in await house.vips():
                wrong.append(f"{viewer} is VIP past the end")
            # Of one that was found late, and given then, nobody knows any more when that was.
            late = CAUGHT_UP if f"unheard {viewer}" in self.told else 0.02
            if worn < paid[viewer] * HOURS - late:
                wrong.append(f"{viewer} was VIP for {worn:.2f} h, and paid for {paid[viewer] * HOURS}")
            if worn > paid[viewer] * HOURS + changes * (2 * STEP) + down:
                wrong.append(f"{viewer} was VIP for {worn:.2f} h, and paid for {paid[viewer] * HOURS} only")
        return wrong

    def _worn(self, viewer: str) -> tuple[float, int]:
        """Hours for which Twitch has shown the viewer as VIP, and how often that began."""
        [user_id] = [user.id for user in self.world.users.values() if user.login == viewer]
        worn, since, times = timedelta(), None, 0
        for change in self.world.channel("1001").vip_changes:
            if change.user_id != user_id:
                continue
            at = datetime.fromisoformat(change.at)
            if change.added:
                since, times = at, times + 1
            elif since is not None:
                worn, since = worn + (at - since), None
        if since is not None:
            worn += self.drill.clock.now() - since
        return worn / HOUR, times


async def live(seed: int, directory: Path) -> list[str]:
    """What was wrong in the life of that seed; with all that happened in it, where anything was."""
    with one_server() as serve:
        world = World()
        house = House(serve(create_simulator(world)), directory / "data", HandClock())
        await house.start()
        drill = Drill(house, house.clock, directory, lambda line: None)
        life = Life(world, drill, random.Random(seed))
        try:
            wrong = await life.lived(directory)
        finally:
            await house.close()
        return [f"seed {seed}: {one}" for one in wrong] + ([f"  {', '.join(life.told)}"] if wrong else [])


def main(arguments: Sequence[str]) -> int:
    quiet()
    count, first = int(arguments[0]) if arguments else 100, int(arguments[1]) if len(arguments) > 1 else 0
    bad = 0
    for seed in range(first, first + count):
        with tempfile.TemporaryDirectory() as directory:
            wrong = asyncio.run(live(seed, Path(directory)))
        bad += bool(wrong)
        print(*wrong, sep="\n", end="\n" if wrong else "")
    print(f"{count} lives from {first} on, {bad} of them wrong")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
