"""Asks the permission table and the pages' handlers, and writes the answers into `docs/permissions.md`:
`python -m tests.permissions_page`."""

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from reflex.state import BaseState

from vip_manager.domain.team import ALLOWED, MOST_MEMBERS, May
from vip_manager.ui import app  # noqa: F401  registers every State
from vip_manager.ui.team_words import MAYS, ROLES

PAGE = Path(__file__).resolve().parent.parent / "docs" / "permissions.md"
BEGIN, END = "<!-- permissions: drawn -->", "<!-- permissions: end -->"


def drawn(text: str) -> str:
    """The page with the tables between its marks made anew."""
    part = "\n\n".join([BEGIN, *tables(), END])
    text, found = re.subn(f"{BEGIN}.*?{END}", lambda _: part, text, flags=re.DOTALL)
    if found != 1:
        raise ValueError(f"{BEGIN} … {END} stands {found} times in the page")
    return text


def tables() -> Iterable[str]:
    roles = [role.value for role in ALLOWED]
    yield _table(
        ["may", *roles],
        ([words, *("yes" if act in ALLOWED[role] else "–" for role in ALLOWED)] for act, words in MAYS.items()),
    )
    yield _table(["who", ""], ([f"**{role}**", words] for role, words in ROLES.items()))
    yield f"A team has room for {MOST_MEMBERS} beside the owner."
    yield "What each act on the pages needs, by its handler's name:"
    yield _table(["permission", "acts"], ([f"`{act}`", ", ".join(_acts(act)) or "none yet"] for act in May))


def staff_acts() -> Iterator[tuple[type[BaseState], str, May]]:
    """Every handler that is for the staff, on whichever page, and what it needs."""
    queue = list(BaseState.__subclasses__())
    while queue:
        state = queue.pop(0)
        queue.extend(state.__subclasses__())
        if state.__module__.startswith("vip_manager."):
            for name, handler in state.event_handlers.items():
                if getattr(handler.fn, "_guarded", "") == "staff":
                    yield state, name, handler.fn._may


def _acts(act: May) -> list[str]:
    return sorted(f"`{state.__name__}.{name}`" for state, name, needed in staff_acts() if needed is act)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *rows))


if __name__ == "__main__":
    PAGE.write_text(drawn(PAGE.read_text()))
