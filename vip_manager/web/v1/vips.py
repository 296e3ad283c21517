"""`…/vips`: who is VIP, giving it, more of it, and ending it."""

from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from vip_manager.domain.api_token import ApiCall
from vip_manager.domain.session import API, SessionState, VipSession
from vip_manager.services.api_tokens import Caller
from vip_manager.services.container import running
from vip_manager.web.v1.calls import BadRequest, body, once, page

MOST = 100
_A_MOMENT = timedelta(minutes=1)


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
        },
        headers={"Cache-Control": "no-store"},
    )


async def give(request: Request, caller: Caller) -> Response:
    """201 where somebody becomes VIP by it, 200 where they have more of it, 202 where Twitch is yet to confirm."""
    sent = await body(request, user_id=str, user_login=str, hours=(int, float))
    if ("user_id" in sent) == ("user_login" in sent):
        raise BadRequest("Say who: either “user_id” or “user_login”.")
    if "hours" not in sent:
        raise BadRequest("Say for how long: “hours”.")

    async def work(gift_id: str, before: ApiCall | None) -> Response:
        session = before and await _given(caller, gift_id, before)
        session = session or await running().gift.through_api(
            caller.visit.person,
            caller.visit.channel_id,
            sent.get("user_id") or sent.get("user_login", ""),
            sent["hours"],
            gift_id,
            by_id="user_id" in sent,
        )
        return _answer(session, begun=session.credits[:1] != () and session.credits[0].id == gift_id)

    return await once(request, caller, work)


async def extend(request: Request, caller: Caller) -> Response:
    sent = await body(request, add_hours=(int, float))
    if "add_hours" not in sent:
        raise BadRequest("Say how many: “add_hours”.")

    async def work(gift_id: str, before: ApiCall | None) -> Response:
        session = before and await _given(caller, gift_id, before)
        if not session:
            there = await _of_viewer(request, caller)
            session = await running().gift.add_time(
                caller.visit.person, caller.visit.channel_id, there.id, sent["add_hours"], gift_id, API
            )
        return _answer(session, begun=False)

    return await once(request, caller, work)


async def end(request: Request, caller: Caller) -> Response:
    """204 where it is over, 202 where Twitch is yet to confirm."""
    there = await _of_viewer(request, caller)
    session = await running().expire.end_now(caller.visit.person, caller.visit.channel_id, there.id)
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
        "hours_left": round(session.hours_left(now), 4),
        "clock": session.clock.value,
        "source": source,
        "reward_id": reward_id or None,
    }


def moment(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z") if at else None


def _answer(session: VipSession, *, begun: bool) -> Response:
    waits = session.state in (SessionState.GRANTING, SessionState.ENDING)
    status = 202 if waits else 201 if begun else 200
    return JSONResponse(vip(session, running().clock.now()), status_code=status)


async def _of_viewer(request: Request, caller: Caller) -> VipSession:
    found = await running().store.sessions.live_of(caller.visit.channel_id, request.path_params["user_id"])
    if found is None:
        raise BadRequest("Nobody of that id is VIP through VIP Manager.", 404, "not_found")
    return found


async def _seen(caller: Caller, session_id: str) -> VipSession:
    """One that is over by now."""
    found = await running().store.sessions.get(session_id)
    if found is None or found.channel_id != caller.visit.channel_id:
        raise BadRequest("“cursor” is none of ours.", 404, "not_found")
    return found


async def _given(caller: Caller, gift_id: str, before: ApiCall) -> VipSession | None:
    """By a call that was cut off before it was answered; also where that VIP is over by now."""
    # Calls are stamped by real time, gifts by domain time, which may run ahead of it.
    ahead = running().clock.now() - running().clock.real()
    since = before.expires_at - timedelta(hours=24) + ahead - _A_MOMENT
    return await running().gift.given(caller.visit.channel_id, gift_id, since)
