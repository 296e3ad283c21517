"""Who may import whom. The rooms and their order are in docs/architecture.md."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "vip_manager"

BELOW: dict[str, set[str]] = {
    "vip_manager": {"bootstrap", "page", "ui", "web", "observability", "settings"},
    "commands": {"bootstrap", "clock", "services", "settings", "simulator", "store"},
    "recovery": {"bootstrap", "clock", "commands", "domain", "ports", "services", "settings", "simulator", "store"},
    "doctor": {"bootstrap", "clock", "domain", "ports", "services", "settings", "store", "twitch"},
    "restore_report": {"recovery", "services"},
    "__main__": {"bootstrap", "commands", "doctor", "ports", "recovery", "restore_report", "simulator", "settings"},
    "lean": set(),
    "server": {
        "bootstrap",
        "connection",
        "lean",
        "open_files",
        "page",
        "peers",
        "ports",
        "settings",
        "simulator",
        "store",
    },
    "bootstrap": {
        "clock",
        "background",
        "open_files",
        "outgoing",
        "ports",
        "services",
        "settings",
        "simulator",
        "store",
        "twitch",
        "observability",
        "web",
        "ui",
    },
    "clock": {"ports", "simulator"},
    "background": {"services", "ports", "domain"},
    "web": {"services", "ports", "domain", "addresses"},
    "ui": {"services", "ports", "domain"},
    "services": {"ports", "domain"},
    "twitch": {"ports", "domain"},
    "outgoing": {"ports", "domain"},
    "store": {"ports", "domain"},
    "simulator": {"ports", "addresses"},
    "observability": {"ports"},
    "ports": {"domain"},
    "domain": set(),
    "settings": {"environment", "variables", "addresses"},
    "environment": {"variables", "addresses"},
    "variables": set(),
    "addresses": set(),
    "alive": set(),
    "connection": {"peers", "services"},
    "peers": {"services"},
    "measures": set(),
    "tracing": set(),
    "open_files": set(),
    "page": set(),
    "page_build": {"page", "page_font"},
    "page_font": set(),
}
"""Each room, and the rooms that it may import beside itself."""

FOR_ALL = {"measures", "tracing"}
"""Whoever has something to measure, or to be found again, says so."""

ONLY_THERE = {
    "reflex": {"ui", "vip_manager", "page_build"},
    "fontTools": {"page_font"},
    "httpx": {"twitch", "simulator", "web"},
    "httpcore": {"outgoing"},
    "certifi": {"outgoing"},
    "authlib": {"twitch"},
    "sqlite3": {"store"},
    "starlette": {"web", "simulator", "vip_manager", "bootstrap"},
    "apscheduler": {"background"},
    "websockets": {"twitch"},
    "cryptography": {"store"},
    "google.cloud": {"store"},
    "google.api_core": {"store"},
    "google.auth": {"store", "web", "observability"},
    "google.protobuf": {"store"},
    "grpc": {"store", "observability"},
    "limits": {"store"},
    "redis": {"store"},
    "opentelemetry.sdk": {"observability"},
    "opentelemetry.exporter": {"observability"},
    "prometheus_client": {"observability"},
}
"""Libraries that bind a room to the outside, and the rooms that may know them."""

RECORDS_ARE_MADE_BY = {"replace", "Redemption", "VipSession"}

LONGEST_MODULE = 400
SPECIFICATION = {"ports.py"}
"""Longer for a reason: the one page on which the services' whole outside is written down."""


def modules() -> list[Path]:
    return sorted(path for path in PACKAGE.rglob("*.py") if path.name != "__init__.py")


def room(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            module = node.module or ""
            yield from ([f"{module}.{alias.name}" for alias in node.names] if module == "vip_manager" else [module])


def test_every_room_is_on_the_map() -> None:
    assert {room(path) for path in modules()} <= BELOW.keys()


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_room_imports_only_what_is_below_it(path: Path) -> None:
    allowed = BELOW[room(path)] | {room(path)} | FOR_ALL
    for name in imports(path):
        if name.startswith("vip_manager."):
            assert name.split(".")[1] in allowed, f"{room(path)} must not import {name}"


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_libraries_of_the_outside_stay_in_their_rooms(path: Path) -> None:
    for name in imports(path):
        for library, rooms in ONLY_THERE.items():
            if f"{name}.".startswith(f"{library}."):
                assert room(path) in rooms, f"{room(path)} must not import {name}"


def test_the_domain_needs_nothing_but_the_standard_library() -> None:
    for path in modules():
        if room(path) == "domain":
            for name in imports(path):
                top = name.split(".")[0]
                assert top in sys.stdlib_module_names or name.startswith("vip_manager.domain"), f"{path}: {name}"


def test_the_domain_does_not_read_the_clock() -> None:
    for path in modules():
        if room(path) in ("domain", "services"):
            assert "datetime.now(" not in path.read_text(), f"{path}: take `now` as a parameter, or from the clock"


def test_only_the_domain_moves_a_record_to_another_state() -> None:
    """Everybody else asks for a move, which its life allows or not."""
    for path in modules():
        if room(path) not in ("services", "web", "ui", "background", "bootstrap"):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in RECORDS_ARE_MADE_BY:
                assert "state" not in {keyword.arg for keyword in node.keywords}, f"{path}:{node.lineno}"


def test_modules_can_be_read_in_one_sitting() -> None:
    long = {
        path.name: lines
        for path in modules()
        if (lines := len(path.read_text().splitlines())) > LONGEST_MODULE and path.name not in SPECIFICATION
    }
    assert not long


def test_package_files_are_empty_and_no_drawer_is_full_of_odds_and_ends() -> None:
    for path in PACKAGE.rglob("*.py"):
        if path.name == "__init__.py":
            assert not path.read_text(), f"{path} is not empty"
        assert path.stem not in {"utils", "helpers", "manager", "base", "common", "misc"}, path


def test_importing_the_domain_loads_no_library() -> None:
    code = "import sys, vip_manager.domain.session; print('starlette' in sys.modules or 'reflex' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
