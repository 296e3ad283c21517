"""The font as it was cut."""

import re
from collections.abc import Iterator
from itertools import chain

import pytest
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

from vip_manager import page, page_font
from vip_manager.page_font import BOLDEST, LIGHTEST, PARTS, Part

WESTERN_LETTERS = "äöüßÄÖÜ éèêëçàâîïôùûœæÿ ñáíóúü¿¡ «»„‚‹›"


def built(part: Part) -> TTFont:
    (file,) = (page.BUILT / "assets").glob(f"{part.name}-*.woff2")
    return TTFont(file)


def characters(font: TTFont) -> set[int]:
    return set(font.getBestCmap())


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.name)
def test_a_part_has_the_weights_and_no_letters_that_another_has_first(part: Part, built_page: None) -> None:
    font = built(part)
    (axis,) = font["fvar"].axes
    assert (axis.axisTag, axis.minValue, axis.maxValue) == ("wght", LIGHTEST, BOLDEST)
    assert characters(font) <= page_font.share(part)
    assert "Inter Project Authors" in str(font["name"].getDebugName(0))


def test_english_text_needs_one_part_and_western_text_two(built_page: None) -> None:
    assert characters(built(PARTS[-1])) >= set(map(ord, "".join(map(chr, range(0x20, 0x7F))) + "“”‘’…–—·×−€"))
    assert characters(built(PARTS[-1])) | characters(built(PARTS[-2])) >= set(map(ord, WESTERN_LETTERS))
    assert all(characters(built(PARTS[0])) & set(map(ord, letter)) for letter in "łčřşğőž")


def test_words_of_the_pages_are_in_the_first_part(built_page: None) -> None:
    in_a_menu = set(map(ord, "EspañolFrançais"))
    there = characters(built(PARTS[-1])) | in_a_menu | {ord("\n"), ord("\t")}
    for file in chain(page.ROOT.glob("assets/*.jsx"), (page.ROOT / "vip_manager" / "ui").rglob("*.py")):
        assert set(map(ord, file.read_text("utf-8"))) <= there, file


def test_figures_of_one_width_are_there(built_page: None) -> None:
    """As wide as one another, whatever the weight: nothing jumps while a clock runs."""
    for weight in (LIGHTEST, 500, 600, BOLDEST):
        font = instantiateVariableFont(built(PARTS[-1]), {"wght": weight})
        tabular = dict(substituted(font, "tnum"))
        widths = {font["hmtx"][tabular[font.getBestCmap()[ord(figure)]]][0] for figure in "0123456789"}
        assert len(widths) == 1, weight


def substituted(font: TTFont, feature: str) -> Iterator[tuple[str, str]]:
    table = font["GSUB"].table
    for record in table.FeatureList.FeatureRecord:
        if record.FeatureTag == feature:
            for index in record.Feature.LookupListIndex:
                for each in table.LookupList.Lookup[index].SubTable:
                    yield from getattr(each, "ExtSubTable", each).mapping.items()


def test_browsers_look_for_a_letter_in_the_smallest_part_first() -> None:
    sheet = page_font.style_sheet()
    assert re.findall(r"\./([\w-]+)\.woff2", sheet) == ["inter-extended", "inter-western", "inter-english"]


def test_the_same_font_is_cut_each_time(built_page: None) -> None:
    """Its file is named by what is in it, and kept by browsers under that name."""
    package = page.WEB / "node_modules" / page_font.PACKAGE.rpartition("@")[0] / "files"
    (file,) = (page.BUILT / "assets").glob(f"{PARTS[-1].name}-*.woff2")
    assert page_font.cut(package / PARTS[-1].source, page_font.share(PARTS[-1])) == file.read_bytes()


def test_a_package_that_lacks_letters_is_told_of(built_page: None) -> None:
    package = page.WEB / "node_modules" / page_font.PACKAGE.rpartition("@")[0] / "files"
    with pytest.raises(page_font.FontIsAnother, match="U\\+4E00"):
        page_font.cut(package / PARTS[-1].source, {ord("a"), 0x4E00}, all_there=True)
