"""Reads a Dockerfile: as much of its language as ours uses, and refuses the rest."""

import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

KNOWN = frozenset(
    {"FROM", "ENV", "LABEL", "WORKDIR", "COPY", "RUN", "USER", "VOLUME", "EXPOSE", "STOPSIGNAL", "HEALTHCHECK", "CMD"}
)


class NotUnderstood(Exception):
    """The Dockerfile says something that is not read here."""


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction, its lines joined: `COPY`, {"from": "build"}, "/opt/venv /opt/venv"."""

    name: str
    flags: dict[str, str]
    rest: str

    def form(self) -> list[str]:
        """The words of one that is given in JSON, as CMD. Raises NotUnderstood."""
        words = json.loads(self.rest) if self.rest.startswith("[") else None
        if not isinstance(words, list):
            raise NotUnderstood(f"{self.name}: only the form in brackets is read")
        return [str(word) for word in words]

    def pairs(self, known: dict[str, str]) -> dict[str, str]:
        """Name -> value of ENV and LABEL; `$NAME` is what `known` has."""
        pairs = dict(word.split("=", 1) for word in shlex.split(self.rest))
        return {name: re.sub(r"\$(\w+)", lambda found: known[found[1]], value) for name, value in pairs.items()}


def instructions(text: str) -> Iterator[Instruction]:
    """Raises NotUnderstood."""
    lines = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    for line in filter(str.strip, re.sub(r"\\\n\s*", "", lines).splitlines()):
        name, _, rest = line.partition(" ")
        if name not in KNOWN:
            raise NotUnderstood(f"{name} is not read here")
        flags = {}
        while flag := re.match(r"\s*--([a-z-]+)=(\S+)\s+", rest):
            flags[flag[1]] = flag[2]
            rest = rest[flag.end() :]
        yield Instruction(name, flags, rest.strip())


@dataclass(frozen=True, slots=True)
class Context:
    """What `.dockerignore` lets a build see, where it is of our kind: nothing, but what is named with a `!`; of that
    not what is named after it."""

    wanted: frozenset[str]
    unwanted: frozenset[str]

    @classmethod
    def read(cls, text: str) -> "Context":
        """Raises NotUnderstood."""
        lines = [line for line in text.splitlines() if line and not line.startswith("#")]
        if not lines or lines.pop(0) != "*":
            raise NotUnderstood(".dockerignore has to begin with *")
        wanted = frozenset(line[1:] for line in lines if line.startswith("!"))
        return cls(wanted, frozenset(line for line in lines if not line.startswith("!")))

    def has(self, path: str) -> bool:
        """Of a path as seen from the top of the project."""
        return any(Path(path).is_relative_to(one) for one in self.wanted) and not any(
            one.removeprefix("**/") in Path(path).parts if one.startswith("**/") else Path(path).is_relative_to(one)
            for one in self.unwanted
        )
