"""Writes every setting, and what is needed where, into `docs/configuration.md`: `python -m tests.configuration_page`.

What is needed is found by leaving it out of an example and starting with what is left.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from vip_manager.settings import Settings, SettingsError
from vip_manager.variables import VARIABLES, Variable

PAGE = Path(__file__).resolve().parent.parent / "docs" / "configuration.md"
BEGIN, END = "<!-- settings: drawn -->", "<!-- settings: end -->"

_TWITCH = {
    "TWITCH_CLIENT_ID": "hof5gwx0su6owfnys0nyan9c87zr6t",
    "TWITCH_CLIENT_SECRET": "41vpdji4e9gif29md0ouet6fktd2xx",
    "APP_SECRET": "mT3vUq8rZk1xWc6nYb4pLd9sHf2jGa7e",
}
PLACES: dict[str, dict[str, str]] = {
    "sandbox": {},
    "at home": _TWITCH,
    "one machine": _TWITCH
    | {
        "PUBLIC_URL": "https://vip.example.org",
        "TRUSTED_PROXY_HOPS": "1",
        "METRICS_TOKEN": "wN5cRt8yBv2mKx7qJz4hPd6fLs9gTa3e",
    },
    "Cloud Run": _TWITCH
    | {
        "PUBLIC_URL": "https://vip.example.org",
        "GOOGLE_CLOUD_PROJECT": "my-project",
        "CRON_INVOKER": "vip-manager-scheduler@my-project.iam.gserviceaccount.com",
    },
}
OF_CLOUD_RUN = {"K_SERVICE": "vip-manager", "K_REVISION": "vip-manager-00001-abc", "PORT": "8080"}
"""What Cloud Run sets by itself."""
ABOUT = {
    "sandbox": "nothing is set: a Twitch of its own, built in",
    "at home": "the real Twitch, in a browser on the same machine; events come over a socket",
    "one machine": "a server with a name of its own, behind one proxy that speaks https; events come by webhook",
    "Cloud Run": "with Firestore and Cloud Scheduler; [deploy/README.md](../deploy/README.md) sets all of it",
}
GROUPS: dict[str, tuple[str, ...]] = {
    "Twitch": (
        "TWITCH_CLIENT_ID",
        "TWITCH_CLIENT_SECRET",
        "ALLOWED_CHANNELS",
        "EVENTSUB_TRANSPORT",
        "SANDBOX",
        "TWITCH_AUTH_URL",
        "TWITCH_API_URL",
        "TWITCH_EVENTSUB_WS_URL",
    ),
    "Secrets": ("APP_SECRET", "APP_SECRET_PREVIOUS", "CRON_SECRET", "METRICS_TOKEN"),
    "The address": ("PUBLIC_URL", "PORT", "TRUSTED_PROXY_HOPS", "MAX_SOCKETS"),
    "The data": ("DATA_DIR", "GOOGLE_CLOUD_PROJECT", "FIRESTORE_DATABASE", "FIRESTORE_EMULATOR_HOST", "REDIS_URL"),
    "The clock": ("EXPIRY_TICK_SECONDS", "CRON_INVOKER"),
    "Cloud Run and the log": ("LOG_FORMAT", "K_SERVICE", "K_REVISION"),
}
"""A variable that is in none stands under the last heading."""


def drawn(text: str) -> str:
    """The page with the tables between its marks made anew."""
    part = "\n\n".join([BEGIN, *_parts(), END])
    text, found = re.subn(f"{BEGIN}.*?{END}", lambda _: part, text, flags=re.DOTALL)
    if found != 1:
        raise ValueError(f"{BEGIN} … {END} stands {found} times in the page")
    return text


def read(place: str, *, without: str = "") -> Settings:
    """What the program makes of that example. Raises SettingsError."""
    given = PLACES[place] | (OF_CLOUD_RUN if place == "Cloud Run" else {})
    return Settings.read({name: value for name, value in given.items() if name != without})


def where(name: str) -> Mapping[str, str]:
    """By place: needed, or set in its example, or by whom."""
    return {place: _need(name, place) for place in PLACES}


def _need(name: str, place: str) -> str:
    if place == "Cloud Run" and name in OF_CLOUD_RUN:
        return "by itself"
    if name not in PLACES[place]:
        return ""
    try:
        return "needed" if read(place, without=name).sandbox else "set"
    except SettingsError:
        return "needed"


def _parts() -> Iterable[str]:
    rest = [one for one in VARIABLES if not any(one.name in names for names in GROUPS.values())]
    for heading, names in GROUPS.items():
        yield f"## {heading}"
        group = [one for name in names for one in VARIABLES if one.name == name]
        if heading == list(GROUPS)[-1]:
            group += rest
        yield _table(["variable", "default", "meaning", "secret", *PLACES], (_row(one) for one in group))
    yield "## Examples"
    for place, environment in PLACES.items():
        yield f"**{place[0].upper()}{place[1:]}**: {ABOUT[place]}."
        if environment:
            yield "```\n" + "\n".join(f"{name}={value}" for name, value in environment.items()) + "\n```"


def _row(one: Variable) -> Sequence[str]:
    name = f"`{one.name}`" + (f" [`{one.older}`]" if one.older else "")
    return [name, one.default, one.meaning, "yes" if one.secret else "", *where(one.name).values()]


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *rows))


if __name__ == "__main__":
    PAGE.write_text(drawn(PAGE.read_text()))
