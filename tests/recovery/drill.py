"""The operators' drill: `python -m tests.recovery.drill` (`make drill`). Life goes on, a backup is taken in the middle
of it, the data is lost, the backup is restored; and both sides are judged by what Twitch has in its own books."""

import asyncio
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog

from tests.house import HandClock, House, one_server
from tests.patience import Patience
from vip_manager import recovery, restore_report
from vip_manager.domain.reasons import Refusal
from vip_manager.domain.redemption import RedemptionState
from vip_manager.domain.session import VipSession
from vip_manager.services.access import Person
from vip_manager.simulator.app import create_simulator
from vip_manager.simulator.world import World

Say = Callable[[str], None]
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
EVER = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass
class Drill:
    """`ends`: when whose VIP ought to end, told by what was paid; `wrong`: sentences, none where all is well."""

    house: House
    clock: HandClock
    directory: Path
    say: Say
    ends: dict[str, datetime] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    def check(self, holds: bool, what: str) -> None:
        self.say(f"  {'ok   ' if holds else 'WRONG'} {what}")
        if not holds:
            self.wrong.append(what)

    def in_time(self, viewer: str, live: VipSession | None) -> bool:
        """Whether that session ends when it ought to."""
        ends = live.expires_at if live else None
        return ends is not None and abs(ends - self.ends[viewer]) < MINUTE

    async def hours(self, hours: float) -> None:
        """For us and for Twitch."""
        self.clock.jump(hours)
        await self.house.control("jump", seconds=hours * 3600)

    async def calm(self) -> None:
        """Sweeps until one finds nothing to do."""
        patience = Patience(20)
        while True:
            done = await self.house.services.sweep.run()
            if not (done.expired or done.failed or done.remaining or done.recovered or done.refunded):
                return
            assert not patience.over, f"never calm: {done}"

    async def redeems(self, viewer: str, hours: float = 24) -> None:
        """Of which the program hears at once; the time that it gives is added to what is known."""
        await self.house.redeem(viewer)
        self.ends[viewer] = max(self.ends.get(viewer, self.clock.now()), self.clock.now()) + hours * HOUR


async def life_before(drill: Drill) -> Person:
    house = drill.house
    streamer = await house.open(24)
    for viewer in ("viewer1", "viewer2"):
        await drill.redeems(viewer)
    await house.services.gift.by_hand(streamer, streamer.id, "viewer3", 1, "gift-3")
    await house.redeem("permanentvip")
    await house.services.reconcile.catch_up(streamer.id)
    await house.fault("PATCH", "/helix/channel_points/custom_rewards/redemptions", "status", status=503)
    await drill.redeems("viewer4")
    drill.say("before the backup: viewer1, viewer2 redeemed 24 h each; viewer3 was given 1 h by hand;")
    drill.say(
        "  permanentvip redeemed and has the points back; viewer4 is VIP, and Twitch does not know it as done yet"
    )
    return streamer


async def backup_under_load(drill: Drill) -> Path:
    backups = drill.directory / "backups"
    making = asyncio.create_task(
        asyncio.to_thread(recovery.back_up, drill.house.settings, backups, 14, clock=drill.clock)
    )
    writes = 0
    while not making.done():
        writes += 1
        await drill.house.services.channels.learned_seats("1001", writes % 2)
    made = await making
    await drill.house.services.channels.learned_seats("1001", 0)
    drill.say(f"backup: {made.path.name}, {made.size // 1024} KiB, with {writes} writes meanwhile")
    return made.path


async def life_after(drill: Drill, streamer: Person) -> None:
    house = drill.house
    await drill.calm()
    await drill.hours(0.25)
    await drill.redeems("viewer1")
    await drill.redeems("viewer5")
    await house.redeem("mod")
    await house.services.gift.by_hand(streamer, streamer.id, "viewer6", 24, "gift-6")
    live = await house.live("3002")
    assert live is not None
    await house.services.expire.end_now(streamer, streamer.id, live.id)
    live = await house.live("3003")
    assert live is not None
    await house.services.gift.add_time(streamer, streamer.id, live.id, 48, "gift-3-more")
    await drill.hours(2)
    await drill.calm()
    drill.say("after the backup: viewer1 redeemed 24 h more; viewer5 redeemed 24 h; the moderator mod redeemed and has")
    drill.say("  the points back; viewer6 was given 24 h, viewer3 48 h more, and viewer2's VIP was ended, all by hand")


async def disaster(drill: Drill) -> datetime:
    await drill.house.leave()
    file = drill.directory / "data" / "vip.db"
    for path in file.parent.glob("vip.db*"):
        path.write_bytes(b"\x00" * 4096)
    lost_at = drill.clock.now()
    drill.say("disaster: the file is overwritten; the program is down for an hour, in which viewer7 redeems")
    await drill.hours(0.5)
    await drill.house.redeemed("viewer7")
    await drill.hours(0.5)
    return lost_at


