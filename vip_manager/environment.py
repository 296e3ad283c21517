"""Reads the environment, variable by variable, and says what is wrong with each by its name."""

import re
from collections.abc import Mapping
from urllib.parse import SplitResult, urlsplit

from vip_manager.addresses import is_this_machine
from vip_manager.variables import FIRESTORE_DATABASE, SHORTEST_APP_SECRET, VARIABLES

SHORTEST_BEARER = 16
FEWEST_CHARACTERS = 6
"""Different ones in a secret: of 16 random hexadecimal digits, one time in ten thousand there are fewer."""
LONGEST_TICK = 3600

BY_NAME = {variable.name: variable for variable in VARIABLES}

_PLACEHOLDER = re.compile(r"(change|replace).?(me|this)|placeholder|example|your.?(app|cron)?.?secret", re.IGNORECASE)

_AGAIN = re.compile(r"(.{1,12}?)\1{2,}.{0,11}")

_DEFAULT_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}


class Reader:
    """Collects what is wrong in `problems` instead of stopping at it."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self.problems: list[str] = []

    def text(self, name: str) -> str:
        """Without spaces around; empty where it is unset. A name that VARIABLES lacks is a fault of this program."""
        variable = BY_NAME[name]
        value = self._environment.get(name, "").strip()
        return value or (self._environment.get(variable.older, "").strip() if variable.older else "")

    def wrong(self, name: str, what: str) -> None:
        variable = BY_NAME[name]
        older = variable.older and not self._environment.get(name, "").strip() and self._environment.get(variable.older)
        self.problems.append(f"{variable.older if older else name}: {what}")

    def sandbox(self, *, local: bool) -> bool:
        """Whether to run the sandbox, which is never entered by accident."""
        wanted = self.choice("SANDBOX", "0", "0", "1") == "1"
        client_id, secret = bool(self.text("TWITCH_CLIENT_ID")), bool(self.text("TWITCH_CLIENT_SECRET"))
        if client_id and not secret:
            self.wrong(
                "TWITCH_CLIENT_SECRET", "missing; set it beside TWITCH_CLIENT_ID (leave out both for the sandbox)"
            )
        if secret and not client_id:
            self.wrong(
                "TWITCH_CLIENT_ID", "missing; set it beside TWITCH_CLIENT_SECRET (leave out both for the sandbox)"
            )
        if wanted and client_id:
            self.wrong("SANDBOX", "1 together with TWITCH_CLIENT_ID is ambiguous; leave out one of them")
        if client_id or secret or wanted:
            return wanted and not client_id
        production = [name for name in ("GOOGLE_CLOUD_PROJECT", "K_SERVICE") if self.text(name)]
        if not local:
            production.append("a PUBLIC_URL that is not localhost")
        if production:
            self.wrong(
                "TWITCH_CLIENT_ID",
                f"missing, while there is {' and '.join(production)}; set it and TWITCH_CLIENT_SECRET, or SANDBOX=1 to "
                "run the sandbox there",
            )
        return True

    def app_secret(self, *, sandbox: bool, project: str) -> str:
        secret = self.text("APP_SECRET")
        right = f"at least {SHORTEST_APP_SECRET} random characters, for example from: openssl rand -hex 32"
        if not secret and (project or not sandbox):
            self.wrong("APP_SECRET", f"missing; {right}")
        elif secret and len(secret) < SHORTEST_APP_SECRET:
            self.wrong("APP_SECRET", f"too short; {right}")
        elif secret and not sandbox and guessable(secret):
            self.wrong("APP_SECRET", f"can be guessed; {right}")
        return secret

    def previous_secrets(self) -> tuple[str, ...]:
        secrets = self._list("APP_SECRET_PREVIOUS")
        if any(len(secret) < SHORTEST_APP_SECRET for secret in secrets):
            self.wrong(
                "APP_SECRET_PREVIOUS",
                f"one is too short; each has at least {SHORTEST_APP_SECRET} characters, by commas",
            )
        return secrets

    def cron_secret(self, *, sandbox: bool) -> str:
        return self._bearer("CRON_SECRET", "the scheduler", sandbox=sandbox)

    def metrics_token(self, *, sandbox: bool) -> str:
        return self._bearer("METRICS_TOKEN", "whoever fetches figures", sandbox=sandbox)

    def _bearer(self, name: str, bearer: str, *, sandbox: bool) -> str:
        secret = self.text(name)
        if secret and not sandbox and len(secret) < SHORTEST_BEARER:
            self.wrong(name, f"too short; at least {SHORTEST_BEARER} random characters")
        elif secret and not sandbox and guessable(secret):
            self.wrong(name, f"can be guessed; at least {SHORTEST_BEARER} random characters")
        elif secret and not sandbox and secret == self.text("APP_SECRET"):
            self.wrong(name, f"the same as APP_SECRET, and {bearer} is to know its own alone")
        return secret

    def cron_invoker(self) -> str:
        email = self.text("CRON_INVOKER").lower()
        if email and not re.fullmatch(r"[a-z0-9][a-z0-9._-]*@[a-z0-9-]+(\.[a-z0-9-]+)*\.gserviceaccount\.com", email):
            self.wrong(
                "CRON_INVOKER", "a service account's e-mail, for example scheduler@my-project.iam.gserviceaccount.com"
            )
        return email

    def firestore(self) -> tuple[str, str, str]:
        """Project, database, and the emulator's host; no project means SQLite."""
        project = self._like("GOOGLE_CLOUD_PROJECT", r"[a-z0-9][a-z0-9.:-]*", "a project's id, for example my-project")
        database = self._like(
            "FIRESTORE_DATABASE",
            rf"[a-z][a-z0-9-]{{2,61}}[a-z0-9]|{re.escape(FIRESTORE_DATABASE)}",
            f"a database's id, for example vip-manager, or {FIRESTORE_DATABASE}",
        )
        emulator = self._like(
            "FIRESTORE_EMULATOR_HOST",
            r"([A-Za-z0-9._-]+|\[[0-9a-f:]+\]):[0-9]{1,5}",
            "host:port, for example [::1]:8080",
        )
        if database and not project:
            # Else what was meant for Firestore would go to SQLite without a word.
            self.wrong("GOOGLE_CLOUD_PROJECT", "missing, while there is FIRESTORE_DATABASE; set both or leave out both")
        return project, database or FIRESTORE_DATABASE, emulator

    def tick(self, default: int) -> int:
        seconds = self.integer("EXPIRY_TICK_SECONDS", default, 0, LONGEST_TICK, "15")
        if seconds == 0 and not self.text("CRON_SECRET") and not self.text("CRON_INVOKER"):
            self.wrong(
                "EXPIRY_TICK_SECONDS",
                "0 (with Firestore, unset too) needs CRON_SECRET or CRON_INVOKER, or nobody ever loses VIP; set one",
            )
        return seconds

    def transport(self, public_url: str, api_url: str) -> str:
        """An explicit choice is obeyed, if Twitch can call back: https on port 443, or this machine's own simulator."""
        chosen = self.choice("EVENTSUB_TRANSPORT", "auto", "auto", "websocket", "webhook")
        here, twitch = urlsplit(public_url), urlsplit(api_url)
        local = is_this_machine(here.hostname or "")
        reachable = here.scheme == "https" and here.port is None and not local
        if chosen == "auto":
            return "webhook" if reachable else "websocket"
        simulated = twitch.scheme == "http" and is_this_machine(twitch.hostname or "")
        if chosen == "webhook" and not reachable and not (simulated and local and here.scheme == "http"):
            self.wrong(
                "EVENTSUB_TRANSPORT",
                "webhook needs a PUBLIC_URL that Twitch can call: https on port 443, not localhost; or use websocket",
            )
        return chosen

    def redis(self) -> str:
        """As it stands: it may hold a password, and names a database. Empty where it is unset or wrong."""
        url = self.text("REDIS_URL")
        try:
            parts = urlsplit(url)
            usable = parts.scheme in ("redis", "rediss") and bool(parts.hostname) and parts.port != 0
            usable = usable and re.fullmatch(r"/?|/[0-9]{1,3}", parts.path) is not None and not re.search(r"\s", url)
        except ValueError:
            usable = False
        if url and not usable:
            self.wrong("REDIS_URL", "a URL with redis:// or rediss://, for example redis://:password@10.0.0.3:6379/0")
            return ""
        return url

    def allowed_channels(self) -> tuple[str, ...]:
        channels = tuple(dict.fromkeys(channel.lower() for channel in self._list("ALLOWED_CHANNELS")))
        if not all(re.fullmatch(r"[a-z0-9_]{1,25}", channel) for channel in channels):
            self.wrong("ALLOWED_CHANNELS", "Twitch user ids or logins, by commas, for example: 12345,somestreamer")
        return channels

    def integer(self, name: str, default: int, least: int, most: int, example: str = "") -> int:
        text = self.text(name)
        if not text:
            return default
        if re.fullmatch(r"[0-9]{1,9}", text) and least <= int(text) <= most:
            return int(text)
        self.wrong(name, f"a whole number from {least} to {most}, for example {example or default}")
        return default

    def choice(self, name: str, default: str, *allowed: str) -> str:
        value = self.text(name) or default
        if value in allowed:
            return value
        self.wrong(name, f"one of {', '.join(allowed)}")
        return default

    def url(self, name: str, *schemes: str) -> str:
        """A base URL without a slash at its end; empty where it is unset or wrong."""
        text = self.text(name)
        if not text:
            return ""
        parts = _split(text)
        if parts is None or parts.scheme not in schemes or parts.query or parts.fragment:
            self.wrong(name, f"a URL with {' or '.join(schemes)}, for example {BY_NAME[name].default}")
            return ""
        return f"{_origin(parts)}{parts.path.rstrip('/')}"

    def public_url(self, default: str) -> tuple[str, str]:
        """The origin as browsers write it, and its host."""
        name = "PUBLIC_URL"
        text = self.text(name)
        if not text:
            return default, "localhost"
        parts = _split(text)
        if parts is None or parts.scheme not in ("http", "https") or parts.path.strip("/"):
            self.wrong(name, "an address without a path, for example https://vip.example.org")
            return default, "localhost"
        if parts.query or parts.fragment:
            self.wrong(name, "an address without a query, for example https://vip.example.org")
            return default, "localhost"
        host = parts.hostname or ""
        if parts.scheme == "http" and not is_this_machine(host):
            self.wrong(name, "must begin with https outside localhost, for example https://vip.example.org")
        return _origin(parts), host

    def _like(self, name: str, pattern: str, right: str) -> str:
        """Empty where it is unset or wrong."""
        text = self.text(name)
        if text and not re.fullmatch(pattern, text):
            self.wrong(name, right)
            return ""
        return text

    def _list(self, name: str) -> tuple[str, ...]:
        return tuple(item.strip() for item in self.text(name).split(",") if item.strip())


def guessable(secret: str) -> bool:
    """Whether somebody held a key down, wrote one word again and again, or left what stood in an example."""
    return len(set(secret)) < FEWEST_CHARACTERS or bool(_AGAIN.fullmatch(secret) or _PLACEHOLDER.search(secret))


def _split(text: str) -> SplitResult | None:
    """The parts of a URL that has a host; None where it has none, carries a password, or is none at all."""
    try:
        parts = urlsplit(text)
        usable = parts.port != 0 and bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:
        return None
    return parts if usable and not re.search(r"[\s\\]", text) else None


def _origin(parts: SplitResult) -> str:
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    port = "" if parts.port in (None, _DEFAULT_PORTS[parts.scheme]) else f":{parts.port}"
    return f"{parts.scheme}://{host}{port}"
