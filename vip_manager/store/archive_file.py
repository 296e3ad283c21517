"""The file that an export is written to and an import is read from. `-` is standard output, and standard input."""

import errno
import os
import secrets
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import IO

from vip_manager.store.private_files import sync_directory

STANDARD = "-"

_NO_LINKS = (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK)


@contextmanager
def new_file(name: str) -> Iterator[IO[bytes]]:
    """To write to. The file (mode 0600) is there once it is whole, and not at all where the block raises. Raises
    FileExistsError where there is one of that name; OSError."""
    if name == STANDARD:
        with _standard_output() as output:
            yield output
        return
    path = Path(name)
    if os.path.lexists(path):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), name)
    # Without its name, which may be as long as names can be.
    draft = path.with_name(f".vip-manager-export.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(descriptor)
        _name(draft, path)
        sync_directory(path.parent)
    finally:
        draft.unlink(missing_ok=True)


@contextmanager
def file_to_read(name: str) -> Iterator[IO[bytes]]:
    """One that can be read twice; what only comes once (a pipe) is put aside first. Raises OSError."""
    if name == STANDARD:
        with _kept(sys.stdin.buffer) as file:
            yield file
        return
    with Path(name).open("rb") as file:
        if file.seekable():
            yield file
        else:
            with _kept(file) as kept:
                yield kept


def _name(draft: Path, path: Path) -> None:
    """A link does not take the place of a file that somebody else has made meanwhile; a rename would."""
    try:
        os.link(draft, path)
    except OSError as error:
        # A file system without links.
        if error.errno not in _NO_LINKS or os.path.lexists(path):
            raise
        draft.rename(path)


@contextmanager
def _kept(coming: IO[bytes]) -> Iterator[IO[bytes]]:
    with tempfile.TemporaryFile() as file:
        shutil.copyfileobj(coming, file)
        file.seek(0)
        yield file


@contextmanager
def _standard_output() -> Iterator[IO[bytes]]:
    """With nothing but what is written here in it: logs go to standard error meanwhile."""
    output = sys.stdout
    try:
        with redirect_stdout(sys.stderr):
            yield output.buffer
        output.flush()
    except BrokenPipeError:
        # Or Python flushes once more on its way out, and complains (https://docs.python.org/3/library/signal.html).
        os.dup2(os.open(os.devnull, os.O_WRONLY), output.fileno())
        raise
