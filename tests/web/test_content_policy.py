"""The policy of the pages: their own scripts run, by their hashes, and nothing else does."""

import ast
import base64
import hashlib
import re
from pathlib import Path

import pytest

from vip_manager import page
from vip_manager.web import content_policy

PACKAGE = page.ROOT / "vip_manager"

NEEDS_EVAL = {
    "toast",
    "call_script",
    "call_function",
    "run_script",
    "set_clipboard",
    "window_alert",
    "console_log",
    "scroll_to",
    "evalReactComponent",
    "client_state",
}
"""What Reflex sends to a page as text to be run, where a handler returns it (Reflex 0.10.1)."""


def hashed(script: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"


def test_inline_scripts_are_found_as_a_browser_hashes_them(tmp_path: Path) -> None:
    below = tmp_path / "dashboard"
    below.mkdir()
    script = '\n  if (a < b && c > "é") { run("</p> &amp; <!-- x") }\n'
    (tmp_path / "index.html").write_text(
        f"<head><script>{script}</script><script src='/a.js'></script></head>", "utf-8"
    )
    (below / "index.html").write_text("<SCRIPT type=module>two()</SCRIPT ><p>text</p><script>two()</script>", "utf-8")
    assert content_policy.script_hashes(tmp_path) == tuple(sorted([hashed(script), hashed("two()")]))


def test_where_nothing_is_built_no_inline_script_runs(tmp_path: Path) -> None:
    assert content_policy.script_hashes(tmp_path / "none") == ()
    assert "script-src 'self';" in content_policy.of_page(())


def test_the_built_page_has_inline_scripts_and_no_inline_handlers(built_page: None) -> None:
    assert content_policy.script_hashes(page.BUILT)
    for file in page.BUILT.rglob("*.html"):
        assert not re.search(r"<[^>]+\son[a-z]+\s*=", file.read_text()), file


@pytest.mark.parametrize("policy", [content_policy.of_page(["'sha256-x'"]), content_policy.CLOSED])
def test_nothing_is_allowed_that_is_not_named(policy: str) -> None:
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules["default-src"] == "'none'"
    assert rules["base-uri"] == rules["frame-ancestors"] == "'none'"
    assert "unsafe" not in rules.get("script-src", "")
    assert "*" not in policy
    assert "http:" not in policy


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_handler_sends_a_page_text_to_be_run(path: Path) -> None:
    """The policy would stop it, and without a word."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Attribute) and ast.unparse(node).startswith(("rx.", "reflex.")):
            assert node.attr not in NEEDS_EVAL, f"{path}:{node.lineno}"
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("reflex"):
            assert not NEEDS_EVAL & {alias.name for alias in node.names}, f"{path}:{node.lineno}"
