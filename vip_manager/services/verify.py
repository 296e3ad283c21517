"""Verifies the stored data, and repairs what can be repaired without harm. docs/verify.md says what is looked for."""

from collections.abc import Sequence
from dataclasses import dataclass

from vip_manager.domain import integrity
from vip_manager.domain.audit import Action, AuditEntry
from vip_manager.domain.books import Books, Check, Finding
from vip_manager.domain.session import VipSession
from vip_manager.ports import Clock, Conflict, Inspection, Store
from vip_manager.services.journal import new_id

_ROUNDS = 5
"""A mended record may show what else is wrong with it; a lost compare-and-set is judged anew."""
_LATER = "mend what stands above first, or run it again: it changed meanwhile"


@dataclass(frozen=True, slots=True)
class Report:
    """What was mended, what is still wrong, and how much was looked at."""

    mended: Sequence[Finding]
    left: Sequence[Finding]
    channels: int
    sessions: int
    redemptions: int
    logins: dict[str, str]
    """The channels' logins by id, for the lines."""


class Verify:
    """`store` and `inspection` are of the same data. Works beside a running server: what it reads is of one moment,
    and every mend is a compare-and-set that leaves a line in the audit log."""

    def __init__(self, store: Store, inspection: Inspection, clock: Clock) -> None:
        self._store = store
        self._inspection = inspection
        self._clock = clock

    async def run(self, *, repair: bool = False) -> Report:
        """Raises StoreError."""
        books = await self._inspection.books()
        found = integrity.find(books)
        mended: list[Finding] = []
        for _ in range(_ROUNDS if repair else 0):
            if any(finding.check is Check.DAMAGED for finding in found) or not any(one.remedy for one in found):
                break
            by_store = [finding for finding in found if finding.flaw and finding.flaw.mend]
            if by_store:
                flaws = [finding.flaw for finding in by_store if finding.flaw]
                await self._inspection.mend(flaws, self._clock.now())
            mended += await self._mend(found)
            books = await self._inspection.books()
            found = integrity.find(books)
            left = {(finding.check, finding.place) for finding in found}
            mended += [finding for finding in by_store if (finding.check, finding.place) not in left]
        return _report(mended, found, books)

    async def _mend(self, found: Sequence[Finding]) -> list[Finding]:
        """One mend a record: the next is made of how it stands then."""
        mended: list[Finding] = []
        touched = set()
        for finding in found:
            if finding.mend is None or finding.place in touched:
                continue
            touched.add(finding.place)
            try:
                await self._store.commit(finding.mend.record, self._line(finding))
            except Conflict:
                continue
            mended.append(finding)
        return mended

    def _line(self, finding: Finding) -> AuditEntry:
        assert finding.mend is not None
        record = finding.mend.record
        detail = {"check": finding.check.value, "problem": finding.problem, "login": record.login}
        if isinstance(record, VipSession):
            detail["session_id"] = record.id
            if record.expires_at:
                detail["until"] = record.expires_at.isoformat()
        else:
            detail["redemption_id"] = record.id
        return AuditEntry(
            new_id(),
            record.channel_id,
            self._clock.now(),
            Action.REPAIRED,
            subject_id=record.user_id,
            subject_name=record.username,
            detail={**detail, **finding.mend.detail},
        )


def lines(report: Report, *, repair: bool) -> list[str]:
    """What a person reads: a line a finding, and a last one that sums up."""
    said = [f"mended  {_line(finding, report)}: {finding.remedy}" for finding in report.mended]
    for finding in report.left:
        if repair:
            said.append(f"left    {_line(finding, report)}: {_LATER if finding.remedy else finding.advice}")
        elif finding.remedy:
            said.append(f"{_line(finding, report)}; --repair {finding.remedy}")
        else:
            said.append(f"{_line(finding, report)}; --repair leaves it: {finding.advice}")
    looked_at = f"{report.channels} channels, {report.sessions} sessions, {report.redemptions} redemptions"
    wrong = f"{len(report.left)} wrong" if report.left else "nothing wrong"
    mended = f"{len(report.mended)} mended, " if repair and report.mended else ""
    return [*said, f"{mended}{wrong}: {looked_at}"]


def _line(finding: Finding, report: Report) -> str:
    whose = ""
    if finding.username or finding.user_id:
        whose = f" of {finding.username or finding.user_id}"
    if finding.channel_id and finding.channel_id != finding.user_id:
        whose += f" in {report.logins.get(finding.channel_id) or finding.channel_id}"
    since = f", since {finding.since:%F %T} UTC" if finding.since else ""
    return f"{finding.check}: {finding.place}{whose}{since}: {finding.problem}"


def _report(mended: Sequence[Finding], left: Sequence[Finding], books: Books) -> Report:
    logins = {channel.id: channel.login for channel in books.channels}
    return Report(mended, left, len(books.channels), len(books.sessions), len(books.redemptions), logins)
