"""The sandbox's own root secret, made once and kept beside its data."""

import os
import secrets
from pathlib import Path

from vip_manager.store.private_files import make_directory, sync_directory

_NAME = "app-secret"
_LENGTH = 64


class BadLocalSecret(Exception):
    """The file that holds the secret is damaged. The message names the file and never what is in it."""


def local_app_secret(data_dir: Path) -> str:
    """The secret in `data_dir/app-secret` (mode 0600), made on first use. Two starts at once get the same one.

    Raises OSError, and BadLocalSecret where the file holds less than a secret.
    """
    make_directory(data_dir)
    path = data_dir / _NAME
    if not path.exists():
        _make(path)
    secret = path.read_text("ascii", errors="replace").strip()
    if len(secret) < _LENGTH:
        raise BadLocalSecret(f"{path} is damaged. Delete it: a new one is made, and everybody signs in again.")
    path.chmod(0o600)
    return secret


def _make(path: Path) -> None:
    """Written whole under another name and then linked, so that nobody ever reads half a secret, nor after a crash."""
    draft = path.with_name(f".{_NAME}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        try:
            os.write(descriptor, f"{secrets.token_hex(_LENGTH // 2)}\n".encode())
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        try:
            os.link(draft, path)
        except FileExistsError:
            return  # another start was faster: its secret counts
        sync_directory(path.parent)
    finally:
        draft.unlink()
