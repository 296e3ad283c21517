"""What pages weigh, by their files as they were built: what a browser fetches before anybody has done anything.
`python -m benchmarks.weight` weighs them as they come over the wire, with headers and pictures."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from vip_manager import page

MOST_KB = {"index.html": 172, "dashboard/index.html": 200, "sandbox/index.html": 200, "404.html": 175}
"""Of 1000 bytes. What stays of a page's limit (180 for the first, 190 for a board, 270 for a dashboard) is for headers,
pictures, and more letters of the font."""

BOARD = "routes/[board].$[login]._index"


class Loaded(HTMLParser):
    """The files that a document names to be loaded at once."""

    def __init__(self, document: str) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.fonts: set[str] = set()
        self.feed(document)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        told = dict(attributes)
        href = told.get("href") or ""
        if tag == "link" and told.get("rel") in ("modulepreload", "preload", "stylesheet", "icon"):
            self.found.add(href)
        if told.get("as") == "font":
            self.fonts.add(href)


def on_the_wire(file: Path) -> int:
    compressed = file.with_name(f"{file.name}.br")
    return (compressed if compressed.exists() else file).stat().st_size


def files_of(document: str) -> set[str]:
    """The board's own too, which its document, one for all addresses that are not known beforehand, does not name."""
    found = Loaded((page.BUILT / document).read_text("utf-8")).found
    if document == "404.html":
        (manifest,) = (page.BUILT / "assets").glob("manifest-*.js")
        text = manifest.read_text("utf-8")
        board = json.loads(text[text.index("{") : text.rindex("}") + 1])["routes"][BOARD]
        found |= {board["module"], *board["imports"]}
    return found


@pytest.mark.parametrize("document", MOST_KB)
def test_a_page_is_not_too_heavy(document: str, built_page: None) -> None:
    weights = {name: on_the_wire(page.BUILT / name.removeprefix("/")) for name in files_of(document)}
    weights[document] = on_the_wire(page.BUILT / document)
    assert len(weights) > 8, "are these the page's files?"
    heaviest = sorted(weights.items(), key=lambda one: -one[1])
    assert sum(weights.values()) <= MOST_KB[document] * 1000, heaviest


def test_all_text_is_compressed(built_page: None) -> None:
    for file in page.BUILT.rglob("*"):
        if file.suffix in (".html", ".js", ".css", ".svg") and file.stat().st_size >= 256:
            assert file.with_name(f"{file.name}.br").exists(), file


def test_pages_fetch_the_font_that_the_style_names(built_page: None) -> None:
    for document in MOST_KB:
        loaded = Loaded((page.BUILT / document).read_text("utf-8"))
        (font,) = loaded.fonts
        (style,) = (name for name in loaded.found if name.endswith(".css"))
        assert re.search(rf"url\({re.escape(font)}\)", (page.BUILT / style.removeprefix("/")).read_text("utf-8"))
