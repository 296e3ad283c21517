"""Builds the page, once for as long as its inputs stay what they are: `python -m vip_manager.page`, where the start may
not write."""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WEB = ROOT / ".web"
"""Where Reflex builds."""
BUILT = WEB / "build" / "client"
_STAMP = WEB / "build" / "inputs.sha256"
_INPUTS = ("rxconfig.py", "requirements.txt", "assets", "reflex.lock", "vip_manager")


class BuildFailed(Exception):
    """The page could not be built; the message is what the build said."""


def build_where_changed() -> bool:
    """Builds the page into `.web` unless it is there for these inputs. Says whether it did. Raises BuildFailed."""
    inputs = _digest()
    if BUILT.is_dir() and _STAMP.is_file() and _STAMP.read_text() == inputs:
        return False
    # Reflex copies only what is newer than its copy: one of an archive may be changed, and older than the last build.
    for earlier in (WEB / "build", WEB / "public"):
        shutil.rmtree(earlier, ignore_errors=True)
    with _unchanged(ROOT / "reflex.lock"):
        _export()
    _STAMP.write_text(inputs)
    return True


@contextmanager
def _unchanged(directory: Path) -> Iterator[None]:
    """Reflex writes its lock anew at each build, the same in another form; a build must not change its own inputs."""
    kept = {path: path.read_bytes() for path in directory.iterdir()}
    try:
        yield
    finally:
        for path, content in kept.items():
            path.write_bytes(content)


def _digest() -> str:
    """Every file that the page is made of. Python compiles the pages, so all of the package counts."""
    digest = hashlib.sha256(sys.version.encode())
    for name in _INPUTS:
        for path in sorted(_files(ROOT / name)):
            digest.update(path[len(str(ROOT)) :].encode() + b"\0")
            with open(path, "rb") as file:
                digest.update(hashlib.sha256(file.read()).digest())
    return digest.hexdigest()


def _files(top: Path) -> Iterator[str]:
    """By their names: hundreds, at every start."""
    if top.is_file():
        yield str(top)
    for directory, below, names in os.walk(top):
        below[:] = {*below} - {"__pycache__", "external"}
        yield from (os.path.join(directory, name) for name in names)


def _export() -> None:
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
        "REFLEX_ENV_MODE": "prod",
        "REFLEX_TELEMETRY_ENABLED": "false",
        "REFLEX_CHECK_LATEST_VERSION": "false",
        "NPM_CONFIG_REGISTRY": os.environ.get("NPM_CONFIG_REGISTRY", "https://registry.npmjs.org"),
    }
    done = subprocess.run(
        [sys.executable, "-m", "reflex", "export", "--no-zip"],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode or not (BUILT / "index.html").is_file():
        raise BuildFailed(done.stdout[-4000:])


if __name__ == "__main__":
    try:
        build_where_changed()
    except BuildFailed as failed:
        sys.exit(f"The page could not be built. This is what the build said:\n\n{failed}")
