"""Personal tokens: made, listed, revoked, and what is left of one in the store."""

from dataclasses import replace

import pytest

from tests.house import House
from vip_manager.domain.api_token import MOST_TOKENS, TokenScope
from vip_manager.domain.team import Member, Role
from vip_manager.domain.terms import InvalidInput
from vip_manager.services.access import NotAllowed, NotSignedIn, Person, Visit
from vip_manager.services.api_tokens import PREFIX, NotMade
from vip_manager.services.api_tokens import ApiTokenService as Tokens


@pytest.fixture
async def owner(house: House) -> Person:
    await house.open()
    return await house.sign_in("streamer")


@pytest.fixture
def tokens(house: House, owner: Person) -> Tokens:
    return house.services.api_tokens


async def helper(house: House, role: Role | None = Role.HELPER) -> Person:
    person = await house.sign_in("mod")
    team = (Member(person.id, person.login, person.username, role, house.clock.now()),) if role else ()
    await house.services.store.commit(replace(await house.channel(), team=team))
    return person


async def test_the_token_is_long_and_stored_only_as_a_hash(house: House, tokens: Tokens, owner: Person) -> None:
    made = await tokens.make(owner, "1001", "  Stream\tDeck ", "write")
    assert made.secret.startswith(PREFIX)
    assert len(made.secret) == len(PREFIX) + 43
    assert made.token.name == "Stream Deck"
    assert made.secret not in str([page async for page in house.services.store.holdings.pages("1001")])
    [stored] = await house.services.store.api_tokens.of_channel("1001")
    assert made.secret not in str(stored)
    visit = (await tokens.caller(made.secret)).visit
    assert (visit.person.id, visit.person.through, visit.role, visit.channel_id) == (
        "1001",
        "Stream Deck",
        Role.OWNER,
        "1001",
    )


async def test_making_and_revoking_leave_lines_without_the_secret(house: House, tokens: Tokens, owner: Person) -> None:
    made = await tokens.make(owner, "1001", "Bot", TokenScope.READ)
    await tokens.revoke(owner, "1001", made.token.handle)
    gone, there = (await house.entries())[:2]
    assert [one.action for one in (there, gone)] == ["token_made", "token_revoked"]
    for one in (there, gone):
        assert (one.actor_id, one.detail["token"], one.detail["scope"]) == ("1001", "Bot", "read")
        assert made.secret not in str(one)
        assert made.token.id not in str(one)
    assert await house.services.store.api_tokens.get(made.token.id) is None


async def test_revoked_it_opens_nothing_at_once(house: House, tokens: Tokens, owner: Person) -> None:
    made = await tokens.make(owner, "1001", "Bot", TokenScope.READ)
    await tokens.caller(made.secret)
    await tokens.revoke(owner, "1001", made.token.handle)
    with pytest.raises(NotSignedIn):
        await tokens.caller(made.secret)
    with pytest.raises(InvalidInput):
        await tokens.revoke(owner, "1001", made.token.handle)


async def test_cut_off_between_its_line_and_its_end_it_opens_nothing(
    house: House, tokens: Tokens, owner: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await tokens.make(owner, "1001", "Bot", TokenScope.READ)

    async def killed(*_: object) -> None:
        raise ConnectionError

    monkeypatch.setattr(type(house.services.store), "delete", killed)
    with pytest.raises(ConnectionError):
        await tokens.revoke(owner, "1001", made.token.handle)
    with pytest.raises(NotSignedIn):
        await tokens.caller(made.secret)
    assert await tokens.listed(Visit(owner, "1001", Role.OWNER)) == []


async def test_the_owner_sees_all_and_others_their_own(house: House, tokens: Tokens, owner: Person) -> None:
    mod = await helper(house)
    mine = await tokens.make(owner, "1001", "Mine", TokenScope.WRITE)
    theirs = await tokens.make(mod, "1001", "Theirs", TokenScope.READ)
    every = await tokens.listed(Visit(owner, "1001", Role.OWNER))
    assert [(one.name, one.by, one.mine, one.works) for one in every] == [
        ("Theirs", "Mod", False, True),
        ("Mine", "Streamer", True, True),
    ]
    assert [one.name for one in await tokens.listed(Visit(mod, "1001", Role.HELPER))] == ["Theirs"]
    with pytest.raises(NotAllowed):
        await tokens.revoke(mod, "1001", mine.token.handle)
    with pytest.raises(InvalidInput):
        await tokens.revoke(owner, "1002", mine.token.handle)
    await tokens.revoke(owner, "1001", theirs.token.handle)
    assert await tokens.listed(Visit(mod, "1001", Role.HELPER)) == []


async def test_whoever_is_off_the_team_has_a_token_that_opens_nothing(
    house: House, tokens: Tokens, owner: Person
) -> None:
    mod = await helper(house)
    made = await tokens.make(mod, "1001", "Bot", TokenScope.WRITE)
    await helper(house, None)
    with pytest.raises(NotSignedIn):
        await tokens.caller(made.secret)
    assert [one.works for one in await tokens.listed(Visit(owner, "1001", Role.OWNER))] == [False]
    await helper(house, Role.MANAGER)
    # With the part that they have now.
    assert (await tokens.caller(made.secret)).visit.role is Role.MANAGER


async def test_whoever_deletes_their_account_leaves_no_token(house: House, tokens: Tokens, owner: Person) -> None:
    mod = await helper(house)
    made = await tokens.make(mod, "1001", "Bot", TokenScope.WRITE)
    await house.services.forget.person(mod.id)
    assert await house.services.store.api_tokens.get(made.token.id) is None
    await house.sign_in("mod")
    with pytest.raises(NotSignedIn):
        await tokens.caller(made.secret)


async def test_one_person_has_so_many(tokens: Tokens, owner: Person) -> None:
    for number in range(MOST_TOKENS):
        await tokens.make(owner, "1001", f"t{number}", TokenScope.READ)
    with pytest.raises(InvalidInput):
        await tokens.make(owner, "1001", "one more", TokenScope.READ)
    assert await tokens.revoke_all("streamer") == MOST_TOKENS
    await tokens.make(owner, "1001", "one more", TokenScope.READ)


@pytest.mark.parametrize(("name", "scope"), [("x" * 51, "read"), ("", "read"), ("x", "admin"), ("x", "")])
async def test_what_can_not_be(tokens: Tokens, owner: Person, name: str, scope: str) -> None:
    with pytest.raises(InvalidInput):
        await tokens.make(owner, "1001", name, scope)


async def test_when_it_was_used_is_written_down_now_and_then(house: House, tokens: Tokens, owner: Person) -> None:
    made = await tokens.make(owner, "1001", "Bot", TokenScope.READ)
    store = house.services.store
    await tokens.caller(made.secret)
    first = await store.api_tokens.get(made.token.id)
    await tokens.caller(made.secret)
    assert await store.api_tokens.get(made.token.id) == first
    assert first
    assert first.used_at


async def test_a_channel_that_left_has_none(house: House, tokens: Tokens, owner: Person) -> None:
    made = await tokens.make(owner, "1001", "Bot", TokenScope.READ)
    await house.services.departure.begin(owner, "1001", "streamer")
    with pytest.raises(InvalidInput):
        await tokens.make(owner, "1001", "Bot", TokenScope.READ)
    await house.services.departure.go_on("1001")
    with pytest.raises(NotSignedIn):
        await tokens.caller(made.secret)
    with pytest.raises(NotMade):
        await tokens.make_for_owner("streamer", "Bot", read_only=True)
