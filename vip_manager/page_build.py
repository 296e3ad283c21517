"""What the build of the page needs beyond Reflex itself: Tailwind's tokens, the font, few files, light icons, and
addresses without a host."""

import hashlib
import re
from pathlib import Path
from typing import Any

import reflex as rx
from reflex_base.plugins.shared_tailwind import TailwindConfig

from vip_manager import page, page_font

_COLORS = (
    *("ground", "surface", "raised", "line", "edge", "ink", "soft", "faint"),
    *("gem", "gem-strong", "gem-text", "gem-soft", "on-gem"),
    *("amber", "amber-soft", "red", "red-soft", "green", "green-soft"),
)

TAILWIND: TailwindConfig = {
    "theme": {
        "extend": {
            "colors": {name: f"var(--{name})" for name in _COLORS},
            "fontFamily": {"sans": [page_font.FAMILY, "ui-sans-serif", "system-ui", "sans-serif"]},
            "fontSize": {
                "xs": ["13px", "18px"],
                "sm": ["14px", "20px"],
                "base": ["16px", "24px"],
                "lg": ["20px", "28px"],
                "xl": ["28px", "34px"],
            },
        }
    },
}
"""Names of the CSS variables in `assets/theme.css`, so that `bg-surface` or `text-soft` follow the colour mode."""

_ADDRESS = re.compile(r"([`\"'])(ws|http)s?://[^/`\"']+(/[^`\"']*)\1")


class Font(rx.plugins.Plugin):
    """The font from its npm package, cut to what the pages need, and served by ourselves.

    Only the build needs the package: what Reflex counts as a run-time dependency it would bundle as a script.
    """

    def get_frontend_development_dependencies(self, **context: Any) -> list[str]:
        return [page_font.PACKAGE]

    def get_stylesheet_paths(self, **context: Any) -> list[str]:
        return ["./font.css"]

    def get_static_assets(self, **context: Any) -> list[tuple[Path, str | bytes]]:
        """Reflex asks for them once the packages are there. It writes nothing but text, so the files are written here,
        beside their style sheet."""
        package = page.WEB / "node_modules" / page_font.PACKAGE.rpartition("@")[0] / "files"
        for part in page_font.PARTS:
            (page.WEB / "styles" / f"{part.name}.woff2").write_bytes(
                page_font.cut(package / part.source, page_font.share(part), all_there=part.all_there)
            )
        return [(Path("styles", "font.css"), page_font.style_sheet())]


_REFLEXS = """
              name: "reflex-env",
            },"""
"""The end of Reflex's own group, of one file; it has to come first, as what groups need goes into them too."""

_OURS = r"""
            { name: "core", test: /node_modules[\\/](@emotion|react(-dom|-router)?|socket\.io-client)[\\/]/ },
            { name: "shared", minShareCount: 13 },
            { name: "common", minShareCount: 3, entriesAware: true, entriesAwareMergeThreshold: 12000 },"""
"""Of modules that come as one file, as Vite is told (https://rolldown.rs/reference/OutputOptions.codeSplitting): what
every page needs and changes with a new version of Reflex alone; what all pages but one or two need; of the rest what
three or more need, by who needs it, in files of 12 kB at least, so that visitors get little that is only for the staff.
What one page needs by itself, such as a chart, stays with it."""

_OUTPUT = """
      output: {
"""
_NAMES = """        chunkFileNames: ({ name }) => `assets/${name.split("~")[0]}-[hash].js`,
"""
"""Files are not named by all the pages that share them: each page's document says those names."""


class FewFiles(rx.plugins.Plugin):
    """What pages have in common comes as a few files, where it would be dozens: every icon that two pages show, for
    one. Together they compress better, and each file has headers."""

    def pre_compile(self, **context: Any) -> None:
        context["add_modify_task"]("vite.config.js", _with_our_groups)


def _with_our_groups(config: str) -> str:
    if _OURS in config:
        return config
    if config.count(_REFLEXS) != 1 or config.count(_OUTPUT) != 1:
        raise RuntimeError("vite.config.js: Reflex's group of modules was not found; has Reflex changed it?")
    return config.replace(_REFLEXS, _REFLEXS + _OURS).replace(_OUTPUT, _OUTPUT + _NAMES)


_KEY_OF_LINE = re.compile(r"(\[`(?:path|circle|rect|line|polyline|polygon|ellipse)`,\{[^{}]*),key:`[a-z0-9]+`\}")


class LightIcons(rx.plugins.Plugin):
    """Without the keys that each line of an icon has: random letters, which don't compress. React looks at them only to
    warn while one develops; an icon's lines stay in their order."""

    def post_build(self, **context: Any) -> None:
        for file in Path(context["static_dir"]).glob("assets/*.js"):
            text, count = _KEY_OF_LINE.subn(r"\1}", file.read_text("utf-8"))
            if count:
                file.write_text(text, "utf-8")


_PAUSE = "200 * failed_attempts"
"""Milliseconds between two tries of a page to have its socket, in Reflex's own part of every page."""
_OUR_PAUSE = f"(window.pauseBeforeSocket?.(failed_attempts) ?? {_PAUSE})"


class Unhurried(rx.plugins.Plugin):
    """A page that does without its socket for a while says how long it waits before it tries again: past the number of
    sockets that there is room for, thousands would try every two seconds."""

    def pre_compile(self, **context: Any) -> None:
        context["add_modify_task"]("utils/state.js", _with_our_pause)


def _with_our_pause(script: str) -> str:
    if _OUR_PAUSE in script:
        return script
    if script.count(_PAUSE) != 1:
        raise RuntimeError("utils/state.js: the pause before another try was not found; has Reflex changed it?")
    return script.replace(_PAUSE, _OUR_PAUSE)


class SameOrigin(rx.plugins.Plugin):
    """The bundle talks to the address that it was loaded from, so one build serves any host, port and scheme.

    Reflex bakes absolute addresses into one small file of the bundle; they become expressions on `location.origin`.
    """

    def update_env_json(self, **context: Any) -> dict[str, Any]:
        """The file is named by what is in it before it is changed, and browsers keep it under that name: so what we
        change it to has to count too."""
        return {"CHANGED_BY": hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:8]}

    def post_build(self, **context: Any) -> None:
        (file,) = Path(context["static_dir"]).glob("assets/reflex-env-*.js")
        text, count = _ADDRESS.subn(_from_origin, file.read_text())
        if count < 2:
            raise RuntimeError(f"{file.name}: the page's own addresses were not found; has Reflex changed its bundle?")
        file.write_text(text)


def _from_origin(match: re.Match[str]) -> str:
    origin = 'location.origin.replace(/^http/,"ws")' if match[2] == "ws" else "location.origin"
    return f'{origin}+"{match[3]}"'
