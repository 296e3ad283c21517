"""The page's typeface, cut to what pages need of it: the weights they use, and figures of one width. Letters are in
three files, of which a browser fetches those that a page's text needs; all English text is in the smallest.

Ranges of characters are written as in CSS (https://www.w3.org/TR/css-fonts-4/#unicode-range-desc).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

PACKAGE = "@fontsource-variable/inter@5.3.0"
FAMILY = "Inter Variable"
LIGHTEST, BOLDEST = 400, 700

_FEATURES = ["ccmp", "kern", "locl", "mark", "mkmk", "rlig", "tnum"]
"""Of layout (https://learn.microsoft.com/typography/opentype/spec/featurelist): what letters need to stand well beside
one another, and `tnum`, figures of one width."""

_NAMES = [0, 1, 2, 13, 14]
"""Whose it is, what it is called, its licence."""


class FontIsAnother(Exception):
    """The package does not hold what it is to be cut from."""


@dataclass(frozen=True, slots=True)
class Part:
    """`ranges` as in CSS; those after it in PARTS have the characters first. `all_there`: each has to be in it."""

    name: str
    source: str
    ranges: str
    all_there: bool = False

    def characters(self) -> Iterator[int]:
        for entry in self.ranges.split(","):
            first, _, last = entry.strip().removeprefix("U+").partition("-")
            yield from range(int(first, 16), int(last or first, 16) + 1)


PARTS = (
    Part(
        "inter-extended",
        "inter-latin-ext-wght-normal.woff2",
        "U+100-2BA, U+2BD-2C5, U+2C7-2CC, U+2CE-2D7, U+2DD-2FF, U+1E00-1E9F, U+1EF2-1EFF, U+20A0-20C0, U+2113",
    ),
    Part(
        "inter-western",
        "inter-latin-wght-normal.woff2",
        "U+A1-FF, U+131, U+152-153, U+2BB-2BC, U+2C6, U+2DA, U+2DC, U+304, U+308, U+329, U+2000-206F, U+2122, U+2191, "
        "U+2193, U+2215",
    ),
    Part(
        "inter-english",
        "inter-latin-wght-normal.woff2",
        "U+20-7E, U+A0, U+B7, U+D7, U+2013-2014, U+2018-2019, U+201C-201D, U+2026, U+20AC, U+2212",
        all_there=True,
    ),
)


def style_sheet() -> str:
    """The faces, their addresses relative to the sheet. Where ranges overlap browsers look at the last face first."""
    return "\n".join(
        f"""@font-face {{
  font-family: "{FAMILY}";
  font-display: swap;
  font-weight: {LIGHTEST} {BOLDEST};
  src: url("./{part.name}.woff2") format("woff2");
  unicode-range: {part.ranges};
}}
"""
        for part in PARTS
    )


def share(part: Part) -> set[int]:
    """The characters that it is to have: those that no other has first."""
    others = PARTS[PARTS.index(part) + 1 :]
    return set(part.characters()) - {character for other in others for character in other.characters()}


def cut(source: Path, characters: set[int], *, all_there: bool = False) -> bytes:
    """A WOFF2 file with those of the characters that the source has. Raises FontIsAnother where it has to have all."""
    # Imported here: the program that serves the page reads this module too, and cuts nothing.
    from fontTools.subset import Options, Subsetter
    from fontTools.ttLib import TTFont
    from fontTools.varLib.instancer import instantiateVariableFont

    font = TTFont(source, recalcTimestamp=False)  # The same bytes at each build: the file is named by them.
    if all_there and (missing := characters - set(font.getBestCmap())):
        raise FontIsAnother(f"{source.name} lacks {', '.join(f'U+{one:X}' for one in sorted(missing))}")
    subsetter = Subsetter(Options(layout_features=_FEATURES, hinting=False, name_IDs=_NAMES))
    subsetter.populate(unicodes=characters)
    subsetter.subset(font)
    instantiateVariableFont(font, {"wght": (LIGHTEST, BOLDEST)}, inplace=True)
    font.flavor = "woff2"
    written = BytesIO()
    font.save(written, reorderTables=False)
    return written.getvalue()
