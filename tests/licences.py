"""Under which licences there is what the program is made of and what tests it. `python -m tests.licences` writes the
list, docs/licences.md; every dependency's licence has to be one that is agreed to below."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "licences.md"
LOCKS = {"program": ROOT / "deploy" / "requirements.lock", "tests": ROOT / "tests" / "requirements.lock"}
NODE_MODULES = ROOT / ".web" / "node_modules"
PAGE_LOCK = ROOT / "reflex.lock" / "bun.lock"

AGREED = frozenset(
    {
        *("0BSD", "Apache-2.0", "BlueOak-1.0.0", "BSD-2-Clause", "BSD-3-Clause", "CC-BY-4.0", "ISC", "MIT", "MIT-0"),
        *("MPL-2.0", "OFL-1.1", "PSF-2.0", "Python-2.0", "Unlicense", "ZPL-2.1"),
    }
)
"""They ask of us no more than to name them; MPL's asks more only of who changes such a file."""
ONLY_TESTED_WITH = frozenset({"CNRI-Python", "GPL-3.0-only", "LGPL-3.0-or-later"})
"""For what is installed to test, and never comes along."""

_OLDER_NAMES = {
    "Apache Software License": "Apache-2.0",
    "Apache License 2.0": "Apache-2.0",
    "Apache 2.0": "Apache-2.0",
    "MIT License": "MIT",
    "BSD License": "BSD-3-Clause",
    "3-Clause BSD License": "BSD-3-Clause",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
    "GNU Lesser General Public License v3 or later (LGPLv3+)": "LGPL-3.0-or-later",
    "ISC License (ISCL)": "ISC",
    "GPL-3.0": "GPL-3.0-only",
}
_TOLD_ELSEWHERE = {"axe-playwright-python": "MIT"}
"""Whose package does not say: its repository does."""


@dataclass(frozen=True, slots=True, order=True)
class Licensed:
    name: str
    version: str
    licence: str

    @property
    def parts(self) -> set[str]:
        """The licences that its expression speaks of."""
        return set(re.split(r"\s+(?:AND|OR|WITH)\s+|[()]", self.licence)) - {""}


def locked(lock: Path) -> dict[str, str]:
    """Name -> version, of what a lock pins for this platform or any other."""
    return dict(
        re.findall(r"^([a-z0-9._-]+)(?:\[[^]]*\])?==([^\s;\\]+)", lock.read_text(), re.MULTILINE | re.IGNORECASE)
    )


def installed(names: Iterable[str]) -> Iterator[Licensed]:
    """What of it this platform needs."""
    for name in names:
        try:
            found = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            continue
        yield Licensed(re.sub(r"[-_.]+", "-", found.name.lower()), found.version, _licence(found.metadata, name))


def of_the_page() -> Iterator[Licensed]:
    """What the page is built of and with: of what is installed, which may hold remains, what is locked."""
    locked = set(re.findall(r'": \["(@?[^@"]+@[^"]+)"', PAGE_LOCK.read_text()))
    for file in sorted(NODE_MODULES.glob("**/package.json")):
        if file.parent.parent.name != "node_modules" and not file.parent.parent.name.startswith("@"):
            continue
        told = json.loads(file.read_text())
        # Each platform has binaries of its own, under the licence of what they belong to.
        if f"{told.get('name')}@{told.get('version')}" in locked and not told.get("os"):
            older = next((one.get("type") for one in told.get("licenses", ())), "unknown")
            yield Licensed(told["name"], told["version"], str(told.get("license") or older))


def _licence(told: metadata.PackageMetadata, name: str) -> str:
    if name in _TOLD_ELSEWHERE:
        return _TOLD_ELSEWHERE[name]
    if expressions := told.get_all("License-Expression"):
        return str(expressions[0])
    classifiers = [one.rpartition(" :: ")[2] for one in told.get_all("Classifier") or () if one.startswith("License")]
    # A classifier can't say which BSD.
    said = list(told.get_all("License") or ()) if not classifiers or classifiers == ["BSD License"] else classifiers
    named = [one if one in AGREED else _OLDER_NAMES.get(one, "") for one in (*said, *classifiers)]
    return next((" AND ".join(dict.fromkeys(names)) for names in [[one for one in named if one]] if names), "unknown")


def drawn() -> str:
    program = sorted(installed(locked(LOCKS["program"])))
    tests = sorted(installed(set(locked(LOCKS["tests"])) - set(locked(LOCKS["program"]))))
    page = sorted(set(of_the_page()))
    return "\n".join(
        [
            "# Licences",
            "",
            "VIP Manager is under the [MIT licence](../LICENSE). What it is made of, as installed on Linux:",
            "",
            *_table("Python package", program),
            "",
            "## The page",
            "Built of these and with these; the font's licence is OFL-1.1, the icons' is ISC.",
            "",
            *_table("npm package", page),
            "",
            "## Tested with",
            "None of these comes along.",
            "",
            *_table("Python package", tests),
            "",
        ]
    )


def _table(what: str, rows: Iterable[Licensed]) -> Iterator[str]:
    yield f"| {what} | version | licence |"
    yield "|---|---|---|"
    for one in rows:
        yield f"| {one.name} | {one.version} | {one.licence} |"


if __name__ == "__main__":
    PAGE.write_text(drawn())
