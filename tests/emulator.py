"""Google's own Firestore emulator: one a pytest process, started when the first test asks for it.

Tests share it and don't disturb one another: each has a project of its own, which costs nothing to make.
"""

import atexit
import http.client
import os
import shutil
import socket
import subprocess
import tempfile
import time
import uuid
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from tests.conftest import REQUIRED

_IN_ROOT = "platform/cloud-firestore-emulator/cloud-firestore-emulator.jar"
_MAIN = "com.google.cloud.datastore.emulator.firestore.CloudFirestore"
_START_WITHIN = 30.0
_UNTIL_WE_ARE_GONE = """
"$@" </dev/null &
read -r nothing
kill -9 $!
wait
"""
"""The pipe that it reads ends with this process, however that ends. What is lost with it nobody would miss."""


@dataclass(frozen=True, slots=True)
class Emulator:
    host: str
    port: int

    @property
    def address(self) -> str:
        return f"{self.host}:{self.port}"


def new_project() -> str:
    """The id of a project that nobody has used; whatever is in it stays in it."""
    return f"test-{uuid.uuid4().hex[:20]}"


@cache
def running() -> Emulator:
    """The one that FIRESTORE_EMULATOR_HOST names, or one of our own. Skips the test where there is none to be had, and
    fails it where all parts are required."""
    named = os.environ.get("FIRESTORE_EMULATOR_HOST")
    if named:
        host, _, port = named.rpartition(":")
        return Emulator(host, int(port))
    jar, java = _find_jar(), shutil.which("java")
    if jar is None or java is None:
        missing = "java" if java is None else "the jar of Google's Firestore emulator (FIRESTORE_EMULATOR_JAR)"
        if REQUIRED:
            pytest.fail(f"{missing} is missing")
        pytest.skip(f"{missing} is missing: gcloud components install cloud-firestore-emulator")
    return _start(java, jar)


def _find_jar() -> Path | None:
    places = [Path("/usr/lib/google-cloud-sdk") / _IN_ROOT]
    gcloud = shutil.which("gcloud")
    if gcloud:
        places.append(Path(gcloud).resolve().parent.parent / _IN_ROOT)
    if "CLOUDSDK_ROOT_DIR" in os.environ:
        places.append(Path(os.environ["CLOUDSDK_ROOT_DIR"]) / _IN_ROOT)
    if "FIRESTORE_EMULATOR_JAR" in os.environ:
        places.insert(0, Path(os.environ["FIRESTORE_EMULATOR_JAR"]))
    return next((place for place in places if place.is_file()), None)


def _start(java: str, jar: Path) -> Emulator:
    port = free_port()
    flags = ["-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Duser.language=en"]
    where = ["--host=127.0.0.1", f"--port={port}"]
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            ["sh", "-c", _UNTIL_WE_ARE_GONE, "sh", java, *flags, "-cp", str(jar), _MAIN, *where],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
        )
        atexit.register(_end, process)
        end = time.monotonic() + _START_WITHIN
        while not _answers(port):
            if process.poll() is not None or time.monotonic() > end:
                _end(process)
                log.seek(0)
                pytest.fail(f"the Firestore emulator did not start:\n{log.read().decode(errors='replace')[-2000:]}")
            time.sleep(0.05)
    return Emulator("127.0.0.1", port)


def _end(process: subprocess.Popen[bytes]) -> None:
    assert process.stdin is not None
    process.stdin.close()
    process.wait()


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=1)
    try:
        connection.request("GET", "/")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def free_port() -> int:
    """Nobody listens on it now."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
