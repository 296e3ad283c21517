"""What people in a channel write in its chat."""

from typing import Any

from vip_manager.simulator.control_people import not_deleted, wished_channel, wished_user
from vip_manager.simulator.helix.chat import LONGEST
from vip_manager.simulator.refusal import Refused
from vip_manager.simulator.simulation import Simulation
from vip_manager.simulator.talk import say as said
from vip_manager.simulator.wish import Action, Wish


def say(sim: Simulation, wish: Wish) -> dict[str, Any]:
    """Anybody by `viewer`, the streamer too; `source`: it was said in that streamer's chat, which this one shares."""
    channel, viewer, text = wished_channel(sim, wish), wished_user(sim, wish, "viewer"), wish.text("text")
    not_deleted(viewer)
    if len(text) > LONGEST:
        raise Refused("bad_request", f"“text” has at most {LONGEST} characters.")
    if viewer.id in channel.bans:
        raise Refused("banned", f"{viewer.display_name} is banned from this channel.", 409)
    source = wished_user(sim, wish, "source") if wish.get("source") else None
    line = said(sim, channel, viewer, text, source=source)
    return {"id": line.id, "viewer": viewer.login, "text": text}


ACTIONS: dict[str, Action] = {"say": say}
