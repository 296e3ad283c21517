"""Browsers are recognised by their cookie, whatever else they carry, and forgotten when they sign out."""

import asyncio
from datetime import timedelta

import pytest

from tests.house import HandClock, House
from vip_manager.domain.account import Account
from vip_manager.domain.audit import Action
from vip_manager.domain.channel import Channel
from vip_manager.domain.team import May, Member, Role
from vip_manager.services.access import SEEN_EVERY, SIGNED_IN_FOR, UNUSED_FOR, NotAllowed, NotSignedIn


@pytest.fixture
async def cookie(house: House) -> str:
    """A cookie header of the streamer's browser."""
    streamer = await house.connect()
    return f"{house.services.access.cookie_name}={await house.services.access.sign_in(streamer.id)}"


@pytest.mark.parametrize(
    "foreign",
    [
        'prefs={"theme":"dark"}',
        "a=b c",
        "x=ü",
        "weird",
        "",
        "=",
        "k[0]=1",
        'a="x',
        "theme=a,b",
        "mail=u@x.org",
        "j=%7B",
        "xvip=1",
        "VIP=1",
        "vip2=vip=1",
    ],
)
async def test_odd_cookies_of_other_programs_sign_nobody_out(house: House, cookie: str, foreign: str) -> None:
    for header in (f"{foreign}; {cookie}", f"{cookie}; {foreign}", f"{foreign};{cookie}"):
        person = await house.services.access.person(header)
        assert person is not None, header
        assert person.login == "streamer"


@pytest.mark.parametrize("header", ["", "vip=", "vip", "vip=nonsense", "a=1; b=2", ";;;"])
async def test_nobody_is_recognised_without_their_cookie(house: House, cookie: str, header: str) -> None:
    assert await house.services.access.person(header) is None
    assert await house.services.access.sign_out(header) is None
    assert await house.services.access.person(cookie)


async def test_a_failing_listener_does_not_break_signing_out(house: House, cookie: str) -> None:
    person = await house.services.access.person(cookie)
    assert person
    told = []

    async def broken(sign_in_id: str) -> None:
        raise KeyError(sign_in_id)

    async def listening(sign_in_id: str) -> None:
        told.append(sign_in_id)

    house.services.access.when_signed_out(broken)
    house.services.access.when_signed_out(listening)
    assert await house.services.access.sign_out(cookie) == "1001"
    assert told == [person.sign_in_id]
    assert await house.services.access.person(cookie) is None


async def test_signing_out_of_one_browser_leaves_the_other_signed_in(house: House, cookie: str) -> None:
    other = f"vip={await house.services.access.sign_in('1001')}"
    await house.services.access.sign_out(cookie)
    assert await house.services.access.sign_out(cookie) is None
    assert await house.services.access.person(other)


async def test_a_sign_in_lasts_by_real_time_whatever_the_sandbox_jumps(
    house: House, clock: HandClock, cookie: str
) -> None:
    house.clock.jump(24 * 365)
    assert await house.services.access.person(cookie)
    clock.wrong = UNUSED_FOR - timedelta(minutes=1)
    assert await house.services.access.person(cookie)


async def test_who_is_not_there_for_long_is_signed_out(house: House, clock: HandClock, cookie: str) -> None:
    clock.wrong = UNUSED_FOR + timedelta(minutes=1)
    assert await house.services.access.person(cookie) is None
    assert await house.services.access.sign_out(cookie) is None


async def test_who_is_there_again_and_again_stays_until_the_absolute_end(
    house: House, clock: HandClock, cookie: str
) -> None:
    while clock.wrong + timedelta(days=6) < SIGNED_IN_FOR:
        clock.wrong += timedelta(days=6)
        assert await house.services.access.person(cookie), clock.wrong
    clock.wrong = SIGNED_IN_FOR + timedelta(minutes=1)
    assert await house.services.access.person(cookie) is None


async def test_being_there_is_written_down_once_an_hour(house: House, clock: HandClock, cookie: str) -> None:
    person = await house.services.access.person(cookie)
    assert person is not None
    before = await house.services.store.accounts.sign_in(person.sign_in_id)
    await house.services.access.person(cookie)
    assert await house.services.store.accounts.sign_in(person.sign_in_id) == before
    clock.wrong = SEEN_EVERY + timedelta(minutes=1)
    await asyncio.gather(*(house.services.access.person(cookie) for _ in range(5)))
    after = await house.services.store.accounts.sign_in(person.sign_in_id)
    assert before is not None
    assert after is not None
    assert after.expires_at > before.expires_at


