"""Whom the owner names, what each is, who leaves; and that it counts at once."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.house import House, until
from vip_manager.domain.account import Account
from vip_manager.domain.audit import SYSTEM, Action, AuditEntry
from vip_manager.domain.reasons import Refusal
from vip_manager.domain.session import VipSession
from vip_manager.domain.team import MOST_MEMBERS, May, Member, Role
from vip_manager.domain.terms import InvalidInput, RewardTerms
from vip_manager.ports import Conflict, TwitchUnavailable, Unauthorized
from vip_manager.services.access import NotAllowed, Person
from vip_manager.services.refused import Refused
from vip_manager.store.sqlite.store import SqliteStore

HELPER, MANAGER = Role.HELPER, Role.MANAGER
REWARDS = "/helix/channel_points/custom_rewards"
VIPS = "/helix/channels/vips"


async def team(house: House) -> dict[str, Role]:
    return {one.login: one.role for one in (await house.channel()).team}


async def lines(house: House) -> list[tuple[str, str, str, str]]:
    """What the log says of the team, oldest first: what, by whom, of whom, which role."""
    return [
        (one.action, one.actor_name, one.subject_name, one.detail["role"])
        for one in reversed(await house.entries())
        if one.action.startswith("team_")
    ]


async def visitor(house: House, user_id: str, login: str) -> str:
    """The `Cookie` header of somebody who has signed in without giving a scope."""
    if await house.services.store.accounts.get(user_id) is None:
        await house.services.store.commit(Account(user_id, login, login.capitalize()))
    return f"vip={await house.services.access.sign_in(user_id)}"


async def test_somebody_is_named_changed_and_dismissed(house: House) -> None:
    streamer = await house.open()
    roster = house.services.roster
    before = house.clock.now()
    member = await roster.name(streamer, streamer.id, "@Mod", HELPER)
    assert (member.id, member.login, member.username, member.role) == ("2001", "mod", "Mod", HELPER)
    assert before <= member.since <= house.clock.now()
    assert member.avatar_url
    assert (await roster.change(streamer, streamer.id, "2001", MANAGER)).role is MANAGER
    assert (await roster.change(streamer, streamer.id, "2001", MANAGER)).since == member.since
    assert await team(house) == {"mod": MANAGER}
    for _ in range(2):
        await roster.dismiss(streamer, streamer.id, "2001")
    assert await team(house) == {}
    assert await lines(house) == [
        ("team_named", "Streamer", "Mod", "helper"),
        ("team_role", "Streamer", "Mod", "manager"),
        ("team_dismissed", "Streamer", "Mod", "manager"),
    ]


async def test_who_is_refused_and_why(house: House) -> None:
    streamer = await house.open()
    roster = house.services.roster
    await roster.name(streamer, streamer.id, "mod", HELPER)
    with pytest.raises(Refused) as unknown:
        await roster.name(streamer, streamer.id, "nobody_there", HELPER)
    assert unknown.value.refusal is Refusal.USER_NOT_FOUND
    for login, role, field in [
        ("streamer", HELPER, "login"),
        ("mod", MANAGER, "login"),
        ("no such name", HELPER, "login"),
        ("viewer1", Role.OWNER, "role"),
    ]:
        with pytest.raises(InvalidInput) as refused:
            await roster.name(streamer, streamer.id, login, role)
        assert refused.value.field == field
    for act in (
        roster.change(streamer, streamer.id, "2001", Role.OWNER),
        roster.change(streamer, streamer.id, "3001", HELPER),
        roster.leave(streamer, streamer.id),
        roster.name(streamer, "1002", "mod", HELPER),
    ):
        with pytest.raises(InvalidInput):
            await act
    assert await team(house) == {"mod": HELPER}
    assert len(await lines(house)) == 1


async def test_a_team_has_room_for_so_many(house: House) -> None:
    streamer = await house.open()
    now = house.clock.now()
    many = tuple(Member(str(n), f"m{n}", f"M{n}", HELPER, now) for n in range(MOST_MEMBERS))
    await house.services.store.commit(replace(await house.channel(), team=many))
    with pytest.raises(InvalidInput, match="room for 50"):
        await house.services.roster.name(streamer, streamer.id, "mod", HELPER)


async def test_nobody_is_named_while_twitch_cant_say_who_that_is(house: House) -> None:
    streamer = await house.open()
    await house.fault("GET", "/helix/users", "status", status=503, times=-1)
    with pytest.raises(TwitchUnavailable):
        await house.services.roster.name(streamer, streamer.id, "mod", HELPER)
    await house.heal_twitch()
    await house.control("disconnect", user="streamer")
    with pytest.raises(Unauthorized):
        await house.services.roster.name(streamer, streamer.id, "mod", HELPER)
    assert await team(house) == {}


async def test_a_renamed_member_stays_one_and_is_shown_by_the_new_name(house: House) -> None:
    streamer = await house.open()
    await house.services.roster.name(streamer, streamer.id, "mod", HELPER)
    await house.control("rename", user="mod", login="modder")
    with pytest.raises(InvalidInput, match="already"):
        await house.services.roster.name(streamer, streamer.id, "modder", HELPER)

    async def shown() -> bool:
        [one] = (await house.services.board.staff(streamer.id)).team
        return (one.user_id, one.login, one.role) == ("2001", "modder", "helper")

    await until(shown, "the name that they have now")


async def test_two_at_once_are_both_named_and_none_twice(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    streamer = await house.open()
    roster, store = house.services.roster, house.services.store
    commit = SqliteStore.commit

    async def losing(self: SqliteStore, *records: Any) -> Any:
        """Another instance names somebody between our look and our commit, once."""
        monkeypatch.setattr(SqliteStore, "commit", commit)
        there = await house.channel()
        other = Member("3009", "viewer9", "Viewer9", MANAGER, house.clock.now())
        await store.commit(replace(there, team=(*there.team, other)))
        with pytest.raises(Conflict):
            await store.commit(*records)
        raise Conflict

    monkeypatch.setattr(SqliteStore, "commit", losing)
    await roster.name(streamer, streamer.id, "mod", HELPER)
    assert await team(house) == {"viewer9": MANAGER, "mod": HELPER}
    assert [one[2] for one in await lines(house)] == ["Mod"]
    done = await asyncio.gather(
        *(roster.name(streamer, streamer.id, "viewer1", HELPER) for _ in range(4)), return_exceptions=True
    )
    assert sorted(type(one).__name__ for one in done) == ["InvalidInput"] * 3 + ["Member"]


async def test_moderators_to_choose_from_are_those_who_are_not_on_the_team(house: House) -> None:
    streamer = await house.open()
    roster = house.services.roster
    await house.control("moderator", channel="streamer", viewer="viewer3", moderator=True)
    await roster.name(streamer, streamer.id, "mod", HELPER)
    assert [one.login for one in await roster.moderators(streamer.id)] == ["viewer3"]
    await house.fault("GET", "/helix/moderation/moderators", "status", status=503, times=-1)
    with pytest.raises(TwitchUnavailable):
        await roster.moderators(streamer.id)


async def test_whoever_was_named_sees_where(house: House) -> None:
    streamer, second = await house.open(), await house.open(login="secondstreamer")
    roster = house.services.roster
    assert await roster.channels_of("2001") == []
    await roster.name(streamer, streamer.id, "mod", HELPER)
    assert [one.id for one in await roster.channels_of("2001")] == ["1001"]
    await roster.name(second, second.id, "mod", MANAGER)
    await roster.name(second, second.id, "streamer", HELPER)
    assert [one.id for one in await roster.channels_of("2001")] == ["1002", "1001"]
    assert [one.id for one in await roster.channels_of("1001")] == ["1001", "1002"], "their own comes first"
    assert await roster.channels_of("1002") == []


async def test_the_next_act_of_somebody_dismissed_is_refused(house: House) -> None:
    streamer = await house.open()
    access, roster = house.services.access, house.services.roster
    cookie = await visitor(house, "2001", "mod")
    with pytest.raises(NotAllowed):
        await access.require(cookie, "1001", May.SEE)
    await roster.name(streamer, "1001", "mod", HELPER)
    visit = await access.require(cookie, "1001", May.GIVE)
    with pytest.raises(NotAllowed):
        await access.require(cookie, "1001", May.END)
    await roster.change(streamer, "1001", "2001", MANAGER)
    await access.require(cookie, "1001", May.END)
    with pytest.raises(NotAllowed):
        await access.require(cookie, "1001", May.TEAM)
    await roster.leave(visit.person, "1001")
    with pytest.raises(NotAllowed):
        await access.require(cookie, "1001", May.SEE)
    assert (await lines(house))[-1] == ("team_left", "Mod", "Mod", "manager")


Act = Callable[[House, Person, VipSession], Awaitable[object]]
ID = "1001"
ACTS: dict[str, tuple[May, str, Act]] = {
    "give": (May.GIVE, "granted", lambda h, me, _: h.services.gift.by_hand(me, ID, "viewer2", 1, "gift-2")),
    "hour": (May.GIVE, "extended", lambda h, me, vip: h.services.gift.add_time(me, ID, vip.id, 1, "gift-3")),
    "end": (May.END, "ended", lambda h, me, vip: h.services.expire.end_now(me, ID, vip.id)),
    "keep": (May.END, "ended", lambda h, me, vip: h.services.expire.make_permanent(me, ID, vip.id)),
    "clock": (
        May.END,
        "clocked",
        lambda h, me, _: h.services.gift.put_on_clock(me, ID, "permanentvip", 2, "clock-1"),
    ),
    "off": (May.REWARDS, "turned_off", lambda h, me, _: h.services.channels.turn(me, ID, False)),
    "change": (
        May.REWARDS,
        "reward_changed",
        lambda h, me, _: h.services.rewards.change_reward(me, ID, RewardTerms("V", 1, 1)),
    ),
    "tier": (
        May.REWARDS,
        "tier_created",
        lambda h, me, _: h.services.rewards.create_tier(me, ID, RewardTerms("Two", 1, 1)),
    ),
    "block": (May.RULES, "blocked", lambda h, me, _: h.services.rule_book.block(me, ID, "viewer5")),
}


async def decide(house: House, me: Person, approve: bool) -> AuditEntry:
    await house.rules(approval=True)
    held = await house.redeem("viewer7")
    if approve:
        await house.services.waiting.approve(me, ID, held.id)
    else:
        await house.services.dead_letters.give_back(me, ID, held.id)
    wanted = "approved" if approve else "refused"
    return next(one for one in await house.entries() if one.action == wanted)


@pytest.mark.parametrize("role", [HELPER, MANAGER])
async def test_what_a_member_does_is_in_the_log_with_their_name(house: House, role: Role) -> None:
    """By the door that a page's event comes through, so that whom the log names is whom the cookie says."""
    streamer = await house.open()
    await house.services.roster.name(streamer, ID, "mod", role)
    cookie = await visitor(house, "2001", "mod")
    tried = set()
    for name, (act, action, do) in ACTS.items():
        try:
            visit = await house.services.access.require(cookie, ID, act)
        except NotAllowed:
            assert role is HELPER, name
            continue
        if not await house.live("3001"):
            await house.services.gift.by_hand(streamer, ID, "viewer1", 5, f"gift-{name}")
        session = await house.live("3001")
        assert session
        await do(house, visit.person, session)
        entry = next(one for one in await house.entries() if one.action == action)
        assert (entry.actor_id, entry.actor_name) == ("2001", "Mod"), name
        if name == "off":
            await house.services.channels.turn(visit.person, ID, True)
        if name == "keep":
            await house.control("vip", channel="streamer", viewer="viewer1", vip=False)
        tried.add(act)
    assert tried == {HELPER: {May.GIVE}, MANAGER: {May.GIVE, May.END, May.REWARDS, May.RULES}}[role]
    visit = await house.services.access.require(cookie, ID, May.DECIDE)
    for approve in (True, False):
        entry = await decide(house, visit.person, approve)
        assert (entry.actor_id, entry.actor_name) == ("2001", "Mod")
    shown = (await house.services.board.staff(ID)).activity
    assert any(one.action == "granted" and one.actor == "Mod" for one in shown)


