"""Two of the staff undo the same end at once, and neither knows of the other."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests.house import House
from vip_manager.domain.terms import InvalidInput


@asynccontextmanager
async def no_turn(*key: str) -> AsyncIterator[None]:
    """As if the lease had run out."""
    yield


async def undone_at_once(first: House, second: House, patch: pytest.MonkeyPatch) -> None:
    """`second` has looked, and is late with what it does: by then all is done by `first`, and ended anew."""
    me = await first.open(hours=24)
    await first.redeem("viewer1")
    live = await first.live("3001")
    assert live
    over = await first.services.expire.end_now(me, me.id, live.id)
    looked, go = asyncio.Event(), asyncio.Event()
    add, look = second.services.gift._add, second.services.gift._add.is_vip

    async def slowly(channel_id: str, user_id: str) -> bool:
        vip = await look(channel_id, user_id)
        looked.set()
        await go.wait()
        return vip

    with patch.context() as late:
        late.setattr(second.services.gift._turns, "of", no_turn)
        late.setattr(add, "is_vip", slowly)
        undoing = asyncio.create_task(second.services.gift.again(me, me.id, over.id))
        await looked.wait()
    again = await first.services.gift.again(me, me.id, over.id)
    await first.services.expire.end_now(me, me.id, again.id)
    go.set()
    with pytest.raises(InvalidInput, match="ended already"):
        await undoing
    assert "viewer1" not in await first.vips()
