"""Single keys that press what is marked with them (`assets/keys.jsx`), where the page has `Keys`."""

import reflex as rx
from reflex.utils.imports import ImportVar
from reflex.vars import Var, VarData

_LIBRARY = "$/public/keys.jsx"


class Keys(rx.Component):
    """Listens; and a button to a dialog that says which keys there are, and turns them off."""

    library = _LIBRARY
    tag = "Keys"


def key(name: str) -> Var[str]:
    """For `aria-keyshortcuts`: nothing while the keys are turned off."""
    data = VarData(imports={_LIBRARY: [ImportVar(tag="useKeys")]}, hooks={"const singleKeys = useKeys()": None})
    return Var(_js_expr=f'(singleKeys ? "{name}" : undefined)', _var_data=data).to(str)


def pressed_by(name: str) -> dict[str, Var[str] | str]:
    """Attributes of what that key presses. The second says so also while the keys are turned off."""
    return {"aria-keyshortcuts": key(name), "data-key": name}
