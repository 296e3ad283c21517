"""Draws the domain's two tables into `docs/ledger.md`: `python -m tests.ledger_page`."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from vip_manager.domain.life import Hours, Life, Transition, Who
from vip_manager.domain.redemption_life import REDEMPTION_LIFE
from vip_manager.domain.session_life import SESSION_LIFE

PAGE = Path(__file__).resolve().parent.parent / "docs" / "ledger.md"
LIVES: tuple[Life[Any, Any], ...] = (REDEMPTION_LIFE, SESSION_LIFE)


def drawing(life: Life[Any, Any]) -> str:
    """A Mermaid state diagram of the arrows that lead from one state to another."""
    moves: dict[tuple[str, str], list[str]] = {}
    for one in life.transitions:
        if one.before is not one.after:
            moves.setdefault((one.before or "[*]", one.after), []).append(one.move)
    arrows = [f"    {before} --> {after}: {', '.join(names)}" for (before, after), names in moves.items()]
    ends = [f"    {state} --> [*]" for state in sorted(life.last)]
    return "\n".join(["```mermaid", "stateDiagram-v2", *arrows, *ends, "```"])


def table(life: Life[Any, Any]) -> str:
    """A row a transition; points only where the record has some."""
    points = any(one.points for one in life.transitions)
    head = ["state", "move", "next", "who", "hours", *(["points"] if points else []), "audit log", "what it is"]
    rows = [head, ["---"] * len(head), *(_cells(one, points) for one in life.transitions)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def drawn(text: str) -> str:
    """The page with what stands between its marks drawn anew."""
    for life in LIVES:
        begin, end = f"<!-- {life.kind}: drawn -->", f"<!-- {life.kind}: end -->"
        part = "\n\n".join([begin, drawing(life), table(life), end])
        text, found = re.subn(f"{begin}.*?{end}", lambda _, part=part: part, text, flags=re.DOTALL)  # type: ignore[misc]
        if found != 1:
            raise ValueError(f"{begin} … {end} stands {found} times in the page")
    return text


def _cells(one: Transition[Any, Any], points: bool) -> list[str]:
    return [
        f"`{one.before}`" if one.before else "",
        one.move,
        f"`{one.after}`" if one.after is not one.before else "the same",
        ", ".join(who for who in Who if who in one.who),
        "" if one.hours is Hours.AS_THEY_WERE else one.hours,
        *([one.points or ""] if points else []),
        _log(one.log, one.may_log),
        one.means,
    ]


def _log(always: Iterable[str], perhaps: Iterable[str]) -> str:
    lines = [f"`{action}`" for action in sorted(always)] + [f"perhaps `{action}`" for action in sorted(perhaps)]
    return ", ".join(lines)


if __name__ == "__main__":
    PAGE.write_text(drawn(PAGE.read_text()))
