"""What the command line does so that nothing is lost for good: a backup, and what a restore does beside copying."""

from contextlib import nullcontext, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from vip_manager.bootstrap.adapters import open_store, open_world, root_secrets, sqlite_file, stamp
from vip_manager.clock import clock_of
from vip_manager.commands import CantOpen
from vip_manager.domain.books import Books
from vip_manager.ports import Clock, StoreError
from vip_manager.services.restored import Marked, Restored, lost
from vip_manager.settings import Settings
from vip_manager.simulator.world_file import WorldFileError
from vip_manager.store.local_secret import BadLocalSecret
from vip_manager.store.lock import DataDirLock
from vip_manager.store.sealing import TOKENS, Sealer
from vip_manager.store.sqlite import backup as files
from vip_manager.store.sqlite.backup import Made
from vip_manager.store.sqlite.store import SqliteStore
from vip_manager.store.stamp import NoData

IN_FIRESTORE = (
    "The data is in Firestore, which Google backs up: turn on daily backups and point-in-time recovery "
    "(docs/backup.md), or write all of it to a file with `export`."
)


@dataclass(frozen=True, slots=True)
class Put:
    """What a restore has done. `aside`: where what was there lies now; `lost`: in lines, what that knew and the backup
    does not, None where it could not be read."""

    since: datetime
    until: datetime
    marked: Marked
    aside: Path | None
    lost: list[str] | None


def back_up(settings: Settings, directory: Path, keep: int, *, clock: Clock | None = None) -> Made:
    """Works beside a running server. `clock`, here and below, stands in for domain time. Raises CantOpen, StoreError;
    nothing is pruned then."""
    if settings.google_cloud_project:
        raise CantOpen(IN_FIRESTORE)
    if not sqlite_file(settings).exists():
        raise NoData(str(settings.data_dir))
    try:
        clock = clock or _clock(settings)
        return files.back_up(sqlite_file(settings), directory, clock.now(), clock.real(), keep)
    except OSError as error:
        raise CantOpen(f"No backup was made, and none deleted: {error}.") from error


async def restore(settings: Settings, backup: Path, lost_at: datetime | None, *, clock: Clock | None = None) -> Put:
    """Only where no server runs. Raises CantOpen, StoreError: the data is what it was then."""
    if settings.google_cloud_project:
        raise CantOpen(
            "The data is in Firestore: restore one of Google's backups into a new database, let FIRESTORE_DATABASE "
            "name it, then run `restore --mark TIME` with the time of that backup (docs/backup.md)."
        )
    try:
        with DataDirLock(settings.data_dir), files.draft_of(backup, settings.data_dir, stamp(settings)) as draft:
            return await _put(settings, draft, lost_at, clock or _clock(settings))
    except (BadLocalSecret, OSError) as error:
        raise CantOpen(f"Nothing was restored: {error}.") from error


async def mark(settings: Settings, since: datetime, lost_at: datetime | None, *, clock: Clock | None = None) -> Marked:
    """What is stored was put back by other means, to how it stood at `since`. Where the store is a file, only where no
    server runs. Raises CantOpen, StoreError."""
    clock = clock or _clock(settings)
    if since > clock.now():
        raise CantOpen(f"{since:%F %T} UTC is still to come.")
    try:
        with nullcontext() if settings.google_cloud_project else DataDirLock(settings.data_dir):
            store = await open_store(settings, existing=True)
            try:
                return await Restored(store, clock).mark(since, max(since, lost_at or clock.now()))
            finally:
                await store.close()
    except (BadLocalSecret, OSError) as error:
        raise CantOpen(f"The data in {settings.data_dir} can't be opened: {error}.") from error


async def _put(settings: Settings, draft: Path, lost_at: datetime | None, clock: Clock) -> Put:
    target = sqlite_file(settings)
    sealer = Sealer(root_secrets(settings), TOKENS)
    now = clock.now()
    since = min(files.backed_up_at(draft) or now, now)
    there = target.exists()
    until = min(max(lost_at or _last_written(target) or now, since), now)
    before = await _books(settings, target, sealer) if there and files.sound(target) else None
    store = SqliteStore.open(draft, sealer, stamp(settings))
    try:
        missing = None if before is None else lost(before, await store.books())
        marked = await Restored(store, clock).mark(since, until)
    finally:
        await store.close()
    aside = files.put_in_place(draft, target, clock.real())
    return Put(since, until, marked, aside, missing)


def _last_written(target: Path) -> datetime | None:
    """When the program last did anything, as far as what lies there tells: everything that it does leaves a line."""
    if at := files.last_work_at(target):
        return at
    written = [path.stat().st_mtime for path in (target, target.with_name(f"{target.name}-wal")) if path.exists()]
    return datetime.fromtimestamp(max(written), UTC) if written else None


async def _books(settings: Settings, target: Path, sealer: Sealer) -> Books | None:
    """Of what is to be replaced; None where it can't be read."""
    with suppress(StoreError, OSError):
        store = SqliteStore.open(target, sealer, stamp(settings))
        try:
            return await store.books()
        finally:
            await store.close()
    return None


def _clock(settings: Settings) -> Clock:
    try:
        return clock_of(open_world(settings))
    except WorldFileError as error:
        raise CantOpen(str(error)) from error
