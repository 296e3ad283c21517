"""The environment, read once: complete and sound, or one message that names every variable that is not."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from vip_manager.addresses import is_this_machine
from vip_manager.environment import BY_NAME, Reader
from vip_manager.variables import VARIABLES

SANDBOX_CLIENT_ID = "sandbox-client-id"
SANDBOX_CLIENT_SECRET = "sandbox-client-secret"  # noqa: S105
SANDBOX_HOST = "sandbox"
"""Stands for the built-in simulator's host: its port may change from one start to the next, its data stays the same."""

MOST_HOPS = 5
MOST_SOCKETS, MOST_SOCKETS_ON_CLOUD_RUN = 5000, 800
"""Cloud Run gives an instance 1000 requests at once at the most, and a socket is one for as long as it is open: some
are left for Twitch's webhook and the scheduler (https://cloud.google.com/run/docs/about-concurrency)."""
WEBHOOK_PATH = "/api/eventsub"


class SettingsError(Exception):
    """What the environment says can't be used. The message never holds a value, as it may be a secret."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(["The settings can't be used:", *(f"  {problem}" for problem in problems)]))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the environment says, checked. Built by `read`; URLs come without a slash at their end.

    `app_secret` is empty only in the sandbox on SQLite, which keeps its own; `data_dir` is where this mode's data lies;
    `google_cloud_project` empty means SQLite; `cron_secret` and `cron_invoker` are empty where the scheduler has no
    such credential; `trusted_proxy_hops` is how many proxies in front of us add to X-Forwarded-For;
    `expiry_tick_seconds` 0 means no clock in the process; `eventsub_transport` is `webhook` or `websocket`; `redis_url`
    empty means that this process counts alone; `allowed_channels` empty means everybody, its logins are in lower case;
    `metrics_token` empty: nobody may ask for figures, but in the sandbox; `cloud_run_service` empty: not on Cloud Run;
    `twitch_authorize_url` is for browsers, the other three Twitch URLs are for the server.
    """

    sandbox: bool
    twitch_client_id: str
    twitch_client_secret: str = field(repr=False)
    app_secret: str = field(repr=False)
    app_secret_previous: tuple[str, ...] = field(repr=False)
    public_url: str
    cron_secret: str = field(repr=False)
    cron_invoker: str
    google_cloud_project: str
    firestore_database: str
    firestore_emulator_host: str
    data_dir: Path
    port: int
    trusted_proxy_hops: int
    expiry_tick_seconds: int
    eventsub_transport: str
    redis_url: str = field(repr=False)
    max_sockets: int
    twitch_auth_url: str
    twitch_authorize_url: str
    twitch_api_url: str
    twitch_eventsub_ws_url: str
    auth_host: str
    allowed_channels: tuple[str, ...]
    metrics_token: str = field(repr=False)
    cloud_run_service: str
    cloud_run_revision: str
    log_format: str

    @property
    def https(self) -> bool:
        """Whether people reach the program over https: then cookies are Secure."""
        return self.public_url.startswith("https:")

    @property
    def secrets(self) -> tuple[str, ...]:
        """What nobody may read anywhere."""
        ours = (
            self.twitch_client_secret,
            self.app_secret,
            *self.app_secret_previous,
            self.cron_secret,
            self.metrics_token,
            self.redis_url,
            urlsplit(self.redis_url).password or "",
        )
        return tuple(secret for secret in ours if secret)

    @property
    def scraped(self) -> bool:
        """Whether somebody may ask for figures."""
        return self.sandbox or bool(self.metrics_token)

    @property
    def webhook_callback(self) -> str:
        """Where Twitch sends its events, if it sends them by webhook."""
        return f"{self.public_url}{WEBHOOK_PATH}"

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> "Settings":
        """Raises SettingsError, with all that is wrong at once."""
        reader = Reader(environment)
        port = reader.integer("PORT", 3000, 1, 65535)
        public_url, public_host = reader.public_url(f"http://localhost:{port}")
        sandbox = reader.sandbox(local=is_this_machine(public_host))
        simulator = f"127.0.0.1:{port}/sandbox/twitch"
        auth_url = reader.url("TWITCH_AUTH_URL", "http", "https")
        api_url = reader.url("TWITCH_API_URL", "http", "https")
        socket_url = reader.url("TWITCH_EVENTSUB_WS_URL", "ws", "wss")
        if sandbox:
            authorize_url = f"{auth_url or f'{public_url}/sandbox/twitch/oauth2'}/authorize"
            auth_host = urlsplit(auth_url).netloc or SANDBOX_HOST
            auth_url = auth_url or f"http://{simulator}/oauth2"
            api_url = api_url or f"http://{simulator}/helix"
            socket_url = socket_url or f"ws://{simulator}/ws"
        else:
            auth_url = auth_url or BY_NAME["TWITCH_AUTH_URL"].default
            api_url = api_url or BY_NAME["TWITCH_API_URL"].default
            socket_url = socket_url or BY_NAME["TWITCH_EVENTSUB_WS_URL"].default
            authorize_url = f"{auth_url}/authorize"
            auth_host = urlsplit(auth_url).netloc
        data_dir = Path(reader.text("DATA_DIR") or "data")
        project, database, emulator = reader.firestore()
        settings = cls(
            sandbox=sandbox,
            twitch_client_id=SANDBOX_CLIENT_ID if sandbox else reader.text("TWITCH_CLIENT_ID"),
            twitch_client_secret=SANDBOX_CLIENT_SECRET if sandbox else reader.text("TWITCH_CLIENT_SECRET"),
            app_secret=reader.app_secret(sandbox=sandbox, project=project),
            app_secret_previous=reader.previous_secrets(),
            public_url=public_url,
            cron_secret=reader.cron_secret(sandbox=sandbox),
            cron_invoker=reader.cron_invoker(),
            google_cloud_project=project,
            firestore_database=database,
            firestore_emulator_host=emulator,
            data_dir=data_dir / "sandbox" if sandbox else data_dir,
            port=port,
            trusted_proxy_hops=reader.integer("TRUSTED_PROXY_HOPS", 1 if reader.text("K_SERVICE") else 0, 0, MOST_HOPS),
            expiry_tick_seconds=reader.tick(0 if project else 15),
            eventsub_transport=reader.transport(public_url, api_url),
            redis_url=reader.redis(),
            max_sockets=reader.integer(
                "MAX_SOCKETS", MOST_SOCKETS_ON_CLOUD_RUN if reader.text("K_SERVICE") else MOST_SOCKETS, 10, 100_000
            ),
            twitch_auth_url=auth_url,
            twitch_authorize_url=authorize_url,
            twitch_api_url=api_url,
            twitch_eventsub_ws_url=socket_url,
            auth_host=auth_host,
            allowed_channels=reader.allowed_channels(),
            metrics_token=reader.metrics_token(sandbox=sandbox),
            cloud_run_service=reader.text("K_SERVICE"),
            cloud_run_revision=reader.text("K_REVISION"),
            log_format=reader.choice(
                "LOG_FORMAT", "json" if reader.text("K_SERVICE") else "console", "json", "console"
            ),
        )
        if reader.problems:
            raise SettingsError(reader.problems)
        return settings


def load(env_file: Path = Path(".env")) -> Settings:
    """The settings of this process. A variable of the environment, even an empty one, wins over the file's.

    Raises SettingsError.
    """
    try:
        written = _written(env_file) if env_file.is_file() else {}
    except (OSError, UnicodeDecodeError):
        raise SettingsError([f"{env_file}: can't be read; it must be a text file in UTF-8"]) from None
    values = {name: value for name, value in written.items() if value is not None}
    for variable in VARIABLES:
        if variable.older and (variable.name in os.environ or variable.older in os.environ):
            # Or the file's newer name would win over the environment's older one.
            values.pop(variable.name, None)
            values.pop(variable.older, None)
    settings = Settings.read({**values, **os.environ})
    # Google's client looks for it there, and nowhere else, and takes it as it stands, spaces and all.
    os.environ.pop("FIRESTORE_EMULATOR_HOST", None)
    if settings.firestore_emulator_host:
        os.environ["FIRESTORE_EMULATOR_HOST"] = settings.firestore_emulator_host
    return settings


def _written(env_file: Path) -> dict[str, str | None]:
    # Where there is such a file, people develop; a server has none.
    from dotenv import dotenv_values

    # A $ in a secret is a $.
    return dotenv_values(env_file, interpolate=False)
