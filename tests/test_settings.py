"""The environment: what is taken from it, what is refused, and how that is said."""

import base64
import os
import secrets
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest

from vip_manager.environment import guessable
from vip_manager.settings import Settings, SettingsError, load
from vip_manager.variables import VARIABLES

SECRET = "s3cr3t-of-all-that-is-sealed-here-0123"
REAL = {"TWITCH_CLIENT_ID": "id1", "TWITCH_CLIENT_SECRET": "s3cr3t-client", "APP_SECRET": SECRET}


def base64_of(count: int) -> str:
    return base64.b64encode(secrets.token_bytes(count)).decode()


def problems(environment: dict[str, str]) -> list[str]:
    """What is wrong, each as `NAME: ...`."""
    with pytest.raises(SettingsError) as caught:
        Settings.read(environment)
    message = str(caught.value)
    assert message.splitlines()[1:] == [f"  {problem}" for problem in caught.value.problems]
    assert "s3cr3t" not in message
    return list(caught.value.problems)


def names(environment: dict[str, str]) -> list[str]:
    return [problem.split(":")[0] for problem in problems(environment)]


GUESSABLE = [
    "password" * 4,
    "secret-" * 6,
    "a" * 40,
    "abcab" * 8,
    "change-me-change-me-change-me-0123456789",
    "YOUR_APP_SECRET_0123456789abcdefghi",
]


@pytest.mark.parametrize("secret", GUESSABLE)
@pytest.mark.parametrize("name", ["APP_SECRET", "CRON_SECRET", "METRICS_TOKEN"])
def test_a_secret_that_anybody_could_guess_is_refused_where_twitch_is_real(name: str, secret: str) -> None:
    assert problems({**REAL, name: secret})[0].startswith(f"{name}: can be guessed")
    Settings.read({name: secret})


def test_the_scheduler_is_not_to_know_the_root_secret() -> None:
    assert names({**REAL, "CRON_SECRET": SECRET}) == ["CRON_SECRET"]
    assert names({**REAL, "METRICS_TOKEN": SECRET}) == ["METRICS_TOKEN"]


@pytest.mark.parametrize("make", [secrets.token_hex, secrets.token_urlsafe, lambda _: str(uuid.uuid4()), base64_of])
def test_random_secrets_are_taken(make: Callable[[int], str]) -> None:
    for _ in range(200):
        assert not guessable(make(32))


def test_nothing_set_is_the_sandbox() -> None:
    settings = Settings.read({})
    assert settings == Settings(
        sandbox=True,
        twitch_client_id="sandbox-client-id",
        twitch_client_secret="sandbox-client-secret",
        app_secret="",
        app_secret_previous=(),
        public_url="http://localhost:3000",
        cron_secret="",
        cron_invoker="",
        google_cloud_project="",
        firestore_database="(default)",
        firestore_emulator_host="",
        data_dir=Path("data/sandbox"),
        port=3000,
        trusted_proxy_hops=0,
        expiry_tick_seconds=15,
        eventsub_transport="websocket",
        redis_url="",
        max_sockets=5000,
        twitch_auth_url="http://127.0.0.1:3000/sandbox/twitch/oauth2",
        twitch_authorize_url="http://localhost:3000/sandbox/twitch/oauth2/authorize",
        twitch_api_url="http://127.0.0.1:3000/sandbox/twitch/helix",
        twitch_eventsub_ws_url="ws://127.0.0.1:3000/sandbox/twitch/ws",
        auth_host="sandbox",
        allowed_channels=(),
        log_format="console",
        metrics_token="",
        cloud_run_service="",
        cloud_run_revision="",
    )
    assert not settings.https


def test_a_client_is_the_real_twitch() -> None:
    settings = Settings.read(REAL)
    assert not settings.sandbox
    assert (settings.twitch_client_id, settings.twitch_client_secret) == ("id1", "s3cr3t-client")
    assert settings.app_secret == SECRET
    assert settings.data_dir == Path("data")
    assert settings.twitch_auth_url == "https://id.twitch.tv/oauth2"
    assert settings.twitch_authorize_url == "https://id.twitch.tv/oauth2/authorize"
    assert settings.twitch_api_url == "https://api.twitch.tv/helix"
    assert settings.twitch_eventsub_ws_url == "wss://eventsub.wss.twitch.tv/ws"
    assert settings.auth_host == "id.twitch.tv"


