"""What is sealed is unreadable, and opens only with a key of ours, for what it was sealed for."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vip_manager.store.sealing import TOKENS, WEBHOOKS, Sealer, Unsealable, derived

OLD, NEW = "o" * 32, "n" * 32
SEALER = Sealer([OLD], "tokens")


@given(st.text(), st.text())
def test_what_was_sealed_opens(text: str, bound_to: str) -> None:
    sealed = SEALER.seal(text, bound_to)
    assert re.fullmatch(r"v1\.[A-Za-z0-9_-]+", sealed)
    assert SEALER.open(sealed, bound_to) == text


def test_no_two_sealings_are_alike() -> None:
    assert SEALER.seal("text", "a") != SEALER.seal("text", "a")


@pytest.mark.parametrize(
    ("sealer", "bound_to"),
    [(Sealer([NEW], "tokens"), "a"), (Sealer([OLD], "state"), "a"), (SEALER, "b")],
    ids=["another secret", "another label", "bound to something else"],
)
def test_it_does_not_open_elsewhere(sealer: Sealer, bound_to: str) -> None:
    with pytest.raises(Unsealable):
        sealer.open(SEALER.seal("text", "a"), bound_to)


def test_the_first_secret_seals_and_all_open() -> None:
    sealed = SEALER.seal("text", "a")
    changed = Sealer([NEW, OLD], "tokens")
    assert changed.open(sealed, "a") == "text"
    assert Sealer([NEW], "tokens").open(changed.seal("text", "a"), "a") == "text"


@pytest.mark.parametrize(
    "damaged", ["", "clear-text", "v1.", "v1.AAAA", "v1.not base64!", "v1.A", "v2.AAAA", "v1." + "A" * 100, "v1.ünï"]
)
def test_what_is_damaged_does_not_open(damaged: str) -> None:
    with pytest.raises(Unsealable) as caught:
        SEALER.open(damaged, "a")
    assert not damaged or damaged not in str(caught.value)


def test_every_changed_character_is_noticed() -> None:
    sealed = SEALER.seal("x", "a")
    # The last character may carry unused bits only.
    for place in range(len(sealed) - 1):
        changed = sealed[:place] + ("A" if sealed[place] != "A" else "B") + sealed[place + 1 :]
        with pytest.raises(Unsealable):
            SEALER.open(changed, "a")


@pytest.mark.parametrize("secrets", [[], [""], [OLD, ""]])
def test_no_secret_no_sealer(secrets: list[str]) -> None:
    with pytest.raises(ValueError, match="secret"):
        Sealer(secrets, "tokens")


def test_a_sealer_shows_no_secret() -> None:
    assert OLD not in repr(SEALER)
    assert OLD not in str(vars(SEALER))


def test_a_derived_secret_is_one_uses_and_tells_nothing_of_the_root() -> None:
    first, second = derived(["a root secret", "an older one"], WEBHOOKS)
    assert first != second
    assert re.fullmatch(r"[0-9a-f]{64}", first)
    assert derived(["a root secret"], WEBHOOKS) == (first,)
    assert derived(["a root secret"], TOKENS) != (first,)
