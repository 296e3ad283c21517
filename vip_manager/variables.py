"""Every environment variable there is: for `Settings.read`, and for the README, whose table a test holds against it."""

from dataclasses import dataclass

SHORTEST_APP_SECRET = 32
FIRESTORE_DATABASE = "(default)"


@dataclass(frozen=True, slots=True)
class Variable:
    """One environment variable. `older` is the name that is accepted too."""

    name: str
    meaning: str
    default: str = "unset"
    older: str = ""
    secret: bool = False


VARIABLES = (
    Variable("TWITCH_CLIENT_ID", "the Twitch application", "unset: sandbox", older="NEXT_PUBLIC_TWITCH_CLIENT_ID"),
    Variable("TWITCH_CLIENT_SECRET", "the Twitch application's secret", "unset: sandbox", secret=True),
    Variable(
        "APP_SECRET",
        f"root secret, at least {SHORTEST_APP_SECRET} characters; what is stored is sealed with keys derived from it",
        "sandbox: made once, kept in DATA_DIR",
        older="NEXTAUTH_SECRET",
        secret=True,
    ),
    Variable("APP_SECRET_PREVIOUS", "earlier root secrets, by commas, that still open what they sealed", secret=True),
    Variable(
        "PUBLIC_URL", "the address people use; https outside localhost", "http://localhost:$PORT", older="NEXTAUTH_URL"
    ),
    Variable(
        "CRON_SECRET", "bearer secret of the scheduler", "unset, and no CRON_INVOKER: cron answers 503", secret=True
    ),
    Variable("CRON_INVOKER", "e-mail of the service account whose Google OIDC token the cron route accepts"),
    Variable(
        "GOOGLE_CLOUD_PROJECT", "the project whose Cloud Firestore is the store; needs APP_SECRET", "unset: SQLite"
    ),
    Variable("FIRESTORE_DATABASE", "which of the project's Firestore databases", FIRESTORE_DATABASE),
    Variable("FIRESTORE_EMULATOR_HOST", "host:port of a Firestore emulator, instead of Google's Firestore"),
    Variable("DATA_DIR", "SQLite file and local secret; one running server holds it", "./data"),
    Variable("PORT", "the one port", "3000"),
    Variable(
        "TRUSTED_PROXY_HOPS",
        "proxies in front of it that each add to X-Forwarded-For, 0 to 5; with 0 that header means nothing",
        "0, or 1 on Cloud Run",
    ),
    Variable(
        "EXPIRY_TICK_SECONDS",
        "the clock in the process, in whole seconds; 0 leaves expiry to the cron route, which then needs a credential",
        "15, or 0 with Firestore",
    ),
    Variable(
        "EVENTSUB_TRANSPORT",
        "webhook, websocket, or auto: webhook where PUBLIC_URL is https on port 443 and not localhost, else websocket",
        "auto",
    ),
    Variable(
        "REDIS_URL",
        "Redis, in which instances count together who comes how often; begins with redis:// or rediss://",
        "unset: each instance counts for itself",
        secret=True,
    ),
    Variable(
        "MAX_SOCKETS",
        "how many pages may be open at once, in each instance",
        "5000, or 800 on Cloud Run",
    ),
    Variable("TWITCH_AUTH_URL", "where Twitch signs people in", "https://id.twitch.tv/oauth2"),
    Variable("TWITCH_API_URL", "where Twitch's API is", "https://api.twitch.tv/helix"),
    Variable("TWITCH_EVENTSUB_WS_URL", "where Twitch's events come from", "wss://eventsub.wss.twitch.tv/ws"),
    Variable(
        "ALLOWED_CHANNELS", "Twitch user ids or logins, by commas, that may sign up", "unset: any streamer may sign up"
    ),
    Variable("METRICS_TOKEN", "bearer for /metrics", "unset: /metrics answers 404, but in the sandbox", secret=True),
    Variable("LOG_FORMAT", "console or json", "console, or json on Cloud Run"),
    Variable("SANDBOX", "1: run the sandbox where it would otherwise be taken for a mistake"),
    Variable("K_SERVICE", "set by Cloud Run itself"),
    Variable("K_REVISION", "set by Cloud Run itself"),
)
