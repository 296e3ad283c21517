"""The README's table is one that `python -m benchmarks --write` made, and of what is measured now."""

import ast
import re
import sys
from pathlib import Path

import pytest

from benchmarks import together
from benchmarks.__main__ import NEEDS
from benchmarks.rows import Row, table

ROOT = Path(__file__).resolve().parent.parent / "benchmarks"


def _names(module: str) -> set[str]:
    """A regular expression for the name of each row that a benchmark makes."""
    calls = [
        node
        for node in ast.walk(ast.parse((ROOT / f"{module}.py").read_text("utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Row"
    ]
    return {_pattern(one.args[0]) for one in calls}


def _pattern(name: ast.expr) -> str:
    parts = name.values if isinstance(name, ast.JoinedStr) else [name]
    return "".join(re.escape(str(one.value)) if isinstance(one, ast.Constant) else ".+" for one in parts)


@pytest.mark.parametrize("module", NEEDS)
def test_a_benchmark_has_rows(module: str) -> None:
    assert _names(module)


def test_the_table_in_the_readme_is_of_what_is_measured() -> None:
    head, _, rows = together.written().partition("\n\n")
    assert re.fullmatch(r"Measured on \d{4}-\d\d-\d\d, on .+, \d+ cores, \d+ GiB, Linux [\d.]+, Python 3[\d.]+:", head)
    shown = [line.split(" | ")[0].removeprefix("| ") for line in rows.splitlines()[2:]]
    wanted = {pattern for module in NEEDS for pattern in _names(module)}
    assert [one for one in wanted if not any(re.fullmatch(one, name) for name in shown)] == []
    assert [name for name in shown if not any(re.fullmatch(one, name) for one in wanted)] == []


def test_a_table_is_put_between_the_marks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    readme = tmp_path / "README.md"
    readme.write_text(f"before\n{together.BEGIN}\nold\n{together.END}\nafter\n")
    monkeypatch.setattr(together, "README", readme)
    made = together.measured(table([Row("a walk", "ms", 2000.0, 1000.0, 1.5)]))
    together.write(made)
    text = readme.read_text()
    assert text.startswith(f"before\n{together.BEGIN}\nMeasured on 20")
    assert text.endswith(f"\n{together.END}\nafter\n")
    assert "old" not in text
    assert f"Python {sys.version_info.major}.{sys.version_info.minor}" in together.written()
    assert "| a walk | 2,000 ms | 1,000 ms | 2.00x | ≤ 1.5x | **no** |" in together.written()


def test_without_marks_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    readme = tmp_path / "README.md"
    readme.write_text("no marks")
    monkeypatch.setattr(together, "README", readme)
    with pytest.raises(RuntimeError, match="both marks"):
        together.write("a table")
    assert readme.read_text() == "no marks"
