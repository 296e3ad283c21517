"""What the command line does with the stored data, beside a running server or without one."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext

from vip_manager.bootstrap.adapters import open_store, open_world, stamp, twitch_client, webhook_of
from vip_manager.clock import clock_of
from vip_manager.services.access import Access
from vip_manager.services.api_tokens import ApiTokenService, NotMade
from vip_manager.services.changes import Changes
from vip_manager.services.reseal import Reseal, Resealed
from vip_manager.services.turns import Turns
from vip_manager.services.verify import Verify, lines
from vip_manager.settings import Settings
from vip_manager.simulator.world_file import WorldFileError
from vip_manager.store import archive
from vip_manager.store.archive import Exported
from vip_manager.store.archive_file import file_to_read, new_file
from vip_manager.store.local_secret import BadLocalSecret
from vip_manager.store.lock import DataDirLock


class CantOpen(Exception):
    """A command has no data to work on; the message says why."""


async def verify(settings: Settings, *, repair: bool) -> tuple[bool, list[str]]:
    """Whether the stored data is sound (now), and the lines that say so. Works beside a running server.

    Raises CantOpen, StoreError.
    """
    try:
        # One that is made anew would always be sound.
        store = await open_store(settings, existing=True)
    except (BadLocalSecret, OSError) as error:
        raise CantOpen(f"The data in {settings.data_dir} can't be opened: {error}") from error
    try:
        world = open_world(settings)
        report = await Verify(store, store, clock_of(world)).run(repair=repair)
    except WorldFileError as error:
        raise CantOpen(str(error)) from error
    finally:
        await store.close()
    return not report.left, lines(report, repair=repair)


async def make_token(settings: Settings, login: str, name: str, *, read_only: bool) -> str:
    """A new API token for the owner of that channel; works beside a running server. Raises CantOpen, StoreError."""
    async with _tokens(settings) as tokens:
        return await tokens.make_for_owner(login, name, read_only=read_only)


async def revoke_tokens(settings: Settings, login: str) -> int:
    """Ends all of that channel's; says how many. Raises like `make_token`."""
    async with _tokens(settings) as tokens:
        return await tokens.revoke_all(login)


@asynccontextmanager
async def _tokens(settings: Settings) -> AsyncIterator[ApiTokenService]:
    try:
        store = await open_store(settings, existing=True)
    except (BadLocalSecret, OSError) as error:
        raise CantOpen(f"The data in {settings.data_dir} can't be opened: {error}") from error
    try:
        clock = clock_of(open_world(settings))
        changes = Changes()
        yield ApiTokenService(store, clock, Access(store, clock, "", changes), changes, Turns())
    except (WorldFileError, NotMade) as error:
        raise CantOpen(str(error)) from error
    finally:
        await store.close()


async def export(settings: Settings, name: str) -> Exported:
    """Writes all data to the file of that name; works beside a running server. Raises CantOpen, StoreError."""
    try:
        with new_file(name) as file:
            store = await open_store(settings, existing=True)
            try:
                return await archive.export(store.archive(), stamp(settings), clock_of(None).real(), file)
            finally:
                await store.close()
    except FileExistsError as error:
        raise CantOpen(f"{name} is there already. Choose another name, or remove it first.") from error
    except (BadLocalSecret, OSError) as error:
        raise CantOpen(f"Nothing was exported: {error}") from error


async def import_(settings: Settings, name: str) -> int:
    """How many documents were taken from the file of that name into a store that held none.

    Raises CantOpen, StoreError; nothing was changed then, but in Firestore by an import that was cut short, which the
    error says: only the next one opens it.
    """
    ours = stamp(settings)
    try:
        with file_to_read(name) as file:
            # Whole, before anything is touched.
            for _ in archive.check(ours, file):
                pass
            file.seek(0)
            with nullcontext() if settings.google_cloud_project else DataDirLock(settings.data_dir):
                store = await open_store(settings, importing=True)
                try:
                    return await archive.load(store.archive(), ours, file)
                finally:
                    await store.close()
    except (BadLocalSecret, OSError) as error:
        raise CantOpen(f"Nothing was imported: {error}") from error


async def reseal(settings: Settings) -> Resealed:
    """Makes anew what an earlier root secret has sealed or signs; works beside a running server. Raises CantOpen,
    StoreError, TwitchError."""
    try:
        store = await open_store(settings, existing=True)
    except (BadLocalSecret, OSError) as error:
        raise CantOpen(f"The data in {settings.data_dir} can't be opened: {error}") from error
    twitch, webhook = twitch_client(settings, store, clock_of(None)), webhook_of(settings)
    try:
        webhooks = twitch.webhook_subscriptions(webhook) if webhook else None
        return await Reseal(store, clock_of(None), webhooks).run()
    finally:
        await twitch.aclose()
        await store.close()
