"""Directories and files that only their owner may enter and read."""

import os
from pathlib import Path


def make_directory(path: Path) -> None:
    """Makes the directory and what is missing above it, each with mode 0700.

    One that is there keeps its mode: it may be shared on purpose, and the files that hold data have modes of their own.
    Raises OSError.
    """
    for directory in (*reversed(path.parents), path):
        if not directory.exists():
            directory.mkdir(mode=0o700, exist_ok=True)
    if not path.is_dir():
        raise NotADirectoryError(f"{path} is not a directory")


def create_file(path: Path) -> None:
    """Makes an empty file where there is none; mode 0600 either way.

    A file that is there is never opened: closing it again would drop the POSIX locks that SQLite in this process holds
    on it (https://sqlite.org/howtocorrupt.html, 2.2).
    """
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    except FileExistsError:
        path.chmod(0o600)
    else:
        sync_directory(path.parent)


def open_file(path: Path) -> int:
    """A descriptor of the file, made where it is missing; mode 0600 either way."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        # O_CREAT's mode is cut by the umask only, and says nothing of a file that was there.
        os.fchmod(descriptor, 0o600)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def sync_directory(path: Path) -> None:
    """A new file's name is durable only once its directory is."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