async def back_again(drill: Drill, backup: Path, lost_at: datetime) -> None:
    house = drill.house
    put = await recovery.restore(house.settings, backup, lost_at, clock=drill.clock)
    drill.say("restore:")
    for line in restore_report.lines(put):
        drill.say(f"  {line}")
    await house.start()
    drill.check(await house.wrong() == [], "verify finds nothing wrong in what was restored")
    channel = await house.channel()
    drill.check(channel.behind, "the channel waits until it was compared with Twitch")
    drill.ends["viewer7"] = drill.clock.now() + 24 * HOUR
    await drill.calm()
    drill.check(not (await house.channel()).behind, "it was compared with Twitch, and goes on")
    # Whether a badge that is gone was taken for a moderator's shows after a minute.
    await house.found_out("3002")
    await drill.calm()


async def judged(drill: Drill, streamer: Person) -> None:
    house = drill.house
    twitch = await house.audit()
    drill.say("what Twitch says:")
    drill.check(twitch["verdict"]["ok"], f"its own audit finds nothing wrong {twitch['verdict']['problems'] or ''}")
    drill.check(twitch["open"] == 0, "no redemption is left open")
    back = sorted(one["viewer"] for one in twitch["redemptions"] if one["status"] == "CANCELED")
    drill.check(back == ["mod", "permanentvip"], f"points went back once each to {', '.join(back)}")
    drill.say("what became of whom:")
    for viewer, who in (("viewer1", "3001"), ("viewer4", "3004"), ("viewer7", "3007")):
        live = await house.live(who)
        drill.check(drill.in_time(viewer, live), f"{viewer} is VIP until {drill.ends[viewer]:%F %T}, as paid for")
    drill.check(await house.live("3002") is None, "viewer2, whose VIP was ended by hand, is not VIP again")
    drill.check("viewer2" not in await house.vips(), "nor on Twitch")
    drill.check({"viewer3", "viewer6"} <= await house.vips(), "viewer3 and viewer6 keep what was given by hand")
    drill.check(await house.live("3003") is None, "and no clock runs for it: that nobody can know any more")
    found = await house.services.store.redemptions.undecided("1001")
    unrecorded = [one.login for one in found if one.refusal is Refusal.UNRECORDED]
    drill.check(unrecorded == ["viewer5"], "viewer5's redemption is put before the streamer: done, and in no record")
    [one] = found
    await house.services.dead_letters.try_again(streamer, "1001", one.id)
    live = await house.live("3005")
    drill.check(
        drill.in_time("viewer5", live),
        f"who says “Try again”: viewer5 is VIP until {drill.ends['viewer5']:%F %T}, as paid for",
    )


async def run_out(drill: Drill) -> None:
    house = drill.house
    drill.say("the hours go by:")
    for viewer, ends in sorted(drill.ends.items(), key=lambda one: one[1]):
        if viewer == "viewer2":
            continue
        await drill.hours((ends - drill.clock.now() - MINUTE) / HOUR)
        await drill.calm()
        early = viewer not in await house.vips()
        await drill.hours(2 / 60)
        await drill.calm()
        late = viewer in await house.vips()
        drill.check(not early and not late, f"{viewer} was VIP to the end, and not beyond it")
    drill.check(await house.wrong() == [], "verify finds nothing wrong")
    twitch = await house.audit()
    drill.check(twitch["verdict"]["ok"], f"Twitch's audit finds nothing wrong {twitch['verdict']['problems'] or ''}")
    statuses = {one["id"]: one["status"] for one in twitch["redemptions"]}
    credits: list[str] = []
    async for session in house.services.store.sessions.since("1001", EVER):
        credits += [credit.id for credit in session.credits if credit.id in statuses]
    once = len(credits) == len(set(credits)) and all(statuses[one] == "FULFILLED" for one in credits)
    drill.check(once, "each redemption's hours count once, and of none whose points went back")
    every = [one async for one in house.services.store.redemptions.between("1001", EVER, drill.clock.now() + HOUR)]
    settled = {RedemptionState.FULFILLED, RedemptionState.CANCELED}
    drill.check({one.state for one in every} <= settled, "and each of them is settled here too")
    left = sorted(await house.vips())
    drill.check(left == ["permanentvip", "viewer3", "viewer6"], f"VIP still: {', '.join(left)}")


async def drill(directory: Path, say: Say = lambda line: None) -> list[str]:
    """What went wrong; nothing where all is well."""
    with one_server() as serve:
        clock = HandClock()
        house = House(serve(create_simulator(World())), directory / "data", clock)
        await house.start()
        one = Drill(house, clock, directory, say)
        try:
            streamer = await life_before(one)
            backup = await backup_under_load(one)
            await life_after(one, streamer)
            await back_again(one, backup, await disaster(one))
            await judged(one, streamer)
            await run_out(one)
        finally:
            await house.close()
        return one.wrong


def quiet() -> None:
    """What the program itself has to say is not for who reads a report."""
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())


def main() -> int:
    quiet()
    with tempfile.TemporaryDirectory() as directory:
        wrong = asyncio.run(drill(Path(directory), print))
    print("\nAll is well." if not wrong else f"\n{len(wrong)} went wrong.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
