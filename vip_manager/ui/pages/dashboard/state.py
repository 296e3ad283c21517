"""The dashboard's state: what is shown, which dialog is open, and every act of the streamer."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import reflex as rx

from vip_manager.domain.reasons import Refusal
from vip_manager.domain.team import May
from vip_manager.domain.terms import InvalidInput, parse_hours, parse_login, parse_terms
from vip_manager.services.access import Visit
from vip_manager.services.container import running
from vip_manager.services.refused import Refused
from vip_manager.services.sandbox import Sandbox, SandboxRefused
from vip_manager.services.written import hours_text
from vip_manager.ui import guard, happened_words, typed, words
from vip_manager.ui.channel_page import ChannelPage
from vip_manager.ui.pages.health.trial import Trial


class Dashboard(ChannelPage):
    """`draft_title` is empty while nobody has typed one: the page has a name in its reader's language. `error_at` is
    "new" where the form of a new reward went wrong."""

    draft_title: str = ""
    draft_cost: str = "5000"
    draft_hours: str = "24"
    clock_hours: str = "24"
    viewers: list[str] = []  # noqa: RUF012  (Reflex gives each state its own copy)

    def _leave(self) -> None:
        super()._leave()
        self.viewers = []

    @rx.event
    @guard.public
    async def enter(self) -> AsyncIterator[Any]:
        """The page was opened, or its connection came back."""
        (await self.get_state(Trial))._anew()
        async for step in self._enter():
            yield step
        if self.picture.login and not self.broken:
            await self._meet_viewers()

    async def _meet_viewers(self) -> None:
        sandbox = running().sandbox
        if sandbox is not None:
            try:
                self.viewers = await sandbox.viewers(self.picture.login)
            except SandboxRefused:
                self.viewers = []

    @rx.event
    @guard.public
    def draft(self, field: str, value: str) -> None:
        """What is being typed into the reward's form, for its preview."""
        if field in ("title", "cost", "hours"):
            text = value[:60]
            setattr(self, f"draft_{field}", text.replace(",", ".") if field == "hours" else text)

    @rx.event
    @guard.staff(May.REWARDS)
    async def create_reward(self, visit: Visit, form: dict[str, Any]) -> AsyncIterator[None]:
        self._clear()
        self.error_at = "new"
        self.draft_title, self.draft_cost, self.draft_hours = typed.fields(form, "title", "cost", "hours")
        terms = parse_terms(self.draft_title, self.draft_cost, self.draft_hours)
        self.draft_hours = hours_text(terms.hours)
        self.busy = "reward"
        yield
        await running().rewards.create_reward(visit.person, visit.channel_id, terms)
        self._say("The reward “{reward}” is on the channel now.", reward=terms.title)

    @rx.event
    @guard.staff(May.REWARDS)
    async def change_reward(self, visit: Visit, form: dict[str, Any]) -> AsyncIterator[None]:
        self._clear()
        terms = parse_terms(*typed.fields(form, "title", "cost", "hours", "refund_after"))
        self.busy = "reward"
        yield
        await running().rewards.change_reward(visit.person, visit.channel_id, terms)
        # Opened again before the room has the new picture, the form would show what was.
        self.picture = await running().board.staff(visit.channel_id)
        self._close()
        self._say("The reward was changed. Hours already given stay as they are.")

    @rx.event
    @guard.staff(May.GIVE)
    async def give(self, visit: Visit, form: dict[str, Any]) -> AsyncIterator[None]:
        if self.dialog != "give":
            return
        self._clear()
        login, hours = typed.fields(form, "login", "hours")
        login = parse_login(login)
        given = hours_text(parse_hours(hours))
        self.busy = "give"
        yield
        gift = f"gift:{self._submission}:{login}:{hours.strip()}"
        session = await running().gift.by_hand(visit.person, visit.channel_id, login, hours, gift)
        self._close()
        if session.state == "aside":
            self._say(
                "@{who} is a moderator now: the {hours, number} h are on their clock.",
                who=session.username,
                hours=given,
            )
        elif session.state == "granting":
            self._say("@{who} becomes VIP as soon as it can be.", who=session.username)
        elif len(session.credits) > 1:
            self._say("@{who} has {hours, number} h more.", who=session.username, hours=given)
        else:
            self._say("@{who} is VIP.", who=session.username)

    @rx.event
    @guard.staff(May.GIVE)
    async def hour(self, visit: Visit, session_id: str, seen_end: int) -> AsyncIterator[None]:
        """One hour more. Two clicks on the same end, or on the same hours that stand, before the page showed the new
        ones, are one gift."""
        self._clear()
        session_id = typed.record_id(session_id)
        self.busy = f"hour:{session_id}"
        yield
        gift = f"hour:{visit.person.id}:{session_id}:{seen_end}"
        session = await running().gift.add_time(visit.person, visit.channel_id, session_id, 1, gift)
        self._say("@{who} has {hours, number} h more.", who=session.username, hours=1)

    @rx.event
    @guard.staff(May.GIVE)
    async def add_time(self, visit: Visit, form: dict[str, Any]) -> AsyncIterator[None]:
        if self.dialog != "more" or not self.subject:
            return
        self._clear()
        (hours,) = typed.fields(form, "hours")
        given = hours_text(parse_hours(hours))
        self.busy = "add"
        yield
        gift = f"gift:{self._submission}:{self.subject}:{hours.strip()}"
        session = await running().gift.add_time(visit.person, visit.channel_id, self.subject, hours, gift)
        self._close()
        self._say("@{who} has {hours, number} h more.", who=session.username, hours=given)

    @rx.event
    @guard.staff(May.END)
    async def end_now(self, visit: Visit) -> AsyncIterator[None]:
        if self.dialog != "end" or not self.subject:
            return
        self._clear()
        self.busy = "end"
        yield
        session = await running().expire.end_now(visit.person, visit.channel_id, self.subject)
        self._close()
        self._say("@{who} is losing VIP." if session.live else "@{who} is no longer VIP.", who=session.username)
        if await running().gift.undoable(session):
            self.undo = session.id

    @rx.event
    @guard.staff(May.GIVE)
    async def again(self, visit: Visit, session_id: str) -> AsyncIterator[None]:
        """That VIP ended a moment ago, and goes on. What is given, and to whom, the server knows."""
        self._clear()
        session_id = typed.record_id(session_id)
        self.busy = f"again:{session_id}"
        yield
        session = await running().gift.again(visit.person, visit.channel_id, session_id)
        if session.state == "granting":
            self._say("@{who} becomes VIP as soon as it can be.", who=session.username)
        else:
            self._say("@{who} is VIP again.", who=session.username)

    @rx.event
    @guard.staff(May.END)
    async def make_permanent(self, visit: Visit) -> AsyncIterator[None]:
        if self.dialog != "permanent" or not self.subject:
            return
        self._clear()
        self.busy = "permanent"
        yield
        session = await running().expire.make_permanent(visit.person, visit.channel_id, self.subject)
        self._close()
        self._say("@{who} is VIP for good.", who=session.username)

    @rx.event
    @guard.public
    def weigh_clock(self, form: dict[str, Any]) -> None:
        """Who is to be put on a clock was named: what that means is said before it is done."""
        if self.dialog != "permanents":
            return
        self._clear()
        login, hours = typed.fields(form, "login", "hours")
        login, self.clock_hours = parse_login(login), hours_text(parse_hours(hours))
        self._open("clock", login)

    @rx.event
    @guard.staff(May.END)
    async def put_on_clock(self, visit: Visit) -> AsyncIterator[None]:
        if self.dialog != "clock" or not self.subject:
            return
        self._clear()
        login, hours = self.subject, self.clock_hours
        self.busy = "clock"
        yield
        gift = f"clock:{self._submission}:{login}:{hours}"
        try:
            session = await running().gift.put_on_clock(visit.person, visit.channel_id, login, hours, gift)
        except Refused as error:
            if error.refusal is not Refusal.STILL_VIP:
                raise
            self._fail(words.ON_A_CLOCK)
            return
        self._close()
        self._say("@{who} is on a clock: VIP ends in {hours, number} h.", who=session.username, hours=hours)

    @rx.event
    @guard.staff(May.DECIDE)
    async def approve(self, visit: Visit, redemption_id: str) -> AsyncIterator[None]:
        self._clear()
        redemption_id = typed.record_id(redemption_id)
        self.busy = f"yes:{redemption_id}"
        yield
        done = await running().waiting.approve(visit.person, visit.channel_id, redemption_id)
        if done.state in ("refunding", "canceled", "kept") and done.refusal:
            self._fail(happened_words.refused("@{who} was not made VIP. {reason}", done.username, done.refusal))
        else:
            self._say(happened_words.approved(done.username, done.state))

    @rx.event
    @guard.staff(May.DECIDE)
    async def try_again(self, visit: Visit, redemption_id: str) -> AsyncIterator[None]:
        self._clear()
        redemption_id = typed.record_id(redemption_id)
        self.busy = f"again:{redemption_id}"
        yield
        done = await running().dead_letters.try_again(visit.person, visit.channel_id, redemption_id)
        if done is not None and done.state == "kept" and done.refusal:
            self._fail(happened_words.refused("@{who} can't be VIP yet. {reason}", done.username, done.refusal))

    @rx.event
    @guard.staff(May.DECIDE)
    async def try_session(self, visit: Visit, session_id: str) -> AsyncIterator[None]:
        self._clear()
        session_id = typed.record_id(session_id)
        self.busy = f"again:{session_id}"
        yield
        await running().dead_letters.try_session(visit.person, visit.channel_id, session_id)

    @rx.event
    @guard.staff(May.DECIDE)
    async def let_be(self, visit: Visit, redemption_id: str) -> AsyncIterator[None]:
        self._clear()
        redemption_id = typed.record_id(redemption_id)
        self.busy = f"leave:{redemption_id}"
        yield
        await running().dead_letters.let_be(visit.person, visit.channel_id, redemption_id)
        self._say("It stays as it is.")

    @rx.event
    @guard.staff(May.DECIDE)
    async def give_back(self, visit: Visit) -> AsyncIterator[None]:
        if self.dialog != "giveback" or not self.subject:
            return
        self._clear()
        self.busy = "giveback"
        yield
        done = await running().dead_letters.give_back(visit.person, visit.channel_id, self.subject)
        self._close()
        if done.state == "canceled":
            self._say("@{who} has the points back.", who=done.username)
        elif done.state in ("kept", "fulfilled"):
            self._fail("On Twitch the redemption is done, so the points could not go back.")
        else:
            self._say("@{who} gets the points back as soon as Twitch answers.", who=done.username)

    @rx.event
    @guard.staff(May.REWARDS)
    async def adopt(self, visit: Visit, reward_id: str) -> AsyncIterator[None]:
        self._clear()
        reward_id = typed.record_id(reward_id)
        self.busy = f"adopt:{reward_id}"
        yield
        title = next((one.title for one in self.picture.spare_rewards if one.id == reward_id), "")
        channel = await running().rewards.adopt(visit.person, visit.channel_id, reward_id)
        self._say("The reward “{reward}” gives VIP now.", reward=title or channel.reward_title)

    @rx.event
    @guard.staff(May.REWARDS)
    async def retire(self, visit: Visit) -> AsyncIterator[None]:
        if self.dialog != "retire" or not self.subject:
            return
        self._clear()
        self.busy = "retire"
        yield
        given_back = await running().retire.reward(visit.person, visit.channel_id, self.subject)
        self._close()
        self._say(happened_words.retired(given_back))

    @rx.event
    @guard.staff(May.SEE)
    async def redeem(self, visit: Visit, form: dict[str, Any]) -> AsyncIterator[None]:
        self._clear()
        sandbox = _sandbox()
        viewer, reward_id = typed.fields(form, "viewer", "reward")
        self.busy = "redeem"
        yield
        await sandbox.redeem(visit.channel_id, viewer, reward_id)
        self._say("@{who} redeemed the reward.", who=parse_login(viewer))

    @rx.event
    @guard.staff(May.SEE)
    async def jump(self, visit: Visit, hours: str) -> AsyncIterator[None]:
        """Time is one for the whole sandbox, so only somebody with a channel in it may move it."""
        self._clear()
        sandbox = _sandbox()
        ahead = parse_hours(hours[:20])
        hours = hours_text(ahead)
        self.busy = f"jump:{hours}"
        yield
        await sandbox.jump(timedelta(hours=ahead))
        self._say("The clocks are {hours, number} h further.", hours=hours)

    @rx.event
    @guard.staff(May.SEE)
    async def jump_form(self, visit: Visit, form: dict[str, Any]) -> AsyncIterator[None]:
        self._clear()
        sandbox = _sandbox()
        (hours,) = typed.fields(form, "hours")
        try:
            ahead = parse_hours(hours)
        except InvalidInput as error:
            raise InvalidInput("jump", error.sentence) from None
        self.busy = "jump:custom"
        yield
        await sandbox.jump(timedelta(hours=ahead))
        self._say("The clocks are {hours, number} h further.", hours=hours_text(ahead))


def _sandbox() -> Sandbox:
    sandbox = running().sandbox
    if sandbox is None:
        raise InvalidInput("viewer", "That is for the sandbox only.")
    return sandbox