def test_everything_set() -> None:
    settings = Settings.read(
        {
            **REAL,
            "APP_SECRET_PREVIOUS": f" {'a' * 32} , {'b' * 32},",
            "PUBLIC_URL": "https://VIP.example.org:443/",
            "CRON_SECRET": "c4f1-90ab-77de-13",
            "DATA_DIR": "/srv/vip",
            "PORT": "4000",
            "EXPIRY_TICK_SECONDS": "0",
            "EVENTSUB_TRANSPORT": "websocket",
            "REDIS_URL": "rediss://:s3cr3t@redis:6380/1",
            "MAX_SOCKETS": "250",
            "TWITCH_AUTH_URL": "http://twitch:9000/oauth2/",
            "TWITCH_API_URL": "http://twitch:9000/helix",
            "TWITCH_EVENTSUB_WS_URL": "ws://twitch:9000/ws",
            "ALLOWED_CHANNELS": "12345, SomeStreamer,12345",
            "LOG_FORMAT": "json",
        }
    )
    assert settings.app_secret_previous == ("a" * 32, "b" * 32)
    assert settings.public_url == "https://vip.example.org"
    assert settings.https
    assert settings.cron_secret == "c4f1-90ab-77de-13"
    assert settings.data_dir == Path("/srv/vip")
    assert (settings.port, settings.expiry_tick_seconds) == (4000, 0)
    assert settings.redis_url == "rediss://:s3cr3t@redis:6380/1"
    assert settings.max_sockets == 250
    assert settings.twitch_auth_url == "http://twitch:9000/oauth2"
    assert settings.twitch_authorize_url == "http://twitch:9000/oauth2/authorize"
    assert settings.twitch_api_url == "http://twitch:9000/helix"
    assert settings.twitch_eventsub_ws_url == "ws://twitch:9000/ws"
    assert settings.auth_host == "twitch:9000"
    assert settings.allowed_channels == ("12345", "somestreamer")
    assert settings.log_format == "json"


def test_the_port_moves_the_sandbox_but_not_its_data() -> None:
    settings = Settings.read({"PORT": "4000"})
    assert settings.public_url == "http://localhost:4000"
    assert settings.twitch_authorize_url == "http://localhost:4000/sandbox/twitch/oauth2/authorize"
    assert settings.twitch_eventsub_ws_url == "ws://127.0.0.1:4000/sandbox/twitch/ws"
    assert settings.auth_host == Settings.read({}).auth_host


def test_the_sandbox_with_a_simulator_elsewhere() -> None:
    settings = Settings.read({"TWITCH_AUTH_URL": "http://127.0.0.1:9000/sandbox/twitch/oauth2"})
    assert settings.sandbox
    assert settings.twitch_authorize_url == "http://127.0.0.1:9000/sandbox/twitch/oauth2/authorize"
    assert settings.auth_host == "127.0.0.1:9000"


def test_older_names_are_accepted_and_newer_ones_win() -> None:
    older = {
        "NEXT_PUBLIC_TWITCH_CLIENT_ID": "old-id",
        "TWITCH_CLIENT_SECRET": "s3cr3t",
        "NEXTAUTH_SECRET": "the older one of the two: 0123456789",
        "NEXTAUTH_URL": "https://old.example.org",
    }
    settings = Settings.read(older)
    assert (settings.twitch_client_id, settings.app_secret) == ("old-id", "the older one of the two: 0123456789")
    assert settings.public_url == "https://old.example.org"
    settings = Settings.read(
        {
            **older,
            "TWITCH_CLIENT_ID": "new-id",
            "APP_SECRET": "the newer one of the two: 0123456789",
            "PUBLIC_URL": "https://new.example.org",
        }
    )
    assert (settings.twitch_client_id, settings.app_secret) == ("new-id", "the newer one of the two: 0123456789")
    assert settings.public_url == "https://new.example.org"


