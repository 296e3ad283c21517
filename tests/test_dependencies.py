"""Everything that is installed is pinned, by version and by hash, and its licence is one that is agreed to."""

import re
from pathlib import Path

import pytest

from tests.licences import AGREED, LOCKS, ONLY_TESTED_WITH, PAGE, ROOT, drawn, installed, locked, of_the_page

PINS = {"program": ROOT / "requirements.txt", "tests": ROOT / "tests" / "requirements.txt"}


def pinned(file: Path) -> dict[str, str]:
    text = file.read_text()
    found = {name.lower(): version for name, version in re.findall(r"^([\w.-]+)==([^\s#;]+)", text, re.MULTILINE)}
    assert len(found) == sum(bool(line.strip()) and line[0] not in "#-" for line in text.splitlines())
    return found


@pytest.mark.parametrize("part", PINS)
def test_a_lock_holds_what_is_pinned(part: str) -> None:
    pins = {name.replace("_", "-"): version for name, version in pinned(PINS[part]).items()}
    lock = {name.lower().replace("_", "-"): version for name, version in locked(LOCKS[part]).items()}
    assert {name: lock.get(name) for name in pins} == pins, "make lock"


def test_the_program_needs_nothing_that_is_not_pinned() -> None:
    """But what other platforms need."""
    pins = {name.replace("_", "-") for name in pinned(PINS["program"])}
    elsewhere = set(re.findall(r"^([\w.-]+)==\S+ ; ", LOCKS["program"].read_text(), re.MULTILINE))
    assert {name.lower().replace("_", "-") for name in locked(LOCKS["program"])} - elsewhere == pins


@pytest.mark.parametrize("part", LOCKS)
def test_each_has_its_hashes(part: str) -> None:
    blocks = re.split(r"^(?=[\w.-]+==)", LOCKS[part].read_text(), flags=re.MULTILINE)[1:]
    assert len(blocks) > 60
    assert [block.split()[0] for block in blocks if "--hash=sha256:" not in block] == []


def test_what_is_installed_is_what_is_locked() -> None:
    lock = {name.lower().replace("_", "-"): version for name, version in locked(LOCKS["tests"]).items()}
    found = {one.name: one.version for one in installed(lock)}
    assert {name: version for name, version in found.items() if lock[name] != version} == {}


def test_every_licence_is_agreed_to() -> None:
    program = set(locked(LOCKS["program"]))
    assert {one.name: one.licence for one in installed(program) if not one.parts <= AGREED} == {}
    others = set(locked(LOCKS["tests"])) - program
    assert {one.name: one.licence for one in installed(others) if not one.parts <= AGREED | ONLY_TESTED_WITH} == {}


def test_the_pages_too_and_the_list_names_them_all(built_page: None) -> None:
    page = list(of_the_page())
    assert len(page) > 100
    assert {one.name: one.licence for one in page if not one.parts <= AGREED} == {}
    assert PAGE.read_text() == drawn(), "python -m tests.licences"
