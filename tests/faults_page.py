"""Makes the tables of `docs/faults.md` from the rows that are tested: `python -m tests.faults_page`."""

import re
from pathlib import Path

from tests.services.faults.row import Row, Step
from tests.services.faults.table import STEPS

PAGE = Path(__file__).resolve().parent.parent / "docs" / "faults.md"
BEGIN, END = "<!-- faults: made -->", "<!-- faults: end -->"
HEAD = ("fault", "meanwhile", "the viewer ends with", "the streamer ends with", "the ledger ends with")


def section(step: Step) -> str:
    """A heading, what the step is, and a row a fault."""
    rows = [HEAD, ["---"] * len(HEAD), *(_cells(row) for row in step.rows)]
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    return f"## {step.title[0].upper()}{step.title[1:]}\n{step.says}\n\n{table}"


def made(text: str) -> str:
    """The page with what stands between its marks made anew."""
    part = "\n\n".join([BEGIN, *(section(step) for step in STEPS), END])
    text, found = re.subn(f"{BEGIN}.*?{END}", lambda _: part, text, flags=re.DOTALL)
    if found != 1:
        raise ValueError(f"{BEGIN} … {END} stands {found} times in the page")
    return text


def _cells(row: Row) -> list[str]:
    ends = row.ends
    return [row.words, row.meanwhile.words, ends.viewer, ends.streamer, ends.ledger]


if __name__ == "__main__":
    PAGE.write_text(made(PAGE.read_text()))