def test_a_problem_is_said_under_the_name_that_was_used() -> None:
    assert names({**REAL, "APP_SECRET": "", "NEXTAUTH_SECRET": "short"}) == ["NEXTAUTH_SECRET"]


def test_empty_is_unset() -> None:
    assert Settings.read({variable.name: "" for variable in VARIABLES}) == Settings.read({})
    assert Settings.read({variable.name: " \n" for variable in VARIABLES}) == Settings.read({})


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        ({"TWITCH_CLIENT_ID": "id1", "APP_SECRET": SECRET}, ["TWITCH_CLIENT_SECRET"]),
        ({"TWITCH_CLIENT_SECRET": "s3cr3t", "APP_SECRET": SECRET}, ["TWITCH_CLIENT_ID"]),
        ({"TWITCH_CLIENT_SECRET": "s3cr3t", "SANDBOX": "1"}, ["TWITCH_CLIENT_ID"]),
        ({"K_SERVICE": "vip"}, ["TWITCH_CLIENT_ID"]),
        ({"PUBLIC_URL": "https://vip.example.org"}, ["TWITCH_CLIENT_ID"]),
        ({"GOOGLE_CLOUD_PROJECT": "p", "APP_SECRET": SECRET, "CRON_SECRET": "c4f1-90ab-77de-13"}, ["TWITCH_CLIENT_ID"]),
        ({**REAL, "SANDBOX": "1"}, ["SANDBOX"]),
        ({"SANDBOX": "yes"}, ["SANDBOX"]),
    ],
)
def test_never_the_sandbox_by_accident(environment: dict[str, str], named: list[str]) -> None:
    assert names(environment) == named


@pytest.mark.parametrize(
    "environment", [{"K_SERVICE": "vip"}, {"PUBLIC_URL": "https://vip.example.org"}, {"DATA_DIR": "/srv/vip"}]
)
def test_the_sandbox_on_purpose(environment: dict[str, str]) -> None:
    settings = Settings.read({**environment, "SANDBOX": "1"})
    assert settings.sandbox
    assert settings.twitch_client_id == "sandbox-client-id"
    assert settings.data_dir.name == "sandbox"
    assert settings.twitch_authorize_url.startswith(settings.public_url)


def test_everything_wrong_is_said_at_once() -> None:
    wrong = {
        "TWITCH_CLIENT_ID": "id1",
        "APP_SECRET": "s3cr3t",
        "APP_SECRET_PREVIOUS": "s3cr3t",
        "PUBLIC_URL": "http://vip.example.org",
        "CRON_SECRET": "s3cr3t",
        "CRON_INVOKER": "x@example.org",
        "GOOGLE_CLOUD_PROJECT": "my s3cr3t",
        "FIRESTORE_DATABASE": "s3cr3t/database",
        "FIRESTORE_EMULATOR_HOST": "http://localhost:8080/s3cr3t",
        "PORT": "http",
        "TRUSTED_PROXY_HOPS": "all",
        "EXPIRY_TICK_SECONDS": "-1",
        "EVENTSUB_TRANSPORT": "webhook",
        "TWITCH_AUTH_URL": "id.twitch.tv",
        "TWITCH_API_URL": "ftp://x",
        "TWITCH_EVENTSUB_WS_URL": "https://x",
        "ALLOWED_CHANNELS": "some streamer",
        "LOG_FORMAT": "xml",
        "SANDBOX": "maybe",
    }
    assert sorted(names(wrong)) == sorted({*wrong, "TWITCH_CLIENT_SECRET"} - {"TWITCH_CLIENT_ID"})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "0"),
        ("PORT", "65536"),
        ("PORT", "80.0"),
        ("PORT", "٣٠٠٠"),
        ("TRUSTED_PROXY_HOPS", "6"),
        ("TRUSTED_PROXY_HOPS", "-1"),
        ("EXPIRY_TICK_SECONDS", "0"),
        ("EXPIRY_TICK_SECONDS", "1.5"),
        ("EXPIRY_TICK_SECONDS", "3601"),
        ("PUBLIC_URL", "vip.example.org"),
        ("PUBLIC_URL", "https://vip.example.org/path"),
        ("PUBLIC_URL", "https://vip.example.org?query=s3cr3t"),
        ("PUBLIC_URL", "https://me:s3cr3t@vip.example.org"),
        ("PUBLIC_URL", "https://vip.example.org:99999"),
        ("PUBLIC_URL", "http://vip.example.org"),
        ("PUBLIC_URL", "http://localhost.example.org"),
        ("PUBLIC_URL", "https://vip example.org"),
        ("PUBLIC_URL", "http://[::1"),
        ("APP_SECRET", "s3cr3t"),
        ("APP_SECRET_PREVIOUS", f"{SECRET},s3cr3t"),
        ("CRON_SECRET", "s3cr3t-too-short"[:15]),
        ("METRICS_TOKEN", "s3cr3t-too-short"[:15]),
        ("TWITCH_API_URL", "https://me:s3cr3t@api.twitch.tv"),
        ("TWITCH_API_URL", "https://api.twitch.tv/helix?x=s3cr3t"),
        ("TWITCH_EVENTSUB_WS_URL", "https://eventsub.wss.twitch.tv/ws"),
        ("LOG_FORMAT", "JSON"),
        ("CRON_INVOKER", "me@example.org"),
        ("CRON_INVOKER", "s3cr3t"),
        ("CRON_INVOKER", "s3cr3t@iam.gserviceaccount.com.example.org"),
        ("GOOGLE_CLOUD_PROJECT", "projects/p"),
        ("FIRESTORE_EMULATOR_HOST", "localhost"),
        ("EVENTSUB_TRANSPORT", "sse"),
    ],
)
def test_a_bad_value_is_named(name: str, value: str) -> None:
    assert names({**REAL, name: value}) == [name]


