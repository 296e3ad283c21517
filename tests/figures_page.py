"""Writes all that is measured into `docs/observability.md`: `python -m tests.figures_page`."""

import re
from collections.abc import Iterator
from pathlib import Path

from opentelemetry import metrics

from vip_manager import measures

PAGE = Path(__file__).resolve().parent.parent / "docs" / "observability.md"
BEGIN, END = "<!-- figures: drawn -->", "<!-- figures: end -->"


def drawn(text: str) -> str:
    """The page with the table between its marks made anew."""
    table = "\n".join(["| figure | what it says |", "|---|---|", *sorted(_rows())])
    text, found = re.subn(f"{BEGIN}.*?{END}", lambda _: f"{BEGIN}\n\n{table}\n\n{END}", text, flags=re.DOTALL)
    if found != 1:
        raise ValueError(f"{BEGIN} … {END} stands {found} times in the page")
    return text


def instruments() -> list[metrics.Instrument]:
    return [one for one in vars(measures).values() if isinstance(one, metrics.Instrument)]


def name(instrument: metrics.Instrument) -> str:
    """OpenTelemetry's API has no way to ask for it."""
    return str(instrument._name)  # type: ignore[attr-defined]


def _rows() -> Iterator[str]:
    for one in instruments():
        yield f"| `{name(one)}` | {one._description} |"  # type: ignore[attr-defined]


if __name__ == "__main__":
    PAGE.write_text(drawn(PAGE.read_text()))
