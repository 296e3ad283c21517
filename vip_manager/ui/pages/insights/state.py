"""What the page of insights shows. Its address says for how many days; the browser says whose days these are."""

from collections.abc import AsyncIterator
from typing import Any

import reflex as rx

from vip_manager.domain.days import LONGEST_NAME
from vip_manager.domain.insights import PERIODS
from vip_manager.domain.sentence import Sentence
from vip_manager.domain.team import May
from vip_manager.domain.terms import InvalidInput
from vip_manager.ports import StoreError
from vip_manager.services.access import Visit
from vip_manager.services.container import running
from vip_manager.services.insights import Report
from vip_manager.ui import guard, words
from vip_manager.ui.channel_page import ChannelPage

PATH = "/dashboard/insights"
USUAL = 30


class Insights(ChannelPage):
    """`period` is how many days the address asks for, `zone` what the browser said of itself; `report` is there once it
    is `computed`. `away`: why there is none."""

    period: int = USUAL
    zone: str = ""
    report: Report = Report()
    computed: bool = False
    away: Sentence = Sentence()

    def _leave(self) -> None:
        super()._leave()
        self.report, self.computed, self.away = Report(), False, Sentence()

    @rx.event
    @guard.public
    async def enter(self) -> AsyncIterator[Any]:
        """The page was opened, or its connection came back, or another period was chosen."""
        asked = self._query("days")
        self.period = int(asked) if asked in map(str, PERIODS) else USUAL
        async for step in self._enter():
            yield step
        # The first time nobody has said yet whose days they are.
        if self.loaded and self.zone and not self.refused and not self.broken:
            visit = await guard.visit(self, May.SEE)
            await self._compute(visit.channel_id)

    @rx.event
    @guard.staff(May.SEE)
    async def sum_up(self, visit: Visit, zone: str) -> None:
        """The browser tells in which time zone it is."""
        self.zone = zone[:LONGEST_NAME]
        await self._compute(visit.channel_id)

    @rx.event
    @guard.staff(May.SEE)
    async def sum_again(self, visit: Visit) -> AsyncIterator[Any]:
        """The store was away."""
        self._clear()
        self.busy = "again"
        yield
        await self._compute(visit.channel_id)

    async def _compute(self, channel_id: str) -> None:
        self.away = Sentence()
        try:
            self.report = await running().insights.report(channel_id, self.period, self.zone)
        except StoreError:
            self.away = Sentence(words.STORE_DOWN)
            return
        except InvalidInput as error:
            # Too many were made just now; what is shown would be of another period.
            self.away = error.sentence
            return
        self.computed = True
