"""All that people read is in the catalogue, and in every language."""

import json
import re
import subprocess
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests import words
from vip_manager.domain.sentence import Sentence, names
from vip_manager.ui.app import PAGES, Page

READ = ("aria-label", "aria-description", "title", "placeholder", "alt", "label")
"""Attributes that are read by people."""
NAMES = frozenset({"VIP Manager", "streamer", "Twitch", "mira", "jonas", "pixelpenguin", "kai"})
"""The same in every language."""
_CODE = re.compile(r"(?:GET|POST|PATCH|DELETE) |Authorization: |\{|docs/")
"""How what is for programs begins."""
_SAID = re.compile(r"(?<![\w.])t\(\"(?:[^\"\\]|\\.)*\"")
_COMPARED = re.compile(r"={2,3}\s*\"[^\"]*\"|\?\.\[\"[^\"]*\"\]|\[\"[^\"]*\"\]")
_TEXT = re.compile(r"\"((?:[^\"\\]|\\.)*)\"|`((?:[^`\\]|\\.)*)`")


def raw(page: Page) -> list[str]:
    """What stands on a page as it is, in English, and is in no catalogue."""
    return sorted(set(_raw(page.component().render())))


def _raw(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if "contents" in node:
            yield from _spoken(str(node["contents"]), alone=True)
        for prop in node.get("props") or ():
            name, _, value = str(prop).partition(":")
            if name.strip('"') in READ:
                yield from _spoken(value, alone=True)
        for value in node.values():
            yield from _raw(value)
    elif isinstance(node, list | tuple):
        for value in node:
            yield from _raw(value)


def _spoken(script: str, *, alone: bool) -> Iterator[str]:
    rest = _COMPARED.sub("", _SAID.sub("t(", script))
    for text in (one or other for one, other in _TEXT.findall(rest)):
        whole = alone and rest.strip() in (f'"{text}"', f"`{text}`")
        bare = re.sub(r"\$\{.*?\}", "", text)
        if bare.strip() in NAMES or _CODE.match(bare) or not re.search(r"[^\W\d_]", bare):
            continue
        if whole or " " in bare or bare[0].isupper():
            yield bare


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.route)
def test_a_page_says_nothing_that_is_not_in_the_catalogue(page: Page) -> None:
    assert raw(page) == []


@pytest.mark.parametrize("part", words.Part)
@pytest.mark.parametrize("language", words.LANGUAGES)
def test_every_language_has_all_words_and_no_others(language: str, part: words.Part) -> None:
    known = words.catalogue(language, part)
    wanted = [english for english, where in words.every().items() if where is part]
    assert list(known) == wanted, "make words brings it up to date"
    assert [english for english, other in known.items() if not other.strip()] == []


@pytest.mark.parametrize("part", words.Part)
@pytest.mark.parametrize("language", words.LANGUAGES)
def test_a_translation_names_what_the_english_names(language: str, part: words.Part) -> None:
    for english, other in words.catalogue(language, part).items():
        assert names(other) == names(english), english


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.route)
def test_a_page_loads_all_the_words_that_stand_on_it(page: Page) -> None:
    """As `assets/words.jsx` has it, by the address."""
    by_address = {"dashboard": words.Part.STAFF, "sandbox": words.Part.SANDBOX}
    loaded = by_address.get(page.route.split("/")[1], words.Part.PUBLIC)
    parts = list(words.Part)
    every = words.every()
    said = {json.loads(one) for one in re.findall(r"(?<![\w.])t\((\"(?:[^\"\\]|\\.)*\")", str(page.component()))}
    assert said or page.route.startswith("/overlay/"), "all words of an overlay stand in its script"
    assert {one for one in said if parts.index(every[one]) > parts.index(loaded)} == set()