async def test_whoever_deletes_their_account_is_still_said_to_have_done_it(house: House) -> None:
    """What they began is done when they are gone: an end, a gift, and points given back."""
    streamer = await house.open()
    await house.redeem("viewer1")
    await house.services.roster.name(streamer, ID, "mod", MANAGER)
    mod, services = await house.sign_in("mod"), house.services
    for method, path in (("DELETE", VIPS), ("POST", VIPS)):
        await house.fault(method, path, "status", status=503)
    session = await house.live("3001")
    assert session
    await services.expire.end_now(mod, ID, session.id)
    await services.gift.by_hand(mod, ID, "viewer2", 5, "gift-1")
    await house.fault("PATCH", f"{REWARDS}/redemptions", "status", status=503, times=2)
    granted = await house.redeem("viewer3")
    await services.dead_letters.give_back(mod, ID, granted.id)
    await services.forget.person(mod.id)
    house.clock.jump(0.3)
    await services.sweep.run()
    done = {
        (one.action, one.subject_name): (one.actor_id, one.actor_name)
        for one in await house.entries()
        if one.actor_id != SYSTEM
    }
    for what in ((Action.ENDED, "Viewer1"), (Action.GRANTED, "Viewer2"), (Action.TAKEN_BACK, "Viewer3")):
        assert done[what] == ("2001", "Mod"), what


