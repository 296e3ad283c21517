"""Every word that people read: what the program says, and the catalogues in `assets/words/` that say it in other
languages. `python -m tests.words` brings the catalogues up to date: what is new stands in them empty."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
PROGRAM = ROOT / "vip_manager"
CATALOGUES = ROOT / "assets" / "words"
LANGUAGES = ("de", "es", "fr")

_FIRST = frozenset({"t", "rich", "message", "Sentence", "_say", "_fail", "_said", "refused"})
"""Calls whose first argument is for people."""
_SECOND = frozenset({"InvalidInput"})
_WORDS = re.compile(r"\w*words\.py$")
"""Modules whose every sentence is for people."""
_IN_SCRIPT = re.compile(r"""(?<![\w.])t\(\s*(?:"((?:[^"\\]|\\.)+)"|'([^']+)')""")


def every() -> list[str]:
    """All templates, in English, in the order of the alphabet."""
    found: set[str] = set()
    for path in sorted(PROGRAM.rglob("*.py")):
        if "simulator" in path.relative_to(PROGRAM).parts:
            continue
        tree = ast.parse(path.read_text("utf-8"))
        found.update(_called(tree))
        if _WORDS.search(path.name):
            found.update(_sentences(tree))
    for path in sorted((ROOT / "assets").glob("*.jsx")):
        found.update(json.loads(f'"{one or other}"') for one, other in _IN_SCRIPT.findall(path.read_text("utf-8")))
    return sorted(found, key=lambda one: (one.lower(), one))


def catalogue(language: str) -> dict[str, str]:
    found: dict[str, str] = json.loads((CATALOGUES / f"{language}.json").read_text("utf-8"))
    return found


def _called(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        place = 0 if name in _FIRST else 1 if name in _SECOND else None
        if place is not None and len(node.args) > place:
            yield from _literals(node.args[place])


def _literals(node: ast.expr) -> Iterator[str]:
    match node:
        case ast.Constant(value=str(text)) if re.search(r"[A-Za-z]", text):
            yield text
        case ast.IfExp(body=body, orelse=orelse):
            yield from _literals(body)
            yield from _literals(orelse)


def _sentences(tree: ast.Module) -> Iterator[str]:
    """The values of its tables and constants, and what its functions return: whatever looks like words."""
    keys = {id(key) for node in ast.walk(tree) if isinstance(node, ast.Dict) for key in node.keys if key}
    said = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Dict | ast.Assign | ast.AnnAssign | ast.Return | ast.Tuple):
            for child in ast.iter_child_nodes(node):
                if not isinstance(child, ast.Constant) or id(child) in keys | said:
                    continue
                if isinstance(child.value, str) and re.search(r"^[A-Z{“]|[a-z] [a-z]", child.value):
                    yield child.value


def main() -> None:
    wanted = every()
    for language in LANGUAGES:
        known = catalogue(language)
        text = json.dumps({one: known.get(one, "") for one in wanted}, ensure_ascii=False, indent=0)
        (CATALOGUES / f"{language}.json").write_text(text + "\n", "utf-8")
        print(f"{language}: {len(wanted)} in all, {sum(not known.get(one) for one in wanted)} to be said yet")


if __name__ == "__main__":
    main()
