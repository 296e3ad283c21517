"""A list that is searched and sorted in the browser (`assets/list.jsx`): the server is not asked."""

from typing import Any

import reflex as rx
from reflex.utils.imports import ImportVar
from reflex.vars import Var, VarData

from vip_manager.services.pictures import StaffVip
from vip_manager.ui.components.keys import key
from vip_manager.ui.language import t

_LIBRARY = "$/public/list.jsx"


class _Finding(rx.Component):
    library = _LIBRARY


class _Search(_Finding):
    tag = "Search"
    label: Var[str]
    keys: Var[str]


class _Order(_Finding):
    tag = "Order"
    label: Var[str]


class Clear(_Finding):
    """Takes back what is looked for."""

    tag = "Clear"


def search() -> rx.Component:
    return _Search.create(label=t("Search"), keys=key("/"), class_name="field slim-field min-w-0")


def order() -> rx.Component:
    return _Order.create(label=t("Order"), class_name="field slim-field w-auto")


def sifted(vips: Any) -> Var[list[StaffVip]]:
    """Those that are looked for, in the order that was chosen."""
    return _sifted(vips).to(list[StaffVip])


def _sifted(vips: Any) -> Var[Any]:
    tools = VarData(
        imports={_LIBRARY: [ImportVar(tag="sift"), ImportVar(tag="useWish")]}, hooks={"const wish = useWish()": None}
    )
    return Var(_js_expr=f"sift({vips!s}, wish)", _var_data=VarData.merge(tools, vips._get_all_var_data()))
