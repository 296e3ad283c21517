"""The rewards' page: several rewards, the rules as they are being chosen, and who may not redeem."""

from collections.abc import AsyncIterator
from dataclasses import fields, replace
from typing import Any

import reflex as rx

from vip_manager.domain.rule_terms import parse_rules
from vip_manager.domain.sentence import Sentence
from vip_manager.domain.team import May
from vip_manager.domain.terms import InvalidInput, parse_login, parse_terms
from vip_manager.services.access import Visit
from vip_manager.services.container import running
from vip_manager.services.pictures import StaffRules
from vip_manager.ui import guard, happened_words, live, rooms, typed
from vip_manager.ui.channel_page import ChannelPage
from vip_manager.ui.rule_words import LABELS, SECTIONS, RuleWords, told

TICKED = frozenset({"close_when_full", "approval"})
LONGEST_TYPED = 20


class Rewards(ChannelPage):
    """`saved` are the rules that the form began with, `draft` those that it shows now; neither has the block list.
    `says` is what the draft would do. `edition` grows where the form is to be filled anew; `of` is the channel
    whose rules it shows. `error_at` is "rules" or "block"."""

    saved: StaffRules = StaffRules()
    draft: StaffRules = StaffRules()
    unsaved: bool = False
    says: RuleWords = RuleWords()
    edition: int = 0
    of: str = ""

    def _leave(self) -> None:
        super()._leave()
        self.of = ""
        self._fill(StaffRules())

    @rx.event
    @guard.public
    async def enter(self) -> AsyncIterator[Any]:
        """The page was opened, or its connection came back."""
        async for step in self._enter():
            yield step

    def _met(self) -> None:
        """What is half typed stays, as long as it is about this channel."""
        if not self.unsaved or self.of != self.picture.channel_id:
            self.of = self.picture.channel_id
            self._fill(replace(self.picture.rules, blocked=[]))

    def _fill(self, rules: StaffRules) -> None:
        self.saved = self.draft = rules
        self.unsaved = False
        self.edition += 1
        self._tell()

    def _tell(self) -> None:
        tier = next((one for one in self.picture.tiers if one.default), None)
        self.says = told(_form(self.draft), _form(self.saved), float(tier.hours if tier else 24))

    @rx.event
    @guard.public
    def choose(self, name: str, value: str) -> None:
        """What is being typed or chosen, for the sentence below it."""
        if name in SECTIONS and name not in TICKED:
            self._draw(name, value[:LONGEST_TYPED].strip().replace(",", "."))

    @rx.event
    @guard.public
    def tick(self, name: str, on: bool) -> None:
        """The same of a box."""
        if name in TICKED:
            self._draw(name, on)

    def _draw(self, name: str, value: str | bool) -> None:
        self.draft = replace(self.draft, **{name: value})
        self.unsaved = self.draft != self.saved
        self._tell()

    async def _refill(self, channel_id: str) -> AsyncIterator[None]:
        """Picture and form at once, or they would differ until the picture comes by itself."""
        async for picture in live.settled(rooms.STAFF, channel_id):
            self.picture = picture
            self._fill(replace(picture.rules, blocked=[]))
            yield

    @rx.event
    @guard.staff(May.SEE)
    async def discard(self, visit: Visit) -> AsyncIterator[None]:
        """The form shows the rules as they are now."""
        self._clear()
        async for _ in self._refill(visit.channel_id):
            yield

    @rx.event
    @guard.staff(May.RULES)
    async def save(self, visit: Visit, form: dict[str, Any]) -> AsyncIterator[None]:
        """All rules at once. Of what the page does not show, as another choice makes it void, the saved value stays."""
        self._clear()
        self.error_at = "rules"
        shown = {name: value for name, value in form.items() if name in SECTIONS}
        unticked = dict.fromkeys(TICKED, "")
        try:
            rules = parse_rules(_form(self.saved) | unticked | shown)
        except InvalidInput as error:
            raise InvalidInput(
                error.field, "{label}: {why}", label=Sentence(LABELS[error.field]), why=error.sentence
            ) from None
        self.busy = "rules"
        yield
        await running().rule_book.change(visit.person, visit.channel_id, rules)
        async for _ in self._refill(visit.channel_id):
            yield
        self._say("The rules were saved. They count from now on.")

    @rx.event
    @guard.staff(May.RULES)
    async def block(self, visit: Visit, form: dict[str, Any]) -> AsyncIterator[None]:
        self._clear()
        self.error_at = "block"
        login = parse_login(typed.fields(form, "login")[0])
        self.busy = "block"
        yield
        blocked = await running().rule_book.block(visit.person, visit.channel_id, login)
        self._say("@{who} may not redeem any more. Who is VIP stays it.", who=blocked.username)

    @rx.event
    @guard.staff(May.RULES)
    async def unblock(self, visit: Visit, user_id: str) -> AsyncIterator[None]:
        self._clear()
        self.error_at = "block"
        user_id = typed.record_id(user_id)
        self.busy = f"unblock:{user_id}"
        yield
        await running().rule_book.unblock(visit.person, visit.channel_id, user_id)

    @rx.event
    @guard.staff(May.REWARDS)
    async def create_tier(self, visit: Visit, form: dict[str, Any]) -> AsyncIterator[None]:
        if self.dialog != "new":
            return
        self._clear()
        terms = parse_terms(*typed.fields(form, "title", "cost", "hours"))
        self.busy = "tier"
        yield
        await running().rewards.create_tier(visit.person, visit.channel_id, terms)
        self._close()
        self._say("The reward “{reward}” is on the channel now.", reward=terms.title)

    @rx.event
    @guard.staff(May.REWARDS)
    async def change_tier(self, visit: Visit, form: dict[str, Any]) -> AsyncIterator[None]:
        """`refund_after` is the channel's, and asked for with the first reward."""
        if self.dialog != "tier" or not self.subject:
            return
        self._clear()
        title, cost, hours, refund_after = typed.fields(form, "title", "cost", "hours", "refund_after")
        terms = parse_terms(title, cost, hours, refund_after if "refund_after" in form else None)
        self.busy = "tier"
        yield
        await running().rewards.change_tier(visit.person, visit.channel_id, self.subject, terms)
        self._close()
        self._say("The reward was changed. Hours already given stay as they are.")

    @rx.event
    @guard.staff(May.REWARDS)
    async def delete_tier(self, visit: Visit) -> AsyncIterator[None]:
        if self.dialog != "delete" or not self.subject:
            return
        self._clear()
        self.busy = "delete"
        yield
        given_back = await running().retire.reward(visit.person, visit.channel_id, self.subject)
        self._close()
        self._say(happened_words.retired(given_back))


def _form(rules: StaffRules) -> dict[str, str]:
    """As a browser would send it: a box that is not ticked is empty."""
    shown = {one.name: getattr(rules, one.name) for one in fields(rules)}
    return {name: ("on" if value else "") if name in TICKED else str(value) for name, value in shown.items()}
