"""Who may do what: the table, as the owner reads it."""

import pytest

from vip_manager.domain.team import ALLOWED, NAMED, May, Role, parse_role
from vip_manager.domain.terms import InvalidInput

SEE, DECIDE, GIVE = May.SEE, May.DECIDE, May.GIVE


def test_the_table() -> None:
    assert {
        Role.OWNER: set(May),
        Role.MANAGER: set(May) - {May.TEAM, May.HOOKS, May.DATA},
        Role.HELPER: {SEE, DECIDE, GIVE},
    } == ALLOWED


def test_whoever_may_more_may_all_that_others_may() -> None:
    every = [ALLOWED[role] for role in (Role.HELPER, Role.MANAGER, Role.OWNER)]
    assert every[0] < every[1] < every[2]
    assert all(SEE in one for one in every)


@pytest.mark.parametrize("role", NAMED)
def test_a_role_that_is_given(role: Role) -> None:
    assert parse_role(role.value) is role


@pytest.mark.parametrize("nonsense", ["owner", "", "Helper", None, 1, ["helper"], {}])
def test_no_other_is(nonsense: object) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_role(nonsense)
    assert refused.value.field == "role"