async def test_a_page_that_is_only_looked_at_stays_signed_in_for_as_long_as_any(
    house: House, clock: HandClock, cookie: str
) -> None:
    person = await house.services.access.person(cookie)
    assert person is not None
    while clock.wrong + timedelta(days=6) < SIGNED_IN_FOR:
        clock.wrong += timedelta(days=6)
        assert await house.services.access.alive(person.sign_in_id)
    clock.wrong = SIGNED_IN_FOR
    assert not await house.services.access.alive(person.sign_in_id)


async def test_one_sees_where_one_is_signed_in_and_ends_one_of_them(
    house: House, clock: HandClock, cookie: str
) -> None:
    access = house.services.access
    clock.wrong = timedelta(minutes=1)
    phone = f"vip={await access.sign_in('1001', 'Chrome on Android')}"
    me = await access.person(cookie)
    assert me is not None
    mine, other, older = await access.signed_in(me)
    assert (mine.here, other.here, other.browser) == (True, False, "Chrome on Android")
    assert phone.partition("=")[2] not in repr((mine, other, older))
    ended: list[str] = []

    async def tell(sign_in_id: str) -> None:
        ended.append(sign_in_id)

    access.when_signed_out(tell)
    assert await access.sign_out_one(me, other.handle)
    assert not await access.sign_out_one(me, other.handle)
    assert len(ended) == 1
    assert await access.person(phone) is None
    assert await access.person(cookie)


async def test_nobody_ends_anothers_sign_in(house: House, cookie: str) -> None:
    second = await house.connect("secondstreamer")
    me = await house.services.access.person(cookie)
    assert me is not None
    [theirs, *_] = await house.services.access.signed_in(second)
    assert not await house.services.access.sign_out_one(me, theirs.handle)
    assert await house.services.access.alive(second.sign_in_id)


async def test_signing_out_everywhere_leaves_nobody_signed_in_but_others(house: House, cookie: str) -> None:
    access = house.services.access
    second = await house.connect("secondstreamer")
    phone = f"vip={await access.sign_in('1001')}"
    assert await access.sign_out_everywhere("1001") == 3
    assert await access.person(cookie) is None
    assert await access.person(phone) is None
    assert await access.alive(second.sign_in_id)
    lines = await house.services.store.audit.latest("1001", 10)
    assert sum(line.action is Action.SIGNED_OUT for line in lines) == 3


async def test_a_sign_out_is_not_undone_by_a_tab_that_is_there_at_that_moment(
    house: House, clock: HandClock, cookie: str
) -> None:
    clock.wrong = SEEN_EVERY + timedelta(minutes=1)
    looks = [house.services.access.person(cookie) for _ in range(10)]
    await asyncio.gather(*looks[:5], house.services.access.sign_out(cookie), *looks[5:])
    assert await house.services.access.person(cookie) is None


async def test_sign_ins_that_are_over_are_forgotten(house: House, clock: HandClock, cookie: str) -> None:
    other = f"vip={await house.services.access.sign_in('1001')}"
    await house.services.access.sign_out(other)
    clock.wrong = timedelta(minutes=1)
    assert await house.services.access.sweep() == 1
    assert await house.services.access.sweep() == 0
    assert await house.services.access.person(cookie)


async def test_only_the_owner_and_whom_they_named_may_act_in_a_channel(house: House, cookie: str) -> None:
    access = house.services.access
    visit = await access.require(cookie, "1001", May.DATA)
    assert (visit.person.id, visit.role) == ("1001", Role.OWNER)
    with pytest.raises(NotAllowed) as refused:
        await access.require(cookie, "1002", May.SEE)
    assert refused.value.role is None
    with pytest.raises(NotSignedIn):
        await access.require("vip=nonsense", "1001", May.SEE)
    member = Member("1001", "streamer", "Streamer", Role.HELPER, house.clock.now())
    second = Account("1002", "second", "Second")
    await house.services.store.commit(Channel("1002", "1002", "second", "Second", team=(member,)), second)
    assert (await access.require(cookie, "1002", May.GIVE)).role is Role.HELPER
    with pytest.raises(NotAllowed) as refused:
        await access.require(cookie, "1002", May.END)
    assert refused.value.role is Role.HELPER


async def test_the_store_does_not_hold_what_the_browser_sends(house: House, cookie: str) -> None:
    value = cookie.partition("=")[2]
    assert all(value.encode() not in path.read_bytes() for path in house.settings.data_dir.iterdir() if path.is_file())
