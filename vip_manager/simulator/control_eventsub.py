"""What one can do to EventSub behind the curtain: sockets that close or move, subscriptions that end, messages that
come again, people who change their name. All raise Refused.

| action              | wish                                | does                                                  |
|---------------------|-------------------------------------|-------------------------------------------------------|
| `drop-sockets`      | `user`?, `code`?                    | closes with one of Twitch's codes (4000 unless told)  |
| `reconnect-sockets` | `user`?                             | session_reconnect: the client has 30 s to move        |
| `revoke`            | `user` or `subscription`, `status`? | ends subscriptions, authorization_revoked unless told |
| `storm`             | `times`?, `user`?                   | the last messages again, with the ids that they had;  |
|                     |                                     | 2000 at most, and `sent` says how many                |
| `rename`            | `user`, `login`?, `display_name`?   | the same user under another name                      |

Without a `user` (a login) all are meant.
"""

from typing import Any

from vip_manager.simulator.control_people import not_deleted, wished_user
from vip_manager.simulator.eventsub.sessions import CLOSE_REASONS
from vip_manager.simulator.eventsub.subscriptions import AUTHORIZATION_REVOKED, UNREACHABLE, USER_REMOVED
from vip_manager.simulator.records import User
from vip_manager.simulator.refusal import Refused
from vip_manager.simulator.shapes import person
from vip_manager.simulator.simulation import Simulation
from vip_manager.simulator.wish import Action, Wish
from vip_manager.simulator.world_people import LOGIN, LOGIN_WORDS

MOST_TIMES = 100
LONGEST_NAME = 25
STATUSES = (AUTHORIZATION_REVOKED, USER_REMOVED, "version_removed", UNREACHABLE)


def drop_sockets(sim: Simulation, wish: Wish) -> dict[str, Any]:
    user = _maybe_user(sim, wish)
    code = wish.maybe("code", int, "a whole number")
    code = 4000 if code is None else code
    if code not in CLOSE_REASONS:
        raise Refused("bad_request", "“code” must be one of Twitch's close codes, 4000 to 4007.")
    dropped = sim.hub.drop(code, user.id if user else None)
    sim.journal.effect("sockets dropped", code=code, user=user.id if user else None, dropped=dropped)
    return {"dropped": dropped}


def reconnect_sockets(sim: Simulation, wish: Wish) -> dict[str, Any]:
    """One that is moving already is not asked again."""
    user = _maybe_user(sim, wish)
    asked = sim.hub.reconnect(user.id if user else None)
    sim.journal.effect("sockets asked to move", user=user.id if user else None, asked=asked)
    return {"asked": asked}


def revoke(sim: Simulation, wish: Wish) -> dict[str, Any]:
    status = wish.maybe("status", str, "a text") or AUTHORIZATION_REVOKED
    if status not in STATUSES:
        raise Refused("bad_request", f"“status” must be one of {', '.join(STATUSES)}.")
    if ("user" in wish) == ("subscription" in wish):
        raise Refused("bad_request", "Say either whose subscriptions are to end (“user”) or which (“subscription”).")
    if "user" in wish:
        user = wished_user(sim, wish)
        if status == UNREACHABLE:
            raise Refused("bad_request", f"{status} befalls one webhook: name its “subscription”.")
        revoked = sim.hub.revoke(user.id, status)
        sim.journal.effect("revoked", user=user.id, status=status, revoked=revoked)
        return {"revoked": revoked}
    subscription = sim.hub.subscriptions.get(wish.text("subscription"))
    if subscription is None or subscription.ended_at is not None:
        raise Refused("no_subscription", "There is no such subscription, or it has ended already.", 404)
    if status == UNREACHABLE and not subscription.callback:
        raise Refused("bad_request", f"{status} befalls webhooks only.")
    sim.hub.revoke_one(subscription, status)
    sim.journal.effect("revoked", subscription=subscription.id, status=status)
    return {"revoked": 1}


def storm(sim: Simulation, wish: Wish) -> dict[str, Any]:
    times = wish.maybe("times", int, "a whole number")
    times = 1 if times is None else times
    if not 1 <= times <= MOST_TIMES:
        raise Refused("bad_request", f"“times” must be from 1 to {MOST_TIMES}.")
    user = _maybe_user(sim, wish)
    sent = sim.hub.storm(times, user.id if user else None)
    sim.journal.effect("storm", times=times, user=user.id if user else None, sent=sent)
    return {"sent": sent}


def rename(sim: Simulation, wish: Wish) -> dict[str, Any]:
    """The id stays; the old login is free for others."""
    user = wished_user(sim, wish)
    not_deleted(user)
    login = (wish.maybe("login", str, "a text") or user.login).strip().lower()
    name = (wish.maybe("display_name", str, "a text") or "").strip()
    if not name:
        name = user.display_name if login == user.login else login
    if len(name) > LONGEST_NAME:
        raise Refused("bad_request", f"“display_name” may have {LONGEST_NAME} characters at most.")
    if (login, name) == (user.login, user.display_name):
        raise Refused("no_change", f"That is {user.display_name}'s name already.", 409)
    if login != user.login:
        _free_login(sim, login)
    user.login, user.display_name = login, name
    sim.changed("user.update", user=user.id, login=login)
    # Nobody has an e-mail address here, so it is empty as it is for clients that may not read it.
    event = {**person(user), "email": "", "email_verified": False, "description": ""}
    sim.hub.tell("user.update", {"user_id": user.id}, event)
    return {"id": user.id, "login": user.login, "display_name": user.display_name}


def _free_login(sim: Simulation, login: str) -> None:
    if not LOGIN.fullmatch(login):
        raise Refused("bad_login", LOGIN_WORDS)
    if sim.world.user_by_login(login):
        raise Refused("login_taken", f"There is a “{login}” already.", 409)


def _maybe_user(sim: Simulation, wish: Wish) -> User | None:
    return wished_user(sim, wish) if "user" in wish else None


ACTIONS: dict[str, Action] = {
    "drop-sockets": drop_sockets,
    "reconnect-sockets": reconnect_sockets,
    "revoke": revoke,
    "storm": storm,
    "rename": rename,
}
