"""Which scripts, styles and pictures a page may load (Content Security Policy, https://www.w3.org/TR/CSP3/).

The page's own inline scripts are known once it is built, so each is allowed by its hash and no other inline script
runs. Styles may be inline: the page's components set them while it is looked at.
"""

import base64
import hashlib
import re
from collections.abc import Iterable
from html.parser import HTMLParser
from pathlib import Path

CLOSED = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
"""For what is data and no page."""
UNFRAMED = "frame-ancestors 'none'"

_SCRIPT = re.compile(r"<script\b.*?</script\b[^>]*>", re.IGNORECASE | re.DOTALL)


def of_page(script_hashes: Iterable[str], pictures_from: Iterable[str] = (), *, framed: bool = False) -> str:
    """`framed`: other sites may show the page within theirs."""
    rules = [
        "default-src 'none'",
        " ".join(["script-src 'self'", *script_hashes]),
        "style-src 'self' 'unsafe-inline'",
        " ".join(["img-src 'self' data: https:", *pictures_from]),
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "object-src 'none'",
    ]
    return "; ".join(rules if framed else [*rules, UNFRAMED])


def script_hashes(built: Path) -> tuple[str, ...]:
    """Of every inline script in the HTML files below `built`, as a policy names them; none where nothing is built."""
    found: set[str] = set()
    for file in built.rglob("*.html"):
        reader = _InlineScripts()
        # What stands between scripts is most of a page, and none of it can hold one.
        for script in _SCRIPT.finditer(file.read_text("utf-8")):
            reader.feed(script.group())
        reader.close()
        found.update(map(_named, reader.found))
    return tuple(sorted(found))


def _named(script: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"


class _InlineScripts(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.found: list[str] = []
        self._inside = False

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag == "script" and "src" not in dict(attributes):
            self._inside = True
            self.found.append("")

    def handle_endtag(self, tag: str) -> None:
        if tag == "script":
            self._inside = False

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.found[-1] += data
