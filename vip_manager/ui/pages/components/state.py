"""The page of all components: what they are shown with, and which dialog is open."""

import reflex as rx

from vip_manager.domain.rule_terms import parse_rules
from vip_manager.domain.rules import Rules
from vip_manager.domain.sentence import Sentence
from vip_manager.domain.terms import parse_terms
from vip_manager.services.container import running
from vip_manager.services.pictures import ActivityLine, JustOver, StaffTier, StaffVip
from vip_manager.services.sandbox import Sandbox
from vip_manager.services.written import millis
from vip_manager.ui import guard, live
from vip_manager.ui.auth_state import Site
from vip_manager.ui.pages.components import samples
from vip_manager.ui.rule_words import when_full

SHOWN = frozenset({"dialog", "question"})


class Components(Site):
    """`now` is the server's time in milliseconds; `dialog` which of `SHOWN` is open; `says` and `cant` are what a rule
    says of what is chosen."""

    loaded: bool = False
    now: int = 0
    vips: list[StaffVip] = []  # noqa: RUF012  (Reflex gives each state its own copy)
    over: list[JustOver] = []  # noqa: RUF012
    lines: list[ActivityLine] = []  # noqa: RUF012
    rewards: list[StaffTier] = []  # noqa: RUF012
    says: list[Sentence] = []  # noqa: RUF012
    cant: list[Sentence] = []  # noqa: RUF012
    dialog: str = ""

    @rx.event
    @guard.public
    async def enter(self) -> None:
        """The page was opened, or its connection came back."""
        self._clear()
        self.dialog = ""
        self.notice = Sentence()
        await self._greet()
        await live.leave(self)
        self.loaded = running().sandbox is not None
        if not self.loaded:
            self.vips, self.over, self.lines, self.rewards = [], [], [], []
            return
        now = running().clock.now()
        self.now = millis(now)
        self.vips, self.over = samples.clocks(now), samples.over(now)
        self.lines, self.rewards = samples.lines(now), samples.rewards()
        self.says, self.cant = when_full(Rules()), [samples.refused(lambda: parse_rules({"seats": "-1"})).sentence]
        wrong = samples.refused(lambda: parse_terms("VIP", "a lot", "24"))
        self._fail(wrong.sentence, wrong.field)

    @rx.event
    @guard.sandbox
    def show(self, sandbox: Sandbox, name: str) -> None:
        """Opens a dialog; an empty name closes it."""
        self.dialog = name if name in SHOWN else ""

    @rx.event
    @guard.sandbox
    def say(self, sandbox: Sandbox) -> None:
        self._say("@{who} is VIP.", who=samples.NAMES[0])