def test_the_real_twitch_needs_a_root_secret() -> None:
    assert names({**REAL, "APP_SECRET": ""}) == ["APP_SECRET"]


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:8080", "[::1]:3000", "vip.localhost"])
def test_localhost_needs_no_https(host: str) -> None:
    assert Settings.read({"PUBLIC_URL": f"http://{host}/"}).public_url == f"http://{host}"


def test_proxies_are_believed_where_there_are_some() -> None:
    assert Settings.read({**REAL, "K_SERVICE": "vip"}).trusted_proxy_hops == 1
    assert Settings.read({**REAL, "K_SERVICE": "vip", "TRUSTED_PROXY_HOPS": "0"}).trusted_proxy_hops == 0
    assert Settings.read({"TRUSTED_PROXY_HOPS": "5"}).trusted_proxy_hops == 5


def test_a_weak_cron_secret_will_do_in_the_sandbox() -> None:
    assert Settings.read({"CRON_SECRET": "weak", "EXPIRY_TICK_SECONDS": "0"}).expiry_tick_seconds == 0


CLOUD = {**REAL, "GOOGLE_CLOUD_PROJECT": "my-project", "K_SERVICE": "vip", "PUBLIC_URL": "https://vip.example.org"}
INVOKER = "scheduler@my-project.iam.gserviceaccount.com"


def test_a_project_means_firestore_and_a_scheduler() -> None:
    settings = Settings.read({**CLOUD, "CRON_INVOKER": INVOKER.title()})
    assert (settings.google_cloud_project, settings.firestore_database) == ("my-project", "(default)")
    assert (settings.cron_invoker, settings.cron_secret) == (INVOKER, "")
    assert settings.expiry_tick_seconds == 0
    settings = Settings.read(
        {
            **CLOUD,
            "CRON_SECRET": "c4f1-90ab-77de-13",
            "EXPIRY_TICK_SECONDS": "30",
            "FIRESTORE_DATABASE": "vip-manager",
            "FIRESTORE_EMULATOR_HOST": "[::1]:8080",
        }
    )
    assert settings.firestore_database == "vip-manager"
    assert settings.firestore_emulator_host == "[::1]:8080"
    assert settings.expiry_tick_seconds == 30


