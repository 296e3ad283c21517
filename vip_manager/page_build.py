"""What the build of the page needs beyond Reflex itself: Tailwind's tokens, the font, and addresses without a host."""

import re
from pathlib import Path
from typing import Any

import reflex as rx
from reflex_base.plugins.shared_tailwind import TailwindConfig

_COLORS = (
    *("ground", "surface", "raised", "line", "edge", "ink", "soft", "faint"),
    *("gem", "gem-strong", "gem-text", "gem-soft", "on-gem"),
    *("amber", "amber-soft", "red", "red-soft", "green", "green-soft"),
)

TAILWIND: TailwindConfig = {
    "theme": {
        "extend": {
            "colors": {name: f"var(--{name})" for name in _COLORS},
            "fontFamily": {"sans": ["Inter Variable", "ui-sans-serif", "system-ui", "sans-serif"]},
            "fontSize": {
                "xs": ["13px", "18px"],
                "sm": ["14px", "20px"],
                "base": ["16px", "24px"],
                "lg": ["20px", "28px"],
                "xl": ["28px", "34px"],
            },
        }
    }
}
"""Names of the CSS variables in `assets/theme.css`, so that `bg-surface` or `text-soft` follow the colour mode."""

_ADDRESS = re.compile(r"([`\"'])(ws|http)s?://[^/`\"']+(/[^`\"']*)\1")


class InterFont(rx.plugins.Plugin):
    """Inter from its npm package, served by ourselves: `assets/theme.css` names the files of the subsets it uses.

    Only the build needs the package: what Reflex counts as a run-time dependency it would bundle as a script.
    """

    def get_frontend_development_dependencies(self, **context: Any) -> list[str]:
        return ["@fontsource-variable/inter@5.3.0"]


class SameOrigin(rx.plugins.Plugin):
    """The bundle talks to the address that it was loaded from, so one build serves any host, port and scheme.

    Reflex bakes absolute addresses into one small file of the bundle; they become expressions on `location.origin`.
    """

    def post_build(self, **context: Any) -> None:
        (file,) = Path(context["static_dir"]).glob("assets/reflex-env-*.js")
        text, count = _ADDRESS.subn(_from_origin, file.read_text())
        if count < 2:
            raise RuntimeError(f"{file.name}: the page's own addresses were not found; has Reflex changed its bundle?")
        file.write_text(text)


def _from_origin(match: re.Match[str]) -> str:
    origin = 'location.origin.replace(/^http/,"ws")' if match[2] == "ws" else "location.origin"
    return f'{origin}+"{match[3]}"'
