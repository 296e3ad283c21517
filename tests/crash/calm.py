"""Time passes until the program has nothing left to do."""

from tests.house import House
from vip_manager.domain.session import SessionState

ROUNDS = 6
"""Minutes and sweeps in which everything must have come right, whatever was put off; catching up, which may find and
mend what should not have been broken, comes only every ten."""


class NeverCalm(Exception):
    """Something is stuck."""


async def pass_time(house: House, hours: float) -> None:
    """For Twitch and for us."""
    await house.control("jump", seconds=hours * 3600)
    house.clock.jump(hours)


async def calm(house: House) -> None:
    """Sweeps, a minute apart, until nothing is under way. Raises NeverCalm."""
    for _ in range(ROUNDS):
        await house.services.sweep.run()
        left = await _under_way(house)
        if not left:
            return
        await pass_time(house, 1 / 60)
    raise NeverCalm(f"after {ROUNDS} minutes still under way: {', '.join(left)}")


async def _under_way(house: House) -> list[str]:
    store, now = house.services.store, house.clock.now()
    left = []
    for channel in await store.channels.all():
        opened = await store.redemptions.open(channel.id)
        left += [f"redemption {one.state}" for one in opened if not one.held or one.retry.due(now)]
        for session in await store.sessions.live(channel.id):
            resting = session.state is SessionState.ACTIVE or (
                session.state is SessionState.ASIDE and not session.unexplained
            )
            if not resting or session.due_to_end(now):
                left.append(f"session {session.state}")
    return left
