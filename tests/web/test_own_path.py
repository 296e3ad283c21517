"""Where a sign-in ends: on a path of ours, however a browser reads what stands in `next`."""

import re
from urllib.parse import unquote

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from starlette.responses import RedirectResponse

from vip_manager.web.auth import HOME, own_path

BASE = "http://vip.test"


def leads_to(location: str) -> str:
    """Where a browser at BASE goes from there (https://url.spec.whatwg.org/#url-parsing), as far as that says which
    host: the origin, or the whole of what has none."""
    text = re.sub(r"[\t\n\r]", "", location.strip("".join(map(chr, range(0x21)))))
    scheme = re.match(r"([A-Za-z][A-Za-z0-9+.-]*):", text)
    if scheme and scheme[1].lower() not in ("http", "https"):
        return text
    if scheme and (scheme[1].lower() != "http" or re.match(r"[/\\]", text[scheme.end() :])):
        after = text[scheme.end() :].lstrip("/\\")
    else:
        text = text[scheme.end() :] if scheme else text
        if not re.match(r"[/\\]{2}", text):
            return BASE
        after = text.lstrip("/\\")
    return "http://" + re.split(r"[/\\?#]", after)[0].rpartition("@")[2]


@pytest.mark.parametrize(
    ("location", "where"),
    [
        ("/", BASE),
        ("/x?next=//evil.test", BASE),
        ("//evil.test", "http://evil.test"),
        ("/\\evil.test", "http://evil.test"),
        ("/\t/evil.test", "http://evil.test"),
        (" //evil.test", "http://evil.test"),
        ("https:evil.test", "http://evil.test"),
        ("http:/evil.test", "http://evil.test"),
        ("http:evil.test", BASE),
        ("//vip.test@evil.test", "http://evil.test"),
        ("javascript:alert(1)", "javascript:alert(1)"),
    ],
)
def test_the_browser_of_these_tests_reads_as_browsers_do(location: str, where: str) -> None:
    assert leads_to(location) == where


PIECES = st.sampled_from(
    [
        *"/\\?#@:.%\t\n\r\x00\x7f \xa0\u2028／",
        "//",
        "..",
        "%2e",
        "%2F",
        "%5c",
        "%09",
        "http:",
        "https:",
        "javascript:",
        "evil.test",
        "vip.test",
        "a",
        "dashboard",
        "user:password@",
        "[::1]",
        "ﬀ",
        "�",
    ]
)


@settings(deadline=None, max_examples=300)
@given(st.lists(PIECES, max_size=8).map("".join) | st.text(max_size=20))
@example("/.//evil.test")
@example("/%2e//evil.test")
@example("/a/..//evil.test")
def test_no_text_leads_to_another_site(wanted: str) -> None:
    path = own_path(wanted)
    for location in (path, RedirectResponse(path).headers["location"]):
        assert leads_to(location) == BASE
    # Nor where somebody behind takes the dots out, or decodes, and goes on from what is left.
    steps = path.split("?")[0].split("#")[0].split("/")
    assert steps[0] == ""
    assert not any(unquote(step) in ("..", ".") for step in steps)
    assert "//" not in path.split("?")[0].split("#")[0]


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.test/",
        "//evil.test",
        "/\\evil.test",
        "javascript:alert(1)",
        "",
        "/a\r\nSet-Cookie: x=1",
        "/.//evil.test",
        "/x/..//evil.test",
        "/%2e%2e/x",
        "/" + "a" * 500,
        "dashboard",
        "?x",
        "/é",
    ],
)
def test_what_is_no_path_of_ours_leads_home(wanted: str) -> None:
    assert own_path(wanted) == HOME


@pytest.mark.parametrize(
    "wanted", ["/", "/dashboard?channel=1001", "/board/streamer", "/dashboard/rewards/", "/a?next=//b#c/../d", "/..."]
)
def test_a_path_of_ours_is_kept(wanted: str) -> None:
    assert own_path(wanted) == wanted
