"""Whether what Twitch's books say and what is stored is one and the same; and the channels with which it begins."""

import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from benchmarks.books import Books
from tests.product import Product
from tests.store import records
from vip_manager.bootstrap.adapters import open_store
from vip_manager.domain.account import CHANNEL_SCOPES, TokenPair
from vip_manager.settings import Settings


async def fill(settings: Settings, ids: Sequence[str], hours: float) -> None:
    """A store with these channels, connected, each with a reward of so many hours."""
    now = datetime.now(UTC)
    store = await open_store(settings)
    try:
        for one in ids:
            tokens = TokenPair(f"token-{one}", f"refresh-{one}", now + timedelta(days=30), CHANNEL_SCOPES)
            named = {"login": f"channel{one}", "username": f"Channel{one}"}
            await store.commit(
                records.account(one, **named, tokens=tokens, validated_at=now),
                records.channel(
                    one,
                    **named,
                    channel_point_reward_id=f"reward-{one}",
                    reward_title="VIP",
                    reward_cost=5000,
                    vip_duration=hours,
                    enabled=True,
                ),
            )
    finally:
        await store.close()


async def judged(product: Product, books: Books) -> list[str]:
    """What is wrong, where the product has stopped: each redemption is to be settled once on Twitch, and as it is
    written down; who is VIP there is VIP here; nobody lost a badge that was not ours to take."""
    wrong = [*books.wrong]
    store = await open_store(Settings.read(product.environment))
    ends: Counter[str] = Counter()
    try:
        for one in books.redeemed.values():
            kept = await store.redemptions.get(one.id)
            state = kept.state.value if kept else "not written down"
            ends[state] += 1
            if [state.upper()] != one.settled:
                wrong.append(f"the redemption {one.id} is {one.settled} on Twitch and {state} here")
        for channel_id, vips in books.vips.items():
            ours = {one.user_id for one in await store.sessions.live(channel_id)}
            theirs = {one for one in vips if (channel_id, one) not in books.permanent}
            if ours != theirs:
                wrong.append(f"VIP of {channel_id} on Twitch or here alone: {sorted(ours ^ theirs)}")
    finally:
        await store.close()
    command = [sys.executable, "-m", "vip_manager", "verify"]
    verified = subprocess.run(command, env=product.environment, capture_output=True, text=True, check=False)
    if verified.returncode:
        wrong.append(verified.stdout + verified.stderr)
    print(f"\n{len(books.redeemed):,} redemptions: {dict(ends)}; 429 by Twitch: {books.too_many}")
    print(f"verify: {verified.stdout.strip()}\nWrong: {len(wrong)}", *wrong[:10], sep="\n", flush=True)
    return wrong
