"""Which of Twitch's faces a path of the simulator shows, in either layout.

| face    | as Twitch has it       | as twitch-cli has it                 |
|---------|------------------------|--------------------------------------|
| helix   | `/helix/…`             | `/mock/…`, `/eventsub/subscriptions` |
| oauth   | `/oauth2/…`            | `/auth/…`                            |
| socket  | `/ws`                  | `/ws`                                |
| units   |                        | `/units/…`                           |

Ours beside them: `/control/…` and `/avatars/…`.
"""

from typing import Literal

Surface = Literal["helix", "oauth", "socket", "units", "control", "avatars", "nowhere"]

_FIRST: dict[str, Surface] = {
    "helix": "helix",
    "mock": "helix",
    "eventsub": "helix",
    "oauth2": "oauth",
    "auth": "oauth",
    "ws": "socket",
    "units": "units",
    "control": "control",
    "avatars": "avatars",
}


def surface(path: str) -> Surface:
    """By the first part that says it, for the app may be mounted below any prefix that has none of these names."""
    return next((_FIRST[part] for part in path.split("/") if part in _FIRST), "nowhere")


def on_twitch(path: str) -> str:
    """The path as Twitch has it, in whichever layout it was asked for."""
    face = surface(path)
    if face == "helix" and "/helix/" not in path:
        mock = "/mock/" in path
        return path.replace("/mock/", "/helix/", 1) if mock else path.replace("/eventsub/", "/helix/eventsub/", 1)
    return path.replace("/auth/", "/oauth2/", 1) if face == "oauth" and "/oauth2/" not in path else path
