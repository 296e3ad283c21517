"""The adapters that the settings ask for. Commands open them one by one, the program all."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from vip_manager.ports import Clock, Store
from vip_manager.settings import Settings
from vip_manager.store.local_secret import local_app_secret
from vip_manager.store.rate_limits import ProcessRates, RedisRates
from vip_manager.store.sealing import RATES, TOKENS, WEBHOOKS, Sealer, derived
from vip_manager.store.sqlite.store import SqliteStore
from vip_manager.store.stamp import NoData, Stamp
from vip_manager.twitch.client import TwitchClient
from vip_manager.twitch.eventsub.webhook import Webhook
from vip_manager.twitch.tokens import NOT_KNOWN, Alone, OnReconnectNeeded, only_process

SIMULATOR_PATH = "/sandbox/twitch"


if TYPE_CHECKING:
    # Google's libraries and the simulator take their time, and most machines have no use for one of them: they are
    # imported where they have.
    from vip_manager.simulator.world import World
    from vip_manager.store.firestore.shared import FirestoreShared
    from vip_manager.store.firestore.store import FirestoreStore


async def open_store(
    settings: Settings, *, importing: bool = False, existing: bool = False
) -> "SqliteStore | FirestoreStore":
    """`importing`: also one in which an import was cut short, which only the next import may open. `existing`: only one
    with which the program has worked before; in Firestore nothing is taken over by it either.

    Raises StoreError: out of reach, newer than this program, made with another Twitch application, or (NoData) not
    there; BadLocalSecret, OSError.
    """
    if existing and not settings.google_cloud_project and not sqlite_file(settings).exists():
        raise NoData(str(settings.data_dir))
    sealer = Sealer(root_secrets(settings), TOKENS)
    if settings.google_cloud_project:
        from vip_manager.store.firestore.store import FirestoreStore

        project, database = settings.google_cloud_project, settings.firestore_database
        return await FirestoreStore.open(
            project, database, sealer, stamp(settings), importing=importing, existing=existing
        )
    return SqliteStore.open(sqlite_file(settings), sealer, stamp(settings))


def stamp(settings: Settings) -> Stamp:
    return Stamp(settings.twitch_client_id, settings.auth_host)


def sqlite_file(settings: Settings) -> Path:
    """Where there is no Firestore."""
    return settings.data_dir / "vip.db"


def root_secrets(settings: Settings) -> list[str]:
    """The one in use first. Raises BadLocalSecret, OSError."""
    return [settings.app_secret or local_app_secret(settings.data_dir), *settings.app_secret_previous]


def open_world(settings: Settings) -> "World | None":
    """The simulated Twitch's; None where Twitch is real. Raises WorldFileError."""
    if not settings.sandbox:
        return None
    from vip_manager.simulator.world import World

    return World(settings.data_dir / "twitch.json", redirect_prefixes=[f"{settings.public_url}/"])


def shared_by(store: "FirestoreStore") -> "FirestoreShared":
    """What the instances on that database need of each other."""
    from vip_manager.store.firestore.shared import FirestoreShared

    return FirestoreShared(store.calls, store.meter, store.touches)


def rates_of(settings: Settings) -> ProcessRates:
    key = derived(root_secrets(settings), RATES)[0]
    return RedisRates(settings.redis_url, key) if settings.redis_url else ProcessRates(key)


def session_cookie(settings: Settings) -> str:
    return "__Host-vip" if settings.https else "vip"


def twitch_client(
    settings: Settings,
    store: Store,
    clock: Clock,
    *,
    on_reconnect_needed: OnReconnectNeeded | None = None,
    sure: Callable[[], None] = lambda: None,
    alone: Alone = only_process,
    tokens_known_for: timedelta = NOT_KNOWN,
) -> TwitchClient:
    return TwitchClient(
        client_id=settings.twitch_client_id,
        client_secret=settings.twitch_client_secret,
        auth_url=settings.twitch_auth_url,
        authorize_url=settings.twitch_authorize_url,
        api_url=settings.twitch_api_url,
        eventsub_ws_url=settings.twitch_eventsub_ws_url,
        store=store,
        clock=clock,
        on_reconnect_needed=on_reconnect_needed,
        sure=sure,
        alone=alone,
        tokens_known_for=tokens_known_for,
    )


def webhook_of(settings: Settings) -> Webhook | None:
    """None where events come over sockets."""
    if settings.eventsub_transport != "webhook":
        return None
    return Webhook(settings.webhook_callback, derived(root_secrets(settings), WEBHOOKS))