@pytest.mark.parametrize("environment", [CLOUD, {**REAL, "EXPIRY_TICK_SECONDS": "0"}])
def test_without_a_clock_somebody_must_be_able_to_knock(environment: dict[str, str]) -> None:
    [problem] = problems(environment)
    assert problem.startswith("EXPIRY_TICK_SECONDS: ")
    assert "CRON_SECRET or CRON_INVOKER" in problem
    assert Settings.read({**environment, "CRON_INVOKER": INVOKER}).expiry_tick_seconds == 0
    assert Settings.read({**environment, "CRON_SECRET": "c4f1-90ab-77de-13"}).expiry_tick_seconds == 0
    assert Settings.read({**environment, "EXPIRY_TICK_SECONDS": "15"}).expiry_tick_seconds == 15


def test_several_instances_need_one_root_secret_in_the_sandbox_too() -> None:
    sandbox = {"SANDBOX": "1", "GOOGLE_CLOUD_PROJECT": "my-project", "EXPIRY_TICK_SECONDS": "15"}
    assert names(sandbox) == ["APP_SECRET"]
    settings = Settings.read({**sandbox, "APP_SECRET": SECRET})
    assert settings.sandbox
    assert settings.app_secret == SECRET


def test_a_database_without_a_project_is_not_taken_for_sqlite() -> None:
    assert names({**REAL, "FIRESTORE_DATABASE": "vip-manager"}) == ["GOOGLE_CLOUD_PROJECT"]


SIMULATED = {**REAL, "TWITCH_API_URL": "http://127.0.0.1:9000/helix"}


@pytest.mark.parametrize(
    ("environment", "transport"),
    [
        ({}, "websocket"),
        ({"PUBLIC_URL": "https://localhost"}, "websocket"),
        ({**REAL, "PUBLIC_URL": "https://vip.example.org"}, "webhook"),
        ({**REAL, "PUBLIC_URL": "https://vip.example.org:443/"}, "webhook"),
        ({**REAL, "PUBLIC_URL": "https://vip.example.org:8443"}, "websocket"),
        ({**SIMULATED}, "websocket"),
        ({**SIMULATED, "EVENTSUB_TRANSPORT": "auto"}, "websocket"),
        ({**REAL, "PUBLIC_URL": "https://vip.example.org", "EVENTSUB_TRANSPORT": "websocket"}, "websocket"),
        ({**SIMULATED, "EVENTSUB_TRANSPORT": "webhook"}, "webhook"),
        ({"EVENTSUB_TRANSPORT": "webhook"}, "webhook"),
        ({**REAL, "PUBLIC_URL": "https://vip.example.org", "EVENTSUB_TRANSPORT": "webhook"}, "webhook"),
    ],
)
def test_how_events_come(environment: dict[str, str], transport: str) -> None:
    settings = Settings.read(environment)
    assert settings.eventsub_transport == transport
    assert settings.webhook_callback == f"{settings.public_url}/api/eventsub"


@pytest.mark.parametrize(
    "environment",
    [
        REAL,
        {**REAL, "PUBLIC_URL": "https://localhost"},
        {**REAL, "PUBLIC_URL": "https://vip.example.org:8443"},
        {**REAL, "TWITCH_API_URL": "https://127.0.0.1:9000/helix"},
        {**REAL, "TWITCH_API_URL": "http://twitch.example:9000/helix"},
        {**SIMULATED, "PUBLIC_URL": "https://localhost"},
        {**SIMULATED, "PUBLIC_URL": "https://vip.example.org:8443"},
    ],
)
def test_a_webhook_that_twitch_could_never_call_is_refused(environment: dict[str, str]) -> None:
    [problem] = problems({**environment, "EVENTSUB_TRANSPORT": "webhook"})
    assert problem.startswith("EVENTSUB_TRANSPORT: ")
    assert "PUBLIC_URL" in problem


def test_cloud_run_logs_json_unless_told_otherwise() -> None:
    real = {**REAL, "K_SERVICE": "vip", "PUBLIC_URL": "https://vip.example.org"}
    assert Settings.read(real).log_format == "json"
    assert Settings.read({**real, "LOG_FORMAT": "console"}).log_format == "console"