def test_a_sentence_is_filled_in_with_names_numbers_and_sentences() -> None:
    days = Sentence("{count, plural, one {# day} other {# days}}", {"count": 1})
    assert str(days) == "1 day"
    assert str(Sentence(days.template, {"count": 2000})) == "2,000 days"
    assert str(Sentence("{who}: {why}", {"who": "Mira", "why": days})) == "Mira: 1 day"
    assert str(Sentence("{hours, number} h", {"hours": "1.5"})) == "1.5 h"
    told = [str(Sentence("{hours, duration}", {"hours": hours})) for hours in ("24", "12.4761", 0.3333, 1000.5)]
    assert told == ["24 h", "12 h 29 min", "20 min", "1,000 h 30 min"]


SAID: list[tuple[str, dict[str, Any], str]] = [
    ("{n, plural, one {# day} other {# days}}", {"n": 1}, "1 day"),
    ("{n, plural, one {# day} other {# days}}", {"n": "1"}, "1 day"),
    ("{n, plural, one {# day} other {# days}}", {"n": "2000"}, "2,000 days"),
    ("{n, plural, one {# day} other {# days}}", {"n": 1.5}, "1.5 days"),
    ("{n, plural, one {# day} other {# days}}", {"n": "many"}, "many"),
    ("{n, plural, one {# day} other {# days}}", {"n": ""}, ""),
    ("{n, plural, one {# day} other {# days}}", {"n": None}, ""),
    ("{n, plural, one {# day} other {# days}}.", {}, "."),
    ("{n, number}", {"n": "2000"}, "2,000"),
    ("{n, number}", {"n": "many"}, "many"),
    ("{n}", {"n": 2000}, "2,000"),
    ("{n}", {"n": 1.236}, "1.24"),
    ("{n}", {"n": "2000"}, "2000"),
    ("{n}", {}, ""),
]


@pytest.mark.parametrize(("template", "given", "expected"), SAID)
def test_whatever_is_given_a_sentence_can_be_said(template: str, given: dict[str, Any], expected: str) -> None:
    assert str(Sentence(template, given)) == expected


@pytest.fixture(scope="module")
def in_browser(tmp_path_factory: pytest.TempPathFactory) -> Callable[[list[str]], list[str]]:
    """All that is SAID, by `assets/words.jsx` in a browser with these languages."""
    directory = tmp_path_factory.mktemp("words")
    script = (words.ASSETS / "words.jsx").read_text("utf-8")
    script = script.replace('"react"', '"./react.mjs"').replace('"react-router"', '"./react.mjs"')
    (directory / "words.mjs").write_text(script.replace("$/public/words/", "./"), "utf-8")
    (directory / "react.mjs").write_text(
        "export const Fragment = 0, createElement = () => 0, useState = (one) => [one, () => 0];"
        "export const useEffect = (effect) => effect(), useLocation = () => ({ pathname: '/' });"
    )
    (directory / "say.mjs").write_text(
        "const [, , languages, said] = process.argv;"
        "globalThis.window = { location: { pathname: '/' } };"
        "globalThis.document = { documentElement: { classList: { add() {}, remove() {} } } };"
        "Object.defineProperty(globalThis, 'navigator', { value: { languages: JSON.parse(languages) } });"
        "const { t, Worded } = await import('./words.mjs');"
        "Worded({});"
        "console.log(JSON.stringify(JSON.parse(said).map(([template, given]) => t(template, given))));"
    )

    def say(languages: list[str]) -> list[str]:
        said = json.dumps([[template, given] for template, given, _ in SAID])
        command = ["node", str(directory / "say.mjs"), json.dumps(languages), said]
        told: list[str] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        return told

    return say


def test_a_browser_says_the_same(in_browser: Callable[[list[str]], list[str]]) -> None:
    assert in_browser(["en-US"]) == [expected for _, _, expected in SAID]


@pytest.mark.parametrize("odd", ["en-US@posix", "en_US.UTF-8", "en-"])
def test_a_language_that_no_intl_takes_breaks_no_page(odd: str, in_browser: Callable[[list[str]], list[str]]) -> None:
    assert in_browser([odd, "en-GB"]) == [expected for _, _, expected in SAID]
