"""`…/vips`: who is VIP, giving it, more of it, and ending it."""

from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from vip_manager.domain.rules import VipClock
from vip_manager.domain.session import SessionState, VipSession
from vip_manager.domain.terms import InvalidInput
from vip_manager.services.api_calls import Attempt
from vip_manager.services.api_tokens import Caller
from vip_manager.services.container import running
from vip_manager.web.v1.calls import BadRequest, body, once, page

MOST = 100


async def listed(request: Request, caller: Caller) -> Response:
    """In the order in which they began; `cursor` is the id of the last one that was seen."""
    limit, cursor = page(request, MOST)
    sessions = await running().store.sessions.live(caller.visit.channel_id)
    sessions.sort(key=lambda one: (one.created_at, one.id))
    if cursor:
        last = next((one for one in sessions if one.id == cursor), None) or await _seen(caller, cursor)
        sessions = [one for one in sessions if (one.created_at, one.id) > (last.created_at, last.id)]
    shown = sessions[:limit]
    return JSONResponse(
        {
            "data": [vip(one, running().clock.now()) for one in shown],
            "next_cursor": shown[-1].id if len(sessions) > limit else None,
        }
    )


async def give(request: Request, caller: Caller) -> Response:
    """201 where somebody becomes VIP by it, 200 where they have more of it, 202 where Twitch is yet to confirm."""
    sent = await body(request, user_id=str, user_login=str, hours=(int, float))
    if ("user_id" in sent) == ("user_login" in sent):
        raise BadRequest("Say who: either “user_id” or “user_login”.")
    if "hours" not in sent:
        raise BadRequest("Say for how long: “hours”.")

    async def work(attempt: Attempt) -> Response:
        session = await running().gift.through_api(
            caller.visit.person,
            caller.visit.channel_id,
            sent.get("user_id") or sent.get("user_login", ""),
            sent["hours"],
            attempt.gift_id,
            by_id="user_id" in sent,
            tried_since=attempt.tried_since,
        )
        begun = not session.credits or session.credits[0].id == attempt.gift_id
        return _answer(session, begun=begun)

    return await once(request, caller, work)


async def extend(request: Request, caller: Caller) -> Response:
    sent = await body(request, add_hours=(int, float))
    if "add_hours" not in sent:
        raise BadRequest("Say how many: “add_hours”.")

    async def work(attempt: Attempt) -> Response:
        session = await running().gift.more_through_api(
            caller.visit.person,
            caller.visit.channel_id,
            request.path_params["user_id"],
            sent["add_hours"],
            attempt.gift_id,
            tried_since=attempt.tried_since,
        )
        if session is None:
            raise _nobody()
        return _answer(session, begun=False)

    return await once(request, caller, work)


async def end(request: Request, caller: Caller) -> Response:
    """204 where it is over, 202 where Twitch is yet to confirm."""
    there = await running().store.sessions.live_of(caller.visit.channel_id, request.path_params["user_id"])
    if there is None:
        raise _nobody()
    try:
        session = await running().expire.end_now(caller.visit.person, caller.visit.channel_id, there.id)
    except InvalidInput:
        # It has ended by itself this very moment.
        raise _nobody() from None
    if session.state is SessionState.ENDED:
        return Response(status_code=204)
    return _answer(session, begun=False)


def vip(session: VipSession, now: datetime) -> dict[str, Any]:
    """A session, as the API shows it. Times are RFC 3339 in UTC, null where there is none."""
    source, _, reward_id = session.redeemed_with.partition(":")
    return {
        "id": session.id,
        "user_id": session.user_id,
        "user_login": session.login,
        "user_name": session.username,
        "state": session.state.value,
        "granted_at": moment(session.granted_at),
        "expires_at": moment(session.expires_at),
        "hours_left": _hours_left(session, now),
        "clock": session.clock.value,
        "source": source,
        "reward_id": reward_id or None,
    }


def _hours_left(session: VipSession, now: datetime) -> float | None:
    """None where it lasts until the stream ends."""
    if session.clock is VipClock.STREAM and session.live and session.expires_at is None:
        return None
    return round(session.hours_left(now), 4) if session.live else 0.0


def moment(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z") if at else None


def _answer(session: VipSession, *, begun: bool) -> Response:
    waits = session.state in (SessionState.GRANTING, SessionState.ENDING)
    status = 202 if waits else 201 if begun else 200
    return JSONResponse(vip(session, running().clock.now()), status_code=status)


def _nobody() -> BadRequest:
    return BadRequest("Nobody of that id is VIP through VIP Manager.", 404, "not_found")


async def _seen(caller: Caller, session_id: str) -> VipSession:
    """One that is over by now."""
    found = await running().store.sessions.get(session_id)
    if found is None or found.channel_id != caller.visit.channel_id:
        raise BadRequest("“cursor” is none of ours.", 404, "not_found")
    return found