def test_on_cloud_run_some_of_an_instances_requests_are_left_for_webhook_and_scheduler() -> None:
    real = {**REAL, "K_SERVICE": "vip", "PUBLIC_URL": "https://vip.example.org"}
    assert Settings.read(real).max_sockets == 800
    assert Settings.read({**real, "MAX_SOCKETS": "60"}).max_sockets == 60


@pytest.mark.parametrize(
    "url", ["redis:6379", "http://redis:6379", "redis://", "redis://s3cr3t@h:99999", "redis://h/x"]
)
def test_what_is_no_redis_is_refused(url: str) -> None:
    assert names({"REDIS_URL": url}) == ["REDIS_URL"]


@pytest.mark.parametrize("number", ["9", "100001", "many", "-1"])
def test_a_number_of_sockets_that_can_not_be_meant_is_refused(number: str) -> None:
    assert names({"MAX_SOCKETS": number}) == ["MAX_SOCKETS"]


def test_settings_show_no_secret() -> None:
    more = {
        "APP_SECRET_PREVIOUS": SECRET,
        "CRON_SECRET": "s3cr3t-of-the-scheduler",
        "REDIS_URL": "redis://:s3cr3t@h",
    }
    settings = Settings.read({**REAL, **more})
    assert "s3cr3t" not in repr(settings)


def test_the_table_says_which_are_secret() -> None:
    secret = {variable.name for variable in VARIABLES if variable.secret}
    assert secret == {
        "TWITCH_CLIENT_SECRET",
        "APP_SECRET",
        "APP_SECRET_PREVIOUS",
        "CRON_SECRET",
        "REDIS_URL",
        "METRICS_TOKEN",
    }
    assert len({variable.name for variable in VARIABLES}) == len(VARIABLES)


@pytest.fixture
def clean(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for variable in VARIABLES:
        monkeypatch.delenv(variable.name, raising=False)
        if variable.older:
            monkeypatch.delenv(variable.older, raising=False)
    return monkeypatch


def test_load_without_a_file(clean: pytest.MonkeyPatch, tmp_path: Path) -> None:
    clean.setenv("PORT", "4000")
    assert load(tmp_path / ".env") == Settings.read({"PORT": "4000"})


def test_load_takes_the_file_and_the_environment_wins(clean: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text(
        f"# comment\nTWITCH_CLIENT_ID=id1\nTWITCH_CLIENT_SECRET='a$HOME'\nAPP_SECRET={SECRET}\nPORT=5000\n"
        "PUBLIC_URL=https://file.example.org\nLOG_FORMAT=json\nALONE\n"
    )
    clean.setenv("PORT", "4000")
    clean.setenv("NEXTAUTH_URL", "https://environment.example.org")
    clean.setenv("LOG_FORMAT", "")
    settings = load(file)
    assert settings.twitch_client_secret == "a$HOME"
    assert settings.port == 4000
    assert settings.public_url == "https://environment.example.org"
    assert settings.log_format == "console"


def test_load_has_googles_client_see_the_emulator(clean: pytest.MonkeyPatch, tmp_path: Path) -> None:
    clean.setenv("FIRESTORE_EMULATOR_HOST", "to be undone after the test")
    clean.delenv("FIRESTORE_EMULATOR_HOST")
    file = tmp_path / ".env"
    file.write_text("FIRESTORE_EMULATOR_HOST=localhost:8080\n")
    assert load(file).firestore_emulator_host == "localhost:8080"
    assert os.environ["FIRESTORE_EMULATOR_HOST"] == "localhost:8080"


@pytest.mark.parametrize(("written", "seen"), [("", None), ("  ", None), (" localhost:8080 ", "localhost:8080")])
def test_googles_client_sees_what_the_settings_say(
    clean: pytest.MonkeyPatch, tmp_path: Path, written: str, seen: str | None
) -> None:
    clean.setenv("FIRESTORE_EMULATOR_HOST", written)
    assert load(tmp_path / ".env").firestore_emulator_host == (seen or "")
    assert os.environ.get("FIRESTORE_EMULATOR_HOST") == seen


def test_load_says_when_the_file_can_not_be_read(clean: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_bytes(b"PORT=\xff\xfe")
    with pytest.raises(SettingsError, match="UTF-8"):
        load(file)
