"""What a restore says: what is there now, what comes back by itself, and what does not."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from vip_manager.recovery import Put
from vip_manager.services.restored import Marked

_MOST_LINES = 200

_COMES_BACK = (
    "At the next start each channel waits until it was compared with Twitch. Before that nothing is given, ended or "
    "settled there.",
    "What comes back: redemptions that Twitch lists as open, given back or done; more time that was redeemed; ends.",
    "What is put before the streamer, on the page Health: redemptions that are done on Twitch and in no record. "
    "“Try again” puts a VIP who is there by one of them on the clock, and ends it where that is over: leave whoever is "
    "permanent.",
    "What does not come back: gifts, more time and ends by hand; VIPs made permanent; changed rules, teams and "
    "settings; new API tokens. Tokens and team members that were taken away since are back: take them away again.",
)


def lines(put: Put) -> list[str]:
    age = put.until - put.since
    return [
        f"Restored: the data stands as of {_at(put.since)}.",
        f"The program had worked on until {_at(put.until)}: {_long(age)} are in no record.",
        *([f"What was there is kept as {put.aside}."] if put.aside else []),
        *_marked(put.marked),
        *_COMES_BACK,
        *_lost(put.lost),
    ]


def marked(since: datetime, done: Marked) -> list[str]:
    return [f"Marked: the data stands as of {_at(since)}.", *_marked(done), *_COMES_BACK]


def _marked(done: Marked) -> Iterator[str]:
    yield f"Channels to be compared with Twitch: {done.channels}."
    if done.without_token:
        yield f"Without a Twitch token that opens: {done.without_token}. They wait until the streamer signs in."


def _lost(lost: list[str] | None) -> Iterator[str]:
    if lost is None:
        yield "What was there could not be read, so what exactly is missing nobody can say."
    elif not lost:
        yield "What was there knew nothing that the backup does not know."
    else:
        yield "What was there could be read. It knew, and the backup does not:"
        yield from (f"  {one}" for one in lost[:_MOST_LINES])
        if len(lost) > _MOST_LINES:
            yield f"  and {len(lost) - _MOST_LINES} more."


def _at(moment: datetime) -> str:
    return f"{moment:%F %T} UTC"


def _long(age: timedelta) -> str:
    for name, one in (("seconds", timedelta(seconds=1)), ("minutes", timedelta(minutes=1))):
        if age < 120 * one:
            return f"{age / one:.0f} {name}"
    return f"{age / timedelta(hours=1):.1f} hours"
