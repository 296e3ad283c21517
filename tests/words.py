"""Every word that people read: what the program says, and the catalogues in `assets/words/` that say it in other
languages. `make words` brings the catalogues up to date: what is new stands in them empty.

A language has a catalogue for each Part of the program, and a browser loads those that its page needs: a viewer at the
board has no use for the words of the staff.
"""

import ast
import json
import re
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path

ROOT = Path(__file__).parent.parent
PROGRAM = ROOT / "vip_manager"
ASSETS = ROOT / "assets"
CATALOGUES = ASSETS / "words"
LANGUAGES = ("de", "es", "fr")


class Part(StrEnum):
    """Of the program, by who comes there; each needs the words of those before it (`assets/words.jsx`)."""

    PUBLIC = "public"
    STAFF = "staff"
    SANDBOX = "sandbox"


_PUBLIC = (
    *(f"vip_manager/ui/{name}.py" for name in ("app", "auth_state", "gate", "guard", "language", "template", "words")),
    *(f"vip_manager/ui/components/{name}.py" for name in ("banner", "browser", "button", "card", "dialog", "menu")),
    *(f"vip_manager/ui/components/{name}.py" for name in ("avatar", "field", "reward_card")),
    *(f"vip_manager/ui/pages/{name}.py" for name in ("landing", "lost", "overlay")),
    *(f"vip_manager/ui/pages/board/{name}.py" for name in ("own_time", "sharing", "state", "view")),
    "vip_manager/services/visibility.py",
    *(f"assets/{name}.jsx" for name in ("clock", "overlay", "share", "shell", "words")),
)
_SANDBOX = (
    "vip_manager/ui/pages/sandbox/",
    "vip_manager/ui/pages/components/",
    "vip_manager/services/sandbox.py",
    "assets/stage.jsx",
)
_FIRST = frozenset({"t", "rich", "message", "Sentence", "_say", "_fail", "_said", "refused"})
"""Calls whose first argument is for people."""
_SECOND = frozenset({"InvalidInput"})
_WORDS = re.compile(r"\w*words\.py$")
"""Modules whose every sentence is for people."""
_IN_SCRIPT = re.compile(r"""(?<![\w.])t\(\s*(?:"((?:[^"\\]|\\.)+)"|'([^']+)')""")


def every() -> dict[str, Part]:
    """All templates, in English, in the order of the alphabet; each with the first part that says it."""
    found: dict[str, Part] = {}
    for path, templates in _files():
        name = path.relative_to(ROOT).as_posix()
        part = Part.PUBLIC if name in _PUBLIC else Part.SANDBOX if name.startswith(_SANDBOX) else Part.STAFF
        for template in templates:
            found[template] = min(found.get(template, part), part, key=list(Part).index)
    return dict(sorted(found.items(), key=lambda one: (one[0].lower(), one[0])))


def catalogue(language: str, part: Part) -> dict[str, str]:
    found: dict[str, str] = json.loads(_file(language, part).read_text("utf-8"))
    return found


def _file(language: str, part: Part) -> Path:
    return CATALOGUES / language / f"{part}.json"


def _files() -> Iterator[tuple[Path, set[str]]]:
    for path in sorted(PROGRAM.rglob("*.py")):
        if path.relative_to(PROGRAM).parts[0] in ("domain", "services", "ui"):
            tree = ast.parse(path.read_text("utf-8"))
            yield path, {*_called(tree), *(_sentences(tree) if _WORDS.search(path.name) else ())}
    for path in sorted(ASSETS.glob("*.jsx")):
        yield path, {json.loads(f'"{one or other}"') for one, other in _IN_SCRIPT.findall(path.read_text("utf-8"))}


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
        known = {english: other for part in Part for english, other in catalogue(language, part).items()}
        for part in Part:
            words = {one: known.get(one, "") for one, where in wanted.items() if where is part}
            _file(language, part).write_text(json.dumps(words, ensure_ascii=False, indent=0) + "\n", "utf-8")
        print(f"{language}: {len(wanted)} in all, {sum(not known.get(one) for one in wanted)} to be said yet")


if __name__ == "__main__":
    main()
