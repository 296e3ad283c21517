"""One running server holds the data directory; commands work beside it without the lock."""

import fcntl
import os
from pathlib import Path
from types import TracebackType

from vip_manager.ports import StoreError
from vip_manager.store.private_files import make_directory, open_file


class DataDirBusy(StoreError):
    """Another server holds the directory. `pid` is its process id, where it could be read."""

    def __init__(self, path: Path, pid: int | None) -> None:
        who = f"process {pid}" if pid else "another process"
        super().__init__(
            f"VIP Manager is already running on the data in {path} ({who}). "
            "Stop it first, or give this one its own DATA_DIR and PORT."
        )
        self.pid = pid


class DataDirLock:
    """Holds `path/lock` from construction until `release`, or until the process is gone, however it went.

    The lock is the kernel's (flock); the file is only its handle, and stays.

    Raises DataDirBusy at once where another holds it; OSError where the directory can't be made.
    """

    def __init__(self, path: Path) -> None:
        make_directory(path)
        descriptor = open_file(path / "lock")
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pid = _read_pid(descriptor)
            os.close(descriptor)
            raise DataDirBusy(path, pid) from None
        except BaseException:
            os.close(descriptor)
            raise
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        self._descriptor: int | None = descriptor

    def release(self) -> None:
        """A second time does nothing."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def __enter__(self) -> "DataDirLock":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def holder(path: Path) -> int | None:
    """The process id of the server that holds that directory, 0 where it can't be read; None where none does. Raises
    OSError."""
    try:
        descriptor = os.open(path / "lock", os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        # For a moment only, and beside others who look.
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _read_pid(descriptor) or 0
    finally:
        os.close(descriptor)
    return None


def _read_pid(descriptor: int) -> int | None:
    text = os.pread(descriptor, 32, 0).decode("ascii", errors="replace").strip()
    return int(text) if text.isdecimal() else None
