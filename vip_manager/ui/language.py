"""How pages say things: English here, the reader's language in the browser.

Whatever a person reads is a literal in a call of `t`, `rich`, `message`, or of a Sentence: a test finds them all, and
holds the catalogues in `assets/words/` against them. `domain/sentence.py` says what a template is.
"""

from typing import Any

import reflex as rx
from reflex.utils.imports import ImportVar
from reflex.vars import Var, VarData

LIBRARY = "$/public/words.jsx"

NO_NUMBER = "\u2013"

FIRST = (
    "var d=document.documentElement;location.pathname.startsWith('/overlay/')&&d.classList.add('bare');"
    "try{var l=[localStorage.getItem('language')].concat(navigator.languages).filter(Boolean)"
    ".map(function(o){return o.slice(0,2)}).find(function(o){return/^(en|de|es|fr)$/.test(o)})||'en';"
    "d.lang=l;if(l!='en')d.classList.add('wordless')}catch(e){}"
)
"""Runs before the first paint (`assets/theme.css`): no English is seen where it is about to be another language, and an
overlay has no ground for a moment either."""


def message(template: str) -> str:
    """That is for people: marks what stands in a table, or is said later."""
    return template


def t(template: Any, **values: Any) -> Var[str]:
    """Words as text, for attributes too. `template` may be a Var that holds one of ours."""
    return _called("t", template, values) if values else _called("t", template)


def told(sentence: Any) -> Var[str]:
    """The words of a Sentence that is in a state."""
    return _called("t", sentence.template, sentence.given)


def all_told(sentences: Any) -> Var[str]:
    """The words of several, one after the other."""
    return _called("all", sentences)


def number(value: Any) -> Var[str]:
    """A number, be it as text, as the reader writes it: 5,000."""
    return _called("grouped", value)


def lasting(hours: Any) -> Var[str]:
    """Hours, be they as text, as clocks tell them: 24 h, 12 h 28 min."""
    return _called("lasting", hours)


def typed_cost(text: Any) -> Var[str]:
    """A number that is being typed, as it will be taken; NO_NUMBER for what is none."""
    return _called("typedCost", text)


def typed_hours(text: Any) -> Var[str]:
    """The same of hours."""
    return _called("typedHours", text)


def rich(template: Any, **parts: Any) -> rx.Component:
    """Words with parts of the page among them; what is no component is filled in as text or number."""
    components = {name: part for name, part in parts.items() if isinstance(part, rx.Component)}
    values = {name: part for name, part in parts.items() if name not in components}
    return _Words.create(
        *components.values(), template=template, names=list(components), **({"values": values} if values else {})
    )


class _Words(rx.Component):
    library = LIBRARY
    tag = "Words"
    template: Var[str]
    values: Var[dict[str, Any]]
    names: Var[list[str]]


class Worded(rx.Component):
    """Stands around the whole page, which is made anew when another language is there."""

    library = LIBRARY
    tag = "Worded"


class Language(rx.Component):
    """Chooses one."""

    library = LIBRARY
    tag = "Language"
    label: Var[str]


def _called(function: str, *arguments: Any) -> Var[str]:
    given = [Var.create(one) for one in arguments]
    data = VarData.merge(
        VarData(imports={LIBRARY: [ImportVar(tag=function)]}), *(one._get_all_var_data() for one in given)
    )
    return Var(
        _js_expr=f"{function}({', '.join(str(one) for one in given)})", _var_type=str, _var_data=data
    ).guess_type()
