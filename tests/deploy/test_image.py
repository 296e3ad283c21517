"""The recipe of the image; deploy/image_check.py tries what comes of it."""

import http.client
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.dockerfile import Context, Instruction, NotUnderstood, instructions
from vip_manager import alive, page

ROOT = Path(__file__).resolve().parents[2]
STEPS = list(instructions((ROOT / "Dockerfile").read_text()))
CONTEXT = Context.read((ROOT / ".dockerignore").read_text())


def last_stage() -> list[Instruction]:
    begins = max(number for number, step in enumerate(STEPS) if step.name == "FROM")
    return STEPS[begins:]


def test_hadolint_has_nothing_to_say() -> None:
    hadolint = Path(sys.executable).with_name("hadolint")
    done = subprocess.run([hadolint, ROOT / "Dockerfile"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_what_it_is_made_from_is_pinned() -> None:
    stages = {step.rest.partition(" AS ")[2] for step in STEPS if step.name == "FROM"}
    bases = {step.rest.partition(" AS ")[0] for step in STEPS if step.name == "FROM"} - stages
    [base] = bases
    tag, digest = base.split("@sha256:")
    assert tag.startswith("python:3.13.")
    assert len(digest) == 64
    [install] = [step.rest for step in STEPS if "pip install" in step.rest]
    assert "--require-hashes -r deploy/requirements.lock" in install


def test_it_does_not_run_as_root() -> None:
    [user] = [step.rest for step in last_stage() if step.name == "USER"]
    assert all(int(part) >= 10000 for part in user.split(":"))


def test_it_is_the_program_itself_that_is_told_to_stop() -> None:
    """No shell stands before it."""
    [command] = [step.form() for step in last_stage() if step.name == "CMD"]
    assert command == ["python", "-m", "vip_manager.server"]


def test_nothing_is_built_where_it_runs() -> None:
    """The last stage has each input of the page, and the stamp that says so."""
    copied = {
        source.removeprefix("/app/") for step in last_stage() if step.name == "COPY" for source in step.rest.split()
    }
    assert {*page._INPUTS, ".web/build/client", ".web/build/inputs.sha256", ".web/backend"} <= copied
    assert all(step.flags == {"from": "build"} for step in last_stage() if step.name == "COPY")


@pytest.mark.parametrize(
    "path",
    [".git/config", "data/vip.db", ".env", ".venv/bin/python", ".web/env.json", "tests/house.py", "docs/api.md"],
)
def test_the_build_does_not_see(path: str) -> None:
    assert not CONTEXT.has(path)


@pytest.mark.parametrize("path", ["vip_manager/__pycache__/server.cpython-313.pyc", "assets/external/x.js"])
def test_nor_what_is_made_beside_the_sources(path: str) -> None:
    assert not CONTEXT.has(path)


def test_the_build_sees_what_it_copies_and_no_more() -> None:
    copied = {
        source
        for step in STEPS
        if step.name == "COPY" and "from" not in step.flags
        for source in step.rest.split()[:-1]
    }
    assert copied == CONTEXT.wanted


@pytest.mark.parametrize("line", ["ADD https://example.org/x /x", "ARG X", "ONBUILD RUN true"])
def test_the_check_refuses_what_it_does_not_understand(line: str) -> None:
    with pytest.raises(NotUnderstood):
        list(instructions(line))


@pytest.mark.parametrize(("status", "code"), [(200, 0), (503, 1)])
def test_a_server_that_answers_is_alive(monkeypatch: pytest.MonkeyPatch, status: int, code: int) -> None:
    class Answers:
        def __init__(self, host: str, port: int, timeout: float) -> None:
            assert (host, port) == ("127.0.0.1", 4567)
            self.status = status

        def request(self, method: str, path: str) -> None:
            assert (method, path) == ("GET", "/api/health")

        def getresponse(self) -> "Answers":
            return self

        def close(self) -> None: ...

    monkeypatch.setenv("PORT", "4567")
    monkeypatch.setattr(http.client, "HTTPConnection", Answers)
    assert alive.main() == code


def test_where_nobody_answers_nothing_is_alive(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "1")
    assert alive.main() == 1
