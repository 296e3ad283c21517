"""What a benchmark found, beside a yardstick that was measured in the same run."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """`ours` and `yardstick` in `unit`; `reach` is the ratio of the two that is wanted: at most that, or at least that
    where `more` is better. Without a yardstick `reach` is for `ours` itself."""

    what: str
    unit: str
    ours: float
    yardstick: float | None
    reach: float
    more: bool = False

    @property
    def ratio(self) -> float:
        """Of ours to the yardstick, or ours itself where there is none."""
        return self.ours if self.yardstick is None else self.ours / self.yardstick

    @property
    def reached(self) -> bool:
        return self.ratio >= self.reach if self.more else self.ratio <= self.reach


def table(rows: Iterable[Row]) -> str:
    """In Markdown, as the README has it."""
    lines = ["| what | ours | yardstick, same run | ratio | to reach | |", "|---|---|---|---|---|---|"]
    for row in rows:
        beside = f"{row.yardstick:,.4g} {row.unit}" if row.yardstick is not None else "–"
        ratio = f"{row.ratio:.2f}x" if row.yardstick is not None else "–"
        unit = "x" if row.yardstick is not None else f" {row.unit}"
        reach = f"{'≥' if row.more else '≤'} {round(row.reach, 2):,.6g}{unit}"
        said = "yes" if row.reached else "**no**"
        lines.append(f"| {row.what} | {row.ours:,.4g} {row.unit} | {beside} | {ratio} | {reach} | {said} |")
    return "\n".join(lines)


def shown(rows: Sequence[Row]) -> int:
    """Prints the table; 0 where all is reached, else 1."""
    print("\n" + table(rows))
    return 0 if all(row.reached for row in rows) else 1