async def test_of_somebody_without_a_name_the_log_keeps_the_id(house: House) -> None:
    await house.open()
    access = house.services.access
    found = [await access.by_whom(user_id, ID) for user_id in ("", "77", ID)]
    assert [one and (one.id, one.username) for one in found] == [None, ("77", ""), (ID, "Streamer")]


async def test_a_channel_that_was_left_has_no_team_for_anybody_but_its_owner(house: House) -> None:
    streamer = await house.open()
    access, roster = house.services.access, house.services.roster
    await roster.name(streamer, ID, "mod", MANAGER)
    await roster.name(streamer, ID, "viewer1", HELPER)
    cookie = await visitor(house, "2001", "mod")
    await house.services.departure.begin(streamer, ID, "streamer")
    await asyncio.sleep(0)
    assert await house.services.departure.go_on(ID)
    with pytest.raises(NotAllowed) as refused:
        await access.require(cookie, ID, May.SEE)
    assert refused.value.role is None
    assert await roster.channels_of("2001") == []
    assert (await access.role(ID, ID), await access.role("3001", ID)) == (Role.OWNER, None)
    assert [one.login for one in (await house.services.board.staff(ID)).team] == ["mod", "viewer1"]
    await roster.dismiss(streamer, ID, "3001")
    await house.connect()
    assert await team(house) == {"mod": MANAGER}
    await access.require(cookie, ID, May.SEE)
