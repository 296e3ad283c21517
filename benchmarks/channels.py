"""The product as a process of its own, with connected channels, for which Twitch is the stub in this one."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.stub import Twitch
from tests.product import Product, free_port
from vip_manager import page
from vip_manager.bootstrap.adapters import open_store
from vip_manager.domain.account import CHANNEL_SCOPES, Account, TokenPair
from vip_manager.domain.channel import Channel
from vip_manager.settings import Settings
from vip_manager.store.sealing import WEBHOOKS, derived

SECRET = "a root secret of the benchmarks, long enough"
KEY = derived([SECRET], WEBHOOKS)[0]
FIRST = 10_000


@dataclass(frozen=True, slots=True)
class Served:
    product: Product
    twitch: Twitch
    twitch_url: str
    channel_ids: tuple[str, ...]


def environment(twitch: str, **more: str) -> dict[str, str]:
    """Of a product that is told by webhook; `twitch` is where its Twitch is."""
    return {
        "TWITCH_CLIENT_ID": "client",
        "TWITCH_CLIENT_SECRET": "secret of the client",
        "TWITCH_AUTH_URL": f"{twitch}/oauth2",
        "TWITCH_API_URL": f"{twitch}/helix",
        "APP_SECRET": SECRET,
        "EVENTSUB_TRANSPORT": "webhook",
        "LOG_FORMAT": "json",
        **more,
    }


@asynccontextmanager
async def served(directory: Path, channels: int) -> AsyncIterator[Served]:
    """When all is calm after the start."""
    page.build_where_changed()
    twitch, port = Twitch(), free_port()
    base = f"http://127.0.0.1:{await twitch.start()}"
    product = Product(directory, environment(base), port, cold=True)
    settings = Settings.read(product.environment)
    twitch.callback = settings.webhook_callback
    ids = tuple(str(FIRST + number) for number in range(channels))
    await _fill(settings, ids)
    await asyncio.to_thread(product.start)
    try:
        await twitch.quiet()
        yield Served(product, twitch, base, ids)
    finally:
        await asyncio.to_thread(product.stop)
        twitch.stop()


async def _fill(settings: Settings, ids: tuple[str, ...]) -> None:
    store = await open_store(settings)
    now = datetime.now(UTC)
    try:
        for one in ids:
            tokens = TokenPair(f"token-{one}", f"refresh-{one}", now + timedelta(days=1), CHANNEL_SCOPES)
            await store.commit(Account(one, f"channel{one}", f"Channel{one}", tokens=tokens, validated_at=now))
            await store.commit(
                Channel(
                    one,
                    one,
                    f"channel{one}",
                    f"Channel{one}",
                    channel_point_reward_id=f"reward-{one}",
                    reward_title="VIP for a day",
                    reward_cost=5000,
                )
            )
    finally:
        await store.close()
