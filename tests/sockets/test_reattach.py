"""A tab's token is no proof of anything: whoever comes with another's, and another cookie, gets nothing of what is
kept under it."""

from typing import Any

import pytest

from tests.product import Product
from tests.sockets.raw import BOOT, ROOT, cookie_of, event, opened
from tests.ui.test_guards import own_handlers
from vip_manager.ui.pages.dashboard.state import Dashboard
from vip_manager.ui.pages.settings.sign_ins import SignIns

TYPED = "typed-by-the-streamer"
OF_STREAMER = (TYPED, '"activity":[{', '"signed_in":true,"username":"Streamer"', '"connected":true')
"""What the state holds and nobody else may see: what was typed, the log, and who looked."""
FIRST: dict[str, Any] = {
    BOOT: {},
    f"{ROOT}.hydrate": {},
    f"{ROOT}.set_is_hydrated": {"value": True},
    f"{ROOT}.reflex___state____on_load_internal_state.on_load_internal": {},
    f"{ROOT}.reflex___state____update_vars_internal_state.update_vars_internal": {"vars": {}},
    f"{ROOT}.reflex___state____frontend_event_exception_state.handle_frontend_exception": {
        "info": "x",
        "component_stack": "y",
    },
}
EXAMPLES: dict[Any, Any] = {str: "x", int: 1, bool: True, dict[str, Any]: {}}


def right(handler: Any) -> dict[str, Any]:
    """Arguments that the handler would take."""
    parameters = handler.fn._arguments._signature.parameters.values()
    return {one.name: EXAMPLES[one.annotation] for one in parameters}


def every_event() -> dict[str, Any]:
    ours = {f"{state.get_full_name()}.{name}": right(handler) for state, name, handler in own_handlers()}
    return FIRST | ours


@pytest.mark.parametrize("who", ["nobody", "stranger"])
def test_whatever_is_sent_first(product: Product, streamer: str, stranger: str, who: str) -> None:
    cookie = {"nobody": "", "stranger": stranger}[who]
    shown: dict[str, list[str]] = {}
    for number, (name, payload) in enumerate(every_event().items()):
        token = f"tab-{who}-{number}"
        with opened(product, token=token, cookie=streamer) as raw:
            raw.join(event(BOOT))
            raw.until('"channel_id":"1001"')
            raw.call(f"{Dashboard.get_full_name()}.draft", {"field": "title", "value": TYPED})
            raw.until(TYPED)
        with opened(product, token=token, cookie=cookie) as raw:
            raw.join()
            raw.call(name, payload, "/nowhere")
            raw.echo()
            heard = "\n".join(raw.heard)
        shown[name] = [one for one in OF_STREAMER if one in heard]
    assert len(shown) > 40
    assert {name: found for name, found in shown.items() if found} == {}
    assert "Traceback" not in product.output.read_text()


def test_the_same_person_finds_the_tab_as_it_was(product: Product, streamer: str) -> None:
    with opened(product, token="mine", cookie=streamer) as raw:
        raw.join(event(BOOT))
        raw.until('"channel_id":"1001"')
        raw.call(f"{Dashboard.get_full_name()}.draft", {"field": "cost", "value": "77"})
        raw.until('"77"')
    with opened(product, token="mine", cookie=streamer) as raw:
        raw.join()
        raw.call(f"{ROOT}.hydrate")
        raw.until('"77"')


def test_another_page_of_the_same_browser_is_told_by_a_sign_out_on_this_one(product: Product) -> None:
    second = cookie_of(product, "secondstreamer")
    with opened(product, token="one", cookie=second) as one, opened(product, token="other", cookie=second) as other:
        for raw in (one, other):
            raw.join(event(BOOT, path="/dashboard"))
            raw.until('"signed_in":true')
        one.call(f"{SignIns.get_full_name()}.end_all")
        for raw in (one, other):
            raw.until("You are signed out.")
